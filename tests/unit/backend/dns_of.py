"""A DNS as a table, for what asks by `Look`."""

from collections.abc import Mapping

import dns.name
import dns.rdata

from lab.core.checks import Report
from lab.core.dialogue import Dialogue, ResultT, answer_all
from lab.dane.discovery import Look, Seen
from lab.dane.evidence import DnsStatus

SECURE, INSECURE, ABSENT = DnsStatus.SECURE, DnsStatus.INSECURE, DnsStatus.SECURE_ABSENT
BOGUS, TIME_OUT = DnsStatus.BOGUS, DnsStatus.TIME_OUT

Answers = Mapping[tuple[str, str], tuple[DnsStatus, str, str]]
"""Name and type to status, end of the alias chain, and records separated by semicolons."""


def ask(dialogue: Dialogue[Look, Seen, ResultT], answers: Answers) -> ResultT:
    """Return what comes of *dialogue*; what is not in *answers* does not exist, securely."""

    def answer(look: Look) -> Seen:
        nothing = (ABSENT, str(look.name), "")
        status, end, text = answers.get((str(look.name), look.rdtype.name), nothing)
        rdatas = tuple(
            dns.rdata.from_text("IN", look.rdtype.name, one) for one in text.split(";") if one
        )
        report = Report(f"validation of {look.name} {look.rdtype.name}")
        return Seen(status, dns.name.from_text(end), rdatas, report)

    return answer_all(dialogue, answer).result
