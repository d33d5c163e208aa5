"""Which CA may issue for a name, by the CAA records of its holder (RFC 8659).

Decides: does this RRset, found by climbing the tree of names, let that CA issue? Not: where it is.
"""

import re
from collections.abc import Iterator

from lab.core.checks import Check, check
from lab.core.frozen import dataclass
from lab.pki import issuance_rules as rules

CRITICAL = 0x80
# RFC 8659 sections 4.2 and 4.3; iodef (section 4.4) forbids nothing.
_ISSUE, _ISSUE_WILD = "issue", "issuewild"
_UNDERSTOOD = {_ISSUE, _ISSUE_WILD, "iodef"}
# RFC 8659 section 4.2: a domain name, and parameters that are for the CA alone.
_LABEL = r"[a-z0-9](?:-*[a-z0-9])*"
_VALUE = re.compile(rf"[ \t]*({_LABEL}(?:\.{_LABEL})*)?[ \t]*(?:;.*)?", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Caa:
    """Hold one property.

    Attributes:
        flags: bit 0x80: who does not understand the tag must not issue.
        tag: in lower case, e.g. "issue".
        value: as text.
    """

    flags: int
    tag: str
    value: str

    @property
    def issuer(self) -> str:
        """Return the domain of the CA that it names; empty if it lets nobody issue.

        RFC 8659 section 4.2: a malformed value is read like an empty one.
        """
        found = _VALUE.fullmatch(self.value)
        return (found[1] or "").lower() if found else ""

    def __str__(self) -> str:
        """Return it as a master file has it."""
        return f'{self.flags} {self.tag} "{self.value}"'


def judge_caa(name: str, records: tuple[Caa, ...], issuer: str) -> Iterator[Check]:
    """Iterate over the checks whether the CA *issuer* may issue for *name*.

    Args:
        name: a dNSName, perhaps with a wildcard.
        records: the relevant RRset; empty if nobody has said anything.
        issuer: the domain by which CAA records name the CA.
    """
    shown = ", ".join(map(str, records)) or "none"
    strange = [one.tag for one in records if one.flags & CRITICAL and one.tag not in _UNDERSTOOD]
    # RFC 8659 section 4.1: a critical property that one does not understand forbids to issue.
    yield check(
        rules.CAA_CRITICAL, not strange, name, records=shown, unknown=", ".join(strange) or "none"
    )
    allowed = _issuers(name, records)
    # RFC 8659 section 4.2: without issue properties the set restricts nobody.
    holds = allowed is None or issuer.lower() in allowed
    permitted = "everybody" if allowed is None else ", ".join(filter(None, allowed)) or "nobody"
    yield check(rules.CAA_PERMITS, holds, name, records=shown, issuer=issuer, permitted=permitted)


def _issuers(name: str, records: tuple[Caa, ...]) -> list[str] | None:
    """Return who may issue for *name*; None if everybody may."""
    own = [one.issuer for one in records if one.tag == _ISSUE]
    wild = [one.issuer for one in records if one.tag == _ISSUE_WILD]
    # RFC 8659 section 4.3: issuewild counts for wildcard names only, and there instead of issue.
    if name.startswith("*."):
        return wild or own or None
    return own or None
