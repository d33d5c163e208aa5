"""What the settings of pytest.ini mean; what the fixtures do stands in tests/e2e."""

import pytest

from lab.core.errors import InputError
from lab.testing.plugin import _moment, _port


def test_a_port_is_a_number() -> None:
    assert _port("53") == 53
    with pytest.raises(pytest.UsageError, match="dnssec_lab_port: expected a number, not 'dns'"):
        _port("dns")


def test_a_moment_is_written_as_iso_8601() -> None:
    assert _moment("2027-01-15T08:00:00Z") == 1800000000
    with pytest.raises(InputError, match="dnssec_lab_now: 'now' is no moment"):
        _moment("now")
