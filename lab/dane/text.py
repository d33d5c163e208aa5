"""TLSA records as people write them: in words or numbers, whole or in part, or generic (RFC 3597).

Reads what dnspython refuses, such as digests of a wrong length: whether a record is usable is for
`dane.records` to say.
"""

import re

from dns.name import Name

from lab.core.errors import InputError
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage

# RFC 7218: the registered acronyms.
_WORDS = (
    {"PKIX-TA": 0, "PKIX-EE": 1, "DANE-TA": 2, "DANE-EE": 3, "PRIVCERT": 255},
    {"CERT": 0, "SPKI": 1, "PRIVSEL": 255},
    {"FULL": 0, "SHA2-256": 1, "SHA2-512": 2, "PRIVMATCH": 255},
)
_TYPE = re.compile(r"(?:^|\s)(?:TLSA|TYPE52)\s+", re.IGNORECASE)
_GENERIC = "\\#"
_HEADER = len(("usage", "selector", "matching type"))
_OCTET = 255


def parse_record(text: str, where: str = "TLSA record") -> TlsaRecord:
    r"""Return the record that *text* writes down.

    Args:
        text: `3 1 1 ab…`, `DANE-EE SPKI SHA2-256 ab…`, `\# 35 0301…`, or a whole line of a master
            file that ends so.
        where: named in errors.

    Raises:
        InputError: it is no TLSA record.
    """
    words = _TYPE.split(text)[-1].replace("(", " ").replace(")", " ").split()
    if words and words[0] == _GENERIC:
        return _parse_generic(words[1:], where)
    if len(words) <= _HEADER:
        raise InputError(
            f"{text!r} is no TLSA record; wanted are usage, selector, matching type and data, "
            "e.g. '3 1 1 ab12…'",
            where,
        )
    usage, selector, matching = (
        _number(word, names, where) for word, names in zip(words[:_HEADER], _WORDS, strict=True)
    )
    return TlsaRecord(usage, selector, matching, _octets(words[_HEADER:], where))


def _parse_generic(words: list[str], where: str) -> TlsaRecord:
    data = _octets(words[1:], where)
    if not words or not words[0].isdigit() or int(words[0]) != len(data):
        raise InputError("the generic form is '\\# LENGTH HEX', and LENGTH counts octets", where)
    if len(data) < _HEADER:
        raise InputError("a TLSA record has three octets at least", where)
    return TlsaRecord(data[0], data[1], data[2], data[_HEADER:])


def _number(word: str, names: dict[str, int], where: str) -> int:
    if word.upper() in names:
        return names[word.upper()]
    if word.isdigit() and int(word) <= _OCTET:
        return int(word)
    known = ", ".join(names)
    raise InputError(f"{word!r} is no number from 0 to {_OCTET}, nor one of {known}", where)


def _octets(words: list[str], where: str) -> bytes:
    try:
        return bytes.fromhex("".join(words))
    except ValueError as error:
        raise InputError("the data are not in hexadecimal", where) from error


def presentation(record: TlsaRecord) -> str:
    """Return the data of *record* as a master file has them (RFC 6698 section 2.2)."""
    return f"{record.usage} {record.selector} {record.matching} {record.data.hex()}"


def generic(record: TlsaRecord) -> str:
    r"""Return the data of *record* for software that does not know the type: `\# 35 0301…`."""
    octets = bytes((record.usage, record.selector, record.matching)) + record.data
    return f"{_GENERIC} {len(octets)} {octets.hex()}"


def line(owner: Name, ttl: int, record: TlsaRecord) -> str:
    """Return *record* as a line of a master file."""
    return f"{owner} {ttl} IN TLSA {presentation(record)}"


def generic_line(owner: Name, ttl: int, record: TlsaRecord) -> str:
    """Return the same for software that does not know the type (RFC 3597 section 5)."""
    return f"{owner} {ttl} IN TYPE52 {generic(record)}"


def described(record: TlsaRecord) -> str:
    """Return the numbers of *record* in words as far as they have a meaning."""
    registries = (Usage, Selector, MatchingType)
    numbers = (record.usage, record.selector, record.matching)
    return " ".join(
        registry(number).name.replace("_", "-") if number in set(registry) else str(number)
        for registry, number in zip(registries, numbers, strict=True)
    )
