"""The zone that every server has, and what they are asked.

`hot`: 100 questions again and again. `mix`: 60% are there, 30% are not (no name twice), 10% have no
such type. `nx`: nothing is there, and no name is asked for twice. `first` comes before all of them:
everything that is there or denies something is asked for once.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import islice
from pathlib import Path
from random import Random
from typing import TypeAlias

HOSTS = 1000
APEX = "bench.example."
_HEAD = f"""\
$ORIGIN {APEX}
$TTL 3600
@ SOA ns hostmaster 1 7200 3600 1209600 300
@ NS ns
ns A 127.0.0.1
*.wild A 192.0.2.99
"""

Asked: TypeAlias = tuple[str, str]
"""A name with its final dot, and a type."""


def host(number: int) -> str:
    """Return the name of a host, below the apex."""
    return f"host{number:05d}"


def zone(hosts: int = HOSTS) -> str:
    """Return the master file: A, AAAA, MX and TLSA for each host, and a wildcard."""
    return _HEAD + "".join(
        f"{host(one)} A 10.{one >> 16 & 255}.{one >> 8 & 255}.{one & 255}\n"
        f"{host(one)} AAAA 2001:db8::{one >> 16:x}:{one & 65535:x}\n"
        f"{host(one)} MX 10 mail.example.net.\n"
        f"_443._tcp.{host(one)} TLSA 3 1 1 {sha256(b'%d' % one).hexdigest()}\n"
        for one in range(hosts)
    )


def there(number: int) -> Asked:
    """Return a question that has an answer: even ones for an address, odd ones for TLSA."""
    if number % 2:
        return f"_443._tcp.{host(number)}.{APEX}", "TLSA"
    return f"{host(number)}.{APEX}", "A"


def hot() -> Iterator[Asked]:
    """Give the same 100 questions for ever."""
    every = [there(7 * one) for one in range(100)]
    while True:
        yield from every


def absent(seed: int) -> Iterator[Asked]:
    """Give names that are not there, each once, beside hosts of the whole zone."""
    chance = Random(seed)
    while True:
        yield f"{host(chance.randrange(HOSTS))}-{chance.getrandbits(64):016x}.{APEX}", "A"


def is_absent(name: str) -> bool:
    """Return whether *name* is one of those."""
    return "-" in name


def first() -> Iterator[Asked]:
    """Give four questions for each host, once: two answers, no such type, no such name."""
    for number in range(HOSTS):
        name = f"{host(number)}.{APEX}"
        yield from ((name, "A"), (f"_443._tcp.{name}", "TLSA"), (name, "TXT"))
        yield f"{host(number)}-.{APEX}", "A"


def mix(seed: int) -> Iterator[Asked]:
    """Give what a day brings."""
    chance, nobody = Random(~seed), absent(seed)
    while True:
        drawn, number = chance.random(), chance.randrange(HOSTS)
        if drawn < 0.6:
            yield there(number)
        elif drawn < 0.9:
            yield next(nobody)
        else:
            yield f"{host(number)}.{APEX}", "TXT"


def write(questions: Iterator[Asked], count: int, file: Path) -> Path:
    """Write the first *count* for dnsperf, a line for each."""
    with file.open("w") as lines:
        lines.writelines(f"{name} {rdtype}\n" for name, rdtype in islice(questions, count))
    return file
