"""Plans compiled to an ordinary LangGraph graph."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command

from herd_graph.artifacts import Text, load
from herd_graph.calling import Live
from herd_graph.errors import CallRefused, ExpertFailed, PlanInvalid
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.plans import Plan
from herd_graph.registry import Snapshot
from herd_graph.store import MemoryStore
from herd_graph.types import ArtifactRef


@expert
async def loud(text: str) -> Text:
    """Make it loud."""
    return Text(text.upper())


@expert
def split(text: str) -> list[str]:
    """Split it into words."""
    return text.split()


@expert
def size(text: str) -> int:
    """Count the letters."""
    return len(text)


@expert
def picky(text: str) -> Text:
    """Refuse what is short."""
    if len(text) < 3:
        raise ValueError("too short")
    return Text(f"picky about {text}")


@expert
def lenient(text: str) -> Text:
    """Take anything."""
    return Text(f"fine with {text}")


@expert(approve=True)
def post(text: str) -> Text:
    """Post it."""
    return Text(f"posted {text}")


EXPERTS: tuple[Expert, ...] = (loud, split, size, picky, lenient, post)
SNAPSHOT = Snapshot({each.card.id: each for each in EXPERTS})
TEXT_IN = {"text": {"name": "text", "kind": "text"}}


def plan(*steps: dict[str, Any], **more: Any) -> Plan:
    return Plan.parse({"steps": list(steps), "inputs": TEXT_IN, **more})


def run(built: Plan, text: Any) -> dict[str, Any]:
    store = MemoryStore()
    graph = built.to_state_graph(SNAPSHOT, store, caller=Live(store)).compile()
    state = asyncio.run(graph.ainvoke({"inputs": {"text": text}}))
    return {ask: shown(ref, store) for ask, ref in state["answers"].items()}


def shown(ref: Any, store: MemoryStore) -> Any:
    if isinstance(ref, list):
        return [shown(each, store) for each in ref]  # pyright: ignore[reportUnknownVariableType]
    return None if ref is None else str(load(ArtifactRef.model_validate(ref), store))


LOUD = {"id": "loud", "expert": "loud", "inputs": {"text": {"input": "text"}}}


@pytest.mark.parametrize("given", ["hey", Text("hey"), Text("hey").put(MemoryStore())])
def test_each_step_is_a_node_of_its_name(given: Any) -> None:
    store = MemoryStore()
    graph = plan(LOUD).to_state_graph(SNAPSHOT, store, caller=Live(store)).compile()

    assert set(graph.get_graph().nodes) == {"__start__", "loud", "answers", "__end__"}
    assert run(plan(LOUD), given) == {"loud": "HEY"}


def test_lists_branches_and_alternatives_mean_what_they_mean_elsewhere() -> None:
    built = plan(
        {"id": "split", "expert": "split", "inputs": {"text": {"input": "text"}}},
        {
            "id": "each",
            "expert": "loud",
            "foreach": {"step": "split"},
            "inputs": {"text": {"item": True}},
        },
        {"id": "size", "expert": "size", "inputs": {"text": {"input": "text"}}},
        {**LOUD, "when": [{"left": {"step": "size"}, "op": ">", "right": 5}]},
        {"id": "after", "expert": "size", "inputs": {"text": {"step": "loud"}}},
        answers=[
            {"ask": "words", "source": {"step": "each"}},
            {"ask": "big", "source": {"first": [{"step": "loud"}, {"value": "small"}]}},
            {"ask": "length", "source": {"step": "after"}},
        ],
    )

    assert run(built, "hello you") == {
        "words": ["HELLO", "YOU"],
        "big": "HELLO YOU",
        "length": "9",
    }
    assert run(built, "hi") == {"words": ["HI"], "big": "small", "length": None}


def test_fallbacks_and_items_that_fail() -> None:
    step = {"id": "s1", "expert": "picky", "inputs": {"text": {"input": "text"}}}
    split_up = {"id": "s0", "expert": "split", "inputs": {"text": {"input": "text"}}}
    for_each = {**step, "foreach": {"step": "s0"}, "inputs": {"text": {"item": True}}}

    assert run(plan({**step, "fallbacks": ["lenient"]}), "no") == {"s1": "fine with no"}
    skipping = plan(split_up, {**for_each, "on_item_error": "skip"})
    assert run(skipping, "one a two") == {"s1": ["picky about one", "picky about two"]}
    with pytest.raises(ExpertFailed, match="too short"):
        run(plan(split_up, for_each), "one a two")


def test_approval_is_an_interrupt() -> None:
    built = plan({"id": "s1", "expert": "post", "inputs": {"text": {"input": "text"}}})
    store = MemoryStore()
    builder = built.to_state_graph(SNAPSHOT, store, caller=Live(store))
    graph = builder.compile(checkpointer=InMemorySaver())

    async def asked(thread: str, answer: bool) -> Any:
        config: Any = {"configurable": {"thread_id": thread}}
        state = await graph.ainvoke({"inputs": {"text": "hi"}}, config)
        assert state["__interrupt__"][0].value["question"] == "May step 's1' call post@1?"
        state = await graph.ainvoke(Command(resume=answer), config)
        return shown(state["answers"]["s1"], store)

    assert asyncio.run(asked("t1", True)) == "posted hi"
    with pytest.raises(CallRefused, match="was not approved"):
        asyncio.run(asked("t2", False))


def test_what_only_the_engine_can_run_is_refused() -> None:
    late = {"id": "s1", "capability": {"query": "x"}, "inputs": {"text": {"input": "text"}}}
    several = {**LOUD, "select": "dense", "fallbacks": ["lenient"]}

    with pytest.raises(PlanInvalid, match=r"2 problems.*\n.*'s1' is bound late.*\n.*'loud'"):
        run(plan(late, several), "x")
    with pytest.raises(PlanInvalid, match="'nobody', which is not registered"):
        run(plan({**LOUD, "expert": "nobody"}), "x")
