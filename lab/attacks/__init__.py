"""What can be done to answers on the way: one class each, registered where it is defined."""

from lab.attacks import chains, connections, floods, on_path, replays
from lab.attacks.attack import ATTACKS, AttackKind, NamedAttack, attack

__all__ = [
    "ATTACKS",
    "AttackKind",
    "NamedAttack",
    "attack",
    "chains",
    "connections",
    "floods",
    "on_path",
    "replays",
]
