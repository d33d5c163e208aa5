"""What `lab status --json` prints: enough for other programs to use the lab without its code."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography.hazmat.primitives.serialization import Encoding

from lab.app.state import StateFolder
from lab.core.errors import UnsupportedError
from lab.dnssec.keys import SigningKey
from lab.nameserver.denying import DenialPolicy
from lab.net.clock import LabClock
from lab.world.build import World
from lab.world.config import ZoneConfig
from lab.world.export import (
    anchor_dnskey_text,
    anchor_ds_text,
    anchor_named_conf_text,
    hints_text,
)

if TYPE_CHECKING:
    from lab.world.dot import DotServer
    from lab.world.operators import Endpoint

# Raised when a field is taken away or changes its meaning; new fields may come at any time.
SCHEMA = 1

ANCHOR_DS = "anchor.ds"
ANCHOR_DNSKEY = "anchor.key"
ANCHOR_NAMED_CONF = "anchor.conf"
ROOT_HINTS = "root.hints"


def write_public_files(world: World, state: StateFolder) -> None:
    """Write trust anchor and root hints in the forms that other programs read."""
    state.write_public(ANCHOR_DS, anchor_ds_text(*world.anchors))
    state.write_public(ANCHOR_DNSKEY, anchor_dnskey_text(*world.anchors))
    state.write_public(ANCHOR_NAMED_CONF, anchor_named_conf_text(*world.anchors))
    state.write_public(ROOT_HINTS, hints_text(world.hints))
    for server in world.dot:
        pem = server.identity.chain[-1].public_bytes(Encoding.PEM)
        state.write_public(_ca_file(server), pem.decode())


def _ca_file(server: "DotServer") -> str:
    """Return where the root certificate of the operator of a nameserver is."""
    return f"{server.operator}-ca.crt"


def describe(
    world: World,
    state: StateFolder,
    port: int,
    clock: LabClock,
    resolver: tuple[str, int] | None = None,
) -> dict[str, Any]:
    """Return the running lab as JSON: names absolute, times in seconds UTC, paths absolute."""
    folder = state.path.resolve()
    return {
        "schema": SCHEMA,
        "port": port,
        "resolver": None if resolver is None else {"address": resolver[0], "port": resolver[1]},
        "state": str(folder),
        "control_socket": str(state.socket),
        "clock": {"now": int(clock.now()), "setting": str(clock)},
        "root_servers": [
            {"name": str(server.name), "address": server.address} for server in world.hints
        ],
        "root_hints": str(folder / ROOT_HINTS),
        "trust_anchor": {
            "ds": str(folder / ANCHOR_DS),
            "dnskey": str(folder / ANCHOR_DNSKEY),
            "named_conf": str(folder / ANCHOR_NAMED_CONF),
        },
        "zones": [_zone(config, world) for config in world.honest],
        "specimens": [str(one.apex) for one in world.materials.specimens],
        "distribution": _distribution(world),
        "dot": [_dot(server, folder) for server in world.dot],
        "tls_library": _tls_library() if world.materials.operators else None,
        "tls": [_endpoint(endpoint) for endpoint in world.endpoints],
        "clients": [
            {"identity": one.name, "title": one.title, "tlsa_owner": str(one.client)}
            for operator in world.materials.operators
            for one in operator.identities
        ],
        "faults": [str(fault) for fault in world.hooks.faults],
    }


def _distribution(world: World) -> dict[str, Any] | None:
    hidden = world.materials.distribution
    if hidden is None:
        return None
    return {"address": hidden.address, "catalog": str(hidden.catalog)}


def _zone(config: ZoneConfig, world: World) -> dict[str, Any]:
    signer = world.signers.get(config.apex)
    keys = None if signer is None else signer.keys
    return {
        "name": str(config.apex),
        "file": config.file,
        "serial": world.served[config.apex].zone.soa.rdatas[0].serial,  # type: ignore[attr-defined]  # rdata of an SOA RRset
        "nameservers": [
            {"name": str(server.name), "address": server.address} for server in config.nameservers
        ],
        "signed": keys is not None,
        "algorithm": None
        if keys is None
        else {
            "number": int(config.algorithm.number),
            "mnemonic": config.algorithm.mnemonic,
            "experimental": config.algorithm.experimental,
        },
        "denial": None if keys is None else config.policy.denial.mode.value,
        "nsec3": None if keys is None else _nsec3(config.policy.denial),
        "warnings": [] if keys is None else list(config.policy.warnings()),
        "keys": [] if keys is None else [_key(key) for key in keys.keys],
        "ds": [one.to_text() for one in world.delegations.get(config.apex, ())],
    }


def _nsec3(denial: DenialPolicy) -> dict[str, Any] | None:
    if not denial.mode.hashes:
        return None
    hashing = denial.hashing
    return {
        "iterations": hashing.iterations,
        "salt": hashing.salt.hex(),
        "opt_out": denial.opt_out,
    }


def _key(key: SigningKey) -> dict[str, Any]:
    return {"role": key.role.value, "tag": int(key.tag), "algorithm": int(key.algorithm.number)}


def _dot(server: "DotServer", folder: Path) -> dict[str, Any]:
    return {
        "name": str(server.server.name),
        "address": server.server.address,
        "port": server.port,
        "tlsa_owner": str(server.tlsa_owner),
        "tlsa": server.tlsa.rdatas[0].to_text(),
        "ca": str(folder / _ca_file(server)),
    }


def _tls_library() -> dict[str, Any] | None:
    from lab.tls.loader import load  # noqa: PLC0415 `lab serve` starts faster without it

    try:
        library = load()
    except UnsupportedError:
        return None
    return {
        "version": library.version,
        "file": library.file,
        "raw_public_keys": library.has_raw_public_keys,
    }


def _endpoint(endpoint: "Endpoint") -> dict[str, Any]:
    identity = endpoint.identity
    return {
        "identity": identity.name,
        "title": identity.title,
        "host": str(identity.host),
        "address": identity.address,
        "port": endpoint.port,
        "tlsa_owner": str(endpoint.tlsa_owner),
        "tlsa": None if identity.tlsa is None else str(identity.tlsa),
    }
