"""What follows from what, as tables: a row for each rule of each text that a peer is judged by.

A later draft is another table, not other code. A row gives the verdict for each `Demand`; columns
that the text leaves open hold our choice, which is always the stricter one that it allows.
"""

from collections.abc import Mapping
from enum import Enum

from lab.core.frozen import dataclass
from lab.dane.client_id import Profile
from lab.dane.decision import Situation, Verdict

_ACCEPT, _ABORT = Verdict.ACCEPT, Verdict.ABORT
_NOBODY, _GENERAL = Verdict.UNAUTHENTICATED, Verdict.GENERAL_POLICY


class Demand(Enum):
    """Tell how much an application insists on DANE.

    Attributes:
        REQUIRED: nobody passes without DANE.
        OPTIONAL: who does not use DANE is left to general policy; who tries and fails is refused.
        GUESTS: who tries and fails may go on, under no name.
    """

    REQUIRED = "required"
    OPTIONAL = "optional"
    GUESTS = "guests"


@dataclass(frozen=True, slots=True)
class Row:
    """Say what one situation leads to.

    Attributes:
        required: verdict if DANE is required.
        optional: verdict if it is not.
        guests: verdict if failing guests are let in besides.
        section: where this is written, or what we read it from.
    """

    required: Verdict
    optional: Verdict
    guests: Verdict
    section: str

    def verdict(self, demand: Demand) -> Verdict:
        """Return the verdict for those who make this *demand*."""
        match demand:
            case Demand.REQUIRED:
                return self.required
            case Demand.OPTIONAL:
                return self.optional
            case Demand.GUESTS:
                return self.guests


Table = Mapping[Situation, Row]


@dataclass(frozen=True, slots=True)
class ClientRules:
    """Hold the rules by which a server judges clients.

    Attributes:
        least_tls: oldest version of TLS.
        reads_certificate: without a name in the extension, the one dNSName of the certificate.
        table: situation to row.
    """

    least_tls: tuple[int, int]
    reads_certificate: bool
    table: Table


def _clients(draft: str, rows: Mapping[Situation, tuple[Verdict, Verdict, Verdict, str]]) -> Table:
    return {
        situation: Row(required, optional, guests, f"{draft}, {section}")
        for situation, (required, optional, guests, section) in rows.items()
    }


_BEHAVIOUR, _NAMES = "Server Behavior", "Client Identifiers"
_READ = "Server Behavior: an answer MUST be validated, so this one is as good as none"

_CLIENT_AUTH_13 = _clients(
    "draft-ietf-dance-client-auth-13",
    {
        Situation.OLD_TLS: (_ABORT, _GENERAL, _GENERAL, "Introduction"),
        Situation.UNSOLICITED: (_ABORT, _ABORT, _ABORT, "TLS Extension; RFC 8446 section 4.2"),
        Situation.NO_CREDENTIAL: (_ABORT, _GENERAL, _GENERAL, _BEHAVIOUR),
        Situation.MALFORMED_NAME: (_ABORT, _ABORT, _ABORT, _BEHAVIOUR),
        Situation.NO_NAME: (_ABORT, _GENERAL, _GENERAL, _BEHAVIOUR),
        Situation.NOT_LISTED: (_ABORT, _ABORT, _NOBODY, _BEHAVIOUR),
        Situation.TIME_OUT: (_ABORT, _ABORT, _NOBODY, _READ),
        Situation.INDETERMINATE: (_ABORT, _ABORT, _NOBODY, _READ),
        Situation.BOGUS: (_ABORT, _ABORT, _NOBODY, _BEHAVIOUR),
        Situation.INSECURE: (_ABORT, _ABORT, _NOBODY, _READ),
        Situation.SECURE_ABSENT: (_ABORT, _ABORT, _NOBODY, _BEHAVIOUR),
        Situation.UNUSABLE: (_ABORT, _ABORT, _NOBODY, _BEHAVIOUR),
        Situation.MISMATCH: (_ABORT, _ABORT, _NOBODY, _BEHAVIOUR),
        Situation.NAME_NOT_CERTIFIED: (_ABORT, _ABORT, _ABORT, _NAMES),
        Situation.NOT_FOR_RAW_KEYS: (_ABORT, _ABORT, _NOBODY, "Raw Public Keys"),
        Situation.MATCH: (_ACCEPT, _ACCEPT, _ACCEPT, _BEHAVIOUR),
    },
)

_SEEDS_2022 = _clients(
    "draft-huque-dane-client-cert-08",
    {
        Situation.OLD_TLS: (_ABORT, _GENERAL, _GENERAL, "section 4"),
        Situation.UNSOLICITED: (_ABORT, _ABORT, _ABORT, "section 6; RFC 8446 section 4.2"),
        Situation.NO_CREDENTIAL: (_ABORT, _GENERAL, _GENERAL, "section 8"),
        Situation.MALFORMED_NAME: (_ABORT, _ABORT, _ABORT, "section 8"),
        # A client with no name, or with several, has failed; the newer draft says that it has not
        # asked for DANE.
        Situation.NO_NAME: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.NOT_LISTED: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.TIME_OUT: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.INDETERMINATE: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.BOGUS: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.INSECURE: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.SECURE_ABSENT: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.UNUSABLE: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.MISMATCH: (_ABORT, _ABORT, _NOBODY, "section 8"),
        Situation.NAME_NOT_CERTIFIED: (_ABORT, _ABORT, _ABORT, "section 5"),
        Situation.NOT_FOR_RAW_KEYS: (_ABORT, _ABORT, _NOBODY, "section 7"),
        Situation.MATCH: (_ACCEPT, _ACCEPT, _ACCEPT, "section 8"),
    },
)

CLIENT_RULES = {
    Profile.CLIENT_AUTH_13: ClientRules((1, 3), reads_certificate=False, table=_CLIENT_AUTH_13),
    Profile.SEEDS_2022: ClientRules((1, 2), reads_certificate=True, table=_SEEDS_2022),
}
"""By which a server judges clients."""

SERVER_RULES: Table = {
    # RFC 6698 section 4.1: no connection if the answer is bogus or cannot be had; an attacker
    # could otherwise turn DANE off by suppressing the record. Its "indeterminate", a name without
    # trust anchor, would be no obstacle; ours is wider, so it is one.
    Situation.TIME_OUT: Row(_ABORT, _ABORT, _ABORT, "RFC 7671 section 2.1"),
    Situation.INDETERMINATE: Row(_ABORT, _ABORT, _ABORT, "RFC 7671 section 2.1"),
    Situation.BOGUS: Row(_ABORT, _ABORT, _ABORT, "RFC 6698 section 4.1"),
    Situation.INSECURE: Row(_ABORT, _GENERAL, _GENERAL, "RFC 6698 section 4.1"),
    Situation.SECURE_ABSENT: Row(_ABORT, _GENERAL, _GENERAL, "RFC 6698 section 4.1"),
    Situation.UNUSABLE: Row(_ABORT, _GENERAL, _GENERAL, "RFC 6698 section 4.1"),
    # RFC 7671 section 4.1: usable records are there, so nothing else can vouch for the server.
    Situation.NO_CREDENTIAL: Row(_ABORT, _ABORT, _ABORT, "RFC 7671 section 4.1"),
    Situation.MISMATCH: Row(_ABORT, _ABORT, _ABORT, "RFC 7671 section 4.1"),
    Situation.MATCH: Row(_ACCEPT, _ACCEPT, _ACCEPT, "RFC 7671 section 4.1"),
}
"""By which a client judges servers."""
