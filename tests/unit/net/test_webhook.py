"""A webhook is a program on this machine."""

import pytest

from lab.core.errors import InputError
from lab.net.webhook import Webhook


@pytest.mark.parametrize(
    ("url", "webhook"),
    [
        ("http://127.0.0.1:9000/readings?all=1", Webhook("127.0.0.1", 9000, "/readings?all=1")),
        ("http://127.53.0.9", Webhook("127.53.0.9", 80, "/")),
    ],
)
def test_a_url_names_address_port_and_target(url: str, webhook: Webhook) -> None:
    assert Webhook.from_text(url) == webhook


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:9000",
        "https://127.0.0.1/",
        "http://192.0.2.1/",
        "http://host/",
        "http://[",
        "http://127.0.0.1:x/",
    ],
)
def test_nothing_is_sent_to_other_machines(url: str) -> None:
    with pytest.raises(InputError, match="is no webhook"):
        Webhook.from_text(url)
