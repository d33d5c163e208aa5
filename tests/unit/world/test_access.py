from ipaddress import ip_network
from typing import Any

import dns.tsig
import pytest
from dns.rdatatype import RdataType
from dns.tsig import Key

from lab.core.errors import ZoneError
from lab.nameserver.access import Access, Grant, Permit, Target
from lab.world.access import ACCESS_DEFAULTS, read_access
from lab.world.config import read_hierarchy
from lab.world.keyforms import KEY_FORMS
from tests.fakes import name

LAB_KEY = name("lab-key.")


def read(**settings: object) -> Access:
    return read_access({**ACCESS_DEFAULTS, **settings}, "h.toml:1")


def test_the_key_of_the_lab_may_transfer_and_update_unless_a_file_says_otherwise() -> None:
    assert read() == Access(Grant((LAB_KEY,)), (Permit(Grant((LAB_KEY,))),), ())


def test_a_file_can_give_keys_networks_and_secondaries() -> None:
    access = read(
        transfer={"keys": ["a.", "b."], "addresses": ["127.0.0.0/8", "::1"]},
        update={},
        notify={"to": ["127.0.0.1:5301", "[::1]:53"], "key": "a."},
    )
    networks = (ip_network("127.0.0.0/8"), ip_network("::1"))
    assert access.transfer == Grant((name("a."), name("b.")), networks)
    assert access.update == (Permit(Grant()),)
    assert access.notify == (Target("127.0.0.1", 5301, name("a.")), Target("::1", 53, name("a.")))
    assert str(access.notify[0]) == "127.0.0.1:5301"


def test_a_table_of_hierarchy_toml_has_access_lists() -> None:
    text = (
        "[defaults]\ntransfer = {}\n"
        '[zone."."]\nfile = "root.zone"\nnameservers = { "ns." = "127.0.0.1" }\n'
        'update = { keys = ["device."] }\n'
    )
    (config,) = read_hierarchy(text, "h.toml")
    assert config.access == Access(Grant(), (Permit(Grant((name("device."),))),), ())


def test_an_update_can_be_limited_to_names_and_types() -> None:
    table = {"keys": ["device."], "below": "_device.example.com.", "types": ["TLSA"]}
    access = read(update=[{"keys": ["lab-key."]}, table])
    assert access.update == (
        Permit(Grant((LAB_KEY,))),
        Permit(Grant((name("device."),)), name("_device.example.com."), (RdataType.TLSA,)),
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"transfer": "anybody"}, "transfer: expected a table of keys and addresses"),
        ({"transfer": {"key": []}}, "transfer: expected a table of keys and addresses"),
        ({"update": {"keys": "a."}}, r'update: expected a list such as \["…", "…"\]'),
        ({"update": {"types": ["TLSB"]}}, "'TLSB' is no type of a record"),
        ({"update": [{"name": "a."}]}, "update: expected a table of keys and addresses and below"),
        ({"update": {"keys": ["a..b"]}}, "'a..b' is not the name of a TSIG key"),
        ({"transfer": {"addresses": ["127.0.0.1/8"]}}, "expected a network such as 127.0.0.0/8"),
        ({"notify": {"to": ["127.0.0.1"]}}, 'notify: expected "ADDRESS:PORT"'),
        ({"notify": {"to": ["127.0.0.1:0"]}}, 'notify: expected "ADDRESS:PORT"'),
        ({"notify": {"to": ["ns.example:53"]}}, 'notify: expected "ADDRESS:PORT"'),
    ],
)
def test_a_mistake_is_named_with_its_place(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(ZoneError, match=f"^h.toml:1: .*{words}"):
        read(**settings)


def test_every_form_of_a_key_has_name_algorithm_and_secret() -> None:
    key = Key("a.b.", b"secret", dns.tsig.HMAC_SHA512)
    for form in KEY_FORMS.values():
        text = form(key)
        assert "a.b." in text
        assert "hmac-sha512" in text
        assert "c2VjcmV0" in text
