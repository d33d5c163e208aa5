"""RFC 7671 section 7 with a small Internet: which name's TLSA RRset decides about a host."""

import dns.name
import pytest

from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.dane.decision import Decision, Situation, Verdict
from lab.dane.evidence import DnsStatus
from lab.dane.policy import ServerPolicy
from lab.dane.tlsa import MatchingType, Selector, Usage, make_tlsa
from lab.pki.ca import CertificateAuthority
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from lab.tls.authentication import Presented, authenticate_server
from tests.unit.validator.world import NOW, World, ZoneText, build

AUTHORITY = CertificateAuthority.create("Host", NOW, SeededEntropy("host"))


def _issue(name: str) -> Identity:
    return AUTHORITY.issue((name,), Purpose.SERVER, NOW, SeededEntropy(name))


AT_HOSTER, AT_HOME = _issue("box.hoster"), _issue("www.shop")


def _tlsa(identity: Identity, usage: Usage) -> str:
    certificate = identity.chain[-1 if usage.names_authority else 0]
    return make_tlsa(certificate, usage, Selector.SPKI, MatchingType.SHA2_256).to_text()


def world(shop: str, hoster: str, *, hoster_signed: bool = True) -> World:
    """Return a world in which www.shop is an alias of box.hoster."""
    return build(
        {
            ".": ZoneText("", "127.53.0.1"),
            "shop.": ZoneText(f"www CNAME box.hoster.\n{shop}", "127.53.1.1"),
            "hoster.": ZoneText(f"box A 192.0.2.1\n{hoster}", "127.53.1.2", signed=hoster_signed),
        }
    )


def about(there: World, shown: Identity, *, require: bool = True) -> Decision:
    """Return what a client decides that wanted www.shop."""
    dialogue = authenticate_server(
        dns.name.from_text("www.shop"),
        443,
        Presented(shown.chain),
        ServerPolicy(require_dane=require),
        there.settings(),
        NOW,
    )
    return answer_all(dialogue, there.answer).result


EE_THERE = f"_443._tcp.box TLSA {_tlsa(AT_HOSTER, Usage.DANE_EE)}"
EE_HERE = f"_443._tcp.www TLSA {_tlsa(AT_HOME, Usage.DANE_EE)}"


def test_the_records_at_the_end_of_a_secure_alias_decide() -> None:
    there = world(EE_HERE, EE_THERE)
    decision = about(there, AT_HOSTER)
    assert (decision.verdict, str(decision.dns_lookup)) == (Verdict.ACCEPT, "_443._tcp.box.hoster.")
    assert str(decision.identity) == "www.shop."
    assert about(there, AT_HOME).situation is Situation.MISMATCH, "the first base domain decides"


def test_without_records_there_those_at_the_name_itself_decide() -> None:
    decision = about(world(EE_HERE, ""), AT_HOME)
    assert (decision.verdict, str(decision.dns_lookup)) == (Verdict.ACCEPT, "_443._tcp.www.shop.")


@pytest.mark.parametrize("shown", [AT_HOSTER, AT_HOME])
def test_a_certificate_may_bear_the_base_domain_or_the_name_that_was_wanted(
    shown: Identity,
) -> None:
    there = world("", f"_443._tcp.box TLSA {_tlsa(AT_HOSTER, Usage.DANE_TA)}")
    assert about(there, shown).verdict is Verdict.ACCEPT
    assert about(there, _issue("other.test")).verdict is Verdict.ABORT


def test_an_alias_into_an_unsigned_zone_leads_to_no_records_there() -> None:
    there = world("", EE_THERE, hoster_signed=False)
    decision = about(there, AT_HOSTER)
    assert (decision.verdict, str(decision.dns_lookup)) == (Verdict.ABORT, "_443._tcp.www.shop.")
    assert about(there, AT_HOSTER, require=False).verdict is Verdict.GENERAL_POLICY


def test_records_at_the_name_itself_count_though_the_alias_leads_into_an_unsigned_zone() -> None:
    there = world(EE_HERE, "", hoster_signed=False)
    assert about(there, AT_HOME).verdict is Verdict.ACCEPT
    assert about(there, AT_HOSTER).verdict is Verdict.ABORT


def test_an_alias_at_the_tlsa_name_itself_is_followed() -> None:
    there = world("_443._tcp.www CNAME tlsa.box.hoster.", f"tlsa.{EE_THERE.split('.', 2)[2]}")
    assert about(there, AT_HOSTER).verdict is Verdict.ACCEPT


def test_a_hoster_who_does_not_answer_is_not_passed_over() -> None:
    there = world(EE_HERE, EE_THERE)
    there.silent = frozenset({"127.53.1.2"})
    decision = about(there, AT_HOME, require=False)
    assert decision.verdict is Verdict.ABORT
    assert decision.dns_status is DnsStatus.TIME_OUT
