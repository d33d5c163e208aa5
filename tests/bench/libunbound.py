"""Validate by libunbound, in this process (its C interface, unbound.h)."""

import ctypes
from ctypes.util import find_library

LIBRARY = find_library("unbound")
PACKAGE = "libunbound8"
_A, _IN = 1, 1


class _Answer(ctypes.Structure):
    """The first fields of struct ub_result."""

    _fields_ = (
        ("qname", ctypes.c_char_p),
        ("qtype", ctypes.c_int),
        ("qclass", ctypes.c_int),
        ("data", ctypes.c_void_p),
        ("lengths", ctypes.c_void_p),
        ("canonname", ctypes.c_char_p),
        ("rcode", ctypes.c_int),
        ("packet", ctypes.c_void_p),
        ("packet_length", ctypes.c_int),
        ("havedata", ctypes.c_int),
        ("nxdomain", ctypes.c_int),
        ("secure", ctypes.c_int),
    )


def _library(name: str) -> ctypes.CDLL:
    """Load it, and say which arguments its functions take."""
    library, context, text = ctypes.CDLL(name), ctypes.c_void_p, ctypes.c_char_p
    library.ub_ctx_create.restype = context
    library.ub_ctx_set_option.argtypes = [context, text, text]
    library.ub_ctx_add_ta.argtypes = [context, text]
    library.ub_ctx_set_fwd.argtypes = [context, text]
    library.ub_ctx_delete.argtypes = [context]
    answer = ctypes.POINTER(_Answer)
    library.ub_resolve.argtypes = [
        context,
        text,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.POINTER(answer),
    ]
    library.ub_resolve_free.argtypes = [answer]
    return library


class Libunbound:
    """Be a context, which keeps what it has learnt."""

    def __init__(self, ds: str, port: int) -> None:
        """Believe a DS, and leave the asking to the server at *port* of 127.0.0.1."""
        assert LIBRARY is not None
        self._library = _library(LIBRARY)
        self._context = self._library.ub_ctx_create()
        for function, arguments in (
            (self._library.ub_ctx_set_option, (b"do-not-query-localhost:", b"no")),
            (self._library.ub_ctx_add_ta, (ds.encode(),)),
            (self._library.ub_ctx_set_fwd, (f"127.0.0.1@{port}".encode(),)),
        ):
            assert function(self._context, *arguments) == 0

    def secure(self, name: str) -> bool:
        """Return whether the address of *name* is there and validates."""
        answer = ctypes.POINTER(_Answer)()
        asked = name.encode(), _A, _IN
        assert self._library.ub_resolve(self._context, *asked, ctypes.byref(answer)) == 0
        told = bool(answer.contents.havedata and answer.contents.secure)
        self._library.ub_resolve_free(answer)
        return told

    def close(self) -> None:
        """Forget everything."""
        self._library.ub_ctx_delete(self._context)
