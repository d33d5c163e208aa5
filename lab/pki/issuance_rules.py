"""The rules by which a public CA decides whether to issue a certificate."""

from lab.core.rules import rule

LABELS = rule(
    "issuance.labels",
    "the name has at most as many labels as the CA accepts",
    "RFC 8555 section 6.7 (rejectedIdentifier), by the policy of a CA",
    hint="No public CA will do: use a CA of your own, or a self-signed certificate, with DANE.",
)
LENGTH = rule(
    "issuance.length",
    "the name fits into a certificate and into the DNS: 253 characters, 63 in a label",
    "RFC 1034 section 3.1",
)
SYNTAX = rule(
    "issuance.syntax",
    "the name consists of letters, digits and hyphens; a public CA takes no underscore",
    "RFC 5280 section 4.2.1.6",
    hint="Owner names of DANE clients such as _device are kept out of the web PKI on purpose.",
)
COMMON_NAME = rule(
    "issuance.common-name",
    "the common name, if one is asked for, has at most 64 characters",
    "RFC 5280 appendix A.1 (ub-common-name)",
    hint="Ask for names in subjectAltName only.",
)
NAMES = rule(
    "issuance.names",
    "the order has at least one name, and at most as many as the CA accepts",
    "RFC 8555 section 7.4",
)
CONTROL = rule(
    "issuance.control",
    "the holder of the name has put the expected TXT record at _acme-challenge",
    "RFC 8555 section 8.4",
    hint="Put the record into the zone, and let every nameserver have it, before asking.",
)
AUTHENTIC = rule(
    "issuance.dns",
    "the DNS answers, and DNSSEC does not contradict it",
    "RFC 8659 section 3",
    hint="A CA that cannot look up CAA must not issue: mend the zone.",
)
CAA_CRITICAL = rule(
    "issuance.caa-critical",
    "the CAA RRset has no critical property that the CA does not understand",
    "RFC 8659 section 4.1",
)
CAA_PERMITS = rule(
    "issuance.caa",
    "the CAA RRset of the name, or of its closest ancestor that has one, lets the CA issue",
    "RFC 8659 section 4.2",
    hint="Ask a CA that the holder of the name permits, or ask the holder to change the CAA RRset.",
)
