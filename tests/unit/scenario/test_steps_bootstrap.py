"""A first DS comes by signals below the names of the nameservers, or not at all (RFC 9615)."""

import pytest
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.core.rules import RULES
from lab.core.status import SecurityStatus
from lab.faults.announcements import CdsMismatch
from lab.faults.fault import NamedFault
from lab.faults.rrsigs import RrsigTampered
from lab.faults.servers import ServerSilent
from lab.faults.signatures import RrsigExpired
from lab.scenario.action import Observation
from lab.scenario.step import Step
from lab.scenario.steps_bootstrap import AskFirstDsStep, Reply, SignalDsStep
from lab.world.wishes import Signing, ZoneWish, with_wish
from tests.fakes import name
from tests.unit.scenario.stage import Stage

CHILD = name("new.example.fr.")
HOSTS = (name("dns1.examplehost.fr."), name("dns2.examplehost.fr."))


def stage() -> Stage:
    made = Stage()
    made.world = with_wish(made.world, ZoneWish(CHILD, "www A 192.0.2.9")).with_delegation(
        CHILD, ()
    )
    return made


def played(on: Stage, step: Step) -> Observation:
    return answer_all(step.play(), on.perform).result


def vouched() -> Stage:
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
    return on


def asked(on: Stage) -> Observation:
    return played(on, AskFirstDsStep(zone=CHILD, expect=Reply.ACCEPTED))


def reasons(shown: Observation) -> set[str]:
    return {one.rule.id for one in shown.report.every_check() if one.failed} - {"scenario.outcome"}


def test_all_nameservers_vouch_and_the_zone_becomes_secure() -> None:
    on = vouched()
    assert asked(on).as_expected
    assert on.validate(CHILD, RdataType.SOA).status is SecurityStatus.SECURE


def test_one_silent_nameserver_is_enough_to_refuse() -> None:
    on = stage()
    played(on, SignalDsStep(zone=CHILD, nameserver=HOSTS[0]))
    shown = asked(on)
    assert (shown.seen, shown.as_expected) == ("refused", False)
    assert reasons(shown) == {"cds.signal-secure", "cds.signal-agrees"}
    assert on.world.delegations[CHILD] == ()


def test_a_signal_about_other_keys_is_refused() -> None:
    on = vouched()
    bare = with_wish(on.world, ZoneWish(CHILD, signing=Signing.UNSIGNED))
    again = with_wish(bare, ZoneWish(CHILD, signing=Signing.SIGNED))
    on.world = again.with_delegation(CHILD, ())
    because = RULES["cds.signal-agrees"]
    step = AskFirstDsStep(zone=CHILD, expect=Reply.REFUSED, because=because)
    assert played(on, step).as_expected


def test_an_insecure_signal_is_none() -> None:
    on = vouched()
    on.world = on.world.with_delegation(name("examplehost.fr."), ())
    assert reasons(asked(on)) == {"cds.signal-secure"}


def test_a_zone_that_has_a_ds_already_cannot_ask_for_the_first() -> None:
    on = vouched()
    assert asked(on).as_expected
    assert "cds.first-asked" in reasons(asked(on))


def test_nameservers_of_which_only_the_child_speaks_play_no_part() -> None:
    on = stage()
    played(on, SignalDsStep(zone=CHILD, nameserver=HOSTS[0]))
    on.world = on.world.without_records(CHILD, RdataType.NS)
    on.world = on.world.with_records(CHILD, f"@ 300 NS {HOSTS[0]}")
    assert "cds.signal-secure" in reasons(asked(on))


def broken_at(on: Stage, fault: NamedFault, server: str = "") -> set[str]:
    on.world = on.world.with_fault(fault, server)
    return reasons(asked(on))


def test_a_key_that_signs_the_keys_in_vain_is_no_chain() -> None:
    forged = RrsigTampered(owner=CHILD, type=RdataType.DNSKEY)
    assert broken_at(vouched(), forged) == {"cds.continues"}


def test_keys_whose_signature_has_expired_are_no_chain() -> None:
    expired = RrsigExpired(owner=CHILD, type=RdataType.DNSKEY)
    assert broken_at(vouched(), expired) == {"cds.continues"}


def test_each_nameserver_of_the_child_has_to_ask_for_the_same() -> None:
    other = CdsMismatch(zone=CHILD)
    assert "cds.first-same" in broken_at(vouched(), other, str(HOSTS[1]))


def test_one_nameserver_that_gives_a_forged_signature_is_enough_to_refuse() -> None:
    forged = RrsigTampered(owner=CHILD, type=RdataType.DNSKEY)
    assert broken_at(vouched(), forged, str(HOSTS[1])) == {"cds.continues"}


def test_one_nameserver_that_is_silent_is_enough_to_refuse() -> None:
    found = broken_at(vouched(), ServerSilent(zone=CHILD), str(HOSTS[1]))
    assert {"cds.first-same", "cds.continues"} <= found


def test_a_report_says_which_nameserver_it_is_about() -> None:
    told = [one.facts for one in asked(vouched()).report.every_check()]
    for host in HOSTS:
        assert sum(str(host) in str(facts) for facts in told) == 4


def test_cds_and_cdnskey_that_disagree_ask_for_nothing() -> None:
    assert "cds.agrees" in broken_at(vouched(), CdsMismatch(zone=CHILD))


def test_a_zone_that_nobody_delegates_asks_in_vain() -> None:
    step = AskFirstDsStep(zone=name("nobody.test."), expect=Reply.REFUSED)
    with pytest.raises(InputError, match="delegates"):
        played(stage(), step)


def test_the_questions_to_each_nameserver_are_kept_for_who_looks() -> None:
    shown = asked(vouched())
    assert [str(one.question.server.name) for one in shown.report.every_exchange()] == [
        str(host) for host in HOSTS for _ in range(3)
    ]


def test_a_zone_without_keys_has_nothing_to_signal() -> None:
    on = stage()
    unsigned = name("unsigned.example.fr.")
    with pytest.raises(InputError, match="no signed zone"):
        played(on, SignalDsStep(zone=unsigned, nameserver=HOSTS[0]))


def test_the_titles_name_zone_and_nameserver() -> None:
    signal = SignalDsStep(zone=CHILD, nameserver=HOSTS[0])
    assert signal.title == "signal the DS of new.example.fr. at dns1.examplehost.fr."
    step = AskFirstDsStep(zone=CHILD, expect=Reply.REFUSED)
    assert step.title == "ask for the first DS of new.example.fr."
