"""Rules of the means that stand beside DANE in a story: first use, and public logs."""

from lab.core.rules import rule

REMEMBERED = rule(
    "trust.first-use",
    "the key is that of the first time",
    "RFC 7435 section 3 (trust on first use)",
    hint="Nobody can tell an attack from a new key: ask the holder by another way.",
)
LOGGED = rule(
    "trust.logged",
    "the certificate stands in a public log",
    "RFC 9162 section 8.1",
    hint="The CA must log what it issues, and the server show that it did.",
)
EXPECTED = rule(
    "trust.log-expected",
    "the public log has no certificate for the name that its holder does not use",
    "RFC 9162 section 8.2",
    hint="Have it revoked, and ask the CA how it came about.",
)
