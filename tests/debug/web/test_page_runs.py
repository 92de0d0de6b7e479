"""Runs and sessions in the page: lists, recordings, herds within herds, new requests."""

from __future__ import annotations

import re
from pathlib import Path

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
    shout,
    sign,
    text_plan,
    wanted,
)

from herd_graph import Herd


def test_runs_are_listed_and_a_stored_one_is_debugged_as_a_copy(seen: Seen) -> None:
    with crew() as herd, Served(herd) as served:
        made = herd.run(PLAN, photo=sign())
        page = seen.open(served.link)
        row = page.locator(".runs tbody tr", has_text=made.id)
        wanted(row).to_contain_text("7/7")
        row.locator("a").click()
        wanted(page.locator('.lower [data-tab="answer"]')).to_have_attribute(
            "aria-selected", "true"
        )
        wanted(page.locator(".answer")).to_contain_text("words")
        assert page.locator(".plan [data-break]").count() == 0

        page.locator('[data-command="copy"]').click()
        wanted(page.locator(".run-head")).to_contain_text(f"forked from {made.id}")
        node(page, "s1").click()
        page.locator('.panel [data-key="rerun"]').click()
        wanted(page.locator(".said")).to_contain_text("s1 runs again")
        press(page, "continue")

        wanted(page.locator(".said")).to_contain_text("composed")
        assert herd.get(made.id).status == "done"
        page.goto(f"{served.url}#/")
        page.locator("input[type=search]").fill("no such words")
        wanted(page.locator(".empty")).to_contain_text("No run matches.")


def test_a_run_of_somebody_else_appears_and_goes_on_in_the_list(seen: Seen) -> None:
    with crew() as herd, Served(herd) as served:
        page = seen.open(served.link)
        wanted(page.locator(".empty")).to_contain_text("no runs yet")

        made = herd.run(PLAN, photo=sign())

        wanted(page.locator(".runs tbody tr")).to_contain_text(made.id)


def test_a_recording_is_saved_and_dropped_in(seen: Seen, tmp_path: Path) -> None:
    with crew() as herd, debugging(herd) as (served, run):
        page = seen.run(served, run)
        press(page, "continue")
        with page.expect_download() as saving:
            page.locator(".toolbar a", has_text="Save").click()
        saving.value.save_as(tmp_path / "box.herdrun")

    with crew() as herd, Served(herd) as served:
        page = seen.open(served.link)
        wanted(page.locator(".empty")).to_be_visible()
        page.locator("#open-file").set_input_files(tmp_path / "box.herdrun")
        wanted(page.locator(".run-head")).to_contain_text("a recording")
        wanted(node(page, "s7")).to_contain_text("6/6")
        node(page, "s3").click()
        wanted(page.locator(".panel pre.text")).to_have_text("NO ENTRY AFTER 9 (200 PX)")
        assert herd.runs.list() == []

        drop = page.evaluate_handle(
            """() => { const data = new DataTransfer();
            data.items.add(new File(["no recording"], "bad.herdrun")); return data; }"""
        )
        page.dispatch_event("main", "drop", {"dataTransfer": drop})
        wanted(page.locator(".toast.error")).to_contain_text("cannot be opened as a recording")
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_a_session_is_compared_with_a_recording_that_is_opened(seen: Seen, tmp_path: Path) -> None:
    with crew() as herd:
        herd.run(PLAN, photo=sign()).save(tmp_path / "before.herdrun")
    with crew() as herd, debugging(herd) as (served, run):
        session = served.desk.live(run).session
        served.do(session.continue_)
        served.do(lambda: session.edit("s1", "This way"))
        served.do(session.continue_)
        page = seen.run(served, run)
        page.keyboard.press("d")
        page.locator("dialog .primary").click()
        wanted(page.locator("dialog .error")).to_contain_text("Choose a run")
        page.locator("dialog input[type=file]").set_input_files(tmp_path / "before.herdrun")
        page.locator("dialog .primary").click()

        wanted(page.locator("h1")).to_have_text("What differs")
        wanted(page.locator('.diff-steps [data-step="s1"]')).to_be_visible()
        wanted(page.locator(".diff .minus").first).to_contain_text("This way")
        wanted(page.locator(".diff .plus").first).to_contain_text("NO ENTRY AFTER 9")
        wanted(page.locator(".sides h3", has_text="s1 · ")).to_have_count(2)

        page.goto(f"{served.url}#/")
        page.locator('[data-key^="choose-file-1"]').check()
        page.locator(f'[data-key="choose-{run}"]').check()
        page.locator("button", has_text="Compare two").click()
        wanted(page.locator("h1")).to_have_text("What differs")
        assert len(herd.runs.list()) == 1  # a file that is looked at is no run of this herd


def test_a_herd_in_the_herd_is_stepped_into_and_come_out_of(seen: Seen) -> None:
    others = Herd(shout, checkpoints="memory")
    plan = text_plan(
        {"id": "s1", "expert": "others", "inputs": {"task": {"input": "text"}}},
        {"id": "s2", "expert": "whisper", "inputs": {"text": {"step": "s1"}}},
    )
    with crew() as herd, Served(herd) as served:
        herd.add(others, as_name="others", description="Does things with texts.")
        run = served.add(herd.debug(plan, text="Write 'abc' in capital letters"))
        page = seen.run(served, run)
        page.locator('[data-command="step"]').click()
        facts = page.locator(".run-head .facts")
        wanted(facts).to_contain_text(f"inside s1 of {run}")
        wanted(page.locator(".said")).to_contain_text("Inside s1")
        inner = page.url.partition("#/run/")[2].partition("?")[0]
        press(page, "next")
        wanted(node(page, "s1")).to_have_class(re.compile("is-done"))

        facts.locator("a").click()
        wanted(facts).to_contain_text("stepped into s1")
        page.reload()
        facts.locator("a").click()
        wanted(facts).to_contain_text(f"inside s1 of {run}")
        assert inner in page.url
        page.keyboard.press("o")
        wanted(page.locator(".said")).to_contain_text("Step s1 is done. Next: s2.")
        assert run in page.url
        press(page, "next")
        wanted(page.locator(".panel-title")).to_contain_text("s2")
        wanted(page.locator(".panel pre.text")).to_have_text("abc")
        assert served.desk.live(run).session.inside is None
    others.close()


def test_a_run_waits_for_what_goes_on_inside_its_next_call(seen: Seen) -> None:
    gate = Gate()
    others = Herd(gate.expert, checkpoints="memory")
    step = {"id": "s1", "expert": "others", "inputs": {"task": {"input": "text"}}}
    with crew() as herd, Served(herd) as served:
        herd.add(others, as_name="others", description="Does things with texts.")
        run = served.add(herd.debug(text_plan(step), text="Take a long time over 'so'"))
        outer = seen.run(served, run)
        outer.locator('[data-command="step"]').click()
        wanted(outer.locator(".said")).to_contain_text("Inside s1")
        inner = seen.open(outer.url)
        wanted(inner.locator(".said")).to_contain_text("Inside s1")
        outer.goto(f"{served.url}#/run/{run}")
        wanted(outer.locator(".run-head")).to_contain_text("stepped into s1")

        inner.locator('[data-command="next"]').click()
        wanted(inner.locator(".said")).to_have_text("next …")
        assert gate.started.wait(60)
        outer.locator('[data-command="next"]').click()
        wanted(outer.locator(".toast.error")).to_contain_text("'next' goes on")
        gate.let_go.set()
        wanted(inner.locator(".said")).to_contain_text("Step s1 is done")
        outer.locator('[data-command="next"]').click()
        wanted(outer.locator(".said")).to_contain_text("Step s1 is done")
    others.close()
    seen.errors = [each for each in seen.errors if "409" not in each]


def test_a_new_request_is_planned_in_the_page(seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear all, come at nine.")
    with crew() as herd, Served(herd) as served:
        page = seen.open(served.link)
        page.locator("#new-task").fill("Write the letter in capital letters")
        page.locator("form.ask input[type=file]").set_input_files(tmp_path / "letter.txt")
        page.locator("form.ask .primary").click()

        wanted(node(page, "s1")).to_contain_text("shout")
        press(page, "continue")
        page.locator('.panel [data-tab="why"]').click()
        wanted(page.locator(".candidates .chosen")).to_contain_text("shout@1")
        page.locator('.panel [data-tab="out"]').click()
        wanted(page.locator(".panel pre.text")).to_have_text("DEAR ALL, COME AT NINE.")


def test_the_end_of_the_debugger_is_told(seen: Seen) -> None:
    with crew() as herd:
        with debugging(herd) as (served, run):
            page = seen.run(served, run)
            listening(page, served, run)
        wanted(page.locator(".toast")).to_contain_text("was ended in the terminal")
