"""A zone that two operators sign, judged by Unbound and by delv at every stage of its move."""

from collections.abc import Iterator
from pathlib import Path

from lab.app.asking import ask
from lab.app.folders import shipped
from lab.app.play import read_script
from lab.app.state import StateFolder
from lab.core.status import SecurityStatus
from lab.scenario.steps_judge import ValidateStep
from lab.scenario.steps_world import AdvanceClockStep
from tests.e2e.judges import ask as ask_resolver
from tests.e2e.judges import ask_delv
from tests.e2e.running import Lab, Resolver, from_the_root, running_unbound

STORY = shipped("scenarios") / "move-signed-zone.toml"


def stages(lab: Lab) -> Iterator[ValidateStep]:
    """Play the story, and stop before each validation, until the lab leaves the real time."""
    script = read_script(STORY)
    steps = script.scenario().steps
    texts = {"file": script.file, "text": script.text, "others": {}, "set": {}}
    conversation = ask(StateFolder(lab.state), {"do": "run", "paced": True, **texts})
    number, event = 0, next(conversation)
    while "stopped" not in event:
        number = event.get("begin", {}).get("number", number)
        step = steps[number - 1]
        if "waiting" in event and isinstance(step, ValidateStep):
            yield step
        reply = {"go": not isinstance(step, AdvanceClockStep)} if "waiting" in event else None
        event = conversation.send(reply)


def test_unbound_and_delv_judge_a_zone_of_two_operators_as_the_story_says(
    lab_53: Lab, tmp_path: Path
) -> None:
    seen: list[SecurityStatus] = []
    for step in stages(lab_53):
        assert step.expect is not None
        # A new one each time: for a minute it does not ask again for keys that were bogus.
        with running_unbound(lab_53, tmp_path, from_the_root(lab_53, max_ttl=0)) as resolver:
            assert verdicts(lab_53, resolver, step) == {step.expect.value}, len(seen)
        seen.append(step.expect)
    assert seen == [
        SecurityStatus.SECURE,
        SecurityStatus.BOGUS,
        SecurityStatus.SECURE,
        SecurityStatus.BOGUS,
        SecurityStatus.SECURE,
        SecurityStatus.SECURE,
    ]


def verdicts(lab: Lab, resolver: Resolver, step: ValidateStep) -> set[str]:
    question = (step.name, step.type)
    judges = (ask_resolver(resolver, question), ask_delv(lab, resolver, question))
    return {one.checked.standing for one in judges}
