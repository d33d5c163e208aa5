"""Identifiers, NetIDs and their names in DNS."""

import dns.name
import pytest

from lab.core.errors import InputError
from lab.lorawan.identifiers import DevAddr, Eui64, NetId, join_eui_name, net_id_name


@pytest.mark.parametrize(
    "text",
    ["AC01DAC1DA71B12A", "0xac01dac1da71b12a", "ac-01-da-c1-da-71-b1-2a", " ac01dac1da71b12a"],
)
def test_an_identifier_is_read_as_people_write_it(text: str) -> None:
    assert str(Eui64.from_text(text)) == "ac01dac1da71b12a"


@pytest.mark.parametrize("text", ["", "ac01", "ac01dac1da71b12g", "ac 01 da c1 da 71 b1 2a", "0x"])
def test_what_is_no_identifier_is_told(text: str) -> None:
    with pytest.raises(InputError, match="is no EUI-64: expected 16 hex digits"):
        Eui64.from_text(text)


def test_octets_of_another_size_are_no_identifier() -> None:
    with pytest.raises(InputError, match="a DevAddr has 4 octets, this has 3: 010203"):
        DevAddr(b"\1\2\3")


def test_an_identifier_travels_reversed() -> None:
    assert NetId.from_text("00050a").wire == b"\x0a\x05\x00"
    assert NetId.from_wire(b"\x0a\x05\x00") == NetId.from_text("00050a")


# NetID, type, bits of the prefix, first address: ChirpStack, lrwn/src/netid.rs.
PREFIXES = [
    ("00006d", 0, 7, "5a000000"),
    ("20006d", 1, 8, "ad000000"),
    ("40036d", 2, 12, "d6d00000"),
    ("76db6d", 3, 15, "e6da0000"),
    ("96db6d", 4, 17, "f5b68000"),
    ("b6db6d", 5, 19, "fb6da000"),
    ("d6db6d", 6, 22, "fd6db400"),
    ("f6db6d", 7, 25, "fe6db680"),
]


@pytest.mark.parametrize(("text", "kind", "bits", "first"), PREFIXES)
def test_the_first_bits_of_an_address_tell_its_network(
    text: str, kind: int, bits: int, first: str
) -> None:
    net_id = NetId.from_text(text)
    assert (net_id.type, net_id.prefix_bits, str(net_id.dev_addr(0))) == (kind, bits, first)
    last = net_id.dev_addr((1 << (32 - bits)) - 1)
    assert net_id.owns(last)
    following = int.from_bytes(last.octets, "big") + 1
    assert not net_id.owns(DevAddr(following.to_bytes(4, "big")))


def test_a_network_has_only_so_many_addresses() -> None:
    with pytest.raises(InputError, match="NetID f6db6d has 128 addresses, there is none 128"):
        NetId.from_text("f6db6d").dev_addr(128)


def test_a_join_eui_is_found_digit_by_digit_from_the_end() -> None:
    # Backend Interfaces 1.0 section 19.1.
    name = join_eui_name(Eui64.from_text("00-00-5E-10-00-00-00-2F"))
    assert name.to_text() == "f.2.0.0.0.0.0.0.0.1.e.5.0.0.0.0.joineuis.lora-alliance.org."


def test_a_net_id_is_one_label_and_not_reversed() -> None:
    suffix = dns.name.from_text("netid.iotreg.net")
    assert net_id_name(NetId.from_text("00050A")).to_text() == "00050a.netids.lora-alliance.org."
    assert net_id_name(NetId.from_text("60050a"), suffix).to_text() == "60050a.netid.iotreg.net."


def test_a_suffix_can_be_too_long() -> None:
    suffix = dns.name.from_text(".".join(["a" * 61] * 4))
    with pytest.raises(InputError, match="is no domain name"):
        join_eui_name(Eui64(bytes(8)), suffix)
