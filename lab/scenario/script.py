"""All that a scenario is made of, in one value that can be sent to a running lab.

The lab that plays a script reads no file of whoever asks: it plays the texts that were checked.
"""

from collections.abc import Mapping
from dataclasses import field

from lab.core.errors import InputError
from lab.core.frozen import dataclass
from lab.scenario.include import Reader
from lab.scenario.load import Scenario, load


@dataclass(frozen=True, slots=True)
class Script:
    """Hold the texts of a scenario and the values of its parameters.

    Attributes:
        file: name of the scenario's file.
        text: what stands in it.
        others: name of each file that it names, as it names them from there, to its text.
        given: values of its parameters.
    """

    file: str
    text: str
    others: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, str] = field(default_factory=dict)

    def scenario(self) -> Scenario:
        """Return the scenario.

        Raises:
            ScenarioError: lists every mistake in it.
        """
        return load(self.text, self.file, self.given, self._read)

    def _read(self, file: str) -> str:
        if file not in self.others:
            raise InputError(f"cannot read {file}: it did not come with the scenario")
        return self.others[file]


def gather(text: str, file: str, given: Mapping[str, str], read: Reader) -> Script:
    """Return the script of the scenario *text*, with the texts that *read* returns for it.

    Raises:
        ScenarioError: lists every mistake in it.
    """
    others: dict[str, str] = {}

    def reading(other: str) -> str:
        others[other] = read(other)
        return others[other]

    load(text, file, given, reading)
    return Script(file, text, others, given)
