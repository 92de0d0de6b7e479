"""However a run is stepped through, its end is that of an undisturbed run given the same inputs.

Random plans with lists, conditions, workflows in the plan, another herd inside an expert, and failures; random
walks over them: one call, up to a breakpoint, until a step, back, once more, as a fork, another input.
"""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from herd_graph import workflow
from herd_graph.artifacts import Text
from herd_graph.debug.session import DebugSession
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.steps import Patience
from herd_graph.store import MemoryStore
from herd_graph.threads import wait


@expert
async def add(text: Text) -> Text:
    """Add a sign to a text."""
    return Text(f"{text}+")


@expert
async def split(text: Text) -> list[str]:
    """Make a list of a text: of none to three pieces."""
    return [f"{text}{number}" for number in range(len(str(text)) % 4)]


@expert
async def mark(word: str) -> str:
    """Mark a piece."""
    return f"<{word}>"


@expert
async def risky(text: Text) -> Text:
    """Fall over every third text."""
    if len(str(text)) % 3 == 0:
        raise ValueError(f"no {text}")
    return Text(f"{text}!")


@workflow
def twice(text: Text) -> Text:
    """Add two signs."""
    return add(add(text))


INNER = Herd(add, checkpoints="memory", store=MemoryStore())


@expert
async def delegate(text: Text) -> Text:
    """Have another herd add a sign."""
    plan = plan_of([("add", 0)])
    run = await INNER.arun(plan, a1=str(text))
    return Text(run.answer.parts[0].text)


TEXTS = ("add", "risky", "twice", "delegate")
Drawn = list[tuple[str, int]]


def plan_of(drawn: Drawn) -> Plan:
    """Return a plan: each step works on an earlier text, or on each item of an earlier list."""
    steps: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = [{"input": "a1"}]
    lists: list[dict[str, Any]] = []
    for number, (name, choice) in enumerate(drawn, 1):
        made: dict[str, Any] = {"id": f"s{number}", "expert": name}
        if name == "mark" and lists:
            source = lists[choice % len(lists)]
            made |= {"foreach": source, "inputs": {"word": {"item": True}}}
            lists.append({"step": made["id"]})
        else:
            made["expert"] = name = "add" if name == "mark" else name
            made["inputs"] = {"text": texts[choice % len(texts)]}
            if choice > 6:  # only where an earlier text is as it is for some inputs
                made["when"] = [{"left": texts[-1], "op": "!=", "right": "ab+"}]
            (lists if name == "split" else texts).append({"step": made["id"]})
        steps.append(made)
    inputs = {"a1": {"name": "a1", "kind": "text"}}
    return Plan.parse({"steps": steps, "inputs": inputs})


plans = st.lists(
    st.tuples(st.sampled_from((*TEXTS, "split", "mark")), st.integers(0, 9)), min_size=2, max_size=6
)
walks = st.lists(
    st.sampled_from(("next", "next", "break", "until", "back", "rerun", "fork", "input")),
    max_size=7,
)


def ended(run: Run) -> dict[str, Any]:
    """Return how each step of a run ended, with what it gave."""
    found: dict[str, Any] = {}
    for step, record in run.records.items():
        output = run.output(step) if record.status == "done" else record.error_type
        told = [str(each) for each in output] if isinstance(output, list) else str(output)
        found[step] = (record.status, told)
    return found


def parts(run: Run) -> list[tuple[str, str, str]]:
    """Return how each part of the answer stands, and what it says."""
    return [(each.status, each.text, each.step) for each in run.answer.parts]


async def walked(session: DebugSession, walk: list[str], seed: int) -> tuple[Run, str]:
    """Walk, then go on to the end; return the run, and the input that it ended with."""
    given = "a"
    inputs = {session.stop.checkpoint: given}
    for number, act in enumerate(walk):
        steps = [str(step.id) for step in session.plan.steps]
        step = steps[(seed + number) % len(steps)]
        if act == "next":
            await session.next()
        elif act == "break":
            await session.break_(step, temporary=True)
            await session.continue_()
        elif act == "until":
            await session.until(step)
        elif act == "rerun":
            await session.rerun(step)
        elif act == "fork":
            session = await session.fork()
        elif act == "input":
            given = f"{given}b"
            await session.edit("a1", given)
        elif len(session.stops) > 1:
            await session.back()
            given = inputs.get(session.stop.checkpoint, given)
        inputs[session.stop.checkpoint] = given
    session.clear()
    while not session.stop.is_over:
        await session.continue_()
    return await session.result(), given


@example([("add", 0), ("add", 1)], ["next", "input", "back"], 0)
@example([("add", 0), ("add", 0)], ["next", "back", "rerun"], 0)
@example([("split", 0), ("mark", 0), ("mark", 1), ("twice", 0)], ["next", "fork", "back"], 1)
@example([("add", 0), ("add", 8), ("add", 1)], ["next", "input", "next", "until"], 1)
@example([("add", 0), ("split", 7), ("mark", 0)], ["break", "input"], 0)
@example([("add", 0), ("split", 1), ("mark", 0)], ["next", "next", "next", "input"], 0)
@example([("risky", 0), ("add", 1), ("delegate", 0)], ["until", "input", "rerun", "next"], 0)
@settings(max_examples=10, deadline=None)
@given(plans, walks, st.integers(0, 20))
def test_a_walk_ends_as_an_undisturbed_run_does(drawn: Drawn, walk: list[str], seed: int):
    herd = Herd(
        *(add, split, mark, risky, twice, delegate),
        checkpoints="memory",
        store=MemoryStore(),
        patience=Patience(attempts=1),
    )
    plan = plan_of(drawn)

    session = herd.debug(plan, a1="a")

    async def work() -> tuple[Run, str]:
        async with session:
            return await walked(session, walk, seed)

    found, given = wait(work())
    straight = herd.run(plan, a1=given)

    assert ended(found) == ended(straight)
    assert parts(found) == parts(straight)
    assert found.status == straight.status
    herd.close()
