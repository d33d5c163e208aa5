"""Does the lab stand? Every zone's chain, walked by its own stub, and the federated handshake."""

from collections.abc import AsyncIterator

from dns.rdatatype import RdataType

from lab.app.running import RunningLab
from lab.core.checks import Outcome, Report
from lab.core.status import SecurityStatus
from lab.scenario.action import Connect, Ending, IdentityName

HANDSHAKES = (("tsp.ns", "afnic.js"), ("afnic.ns", "tsp.js"))


async def self_check(lab: RunningLab) -> AsyncIterator[Report]:
    """Yield one report for each zone, then one for each handshake of two operators."""
    for config in lab.world.honest:
        validation = await lab.validate(config.apex, RdataType.SOA)
        expected = SecurityStatus.SECURE if config.signed else SecurityStatus.INSECURE
        yield Report(
            title=f"{config.apex} SOA",
            outcome=_outcome(validation.status is expected),
            conclusion=validation.status.value,
            parts=(validation.report,),
        )
    names = {endpoint.identity.name for endpoint in lab.world.endpoints}
    for client, server in HANDSHAKES:
        if {client, server} <= names:
            result = await lab.connect(Connect(IdentityName(client), IdentityName(server)))
            yield Report(
                title=f"mutual TLS {client} to {server}",
                outcome=_outcome(result.ending is Ending.ACCEPTED),
                conclusion=result.ending.value,
                parts=(result.report,),
            )


def _outcome(good: bool) -> Outcome:  # noqa: FBT001 a verdict made into an outcome
    return Outcome.PASSED if good else Outcome.FAILED
