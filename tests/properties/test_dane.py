"""Properties of client identities, TLSA records and their match."""

from dataclasses import replace

import dns.name
from dns.name import Name
from hypothesis import assume, given
from hypothesis import strategies as st

from lab.core.errors import PeerError
from lab.dane.client_id import Profile, pull_client_id, push_client_id
from lab.dane.matching import match
from lab.dane.records import Supported, strongest
from lab.dane.tlsa import MatchingType, Selector, TlsaRecord, Usage, make_tlsa
from lab.pki.path import Expected
from lab.pki.profiles import Purpose
from tests.unit.pki.chains import CA, LEAF, NOW

EXPECTED = Expected(
    dns.name.from_text("js.tsp.example"), Purpose.SERVER, NOW, roots=(CA.root.leaf,)
)
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

labels = st.text(ALPHABET, min_size=1, max_size=63)
names = (
    st.lists(labels, min_size=1, max_size=8)
    .map(".".join)
    .filter(lambda text: len(text) <= 253)
    .map(dns.name.from_text)
)
records = st.builds(
    TlsaRecord,
    st.integers(0, 4),
    st.integers(0, 2),
    st.integers(0, 3),
    st.one_of(st.binary(max_size=70), st.binary(min_size=32, max_size=32)),
)
EVERYTHING = Supported(selectors=frozenset(Selector))
parameters = st.tuples(
    st.sampled_from(Usage), st.sampled_from(Selector), st.sampled_from(MatchingType)
)


def own_record(usage: Usage, selector: Selector, matching: MatchingType) -> TlsaRecord:
    """Return the record that an honest operator would publish."""
    certificate = CA.root.leaf if usage.names_authority else LEAF.leaf
    return TlsaRecord.from_rdata(make_tlsa(certificate, usage, selector, matching))


@given(names, st.sampled_from(Profile))
def test_a_name_survives_the_wire(name: Name, profile: Profile) -> None:
    assert pull_client_id(push_client_id(name), profile) == name


@given(st.binary(max_size=300), st.sampled_from(Profile))
def test_any_octets_are_a_name_or_a_peer_error(data: bytes, profile: Profile) -> None:
    try:
        name = pull_client_id(data, profile)
    except PeerError:
        return
    assert name is None or pull_client_id(push_client_id(name), profile) == name


@given(parameters)
def test_what_is_published_matches(numbers: tuple[Usage, Selector, MatchingType]) -> None:
    assert match(LEAF.chain, (own_record(*numbers),), EXPECTED, EVERYTHING).authenticated


@given(parameters, st.integers(0, 2**16))
def test_one_changed_bit_of_a_record_does_not_match(
    numbers: tuple[Usage, Selector, MatchingType], position: int
) -> None:
    # `2 0 0` is another matter: it is an anchor by itself, whoever was sent (RFC 7671 section
    # 5.2.2), so a bit that is neither of its key nor of its subject changes nothing. With C509, the
    # same.
    usage, selector, matching = numbers
    held = usage is Usage.DANE_TA and matching is MatchingType.FULL
    assume(not (held and selector is not Selector.SPKI))
    record = own_record(*numbers)
    data = bytearray(record.data)
    data[position // 8 % len(data)] ^= 1 << position % 8
    changed = replace(record, data=bytes(data))
    assert not match(LEAF.chain, (changed,), EXPECTED, EVERYTHING).authenticated


@given(st.lists(records, max_size=6))
def test_random_records_never_match(published: list[TlsaRecord]) -> None:
    result = match(LEAF.chain, tuple(published), EXPECTED)
    assert not result.authenticated
    assert len(result.report.parts) == len(published)


@given(st.lists(records, max_size=4), st.randoms(use_true_random=False))
def test_company_and_order_do_not_change_a_match_of_full_data(
    published: list[TlsaRecord], random: object
) -> None:
    company = [*published, own_record(Usage.DANE_EE, Selector.SPKI, MatchingType.FULL)]
    getattr(random, "shuffle")(company)  # noqa: B009 Hypothesis gives its Random no public type
    assert match(LEAF.chain, tuple(company), EXPECTED).authenticated


@given(st.lists(records.filter(lambda one: one.matching <= MatchingType.SHA2_512), max_size=8))
def test_digest_agility_keeps_full_data_and_one_digest_of_each_kind(
    published: list[TlsaRecord],
) -> None:
    kept = strongest(tuple(published))
    digests = {(one.usage, one.selector, one.matching) for one in kept if one.matching}
    assert len({key[:2] for key in digests}) == len(digests)
    assert all(one in kept for one in published if one.matching == MatchingType.FULL)
