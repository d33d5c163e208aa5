"""Raw public keys (RFC 7250) in the place of certificates, on either side and on both."""

from itertools import product

import pytest

from lab.core.errors import UnsupportedError
from lab.pki.der import subject_public_key_info
from lab.pki.identity import Identity
from lab.tls.certificate_types import CERTIFICATES_ONLY, CertificateType, CertificateTypes
from lab.tls.context import ClientAuth, ClientRole, Context, ServerRole
from lab.tls.engine import Engine, State
from lab.tls.extension import ClientIdSettings
from lab.tls.loader import load
from tests.unit.tls.newer import newer
from tests.unit.tls.pair import CLIENT, SERVER, Pair

X509, RAW = CertificateType.X509, CertificateType.RAW_PUBLIC_KEY
EITHER = CertificateTypes((RAW, X509), (RAW, X509))
BARE = CertificateTypes((RAW,), (RAW,))


def shake(
    server: CertificateTypes,
    client: CertificateTypes,
    identity: Identity | None = CLIENT,
    auth: ClientAuth = ClientAuth.REQUIRED,
) -> Pair:
    """Return two ends after all that they have to say by themselves."""
    request = ClientIdSettings(b"\0")
    serving = Context(ServerRole(SERVER, auth, request, types=server), newer())
    asking = Context(ClientRole(identity, ClientIdSettings(b"\x01a"), types=client), newer())
    pair = Pair(Engine(serving), Engine(asking, "js.afnic.example"))
    pair.pump()
    return pair


@pytest.mark.parametrize(("of_server", "of_client"), tuple(product(CertificateType, repeat=2)))
def test_each_side_shows_what_it_is_asked_for(
    of_server: CertificateType, of_client: CertificateType
) -> None:
    pair = shake(
        CertificateTypes((of_server,), (of_client,)), CertificateTypes((of_client,), (of_server,))
    )
    assert (pair.server.state, pair.client.state) == (State.VERIFY, State.VERIFY)
    for engine, kind, identity in (
        (pair.server, of_client, CLIENT),
        (pair.client, of_server, SERVER),
    ):
        is_raw = kind is RAW
        assert engine.peer_chain == (() if is_raw else identity.chain)
        assert engine.peer_key == (subject_public_key_info(identity.leaf) if is_raw else b"")


@pytest.mark.parametrize("of_client", CertificateType)
def test_the_name_of_the_client_goes_with_either(of_client: CertificateType) -> None:
    pair = shake(CertificateTypes(peer=(of_client,)), CertificateTypes(own=(of_client,)))
    assert pair.server.client_id == b"\x01a"


def test_a_peer_that_knows_certificates_only_is_met_with_them() -> None:
    pair = shake(EITHER, CERTIFICATES_ONLY)
    assert (pair.server.peer_chain, pair.client.peer_chain) == (CLIENT.chain, SERVER.chain)


def test_between_two_that_take_either_the_preference_of_the_server_counts() -> None:
    pair = shake(EITHER, CertificateTypes((X509, RAW), (X509, RAW)))
    assert pair.client.peer_key == subject_public_key_info(SERVER.leaf)


@pytest.mark.parametrize(
    "bare", [CertificateTypes(own=(RAW,)), CertificateTypes(peer=(RAW,))], ids=["own", "peer"]
)
def test_without_a_common_type_there_is_no_connection(bare: CertificateTypes) -> None:
    for server, client in ((bare, CERTIFICATES_ONLY), (CERTIFICATES_ONLY, bare)):
        pair = shake(server, client)
        assert State.CLOSED in {pair.server.state, pair.client.state}


def test_a_certificate_instead_of_a_key_is_answered_with_the_alert_for_it() -> None:
    pair = shake(CertificateTypes(peer=(RAW,)), CERTIFICATES_ONLY)
    pair.client.verified(ok=True)
    assert pair.client.alert == "unsupported_certificate (43)"


def test_a_key_needs_no_certificate() -> None:
    bare = Identity(CLIENT.private_key, ())
    assert shake(BARE, BARE, bare).server.peer_key == subject_public_key_info(CLIENT.leaf)
    assert repr(bare) == "<Identity bare key>"


def test_a_client_without_key_is_refused_where_one_is_required() -> None:
    pair = shake(BARE, BARE, None)
    assert pair.server.state is State.CLOSED


def test_a_client_without_key_shows_nothing_where_it_may() -> None:
    pair = shake(BARE, BARE, None, ClientAuth.OPTIONAL)
    assert (pair.server.state, pair.server.peer_key) == (State.VERIFY, b"")


@pytest.mark.parametrize("types", [BARE, EITHER, CertificateTypes(own=(RAW,))])
def test_an_older_libssl_says_what_is_needed(types: CertificateTypes) -> None:
    library = load()
    if library.has_raw_public_keys:
        pytest.skip("the machine's own libssl knows them")
    with pytest.raises(UnsupportedError, match=r"OpenSSL 3\.2 or newer; this is OpenSSL 3"):
        Context(ClientRole(types=types), library)


def test_an_older_libssl_meets_a_newer_one_with_certificates() -> None:
    server = Engine(Context(ServerRole(SERVER, types=EITHER), newer()))
    pair = Pair(server, Engine(Context(ClientRole(CLIENT), load())))
    pair.pump()
    assert (pair.server.peer_chain, pair.server.peer_key) == (CLIENT.chain, b"")
