"""The library for other programs, as far as it opens no socket."""

from pathlib import Path

import pytest
from dns.name import root
from dns.rdatatype import RdataType

import lab
from lab.api import Cache, Result, resolve, settings_of
from lab.core.errors import InputError
from lab.core.question import Role, Server
from lab.core.status import SecurityStatus
from lab.net.endpoints import dane_server
from tests.unit.present.test_validation import validation
from tests.unit.validator.zone import NOW, name

ANCHOR = f". IN DS 1 13 2 {'ab' * 32}\n"
HINTS = ". NS a.\na. A 192.0.2.1\n"


def test_the_package_offers_the_names_of_the_library() -> None:
    assert lab.resolve is resolve
    assert lab.dane_server is dane_server
    assert all(getattr(lab, one) is not None for one in lab.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = lab.nonsense


def test_the_package_is_typed() -> None:
    assert (Path(lab.__file__).parent / "py.typed").is_file()


def test_a_secure_result_gives_its_records() -> None:
    result = Result(validation("secure"), NOW)
    assert result.secure
    assert [one.to_text() for one in result.rdatas] == ["192.0.2.1"]
    assert result.records == ("www.example.fr. 3600 IN A 192.0.2.1",)
    assert result.to_json()["status"] == "secure"
    assert result.to_svg().startswith("<svg ")
    assert result.to_text().startswith("www.example.fr. A: secure")


def test_bogus_data_are_not_handed_out_by_mistake() -> None:
    result = Result(validation("answer expired"), NOW)
    assert result.status is SecurityStatus.BOGUS
    assert result.rdatas == ()
    assert [int(one) for one in result.ede] == [7]


def test_what_is_in_the_cache_is_not_asked_for_and_says_so() -> None:
    cache = Cache()
    cache.serve(settings_of(ANCHOR, HINTS, NOW))
    cache.answers.put((name("www.example.fr."), RdataType.A), validation("secure"), NOW, 60)
    result = resolve("www.example.fr", anchor=ANCHOR, hints=HINTS, now=NOW + 1, cache=cache)
    assert result.records == ("www.example.fr. 3599 IN A 192.0.2.1",)
    assert [one.rule.id for one in result.report.checks] == ["cache.alive"]
    assert "cache.alive" in str(result.to_json()["report"])
    assert result.to_svg() == Result(validation("secure"), NOW).to_svg()


def test_settings_come_as_text_or_as_files(tmp_path: Path) -> None:
    (tmp_path / "anchor").write_text(ANCHOR)
    (tmp_path / "hints").write_text(HINTS)
    by_file = settings_of(tmp_path / "anchor", tmp_path / "hints", NOW)
    assert by_file == settings_of(ANCHOR, HINTS, NOW)


def test_without_arguments_it_is_the_internet() -> None:
    settings = settings_of(None, None, NOW)
    assert len(settings.hints) == 13
    assert [one.key_tag for one in settings.anchors[0].ds] == [20326, 38696]


def test_a_wrong_argument_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot ask for"):
        resolve("a..b", anchor=ANCHOR, hints=HINTS)
    with pytest.raises(InputError, match="cannot ask for"):
        resolve("a.", "NONSENSE", anchor=ANCHOR, hints=HINTS)
    with pytest.raises(InputError, match="cannot be read"):
        resolve("a.", anchor=tmp_path / "none", hints=HINTS)
    with pytest.raises(InputError, match="forward takes an IP address"):
        resolve("a.", anchor=ANCHOR, hints=HINTS, forward="resolver.example")


def test_a_resolver_takes_the_place_of_the_hints() -> None:
    settings = settings_of(ANCHOR, HINTS, NOW, "192.0.2.53")
    (resolver,) = settings.hints
    assert resolver == Server(root, "192.0.2.53", Role.RECURSIVE)
    assert settings.anchors
