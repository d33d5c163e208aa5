"""Let a device in: the home network asks the join server of its JoinEUI (TS002-1.0 section 8).

The network chooses the address; nonces and keys are the join server's. If anything on the way is
not as it must be, the device gets no answer at all: there is no error message on air.
"""

from dataclasses import dataclass

from lab.backend.downlinks import header_to
from lab.backend.join_messages import JoinAns, JoinReq
from lab.backend.needs import Answered, Keep, Working, asked
from lab.backend.network import Ground, NetworkSession, Subscriber
from lab.backend.network_rules import ANSWER_COMPLETE
from lab.backend.reports import report_of
from lab.core.checks import Outcome, Report, broken, check
from lab.core.errors import LabError
from lab.lorawan.frames import DlSettings, JoinRequest
from lab.lorawan.identifiers import DevAddr
from lab.lorawan.key_envelope import KeyEnvelope, unwrap
from lab.lorawan.keys import SessionKeys, Version

RX_DELAY_S = 1


@dataclass(frozen=True, slots=True)
class Admission:
    """Hold what came of a Join-Request.

    Attributes:
        report: how it went.
        session: None: the device is not let in.
        accept: the Join-Accept, sealed; empty without a session.
    """

    report: Report
    session: NetworkSession | None = None
    accept: bytes = b""


def admit(
    request: JoinRequest, octets: bytes, subscriber: Subscriber, ground: Ground
) -> Working[Admission]:
    """Ask the join server about *request* (whose PHYPayload is *octets*) and keep the session."""
    version = Version.from_text(subscriber.mac_version)
    address = free_address(ground)
    settings = DlSettings(
        opt_neg=version is Version.LORAWAN_1_1,
        rx2_data_rate=ground.network.region.rx2_data_rate,
    )
    asking = JoinReq(
        header=header_to(request.join_eui, ground),
        mac_version=subscriber.mac_version,
        phy_payload=octets,
        dev_eui=request.dev_eui,
        dev_addr=address,
        dl_settings=settings,
        rx_delay=RX_DELAY_S,
    )
    reply = yield from asked(request.join_eui, asking)
    told = report_of(reply, f"join server of {request.join_eui}")
    if told.outcome is Outcome.FAILED or not isinstance(reply, Answered):
        return Admission(_refused(request, told))
    assert isinstance(reply.answer, JoinAns), "the edge matches answers to questions"
    try:
        keys = _keys(reply.answer, ground)
    except LabError as error:
        failed = broken(ANSWER_COMPLETE, str(request.dev_eui), trouble=error)
        report = Report(f"keys of {request.dev_eui}", Outcome.FAILED, str(error), (failed,))
        return Admission(_refused(request, report))
    session = NetworkSession(
        request.dev_eui,
        address,
        version,
        keys,
        subscriber.application,
        ground.now,
        request.join_eui,
        reply.answer.app_s_key,
        reply.answer.session_key_id,
    )
    yield Keep(session)
    complete = check(
        ANSWER_COMPLETE, holds=True, subject=str(request.dev_eui), version=version.value
    )
    report = Report(
        f"device {request.dev_eui} joins",
        conclusion=f"let in as {address}",
        checks=(complete,),
        parts=(told,),
    )
    return Admission(report, session, reply.answer.phy_payload)


def free_address(ground: Ground) -> DevAddr:
    """Return an address of the network by chance; the MIC tells devices apart that share one."""
    net_id = ground.network.net_id
    room = 32 - net_id.prefix_bits
    return net_id.dev_addr(int.from_bytes(ground.entropy.bytes(4)) % (1 << room))


def _refused(request: JoinRequest, told: Report) -> Report:
    conclusion = "not let in: it hears nothing"
    return Report(f"device {request.dev_eui} joins", Outcome.FAILED, conclusion, (), (told,))


def _keys(answer: JoinAns, ground: Ground) -> SessionKeys:
    """Return the network's keys; a join server of 1.0 gives one, of 1.1 three.

    Raises:
        LabError: one is missing, or cannot be unwrapped.
    """

    def opened(envelope: KeyEnvelope) -> bytes:
        return unwrap(envelope, ground.network.keks)

    if answer.nwk_s_key is not None:
        return SessionKeys.of_1_0(opened(answer.nwk_s_key), b"")
    f_int, s_int, enc = answer.f_nwk_s_int_key, answer.s_nwk_s_int_key, answer.nwk_s_enc_key
    if f_int is None or s_int is None or enc is None:
        raise LabError("JoinAns has neither NwkSKey nor all three keys of 1.1")
    return SessionKeys(opened(f_int), opened(s_int), opened(enc), b"")
