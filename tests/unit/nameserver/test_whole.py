"""A whole zone in octets is the zone that `publication` describes."""

from dataclasses import replace

import pytest
from dns.rdatatype import RdataType
from dns.zonetypes import DigestHashAlgorithm

from lab.core.instant import DAY
from lab.dnssec.algorithms import by_mnemonic
from lab.dnssec.keys import KeyRole, KeySet, generate
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.entries import Entry, entry_of
from lab.nameserver.publication import publication
from lab.nameserver.tree import ServedZone, grow
from lab.nameserver.whole import PART, Share, parts
from tests.fakes import NOW, name, served
from tests.unit.nameserver.test_entries import TEXT as TYPES

APEX = name("example.")
TEXT = f"""{TYPES}
*.Wild 60 A 192.0.2.1
a 60 NS ns.a
ns.a 60 A 192.0.2.2
d 60 NS ns.d.test.
d 60 DS 1 13 2 {"ab" * 32}
z.e.n.t 60 TXT "b"
z.e.n.t 60 TXT "a"
""" + "".join(f"n{number} 60 A 192.0.2.3\n" for number in range(2 * PART))


def zone(mode: DenialMode = DenialMode.NSEC, text: str = TEXT) -> ServedZone:
    return served({"example.": text}, denial=DenialPolicy(mode))[APEX]


def written(zone: ServedZone, before: list[Entry] | None = None) -> list[Entry]:
    known = {one.key: one for one in before or ()}
    return [entry for part in parts(zone, NOW, known) for entry in part]


def described(zone: ServedZone) -> list[Entry]:
    return sorted(entry_of(one) for one in publication(zone, NOW))


@pytest.mark.parametrize("mode", DenialMode)
def test_it_has_the_octets_of_what_is_described(mode: DenialMode) -> None:
    entries = written(zone(mode))
    assert sorted(entries) == described(zone(mode))
    assert entries[0].rdtype == RdataType.SOA


def test_an_unsigned_zone_is_written_as_it_is() -> None:
    bare = ServedZone(zone().zone, None)
    assert sorted(written(bare)) == described(bare)


def test_a_zone_with_a_digest_has_it_over_what_is_written() -> None:
    one = zone()
    assert one.signer is not None
    digested = ServedZone(one.zone, replace(one.signer, zonemd=int(DigestHashAlgorithm.SHA384)))
    assert sorted(written(digested)) == described(digested)


def test_several_shares_are_the_whole_each_part_once() -> None:
    whole = list(parts(zone(), NOW))
    shares = [list(parts(zone(), NOW, share=Share(number, 2))) for number in range(2)]
    assert len(whole) == 3
    assert [shares[0][0], shares[1][0], shares[0][1]] == whole


def test_a_signature_of_before_is_taken_over_where_it_fits() -> None:
    key = generate(APEX, KeyRole.CSK, by_mnemonic("MLDSA44"))
    one = zone(text="@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\na 60 A 192.0.2.1\nb 60 A 192.0.2.1\n")
    assert one.signer is not None
    # No two signatures of this algorithm are alike.
    first = grow(one.zone, replace(one.signer, keys=KeySet((key,))), (), {})
    entries = written(first)
    assert written(first) != entries
    assert written(first, entries) == entries
    changed = ServedZone(first.zone.with_records("a 60 A 192.0.2.2\n", "edit"), first.signer)
    signatures = {one for one in entries if one.rdtype == RdataType.RRSIG}
    (fresh,) = {one for one in written(changed, entries) if one.rdtype == 46} - signatures
    assert fresh.owner == b"\1a\7example\0"
    later = [entry for part in parts(first, NOW + 7 * DAY, {}) for entry in part]
    assert not signatures & set(later)


def test_no_signature_is_taken_over_from_another_key_with_the_same_tag() -> None:
    one = zone(text="@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS ns\n")
    assert one.signer is not None
    first, second = (generate(APEX, KeyRole.CSK, by_mnemonic("ED25519")) for _ in range(2))
    object.__setattr__(second, "tag", first.tag)
    entries = written(grow(one.zone, replace(one.signer, keys=KeySet((first,))), (), {}))
    other = grow(one.zone, replace(one.signer, keys=KeySet((second,))), (), {})
    assert written(other, entries) == written(other)
