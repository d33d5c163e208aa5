"""The rules of certification path validation (RFC 5280 section 6.1)."""

from lab.core.rules import rule

COMPLETE = rule(
    "path.complete",
    "a chain of issuers leads from the leaf to a trust anchor",
    "RFC 5280 section 6.1",
    hint="The peer sends its intermediates (for DANE-TA its root, too), and we trust its root.",
)
READABLE = rule(
    "path.readable",
    "every certificate on the path can be decoded",
    "RFC 5280 section 4.1",
)
SIGNATURE = rule(
    "path.signature",
    "the certificate is signed by the key of its issuer, with SHA-256 or better",
    "RFC 5280 section 6.1.3 (a)(1)",
    hint="Another key has signed: compare the issuer's certificate with the one that was sent.",
)
VALIDITY = rule(
    "path.validity",
    "now lies between notBefore and notAfter",
    "RFC 5280 section 6.1.3 (a)(2)",
    hint="Renew the certificate; with selector SPKI and the same key, the TLSA record stays.",
)
IS_CA = rule(
    "path.ca",
    "an issuing certificate is marked as a CA",
    "RFC 5280 section 6.1.4 (k)",
)
PATH_LENGTH = rule(
    "path.length",
    "not more CAs follow than the path length constraint allows",
    "RFC 5280 section 6.1.4 (l) and (m)",
)
KEY_CERT_SIGN = rule(
    "path.key-cert-sign",
    "the key usage of an issuing certificate, if given, includes keyCertSign",
    "RFC 5280 section 6.1.4 (n)",
)
NAME_CONSTRAINTS = rule(
    "path.name-constraints",
    "the names lie within what the issuers are allowed to certify",
    "RFC 5280 section 6.1.3 (b) and (c)",
)
CRITICAL = rule(
    "path.critical-extensions",
    "no critical extension is unknown to us",
    "RFC 5280 section 6.1.5 (f)",
)
PURPOSE = rule(
    "path.purpose",
    "the extended key usage, if given, allows the part that the peer plays",
    "RFC 5280 section 4.2.1.12",
    hint="A client's certificate needs clientAuth, a server's needs serverAuth.",
)
NAME = rule(
    "path.name",
    "a dNSName of the leaf is the name that we expect",
    "RFC 9525 section 6.3",
    hint="Issue the certificate for the name under which peers know its holder.",
)
CRL_AVAILABLE = rule(
    "path.crl-available",
    "there is a current CRL, signed by the issuer",
    "RFC 5280 section 6.3.3",
    hint="The verifier must fetch the CRL of this issuer, or its issuer must make the next one.",
)
NOT_REVOKED = rule(
    "path.not-revoked",
    "the issuer has not revoked the certificate",
    "RFC 5280 section 6.1.3 (a)(3)",
    hint="Get a new certificate, with a new key if the old one was stolen.",
)
