"""The scenario that `lab scenario new` writes: short, right, and with one of everything."""

import json

_TEMPLATE = """\
#:schema ./scenario.schema.json
title = "TITLE"
summary = "What is seen and learned, in a sentence or two."
tags = ["dnssec"]

[parameters.name]                            # lab run THIS --set name=www.afnic.fr
kind = "name"
default = "www.example.fr"
meaning = "The name that is asked for."

[[step]]
part = "Everything is well"
say = "What the teacher says before the step, in Markdown. This name is **{name}**."
do = "validate"
name = "{name}"
type = "A"
expect = "secure"

[[step]]
part = "Something breaks"
id = "expired"
do = "fault"
fault = "rrsig-expired"
owner = "{name}"
type = "A"

[step.ask]
question = "What will a validator say now?"
choices = ["secure", "insecure", "bogus"]
answer = "bogus"
hint = "The signature is there, but it is too old."

[[step]]
do = "validate"
name = "{name}"
type = "A"
expect = "bogus"
because = "rrsig.expiration"

[[step]]
do = "clear-faults"
"""


def new_scenario(title: str) -> str:
    """Return the text of a new scenario.

    Args:
        title: one line.
    """
    quoted = json.dumps(title.replace("{", "{{").replace("}", "}}"), ensure_ascii=False)
    return _TEMPLATE.replace('"TITLE"', quoted)
