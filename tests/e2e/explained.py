"""Where others say something else than our validator, and why that is no defect of ours.

Each difference is listed with the text that decides. A difference that no entry explains fails the
test, and so does an entry that nothing shows any more.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import dns.name
from dns.rdatatype import RdataType

from tests.e2e.judges import BIND, DELV, UNBOUND, Verdict
from tests.e2e.questions import Grounds, Question

# With "library" for "moved" it has more than 255 octets.
TOO_LONG = ".".join(["x" * 56] * 4)


@dataclass(frozen=True)
class Case:
    """Hold one difference: what was asked, what we say, and what somebody else says."""

    grounds: Grounds
    question: Question
    who: str
    ours: Verdict
    theirs: Verdict

    @property
    def same(self) -> bool:
        """Tell whether there is no difference; delv tells its verdict only."""
        return self.but() and (self.who == DELV or self.ours.unchecked == self.theirs.unchecked)

    @property
    def rdtype(self) -> RdataType:
        return self.question[1]

    @property
    def zone(self) -> dict[str, Any]:
        """Return the zone of the name that the alias chain of our answer ends in."""
        aliases = {
            owner: rdata
            for owner, rdtype, rdata in self.ours.unchecked.answer
            if rdtype == RdataType.CNAME
        }
        name = self.question[0].canonicalize()
        while name in aliases:
            name = dns.name.from_wire(aliases.pop(name), 0)[0]
        return self.grounds.zone_of(name)

    @property
    def redirected(self) -> bool:
        """Tell whether a DNAME above the name has a part in our answer."""
        return any(
            rdtype == RdataType.DNAME and owner != self.question[0]
            for owner, rdtype, _ in self.ours.unchecked.answer
        )

    def but(self, **changes: Any) -> bool:  # noqa: ANN401 of any field
        """Tell whether there is no difference apart from *changes* of ours."""
        checked = replace(self.ours.checked, **changes)
        if self.who == DELV:
            return checked.standing == self.theirs.checked.standing
        return checked == self.theirs.checked


@dataclass(frozen=True)
class Explained:
    """Explain a kind of difference.

    Attributes:
        title: in a few words.
        who: says otherwise.
        why: who is right, after which text.
        example: a question to the lab that shows it; None if chance has to help.
        fits: tells whether a difference is of this kind.
    """

    title: str
    who: tuple[str, ...]
    why: str
    example: tuple[str, str] | None
    fits: Callable[[Case], bool]


def _unknown_algorithm(case: Case) -> bool:
    algorithm = case.zone["algorithm"]
    return algorithm is not None and algorithm["experimental"] and case.but(ad=False)


def _compact(case: Case) -> bool:
    if case.ours.checked.rcode != "NXDOMAIN" or case.zone["denial"] != "compact":
        return False
    # The NSEC that denies is at the name itself, and so a part of ANY.
    shown = case.who == BIND and case.rdtype == RdataType.ANY
    return case.but(rcode="NOERROR", **({"answer": case.theirs.checked.answer} if shown else {}))


def _too_long(case: Case) -> bool:
    return case.ours.checked.rcode == "YXDOMAIN" and case.but(ad=False)


def _alias_asked_for(case: Case) -> bool:
    asked_for = case.redirected and case.rdtype in {RdataType.CNAME, RdataType.ANY}
    return asked_for and case.theirs.checked.rcode in {"NOERROR", "NXDOMAIN", "SERVFAIL"}


def _dname_below_dname(case: Case) -> bool:
    if not case.redirected or case.rdtype != RdataType.DNAME:
        return False
    if case.who == UNBOUND:
        return case.but(rcode="SERVFAIL", ad=False, answer=frozenset())
    return case.theirs.checked.rcode == "NOERROR" and not any(
        rdtype == RdataType.CNAME for _, rdtype, _ in case.theirs.checked.answer
    )


def _two_nsecs(case: Case) -> bool:
    name = case.question[0]
    at_cut = RdataType.NS in case.grounds.types.get(name, ()) and case.rdtype == RdataType.NSEC
    # Some delegations lead to nobody.
    answers = {"NOERROR"} if name in case.grounds.zones else {"NOERROR", "SERVFAIL"}
    return at_cut and case.theirs.checked.rcode in answers


def _rrsigs_of_bind(case: Case) -> bool:
    same = case.who == DELV or case.ours.checked.rcode == case.theirs.checked.rcode
    # At a cut that leads to nobody the parent's signature over the DS may be in a cache.
    at_cut = RdataType.NS in case.grounds.types.get(case.question[0], ())
    lost = at_cut and case.ours.checked.rcode == "SERVFAIL"
    return case.rdtype == RdataType.RRSIG and (same or lost)


def _rrsigs_below_dname(case: Case) -> bool:
    return case.rdtype == RdataType.RRSIG and case.redirected and case.but(ad=False)


def _hashed_root(case: Case) -> bool:
    root_ds = case.question == (dns.name.root, RdataType.DS)
    return root_ds and case.zone["nsec3"] is not None and case.but(rcode="SERVFAIL", ad=False)


def _beside_alias(case: Case) -> bool:
    is_alias = RdataType.CNAME in case.grounds.types.get(case.question[0], ())
    return is_alias and case.rdtype in {RdataType.RRSIG, RdataType.NSEC}


def _made_nsec(case: Case) -> bool:
    made = case.zone["denial"] == "nsec-minimal" and case.rdtype == RdataType.NSEC
    return made and case.but(answer=case.theirs.checked.answer)


def _any_of_cache(case: Case) -> bool:
    return case.rdtype == RdataType.ANY and case.ours.checked.rcode == case.theirs.checked.rcode


def _opt_out(case: Case) -> bool:
    hashing = case.zone["nsec3"]
    return hashing is not None and hashing["opt_out"] and not case.ours.checked.ad


def _hashed_alias(case: Case) -> bool:
    asked_for = case.rdtype == RdataType.NSEC and case.zone["nsec3"] is not None
    return asked_for and not case.ours.unchecked.answer and case.ours.checked.rcode == "SERVFAIL"


def _endless(case: Case) -> bool:
    ours = case.ours.unchecked
    return (
        ours.rcode == "SERVFAIL" and bool(ours.answer) and case.theirs.checked.rcode == "SERVFAIL"
    )


EXPLAINED = (
    Explained(
        "aliases without an end",
        (UNBOUND, BIND),
        "RFC 1034 section 3.6.2: they are an error; how much of them is shown is open",
        None,
        _endless,
    ),
    Explained(
        "ML-DSA-44",
        (UNBOUND, BIND, DELV),
        "RFC 4035 section 5.2: who does not implement the algorithm takes the zone for unsigned",
        ("www.mldsa44.lessons.fr.", "A"),
        _unknown_algorithm,
    ),
    Explained(
        "compact denial",
        (UNBOUND, BIND),
        "RFC 9824 section 5: who knows NXNAME restores NXDOMAIN; both are older than it",
        ("nowhere.compact.lessons.fr.", "A"),
        _compact,
    ),
    Explained(
        "YXDOMAIN",
        (UNBOUND,),
        "RFC 6672 section 5.3.1: the signed DNAME is proof enough; BIND says AD, too",
        (f"{TOO_LONG}.moved.nsec3.lessons.fr.", "A"),
        _too_long,
    ),
    Explained(
        "a CNAME made from a DNAME is asked for",
        (UNBOUND,),
        "RFC 1034 section 3.6.2: it is the answer, and not followed; BIND does the same",
        ("nowhere.moved.nsec3.lessons.fr.", "CNAME"),
        _alias_asked_for,
    ),
    Explained(
        "a DNAME below a DNAME is asked for",
        (UNBOUND,),
        "RFC 6672 section 3.2: a name below a DNAME is replaced for every QTYPE; unbound takes the"
        " DNAME above for the answer, and finds its owner wrong",
        ("book.moved.nsec3.lessons.fr.", "DNAME"),
        _dname_below_dname,
    ),
    Explained(
        "a DNAME above, from a cache",
        (BIND,),
        "RFC 6672 section 3.2, as above; BIND gives the DNAME above, if it has it, as the answer",
        None,
        _dname_below_dname,
    ),
    Explained(
        "NSEC of an alias, where names are hashed",
        (BIND,),
        "RFC 6840 section 4.3: no denial by a record with the CNAME bit; unbound agrees",
        ("alias.nsec3.lessons.fr.", "NSEC"),
        _hashed_alias,
    ),
    Explained(
        "NSEC at a zone cut",
        (UNBOUND, BIND),
        "RFC 4035 section 2.3: parent and child have one each, and either is an answer",
        ("nsec3.lessons.fr.", "NSEC"),
        _two_nsecs,
    ),
    Explained(
        "RRSIG is asked for",
        (BIND, DELV),
        "RFC 4035 section 2.2: signatures are not signed; BIND gives what its cache has, delv none",
        ("nowhere.nsec3.lessons.fr.", "RRSIG"),
        _rrsigs_of_bind,
    ),
    Explained(
        "RRSIG below a DNAME",
        (UNBOUND,),
        "RFC 4035 section 3.2.3: the DNAME and what denies its target are authentic; unbound judges"
        " no answer to QTYPE RRSIG that has records",
        None,
        _rrsigs_below_dname,
    ),
    Explained(
        "DS of a root that hashes names",
        (BIND,),
        "RFC 4035 section 3.1.4.1: there is no parent, so that the root itself denies it; BIND"
        " grants that to NSEC only, unbound agrees with us",
        None,
        _hashed_root,
    ),
    Explained(
        "ANY, from a cache",
        (UNBOUND,),
        "RFC 8482 section 4: a subset is enough; unbound gives what its cache has",
        None,
        _any_of_cache,
    ),
    Explained(
        "NSEC or RRSIG of an alias, from a cache",
        (UNBOUND,),
        "RFC 4035 section 2.5: both stand beside a CNAME; unbound follows one that is in its cache",
        None,
        _beside_alias,
    ),
    Explained(
        "an NSEC that is made for each question",
        (UNBOUND, BIND),
        "RFC 4470 section 2: one owner has several; a cached one was a proof of something else",
        None,
        _made_nsec,
    ),
    Explained(
        "ANY is asked for",
        (BIND,),
        "RFC 8482 section 4: a subset is enough; BIND gives what its cache has",
        None,
        _any_of_cache,
    ),
    Explained(
        "Opt-Out",
        (DELV,),
        "RFC 5155 section 9.2: what depends on an Opt-Out span is not secure; delv says it is",
        ("nowhere.opt-out.lessons.fr.", "A"),
        _opt_out,
    ),
)
