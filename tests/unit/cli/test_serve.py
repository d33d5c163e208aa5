import pytest

from lab.cli.serve import listening
from lab.core.errors import InputError


def test_addresses_share_one_port() -> None:
    places = ("127.0.0.1:5300", "[::1]:5300", "127.0.0.1:5300")
    assert listening(places) == (("127.0.0.1", "::1"), 5300)


@pytest.mark.parametrize(
    "place", ["", "127.0.0.1", ":53", "::1:53", "[127.0.0.1]:53", "1.2.3:53", "127.0.0.1:70000"]
)
def test_what_is_no_place_to_listen_is_named(place: str) -> None:
    with pytest.raises(InputError, match="expected --listen as"):
        listening((place,))


def test_two_ports_are_refused() -> None:
    with pytest.raises(InputError, match="the same port in every --listen"):
        listening(("127.0.0.1:53", "[::1]:54"))
