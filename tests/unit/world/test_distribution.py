import pytest

from lab.core.errors import ZoneError
from lab.nameserver.access import Access
from lab.world.access import ACCESS_DEFAULTS, read_access
from lab.world.distribution import Distribution, read_distribution
from tests.fakes import name

GOOD = '[distribution]\naddress = "127.53.0.54"\ncatalog = "catalog.lab."\n'


def test_a_file_without_the_table_has_no_hidden_primary() -> None:
    assert read_distribution("", "h.toml") is None


def test_the_catalog_has_the_access_lists_of_the_defaults_unless_it_says_otherwise() -> None:
    notify = {"to": ["127.0.0.1:5301"]}
    defaults = '[defaults]\nnotify = { to = ["127.0.0.1:5301"] }\n'
    assert read_distribution(defaults + GOOD, "h.toml") == Distribution(
        "127.53.0.54", name("catalog.lab."), access(notify=notify)
    )
    assert read_distribution(GOOD + "transfer = {}\n", "h.toml") == Distribution(
        "127.53.0.54", name("catalog.lab."), access(transfer={})
    )


def access(**settings: object) -> Access:
    return read_access({**ACCESS_DEFAULTS, **settings}, "h.toml:1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[distribution]\naddress = "10.0.0.1"\ncatalog = "c."', "loopback address"),
        ('[distribution]\naddress = "127.0.0.9"', "expected a domain name"),
        (GOOD + "file = 1\n", "unknown key 'file'"),
        ("distribution = 5\n", r"expected a table \[distribution\]"),
    ],
)
def test_a_mistake_is_named(text: str, words: str) -> None:
    with pytest.raises(ZoneError, match=words):
        read_distribution(text, "h.toml")
