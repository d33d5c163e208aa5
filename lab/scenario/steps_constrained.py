"""The step in which a device tells who it is over a radio that is slow and loses frames.

Nothing is asked of the edge: certificates, fragments and losses follow from the parameters alone,
so a story goes the same way each time. What arrives is judged as a network server would: by the
signature of the operator's authority, and by the TLSA record (3 1 1) of the device's name.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from lab.core.checks import Check, Outcome, Report, check, not_reached, outcome_of, shortened
from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.rules import Rule
from lab.lorawan.constrained import cost
from lab.lorawan.identifiers import Eui64
from lab.lorawan.mhdr import Direction
from lab.lorawan.regions import EU868, US915
from lab.lorawan.schc import State, uncompressed
from lab.lorawan.transfer import Transfer, send_up
from lab.pki.c509 import pull_c509, push_c509
from lab.pki.der import subject_public_key_info
from lab.pki.keys import make_key
from lab.pki.signature import is_signed_by
from lab.scenario.action import Play
from lab.scenario.constrained_rules import ARRIVED, FRAMES, MATCHES, SIGNED
from lab.scenario.rules import OUTCOME
from lab.scenario.step import Step, judged, reason_check, step

_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=False,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


class Form(Enum):
    """Name what a device sends; the name itself was in its Join-Request."""

    NAME = "name"
    DIGEST = "digest"
    KEY = "key"
    C509 = "c509"
    X509 = "x509"


class Speaker(Enum):
    """Name who sends: an impostor has a key of his own, and no authority signs for him."""

    DEVICE = "device"
    IMPOSTOR = "impostor"


class Place(Enum):
    """Name a region."""

    EU868 = "EU868"
    US915 = "US915"


class Recognition(Enum):
    """Tell what the network makes of it."""

    RECOGNISED = "recognised"
    REFUSED = "refused"
    LOST = "lost"


NOTHING = Transfer((), b"", State.DONE)
"""What is on air if the name alone is enough."""

_REGIONS = {Place.EU868: EU868, Place.US915: US915}
_ALL = 100
_AUTHORITY = make_key(SeededEntropy("the authority of the operator"))
_SERIAL = 128_269
_FIRST, _LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC)


@step("tell-identity")
@dataclass(frozen=True, slots=True, kw_only=True)
class TellIdentityStep(Step):
    """Let a device tell by radio who it is, in fragments of SCHC if need be (RFC 9011).

    Its certificate is one as in RFC 7925. The network knows the TLSA record of the device's name.

    Attributes:
        device: DevEUI; it stands in the certificate.
        sends: "name" (nothing: the Join-Request told it), "digest", "key", "c509" or "x509".
        who: "device", or "impostor".
        region: "EU868" or "US915".
        data_rate: number of the data rate.
        loss: how many of a hundred frames are lost, either way.
        frames: how many uplinks it must take.
        expect: "recognised", "refused" or "lost".
        because: a rule that must be among the reasons.
    """

    device: Eui64
    sends: Form
    who: Speaker = Speaker.DEVICE
    region: Place = Place.EU868
    data_rate: int = 0
    loss: int = 0
    frames: int | None = None
    expect: Recognition | None = None
    because: Rule | None = None

    @property
    def title(self) -> str:
        """Return it as `the device sends its c509, EU868 DR0`."""
        lossy = f", {self.loss} % lost" if self.loss else ""
        return f"the {self.who.value} sends its {self.sends.value}, {self.place}{lossy}"

    @property
    def place(self) -> str:
        """Return region and data rate."""
        return f"{self.region.value} DR{self.data_rate}"

    def __post_init__(self) -> None:
        """Refuse what no device could do."""
        rate = _REGIONS[self.region].data_rate(self.data_rate)
        if Direction.UP not in rate.directions:
            raise InputError(f"no device sends with DR{self.data_rate} in {self.region.value}")
        if not 0 <= self.loss <= _ALL:
            raise InputError(f"of a hundred frames {self.loss} cannot be lost")

    def play(self) -> Play:
        """Send it, and judge what arrives."""
        yield from ()
        payload = _payload(self.sends, _certificate(self.device, self.who))
        transfer = self._sent(payload)
        evidence = self._judged(payload, transfer)
        frames = cost(transfer, Direction.UP, _REGIONS[self.region], self.data_rate).frames
        checks = tuple(self._compared(evidence, frames))
        expected = "" if self.expect is None else self.expect.value
        return judged(self.title, expected, evidence.conclusion, checks, evidence)

    def _sent(self, payload: bytes) -> Transfer:
        if not payload:
            return NOTHING
        chance = SeededEntropy(f"{self.device} {self.sends.value} {self.loss}")

        def heard(_direction: Direction, _message: bytes) -> bool:
            return int.from_bytes(chance.bytes(4), "big") % _ALL >= self.loss

        mtu = _REGIONS[self.region].data_rate(self.data_rate).max_payload
        return send_up(payload, mtu, heard)

    def _judged(self, payload: bytes, transfer: Transfer) -> Report:
        region = _REGIONS[self.region]
        spent = cost(transfer, Direction.UP, region, self.data_rate)
        span = spent.span_s(region.duty_cycle(region.channels[0]))
        title = f"what the {self.who.value} of {self.device} sends"
        arrived = check(
            ARRIVED,
            transfer.packet == uncompressed(payload) or not payload,
            title,
            octets=len(payload),
            frames=spent.frames,
            airtime=f"{spent.airtime_s:.3f} s",
            span=f"{span:.0f} s",
        )
        if arrived.failed:
            checks: tuple[Check, ...] = (arrived, not_reached(MATCHES, title))
            return Report(title, Outcome.FAILED, Recognition.LOST.value, checks)
        checks = (arrived, *_recognised(self.sends, payload, self.device))
        outcome = outcome_of(checks)
        seen = Recognition.RECOGNISED if outcome is Outcome.PASSED else Recognition.REFUSED
        return Report(title, outcome, seen.value, checks)

    def _compared(self, evidence: Report, frames: int) -> Iterator[Check]:
        if self.expect is not None:
            expected, seen = self.expect.value, evidence.conclusion
            yield check(OUTCOME, seen == expected, self.title, expected=expected, seen=seen)
        if self.frames is not None:
            fits = frames == self.frames
            yield check(FRAMES, fits, self.title, expected=self.frames, seen=frames)
        if self.because is not None:
            yield reason_check(self.because, evidence)


def _recognised(form: Form, payload: bytes, device: Eui64) -> Iterator[Check]:
    """Judge what arrived as a network would that knows the TLSA record of *device*."""
    title = f"what arrived as the {form.value} of {device}"
    known = sha256(_key_of(_certificate(device, Speaker.DEVICE))).digest()
    if form is Form.NAME:
        return
    if form in {Form.C509, Form.X509}:
        read = pull_c509 if form is Form.C509 else x509.load_der_x509_certificate
        certificate = read(payload)
        yield check(SIGNED, is_signed_by(certificate, _AUTHORITY.public_key()), title)
        found = sha256(_key_of(certificate)).digest()
    else:
        found = payload if form is Form.DIGEST else sha256(payload).digest()
    yield check(MATCHES, found == known, title, published=known.hex(), found=shortened(found))


def _payload(form: Form, certificate: x509.Certificate) -> bytes:
    match form:
        case Form.NAME:
            return b""
        case Form.DIGEST:
            return sha256(_key_of(certificate)).digest()
        case Form.KEY:
            return _key_of(certificate)
        case Form.C509:
            return push_c509(certificate)
        case Form.X509:
            return certificate.public_bytes(Encoding.DER)


def _certificate(device: Eui64, who: Speaker) -> x509.Certificate:
    """Return the certificate that *who* shows for *device*, as RFC 7925 section 4.4 profiles it."""
    key = make_key(SeededEntropy(f"{who.value} {device}"))
    issuer = _AUTHORITY if who is Speaker.DEVICE else key
    draft = (
        x509.CertificateBuilder()
        .subject_name(_name(device.octets.hex("-").upper()))
        .issuer_name(_name("RFC test CA"))
        .public_key(key.public_key())
        .serial_number(_SERIAL)
        .not_valid_before(_FIRST)
        .not_valid_after(_LAST)
        .add_extension(_KEY_USAGE, critical=False)
    )
    # The size of a signature varies with its chance; stories are the same each time.
    return draft.sign(issuer, hashes.SHA256(), ecdsa_deterministic=True)


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_of(certificate: x509.Certificate) -> bytes:
    return subject_public_key_info(certificate)
