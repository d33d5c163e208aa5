"""The commands of `lab` as a table: where each is defined, and what it does in a sentence.

Decides: which module is imported for a command. The group knows no other, so that `lab --help`
imports none of them, and each command one.
"""

from importlib import import_module

import click

from lab.core.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """Hold one command.

    Attributes:
        modules: of `lab.cli`; importing the first one adds the command to the group, the others add
            commands below it.
        sentence: the first one of its docstring.
        hidden: it is of no use to users.
    """

    modules: tuple[str, ...]
    sentence: str
    hidden: bool = False


COMMANDS = {
    "attack": Row(
        ("attack",), "Attack the running lab on the way, and know what can be done there."
    ),
    "ca": Row(("ca",), "List, issue, renew and revoke the certificates of the operators."),
    "clock": Row(("clock",), "Show and move the one clock of the running lab."),
    "connect": Row(("connect",), "Shake hands with a server and tell what it shows."),
    "dig": Row(("ask",), "Ask one nameserver, without judging the answer."),
    "export": Row(("ask",), "Write all zones, signed, and configuration for other servers."),
    "fault": Row(("fault",), "Break the running lab in one way, on purpose."),
    "flush": Row(("stub",), "Let the resolver of `lab up --stub` forget what it has cached."),
    "keys": Row(("keys",), "Show and roll the keys of signed zones."),
    "lorawan": Row(
        ("lorawan", "costs", "simulate"),
        "Let simulated LoRaWAN devices join and send in the running lab.",
    ),
    "record": Row(("record",), "Add and remove records of the running lab, to stay."),
    "reference": Row(
        ("play",),
        "Print scenarios/REFERENCE.md, made of docstrings, or zones/FAULTS.md, made of a table.",
        hidden=True,
    ),
    "reset": Row(("start",), "Remove all generated keys and certificates."),
    "run": Row(("play",), "Play scenarios and tell what they show."),
    "scenario": Row(("scenario",), "List, read, check and begin scenarios; `lab run` plays them."),
    "serve": Row(("serve",), "Serve zones of your own, signed on the fly; Ctrl-C stops."),
    "stats": Row(("ask",), "Count the queries since the lab started."),
    "status": Row(("ask",), "Show zones, keys, servers and files of the lab."),
    "stub": Row(
        ("stub",), "Be a validating resolver for programs on this machine; Ctrl-C stops it."
    ),
    "tlsa": Row(("tlsa",), "Make TLSA records, check them, replace them (RFC 6698, RFC 7671)."),
    "tsig": Row(
        ("tsig",), "Make, show and remove TSIG keys, by which others prove who they are (RFC 8945)."
    ),
    "up": Row(("start",), "Start the lab; Ctrl-C stops everything."),
    "validate": Row(("validate",), "Walk the chain of trust, explain every step."),
    "verify-chain": Row(
        ("verify_chain",),
        "Say which TLSA record vouches for a chain, and why the others do not (RFC 7671).",
    ),
    "zone": Row(("zone",), "Add zones to the catalog of the running lab, and remove them."),
}


class Commands(click.Group):
    """Find commands by the table; each is imported when it is called by its name."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in the order of the alphabet."""
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None if there is none."""
        row = COMMANDS.get(cmd_name)
        for module in () if row is None else row.modules:
            import_module(f"lab.cli.{module}")
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands as click does, but from the table."""
        del ctx
        shown = [
            click.Command(name, help=row.sentence)
            for name, row in COMMANDS.items()
            if not row.hidden
        ]
        # Two columns of indentation before the names, four between both, as in click.
        room = formatter.width - 6 - max(len(one.name or "") for one in shown)
        rows = [(one.name or "", one.get_short_help_str(room)) for one in shown]
        with formatter.section("Commands"):
            formatter.write_dl(rows)
