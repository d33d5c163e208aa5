"""The certification authorities of a lab as tables, and what is known of one certificate."""

from base64 import b64decode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from lab.pki.ledger import SERIAL_DIGITS
from lab.present.certificate import certificate_text

_STYLES = {"valid": "green", "expired": "yellow", "not yet valid": "yellow", "revoked": "red"}
_END = "-----END "


def render_authorities(answer: dict[str, Any]) -> Group:
    """Return what `lab ca list` shows of *answer*, as `app.registrar` describes it."""
    return Group(*(part for one in answer["authorities"] for part in _parts(one)))


def _parts(authority: dict[str, Any]) -> Iterator[RenderableType]:
    title = f"{authority['organization']} ({authority['operator']})"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("certificate", overflow="fold")
    table.add_column("names", overflow="fold")
    for heading in ("key and use", "until", "status", "serial"):
        table.add_column(heading, no_wrap=True)
    for one in authority["certificates"]:
        style = _STYLES[one["status"]]
        use = "certificates" if one["authority"] else ", ".join(one["purposes"])
        table.add_row(
            one["label"],
            "\n".join(one["names"]),
            f"{one['key']}\n{use}",
            f"{datetime.fromtimestamp(one['not_after'], UTC):%Y-%m-%d}",
            f"[{style}]{one['status']}[/]",
            one["serial"][:SERIAL_DIGITS],
        )
    yield table


def render_certificate(answer: dict[str, Any]) -> str:
    """Return one certificate in the form of `openssl x509 -text`, with what the lab knows."""
    certificate = x509.load_pem_x509_certificate(answer["pem"].encode())
    known = [f"{answer['label']}: {answer['status']}"]
    if answer["revoked"] is not None:
        known[0] += f", {answer['revoked']['reason']}"
    if answer["file"] is not None:
        known.append(f"key and chain: {answer['file']}")
    if "in_use" in answer:
        known.append(f"in use {answer['in_use']}")
    return certificate_text(certificate) + "".join(f"# {one}\n" for one in known)


def first_der(pem: str) -> bytes:
    """Return the first thing of *pem* as DER."""
    return b64decode("".join(pem.partition(_END)[0].splitlines()[1:]))
