"""The full-screen debugger, driven as a person drives it: by keys, and read off the screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from debug_pages import PLAN, Gate, crew, shout, sign
from textual.pilot import Pilot
from textual.widgets import Input, TabbedContent, TextArea

from herd_graph.artifacts import Text
from herd_graph.debug.tui.app import DebugApp
from herd_graph.debug.tui.pictures import blocks, boxes_in
from herd_graph.debug.tui.tree import PlanTree
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan


class Screen:
    """A debugger on a screen of 120 by 40."""

    def __init__(self, app: DebugApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they began is done and drawn."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        await self.pilot.pause()
        while busy := [each for each in self.app.workers if each.group != "edit"]:
            await asyncio.gather(*(each.wait() for each in busy), return_exceptions=True)
        await self.pilot.pause()

    async def type(self, line: str) -> None:
        """Type a line at the bottom."""
        await self.press("colon")
        self.app.query_one("#command", Input).value = line
        await self.press("enter", "escape")

    async def choose(self, name: str) -> None:
        self.app.query_one(PlanTree).choose(name)
        await self.settle()

    @property
    def text(self) -> str:
        """Everything that is drawn."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text for strip in strips)


def on_screen(
    herd: Herd, plan: Plan, story: Callable[[Screen], Awaitable[None]], *given: Any, **inputs: Any
) -> None:
    @asynccontextmanager
    async def opened() -> AsyncGenerator[Screen]:
        async with herd.debug(plan, *given, **inputs) as session:
            app = DebugApp(session)
            async with app.run_test(size=(120, 40)) as pilot:
                screen = Screen(app, pilot)
                await screen.settle()
                yield screen

    async def work() -> None:
        async with opened() as screen:
            await story(screen)

    asyncio.run(work())


def test_a_run_is_stepped_looked_at_edited_forked_compared_and_left():
    async def story(screen: Screen) -> None:
        assert ">> s1 read_sign" in screen.text
        await screen.choose("s3")
        await screen.press("b")
        assert "Breakpoint 1: s3" in screen.text

        await screen.press("c")
        assert screen.app.session.stop.reason == "breakpoint"
        assert ">> s3" in screen.text

        await screen.choose("s2")
        await screen.press("p")
        assert "▀▀▀▀" in screen.text
        assert "■ sign 93% at 40, 30 (120 x 80)" in screen.text

        await screen.choose("s1")
        await screen.press("e")
        area = screen.app.screen.query_one(TextArea)
        assert area.text == "NO ENTRY AFTER 9 (200 px)"
        area.text = "no way"
        await screen.press("ctrl+s")
        assert "s1 was set by hand" in screen.text

        before = screen.app.session.run
        await screen.press("f")
        assert screen.app.session.run != before
        await screen.type("edit s1 this way")
        await screen.press("c", "c")
        await screen.press("d")
        assert {"  -this way", "  +no way"} <= {each.rstrip() for each in written(screen)}

        await screen.press("v")
        assert screen.app.session.run == before
        await screen.pilot.press("q")
        await screen.pilot.pause()
        assert screen.app.commands.is_over

    on_screen(crew(), PLAN, story, photo=sign())


def written(screen: Screen) -> list[str]:
    from textual.widgets import RichLog

    return [strip.text for strip in screen.app.query_one("#console", RichLog).lines]


def test_every_tab_shows_its_part():
    async def story(screen: Screen) -> None:
        await screen.press("c")
        await screen.choose("s5")
        await screen.press("p")
        assert "letters" in screen.text
        assert "5 rows" in screen.text or "6 rows" in screen.text
        await screen.press("i")
        assert "text = s1" in screen.text
        await screen.press("w")
        assert "s5: tabled@1 (done)" in screen.text
        await screen.press("k")
        assert "attempt" not in screen.text
        assert "tabled@1" in screen.text
        await screen.press("o")
        assert "total:" in screen.text
        await screen.press("l")
        assert "finished" in screen.text
        await screen.choose("s4")
        await screen.press("p")
        assert "8000 Hz" in screen.text

    on_screen(crew(), PLAN, story, photo=sign())


def test_items_of_a_list_stand_under_their_step():
    async def story(screen: Screen) -> None:
        await screen.press("c")
        await screen.choose("s7")
        await screen.press("space")
        assert "s7[0]" in screen.text
        await screen.choose("s7[1]")
        await screen.press("p")
        assert screen.app.query_one("#shown", TabbedContent).active == "result"
        assert "<data, application/json, 1 B>" in screen.text

    on_screen(crew(), PLAN, story, photo=sign())


def test_a_call_that_goes_on_is_shown_and_the_run_stops_after_it():
    gate = Gate()
    plan = Plan.parse(
        {
            "steps": [
                {"id": "s1", "expert": "dawdle", "inputs": {"text": {"value": "so"}}},
                {"id": "s2", "expert": "shout", "inputs": {"text": {"step": "s1"}}},
            ]
        }
    )

    async def story(screen: Screen) -> None:
        await screen.pilot.press("c")
        await asyncio.to_thread(gate.started.wait, 60)
        while "~> s1" not in screen.text:
            await screen.pilot.pause()
        await screen.pilot.press("n")
        await screen.pilot.pause()
        assert "goes on" in screen.text
        screen.app.action_pause()
        gate.let_go.set()
        await screen.settle()
        assert screen.app.session.standing.statuses == {"s1": "done", "s2": "ready"}

    on_screen(crew(gate.expert), plan, story)


def test_leaving_in_the_middle_of_a_call_cancels_it():
    gate = Gate()
    plan = Plan.parse(
        {"steps": [{"id": "s1", "expert": "dawdle", "inputs": {"text": {"value": "so"}}}]}
    )

    async def story(screen: Screen) -> None:
        await screen.pilot.press("c")
        await asyncio.to_thread(gate.started.wait, 60)
        await screen.pilot.press("q")
        await screen.pilot.pause()
        assert not screen.app.is_running or screen.app._exit
        gate.let_go.set()

    on_screen(crew(gate.expert), plan, story)


def test_mistakes_are_told_and_change_nothing():
    async def story(screen: Screen) -> None:
        await screen.type("frobnicate")
        assert "'frobnicate' is no command" in screen.text
        await screen.type("break s99")
        assert "is no step" in screen.text
        await screen.type("swap s1 shout")
        assert "***" in screen.text
        assert screen.app.session.stop.reason == "planned"

    on_screen(crew(), PLAN, story, photo=sign())


def test_a_herd_in_the_herd_is_stepped_into_and_come_out_of():
    others = Herd(shout, checkpoints="memory")
    herd = crew()
    herd.add(others, as_name="others", description="Does things with texts.")
    step = {"id": "s1", "expert": "others", "inputs": {"task": {"value": "Write 'abc' loudly"}}}

    async def story(screen: Screen) -> None:
        outer = screen.app.session.run
        await screen.press("s")
        assert f"inside s1 of run {outer}:" in screen.text
        assert "O out" in screen.text
        assert "shout" in screen.text
        await screen.press("n")
        await screen.choose("s1")
        await screen.press("p")
        assert "ABC" in screen.text
        await screen.press("O")
        assert screen.app.session.run == outer
        assert "inside" not in screen.text.partition("[2]")[0]
        assert "ok s1 others" in screen.text
        assert "O out" not in screen.text
        assert "q quit" in screen.text

    on_screen(herd, Plan.parse({"steps": [step]}), story)


HOSTILE = "\x1b]0;owned\x07\x1b[2J[bold red]markup[/bold red]\x9b31m\u202egnp.exe"


@expert
def attack(text: Text) -> Text:
    """Give a text that would drive a terminal."""
    return Text(f"{text}{HOSTILE}", name=HOSTILE)


@expert
def burst(text: Text) -> Text:
    """Fail with a text that would drive a terminal."""
    raise ValueError(HOSTILE)


def test_hostile_texts_are_shown_as_they_are_and_drive_nothing():
    plan = Plan.parse(
        {
            "inputs": {"a1": {"name": "a1", "kind": "text"}},
            "steps": [
                {"id": "s1", "expert": "attack", "inputs": {"text": {"input": "a1"}}},
                {"id": "s2", "expert": "burst", "inputs": {"text": {"step": "s1"}}},
            ],
        }
    )

    async def story(screen: Screen) -> None:
        await screen.press("c")
        seen = [screen.text]
        for step in ("a1", "s1", "s2"):
            await screen.choose(step)
            for key in ("p", "i", "w", "k", "o", "l"):
                await screen.press(key)
                seen.append(screen.text)
        await screen.choose("s1")
        await screen.type("p s1")
        await screen.type("where")
        await screen.press("e")
        seen += [screen.text, *written(screen)]
        everything = "\n".join(seen)

        assert "[bold red]markup[/bold red]" in everything
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(everything)

    herd = Herd(attack, burst, checkpoints="memory")
    on_screen(herd, plan, story, a1=Text(HOSTILE, name=HOSTILE))


def test_boxes_are_found_in_what_experts_give():
    assert str(boxes_in({"boxes": [{"label": "cat", "bbox": [1, 2, 5, 8]}]})[0]) == (
        "cat at 1, 2 (4 x 6)"
    )
    corners = {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}
    assert str(boxes_in([{"label": "dog", "score": 0.5, "box": corners}])[0]) == (
        "dog 50% at 1, 2 (2 x 2)"
    )
    for nothing in ("text", 3, None, [1, 2], [{"x": "1"}], {"box": [1, 2]}, [{"bbox": [1, 2, 3]}]):
        assert boxes_in(nothing) == []


@pytest.mark.parametrize("size", [(1, 1), (3000, 2), (2, 3000), (640, 480)])
def test_pictures_of_any_shape_fit_their_place(size: tuple[int, int]):
    from PIL import Image as pil

    wild = boxes_in([{"x": -1e9, "y": 5, "width": 1e12, "height": -7}])
    drawn = blocks(pil.new("RGB", size, "red"), 60, 20, wild).plain.splitlines()

    assert 1 <= len(drawn) <= 20
    assert all(1 <= len(each) <= 60 for each in drawn)
