"""Make records of dnspython whose parts are known to be good, without looking at these again.

dnspython checks what it is given, and guards what it makes against change: right for one record,
and most of the time where a hundred thousand are made.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from dns.rdata import Rdata
from dns.rdataclass import RdataClass
from dns.rdatatype import RdataType

R = TypeVar("R", bound=Rdata)


def unchecked(kind: type[R], rdtype: RdataType, *fields: str) -> Callable[..., R]:
    """Return what makes records of *kind*, class IN, of the values of *fields*, in this order.

    The values are what a record of dnspython holds: integers, names and octets, not their text.
    """
    # Of a slot one may also write what cannot be assigned to.
    common = [getattr(kind, one).__set__ for one in ("rdclass", "rdtype", "rdcomment")]
    own = [getattr(kind, one).__set__ for one in fields]
    put_class, put_type, put_comment = common
    new = kind.__new__

    def make(*values: Any) -> R:  # noqa: ANN401 as many kinds as fields
        made = new(kind)
        put_class(made, RdataClass.IN)
        put_type(made, rdtype)
        put_comment(made, None)
        for put, value in zip(own, values, strict=True):
            put(made, value)
        return made

    return make
