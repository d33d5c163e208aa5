"""The text of domain names, written once: reports name the same few names over and over."""

from functools import lru_cache

from dns.name import Name

# Names that were written last. A resolver's cache of a room full of people has fewer.
_KEPT = 4096


def text_of(name: Name) -> str:
    """Return *name* as RFC 1035 section 5.1 writes it, case and final dot as they are."""
    # Not keyed by the name itself, which is equal to one of another case.
    return _text(name.labels)


def text_without_dot(name: Name) -> str:
    """Return *name* as `text_of` does, without the dot at its end; the root is "."."""
    text = text_of(name)
    return text[:-1] if len(text) > 1 and name.is_absolute() else text


@lru_cache(_KEPT)
def _text(labels: tuple[bytes, ...]) -> str:
    return Name(labels).to_text()
