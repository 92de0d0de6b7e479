"""What a session says of going back, of a fork, and of leaving: what is so, and no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from herd_graph.debug.repl import converse
from herd_graph.debug.session import DebugSession
from herd_graph.herd import Herd
from herd_graph.plans import Ask, FromStep, Plan
from herd_graph.store import MemoryStore
from herd_graph.testing import run_virtual, scripted
from herd_graph.types import Kind, StepId

PLAN = Plan.parse(
    {
        "steps": [
            {"id": "s1", "expert": "one", "inputs": {"text": {"value": "hi"}}},
            {"id": "s2", "expert": "one", "inputs": {"text": {"step": "s1"}}},
        ]
    }
)

ASKING = PLAN.model_copy(
    update={"answers": (Ask(ask="make it", source=FromStep(step=StepId("s2"))),)}
)


def made(**_: object) -> str:
    """Stand for an expert's work."""
    return "made"


def said(*lines: str, script: Callable[..., str] = made) -> list[str]:
    """Return what each line had said, of a session on the plan."""
    one = scripted("one", Kind.TEXT, script=script, description="Make one text of another.")
    told: list[str] = []

    async def talk() -> None:
        herd = Herd(one, checkpoints="memory", store=MemoryStore())
        async with herd.debug(PLAN) as session:
            await converse(
                session, lines, lambda _: None, lambda each: told.append(str(each["shown"]))
            )

    run_virtual(talk())
    return told


def test_back_says_where_it_went_and_not_that_it_went_on():
    first, _, back, again, there = said("next", "next", "back", "next", "goto 1")

    assert "One step further" in first
    assert back == "[4] At stop 2 again. Step s1 is done. Next: s2."
    assert "again" not in again.partition("Step")[0]
    assert there == "[6] At stop 1 again. Next: s1."


def test_back_of_back_names_the_stop_that_it_stands_for():
    *_, back = said("next", "next", "back", "next", "goto 4")

    assert "At stop 2 again." in back


def test_a_fork_is_no_step_further():
    _, fork = said("next", "fork")

    assert "One step further" not in fork
    assert "[1] Here it stands." in fork


@pytest.mark.parametrize("lines", [("continue", "q"), ("next", "next", "continue", "quit")])
def test_at_the_end_there_is_nothing_to_go_on_with(lines: tuple[str, ...]):
    *_, left = said(*lines)

    assert "herd resume" not in left
    assert "has ended. Look back: herd why" in left


@pytest.mark.parametrize(
    ("lines", "times"),
    [
        (("continue", "p s1"), 1),
        (("next", "next", "next", "next", "where", "c"), 1),
        (("next", "p s1"), 0),
        (("c", "back", "p s1"), 1),
        (("c", "goto 1", "c"), 2),
    ],
)
def test_the_answer_follows_the_line_that_ends_the_run(lines: tuple[str, ...], times: int):
    one = scripted("one", Kind.TEXT, script=made, description="Make one text of another.")
    written: list[str] = []

    async def answer(session: DebugSession) -> str:
        return f"answer: {(await session.result()).answer.text}"

    async def talk() -> None:
        herd = Herd(one, checkpoints="memory", store=MemoryStore())
        async with herd.debug(ASKING) as session:
            await converse(session, lines, written.append, answer=answer)

    run_virtual(talk())

    assert [each for each in written if each.startswith("answer")] == ["answer: made"] * times


def test_what_is_left_in_the_middle_can_be_gone_on_with():
    *_, left = said("next", "q")

    assert "stays as it is. Go on: herd resume" in left


def test_what_failed_can_be_tried_again():
    def fails(**_: object) -> str:
        raise ValueError("no")

    *_, left = said("continue", "q", script=fails)

    assert "Go on: herd resume" in left
