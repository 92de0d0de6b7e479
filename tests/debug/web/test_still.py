"""What somebody looks at stays as it is while news of the run comes in."""

from __future__ import annotations

from typing import Any

from debug_pages import (
    PLAN,
    Gate,
    Seen,
    Served,
    crew,
    debugging,
    listening,
    node,
    press,
    sign,
    wanted,
)

from herd_graph import Text, expert
from herd_graph.plans import Plan
from herd_graph.recording.events import Event


def kept(page: Any, selector: str) -> Any:
    """Remember an element, and return what looks whether it is still the one that is shown."""
    page.evaluate(
        "which => { (window.kept ||= {})[which] = document.querySelector(which); }", selector
    )
    return lambda: page.evaluate(
        "which => window.kept[which] === document.querySelector(which)", selector
    )


def news(page: Any, served: Served, run: str, step: str) -> None:
    """Have the server tell of things, and wait until the panel, which shows this step, was drawn."""
    live = served.desk.live(run)
    listening(page, served, run)
    served.loop.call_soon_threadsafe(lambda: live.tell({"type": "changed"}))

    async def toggle() -> bool:
        there = [each.number for each in live.session.breakpoints]
        if there:
            live.session.clear(there[0])
        else:
            await live.session.break_(step)
        live.tell({"type": "breakpoints"})
        return not there

    is_set = served.do(toggle)
    button = page.locator('.panel [data-key="break"]')
    wanted(button).to_have_text("Clear breakpoint" if is_set else "Breakpoint")


def test_a_sound_goes_on_while_the_run_is_told_of(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")
        node(page, "s4").click()
        wanted(page.locator(".panel-title")).to_contain_text("s4")
        sound = page.locator(".panel audio")
        wanted(sound).to_be_visible()
        sound.evaluate("each => { each.muted = true; each.loop = true; return each.play(); }")
        same = kept(page, ".panel audio")

        for _ in range(3):
            news(page, served, run, "s4")

        assert same()
        assert sound.evaluate("each => each.paused") is False
        page.locator('.panel [data-tab="in"]').click()
        wanted(page.locator(".panel pre.text")).to_contain_text("NO ENTRY")
        wanted(page.locator(".panel audio")).to_have_count(0)


def test_what_was_opened_and_how_far_it_was_read_stays(seen: Seen) -> None:
    @expert
    def nested(text: Text) -> dict[str, Any]:
        """Write much about a text."""
        return {"many": [{"at": at, "text": text.text} for at in range(60)], "more": {"a": [1]}}

    plan = Plan.parse(
        {
            "inputs": {"text": {"name": "text", "kind": "text"}},
            "steps": [{"id": "s1", "expert": "nested", "inputs": {"text": {"input": "text"}}}],
        }
    )
    with crew(nested) as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("word " * 60)))
        page = seen.run(served, run)
        press(page, "continue")
        many = page.locator(".panel details details").first
        many.locator("> summary").click()
        wanted(many.locator("> .json-inner > .json-row")).to_have_count(60)
        page.locator(".panel").evaluate("each => { each.scrollTop = 300; }")
        top = "each => Math.round(each.getBoundingClientRect().top)"
        before = many.evaluate(top)
        same = kept(page, ".panel details")

        news(page, served, run, "s1")

        assert same()
        assert many.evaluate("each => each.open") is True
        assert many.evaluate(top) == before
        page.locator('.lower [data-tab="events"]').click()
        wanted(page.locator(".lower .events tbody tr").first).to_be_visible()
        same = kept(page, ".lower .events")
        news(page, served, run, "s1")
        assert same()


def test_an_answer_that_plays_goes_on_when_a_step_is_looked_at(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")
        page.locator('.lower [data-tab="answer"]').click()
        sound = page.locator(".lower audio")
        sound.scroll_into_view_if_needed()
        sound.evaluate("each => { each.muted = true; each.loop = true; return each.play(); }")
        same = kept(page, ".lower audio")

        node(page, "s2").click()
        wanted(page.locator(".panel-title")).to_contain_text("s2")
        page.locator('.panel [data-tab="in"]').click()
        wanted(page.locator(".panel .tabpanel .picture")).to_be_visible()
        news(page, served, run, "s2")

        assert same()
        assert sound.evaluate("each => each.paused") is False


def test_a_run_that_is_only_looked_at_redraws_nothing(seen: Seen) -> None:
    with crew() as herd, Served(herd) as served:
        made = herd.run(PLAN, photo=sign())
        page = seen.run(served, made.id, "?step=s2")
        wanted(page.locator(".panel .boxes rect")).to_have_count(2)
        watched = (
            ".panel img",
            '.plan [data-key="step:s2"]',
            ".toolbar",
            ".run-head h1",
            ".answer",
        )
        same = [kept(page, each) for each in watched]

        page.evaluate("location.hash += '&again=1'")
        page.locator('.panel [data-tab="why"]').click()
        page.locator('.panel [data-tab="out"]').click()
        wanted(page.locator(".panel .boxes rect")).to_have_count(2)

        assert [each() for each in same[1:]] == [True] * 4


def test_tokens_ask_for_a_step_once(seen: Seen) -> None:
    gate = Gate()
    plan = Plan.parse(
        {
            "inputs": {"text": {"name": "text", "kind": "text"}},
            "steps": [{"id": "s1", "expert": "dawdle", "inputs": {"text": {"input": "text"}}}],
        }
    )
    with crew(gate.expert) as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("take your time")))
        page = seen.run(served, run)
        page.locator('[data-command="continue"]').click()
        wanted(page.locator(".panel .streaming")).to_have_text("slowly ")
        page.locator('.panel [data-tab="in"]').click()
        wanted(page.locator(".panel pre.text")).to_have_text("take your time")
        asked = len([each for each in seen.asked if each.endswith("/steps/s1")])

        live = served.desk.live(run)
        listening(page, served, run)
        for at in range(50):
            event = Event(kind="token", run=run, step="s1", at=at, data={"text": "x"})
            served.loop.call_soon_threadsafe(live._hear, event)
        page.locator('.panel [data-tab="out"]').click()
        wanted(page.locator(".panel .streaming")).to_have_text("slowly " + "x" * 50)

        assert len([each for each in seen.asked if each.endswith("/steps/s1")]) == asked + 1
        gate.let_go.set()
        wanted(page.locator(".said")).to_contain_text("composed")
