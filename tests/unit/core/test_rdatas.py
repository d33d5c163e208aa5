"""Records made without checks are like all others."""

import pickle

import dns.name
import pytest
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType
from dns.rdtypes.ANY.MX import MX

from lab.core.rdatas import unchecked

MAIL = dns.name.from_text("mail.example.")
MADE = unchecked(MX, RdataType.MX, "preference", "exchange")(10, MAIL)


def test_they_are_those_that_dnspython_makes() -> None:
    checked = MX(RdataClass.IN, RdataType.MX, 10, MAIL)
    assert checked == MADE
    assert checked.to_text() == MADE.to_text()
    assert checked.to_wire() == MADE.to_wire()
    assert pickle.loads(pickle.dumps(MADE)) == checked  # noqa: S301 our own


def test_nobody_changes_them() -> None:
    with pytest.raises(TypeError, match="assignment"):
        MADE.preference = 11
    assert MADE.replace(preference=11) == MX(RdataClass.IN, RdataType.MX, 11, MAIL)


def test_as_many_values_as_fields_are_wanted() -> None:
    with pytest.raises(ValueError, match="zip"):
        unchecked(MX, RdataType.MX, "preference", "exchange")(10)
