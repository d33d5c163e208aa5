"""A TSIG key in the forms that other programs read."""

from base64 import b64encode
from collections.abc import Callable, Mapping

from dns.tsig import Key


def algorithm_of(key: Key) -> str:
    """Return the name of the key's algorithm, without the final dot."""
    return key.algorithm.to_text(omit_final_dot=True)


def secret_of(key: Key) -> str:
    """Return the secret of *key* in base64."""
    assert isinstance(key.secret, bytes)
    return b64encode(key.secret).decode("ascii")


def bind_key(key: Key) -> str:
    """Return *key* for named.conf, `dig -k` and `nsupdate -k`."""
    return (
        f'key "{key.name}" {{\n    algorithm {algorithm_of(key)};\n'
        f'    secret "{secret_of(key)}";\n}};\n'
    )


def nsd_key(key: Key) -> str:
    """Return *key* for nsd.conf."""
    return (
        f'key:\n    name: "{key.name}"\n    algorithm: {algorithm_of(key)}\n'
        f'    secret: "{secret_of(key)}"\n'
    )


def knot_key(key: Key) -> str:
    """Return *key* for knot.conf."""
    return (
        f"key:\n  - id: {key.name}\n    algorithm: {algorithm_of(key)}\n"
        f"    secret: {secret_of(key)}\n"
    )


def dig_key(key: Key) -> str:
    """Return *key* for `dig -y`, `kdig -y` and, in a file, `kdig -k`."""
    return f"{algorithm_of(key)}:{key.name}:{secret_of(key)}\n"


KEY_FORMS: Mapping[str, Callable[[Key], str]] = {
    "bind": bind_key,
    "nsd": nsd_key,
    "knot": knot_key,
    "dig": dig_key,
}
