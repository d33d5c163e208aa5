"""The TLS extension by which a client names itself: dane_clientid, on the wire.

Two forms are in use. draft-ietf-dance-client-auth-13: always `opaque ClientName<0..2^8-1>`, empty
from the server, never from the client, and the name is the full TLSA owner name. The older
draft-huque-tls-dane-clientid-06: the server sends no octets at all, and so may a client that wants
to say "read my certificate". A name looks the same in both.
"""

from enum import Enum

import dns.exception
import dns.name
from dns.name import Name

from lab.core.errors import InputError, PeerError

# No number is assigned yet: this one is for private use (first octet 255, RFC 8446 section 11).
# Settable wherever it is used: both sides must agree on it.
CODE_POINT = 0xFF5D

MAX_NAME = 253
_ALLOWED = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


class Profile(Enum):
    """Name the text whose rules a server follows; what they are stands in `dane.profiles`.

    Attributes:
        SEEDS_2022: draft-huque-dane-client-cert-08 with draft-huque-tls-dane-clientid-06.
        CLIENT_AUTH_13: draft-ietf-dance-client-auth-13.
    """

    SEEDS_2022 = "seeds-2022"
    CLIENT_AUTH_13 = "client-auth-13"


def push_request(profile: Profile) -> bytes:
    """Return the extension data of a CertificateRequest: "this server looks clients up"."""
    return b"\0" if profile is Profile.CLIENT_AUTH_13 else b""


def push_client_id(name: Name) -> bytes:
    """Return the extension data of a client's Certificate message.

    Raises:
        InputError: *name* is not one that the rules of `client_name` allow.
    """
    text = name.to_text(omit_final_dot=True)
    try:
        client_name(text)
    except PeerError as error:
        raise InputError(str(error), "client identity") from error
    return bytes([len(text)]) + text.encode("ascii")


def pull_request(data: bytes) -> None:
    """Accept the extension data of a CertificateRequest, in either form.

    Raises:
        PeerError: the server puts something into it.
    """
    if data not in {b"", b"\0"}:
        raise PeerError("dane_clientid in CertificateRequest is not empty", data)


def pull_client_id(data: bytes, profile: Profile) -> Name | None:
    """Return the name in the extension data of a client, or None: "read my certificate".

    Raises:
        PeerError: the data break the rules of *profile*.
    """
    # draft-huque-tls-dane-clientid-06: the extension may be empty. From -11 of the IETF's draft
    # on that is a protocol violation, as is a name of length zero.
    if profile is Profile.SEEDS_2022 and not data:
        return None
    if not data or data[0] != len(data) - 1:
        raise PeerError("the length octet of ClientName is wrong", data)
    if len(data) == 1:
        raise PeerError("ClientName is empty", data)
    try:
        return client_name(data[1:].decode("ascii"))
    except UnicodeDecodeError as error:
        raise PeerError("ClientName has octets that are not ASCII", data) from error


def client_name(text: str) -> Name:
    r"""Return the domain name that a client gives as its identity.

    Only A-labels of letters, digits, hyphens and underscores: no U-labels, no `\DDD`, no wildcard.
    A trailing dot, which the sender should omit, is let pass.

    Raises:
        PeerError: *text* is no such name.
    """
    octets = text.removesuffix(".").encode("utf-8")
    labels = octets.split(b".")
    if len(octets) > MAX_NAME or not all(label and _ALLOWED.issuperset(label) for label in labels):
        raise PeerError(f"{text[:MAX_NAME]!r} is no name that a client may have", octets)
    try:
        return Name((*labels, b""))
    except dns.exception.DNSException as error:
        raise PeerError(f"{text[:MAX_NAME]!r} is no domain name: {error}", octets) from error
