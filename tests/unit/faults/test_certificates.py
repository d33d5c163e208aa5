"""What somebody shows who has forgotten something: well formed, and wrong in one way."""

from functools import cache

import pytest

from lab.core.entropy import SeededEntropy
from lab.core.errors import InputError
from lab.core.instant import DAY, Instant
from lab.core.seams import Hooks
from lab.faults.certificates import (
    SHOWN_IDENTITY,
    CertificateByStranger,
    CertificateChainShort,
    CertificateExpired,
    CertificateOtherKey,
    CertificateWrongName,
    OnIdentity,
    Showing,
)
from lab.pki.ca import CertificateAuthority
from lab.pki.contents import Contents, read
from lab.pki.identity import Identity
from lab.pki.profiles import Purpose
from tests.fakes import name

NOW = Instant(1_795_000_000)


@cache
def honest() -> Showing:
    entropy = SeededEntropy("certificates")
    authority = CertificateAuthority.create("Operator", NOW, entropy)
    identity = authority.issue(("js.op",), Purpose.BOTH, NOW, entropy)
    return Showing("op.js", identity, authority)


def shown(fault: OnIdentity, later: int = 0) -> Identity:
    return Hooks((fault,)).at(SHOWN_IDENTITY, honest(), Instant(NOW + later)).identity


def leaf(fault: OnIdentity) -> Contents:
    return read(shown(fault).leaf)


def same_but(fault: OnIdentity, *fields: str) -> bool:
    """Tell whether the leaf differs from the honest one in *fields* only, and is signed."""
    before, after = read(honest().identity.leaf), leaf(fault)
    changed = {one for one in Contents.__slots__ if getattr(before, one) != getattr(after, one)}
    return changed == set(fields)


def test_an_expired_certificate_ended_before_the_honest_one_began() -> None:
    fault = CertificateExpired(identity="op.js")
    before = read(honest().identity.leaf).window
    assert leaf(fault).window.expiration == before.inception - DAY
    assert same_but(fault, "window")
    assert shown(fault).chain[1:] == honest().identity.chain[1:]


def test_another_name_stands_in_a_certificate_for_the_same_key() -> None:
    fault = CertificateWrongName(identity="op.js", name=name("www.op."))
    assert leaf(fault).dns_names == ("www.op",)
    assert same_but(fault, "dns_names")


def test_a_stranger_certifies_the_same_key() -> None:
    fault = CertificateByStranger(identity="op.js")
    assert same_but(fault, "issuer")
    assert not set(shown(fault).chain) & set(honest().identity.chain)


def test_another_key_is_certified_by_the_same_ca() -> None:
    fault = CertificateOtherKey(identity="op.js")
    assert same_but(fault, "public_key")
    assert shown(fault).private_key.public_key() == leaf(fault).public_key


def test_a_short_chain_begins_as_the_whole_one() -> None:
    fault = CertificateChainShort(identity="op.js", certificates=2)
    assert shown(fault).chain == honest().identity.chain[:2]
    with pytest.raises(InputError, match="the leaf is always sent"):
        CertificateChainShort(identity="op.js", certificates=0)


@pytest.mark.parametrize("kind", [CertificateExpired, CertificateByStranger, CertificateOtherKey])
def test_the_same_is_shown_each_time_and_of_nobody_else(kind: type[OnIdentity]) -> None:
    assert shown(kind(identity="op.js")).chain == shown(kind(identity="op.js"), later=60).chain
    assert shown(kind(identity="op.ns")) is honest().identity
    assert str(kind(identity="op.js")) == f"{kind.kind} of op.js"
