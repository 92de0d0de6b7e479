"""Progress: live on a terminal, lines elsewhere, nothing when quiet; always on stderr."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from herd_graph.cli.progress import LineProgress, LiveProgress, Progress, follow
from herd_graph.plans import Plan, Step
from herd_graph.recording.events import Event, EventKind
from herd_graph.store import MemoryStore
from herd_graph.types import JSON, StepId


def event(kind: EventKind, step: str = "", **data: JSON) -> Event:
    return Event(kind=kind, run="r1", step=step, data=data)


def a_run(store: MemoryStore) -> list[Event]:
    steps = (Step(id=StepId("s1"), expert="a@1"), Step(id=StepId("s2"), expert="b@1"))
    plan = store.put(json.dumps(Plan(steps=steps).dump()).encode())
    return [
        event("planned", plan=plan, steps=2, revision=0),
        event("started", "s1", expert="a@1"),
        event("attempt", "s1", expert="a@1", ok=False, error="it stumbled"),
        event("finished", "s1", status="done", expert="a@1", seconds=1.5, usd=0.002),
        event("started", "s2", expert="b@1"),
        event(
            "finished", "s2", status="failed", expert="b@1", seconds=0.1, usd=0.0, error="broken"
        ),
        event("ended", status="partial"),
    ]


def on_a_terminal(width: int = 80) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, color_system=None)


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_lines_tell_what_starts_stumbles_and_ends(capsys: pytest.CaptureFixture[str]) -> None:
    store = MemoryStore()
    with LineProgress(store) as progress:
        for each in a_run(store):
            progress(each)

    out, err = capsys.readouterr()
    assert out == ""
    assert err.splitlines() == [
        "planned: 2 steps",
        "s1 a@1: started",
        "s1 a@1: failed a try: it stumbled",
        "s1 a@1: done (1.50 s, $0.0020)",
        "s2 b@1: started",
        "s2 b@1: failed (0.10 s): broken",
    ]


def test_a_thousand_items_do_not_write_a_thousand_lines(capsys: pytest.CaptureFixture[str]) -> None:
    with LineProgress() as progress:
        for item in range(1000):
            progress(event("started", f"s1[{item}]", expert="a@1"))

    assert len(capsys.readouterr().err.splitlines()) == 20


def test_quiet_shows_nothing_and_still_knows_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    store = MemoryStore()
    with follow(store, quiet=True) as progress:
        for each in a_run(store):
            progress(each)

    assert capsys.readouterr() == ("", "")
    assert progress.board.run == "r1"


def test_without_a_terminal_lines_are_chosen() -> None:
    assert LineProgress is type(follow(MemoryStore(), quiet=False))


def test_the_live_list_stays_on_the_screen_with_states_times_and_costs() -> None:
    store, console = MemoryStore(), on_a_terminal()
    with LiveProgress(console, store) as progress:
        for each in a_run(store):
            progress(each)

    last = written(console).splitlines()[-3:]
    assert last[0].rstrip().endswith("✓ s1   a@1  1.50 s  $0.0020")
    assert last[1].rstrip() == "✗ s2   b@1  0.10 s  broken"
    assert "partial · 2/2 steps" in last[2]


def test_the_live_list_never_wraps_and_never_outgrows_the_screen() -> None:
    console = on_a_terminal(width=40)
    with LiveProgress(console) as progress:
        for number in range(100):
            progress(event("started", f"s{number}", expert="a_very_long_expert_name@1.2.3"))
            progress(event("progress", f"s{number}", message="x" * 200))
        drawn = console.render_lines(progress.render(), console.options)

    assert len(drawn) == 21


def test_a_hundred_steps_show_those_that_matter() -> None:
    console = on_a_terminal()
    with LiveProgress(console) as progress:
        for number in range(100):
            progress(event("started", f"s{number}", expert="a@1"))
            if number != 7:
                status = "failed" if number == 3 else "done"
                progress(event("finished", f"s{number}", status=status, seconds=1.0))
        with console.capture() as captured:
            console.print(progress.render())

    shown = captured.get()
    assert "▶ s7 " in shown
    assert "✗ s3 " in shown
    assert "80 not shown" in shown


def test_what_a_model_says_cannot_drive_the_terminal() -> None:
    console = on_a_terminal()
    with LiveProgress(console) as progress:
        progress(event("started", "s1", expert="a@1"))
        progress(event("token", "s1", text="\x1b]0;title\x07[bold]ok"))
        with console.capture() as captured:
            console.print(progress.render())

    assert "\x1b]0" not in captured.get()
    assert "[bold]ok" in captured.get()


def test_a_pause_frees_the_terminal_and_drawing_goes_on() -> None:
    console = on_a_terminal()
    with LiveProgress(console) as progress:
        progress(event("started", "s1", expert="a@1"))
        with progress.paused():
            before = len(written(console))
            progress(event("finished", "s1", status="done", seconds=1.0))
            during = len(written(console))
    assert before == during
    assert "✓ s1" in written(console)


def test_a_plan_that_cannot_be_read_is_no_reason_to_stop() -> None:
    progress = Progress(MemoryStore())
    progress(event("planned", plan="0" * 64, steps=1, revision=0))
    progress(event("started", "s1", expert="a@1"))

    assert list(progress.board.rows) == ["s1"]
