"""The dane_clientid extension on the wire."""

import dns.name
import pytest

from lab.core.errors import InputError, PeerError
from lab.dane.client_id import (
    Profile,
    client_name,
    pull_client_id,
    pull_request,
    push_client_id,
    push_request,
)

NAME = dns.name.from_text("device1.example.com")
WIRE = bytes.fromhex("13 646576696365312e6578616d706c652e636f6d")


def test_a_name_is_written_with_its_length_and_no_dot() -> None:
    assert push_client_id(NAME) == WIRE


@pytest.mark.parametrize("profile", Profile)
def test_a_name_is_read_alike_under_both_drafts(profile: Profile) -> None:
    assert pull_client_id(WIRE, profile) == NAME


def test_the_server_s_request_differs_between_the_drafts() -> None:
    assert push_request(Profile.CLIENT_AUTH_13) == b"\0"
    assert push_request(Profile.SEEDS_2022) == b""


@pytest.mark.parametrize("profile", Profile)
def test_a_client_reads_both_requests(profile: Profile) -> None:
    pull_request(push_request(profile))


def test_a_request_with_a_name_is_refused() -> None:
    with pytest.raises(PeerError):
        pull_request(WIRE)


def test_no_octets_mean_read_my_certificate_under_the_old_draft_only() -> None:
    assert pull_client_id(b"", Profile.SEEDS_2022) is None
    with pytest.raises(PeerError):
        pull_client_id(b"", Profile.CLIENT_AUTH_13)


@pytest.mark.parametrize("profile", Profile)
@pytest.mark.parametrize(
    "wire",
    [b"\0", b"\x02a", b"\x00a", b"\x01\xff", b"\x04a..b", b"\x03*.b", b"\x04\\046", b"\x03a b"],
)
def test_malformed_data_are_refused(wire: bytes, profile: Profile) -> None:
    with pytest.raises(PeerError):
        pull_client_id(wire, profile)


@pytest.mark.parametrize("text", ["", ".", "a" * 64, "a." * 127 + "a", "münchen.example", "a@b"])
def test_names_outside_the_rules_are_refused(text: str) -> None:
    with pytest.raises(PeerError):
        client_name(text)


def test_the_longest_name_is_allowed() -> None:
    text = ".".join(["a" * 63] * 3 + ["a" * 61])
    assert client_name(text).to_text(omit_final_dot=True) == text


def test_a_trailing_dot_is_let_pass() -> None:
    assert client_name("device1.example.com.") == NAME


def test_we_do_not_send_a_wildcard() -> None:
    with pytest.raises(InputError):
        push_client_id(dns.name.from_text("*._device.example"))
