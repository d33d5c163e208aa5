"""Compare the names in a certificate with the one that we expect (RFC 9525, RFC 5280 4.2.1.10)."""

import dns.exception
import dns.name
from cryptography import x509
from dns.name import Name

from lab.pki.contents import Contents

_WILDCARD = b"*"


def presented_name(text: str) -> Name | None:
    """Return a dNSName as an absolute name, or None if it is none."""
    try:
        return dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        return None


def matches(presented: str, expected: Name) -> bool:
    """Tell whether the dNSName *presented* stands for *expected* (RFC 9525 section 6.3).

    A wildcard is the whole left-most label and stands for exactly one label; a common name is
    never looked at.
    """
    name = presented_name(presented.lower())
    if name is None or len(name.labels) != len(expected.labels):
        return False
    if name.labels[0] == _WILDCARD:
        return name.labels[1:] == expected.canonicalize().labels[1:]
    return name.labels == expected.canonicalize().labels


def constraint_breach(contents: Contents, constraints: x509.NameConstraints) -> str:
    """Return what in *contents* an issuer with *constraints* must not certify; empty if nothing.

    Constraints on forms of names other than dNSName are not evaluated: a certificate that bears
    such names is refused rather than waved through.
    """
    permitted = list(constraints.permitted_subtrees or ())
    excluded = list(constraints.excluded_subtrees or ())
    if contents.other_names and any(
        not isinstance(one, (x509.DNSName, x509.DirectoryName)) for one in permitted + excluded
    ):
        return "a form of name that is constrained and not understood"
    if any(isinstance(one, x509.DirectoryName) for one in permitted + excluded):
        return "a constraint on the distinguished name, which is not understood"
    return next(
        (name for name in contents.dns_names if not _allowed(name, permitted, excluded)), ""
    )


def _allowed(
    text: str, permitted: list[x509.GeneralName], excluded: list[x509.GeneralName]
) -> bool:
    name = presented_name(text)
    allowed = [presented_name(one.value) for one in permitted if isinstance(one, x509.DNSName)]
    denied = [presented_name(one.value) for one in excluded if isinstance(one, x509.DNSName)]
    if name is None:
        return not allowed and not denied
    if any(base is None or name.is_subdomain(base) for base in denied):
        return False
    return not allowed or any(base is not None and name.is_subdomain(base) for base in allowed)
