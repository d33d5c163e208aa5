"""Let Twisted be imported without its own TLS: for programs that start fast, and have ours.

Twisted runs where there is no pyOpenSSL, and so without all that this brings along: a third of what
it takes to import a reactor. For as long as it looks, we say that there is none.
"""

import sys
from importlib import import_module

_TLS = "OpenSSL"
_LOOKS_FOR_IT = "twisted.internet.posixbase"


def import_without_tls() -> None:
    """Import what every reactor is made of, unless it has been imported already.

    For our own processes only: connections of their reactor cannot be given to Twisted's TLS.
    """
    if _LOOKS_FOR_IT in sys.modules or _TLS in sys.modules:
        return
    # What stands there as None cannot be imported, says the reference of `sys.modules`.
    sys.modules[_TLS] = None  # type: ignore[assignment]  # as just said
    try:
        import_module(_LOOKS_FOR_IT)
    finally:
        del sys.modules[_TLS]
