"""Rules by which a parent accepts what CDS and CDNSKEY ask for."""

from lab.core.rules import rule

CDS_SECURE = rule(
    "cds.secure",
    "the CDS RRset of the child is there, and secure",
    "RFC 7344 section 4.1",
)
CDS_AGREES = rule(
    "cds.agrees",
    "CDS and CDNSKEY ask for the same keys",
    "RFC 7344 section 4",
    hint="the child publishes both from one list of keys",
)
CDS_SIGNED_BY_DS = rule(
    "cds.signed-by-ds",
    "a key that the present DS RRset names has signed the CDS RRset",
    "RFC 7344 section 4.1",
    hint="the child signs CDS with its key-signing key",
)
CDS_CONTINUES = rule(
    "cds.continues",
    "with the DS RRset that is asked for, the child's keys are still a chain",
    "RFC 7344 section 4.1",
    hint="the child publishes a key, and signs with it, before it asks for its DS alone",
)
FIRST_ASKED = rule(
    "cds.first-asked",
    "the child has no DS yet, and asks for one by CDS and CDNSKEY",
    "RFC 9615 section 4.2",
)
FIRST_SAME = rule(
    "cds.first-same",
    "each nameserver of the child, asked itself, asks for the same DS",
    "RFC 9615 section 4.2",
    hint="all nameservers that the parent delegates to serve one version of the zone",
)
SIGNAL_SECURE = rule(
    "cds.signal-secure",
    "below the name of the nameserver stand CDS and CDNSKEY of the child, secure",
    "RFC 9615 section 4.2",
    hint="the DNS operator publishes them in the zone of each of its nameservers",
)
SIGNAL_AGREES = rule(
    "cds.signal-agrees",
    "below the name of the nameserver stands what the child itself says",
    "RFC 9615 section 4.2",
)
