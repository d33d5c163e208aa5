"""Read the plain lines of a master file at once, and all others as dnspython does.

A plain line is `owner [TTL] [IN] TYPE data`, without quotes, brackets, escapes and comments, of one
of few types: large zones consist of little else. What is not quite as plain, or wrong, is left to
dnspython: so there is one grammar, and one text for each mistake.
"""

import re
from binascii import unhexlify
from collections.abc import Callable
from typing import NamedTuple

import dns.exception
import dns.name
from dns import ipv4, ipv6
from dns.name import Name
from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.NS import NS
from dns.rdtypes.ANY.PTR import PTR
from dns.rdtypes.ANY.TLSA import TLSA
from dns.rdtypes.IN.A import A
from dns.rdtypes.IN.AAAA import AAAA
from dns.tokenizer import Token, Tokenizer
from dns.zonefile import Reader

from lab.core.ordered import Order, OrderedName, order_of
from lab.core.rdatas import unchecked
from lab.core.rrsets import RRset
from lab.nameserver.gathering import Gathering

_NAME = r"(?:[A-Za-z0-9_*-]{1,63}\.)*[A-Za-z0-9_*-]{1,63}\.?"
_PLAIN = re.compile(
    rf"(@|{_NAME})[ \t]+(?:([0-9]{{1,9}})[ \t]+)?(?:IN[ \t]+)?"
    r"(?:(A|AAAA|TLSA)[ \t]+([0-9A-Fa-f.:]+(?:[ \t]+[0-9A-Fa-f]+)*)"
    rf"|(?:MX[ \t]+([0-9]{{1,5}})|(NS|PTR))[ \t]+({_NAME}))[ \t]*\n"
)
# RFC 1035 section 2.3.4; a label has its length before it.
_NAME_OCTETS, _LABEL_OCTETS = 255, 64
_TAILS_LIMIT = 1000
_TARGETS_LIMIT = 1000


_make_a = unchecked(A, RdataType.A, "address")
_make_aaaa = unchecked(AAAA, RdataType.AAAA, "address")
_make_tlsa = unchecked(TLSA, RdataType.TLSA, "usage", "selector", "mtype", "cert")
_make_mx = unchecked(MX, RdataType.MX, "preference", "exchange")
_ns = unchecked(NS, RdataType.NS, "target")
_ptr = unchecked(PTR, RdataType.PTR, "target")


def _address(text: str) -> Rdata:
    return _make_a(ipv4.canonicalize(text))


def _address_six(text: str) -> Rdata:
    return _make_aaaa(ipv6.canonicalize(text))


def _tlsa(text: str) -> Rdata:
    usage, selector, matching, *data = text.split()
    # What is too great, or no number at all, is a mistake.
    numbers = bytes((int(usage), int(selector), int(matching)))
    return _make_tlsa(*numbers, unhexlify("".join(data)))


def _mx(preference: str, exchange: Name) -> Rdata:
    number = int(preference)
    number.to_bytes(2, "big")
    return _make_mx(number, exchange)


_READERS: dict[str, tuple[RdataType, Callable[[str], Rdata]]] = {
    "A": (RdataType.A, _address),
    "AAAA": (RdataType.AAAA, _address_six),
    "TLSA": (RdataType.TLSA, _tlsa),
}
_NAMING: dict[str, tuple[RdataType, Callable[[Name], Rdata]]] = {
    "NS": (RdataType.NS, _ns),
    "PTR": (RdataType.PTR, _ptr),
}


class _Tail(NamedTuple):
    """Hold what comes after the first label of an owner: many lines have the same."""

    labels: tuple[bytes, ...]
    order: Order


class _Text:
    """Be a file of which a reader may take more than a character."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def read(self, _size: int) -> str:
        """Return the next character."""
        self.at += 1
        return self.text[self.at - 1 : self.at]


class _Lines(Tokenizer):
    """Cut a text into tokens, but offer each line as a whole before."""

    def __init__(self, text: str, where: str, take: Callable[[re.Match[str]], bool]) -> None:
        self._text, self._take = _Text(text), take
        super().__init__(self._text, where)

    def get(self, want_leading: bool = False, want_comment: bool = False) -> Token:  # noqa: FBT001, FBT002 as in dnspython
        """Return the next token."""
        # The reader asks for both at the beginning of a line, and only there.
        if want_leading and want_comment:
            self._take_plain_lines()
        return super().get(want_leading, want_comment)

    def _take_plain_lines(self) -> None:
        text = self._text
        while (found := _PLAIN.match(text.text, text.at)) is not None and self._take(found):
            text.at = found.end()
            self.line_number += 1


class PlainReader(Reader):
    """Read a master file into a `Gathering`; records outside the zone are a mistake."""

    def __init__(self, text: str, where: str, gathering: Gathering, ttl: int | None) -> None:
        """Read *text*, which errors call *where*; *ttl* is for records that give none."""
        lines = _Lines(text, where, self._take)
        super().__init__(lines, RdataClass.IN, gathering, default_ttl=ttl)
        self._gathering = gathering
        self._tails: dict[str, _Tail] = {}
        self._targets: dict[str, Name] = {}
        self._origin = self.current_origin
        self._apex_order = order_of(gathering.apex)

    def _eat_line(self) -> None:
        # dnspython calls this for the records of an owner that is not in the zone, and for no else.
        raise dns.exception.SyntaxError(f"{self.last_name} is not in the zone {self.zone_origin}")

    def _take(self, line: re.Match[str]) -> bool:
        """Take a line if there is nothing special about it; tell whether it was taken."""
        text, ttl_text, *rest = line.groups()
        ttl = self._implicit_ttl() if ttl_text is None else int(ttl_text)
        owner = self._owner(text)
        if owner is None or ttl is None:
            return False
        try:
            rdtype, rdata = self._rdata(*rest)
        except (ValueError, OverflowError, dns.exception.DNSException):
            return False
        if rdtype == RdataType.NS and owner.is_wild():
            return False
        if ttl_text is not None:
            # Most lines say the same: then they share the number.
            ttl = self.last_ttl = self.last_ttl if ttl == self.last_ttl else ttl
            self.last_ttl_known = True
        self.last_name = owner
        return self._gathering.add_plain(RRset(owner, rdtype, ttl, (rdata,)), owner.order)

    def _rdata(
        self,
        mnemonic: str | None,
        data: str,
        preference: str | None,
        naming: str,
        target: str,
    ) -> tuple[RdataType, Rdata]:
        """Return type and data of a line, which names a target or does not."""
        if mnemonic is not None:
            rdtype, read = _READERS[mnemonic]
            return rdtype, read(data)
        name = self._target(target)
        if preference is not None:
            return RdataType.MX, _mx(preference, name)
        rdtype, read_naming = _NAMING[naming]
        return rdtype, read_naming(name)

    def _owner(self, text: str) -> OrderedName | None:
        """Return the owner that *text* names; None if it may not be a name below the apex."""
        self._follow_origin()
        if text == "@":
            return self._at_origin()
        first, _, rest = text.partition(".")
        if len(self._tails) > _TAILS_LIMIT:
            self._tails = {}
        tail = self._tails.get(rest)
        if tail is None:
            tail = self._tails[rest] = self._tail(rest)
        if not tail.labels or (not rest and text.endswith(".")):
            return None
        label = first.encode()
        small = label.lower()
        order = (*tail.order, label if label == small else small)
        return OrderedName.known((label, *tail.labels), order)

    def _at_origin(self) -> OrderedName | None:
        assert self.current_origin is not None
        owner = OrderedName.of(self.current_origin)
        is_inside = owner.order[: len(self._apex_order)] == self._apex_order
        return owner if is_inside else None

    def _follow_origin(self) -> None:
        """Forget what was read below another origin."""
        if self._origin is not self.current_origin:
            self._tails, self._targets, self._origin = {}, {}, self.current_origin

    def _target(self, text: str) -> Name:
        """Return the name that data name; many lines have the same."""
        self._follow_origin()
        found = self._targets.get(text)
        if found is None:
            if len(self._targets) > _TARGETS_LIMIT:
                self._targets = {}
            found = self._targets[text] = dns.name.from_text(text, self.current_origin)
        return found

    def _tail(self, text: str) -> _Tail:
        """Return the name that *text* is of; an empty one if other names are not below it."""
        labels = tuple(text.encode().split(b".")) if text else ()
        if not text.endswith("."):
            assert self.current_origin is not None
            labels += self.current_origin.labels
        order = tuple(map(bytes.lower, reversed(labels)))
        octets = sum(len(one) + 1 for one in labels)
        fits = (
            order[: len(self._apex_order)] == self._apex_order
            and octets + _LABEL_OCTETS <= _NAME_OCTETS
        )
        return _Tail(labels, order) if fits else _Tail((), ())
