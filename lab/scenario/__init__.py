"""Scenario files: steps, loader and runner.

Says where the steps are, and the rules that a step can name with `because`: whoever looks one up
finds all, and whoever plays nothing need not load them.
"""

from lab.core.rules import RULES
from lab.scenario.step import STEPS

_STEPS = (
    "lab.scenario.steps_attack",
    "lab.scenario.steps_bootstrap",
    "lab.scenario.steps_constrained",
    "lab.scenario.steps_crowd",
    "lab.scenario.steps_judge",
    "lab.scenario.steps_lorawan",
    "lab.scenario.steps_lorawan_devices",
    "lab.scenario.steps_lorawan_keys",
    "lab.scenario.steps_operators",
    "lab.scenario.steps_pki",
    "lab.scenario.steps_privacy",
    "lab.scenario.steps_signing",
    "lab.scenario.steps_tls",
    "lab.scenario.steps_walk",
    "lab.scenario.steps_world",
)
_RULES = (
    "lab.backend.network_rules",
    "lab.backend.rules",
    "lab.dane.rules",
    "lab.dnssec.rules",
    "lab.pki.issuance_rules",
    "lab.pki.rules",
    "lab.scenario.constrained_rules",
    "lab.scenario.trust_rules",
    "lab.validator.rules",
)

STEPS.gather_from(_STEPS, home=lambda kind: kind.cls.__module__)
# A rule may stand where the one step is that cites it.
RULES.gather_from(_RULES + _STEPS, home=lambda _: "")
