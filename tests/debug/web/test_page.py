"""The page as a person uses it: in a real browser, on a real server, over real sessions."""

from __future__ import annotations

import re
from pathlib import Path

from debug_pages import (
    Gate,
    Seen,
    Served,
    crew,
    debugging,
    node,
    press,
    sign,
    stopped,
    text_plan,
    wanted,
)

from herd_graph import Text


def test_a_breakpoint_set_by_a_click_stops_before_its_step(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)

        page.locator('.plan [data-break="s4"]').click()
        wanted(page.locator('.plan [data-break="s4"]')).to_have_attribute("aria-pressed", "true")
        press(page, "continue")

        wanted(page.locator(".said")).to_contain_text("A breakpoint was hit.")
        wanted(node(page, "s4")).to_have_class(re.compile("is-next"))
        wanted(node(page, "s3")).to_have_class(re.compile("is-done"))
        session = served.desk.live(run).session
        assert session.stop.next == "s4"
        page.locator('.lower [data-tab="breaks"]').click()
        page.locator('[data-key="clear-1"]').click()
        wanted(page.locator('.plan [data-break="s4"]')).to_have_attribute("aria-pressed", "false")
        assert session.breakpoints == []


def test_the_keys_of_the_prompt_step_through_a_run(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        said = page.locator(".said")

        for key, expected in (("n", "[2]"), ("s", "[3]"), ("z", "[4]")):
            page.keyboard.press(key)
            wanted(said).to_contain_text(expected)
        node(page, "s3").click()
        wanted(page.locator(".panel-title")).to_contain_text("s3")
        page.keyboard.press("u")
        wanted(node(page, "s3")).to_have_class(re.compile("is-done"))
        page.keyboard.press("b")
        wanted(page.locator('.plan [data-break="s3"]')).to_have_attribute("aria-pressed", "true")
        page.keyboard.press("2")
        wanted(page.locator('.panel [data-tab="in"]')).to_have_attribute("aria-selected", "true")
        page.keyboard.press("c")
        wanted(said).to_contain_text("composed")

        before = served.desk.live(run).session.stop.number
        page.locator('.lower [data-tab="breaks"]').click()
        page.locator('[data-key="new-break"]').click()
        page.locator("dialog input[name=where]").fill("score < 0.6 and ncb")
        assert served.desk.live(run).session.stop.number == before  # no key of it was a command
        page.locator("dialog .primary").click()
        wanted(page.locator("dialog .error")).to_contain_text("ncb")
        page.keyboard.press("Escape")
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_arrows_walk_through_the_plan(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)

        page.locator('.plan [data-node="input:photo"]').focus()
        page.keyboard.press("ArrowRight")
        first = page.evaluate("document.activeElement.dataset.node")
        page.keyboard.press("ArrowRight")
        second = page.evaluate("document.activeElement.dataset.node")

        assert first in {"step:s1", "step:s2"}
        assert second not in {first, "input:photo"}
        wanted(page.locator(".panel-title")).to_contain_text(second.partition(":")[2])


def test_pictures_are_shown_with_boxes_and_sounds_are_played(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")

        node(page, "s2").click()
        boxes = page.locator(".panel .boxes rect")
        wanted(boxes).to_have_count(2)
        picture = page.locator(".panel .picture img").first
        picture.evaluate("each => each.scrollIntoView()")
        wanted(picture).to_be_visible()
        shown = picture.evaluate(
            "each => each.decode().then(() => [each.naturalWidth, each.naturalHeight])"
        )
        assert shown == [200, 180]
        rect, frame = page.evaluate(
            """() => ['rect', 'img'].map(each => {
                const area = document.querySelector(`.panel .picture ${each}`);
                return area.getBoundingClientRect().toJSON();
            })"""
        )
        scale = frame["width"] / 200
        assert abs((rect["x"] - frame["x"]) - 40 * scale) < 3
        assert abs(rect["width"] - 120 * scale) < 3
        page.locator(".box-list input").first.uncheck()
        wanted(boxes.first).to_be_hidden()

        played = [each for each in seen.asked if each.endswith("/content")]
        node(page, "s4").click()
        wanted(page.locator(".panel .wave path")).to_be_visible()
        sound = page.locator(".panel audio")
        assert [each for each in seen.asked if each.endswith("/content")] == played
        sound.evaluate("each => { each.muted = true; return each.play(); }")
        page.wait_for_function("() => document.querySelector('.panel audio').currentTime > 0")
        assert abs(sound.evaluate("each => each.duration") - 1.25) < 0.2

        node(page, "s5").click()
        wanted(page.locator(".panel table tbody tr").first).to_contain_text("NO")
        node(page, "s7").click()
        page.locator('.panel [data-tab="items"]').click()
        wanted(page.locator(".panel table tbody tr")).to_have_count(6)
        page.locator(".panel table a", has_text="s7[2]").click()
        wanted(page.locator(".panel-title")).to_contain_text("s7[2]")
        wanted(page.locator(".panel .json")).to_have_text("5")


def test_an_edit_is_held_against_its_port_and_runs_again_what_depends_on_it(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")
        node(page, "s1").click()

        page.locator('.panel [data-key="edit"]').click()
        area = page.locator("dialog textarea")
        wanted(area).to_have_value(re.compile("NO ENTRY"))
        area.fill("mind the gap")
        page.locator("dialog .primary").click()
        wanted(page.locator(".said")).to_contain_text("s1 was set by hand")
        press(page, "continue")
        node(page, "s3").click()
        wanted(page.locator(".panel pre.text")).to_have_text("MIND THE GAP")
        node(page, "s1").click()
        wanted(page.locator(".panel .tag")).to_contain_text("set by hand")

        node(page, "s6").click()
        page.locator('.panel [data-key="edit"]').click()
        page.locator("dialog textarea").fill("[1, {")
        page.locator("dialog .primary").click()
        wanted(page.locator("dialog .error")).to_contain_text("not JSON")
        page.locator("dialog textarea").fill('{"no": "list"}')
        page.locator("dialog .primary").click()
        wanted(page.locator("dialog .error")).to_contain_text("cannot hold")
        page.keyboard.press("Escape")
        node(page, "s7").click()
        wanted(page.locator(".panel-title")).to_contain_text("s7")
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_a_file_replaces_an_input(seen: Seen, tmp_path: Path) -> None:
    wider = sign().pil().resize((321, 180))
    wider.save(tmp_path / "wider.png")
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "next")

        page.locator('.plan [data-key="input:photo"]').click()
        page.locator('.panel [data-key="edit"]').click()
        page.locator("dialog input[type=file]").set_input_files(tmp_path / "wider.png")
        page.locator("dialog .primary").click()
        wanted(page.locator(".said")).to_contain_text("photo was set")
        press(page, "continue")

        node(page, "s1").click()
        wanted(page.locator(".panel pre.text")).to_contain_text("321 px")


def test_another_expert_is_swapped_in_and_a_plan_is_edited(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")
        node(page, "s3").click()

        page.locator('.panel [data-key="swap"]').click()
        page.locator("dialog .chips button", has_text="whisper").click()
        page.locator("dialog .primary").click()
        wanted(node(page, "s3")).to_contain_text("whisper")
        press(page, "continue")
        wanted(page.locator(".panel-title")).to_be_visible()
        node(page, "s3").click()
        wanted(page.locator(".panel pre.text")).to_contain_text("no entry")

        page.locator('[data-command="plan"]').click()
        area = page.locator("dialog textarea")
        plan = area.input_value()
        area.fill(plan.replace("whisper@1", "nobody@1"))
        page.locator("dialog .primary").click()
        wanted(page.locator("dialog .error")).to_contain_text("nobody")
        area.fill(plan.replace("whisper@1", "shout@1"))
        page.locator("dialog .primary").click()
        wanted(node(page, "s3")).to_contain_text("shout")
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_forks_are_a_tree_and_two_runs_are_compared(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "next")
        press(page, "continue")

        page.locator('.lower [data-tab="stops"]').click()
        page.locator(".stops li", has_text="stepped").locator("button", has_text="Fork").click()
        wanted(page.locator(".run-head")).to_contain_text(f"forked from {run}")
        fork = page.url.partition("#/run/")[2].partition("?")[0]
        wanted(node(page, "s1")).to_have_class(re.compile("is-done"))
        wanted(node(page, "s3")).not_to_have_class(re.compile("is-done"))
        node(page, "s1").click()
        page.locator('.panel [data-key="edit"]').click()
        page.locator("dialog textarea").fill("another sign")
        page.locator("dialog .primary").click()
        wanted(page.locator(".said")).to_contain_text("s1 was set by hand")
        press(page, "continue")

        page.locator('.lower [data-tab="stops"]').click()
        wanted(page.locator(".forks a", has_text=run)).to_be_visible()
        page.locator(".forks .button", has_text="Compare").first.click()
        wanted(page.locator("h1")).to_have_text("What differs")
        wanted(page.locator(".sides .plan")).to_have_count(2)
        wanted(page.locator(".diff-steps .differs").first).to_contain_text("s1")
        wanted(page.locator(".diff .plus").first).to_be_visible()
        page.locator('[data-step="s3"]').click()
        wanted(page.locator("h2", has_text="Step s3")).to_be_visible()
        wanted(page.locator(".sides").nth(1).locator("pre.text")).to_have_text(
            ["ANOTHER SIGN", "NO ENTRY AFTER 9 (200 PX)"]
        )
        assert served.desk.live(run).session.stop.is_over
        assert herd.runs.get(fork).details["forked"] == {"run": run, "stop": 2}


def test_each_stop_has_an_address_and_going_back_makes_a_branch(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        for _ in range(3):
            press(page, "next")

        page.locator('.lower [data-tab="stops"]').click()
        page.locator('[data-key="stop-2"]').click()
        wanted(page.locator(".banner")).to_contain_text("stop 2 of 4")
        wanted(node(page, "s1")).to_have_class(re.compile("is-done"))
        wanted(node(page, "s3")).not_to_have_class(re.compile("is-done"))
        assert f"/run/{run}/stop/2" in page.url
        wanted(page.locator('[data-command="next"]')).to_be_disabled()
        other = seen.open(page.url)
        wanted(other.locator(".banner")).to_contain_text("stop 2 of 4")
        other.locator(".banner button", has_text="Go back here").click()
        wanted(other.locator(".said")).to_contain_text("[5]")
        press(other, "next")
        wanted(other.locator(".stops li")).to_have_count(5)


def test_a_reload_in_the_middle_of_a_call_loses_nothing(seen: Seen) -> None:
    gate = Gate()
    plan = text_plan(
        {"id": "s1", "expert": "dawdle", "inputs": {"text": {"input": "text"}}},
        {"id": "s2", "expert": "shout", "inputs": {"text": {"step": "s1"}}},
    )
    with crew(gate.expert) as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("take your time")))
        page = seen.run(served, run)
        page.locator('[data-command="continue"]').click()
        assert gate.started.wait(60)
        wanted(node(page, "s1")).to_have_class(re.compile("is-running"))
        wanted(page.locator(".panel .streaming")).to_contain_text("slowly")

        page.reload()
        wanted(node(page, "s1")).to_have_class(re.compile("is-running"))
        wanted(page.locator('[data-command="next"]')).to_be_disabled()
        gate.let_go.set()

        wanted(page.locator(".said")).to_contain_text("composed")
        node(page, "s2").click()
        wanted(page.locator(".panel pre.text")).to_have_text("TAKE YOUR TIME")


def test_two_tabs_see_the_same_session(seen: Seen) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        one = seen.run(served, run)
        two = seen.open(f"{served.url}#/run/{run}")
        wanted(two.locator(".said")).to_contain_text("[1]")

        one.locator('.plan [data-break="s3"]').click()
        wanted(two.locator('.plan [data-break="s3"]')).to_have_attribute("aria-pressed", "true")
        press(one, "continue")
        wanted(two.locator(".said")).to_contain_text("A breakpoint was hit.")
        before = one.locator(".said").text_content()
        press(two, "next")
        stopped(one, before)
        one.close()
        press(two, "continue")

        wanted(node(two, "s7")).to_have_class(re.compile("is-done"))


def test_a_pause_stops_after_the_call_that_goes_on(seen: Seen) -> None:
    gate = Gate()
    plan = text_plan(
        {"id": "s1", "expert": "dawdle", "inputs": {"text": {"input": "text"}}},
        {"id": "s2", "expert": "shout", "inputs": {"text": {"step": "s1"}}},
    )
    with crew(gate.expert) as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("take your time")))
        page = seen.run(served, run)
        page.locator('[data-command="continue"]').click()
        assert gate.started.wait(60)

        page.keyboard.press("p")
        wanted(page.locator('[data-command="pause"]')).to_have_text("Give the call up")
        gate.let_go.set()

        wanted(page.locator(".said")).to_contain_text("Next: s2.")
        wanted(node(page, "s2")).to_have_class(re.compile("is-next"))


def test_a_call_that_was_given_up_can_be_made_again(seen: Seen) -> None:
    gate = Gate()
    plan = text_plan({"id": "s1", "expert": "dawdle", "inputs": {"text": {"input": "text"}}})
    with crew(gate.expert) as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("take your time")))
        page = seen.run(served, run)
        page.locator('[data-command="next"]').click()
        assert gate.started.wait(60)
        for _ in range(2):
            page.locator('[data-command="pause"]').click()
        wanted(page.locator('[data-command="next"]')).to_be_enabled()

        gate.let_go.set()
        press(page, "continue")

        wanted(node(page, "s1")).to_have_class(re.compile("is-done"))
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_a_person_is_asked_and_answers(seen: Seen) -> None:
    plan = text_plan({"id": "s1", "expert": "send", "inputs": {"text": {"input": "text"}}})
    with crew() as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("hello")))
        page = seen.run(served, run)
        page.locator('[data-command="continue"]').click()

        question = page.locator(".ask-person")
        wanted(question).to_contain_text("s1")
        question.locator("button", has_text="Yes").click()
        wanted(page.locator(".said")).to_contain_text("Next: s1.")
        press(page, "continue")
        wanted(node(page, "s1")).to_have_class(re.compile("is-done"))
        node(page, "s1").click()

        wanted(page.locator(".panel pre.text")).to_have_text("sent: hello")


def test_a_failure_says_what_happened(seen: Seen) -> None:
    plan = text_plan({"id": "s1", "expert": "fall", "inputs": {"text": {"input": "text"}}})
    with crew() as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, text=Text("a stone")))
        page = seen.run(served, run)
        press(page, "next")

        wanted(node(page, "s1")).to_have_class(re.compile("is-failed"))
        wanted(page.locator(".panel .error").first).to_contain_text("tripped over 'a stone'")
        page.locator('.panel [data-tab="why"]').click()
        wanted(page.locator(".tries li").first).to_contain_text("fall@1")
