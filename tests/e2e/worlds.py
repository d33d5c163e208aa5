"""Random trees of zones for a lab: keys, algorithms, ways to deny and content by a seed."""

from pathlib import Path
from random import Random

from lab.dnssec.algorithms import ALGORITHMS

# Apart from those of the lab, which may run at the same time.
ADDRESS = "127.54.0.{}"
APEXES = (".", "a.", "b.a.", "c.b.a.", "d.", "e.x.d.", "f.d.", "g.")
DENIALS = (
    '"nsec"',
    '"nsec3"',
    '"nsec-minimal"',
    '"nsec3-minimal"',
    '"compact"',
    '{ mode = "nsec3", opt_out = true }',
    '{ mode = "nsec3", iterations = 3, salt = "AB" }',
    '{ mode = "nsec3", iterations = 1, opt_out = true }',
)
KEYS = ('"csk"', '"ksk+zsk"', '["ksk", "ksk", "zsk"]', '["ksk", "standby-ksk", "zsk"]')
DIGESTS = ("[2]", "[4]", "[2, 4]")
TABLE = """
[zone."{apex}"]
file = "{file}"
nameservers = {{ "{host}" = "{address}" }}
"""
LABELS = ("a", "b", "c", "*", "x", "_t", "w", "z", r"\000", r"\255")
RECORDS = (
    "A 192.0.2.1",
    "TXT text",
    "CNAME www",
    "CNAME www.b.a.",
    "DNAME w",
    "NS ns.nobody.test.",
)


def write_world(folder: Path, seed: int) -> None:
    """Write hierarchy.toml and master files."""
    random = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    tables = []
    for number, apex in enumerate(APEXES, start=1):
        file = f"{apex.rstrip('.') or 'root'}.zone"
        table = TABLE.format(apex=apex, file=file, host=_host(apex), address=ADDRESS.format(number))
        tables.append(table + _policy(random, apex))
        (folder / file).write_text(_records(random, apex))
    (folder / "hierarchy.toml").write_text("".join(tables))


def _host(apex: str) -> str:
    return f"ns.{apex}" if apex != "." else "ns.root."


def _policy(random: Random, apex: str) -> str:
    if apex != "." and random.random() < 0.2:
        return "signed = false\n"
    rows = (ALGORITHMS[number] for number in ALGORITHMS)
    known = [one.mnemonic for one in rows if not one.experimental]
    algorithm = random.choice(known)
    return (
        f'algorithm = "{algorithm}"\ndenial = {random.choice(DENIALS)}\n'
        f"keys = {random.choice(KEYS)}\nds_digests = {random.choice(DIGESTS)}\n"
    )


def _records(random: Random, apex: str) -> str:
    children = [one for one in APEXES if one != apex and _parent(one) == apex]
    number = APEXES.index(apex) + 1
    lines = ["@ 60 SOA ns h 1 2 3 4 60", f"@ 60 NS {_host(apex)}"]
    lines += [f"{_host(apex)} 60 A {ADDRESS.format(number)}", "www 60 A 192.0.2.80"]
    for child in children:
        address = ADDRESS.format(APEXES.index(child) + 1)
        lines += [f"{child} 60 NS {_host(child)}", f"{_host(child)} 60 A {address}"]
    taken = {"www", "ns", *(one.removesuffix(apex).rstrip(".") for one in children)}
    for owner, record in _extra(random, taken):
        lines.append(f"{owner} 60 {record}")
    return "\n".join(lines) + "\n"


def _extra(random: Random, taken: set[str]) -> list[tuple[str, str]]:
    """Return records of random owners: nothing below an alias, a delegation or a DNAME."""
    found: dict[str, str] = {}
    for _ in range(8):
        depth = random.randint(1, 3)
        owner = ".".join(random.choice(LABELS) for _ in range(depth))
        record = random.choice(RECORDS)
        if owner in found or any(_related(owner, one) for one in taken):
            continue
        hides = record.split()[0] in {"NS", "DNAME"}
        above = [one for one, other in found.items() if other.split()[0] in {"NS", "DNAME"}]
        if any(_related(owner, one) for one in above):
            continue
        if hides and ("*" in owner or any(_related(owner, one) for one in found)):
            continue
        found[owner] = record
    return list(found.items())


def _related(one: str, other: str) -> bool:
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")


def _parent(apex: str) -> str:
    above = [one for one in APEXES if one != apex and (one == "." or apex.endswith(f".{one}"))]
    return max(above, key=len, default="")
