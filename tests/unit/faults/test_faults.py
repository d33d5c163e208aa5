"""Each fault changes the RRset that it names in one way, and no other RRset."""

from dataclasses import replace
from functools import cache
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rrset
import pytest
from dns.message import QueryMessage
from dns.name import Name
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.RRSIG import RRSIG

from lab.core.errors import InputError
from lab.core.instant import DAY, HOUR, Instant, Window
from lab.core.parameters import Seconds
from lab.core.rrsets import PUBLISHED_RRSET, SIGNED_RRSET, RRset, SignedRRset
from lab.core.seams import Fault, Hooks
from lab.dnssec.algorithms import by_mnemonic, verify
from lab.dnssec.canonical import signed_octets
from lab.dnssec.delegation import make_ds, matches
from lab.dnssec.keys import KeyRole, KeySet, SigningKey, generate, key_tag
from lab.dnssec.nsec3 import Nsec3Parameters, make_nsec3
from lab.dnssec.signing import SIGNING_JOB, SigningJob, sign
from lab.faults.cuts import DsMissing, GlueWrong
from lab.faults.delegations import (
    DsIncomplete,
    DsLeftover,
    DsMismatch,
    DsUnknownAlgorithm,
    DsUnknownDigest,
    DsWrongAlgorithm,
    DsWrongTag,
)
from lab.faults.denial import DenialMissing, NsecShort
from lab.faults.fault import Which
from lab.faults.keys import DnskeyColliding
from lab.faults.records import RdataTampered
from lab.faults.rrsigs import (
    RrsigLabels,
    RrsigLeftover,
    RrsigMany,
    RrsigMissing,
    RrsigOriginalTtl,
    RrsigTampered,
    RrsigUnknownKey,
)
from lab.faults.servers import (
    OverTcp,
    ServerMtu,
    ServerRefuses,
    ServerSilent,
    ServerSlow,
    ServerTruncates,
)
from lab.faults.signatures import (
    ClockSkew,
    RrsigByOtherKeys,
    RrsigExpired,
    RrsigInverted,
    RrsigNotYetValid,
    RrsigWrongSigner,
    Signers,
)
from lab.faults.tlsa import TlsaStale
from lab.nameserver.query import Peer
from lab.nameserver.server import ANSWER_DELAY, FILLED_RESPONSE, Filled
from lab.nameserver.signer import CHOSEN_KEYS, ChosenKeys
from tests.fakes import PEER, TCP_PEER

NOW = Instant(1_800_000_000)
ZONE = dns.name.from_text("example.fr.")
WWW = dns.name.from_text("www.example.fr.")
SILENT, REFUSES = ServerSilent(zone=ZONE), ServerRefuses(zone=ZONE)


def rrset(text: str) -> RRset:
    owner, rdtype, rdata = text.split(" ", 2)
    parsed = dns.rrset.from_text(owner, 300, "IN", rdtype, rdata)
    return RRset.from_dns(parsed.name, parsed)


A = rrset("www.example.fr. A 192.0.2.1")
TXT = rrset("www.example.fr. TXT text")


@cache
def key() -> SigningKey:
    return generate(ZONE, KeyRole.CSK, by_mnemonic("ED25519"))


def job(of: RRset = A) -> SigningJob:
    return SigningJob(of, key(), Window(NOW - HOUR, NOW + DAY), ZONE)


def signed(of: RRset = A) -> SignedRRset:
    return SignedRRset(of, (sign(job(of)),), 300)


def verifies(one: SignedRRset) -> bool:
    (rrsig,) = one.rrsigs
    return verify(key().dnskey, rrsig.signature, signed_octets(one.rrset, rrsig))


def on(owner: str = "WWW.example.fr.", rdtype: RdataType = RdataType.A) -> tuple[Name, RdataType]:
    return dns.name.from_text(owner), rdtype


def after(fault: Fault, of: SigningJob) -> SigningJob:
    return Hooks((fault,)).at(SIGNING_JOB, of, NOW)


def test_an_expired_signature_ended_before_now() -> None:
    owner, rdtype = on()
    fault = RrsigExpired(owner=owner, type=rdtype, ago=Seconds(DAY))
    assert after(fault, job()).window.expiration == NOW - DAY
    assert after(fault, job()).window.inception < NOW - DAY


def test_a_signature_that_is_too_early_starts_after_now() -> None:
    owner, rdtype = on()
    window = after(RrsigNotYetValid(owner=owner, type=rdtype), job()).window
    assert NOW + HOUR == window.inception < window.expiration


def test_an_inverted_window_ends_before_it_starts() -> None:
    owner, rdtype = on()
    window = after(RrsigInverted(owner=owner, type=rdtype), job()).window
    assert window == Window(NOW + DAY, NOW - HOUR)


def test_a_wrong_signer_is_signed_over() -> None:
    owner, rdtype = on()
    fault = RrsigWrongSigner(owner=owner, type=rdtype, signer=dns.name.from_text("fr."))
    rrsig: RRSIG = sign(after(fault, job()))
    assert rrsig.signer == dns.name.from_text("fr.")
    assert verify(key().dnskey, rrsig.signature, signed_octets(A, rrsig))


@pytest.mark.parametrize("kind", [RrsigExpired, RrsigNotYetValid, RrsigInverted])
def test_a_fault_of_the_job_leaves_other_types_alone(
    kind: type[RrsigExpired | RrsigNotYetValid | RrsigInverted],
) -> None:
    owner, rdtype = on()
    assert after(kind(owner=owner, type=rdtype), job(TXT)) == job(TXT)


def test_a_tampered_signature_does_not_verify() -> None:
    owner, rdtype = on()
    fault = RrsigTampered(owner=owner, type=rdtype)
    before = signed()
    changed = Hooks((fault,)).at(SIGNED_RRSET, before, NOW)
    assert verifies(before)
    assert not verifies(changed)
    assert changed.rrset == before.rrset
    assert len(changed.rrsigs[0].signature) == len(before.rrsigs[0].signature)


def test_an_unknown_key_is_named_by_its_tag() -> None:
    owner, rdtype = on()
    before = signed()
    (rrsig,) = (
        Hooks((RrsigUnknownKey(owner=owner, type=rdtype),)).at(SIGNED_RRSET, before, NOW).rrsigs
    )
    assert rrsig.key_tag == (before.rrsigs[0].key_tag + 1) % 65536
    assert rrsig.signature == before.rrsigs[0].signature


def test_a_missing_signature_leaves_the_records() -> None:
    owner, rdtype = on()
    fault = RrsigMissing(owner=owner, type=rdtype)
    assert Hooks((fault,)).at(SIGNED_RRSET, signed(), NOW) == SignedRRset(A, (), 300)


@pytest.mark.parametrize("kind", [RrsigLabels, RrsigOriginalTtl])
def test_a_changed_field_is_not_signed_over(kind: type[RrsigLabels | RrsigOriginalTtl]) -> None:
    before = signed()
    changed = Hooks((kind(owner=WWW),)).at(SIGNED_RRSET, before, NOW)
    assert changed.rrsigs[0].signature == before.rrsigs[0].signature
    assert changed.rrsigs != before.rrsigs


def test_of_two_signatures_the_first_alone_may_be_meant() -> None:
    twice = replace(signed(), rrsigs=signed().rrsigs * 2)
    fault = RrsigTampered(owner=WWW, which=Which.FIRST)
    first, second = Hooks((fault,)).at(SIGNED_RRSET, twice, NOW).rrsigs
    assert (first == twice.rrsigs[0], second == twice.rrsigs[1]) == (False, True)


def test_a_leftover_signature_stands_before_the_good_one() -> None:
    before = signed()
    old, good = Hooks((RrsigLeftover(owner=WWW),)).at(SIGNED_RRSET, before, NOW).rrsigs
    assert good == before.rrsigs[0]
    assert old.key_tag != good.key_tag


@pytest.mark.parametrize("signers", Signers)
def test_other_keys_sign(signers: Signers) -> None:
    ksk, zsk = (generate(ZONE, role, key().algorithm) for role in (KeyRole.KSK, KeyRole.ZSK))
    chosen = ChosenKeys(A, (zsk,), KeySet((ksk, zsk)))
    fault = RrsigByOtherKeys(owner=WWW, keys=signers)
    expected = {Signers.KSK: (ksk,), Signers.ZSK: (zsk,), Signers.BOTH: (ksk, zsk)}
    assert Hooks((fault,)).at(CHOSEN_KEYS, chosen, NOW).keys == expected[signers]
    other = replace(chosen, rrset=ds())
    assert Hooks((fault,)).at(CHOSEN_KEYS, other, NOW) is other


def test_a_fault_may_be_about_a_whole_zone_or_a_type_in_it() -> None:
    every, texts = RrsigMissing(zone=ZONE), RrsigMissing(zone=ZONE, type=RdataType.TXT)
    assert [one.concerns(A) for one in (every, texts)] == [True, False]
    fr = dns.name.from_text("fr.")
    assert [one.acts_in(apex) for one in (every, texts) for apex in (ZONE, fr)] == [True, False] * 2
    anywhere = RrsigMissing(owner=WWW)
    assert [anywhere.acts_in(apex) for apex in (ZONE, fr, WWW.parent().parent())] == [True] * 3
    assert not anywhere.acts_in(dns.name.from_text("afnic.fr."))


def test_a_fault_about_everything_is_refused() -> None:
    with pytest.raises(InputError, match="'rrsig-missing' needs the parameter 'owner' or 'zone'"):
        RrsigMissing(type=RdataType.A)


def test_tampered_records_keep_the_old_signature() -> None:
    owner, rdtype = on()
    fault = RdataTampered(owner=owner, type=rdtype, becomes="203.0.113.66")
    changed = Hooks((fault,)).at(SIGNED_RRSET, signed(), NOW)
    assert [one.to_text() for one in changed.rrset.rdatas] == ["203.0.113.66"]
    assert not verifies(changed)


@pytest.mark.parametrize("faults", [(SILENT,), (SILENT, REFUSES), (REFUSES, SILENT)])
def test_a_silent_server_sends_nothing_whatever_else_is_wrong(faults: tuple[Fault, ...]) -> None:
    response = dns.message.make_response(dns.message.make_query("www.example.fr.", "A"))
    assert isinstance(response, QueryMessage)
    assert Hooks(faults).at(FILLED_RESPONSE, Filled(response, PEER, 1232), NOW) is None


def test_an_rcode_that_is_none_is_refused_at_once() -> None:
    with pytest.raises(InputError, match="'NONSENSE' is no RCODE"):
        ServerRefuses(zone=ZONE, rcode="NONSENSE")


def test_records_that_are_none_are_refused_at_once() -> None:
    owner, rdtype = on()
    with pytest.raises(InputError, match="'nonsense' is no A record"):
        RdataTampered(owner=owner, type=rdtype, becomes="nonsense")


@pytest.mark.parametrize("kind", [RrsigTampered, RrsigMissing, RrsigUnknownKey])
@pytest.mark.parametrize("other", [on("ftp.example.fr."), on(rdtype=RdataType.TXT)])
def test_a_fault_of_the_answer_leaves_others_alone(
    kind: type[RrsigTampered | RrsigMissing | RrsigUnknownKey], other: tuple[Name, RdataType]
) -> None:
    before = signed()
    fault = kind(owner=other[0], type=other[1])
    assert Hooks((fault,)).at(SIGNED_RRSET, before, NOW) is before


def ds() -> RRset:
    return RRset(ZONE, RdataType.DS, 300, (make_ds(ZONE, key().dnskey, 2),))


def test_a_mismatching_ds_is_well_formed_and_fits_no_key() -> None:
    fault = DsMismatch(child=ZONE)
    (changed,) = Hooks((fault,)).at(PUBLISHED_RRSET, ds(), NOW).rdatas
    (before,) = ds().rdatas
    assert matches(make_ds(ZONE, key().dnskey, 2), ZONE, key().dnskey)
    assert changed != before
    assert changed.to_text().split()[:3] == before.to_text().split()[:3]


@pytest.mark.parametrize(
    ("kind", "place"),
    [(DsWrongTag, 0), (DsUnknownAlgorithm, 1), (DsWrongAlgorithm, 1), (DsUnknownDigest, 2)],
)
def test_one_field_of_a_ds_is_wrong(kind: type[DsMismatch], place: int) -> None:
    (changed,) = Hooks((kind(child=ZONE),)).at(PUBLISHED_RRSET, ds(), NOW).rdatas
    fields = zip(changed.to_text().split(), ds().rdatas[0].to_text().split(), strict=True)
    assert [place for place, (one, other) in enumerate(fields) if one != other] == [place]


def test_a_fault_may_be_about_one_digest_type() -> None:
    both = replace(ds(), rdatas=(*ds().rdatas, make_ds(ZONE, key().dnskey, 1)))
    changed = Hooks((DsMismatch(child=ZONE, only=1),)).at(PUBLISHED_RRSET, both, NOW)
    assert changed.rdatas[0] == both.rdatas[0]
    assert changed.rdatas[1] != both.rdatas[1]


def test_a_leftover_ds_may_be_of_another_algorithm() -> None:
    left, good = Hooks((DsLeftover(child=ZONE, algorithm=8),)).at(PUBLISHED_RRSET, ds(), NOW).rdatas
    assert left.to_text().split()[1] == "8"
    assert good == ds().rdatas[0]


def test_of_two_ds_the_last_remains() -> None:
    both = replace(ds(), rdatas=(*ds().rdatas, make_ds(ZONE, key().dnskey, 1)))
    changed = Hooks((DsIncomplete(child=ZONE),)).at(PUBLISHED_RRSET, both, NOW)
    assert changed.rdatas == both.rdatas[1:]
    assert Hooks((DsIncomplete(child=ZONE),)).at(PUBLISHED_RRSET, A, NOW) is A


def test_a_delegation_is_the_parents() -> None:
    fault = DsMismatch(child=ZONE)
    assert not fault.acts_in(ZONE)
    assert fault.acts_in(ZONE.parent())


def test_a_leftover_ds_stands_beside_the_good_one() -> None:
    changed = Hooks((DsLeftover(child=ZONE),)).at(PUBLISHED_RRSET, ds(), NOW)
    assert len(changed.rdatas) == 2
    assert changed.rdatas[1:] == ds().rdatas


def test_a_short_nsec_covers_nothing() -> None:
    nsec = rrset("a.example.fr. NSEC z.example.fr. A RRSIG NSEC")
    fault = NsecShort(owner=nsec.owner)
    (changed,) = Hooks((fault,)).at(PUBLISHED_RRSET, nsec, NOW).rdatas
    assert changed.to_text() == r"\000.a.example.fr. A RRSIG NSEC"
    assert Hooks((fault,)).at(PUBLISHED_RRSET, A, NOW) is A


@pytest.mark.parametrize("kind", [DsMismatch, DsUnknownAlgorithm, DsLeftover])
def test_the_ds_of_a_sister_stays(kind: type[DsMismatch | DsUnknownAlgorithm | DsLeftover]) -> None:
    fault = kind(child=dns.name.from_text("afnic.fr."))
    assert Hooks((fault,)).at(PUBLISHED_RRSET, ds(), NOW) == ds()


def test_a_stale_tlsa_record_has_another_digest() -> None:
    tlsa = rrset(f"_ns-client.ns.example.fr. TLSA 3 1 1 {'ab' * 32}")
    fault = TlsaStale(owner=tlsa.owner)
    (changed,) = Hooks((fault,)).at(PUBLISHED_RRSET, tlsa, NOW).rdatas
    assert changed == dns.rdata.from_text(RdataClass.IN, RdataType.TLSA, f"3 1 1 {'ab' * 31}aa")
    assert Hooks((fault,)).at(PUBLISHED_RRSET, A, NOW) is A


def test_a_fault_says_what_it_does_where() -> None:
    owner, rdtype = on("www.example.fr.")
    assert str(RrsigExpired(owner=owner, type=rdtype)) == "rrsig-expired on www.example.fr. A"
    assert str(RrsigMissing(zone=ZONE)) == "rrsig-missing on all in example.fr."
    assert str(DenialMissing(zone=ZONE)) == "denial-missing in example.fr."
    assert str(DsMismatch(child=ZONE)) == "ds-mismatch on example.fr."
    assert str(NsecShort(owner=WWW)) == "nsec-short on www.example.fr."
    assert str(TlsaStale(owner=WWW)) == "tlsa-stale on www.example.fr."


NSEC = "www.example.fr. NSEC z.example.fr. A DS RRSIG NSEC"


def test_a_bitmap_may_be_without_a_type() -> None:
    nsec = rrset(NSEC)
    (changed,) = Hooks((DsMissing(child=WWW),)).at(PUBLISHED_RRSET, nsec, NOW).rdatas
    assert changed.to_text() == "z.example.fr. A RRSIG NSEC"
    other = Hooks((DsMissing(child=dns.name.from_text("ftp.example.fr.")),))
    assert other.at(PUBLISHED_RRSET, nsec, NOW) is nsec


def test_the_bitmap_of_a_hash_is_found_by_its_name() -> None:
    hashing = Nsec3Parameters(1, b"salt")
    nsec3 = make_nsec3(hashing.hash(ZONE), {RdataType.NS, RdataType.DS}, hashing)
    owned = RRset(hashing.owner(WWW, ZONE), RdataType.NSEC3, 60, (nsec3,))
    (changed,) = Hooks((DsMissing(child=WWW),)).at(PUBLISHED_RRSET, owned, NOW).rdatas
    assert changed.to_text().endswith(" NS")
    assert Hooks((DsMissing(child=ZONE),)).at(PUBLISHED_RRSET, owned, NOW) is owned


@pytest.mark.parametrize("mnemonic", ["RSASHA256", "ED25519"])
def test_colliding_keys_have_the_tag_of_the_right_one(mnemonic: str) -> None:
    right = generate(ZONE, KeyRole.CSK, by_mnemonic(mnemonic)).dnskey
    before = RRset(ZONE, RdataType.DNSKEY, 60, (right,))
    keys = Hooks((DnskeyColliding(zone=ZONE, count=3),)).at(PUBLISHED_RRSET, before, NOW).rdatas
    assert (len(set(keys)), keys[-1]) == (4, right)
    assert {key_tag(cast("DNSKEY", one)) for one in keys} == {key_tag(right)}


def test_many_signatures_stand_before_the_good_one_and_do_not_verify() -> None:
    before = signed()
    *wrong, good = Hooks((RrsigMany(owner=WWW, count=3),)).at(SIGNED_RRSET, before, NOW).rrsigs
    assert good == before.rrsigs[0]
    assert len({one.signature for one in wrong} - {good.signature}) == 3
    assert not any(verifies(replace(before, rrsigs=(one,))) for one in wrong)


@pytest.mark.parametrize("by", [DAY, -DAY])
def test_a_wrong_clock_moves_every_window_of_its_zone(by: int) -> None:
    window = after(ClockSkew(zone=ZONE, by=Seconds(by)), job(TXT)).window
    assert window == Window(NOW - HOUR + by, NOW + DAY + by)


def test_glue_that_is_no_address_is_refused_at_once() -> None:
    with pytest.raises(InputError, match=r"'192\.0\.2' is no IP address"):
        GlueWrong(child=ZONE, address="192.0.2")


def filled(peer: Peer, room: int = 1232) -> Filled:
    response = dns.message.make_response(dns.message.make_query("www.example.fr.", "A"))
    assert isinstance(response, QueryMessage)
    response.answer.append(A.to_dns())
    return Filled(response, peer, room)


def sent(fault: Fault, over: Filled) -> QueryMessage | None:
    left = Hooks((fault,)).at(FILLED_RESPONSE, over, NOW)
    return None if left is None else left.response


@pytest.mark.parametrize(
    ("each", "delay"), [((), 0.0), ((2.5,), 2.5), ((2.5, 1.0), 3.5), ((40.0, 40.0), 60.0)]
)
def test_slow_servers_add_up_to_a_minute(each: tuple[float, ...], delay: float) -> None:
    hooks = Hooks(tuple(ServerSlow(zone=ZONE, seconds=one) for one in each))
    assert hooks.at(ANSWER_DELAY, 0.0, NOW) == delay


@pytest.mark.parametrize("seconds", [0.0, -1.0, 60.5, float("nan")])
def test_a_delay_is_more_than_nothing_and_at_most_a_minute(seconds: float) -> None:
    with pytest.raises(InputError, match="at most 60 seconds"):
        ServerSlow(zone=ZONE, seconds=seconds)


def test_a_server_that_truncates_sends_the_whole_over_tcp() -> None:
    cut, whole = (sent(ServerTruncates(zone=ZONE), filled(one)) for one in (PEER, TCP_PEER))
    assert cut is not None
    assert (cut.answer, bool(cut.flags & dns.flags.TC)) == ([], True)
    assert whole is not None
    assert (len(whole.answer), bool(whole.flags & dns.flags.TC)) == (1, False)
    assert sent(ServerTruncates(zone=ZONE, tcp=OverTcp.SILENT), filled(TCP_PEER)) is None


def test_only_big_datagrams_are_lost_that_will_not_be_cut() -> None:
    narrow = ServerMtu(zone=ZONE, octets=40)
    assert sent(narrow, filled(PEER)) is None
    assert sent(narrow, filled(PEER, room=40)) is not None
    assert sent(narrow, filled(TCP_PEER)) is not None
    assert sent(ServerMtu(zone=ZONE), filled(PEER)) is not None
