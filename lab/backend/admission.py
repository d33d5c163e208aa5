"""Let a device in: the home network asks the join server of its JoinEUI (TS002-1.0 sections 8, 9).

The network chooses the address; nonces and keys are the join server's. If anything on the way is
not as it must be, the device gets no answer at all: there is no error message on air.
"""

from lab.backend.downlinks import header_to
from lab.backend.join_messages import JoinAns, JoinReq
from lab.backend.needs import Answered, Keep, Working, asked, session_of
from lab.backend.network import Ground, NetworkSession, Subscriber
from lab.backend.network_rules import ANSWER_COMPLETE
from lab.backend.reports import report_of
from lab.backend.visits import visiting
from lab.core.checks import Outcome, Report, broken, check
from lab.core.errors import LabError
from lab.core.frozen import dataclass
from lab.lorawan.frames import DlSettings, JoinRequest
from lab.lorawan.identifiers import DevAddr, Eui64, NetId
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


@dataclass(frozen=True, slots=True)
class Applicant:
    """Hold who is to be let in, and how its join server is asked.

    Attributes:
        dev_eui: of the device.
        join_eui: whom to ask.
        dev_addr: that it shall have.
        octets: the PHYPayload of its request.
        asking: the kind of message: JoinReq, or RejoinReq.
    """

    dev_eui: Eui64
    join_eui: Eui64
    dev_addr: DevAddr
    octets: bytes
    asking: type[JoinReq] = JoinReq


def admit(
    request: JoinRequest,
    octets: bytes,
    subscriber: Subscriber,
    ground: Ground,
    visited: NetId | None = None,
) -> Working[Admission]:
    """Ask the join server about *request* (whose PHYPayload is *octets*) and keep the session.

    Heard was it by *visited*; None: by this network.
    """
    address = free_address(ground)
    applicant = Applicant(request.dev_eui, request.join_eui, address, octets)
    before = yield from session_of(request.dev_eui)
    admission = yield from ask_join_server(applicant, subscriber, ground)
    if admission.session is None:
        return admission
    # A later request of the device may have been answered first: the session of that is right.
    current = yield from session_of(request.dev_eui)
    is_new = current is not None and (before is None or current.keys != before.keys)
    if current is not None and is_new and current.since > ground.now:
        overtaken = Report("session", Outcome.FAILED, "a later request was answered first")
        return turned_away(request.dev_eui, overtaken)
    yield Keep(visiting(admission.session, current, visited, ground))
    return admission


def ask_join_server(
    applicant: Applicant, subscriber: Subscriber, ground: Ground
) -> Working[Admission]:
    """Ask whether *applicant* is to be let in; a session that comes of it is not kept yet."""
    version = Version.from_text(subscriber.mac_version)
    settings = DlSettings(
        opt_neg=version is Version.LORAWAN_1_1,
        rx2_data_rate=ground.network.region.rx2_data_rate,
    )
    asking = applicant.asking(
        header=header_to(applicant.join_eui, ground),
        mac_version=subscriber.mac_version,
        phy_payload=applicant.octets,
        dev_eui=applicant.dev_eui,
        dev_addr=applicant.dev_addr,
        dl_settings=settings,
        rx_delay=RX_DELAY_S,
        cf_list=ground.network.region.cf_list,
    )
    reply = yield from asked(applicant.join_eui, asking)
    told = report_of(reply, f"join server of {applicant.join_eui}")
    if told.outcome is Outcome.FAILED or not isinstance(reply, Answered):
        return turned_away(applicant.dev_eui, told)
    assert isinstance(reply.answer, JoinAns), "the edge matches answers to questions"
    who = str(applicant.dev_eui)
    try:
        keys = _keys(reply.answer, ground)
    except LabError as error:
        failed = broken(ANSWER_COMPLETE, who, trouble=error)
        report = Report(f"keys of {who}", Outcome.FAILED, str(error), (failed,))
        return turned_away(applicant.dev_eui, report)
    session = NetworkSession(
        applicant.dev_eui,
        applicant.dev_addr,
        version,
        keys,
        subscriber.application,
        ground.now,
        applicant.join_eui,
        reply.answer.app_s_key,
        reply.answer.session_key_id,
    )
    complete = check(ANSWER_COMPLETE, holds=True, subject=who, version=version.value)
    report = Report(
        f"device {who} joins",
        conclusion=f"let in as {applicant.dev_addr}",
        checks=(complete,),
        parts=(told,),
    )
    return Admission(report, session, reply.answer.phy_payload)


def turned_away(dev_eui: Eui64, told: Report) -> Admission:
    """Return that a device is not let in, and hears nothing."""
    conclusion = "not let in: it hears nothing"
    return Admission(Report(f"device {dev_eui} joins", Outcome.FAILED, conclusion, (), (told,)))


def free_address(ground: Ground) -> DevAddr:
    """Return an address of the network by chance; the MIC tells devices apart that share one."""
    net_id = ground.network.net_id
    room = 32 - net_id.prefix_bits
    return net_id.dev_addr(int.from_bytes(ground.entropy.bytes(4)) % (1 << room))


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
