"""The rules by which a scenario judges its own steps."""

from lab.core.rules import rule

OUTCOME = rule(
    "scenario.outcome",
    "the step ends as the scenario expects",
    "scenarios/README.md",
    hint="Read the evidence below: either the lab is broken or the scenario expects too much.",
)
ANSWER = rule(
    "scenario.answer",
    "the answer is of the kind that the scenario expects",
    "scenarios/README.md",
)
ASKED = rule(
    "scenario.asked",
    "the server asked the DNS about the client, or did not, as the scenario expects",
    "scenarios/README.md",
)
BELIEVED = rule(
    "scenario.believed",
    "somebody who validates nothing believes what the scenario expects",
    "scenarios/README.md",
)
CARRIED = rule(
    "scenario.carried",
    "the answer came over what the scenario expects",
    "scenarios/README.md",
)
FOUND = rule(
    "scenario.found",
    "who looks for all names of a zone finds those that the scenario names, and no others",
    "scenarios/README.md",
)
REASON = rule(
    "scenario.reason",
    "the rule that the scenario names is why it failed",
    "scenarios/README.md",
    hint="Refused for another reason proves nothing: find out which rule failed, and why.",
)
PERFORMED = rule(
    "scenario.performed",
    "the step can be carried out",
    "scenarios/README.md",
)
BOUNDED = rule(
    "scenario.bounded",
    "what strangers make a server do stays within the bounds that the scenario names",
    "scenarios/README.md",
)
ANSWERED = rule(
    "scenario.answered",
    "the participant's answer is the right one",
    "scenarios/README.md",
    hint="What follows shows why.",
)
