"""A broker is a program on this machine, with or without TLS."""

from pathlib import Path

import pytest

from lab.core.errors import InputError
from lab.net.broker import Broker

CA = Path("ca.crt")


@pytest.mark.parametrize(
    ("url", "ca", "broker"),
    [
        ("mqtt://127.0.0.1:1884/home/roof/", None, Broker("127.0.0.1", 1884, "home/roof")),
        ("mqtt://127.53.0.9", None, Broker("127.53.0.9", 1883, "lab")),
        ("mqtts://127.0.0.1", CA, Broker("127.0.0.1", 8883, "lab", CA)),
    ],
)
def test_a_url_names_address_port_and_prefix(url: str, ca: Path | None, broker: Broker) -> None:
    assert Broker.from_text(url, ca) == broker
    assert str(broker) in {
        "mqtt://127.0.0.1:1884",
        "mqtt://127.53.0.9:1883",
        "mqtts://127.0.0.1:8883",
    }


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:1883",
        "http://127.0.0.1/",
        "mqtt://192.0.2.1/",
        "mqtt://127.0.0.1:x/",
        "mqtt://somebody:secret@127.0.0.1/",
        "mqtt://127.0.0.1/#",
        "mqtt://127.0.0.1/a/+/b",
        "mqtt://127.0.0.1/?retain=1",
    ],
)
def test_other_machines_passwords_and_wildcards_are_refused(url: str) -> None:
    with pytest.raises(InputError, match="is no MQTT broker"):
        Broker.from_text(url)


@pytest.mark.parametrize(("url", "ca"), [("mqtts://127.0.0.1", None), ("mqtt://127.0.0.1", CA)])
def test_an_authority_goes_with_tls(url: str, ca: Path | None) -> None:
    with pytest.raises(InputError, match="--mqtt-ca"):
        Broker.from_text(url, ca)
