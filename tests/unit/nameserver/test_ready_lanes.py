"""Which questions follow others in a lane. What they are told: tests/properties."""

import pytest

from lab.nameserver import ready_lanes
from lab.nameserver.counters import Tally
from lab.nameserver.denying import DenialMode, DenialPolicy
from lab.nameserver.ready import ReadyAnswers
from lab.nameserver.ready_denial import ReadyDenials
from lab.nameserver.server import NameServer
from tests.fakes import NOW, PEER, query, served

TEXT = "@ 60 SOA ns h 1 2 3 4 60\n@ 60 NS ns\nns 60 A 192.0.2.1\nwww 60 A 192.0.2.2\n"
CHILD = "@ 60 SOA ns.example. h.example. 1 2 3 4 60\n@ 60 NS ns.example.\n"
MODES = [DenialMode.NSEC, DenialMode.NSEC3, DenialMode.COMPACT]
CHAINS = pytest.mark.parametrize("mode", MODES)


class Asked:
    """Hold what is ready, and what is so without reading a question in full."""

    def __init__(self, mode: DenialMode) -> None:
        texts = {"example.": TEXT, "alone.example.": CHILD}
        self.names = NameServer(served(texts, "alone.example.", denial=DenialPolicy(mode)))
        self.denials = ReadyDenials(self.names)
        self.ready = ReadyAnswers(self.names, lambda _wire, _answer: Tally(), self.denials)

    def is_at_once(self, wire: bytes) -> bool:
        """Tell whether *wire* is in a lane; if so, it is told what the nameserver says."""
        sent = self.denials.at_once(wire, NOW)
        assert sent is None or wire[:2] + sent[0] == self.names.respond(wire, PEER, NOW)
        self.ready.answer(wire, NOW)
        return sent is not None


def wire_of(qname: str, payload: int = 1232) -> bytes:
    return query(qname, payload=payload).to_wire()


def test_another_label_in_the_gap_is_all_that_is_read() -> None:
    asked = Asked(DenialMode.NSEC)
    assert not asked.is_at_once(wire_of("xa.example."))
    assert asked.is_at_once(wire_of("XBBB.example."))
    assert not asked.is_at_once(wire_of("xc.EXAMPLE."))
    assert not asked.is_at_once(wire_of("xd.example.", payload=512))


@CHAINS
def test_a_zone_that_nobody_delegated_is_in_no_lane(mode: DenialMode) -> None:
    asked = Asked(mode)
    wires = [wire_of(f"al{one}.example.") for one in range(40)]
    assert True in [asked.is_at_once(one) for one in wires]
    assert not asked.is_at_once(wire_of("alone.example."))


@CHAINS
def test_octets_that_are_no_label_are_in_no_lane(mode: DenialMode) -> None:
    asked = Asked(mode)
    wires = [wire_of(f"x{one}.example.") for one in range(40)]
    assert True in [asked.is_at_once(one) for one in wires]
    rest = wires[0][12 + 1 + wires[0][12] :]
    for label in (b"\0", b"\x40" + b"x" * 64, b"\xc0" + b"x" * 192):
        assert not asked.is_at_once(wires[0][:12] + label + rest)
    assert not asked.is_at_once(wires[0][:12])


def test_a_name_may_be_too_long_for_its_lane() -> None:
    asked = Asked(DenialMode.NSEC)
    below = ".".join(["x" * 60] * 3) + ".www.example."
    names = NameServer(served({"example.": f"{TEXT}{below} 60 A 192.0.2.3\n"}))
    asked.names, asked.denials = names, ReadyDenials(names)
    asked.ready = ReadyAnswers(names, lambda _wire, _answer: Tally(), asked.denials)
    first = wire_of(f"y.{below}")
    asked.is_at_once(first)
    longest = 255 - len(wire_of(below)[12:-15])
    for length, fits in ((longest - 1, True), (longest, False)):
        label = bytes([length]) + b"y" * length
        assert (asked.denials.at_once(first[:12] + label + first[14:], NOW) is not None) == fits


def test_lanes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready_lanes, "CAPACITY", 2)
    asked = Asked(DenialMode.NSEC)
    for payload in (600, 700, 800):
        asked.is_at_once(wire_of("xa.example.", payload=payload))
    assert asked.is_at_once(wire_of("xb.example.", payload=800))
    assert not asked.is_at_once(wire_of("xb.example.", payload=600))
