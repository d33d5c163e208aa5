"""A first DS comes by signals below the names of the nameservers, or not at all (RFC 9615)."""

import pytest
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.errors import InputError
from lab.core.rules import RULES
from lab.core.status import SecurityStatus
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


def asked(on: Stage) -> Observation:
    return played(on, AskFirstDsStep(zone=CHILD, expect=Reply.ACCEPTED))


def reasons(shown: Observation) -> set[str]:
    return {one.rule.id for one in shown.report.every_check() if one.failed} - {"scenario.outcome"}


def test_all_nameservers_vouch_and_the_zone_becomes_secure() -> None:
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
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
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
    bare = with_wish(on.world, ZoneWish(CHILD, signing=Signing.UNSIGNED))
    again = with_wish(bare, ZoneWish(CHILD, signing=Signing.SIGNED))
    on.world = again.with_delegation(CHILD, ())
    because = RULES["cds.signal-agrees"]
    step = AskFirstDsStep(zone=CHILD, expect=Reply.REFUSED, because=because)
    assert played(on, step).as_expected


def test_an_insecure_signal_is_none() -> None:
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
    on.world = on.world.with_delegation(name("examplehost.fr."), ())
    assert reasons(asked(on)) == {"cds.signal-secure"}


def test_a_zone_that_has_a_ds_already_cannot_ask_for_the_first() -> None:
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
    assert asked(on).as_expected
    assert "cds.first-asked" in reasons(asked(on))


def test_nameservers_of_which_the_parent_knows_nothing_cannot_vouch() -> None:
    on = stage()
    for host in HOSTS:
        played(on, SignalDsStep(zone=CHILD, nameserver=host))
    on.world = on.world.without_records(CHILD, RdataType.NS)
    on.world = on.world.with_records(CHILD, f"@ 300 NS {HOSTS[0]}")
    with pytest.raises(InputError, match="other nameservers than its parent"):
        asked(on)


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
