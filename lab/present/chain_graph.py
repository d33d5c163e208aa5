"""What is drawn of a validation, and how it is meant.

Nothing is judged here: tones come from the links, signatures from the checks that the validator
left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from dns.name import Name, root
from dns.rdatatype import RdataType
from dns.rdtypes.dnskeybase import Flag

from lab.core.checks import Outcome, Report
from lab.core.rrsets import SignedRRset
from lab.core.status import SecurityStatus, worst
from lab.dnssec.keys import key_tag
from lab.dnssec.rrsig import algorithm_text
from lab.present.advice import zone_above
from lab.present.graph import Arrow, Bond, Graph, Node, Row, ZoneBox
from lab.validator.chain import Link
from lab.validator.resolve import Resolution, ResolutionKind, Validation

_TEXT_LIMIT = 40
_SHOWN = 2
_BY = ", RRSIG by key tag "
_PROOFS = frozenset({RdataType.NSEC, RdataType.NSEC3})
_BONDS = {SecurityStatus.SECURE: Bond.SECURE, SecurityStatus.INSECURE: Bond.INSECURE}


def graph_of(validation: Validation) -> Graph:
    """Return what is to be drawn of *validation*."""
    return _Draft(validation).graph()


@dataclass(slots=True)
class _Draft:
    """Collect nodes zone by zone."""

    validation: Validation
    nodes: dict[Name, list[Node]] = field(default_factory=dict)
    arrows: list[Arrow] = field(default_factory=list)
    keys: dict[tuple[Name, int], str] = field(default_factory=dict)
    entries: dict[Name, str] = field(default_factory=dict)
    signers: dict[str, tuple[int, str]] = field(default_factory=dict)

    def graph(self) -> Graph:
        self.signers = dict(_signers(self.validation.report))
        links = sorted(self.validation.chain.links, key=lambda one: len(one.apex))
        for link in links:
            self.nodes[link.apex] = []
            self._add_keys(link)
        for link in links:
            self._add_delegation(link)
        self._add_answer()
        order = [link.apex for link in links]
        boxes = tuple(
            ZoneBox(
                link.apex,
                link.status,
                None if (up := zone_above(tuple(links), link)) is None else order.index(up.apex),
                tuple(self.nodes[link.apex]),
            )
            for link in links
        )
        status = self.validation.status
        title = f"{self.validation.report.title}: {status.value}"
        return Graph(title, status, boxes, tuple(self.arrows))

    def _add(self, zone: Name, node: Node) -> str:
        made = replace(node, id=f"n{sum(len(one) for one in self.nodes.values())}")
        self.nodes[zone].append(made)
        return made.id

    def _add_keys(self, link: Link) -> None:
        anchored = zone_above(self.validation.chain.links, link) is None
        # While a CSK is rolled there are two, and still none that signs the zone alone.
        combined = len(link.dnskeys) == 1 or all(one.flags & Flag.SEP for one in link.dnskeys)
        for dnskey in link.dnskeys:
            tag = int(key_tag(dnskey))
            entry = tag in link.used_key_tags
            kind = "KSK" if dnskey.flags & Flag.SEP else "ZSK"
            kind = "CSK" if combined else kind
            lines = (f"DNSKEY {tag}", f"{kind}, {algorithm_text(dnskey.algorithm)}")
            row = Row.KEYS if entry else Row.ZONE_KEYS
            node = Node("", lines, row, link.status, anchored and entry)
            self.keys[link.apex, tag] = self._add(link.apex, node)
        sources = [self.keys[link.apex, int(tag)] for tag in link.used_key_tags]
        for (apex, _), target in list(self.keys.items()):
            if apex == link.apex and sources and target not in sources:
                self.arrows.append(Arrow(sources[0], target, Bond.SECURE, "signs the DNSKEY RRset"))
        if not link.dnskeys and link.ds and link.status is not SecurityStatus.INSECURE:
            told = link.report.first_failure()
            hint = "" if told is None else f"does not hold: {told.rule.sentence}"
            lines = ("DNSKEY", "not authenticated")
            self.keys[link.apex, 0] = self._add(
                link.apex, Node("", lines, Row.KEYS, link.status, anchored, hint)
            )

    def _add_delegation(self, link: Link) -> None:
        parent = zone_above(self.validation.chain.links, link)
        if parent is None:
            return
        broke = link.status in {SecurityStatus.BOGUS, SecurityStatus.INDETERMINATE}
        if link.ds:
            digests = (
                f"{one.key_tag}, algorithm {one.algorithm:d}, digest type {one.digest_type:d}"
                for one in link.ds
            )
            lines = (f"DS {link.apex}", *digests)
            ds = self._add(parent.apex, Node("", _cut(lines), Row.DATA, SecurityStatus.SECURE))
            self.entries[link.apex] = ds
            self._sign(parent.apex, f"{link.apex} DS", ds)
            for tag in link.used_key_tags or (0,):
                target = self.keys.get((link.apex, int(tag)))
                if target is not None:
                    bond = Bond.BROKEN if broke else Bond.SECURE
                    self.arrows.append(Arrow(ds, target, bond, "names the key by its digest"))
            return
        told = link.report.first_failure()
        hint = "" if told is None else f"does not hold: {told.rule.sentence}"
        words = "not authenticated" if broke else "proven absent"
        status = link.status if broke else SecurityStatus.SECURE
        node = Node("", _cut((f"DS {link.apex}", words)), Row.DATA, status, hint=hint)
        absent = self.entries[link.apex] = self._add(parent.apex, node)
        if broke:
            self._sign(parent.apex, f"{link.apex} DS", absent)
            return
        for tag in sorted({tag for _, (tag, failed) in _signers(link.report) if not failed}):
            if source := self.keys.get((parent.apex, tag)):
                self.arrows.append(Arrow(source, absent, Bond.SECURE, "signs the proof of absence"))

    def _add_answer(self) -> None:
        resolution = self.validation.resolution.require(self.validation.status)
        previous: str | None = None
        if not self.nodes:
            return
        owner: Name | None = None
        for signed in resolution.rrsets:
            # RRsets of one name, as for ANY, do not lead to each other.
            same = signed.rrset.owner == owner
            previous = self._add_rrset(signed, None if same else previous)
            owner = signed.rrset.owner
        if resolution.kind is not ResolutionKind.POSITIVE:
            self._add_denial(resolution, previous)
        elif previous is not None:
            self._add_proofs(resolution, previous, SecurityStatus.SECURE)

    def _add_rrset(self, signed: SignedRRset, previous: str | None) -> str:
        rrset = signed.rrset
        zone = self._zone(rrset.owner, signed)
        shown = [one.to_text() for one in rrset.rdatas[:_SHOWN]]
        rest = len(rrset.rdatas) - len(shown)
        more = [f"and {rest} more"] if rest else []
        status = self._status(zone, str(rrset))
        node = Node("", _cut((str(rrset), *shown, *more)), Row.DATA, status)
        made = self._add(zone, node)
        if previous is not None and not signed.rrsigs and status is SecurityStatus.SECURE:
            # RFC 6672 section 5.3.1: nobody signs the CNAME that a DNAME makes.
            self.arrows.append(Arrow(previous, made, Bond.SECURE, "makes this CNAME"))
            return made
        self._sign(zone, str(rrset), made)
        if previous is not None:
            self.arrows.append(Arrow(previous, made, Bond.ALIAS, "leads on to"))
        return made

    def _add_denial(self, resolution: Resolution, previous: str | None) -> None:
        zone = self._zone(resolution.name, None)
        words = {ResolutionKind.NXDOMAIN: "does not exist", ResolutionKind.NODATA: "no such type"}
        lines = (
            f"{resolution.name} {RdataType.to_text(resolution.rdtype)}",
            words.get(resolution.kind, "no answer"),
        )
        last = self._add(zone, Node("", _cut(lines), Row.DATA, self.validation.status))
        if previous is not None:
            self.arrows.append(Arrow(previous, last, Bond.ALIAS, "leads on to"))
        if not self._add_proofs(resolution, last, self.validation.status):
            self._sign(zone, "", last)

    def _add_proofs(self, resolution: Resolution, target: str, claim: SecurityStatus) -> bool:
        """Add the proofs of *target*, whose status is *claim*; tell whether there are any."""
        proofs = [one.rrset for one in resolution.authority if one.rrset.rdtype in _PROOFS]
        for rrset in proofs:
            zone = self._zone(rrset.owner, None)
            # A resolver draws the case of letters by chance, and the owner may come back in it.
            owner = str(rrset.owner.canonicalize())
            lines = _cut((f"{RdataType.to_text(rrset.rdtype)} proof", owner))
            status = self._status(zone, str(rrset))
            denies = "; ".join(one.to_text() for one in rrset.rdatas)
            proof = self._add(zone, Node("", lines, Row.PROOFS, status, hint=denies))
            self._sign(zone, str(rrset), proof)
            bond = _BONDS.get(worst((status, claim)), Bond.BROKEN)
            self.arrows.append(Arrow(proof, target, bond, "is part of the proof"))
        return bool(proofs)

    def _sign(self, zone: Name, subject: str, target: str) -> None:
        """Add the arrow from the key that signed *subject*, or from any key of the zone."""
        tag, failed = self.signers.get(subject, (0, ""))
        bond = Bond.BROKEN if failed or not tag else Bond.SECURE
        source = self.keys.get((zone, tag))
        if source is None:
            source = self._key_of_data(zone)
        if source is None and zone in self.entries and target != self.entries[zone]:
            source, bond = self.entries[zone], self._unsigned(zone)
        arrow = Arrow(source or "", target, bond, failed)
        if source is not None and arrow not in self.arrows:
            self.arrows.append(arrow)

    def _key_of_data(self, zone: Name) -> str | None:
        """Return the key that would sign the data of *zone*: one that no DS names, if there is."""
        entries = {node.id for node in self.nodes[zone] if node.row is Row.KEYS}
        keys = [key for (apex, _), key in self.keys.items() if apex == zone]
        return next((one for one in keys if one not in entries), keys[0] if keys else None)

    def _unsigned(self, zone: Name) -> Bond:
        link = next(one for one in self.validation.chain.links if one.apex == zone)
        return Bond.INSECURE if link.status is SecurityStatus.INSECURE else Bond.BROKEN

    def _zone(self, owner: Name, signed: SignedRRset | None) -> Name:
        for rrsig in () if signed is None else signed.rrsigs:
            if rrsig.signer in self.nodes:
                return rrsig.signer
        return max((one for one in self.nodes if owner.is_subdomain(one)), key=len, default=root)

    def _status(self, zone: Name, subject: str) -> SecurityStatus:
        link = next(one for one in self.validation.chain.links if one.apex == zone)
        if link.status is SecurityStatus.SECURE and self.signers.get(subject, (0, ""))[1]:
            return SecurityStatus.BOGUS
        if link.status is SecurityStatus.SECURE and subject not in self.signers:
            return self.validation.status
        return link.status


def _signers(report: Report) -> Iterator[tuple[str, tuple[int, str]]]:
    """Yield for each judged RRset the key tag of its RRSIG, and why it failed if it did.

    A valid signature comes after those that failed, and so wins in a dictionary.
    """
    found: list[tuple[str, tuple[int, str]]] = []
    for check in report.every_check():
        subject, by, tag = check.subject.partition(_BY)
        if by and check.failed:
            found.append((subject, (int(tag), f"does not hold: {check.rule.sentence}")))
        elif by and check.rule.id == "rrsig.signature" and check.outcome is Outcome.PASSED:
            found.append((subject, (int(tag), "")))
        elif check.failed and check.rule.id == "rrsig.present":
            found.append((check.subject, (0, f"does not hold: {check.rule.sentence}")))
    yield from sorted(found, key=lambda one: not one[1][1])


def _cut(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one if len(one) <= _TEXT_LIMIT else _shortened(one) for one in lines)


def _shortened(line: str) -> str:
    """Return what there is room for of *line*; of a long name and a type, the type stays."""
    name, _, rdtype = line.rpartition(" ")
    tail = f" {rdtype}" if name and " " not in name and rdtype.isupper() else ""
    return f"{line[: _TEXT_LIMIT - 3 - len(tail)]}...{tail}"
