"""The rules of DANE: usable records, their match, and the decisions of servers and clients."""

from lab.core.rules import Ede, rule

_DRAFT = "draft-ietf-dance-client-auth-13"

# Which records count.

USAGE_KNOWN = rule("tlsa.usage", "the certificate usage is 0, 1, 2 or 3", "RFC 6698 section 2.1.1")
USAGE_SUPPORTED = rule(
    "tlsa.usage-supported",
    "the application supports this certificate usage",
    "RFC 7672 section 3.1.3",
    hint="Mail servers publish 3 1 1 or 2 1 1; usages 0 and 1 count for nothing there.",
)
SELECTOR_KNOWN = rule(
    "tlsa.selector",
    "the selector is 0 or 1",
    "RFC 6698 section 2.1.2",
    hint="255 is C509 for those who ask for it: `--experimental-c509`.",
)
MATCHING_KNOWN = rule(
    "tlsa.matching-type", "the matching type is 0, 1 or 2", "RFC 6698 section 2.1.3"
)
WELL_FORMED = rule(
    "tlsa.data",
    "the data has the length of its digest, or is the DER that it should be",
    "RFC 6698 section 4.1",
    hint="Make the record again from the certificate; nobody should type these digits.",
)
STRONGEST = rule(
    "tlsa.digest-agility",
    "no stronger digest is published with the same usage and selector",
    "RFC 7671 section 9",
    hint="Publish both digests of every certificate, or only one kind of digest.",
)
USABLE = rule(
    "tlsa.usable",
    "at least one record is usable",
    "RFC 6698 section 4.1",
    hint="A set without usable records protects nobody: publish a 3 1 1 or a 2 1 1.",
)

# Whether a record matches.

MATCHES_LEAF = rule(
    "tlsa.matches-leaf",
    "the data is that of the first certificate that the peer sent",
    "RFC 7671 section 5.1",
    hint="Somebody else's key, or a change out of order: publish, wait two TTLs, then deploy.",
)
MATCHES_AUTHORITY = rule(
    "tlsa.matches-authority",
    "the data is that of a CA on the way from the leaf upwards",
    "RFC 7671 section 5.2",
    hint="The peer must send the CA that its record names (RFC 7671 section 5.2.2).",
)
PKIX_PATH = rule(
    "tlsa.pkix-path",
    "the path leads to a root that we trust without DANE",
    "RFC 6698 section 2.1.1",
    hint="Usages 0 and 1 need a common root; between two operators of their own, use 2 or 3.",
)
PATH_HOLDS = rule(
    "tlsa.path", "the certification path up to the anchor holds", "RFC 7671 section 5.2"
)
MATCH = rule("tlsa.match", "one usable record matches", "RFC 7671 section 10.1")

# Before a server asks the DNS about a client.

TLS_VERSION = rule(
    "client.tls-version",
    "the connection uses TLS 1.3",
    f"{_DRAFT}, Introduction",
    hint="In TLS 1.2 the client's name would travel in clear.",
)
SOLICITED = rule(
    "client.solicited",
    "the client sends its identity only if it was asked for",
    "RFC 8446 section 4.2",
)
CERTIFICATE = rule(
    "client.certificate",
    "the client shows a certificate or a raw public key",
    f"{_DRAFT}, Server Behavior",
)
EXTENSION = rule(
    "client.extension",
    "the client names itself with the dane_clientid extension",
    f"{_DRAFT}, Server Behavior",
    hint="Configure the client with its identity, or let the server take other clients, too.",
)
EXTENSION_FORM = rule(
    "client.extension-form",
    "the extension holds one name that is not empty",
    f"{_DRAFT}, dane_clientid",
)
IDENTITY_NAME = rule(
    "client.name",
    "the identity is a domain name of letters, digits, hyphens and underscores",
    f"{_DRAFT}, dane_clientid",
)
SINGLE_SAN = rule(
    "client.single-san",
    "without a name in the extension, the certificate has exactly one dNSName",
    "draft-huque-dane-client-cert-08 section 5",
)
ALLOW_LIST = rule(
    "client.allow-list",
    "the identity lies below a domain of the allow-list",
    f"{_DRAFT}, Server Behavior",
    Ede.PROHIBITED,
    hint="Nothing is asked of the DNS for others, so that strangers cannot make us work.",
)

# What the DNS said, and what follows.

ANSWERED = rule(
    "dane.answered",
    "the DNS gave an answer in time",
    "RFC 7671 section 2.1",
    hint="No answer is not the answer no: somebody may hold it back (RFC 7672 section 2.1.2).",
)
DETERMINATE = rule(
    "dane.determinate",
    "the answer about the TLSA RRset could be had, with all that it takes to judge it",
    "RFC 6698 section 4.1",
)
NOT_BOGUS = rule(
    "dane.not-bogus",
    "the answer about the TLSA RRset is not bogus",
    "RFC 6698 section 4.1",
    hint="The zone is broken or somebody forges it; `lab validate` tells which.",
)
SECURE = rule(
    "dane.secure",
    "the zone of the TLSA RRset is signed, and its chain of trust reaches up to the anchor",
    "RFC 6698 section 4.1",
    hint="Sign the zone and hand its DS to the parent; an insecure TLSA record proves nothing.",
)
PRESENT = rule(
    "dane.present",
    "a TLSA RRset exists at the name",
    "RFC 6698 section 4.1",
    hint="Publish the record at exactly the name that the peer gives.",
)
REDIRECTION_SECURE = rule(
    "dane.redirection",
    "the SRV, MX or NAPTR RRset that leads to the host is validated and secure",
    "RFC 7673 section 3.1",
    hint="Sign the zone of the service, too: who can redirect us can show a record of his own.",
)
BASE_DOMAIN = rule(
    "dane.base-domain",
    "a TLSA base domain follows from the host, its aliases and its addresses",
    "RFC 7671 section 7",
)
AUTHENTICATED = rule(
    "dane.authenticated", "a usable TLSA record matches the peer", "RFC 7671 section 10.1"
)
RAW_PUBLIC_KEY = rule(
    "client.raw-public-key",
    "a raw public key is matched by usage DANE-EE and selector SPKI only",
    f"{_DRAFT}, Raw Public Keys",
)
NAME_IN_SAN = rule(
    "client.name-in-san",
    "with usages 0, 1 and 2 the identity is a dNSName of the certificate",
    f"{_DRAFT}, Client Identifiers",
)
