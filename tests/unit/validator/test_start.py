"""Where a validator starts: anchors as IANA publishes them, root hints."""

import base64
import re

import pytest
from dns.name import root
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from lab.api import iana_anchors, iana_hints
from lab.core.errors import InputError
from lab.core.instant import DAY, Instant
from lab.dnssec.delegation import matches
from lab.validator.start import parse_hints, read_anchors
from tests.unit.validator.zone import NOW

TODAY = Instant(1_795_633_535)
KSK_2017, KSK_2024 = 20326, 38696


def test_the_shipped_anchors_are_digests_of_the_root_keys_beside_them() -> None:
    (anchor,) = read_anchors(iana_anchors(), "iana", TODAY)
    keys = [
        DNSKEY(RdataClass.IN, RdataType.DNSKEY, 257, 3, 8, base64.b64decode(text))
        for text in re.findall("<PublicKey>(.+?)</PublicKey>", iana_anchors())
    ]
    assert anchor.apex == root
    assert [one.key_tag for one in anchor.ds] == [KSK_2017, KSK_2024]
    assert all(matches(ds, root, key) for ds, key in zip(anchor.ds, keys, strict=True))


def test_a_digest_counts_from_its_first_day_on() -> None:
    (before,) = read_anchors(iana_anchors(), "iana", Instant(1_721_260_799))
    (then,) = read_anchors(iana_anchors(), "iana", Instant(1_721_260_800))
    assert [one.key_tag for one in before.ds] == [KSK_2017]
    assert [one.key_tag for one in then.ds] == [KSK_2017, KSK_2024]


def xml(until: str = "", digest: str = "AB" * 32, begin: str = "2017-02-02T00:00:00Z") -> str:
    return (
        f'<TrustAnchor><Zone>.</Zone><KeyDigest validFrom="{begin}"{until}><KeyTag>1</KeyTag>'
        f"<Algorithm>13</Algorithm><DigestType>2</DigestType><Digest>{digest}</Digest>"
        "</KeyDigest></TrustAnchor>"
    )


def test_a_digest_counts_until_its_last_moment() -> None:
    text = xml(f' validUntil="{NOW.datetime().isoformat()}"')
    assert read_anchors(text, "xml", NOW)
    with pytest.raises(InputError, match="no trust anchor that is valid at"):
        read_anchors(text, "xml", NOW + DAY)


def test_presentation_format_is_read_as_well() -> None:
    (anchor,) = read_anchors(f". IN DS 1 13 2 {'ab' * 32}\n", "text", NOW)
    assert anchor.ds[0].to_text() == f"1 13 2 {'ab' * 32}"
    assert read_anchors(xml(), "xml", NOW) == (anchor,)


@pytest.mark.parametrize(
    "text",
    [
        "<TrustAnchor>",
        "<TrustAnchor/>",
        xml(digest="zz"),
        xml(digest="ab"),
        xml(digest=" "),
        xml(begin="yesterday"),
        xml().replace(' validFrom="2017-02-02T00:00:00Z"', ""),
        xml().replace("<KeyTag>1<", "<KeyTag>70000<"),
        '<!DOCTYPE a [<!ENTITY b "c">]><a/>',
    ],
)
def test_a_broken_anchor_file_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^anchors\.xml: [^\n]+$"):
        read_anchors(text, "anchors.xml", NOW)


def test_the_shipped_hints_name_thirteen_servers() -> None:
    servers = parse_hints(iana_hints(), "iana")
    assert [str(one.name)[0] for one in servers] == list("abcdefghijklm")
    assert len({one.address for one in servers}) == 13


@pytest.mark.parametrize("text", ["", ". IN NS a.", "a. IN A 192.0.2.1", ". IN NS", "?"])
def test_what_leads_to_no_server_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^hints: [^\n]+$"):
        parse_hints(text, "hints")
