"""Scenario files: steps, loader and runner.

Imports the steps, and the rules that a step can name with `because`, so that they are registered.
"""

from lab.backend import network_rules
from lab.backend import rules as backend_rules
from lab.dane import rules as dane_rules
from lab.dnssec import rules as dnssec_rules
from lab.pki import issuance_rules
from lab.pki import rules as pki_rules
from lab.scenario import (
    constrained_rules,
    steps_attack,
    steps_bootstrap,
    steps_constrained,
    steps_crowd,
    steps_judge,
    steps_lorawan,
    steps_lorawan_devices,
    steps_lorawan_keys,
    steps_operators,
    steps_pki,
    steps_privacy,
    steps_signing,
    steps_tls,
    steps_walk,
    steps_world,
    trust_rules,
)
from lab.validator import rules as validator_rules

__all__ = [
    "backend_rules",
    "constrained_rules",
    "dane_rules",
    "dnssec_rules",
    "issuance_rules",
    "network_rules",
    "pki_rules",
    "steps_attack",
    "steps_bootstrap",
    "steps_constrained",
    "steps_crowd",
    "steps_judge",
    "steps_lorawan",
    "steps_lorawan_devices",
    "steps_lorawan_keys",
    "steps_operators",
    "steps_pki",
    "steps_privacy",
    "steps_signing",
    "steps_tls",
    "steps_walk",
    "steps_world",
    "trust_rules",
    "validator_rules",
]
