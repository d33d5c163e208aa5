"""What `lab up` tells people when the lab stands, and the check that it is true."""

from importlib.metadata import version

from rich.console import Console

from lab.app.folders import how_to_call
from lab.app.running import RunningLab
from lab.app.selfcheck import self_check
from lab.app.service import described
from lab.core.checks import Outcome
from lab.present.status import render_status
from lab.present.text import render


async def welcome(lab: RunningLab, console: Console, started_at: float) -> bool:
    """Show everything a participant needs, then check that it is true.

    Args:
        lab: stands.
        console: where to.
        started_at: real time at which the command began, seconds.

    Returns:
        Whether all was well.
    """
    ready = lab.reactor.seconds() - started_at
    console.print(f"[bold]DNSSEC and DANE lab {version('dnssec-dane-lab')}[/]")
    console.print(render_status(described(lab), how_to_call(lab.state)))
    for remark in lab.remarks:
        console.print(f"[yellow]![/] {remark}")
    console.print("Self-check: every zone's chain of trust, then mutual TLS between operators")
    good = True
    async for report in self_check(lab):
        if report.outcome is Outcome.PASSED:
            console.print(f"  [green]✓[/] {report.title}  [dim]{report.conclusion}[/]")
        else:
            good = False
            console.print(render(report))
    verdict = "[green]All of it holds.[/]" if good else "[bold red]The lab is not well.[/]"
    console.print(f"{verdict} Port {lab.port}, ready in {ready:.1f} s.")
    console.print()
    return good
