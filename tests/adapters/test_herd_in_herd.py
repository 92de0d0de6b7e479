"""A herd inside a herd: in this process, and behind a real server on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from foreign import ask, ask_all, plan_of, run_one, why_not
from web_server import served

from herd_graph import Budget, Herd, Image, Plan, Text, expert
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertUnavailable
from herd_graph.plans import Ask, FromInput, FromStep, Step, Value
from herd_graph.recording.events import Event
from herd_graph.steps import Patience
from herd_graph.tasks import Task
from herd_graph.testing import FakeRouter
from herd_graph.types import StepId

seen: list[ExpertContext] = []
states: list[str] = []


@expert
async def shout(text: str, context: ExpertContext) -> str:
    """Say it in capitals."""
    seen.append(context)
    context.spend(0.25)
    context.token(text.upper())
    return text.upper()


@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"


@expert
async def paint(text: str) -> Image:
    """Paint a dot."""
    import io

    import PIL.Image

    kept = io.BytesIO()
    PIL.Image.new("RGB", (3, 3)).save(kept, "PNG")
    return Image(kept.getvalue(), name="dot.png")


@expert
async def rest(text: str) -> str:
    """Sleep for long."""
    states.append("started")
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        states.append("cancelled")
        raise
    return text


def routed(task: Task) -> Plan:
    """Plan by the first word: the expert's name; the rest is its text."""
    name, _, words = task.text.partition(" ")
    if name == "nothing":
        return Plan(reason="nothing here can do that")
    given: Any = Value(value=words) if words else FromInput(input="a1")
    return Plan(
        inputs={},
        steps=(Step(id=StepId("s1"), expert=name, inputs={"text": given}),),
        answers=(Ask(ask=name, source=FromStep(step=StepId("s1"))),),
    )


@pytest.fixture
def inner(tmp_path: Path) -> Iterator[Herd]:
    experts = (shout, send, paint, rest)
    with Herd(
        *experts,
        home=tmp_path / "inner",
        checkpoints="memory",
        router=FakeRouter(routed),
        patience=Patience(attempts=1),
    ) as made:
        seen.clear()
        states.clear()
        yield made


@pytest.fixture
def outer(tmp_path: Path) -> Iterator[Herd]:
    with Herd(home=tmp_path / "o", checkpoints="memory", patience=Patience(attempts=2)) as made:
        yield made


def test_a_herd_is_an_expert_of_another(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="Loud Ones")
    events: list[Event] = []

    run = run_one(outer, "loud_ones", events=events, task="shout hello")

    card = outer.registry.find("loud_ones").card
    assert (
        card.signature
        == "loud_ones(task: Text, files: list[Any] = …) -> (answer: Text, made: list[Any] = …)"
    )
    assert "shout (Say it in capitals)" in card.description
    assert run.answer.text == "HELLO"
    assert run.usd == 0.25
    told = [each.data["message"] for each in events if each.kind == "progress"]
    assert told == ["loud_ones/s1: shout@1 done"]
    assert [each.data["text"] for each in events if each.kind == "token"] == ["HELLO"]


def test_what_is_left_is_passed_down(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="loud")

    run_one(outer, "loud", task="shout a", budget=Budget(usd=2.0, seconds=30))

    assert seen[0].usd_left == pytest.approx(2.0)
    left = seen[0].seconds_left
    assert left is not None
    assert left <= 30


def test_files_go_in_and_pictures_come_out(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="loud")

    assert str(ask(outer, "loud", task="shout", files=[Text("attached")])) == "ATTACHED"
    (dot,) = ask_all(outer, "loud", output="made", task="paint x")
    assert isinstance(dot, Image)


def test_what_comes_to_nothing_says_why_and_is_tried_once(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="loud")

    assert "nothing here can do that" in why_not(outer, "loud", task="nothing at all")
    run = run_one(outer, "loud", task="send a letter")
    assert "waits for a person" in "\n".join(run.answer.missing)
    assert len(run.records["s1"].attempts) == 1


def test_calls_inside_are_approved_by_who_added_it(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="trusted", approve_inside=_yes)

    assert str(ask(outer, "trusted", task="send a letter")) == "sent a letter"


def test_a_circle_is_broken(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="inner")
    inner.add(outer, as_name="outer")
    plan = plan_of(outer, "inner", {"task": "x"})
    outer.engine.router = FakeRouter(
        plan.model_copy(
            update={
                "inputs": {},
                "steps": (
                    Step(id=StepId("s1"), expert="inner", inputs={"task": Value(value="outer x")}),
                ),
            }
        )
    )
    inner.engine.router = FakeRouter(
        Plan(
            steps=(Step(id=StepId("s1"), expert="outer", inputs={"task": Value(value="x")}),),
            answers=(Ask(ask="x", source=FromStep(step=StepId("s1"))),),
        )
    )

    assert "asked again by a herd that it asked" in why_not(outer, "inner", task="outer x")


def _yes(_: object) -> bool:
    return True


async def _cancelled(herd: Herd, name: str) -> None:
    tool = herd.registry.find(name)
    call = asyncio.create_task(tool.invoke({"task": Text("rest long")}, ExpertContext()))
    while not states:  # noqa: ASYNC110
        await asyncio.sleep(0.005)
    call.cancel()
    await asyncio.wait([call])
    for _ in range(12_000):
        if "cancelled" in states:
            break
        await asyncio.sleep(0.005)


def test_cancelling_stops_the_run_inside(inner: Herd, outer: Herd) -> None:
    outer.add(inner, as_name="loud")

    asyncio.run(_cancelled(outer, "loud"))

    assert states == ["started", "cancelled"]


# Behind a server ----------------------------------------------------------------------------------


@pytest.fixture
def url(inner: Herd) -> Iterator[str]:
    pytest.importorskip("starlette", reason="a served herd needs the extra serve")
    from herd_graph.serve import create_app

    with served(create_app(inner, keys=["sk-inner-0123456789"])) as found:
        yield found


def test_a_server_is_an_expert_too(url: str, outer: Herd, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INNER_KEY", "sk-inner-0123456789")
    outer.add(f"herd:{url}", as_name="far", auth="env:INNER_KEY")
    events: list[Event] = []

    run = run_one(
        outer, "far", events=events, task="shout hello", budget=Budget(usd=2.0, seconds=60)
    )

    assert run.answer.text == "HELLO"
    assert run.usd == 0.25
    assert seen[0].usd_left == pytest.approx(2.0)
    assert "far/s1: shout@1 done" in [e.data["message"] for e in events if e.kind == "progress"]
    assert "sk-inner-0123456789" not in json.dumps(run.dump())


def test_media_go_both_ways_over_the_wire(url: str, outer: Herd, tmp_path: Path) -> None:
    outer.add(f"herd:{url}/v1#herd", as_name="far", auth="sk-inner-0123456789")
    note = tmp_path / "note.txt"
    note.write_text("from a file")

    (dot,) = ask_all(outer, "far", output="made", task="paint x")
    assert isinstance(dot, Image)
    assert dot.pil().size == (3, 3)
    assert str(ask(outer, "far", task="shout", files=[Text(note)])) == "FROM A FILE"


def test_a_server_that_refuses_says_why(url: str, outer: Herd) -> None:
    with pytest.raises(ExpertUnavailable, match="answered 401"):
        outer.add(f"herd:{url}", auth="wrong")
    with pytest.raises(ExpertUnavailable, match="cannot be reached"):
        outer.add("herd:http://127.0.0.1:9")
    with pytest.raises(DeclarationError, match="serves no 'nobody'"):
        outer.add(f"herd:{url}#nobody", auth="sk-inner-0123456789")
    outer.add(f"herd:{url}", as_name="far", auth="sk-inner-0123456789")
    assert "nothing here can do that" in why_not(outer, "far", task="nothing at all")


def test_leaving_the_call_stops_the_run_there(url: str, outer: Herd) -> None:
    outer.add(f"herd:{url}", as_name="far", auth="sk-inner-0123456789")

    asyncio.run(_cancelled(outer, "far"))

    assert states == ["started", "cancelled"]


def test_what_is_no_herd_is_said() -> None:
    from herd_graph.adapters.herd import source_of

    with pytest.raises(DeclarationError, match="is no herd"):
        asyncio.run(source_of(object()))
