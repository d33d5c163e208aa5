"""Where zones and scenarios are: beside the package in a checkout, inside it in a wheel."""

import sys
from dataclasses import replace
from enum import Enum
from pathlib import Path
from shlex import quote
from shutil import which
from typing import TYPE_CHECKING

from dns.name import Name

from lab.app.credentials import Credentials
from lab.app.keystore import KeyStore
from lab.app.state import DEFAULT_STATE, SOFTWARE, StateFolder
from lab.app.texts import read_text
from lab.core.entropy import Entropy
from lab.core.frozen import dataclass
from lab.core.instant import Instant
from lab.nameserver.exchange import Service
from lab.world.config import ZoneConfig, read_hierarchy
from lab.world.distribution import read_distribution
from lab.world.dot import servers_with_dot
from lab.world.identities import identity_configs, owners, with_identity_zones
from lab.world.lorawan import read_lorawan
from lab.world.lorawan_tables import NOBODY, LorawanConfig
from lab.world.materials import Materials
from lab.world.operators import OperatorConfig, read_operators

if TYPE_CHECKING:
    from lab.world.specimens import SpecimenTree
    from lab.world.verdicts import Verdicts

_PACKAGE = Path(__file__).resolve().parent.parent

HIERARCHY = "hierarchy.toml"
OPERATORS = "operators.toml"
LORAWAN = "lorawan.toml"
SPECIMENS = "faults.toml"
VERDICTS = "verdicts.toml"
TLS_PORT = 8003


def shipped(name: str) -> Path:
    """Return the folder *name* (zones or scenarios) that came with the lab."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


def how_to_call(state: StateFolder) -> str:
    """Return what to type for `lab` in another terminal of the same folder."""
    program = "lab" if which("lab") else sys.argv[0]
    if Path(program).name == "__main__.py":
        program = f"{sys.executable} -m lab"
    if state.path.resolve() == (Path.cwd() / DEFAULT_STATE).resolve():
        return program
    return f"LAB_STATE={quote(str(state.path))} {program}"


class Extras(Enum):
    """Name what a zones folder holds and a lab serves only when told to."""

    NOTHING = "nothing"
    SPECIMENS = "specimens"


@dataclass(frozen=True, slots=True)
class ZonesFolder:
    """Name a folder of zones as the source of a lab.

    Attributes:
        path: where `hierarchy.toml` and the master files are.
        tls_port: for the operators' servers; 0: any free one.
        extras: what is served beside the tables of `hierarchy.toml`.
    """

    path: Path
    tls_port: int = TLS_PORT
    extras: Extras = Extras.NOTHING

    def read(self, state: StateFolder, now: Instant, entropy: Entropy) -> Materials:
        """Return what the files of the folder, and keys and certificates of *state*, make."""
        tree = read_tree(self.path) if self.extras is Extras.SPECIMENS else None
        return read_materials(self.path, state, now, entropy, self.tls_port, tree)


def read_tree(zones: Path) -> "SpecimenTree":
    """Return the zones of the folder *zones* that are broken on purpose.

    Raises:
        InputError: the file is missing or wrong.
    """
    from lab.world.specimens import read_specimens  # noqa: PLC0415 it needs every fault

    text = read_text(zones / SPECIMENS, "the table of specimens")
    return read_specimens(text, str(zones / SPECIMENS))


def read_verdicts(zones: Path, tree: "SpecimenTree") -> "Verdicts":
    """Return what others say of the specimens of *tree*.

    Raises:
        InputError: the file is missing or wrong.
    """
    from lab.world.verdicts import read_verdicts as read  # noqa: PLC0415 as above

    text = read_text(zones / VERDICTS, "the table of verdicts")
    return read(text, str(zones / VERDICTS), tree)


def read_materials(
    zones: Path,
    state: StateFolder,
    now: Instant,
    entropy: Entropy,
    tls_port: int,
    tree: "SpecimenTree | None" = None,
) -> Materials:
    """Return what a world is made of: files of *zones*, keys and certificates of *state*.

    Raises:
        InputError: a file is missing or wrong, with file and line.
        StateError: a key file is wrong.
    """
    public = read_public(zones, tls_port, tree)
    configs, operators = public.configs, public.operators
    credentials = Credentials(state, now, entropy)
    authorities = {one.name: credentials.authority(one) for one in operators}
    identities = {
        one.name: credentials.identity(one, authorities[operator.name])
        for operator in operators
        for one in operator.identities
    }
    dot_identities = {
        server.name: credentials.nameserver(server.name, authorities[operator.name])
        for operator, server in servers_with_dot(configs, operators)
    }
    signed = [config for config in configs if config.signed]
    kept = KeyStore(state).load(config.apex for config in signed)
    fresh = {one.apex: state.key_set(one, entropy) for one in signed if one.apex not in kept}
    return replace(
        public,
        keys={**fresh, **{apex: one.zone_life.keys for apex, one in kept.items()}},
        lives={apex: one.zone_life for apex, one in kept.items()},
        delegations={apex: one.delegation for apex, one in kept.items()},
        identities=identities,
        dot_identities=dot_identities,
        service=Service(version=SOFTWARE, secrets=(state.cookie_secret(entropy),)),
        devices={owner: credentials.device(owner, name) for name, owner in owners(public.lorawan)},
    )


def read_public(
    zones: Path, tls_port: int = TLS_PORT, tree: "SpecimenTree | None" = None
) -> Materials:
    """Return what the files of *zones* alone make: no key, and no certificate.

    Raises:
        InputError: a file is missing or wrong, with file and line.
    """
    hierarchy = read_text(zones / HIERARCHY, "the table of zones")
    configs = read_hierarchy(hierarchy, str(zones / HIERARCHY))
    configs += () if tree is None else tree.configs
    texts = _master_files(zones, configs)
    if tree is not None:
        texts = tree.planted(texts)
    operators = _operators(zones / OPERATORS)
    lorawan = _lorawan(zones / LORAWAN, operators)
    of_devices = identity_configs(configs, lorawan)
    return Materials(
        configs=(*configs, *of_devices),
        texts=with_identity_zones(texts, of_devices),
        operators=operators,
        keys={},
        identities={},
        tls_port=tls_port,
        tree=tree,
        distribution=read_distribution(hierarchy, str(zones / HIERARCHY)),
        lorawan=lorawan,
    )


def _master_files(zones: Path, configs: tuple[ZoneConfig, ...]) -> dict[Name, str]:
    return {
        one.apex: read_text(zones / one.file, f"the master file of {one.apex}") for one in configs
    }


def _operators(path: Path) -> tuple[OperatorConfig, ...]:
    """Return the operators of a file; none if there is no such file: a lab of DNS alone."""
    if not path.exists():
        return ()
    return read_operators(read_text(path, "the table of operators"), str(path))


def _lorawan(path: Path, operators: tuple[OperatorConfig, ...]) -> LorawanConfig:
    """Return who speaks LoRaWAN; nobody if there is no such file."""
    if not path.exists():
        return NOBODY
    return read_lorawan(read_text(path, "the table of devices"), str(path), operators)
