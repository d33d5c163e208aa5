"""The next snapshot of a zone from the last one, when little has changed: what IXFR is for.

Decides: which owners have to be written and signed anew. With NSEC, an owner that comes or goes
changes the record of the one before it; with hashed owners that may be anywhere, and so all is
looked at again.
"""

from collections.abc import Iterator, Mapping
from itertools import islice

from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.instant import Instant
from lab.dnssec.canonical import name_octets
from lab.nameserver.denial_nsec import NsecDenial
from lab.nameserver.difference import changed_owners
from lab.nameserver.entries import Entry, Key, key_of
from lab.nameserver.tree import ServedZone
from lab.nameserver.whole import written

# With more owners, several processes are quicker.
OWNERS_LIMIT = 1000

Changes = dict[Key, Entry | None]
"""What has come, or has changed; None for what has gone."""


def changes(
    older: ServedZone, newer: ServedZone, signed_at: Instant, before: Mapping[Key, Entry]
) -> Changes | None:
    """Return what *newer* publishes else than *older*; None: more than that has to be looked at.

    Args:
        older: a version without faults.
        newer: a later one.
        signed_at: the moment as of which both are signed.
        before: what *older* publishes.
    """
    owners = _owners(older, newer)
    if owners is None:
        return None
    found: Changes = {key: None for owner in owners for key in _keys(older, owner)}
    found |= {one.key: one for one in written(newer, signed_at, before, owners)}
    return {key: entry for key, entry in found.items() if entry != before.get(key)}


def _owners(older: ServedZone, newer: ServedZone) -> list[Name] | None:
    """Return the owners of which anything may be published that was not."""
    signer, old, new = newer.signer, older.zone, newer.zone
    if signer != older.signer or old.negative_ttl != new.negative_ttl:
        return None
    if signer is not None and signer.zonemd is not None:
        return None
    changed = list(islice(changed_owners(old, new), OWNERS_LIMIT + 1))
    if len(changed) > OWNERS_LIMIT:
        return None
    if signer is None:
        return changed
    moved = [one for one in changed if not _has_the_same_types(older, newer, one)]
    if moved and not isinstance(newer.denial, NsecDenial):
        return None
    neighbours = (new.owner_before(one) for one in moved)
    return list(dict.fromkeys([*changed, *(one for one in neighbours if one is not None)]))


def _has_the_same_types(older: ServedZone, newer: ServedZone, owner: Name) -> bool:
    old, new = older.zone.leaf(owner), newer.zone.leaf(owner)
    return old is not None and new is not None and (old.types, old.flags) == (new.types, new.flags)


def _keys(served: ServedZone, owner: Name) -> Iterator[Key]:
    """Iterate over the keys of what may be published at *owner*."""
    octets = name_octets(owner)
    for rdtype in (*served.zone.types(owner), RdataType.NSEC):
        yield key_of(octets, int(rdtype))
        yield key_of(octets, int(RdataType.RRSIG), rdtype.to_bytes(2, "big"))
