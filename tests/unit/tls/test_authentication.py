"""The dialogues behind the gate: handshake, lookup and decision together, without a socket."""

from dataclasses import dataclass, field, replace

import dns.name
import pytest
from dns.rdatatype import RdataType

from lab.core.dialogue import answer_all
from lab.core.entropy import SeededEntropy
from lab.core.instant import DAY
from lab.core.question import Question, Response
from lab.core.status import SecurityStatus
from lab.dane.client_id import Profile, push_client_id
from lab.dane.decision import Decision, Situation, Verdict
from lab.dane.evidence import Found
from lab.dane.policy import ClientPolicy, Credential, ServerPolicy
from lab.dane.tlsa import MatchingType, Selector, Usage, make_tlsa
from lab.pki.ca import CertificateAuthority
from lab.pki.der import subject_public_key_info
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from lab.tls.authentication import (
    Presented,
    authenticate_client,
    authenticate_server,
    claim_of,
    presented_by,
)
from lab.tls.certificate_types import CertificateType, CertificateTypes
from lab.tls.lookup import evidence_from
from tests.unit.pki.chains import with_unreadable_names
from tests.unit.tls.pair import CLIENT as PAIR_CLIENT
from tests.unit.tls.pair import handshake
from tests.unit.tls.test_raw_public_keys import shake
from tests.unit.validator.world import NOW, World, ZoneText, build

HOST = dns.name.from_text("js.afnic.")
NAME = dns.name.from_text("_ns-client.ns.tsp.")


def _issue(operator: str, name: str, purpose: Purpose) -> Identity:
    authority = CertificateAuthority.create(operator, NOW, SeededEntropy(operator))
    return authority.issue((name,), purpose, NOW, SeededEntropy(name))


SERVER = _issue("Afnic", "js.afnic", Purpose.SERVER)
CLIENT = _issue("TSP", "_ns-client.ns.tsp", Purpose.CLIENT)


def _tlsa(identity: Identity, usage: Usage = Usage.DANE_EE) -> str:
    certificate = identity.chain[-1 if usage.names_authority else 0]
    return make_tlsa(certificate, usage, Selector.SPKI, MatchingType.SHA2_256).to_text()


def _world(*, afnic_signed: bool = True, tsp_signed: bool = True) -> World:
    return build(
        {
            ".": ZoneText("", "127.53.0.1"),
            "afnic.": ZoneText(
                f"_8003._tcp.js TLSA {_tlsa(SERVER)}\nnothing A 127.0.0.1",
                "127.53.1.1",
                signed=afnic_signed,
            ),
            "tsp.": ZoneText(
                f"_ns-client.ns TLSA {_tlsa(CLIENT)}\n_ta.ns TLSA {_tlsa(CLIENT, Usage.DANE_TA)}\n",
                "127.53.1.2",
                signed=tsp_signed,
            ),
        }
    )


@dataclass
class Asked:
    """Answer from a world and note what was asked."""

    world: World = field(default_factory=_world)
    names: list[str] = field(default_factory=list)

    def __call__(self, question: Question) -> Response:
        self.names.append(str(question.qname))
        return self.world.answer(question)


SHOWN = Presented(CLIENT.chain, push_client_id(NAME))


def about_client(
    presented: Presented = SHOWN,
    policy: ClientPolicy | None = None,
    asked: Asked | None = None,
    *,
    later: int = 0,
) -> Decision:
    """Return what a server decides."""
    asked = asked or Asked()
    settings = asked.world.settings()
    policy = policy or ClientPolicy()
    dialogue = authenticate_client(presented, policy, settings, NOW + later)
    return answer_all(dialogue, asked).result


def about_server(
    chain: Identity = SERVER, port: int = 8003, asked: Asked | None = None
) -> Decision:
    """Return what a client decides."""
    return about_what_a_server_showed(Presented(chain.chain), port, asked)


def about_what_a_server_showed(
    presented: Presented, port: int = 8003, asked: Asked | None = None
) -> Decision:
    """Return what a client decides."""
    asked = asked or Asked()
    dialogue = authenticate_server(
        HOST, port, presented, ServerPolicy(), asked.world.settings(), NOW
    )
    return answer_all(dialogue, asked).result


def test_a_client_with_a_secure_record_is_accepted() -> None:
    decision = about_client()
    assert (decision.verdict, decision.identity) == (Verdict.ACCEPT, NAME)
    assert decision.match is not None
    assert decision.match.usage is Usage.DANE_EE


def test_the_report_holds_the_validation_and_the_match() -> None:
    titles = [part.title for part in about_client().report.parts]
    assert titles == [f"{NAME} TLSA", "TLSA records for _ns-client.ns.tsp"]


def test_a_client_of_another_operator_is_refused() -> None:
    decision = about_client(replace(SHOWN, chain=SERVER.chain))
    assert decision.verdict is Verdict.ABORT
    failure = decision.report.first_failure()
    assert failure is not None
    assert failure.rule.id == "dane.authenticated"


def test_dane_ta_wants_the_name_in_the_certificate() -> None:
    other = dns.name.from_text("_ta.ns.tsp.")
    decision = about_client(replace(SHOWN, client_id=push_client_id(other)))
    assert decision.verdict is Verdict.ABORT
    assert [one.rule.id for one in decision.report.checks if one.failed] == [
        "client.name-in-san",
        "dane.authenticated",
    ]


def test_an_unsigned_zone_authenticates_nobody() -> None:
    decision = about_client(asked=Asked(_world(tsp_signed=False)))
    assert decision.verdict is Verdict.ABORT
    assert decision.match is None


def test_expired_signatures_authenticate_nobody() -> None:
    decision = about_client(later=2 * DAY)
    assert decision.verdict is Verdict.ABORT
    failure = decision.report.first_failure()
    assert failure is not None
    assert (failure.rule.id, failure.facts["status"]) == ("dane.not-bogus", "bogus")


def test_servers_that_do_not_answer_authenticate_nobody() -> None:
    world = _world()
    world.silent = frozenset({"127.53.1.2"})
    assert about_client(asked=Asked(world)).verdict is Verdict.ABORT
    evidence = evidence_from(NAME, world.ask(str(NAME), "TLSA"))
    assert (evidence.found, evidence.status) == (Found.TIMEOUT, SecurityStatus.INDETERMINATE)


def test_a_name_without_record_is_told_from_one_that_does_not_exist() -> None:
    world = _world()
    for name, found in (("nothing.afnic.", Found.NODATA), ("nobody.afnic.", Found.NXDOMAIN)):
        owner = dns.name.from_text(name)
        evidence = evidence_from(owner, world.ask(name, "TLSA"))
        assert (evidence.found, evidence.status) == (found, SecurityStatus.SECURE)
        assert evidence.secure_records() == ()


def test_nothing_is_asked_for_a_name_outside_the_allow_list() -> None:
    asked = Asked()
    policy = ClientPolicy(allow_list=(dns.name.from_text("afnic."),))
    assert about_client(policy=policy, asked=asked).verdict is Verdict.ABORT
    assert asked.names == []


def test_nothing_is_asked_for_a_client_without_certificate() -> None:
    asked = Asked()
    assert about_client(replace(SHOWN, chain=()), asked=asked).verdict is Verdict.ABORT
    assert asked.names == []


def test_exactly_the_name_of_the_client_is_looked_up() -> None:
    asked = Asked()
    assert about_client(asked=asked).dns_lookup == NAME
    assert str(NAME) in asked.names


def test_a_server_with_a_secure_record_is_accepted() -> None:
    decision = about_server()
    assert (decision.verdict, decision.identity) == (Verdict.ACCEPT, HOST)
    assert str(decision.dns_lookup) == "_8003._tcp.js.afnic."


def test_a_server_with_another_key_is_refused() -> None:
    assert about_server(CLIENT).verdict is Verdict.ABORT


def test_a_server_without_record_is_refused() -> None:
    assert about_server(port=443).verdict is Verdict.ABORT


def test_a_server_of_an_unsigned_zone_is_refused() -> None:
    asked = Asked(_world(afnic_signed=False))
    assert about_server(asked=asked).verdict is Verdict.ABORT


@pytest.mark.parametrize("request_data", [b"\0", None])
def test_what_a_finished_handshake_showed(request_data: bytes | None) -> None:
    presented = presented_by(handshake(request_data, b"\x01a").server)
    assert presented.chain == PAIR_CLIENT.chain
    assert presented.client_id == (b"\x01a" if request_data else None)
    assert presented.solicited is (request_data is not None)
    assert claim_of(presented).dns_names == ("_ns.tsp.example",)


def test_a_client_s_certificate_need_not_be_readable() -> None:
    assert claim_of(Presented((with_unreadable_names(),))).dns_names == ()


def test_the_lookup_is_for_tlsa() -> None:
    seen = set()

    def answer(question: Question) -> Response:
        seen.add((str(question.qname), question.rdtype))
        return asked(question)

    asked = Asked()
    dialogue = authenticate_client(SHOWN, ClientPolicy(), asked.world.settings(), NOW)
    answer_all(dialogue, answer)
    assert (str(NAME), RdataType.TLSA) in seen


BARE = Presented((), push_client_id(NAME), key=subject_public_key_info(CLIENT.leaf))


def test_a_client_with_a_raw_public_key_is_accepted_by_a_3_1_1_record() -> None:
    decision = about_client(BARE)
    assert (decision.verdict, decision.identity) == (Verdict.ACCEPT, NAME)


def test_a_client_with_another_raw_public_key_is_refused() -> None:
    other = replace(BARE, key=subject_public_key_info(SERVER.leaf))
    assert about_client(other).situation is Situation.MISMATCH


def test_a_client_with_a_raw_public_key_must_say_its_name() -> None:
    for profile in Profile:
        policy = ClientPolicy(profile=profile)
        decision = about_client(replace(BARE, client_id=None), policy)
        assert (decision.verdict, decision.situation) == (Verdict.ABORT, Situation.NO_NAME)


def test_a_record_about_a_ca_is_not_for_raw_public_keys() -> None:
    other = dns.name.from_text("_ta.ns.tsp.")
    decision = about_client(replace(BARE, client_id=push_client_id(other)))
    assert decision.verdict is Verdict.ABORT
    assert decision.match is not None
    assert "raw public key" in decision.match.verdicts[0].why


def test_a_server_with_a_raw_public_key_is_accepted_by_a_3_1_1_record() -> None:
    shown = Presented((), key=subject_public_key_info(SERVER.leaf))
    assert about_what_a_server_showed(shown).verdict is Verdict.ACCEPT
    other = replace(shown, key=subject_public_key_info(CLIENT.leaf))
    assert about_what_a_server_showed(other).verdict is Verdict.ABORT


def test_a_raw_public_key_of_a_handshake_is_presented() -> None:
    types = CertificateTypes((CertificateType.RAW_PUBLIC_KEY,), (CertificateType.RAW_PUBLIC_KEY,))
    pair = shake(types, types)
    presented = presented_by(pair.server)
    assert (presented.chain, presented.key) == ((), subject_public_key_info(PAIR_CLIENT.leaf))
    assert claim_of(presented).credential is Credential.RAW_PUBLIC_KEY
