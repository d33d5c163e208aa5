"""What can be done to answers on the way: one class each, registered where it is defined.

They are loaded when somebody asks which attacks there are.
"""

from lab.attacks.attack import ATTACKS, AttackKind, NamedAttack, attack

__all__ = ["ATTACKS", "AttackKind", "NamedAttack", "attack"]

ATTACKS.gather_from(
    (
        "lab.attacks.chains",
        "lab.attacks.connections",
        "lab.attacks.on_path",
        "lab.attacks.floods",
        "lab.attacks.replays",
    ),
    home=lambda kind: kind.cls.__module__,
)
