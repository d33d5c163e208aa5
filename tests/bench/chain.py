"""A root, a top level domain and a zone below it, signed by ldns and served by one NSD.

Validators ask it as they ask a resolver: whoever validates gets every link of the chain from it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.peers import NSD, Nsd
from tests.bench.processes import SERVERS, free_port, running
from tests.bench.sampling import until

LEAF = "afnic.fr."
ZONES = (LEAF, "fr.", ".")
HOSTS = 5000
_HEAD = "$TTL 3600\n{} SOA ns.{} h. 1 7200 3600 1209600 300\n{} NS ns.{}\nns.{} A 127.0.0.1\n"


@dataclass(frozen=True, slots=True)
class Chain:
    """Hold where it is served.

    Attributes:
        port: of 127.0.0.1.
        anchor: the file with the DS of the root.
    """

    port: int
    anchor: Path

    @property
    def ds(self) -> str:
        """Return the DS of the root as text."""
        return self.anchor.read_text().strip()

    def beside(self, name: str, text: str) -> Path:
        """Write a file that somebody needs for it."""
        file = self.anchor.with_name(name)
        file.write_text(text)
        return file


def host(number: int) -> str:
    """Return the name of a host; there are HOSTS of them."""
    return f"w{number % HOSTS}.{LEAF}"


@contextmanager
def served() -> Iterator[Chain]:
    """Serve it until the end.

    Raises:
        RuntimeError: it cannot be served here.
    """
    if reason := NSD.missing():
        raise RuntimeError(reason)
    with TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        child, ds, files = "", "", {}
        for zone in ZONES:
            files[zone], ds = Nsd.sign(folder, zone, _text(zone, child) + ds)
            child = zone
        anchor = folder / "anchor.ds"
        anchor.write_text(ds)
        with running(Nsd.command(folder, port, files), SERVERS, folder / "log"):
            until(port, (host(0), "A"), 1)
            yield Chain(port, anchor)


def _text(zone: str, child: str) -> str:
    """Return the master file of a zone that delegates to a child; of the lowest one, its hosts."""
    below = "" if zone == "." else zone
    head = _HEAD.format(zone, below, zone, below, below)
    if not child:
        return head + "".join(f"{host(one)} A 192.0.2.{one % 250}\n" for one in range(HOSTS))
    return f"{head}{child} NS ns.{child}\nns.{child} A 127.0.0.1\n"
