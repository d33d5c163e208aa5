"""The registry of attacks: a dataclass that says what a hostile relay on the way does.

Fields are parameters, the docstring is the manual. An attacker changes nothing of the lab: zones
and servers stay honest, and only what travels between them and those who ask is in his hands.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar, TypeVar

from dns.name import Name
from dns.rdatatype import RdataType

from lab.attacks.plot import Rule
from lab.core.frozen import dataclass
from lab.core.registry import Registry


class NamedAttack(ABC):
    """Say what the relay does; `attack` fills in the class attribute.

    Attributes:
        kind: the name by which scenarios begin it.
    """

    __slots__ = ()

    kind: ClassVar[str]

    @property
    @abstractmethod
    def rules(self) -> tuple[Rule, ...]:
        """Return what the relay does with responses."""

    @property
    def figures(self) -> tuple[str, ...]:
        """Return what there is to know about its chances; of most there is nothing."""
        return ()

    def __str__(self) -> str:
        """Return it as `replay on www.example.fr. A`, or `own-key on www.fr. A in fr.`."""
        shown = {one: getattr(self, one) for one in _ABOUT if hasattr(self, one)}
        words = {
            one: value.name if isinstance(value, RdataType) else str(value)
            for one, value in shown.items()
        }
        if "name" in words and "zone" in words:
            words["zone"] = f"in {words['zone']}"
        return f"{self.kind} on {' '.join(words.values())}".removesuffix(" on ")


_ABOUT = ("name", "type", "zone", "server")


@dataclass(frozen=True, slots=True)
class AttackKind:
    """Describe one kind of attack.

    Attributes:
        name: as scenarios write it.
        cls: the dataclass; its fields are the parameters.
    """

    name: str
    cls: type[NamedAttack]


ATTACKS: Registry[str, AttackKind] = Registry("attack")

AttackT = TypeVar("AttackT", bound=NamedAttack)


def attack(name: str) -> Callable[[type[AttackT]], type[AttackT]]:
    """Enter the decorated dataclass into ATTACKS as *name*."""

    def enter(cls: type[AttackT]) -> type[AttackT]:
        cls.kind = name
        ATTACKS.add(name, AttackKind(name, cls))
        return cls

    return enter


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAnswer(NamedAttack):
    """Limit an attack to the answers to one question.

    Attributes:
        name: of the question.
        type: of the question.
    """

    name: Name
    type: RdataType
