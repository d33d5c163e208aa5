"""What somebody on the way can do: forge, sign with keys of his own, lose, delay and change."""

from enum import Enum

import dns.exception
import dns.rdata
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

from lab.attacks.attack import OnAnswer, attack
from lab.attacks.deeds import Delay, Drop, Flip, Forge, ShowKey, Strip, Truncate
from lab.attacks.plot import Match, Rule
from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.core.parameters import Seconds
from lab.core.rrsets import RRset

_TTL = 60


class Shows(Enum):
    """Tell what an attacker shows of the key that he has made."""

    NOTHING = "nothing"
    KEY = "key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forging(OnAnswer):
    """Answer with another record.

    Attributes:
        becomes: what the record says instead, as in a master file, e.g. "192.0.2.66".
    """

    becomes: str

    def __post_init__(self) -> None:
        """Refuse what is no record."""
        self.check()

    def check(self) -> None:
        """Raise InputError if `becomes` is no record of the type."""
        self._rdata()

    def _rdata(self) -> Rdata:
        try:
            return dns.rdata.from_text(RdataClass.IN, self.type, self.becomes)
        except dns.exception.DNSException as error:
            shown = RdataType.to_text(self.type)
            raise InputError(f"{self.becomes!r} is no {shown} record: {error}") from error

    @property
    def forged(self) -> RRset:
        """Return the RRset that takes the place of the honest one."""
        return RRset(self.name, self.type, _TTL, (self._rdata(),))

    @property
    def match(self) -> Match:
        """Return which responses are meant."""
        return Match(self.name, self.type)


@attack("on-path-spoofing")
@dataclass(frozen=True, slots=True, kw_only=True)
class OnPathSpoofing(Forging):
    """Answer before the server does, with another record and no signature.

    The attacker sees the question, so that ID, port and letter case are no riddle to him (RFC 3833
    section 2.1). The honest answer comes behind, too late.
    """

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the forged answer first, the honest one after it."""
        return (Rule(self.match, Forge(self.forged, then=True)),)


@attack("own-key")
@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey(Forging):
    """Answer with another record, signed by a key that the attacker has made for the zone.

    The signature is right in every field. What is missing is somebody who vouches for the key: it
    is no DNSKEY of the zone, and if the attacker shows it as one, no DS of the parent names it (RFC
    4035 section 5.2).

    Attributes:
        zone: apex of the zone in whose name he signs.
        shows: "key": he also answers for the keys of the zone, with his own alone.
    """

    zone: Name
    shows: Shows = Shows.NOTHING

    def __post_init__(self) -> None:
        """Refuse what cannot be signed so."""
        self.check()
        if not self.name.is_subdomain(self.zone):
            raise InputError(f"{self.name} is not in the zone {self.zone}")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the forged answer, and the forged keys if they are shown."""
        forged = Rule(self.match, Forge(self.forged, self.zone))
        keys = Rule(Match(self.zone, RdataType.DNSKEY), ShowKey(self.zone))
        return (forged, keys) if self.shows is Shows.KEY else (forged,)


@attack("signatures-stripped")
@dataclass(frozen=True, slots=True, kw_only=True)
class SignaturesStripped(OnAnswer):
    """Take the RRSIGs out of the answer, as if the zone were unsigned.

    A validator that knows from the DS that it is signed takes that for what it is (RFC 4035 section
    5.2, last paragraph but one).
    """

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the answer without RRSIGs."""
        return (Rule(Match(self.name, self.type), Strip(RdataType.RRSIG)),)


@attack("octet-changed")
@dataclass(frozen=True, slots=True, kw_only=True)
class OctetChanged(OnAnswer):
    """Invert one octet of the answer on the way.

    Attributes:
        place: which octet, counted from the end of the message.
    """

    place: int = 20

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the changed octets."""
        return (Rule(Match(self.name, self.type), Flip(self.place)),)


@attack("answers-dropped")
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersDropped(OnAnswer):
    """Let no answer through: nobody is deceived, and nobody is served.

    Attributes:
        times: how many answers are lost; 0: all.
    """

    times: int = 0

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return silence."""
        return (Rule(Match(self.name, self.type), Drop(), self.times),)


@attack("answers-delayed")
@dataclass(frozen=True, slots=True, kw_only=True)
class AnswersDelayed(OnAnswer):
    """Hold answers back.

    Attributes:
        by: for how long.
    """

    by: Seconds

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return the answer, later."""
        return (Rule(Match(self.name, self.type), Delay(self.by)),)


@attack("truncation")
@dataclass(frozen=True, slots=True, kw_only=True)
class Truncation(OnAnswer):
    """Say once that there was no room for the answer: the asker comes again by TCP.

    Attributes:
        times: how many answers are cut; 0: all, those over TCP included.
    """

    times: int = 1

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Return an empty answer with TC."""
        return (Rule(Match(self.name, self.type), Truncate(), self.times),)
