"""Read the access lists of a zone from `hierarchy.toml`: `transfer`, `update` and `notify`.

A grant is a table of `keys` and `addresses`; whoever satisfies all that is given may. An empty
table lets nobody.
"""

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

import dns.exception
import dns.name
import dns.rdatatype
from dns.name import Name
from dns.rdatatype import RdataType

from lab.core.errors import ZoneError
from lab.nameserver.access import Access, Grant, Permit, Target

LAB_KEY = "lab-key."
"""The TSIG key that every lab makes for itself."""

ACCESS_DEFAULTS: Mapping[str, Any] = {
    "transfer": {"keys": [LAB_KEY]},
    "update": {"keys": [LAB_KEY]},
    "notify": {"to": []},
}
_MAX_PORT = 65535


def read_access(settings: Mapping[str, Any], where: str) -> Access:
    """Return the access lists that the *settings* of a zone ask for.

    Raises:
        ZoneError: says at *where* what was expected.
    """
    return Access(
        transfer=_grant(settings["transfer"], f"{where}: transfer"),
        update=_permits(settings["update"], f"{where}: update"),
        notify=_targets(settings["notify"], f"{where}: notify"),
    )


def _grant(table: object, where: str) -> Grant:
    known = _table(table, ("keys", "addresses"), where)
    return Grant(
        keys=tuple(_key_name(one, where) for one in _texts(known.get("keys", []), where)),
        networks=tuple(_network(one, where) for one in _texts(known.get("addresses", []), where)),
    )


def _permits(tables: object, where: str) -> tuple[Permit, ...]:
    """Return the permits of one table, or of a list of them."""
    return tuple(
        _permit(table, where) for table in (tables if isinstance(tables, list) else [tables])
    )


def _permit(table: object, where: str) -> Permit:
    known = _table(table, ("keys", "addresses", "below", "types"), where)
    below = known.get("below")
    return Permit(
        _grant({key: known[key] for key in ("keys", "addresses") if key in known}, where),
        None if below is None else _key_name(below, where),
        tuple(_type(one, where) for one in _texts(known.get("types", []), where)),
    )


def _type(text: str, where: str) -> RdataType:
    try:
        return RdataType.make(text)
    except (dns.rdatatype.UnknownRdatatype, ValueError) as error:
        raise ZoneError(f"{text!r} is no type of a record", where) from error


def _targets(table: object, where: str) -> tuple[Target, ...]:
    known = _table(table, ("to", "key"), where)
    key = known.get("key")
    name = None if key is None else _key_name(key, where)
    return tuple(_target(one, name, where) for one in _texts(known.get("to", []), where))


def _table(table: object, known: tuple[str, ...], where: str) -> dict[str, Any]:
    if not isinstance(table, dict) or set(table) - set(known):
        listed = " and ".join(known)
        raise ZoneError(f"expected a table of {listed}, not {table!r}", where)
    return table


def _texts(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ZoneError(f'expected a list such as ["…", "…"], not {value!r}', where)
    return value


def _key_name(text: object, where: str) -> Name:
    try:
        return dns.name.from_text(str(text))
    except dns.exception.DNSException as error:
        raise ZoneError(f"{text!r} is not the name of a TSIG key: {error}", where) from error


def _network(text: str, where: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ZoneError(f"expected a network such as 127.0.0.0/8, not {text!r}", where) from error


def _target(text: str, key: Name | None, where: str) -> Target:
    address, _, port = text.rpartition(":")
    expected = ZoneError(f'expected "ADDRESS:PORT", not {text!r}', where)
    try:
        target = Target(str(ip_address(address.strip("[]"))), int(port), key)
    except ValueError as error:
        raise expected from error
    if not 0 < target.port <= _MAX_PORT:
        raise expected
    return target
