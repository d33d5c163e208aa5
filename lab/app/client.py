"""What `lab status`, `stats` and `flush` ask a running lab."""

from typing import Any

from lab.app.asking import NotRunningError, ask
from lab.app.place import Place


def live_status(place: Place) -> dict[str, Any]:
    """Return what a running lab says about itself now.

    Raises:
        NotRunningError: there is none.
    """
    for event in ask(place, {"do": "status"}):
        status: dict[str, Any] = event["status"]
        return status
    raise NotRunningError(f"the lab in {place.path} did not answer")


def live_stats(place: Place) -> dict[str, Any]:
    """Return how many queries a running lab has had.

    Raises:
        NotRunningError: there is none.
    """
    for event in ask(place, {"do": "stats"}):
        stats: dict[str, Any] = event["stats"]
        return stats
    raise NotRunningError(f"the lab in {place.path} did not answer")


def flush_cache(place: Place) -> int:
    """Let the resolver of a running lab forget what it has cached; return how many answers.

    Raises:
        LabError: there is no lab, or it has no such cache.
    """
    for event in ask(place, {"do": "flush"}):
        forgotten: int = event["forgotten"]
        return forgotten
    raise NotRunningError(f"the lab in {place.path} did not answer")
