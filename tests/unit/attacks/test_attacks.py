"""What each attack makes of an honest answer, without a network."""

import re
from dataclasses import replace
from pathlib import Path

import dns.flags
import dns.message
import pytest
from dns.message import Message
from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks import ATTACKS, AttackKind, NamedAttack
from lab.attacks.chains import AlgorithmDowngrade, DsStripping, KeyTrap
from lab.attacks.deeds import attackers_key
from lab.attacks.floods import CachePoisoning
from lab.attacks.guessing import Victim
from lab.attacks.on_path import (
    AnswersDelayed,
    AnswersDropped,
    OctetChanged,
    OnPathSpoofing,
    OwnKey,
    Shows,
    SignaturesStripped,
    Truncation,
)
from lab.attacks.plot import Asked, Delivery, Plot, Seen
from lab.attacks.replays import DenialOfAnother, Eavesdropping, ReplayAnswer
from lab.core.errors import InputError
from lab.core.parameters import Seconds, parameters_of
from lab.core.question import Carrier
from lab.core.rrsets import RRset
from lab.dnssec.algorithms import verify
from lab.dnssec.canonical import signed_octets
from lab.nameserver.query import Peer, Transport
from lab.scenario.reference import description, meanings
from tests.fakes import NOW, name
from tests.unit.scenario.stage import SCENARIOS, honest_world

ZONE = name("example.fr.")
WWW = name("www.example.fr.")
A = RdataType.A
FORGED = "192.0.2.66"


def answered(qname: Name, rdtype: RdataType, at: str = "127.53.11.1") -> Seen:
    """Return what a relay sees when the honest server has answered."""
    query = dns.message.make_query(qname, rdtype, want_dnssec=True)
    wire = (
        honest_world()
        .name_servers[at]
        .respond(query.to_wire(), Peer("127.0.0.1", 4711, Transport.TCP), NOW)
    )
    assert wire is not None
    return Seen(query, dns.message.from_wire(wire), {}, NOW)


def deliveries(attack: NamedAttack, seen: Seen) -> tuple[Delivery, ...] | None:
    return Plot().plus(attack.rules).play(seen)[0]


def only(attack: NamedAttack, seen: Seen) -> Message:
    done = deliveries(attack, seen)
    assert done is not None
    (one,) = done
    return dns.message.from_wire(one.wire)


def held(message: Message) -> set[tuple[RdataType, RdataType]]:
    return {(one.rdtype, one.covers) for section in message.sections[1:] for one in section}


def test_the_one_on_the_way_answers_first_and_the_server_second() -> None:
    attack = OnPathSpoofing(name=WWW, type=A, becomes=FORGED)
    done = deliveries(attack, answered(WWW, A))
    assert done is not None
    forged, honest = (dns.message.from_wire(one.wire) for one in done)
    assert [rdata.to_text() for one in forged.answer for rdata in one] == [FORGED]
    assert "192.0.2.80" in honest.to_text()
    assert forged.id == honest.id


def test_other_questions_are_left_alone() -> None:
    attack = OnPathSpoofing(name=WWW, type=A, becomes=FORGED)
    assert deliveries(attack, answered(WWW, RdataType.TXT)) is None
    assert deliveries(attack, answered(ZONE, A)) is None


def test_a_key_of_his_own_makes_a_signature_that_verifies_with_it() -> None:
    attack = OwnKey(name=WWW, type=A, becomes=FORGED, zone=ZONE, shows=Shows.KEY)
    message = only(attack, answered(WWW, A))
    rrset, rrsigs = message.answer
    (rrsig,) = rrsigs
    key = attackers_key(ZONE)
    assert rrsig.key_tag == key.tag
    signed = RRset.from_dns(rrset.name, rrset)
    assert verify(key.dnskey, rrsig.signature, signed_octets(signed, rrsig))
    keys = only(attack, answered(ZONE, RdataType.DNSKEY))
    assert list(keys.answer[0]) == [key.dnskey]


def test_signatures_are_taken_away_and_data_left() -> None:
    attack = SignaturesStripped(name=WWW, type=A)
    assert held(only(attack, answered(WWW, A))) == {(A, RdataType.NONE)}


def test_a_ds_is_taken_away_with_its_signature() -> None:
    ds = answered(ZONE, RdataType.DS, "127.53.1.1")
    assert (RdataType.DS, RdataType.NONE) in held(ds.response)
    left = only(DsStripping(zone=ZONE), ds)
    assert not held(left) & {
        (RdataType.DS, RdataType.NONE),
        (RdataType.RRSIG, RdataType.DS),
    }


def test_a_downgrade_changes_the_algorithm_and_leaves_the_signature() -> None:
    ds = answered(ZONE, RdataType.DS, "127.53.1.1")
    changed = only(AlgorithmDowngrade(zone=ZONE), ds)
    assert {one.algorithm for one in changed.answer[0]} == {200}
    assert changed.answer[1] == ds.response.answer[1]


def test_an_earlier_answer_comes_with_the_id_of_today() -> None:
    before, seen = answered(WWW, A), answered(WWW, A)
    recorded: dict[Asked, Message] = {before.asked: answered(WWW, RdataType.TXT).response}
    seen = Seen(seen.query, seen.response, recorded, NOW)
    replayed = only(ReplayAnswer(name=WWW, type=A), seen)
    assert replayed.id == seen.query.id
    assert replayed.question == seen.query.question
    assert "a name with two types" in replayed.to_text()


def test_what_was_not_recorded_cannot_be_replayed() -> None:
    seen = answered(WWW, A)
    assert held(only(ReplayAnswer(name=WWW, type=A), seen)) == held(seen.response)


def test_a_denial_of_another_name_is_given_for_this_one() -> None:
    nowhere = answered(name("nowhere.example.fr."), A)
    seen = answered(WWW, A)
    seen = Seen(seen.query, seen.response, {nowhere.asked: nowhere.response}, NOW)
    attack = DenialOfAnother(name=WWW, type=A, of=nowhere.asked[0], of_type=A)
    denied = only(attack, seen)
    assert denied.rcode() == dns.rcode.NXDOMAIN
    assert denied.question == seen.query.question


def test_signatures_in_vain_stand_before_the_honest_one() -> None:
    seen = answered(WWW, A)
    message = only(KeyTrap(name=WWW, type=A, signatures=7), seen)
    (honest,) = seen.response.answer[1]
    rrsigs = list(message.answer[1])
    assert len(rrsigs) == 8
    assert rrsigs[-1] == honest
    assert {one.key_tag for one in rrsigs} == {honest.key_tag}


def test_what_is_dropped_is_silence_as_often_as_wanted() -> None:
    plot = Plot().plus(AnswersDropped(name=WWW, type=A, times=1).rules)
    seen = answered(WWW, A)
    first, plot = plot.play(seen)
    second, plot = plot.play(seen)
    assert (first, second) == ((), None)
    assert plot.deeds == 1


def test_an_answer_is_delayed_cut_or_changed() -> None:
    seen = answered(WWW, A)
    delayed = deliveries(AnswersDelayed(name=WWW, type=A, by=Seconds(2)), seen)
    assert delayed is not None
    assert delayed[0].after == 2
    cut = only(Truncation(name=WWW, type=A), seen)
    assert cut.flags & dns.flags.TC
    assert not cut.answer
    flipped = deliveries(OctetChanged(name=WWW, type=A, place=1), seen)
    assert flipped is not None
    assert flipped[0].wire[-1] == delayed[0].wire[-1] ^ 0xFF
    assert flipped[0].wire[:-1] == delayed[0].wire[:-1]


def test_who_only_listens_changes_nothing() -> None:
    assert deliveries(Eavesdropping(), answered(WWW, A)) is None


def test_what_is_no_record_or_not_in_the_zone_is_refused() -> None:
    with pytest.raises(InputError, match="is no A record"):
        OnPathSpoofing(name=WWW, type=A, becomes="an address")
    with pytest.raises(InputError, match="is not in the zone"):
        OwnKey(name=WWW, type=A, becomes=FORGED, zone=name("example.com."))


def test_an_attack_says_what_it_is_about() -> None:
    assert str(ReplayAnswer(name=WWW, type=A)) == "replay on www.example.fr. A"
    assert str(DsStripping(zone=ZONE)) == "ds-stripping on example.fr."
    assert str(Eavesdropping()) == "eavesdropping"


@pytest.mark.parametrize("kind", ATTACKS.values(), ids=ATTACKS)
def test_every_attack_has_a_manual(kind: AttackKind) -> None:
    told = meanings(kind.cls)
    assert description(kind.cls)
    assert {one.field for one in parameters_of(kind.cls)} <= told.keys()


def test_every_attack_on_the_chain_is_staged() -> None:
    staged = "".join(file.read_text(encoding="utf-8") for file in Path(SCENARIOS).glob("*.toml"))
    used = set(re.findall(r'attack = "([a-z-]+)"', staged))
    # These hinder, and show nothing about signatures.
    assert set(ATTACKS) - used == {"answers-dropped", "answers-delayed", "truncation"}


def test_one_of_256_guesses_fits_a_victim_that_counts_its_ids() -> None:
    seen = answered(WWW, A)
    attack = CachePoisoning(name=WWW, type=A, becomes=FORGED, victim=Victim.OLD)
    done = deliveries(attack, seen)
    assert done is not None
    *guesses, honest = done
    fitting = [one for one in guesses if one.wire[:2] == seen.query.to_wire()[:2]]
    assert len(fitting) == 1
    assert FORGED in dns.message.from_wire(fitting[0].wire).to_text()
    assert honest.after > max(one.after for one in guesses)
    assert attack.figures[1].endswith("certain")


def test_who_sees_nothing_guesses_port_and_letters_too() -> None:
    attack = CachePoisoning(name=WWW, type=A, becomes=FORGED, guesses=50)
    done = deliveries(attack, answered(WWW, A))
    assert done is not None
    *guesses, _ = done
    assert len({one.port for one in guesses}) > 40
    assert all(one.port is not None and one.port >= 1024 for one in guesses)
    names = {dns.message.from_wire(one.wire).question[0].name.to_text() for one in guesses}
    assert len(names) > 40
    assert {one.lower() for one in names} == {"www.example.fr."}
    # 16 bits of ID, 64,512 ports, 12 letters; 50 guesses.
    assert attack.figures[1].endswith(f"1 in {round((1 << 28) * 64512 / 50):,}")


def test_nobody_floods_a_stream() -> None:
    seen = answered(WWW, A)
    attack = CachePoisoning(name=WWW, type=A, becomes=FORGED, victim=Victim.OLD)
    by_tcp = replace(seen, carrier=Carrier.TCP)
    assert held(only(attack, by_tcp)) == held(seen.response)


@pytest.mark.parametrize("guesses", [0, 4097])
def test_a_flood_is_bounded(guesses: int) -> None:
    with pytest.raises(InputError, match="is 1 to 4096"):
        CachePoisoning(name=WWW, type=A, becomes=FORGED, guesses=guesses)
