"""May this client speak for that SenderID? The DNS decides, as it does about the certificate.

DANE proves who connects; the SenderID is only a claim in JSON, and the standard leaves open what
ties the two together. Here it is the registry's zone: the name of the SenderID must lead, by secure
answers, to the host whose client was authenticated.
"""

from dns.name import Name

from lab.backend import rules
from lab.backend.discovery import locate
from lab.backend.header import AsId, PartyId
from lab.core.checks import Check, Outcome, Report, check
from lab.core.dialogue import Dialogue
from lab.core.errors import InputError
from lab.dane.discovery import Look, Seen

# Only names count here, whatever port they lead to.
_ANY_PORT = 0


def host_of(client: Name) -> Name:
    """Return the host of the client identity *client*: `_service.host` is of the host."""
    first = client.labels[0]
    return client.parent() if first.startswith(b"_") and len(client.labels) > 1 else client


def judge_sender(sender: PartyId, client: Name) -> Dialogue[Look, Seen, Report]:
    """Judge whether the authenticated *client* may speak for *sender*; a "no" is UnknownSender."""
    host = host_of(client)
    facts = {"host": host, "client": client}
    if isinstance(sender, AsId):
        own = _is_name(sender, host)
        return _report(sender, client, (check(rules.SENDER_NAMED, own, str(sender), **facts),), ())
    location = yield from locate(sender, _ANY_PORT)
    # A registry may also name the client's host by the identifier itself.
    names = location.hosts | {location.name}
    leads_to = ", ".join(sorted(str(one) for one in location.hosts)) or "nowhere"
    bound = check(rules.SENDER_BOUND, host in names, str(sender), leads_to=leads_to, **facts)
    return _report(sender, client, (bound,), (location.report,))


def _is_name(sender: AsId, host: Name) -> bool:
    try:
        return bool(sender.host == host)
    except InputError:
        return False


def _report(
    sender: PartyId, client: Name, checks: tuple[Check, ...], parts: tuple[Report, ...]
) -> Report:
    refused = any(one.failed for one in checks)
    return Report(
        f"{client} speaks for {sender}",
        Outcome.FAILED if refused else Outcome.PASSED,
        "UnknownSender" if refused else "bound by the DNS",
        checks,
        parts,
    )
