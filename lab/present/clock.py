"""Say in one sentence what the lab's clock shows, and how far that is from the real time."""

from lab.core.instant import DAY, HOUR, MINUTE, Instant

_UNITS = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (1, "s"))


def sentence(now: int, real: int, ahead: int, *, frozen: bool) -> str:
    """Return e.g. `2026-12-26 08:30:00Z, 30 d ahead of the real time, frozen`.

    Args:
        now: the lab's present.
        real: the real time; not shown.
        ahead: how many seconds the lab is ahead; negative: behind.
        frozen: whether time stands still.
    """
    del real
    parts = [str(Instant(now)), "the real time"]
    if ahead:
        parts[1] = f"{length(abs(ahead))} {'ahead of' if ahead > 0 else 'behind'} the real time"
    return ", ".join([*parts, *(["frozen"] if frozen else [])])


def length(seconds: int) -> str:
    """Return a span in its two biggest units, e.g. `30 d 2 h`."""
    parts = []
    for unit, sign in _UNITS:
        count, seconds = divmod(seconds, unit)
        if count:
            parts.append(f"{count} {sign}")
    return " ".join(parts[:2]) or "0 s"
