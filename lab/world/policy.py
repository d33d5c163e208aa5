"""How a zone is signed and how it denies, as `hierarchy.toml` says it for each zone.

Decides: what the keys `algorithm`, `keys`, `denial`, `ds_digests` and the times of signatures mean,
and what an operator is warned of. Not: where a zone is served (config).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from typing import Any, cast

from dns.dnssectypes import DSDigest
from dns.zonetypes import DigestHashAlgorithm

from lab.core.errors import InputError, UnsupportedError, ZoneError
from lab.core.frozen import dataclass
from lab.core.parameters import KINDS, Seconds
from lab.dnssec.algorithms import DIGESTS, SigningAlgorithm, for_signing
from lab.dnssec.keys import DUTIES, Duty, KeyRole
from lab.dnssec.nsec3 import Nsec3Parameters
from lab.dnssec.signing import SigningPolicy
from lab.dnssec.zonemd import HASHES
from lab.nameserver.denying import DenialMode, DenialPolicy

# RFC 5155 section 10.3: more than anybody ever allowed.
MAX_ITERATIONS = 2500
MAX_SALT = 255

LAYOUTS: Mapping[str, tuple[str, ...]] = {"ksk+zsk": ("ksk", "zsk"), "csk": ("csk",)}
_STANDBY = "standby-"
# A standby key is known to everybody before it is needed: a KSK by its DS, too.
_STANDBY_DUTIES = {
    KeyRole.KSK: Duty.PUBLISHED | Duty.DELEGATED,
    KeyRole.ZSK: Duty.PUBLISHED,
    KeyRole.CSK: Duty.PUBLISHED | Duty.DELEGATED,
}
ZONEMD_HASHES = {one.name.lower(): int(one) for one in DigestHashAlgorithm if int(one) in HASHES}
DEFAULTS: Mapping[str, Any] = {
    "algorithm": "ECDSAP256SHA256",
    "denial": "nsec",
    "keys": "ksk+zsk",
    "ds_digests": [int(DSDigest.SHA256)],
    "zonemd": "none",
}
TIMES = ("lifetime", "inception_offset", "refresh", "jitter")
POLICY_KEYS = (*DEFAULTS, *TIMES)
_DENIAL_KEYS = ("mode", "iterations", "salt", "opt_out")
# Unless said otherwise, signatures are spread over the fourteenth part of the time they are used.
_JITTER_SHARE = 14


@dataclass(frozen=True, slots=True)
class PlannedKey:
    """Describe one key that a zone starts with.

    Attributes:
        role: what it signs.
        label: tells it from the zone's other keys; the name of its file.
        duties: what it is used for.
    """

    role: KeyRole
    label: str
    duties: Duty


@dataclass(frozen=True, slots=True)
class Policy:
    """Say how one zone is signed and how it denies.

    Attributes:
        algorithm: of its keys.
        keys: that it starts with.
        denial: how it says no.
        signing: how long signatures live.
        ds_digests: digest types of the DS records that its parent publishes.
        zonemd: hash algorithm of the digest over the whole zone; None: it has none.
    """

    algorithm: SigningAlgorithm
    keys: tuple[PlannedKey, ...]
    denial: DenialPolicy = field(default_factory=DenialPolicy)
    signing: SigningPolicy = field(default_factory=SigningPolicy)
    ds_digests: tuple[DSDigest, ...] = (DSDigest.SHA256,)
    zonemd: int | None = None

    def warnings(self) -> Iterator[str]:
        """Iterate over what an operator had better not do, a sentence each."""
        if self.algorithm.experimental:
            yield (
                f"{self.algorithm.mnemonic} is experimental: its answers are too big for UDP, and "
                "few validators know it; to others the zone is insecure"
            )
        if self.algorithm.retired:
            yield (
                f"{self.algorithm.mnemonic} is retired: RFC 8624 section 3.1 forbids to sign with"
                " it, and to our validator the zone is insecure"
            )
        yield from self.denial.warnings()
        if DSDigest.SHA1 in self.ds_digests:
            yield "a DS with digest type 1 (SHA-1): RFC 8624 section 3.3 forbids to publish it"


def read_policy(settings: Mapping[str, Any], where: Callable[[str], str]) -> Policy:
    """Return the policy that the *settings* of a zone describe.

    Args:
        settings: the table of the zone, with the defaults filled in.
        where: returns `file:line` of a key.

    Raises:
        ZoneError: names file, line and what was expected.
    """
    readers: Mapping[str, Callable[[Any], Any]] = {
        "algorithm": _algorithm,
        "keys": _keys,
        "denial": _denial,
        "ds_digests": _ds_digests,
        "zonemd": _zonemd,
    }
    values = {key: _located(reader, settings[key], where(key)) for key, reader in readers.items()}
    times = {key: settings[key] for key in TIMES if key in settings}
    at = where(next(iter(times), "denial"))
    return Policy(**values, signing=_located(_signing, times, at))


def _located(reader: Callable[[Any], Any], value: object, where: str) -> Any:  # noqa: ANN401 the reader decides
    try:
        return reader(value)
    except (InputError, UnsupportedError) as error:
        what = error.what if isinstance(error, InputError) else str(error)
        raise ZoneError(what, where) from error


def _algorithm(value: object) -> SigningAlgorithm:
    return for_signing(str(value))


def _keys(value: object) -> tuple[PlannedKey, ...]:
    words = LAYOUTS.get(value) if isinstance(value, str) else value
    known = [f"{prefix}{role.value}" for prefix in ("", _STANDBY) for role in KeyRole]
    if not isinstance(words, list | tuple) or not words or any(one not in known for one in words):
        raise InputError(
            f'expected keys = "ksk+zsk", "csk", or a list of {", ".join(known)}; not {value!r}'
        )
    planned = tuple(_planned(words))
    duties = {duty for key in planned for duty in key.duties}
    if not {Duty.SIGNS_KEYS, Duty.SIGNS_ZONE} <= duties:
        raise InputError(
            "expected keys that sign the DNSKEY RRset and the zone: ksk and zsk, or csk"
        )
    return planned


def _planned(words: list[str] | tuple[str, ...]) -> Iterator[PlannedKey]:
    seen: Counter[str] = Counter()
    for word in words:
        seen[word] += 1
        role = KeyRole(word.removeprefix(_STANDBY))
        duties = _STANDBY_DUTIES[role] if word.startswith(_STANDBY) else DUTIES[role]
        yield PlannedKey(role, word if seen[word] == 1 else f"{word}-{seen[word]}", duties)


def _denial(value: object) -> DenialPolicy:
    modes = {one.value: one for one in DenialMode}
    table = value if isinstance(value, dict) else {"mode": value}
    mode = table.get("mode")
    if not isinstance(mode, str) or mode not in modes:
        listed = " or ".join(f'"{one}"' for one in modes)
        raise InputError(f"expected denial = {listed}, not {mode!r}")
    for key in table:
        if key not in _DENIAL_KEYS:
            raise InputError(f"denial has no key {key!r}; known are {', '.join(_DENIAL_KEYS)}")
        if key != "mode" and not modes[mode].hashes:
            raise InputError(f"{key} is for NSEC3; denial {mode!r} has no use for it")
    hashing = Nsec3Parameters(_iterations(table.get("iterations", 0)), _salt(table.get("salt", "")))
    return DenialPolicy(modes[mode], hashing, _opt_out(table.get("opt_out", False), modes[mode]))


def _iterations(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_ITERATIONS:
        raise InputError(f"expected iterations from 0 to {MAX_ITERATIONS}, not {value!r}")
    return value


def _salt(value: object) -> bytes:
    try:
        salt = bytes.fromhex(value if isinstance(value, str) else "no")
    except ValueError as error:
        raise InputError(f'expected a salt in hexadecimal such as "AABB", not {value!r}') from error
    if len(salt) > MAX_SALT:
        raise InputError(f"expected a salt of at most {MAX_SALT} octets, not {len(salt)}")
    return salt


def _opt_out(value: object, mode: DenialMode) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"expected opt_out = true or false, not {value!r}")
    if value and mode is not DenialMode.NSEC3:
        raise InputError(
            f"a gap around one hash opts nothing out; use denial {DenialMode.NSEC3.value!r}"
        )
    return value


def _ds_digests(value: object) -> tuple[DSDigest, ...]:
    known = tuple(DIGESTS)
    if not isinstance(value, list) or not value or any(one not in known for one in value):
        listed = ", ".join(str(one) for one in known)
        raise InputError(f"expected ds_digests = a list of {listed}, not {value!r}")
    return tuple(DSDigest.make(one) for one in dict.fromkeys(value))


def _zonemd(value: object) -> int | None:
    if value not in (*ZONEMD_HASHES, "none"):
        listed = ", ".join(f'"{one}"' for one in ZONEMD_HASHES)
        raise InputError(f'expected zonemd = {listed} or "none", not {value!r}')
    return ZONEMD_HASHES.get(str(value))


def _signing(table: Mapping[str, object]) -> SigningPolicy:
    """Return the times of *table*; those that it does not set follow from the lifetime."""
    times = {key: cast("int", KINDS[Seconds].convert(value)) for key, value in table.items()}
    usual = SigningPolicy()
    lifetime = times.get("lifetime", usual.lifetime)
    refresh = times.get("refresh", lifetime // 2)
    jitter = times.get("jitter", max(0, lifetime - refresh) // _JITTER_SHARE)
    offset = times.get("inception_offset", usual.inception_offset)
    return SigningPolicy(lifetime, offset, refresh, jitter)
