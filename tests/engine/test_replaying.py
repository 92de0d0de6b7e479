"""Recordings: replayed without calling anybody, mixed with real calls, compared, exported."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from dags import Crew, Dag, Node, dags, herd_of
from hypothesis import given, settings

from herd_graph.artifacts import Audio, Data, Image, Table, Text
from herd_graph.comparing import blame, compare, differing
from herd_graph.errors import ArtifactUnreadable, ReplayMiss
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.callers import Replay
from herd_graph.replaying import export_test
from herd_graph.store import MemoryStore
from herd_graph.testing import assert_replays, run_virtual
from herd_graph.threads import wait

calls: Counter[str] = Counter()


@expert
def shout(text: Text) -> Text:
    """Write a text in capitals."""
    calls["shout"] += 1
    return Text(str(text).upper())


@expert
def mumble(text: Text) -> Text:
    """Write a text in small letters."""
    calls["mumble"] += 1
    return Text(str(text).lower())


@expert
def double(text: Text) -> Text:
    """Say a text twice."""
    calls["double"] += 1
    return Text(f"{text} {text}")


PLAN = Plan.parse(
    {
        "steps": [
            {"id": "s1", "expert": "shout", "inputs": {"text": {"input": "a1"}}},
            {"id": "s2", "expert": "double", "inputs": {"text": {"step": "s1"}}},
        ],
        "inputs": {"a1": {"name": "a1", "kind": "text"}},
    }
)


@pytest.fixture
def herd() -> Herd:
    calls.clear()
    return Herd(shout, mumble, double, checkpoints="memory", store=MemoryStore())


@settings(max_examples=10)
@given(dag=dags(most=8))
def test_any_run_is_saved_and_replays_to_the_same_answer(
    dag: Dag, tmp_path_factory: pytest.TempPathFactory
):
    crew = Crew(dag=dag)
    herd = herd_of(crew)
    run, _ = run_virtual(herd.arun(dag.plan))
    file = run.save(tmp_path_factory.mktemp("recorded") / "run.herdrun")
    crew.calls.clear()

    again, _ = run_virtual(herd.areplay(file))

    assert str(again.answer) == str(run.answer)
    assert not crew.calls


def test_a_replay_needs_no_expert(herd: Herd, tmp_path: Path):
    file = herd.run(PLAN, a1="hello").save(tmp_path / "x.herdrun")
    calls.clear()

    run = assert_replays(file)

    assert str(run.output("s2")) == "HELLO HELLO"
    assert not calls


def test_another_expert_is_live_with_what_depends_on_it(herd: Herd, tmp_path: Path):
    file = herd.run(PLAN, a1="Hello").save(tmp_path / "x.herdrun")
    calls.clear()

    run = herd.replay(file, swaps={"s1": "mumble"})

    assert str(run.output("s2")) == "hello hello"
    assert calls == {"mumble": 1, "double": 1}


def test_from_a_step_on_everything_is_live(herd: Herd, tmp_path: Path):
    file = herd.run(PLAN, a1="Hello").save(tmp_path / "x.herdrun")
    calls.clear()

    herd.replay(file, since="s2")

    assert calls == {"double": 1}


def test_a_call_that_was_not_recorded_fails_and_shows_the_nearest(herd: Herd, tmp_path: Path):
    file = herd.run(PLAN, a1="Hello").save(tmp_path / "x.herdrun")
    steps = [
        PLAN.steps[0],
        PLAN.steps[1].model_copy(update={"inputs": {"text": PLAN.steps[0].inputs["text"]}}),
    ]
    other = PLAN.model_copy(update={"steps": tuple(steps)})

    with herd.debug(other, a1="Hello", caller=_replay(file, herd)) as session:
        wait(session.continue_())
        record = session.standing.records["s2"]

    assert record.error_type == ReplayMiss.__name__
    assert "The nearest one is of step 's2'" in record.error


def test_a_file_that_is_none_is_refused(herd: Herd, tmp_path: Path):
    (tmp_path / "x.herdrun").write_bytes(b"nothing")

    with pytest.raises(ArtifactUnreadable):
        herd.replay(tmp_path / "x.herdrun")


def test_two_runs_are_compared_step_by_step(herd: Herd):
    one = herd.run(PLAN, a1="Hello")
    two = herd.run(PLAN, a1="Hello there")
    found = compare(one, two)

    assert not found.is_equal
    assert found.steps[0].lines == ("-HELLO", "+HELLO THERE")
    assert compare(one, one).is_equal


def test_payloads_are_compared_as_their_kind_is(tmp_path: Path):
    import numpy as np
    from PIL import Image as pil

    white, dot = pil.new("RGB", (10, 10), "white"), pil.new("RGB", (10, 10), "white")
    dot.putpixel((3, 3), (0, 0, 0))
    white.save(tmp_path / "a.png")
    dot.save(tmp_path / "b.png")
    tone = np.sin(np.arange(8000) / 8000 * 440 * 6.28).astype(np.float32) / 2

    pixels = differing(Image(tmp_path / "a.png"), Image(tmp_path / "b.png"))
    paths = differing(Data({"a": [1, 2]}), Data({"a": [1, 3]}))
    sound = differing(Audio.from_samples(tone, 8000), Audio.from_samples(tone[:4000], 8000))

    assert pixels == ["picture: 1.00% of the pixels differ, by 255 of 255 at most"]
    assert paths == ["$.a[1]: 2 / 3"]
    assert sound[0].startswith("sound: 1.00 s at -9.0 dB / 0.50 s")
    assert differing(
        Table([{"word": "so", "letters": 2}, {"word": "is", "letters": 2}]),
        Table([{"word": "so", "letters": 3}]),
    ) == ["table: 2 / 1 rows", "-so, 2", "-is, 2", "+so, 3"]


def test_words_of_an_answer_are_followed_to_where_they_come_from(herd: Herd):
    run = herd.run(PLAN, a1="Hello")

    given = blame(run, "hello")
    nowhere = blame(run, "goodbye")

    assert (given.origin, given.trail) == ("a1", ("s2", "s1"))
    assert nowhere.trail == ()


def test_a_run_is_exported_as_a_test_that_passes(herd: Herd, tmp_path: Path):
    test = export_test(herd.run(PLAN, a1="Hello").save(tmp_path / "hello.herdrun"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test.name]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "1 passed" in done.stdout, done.stdout + done.stderr


def test_fifty_steps_are_replayed_without_a_call(tmp_path: Path):
    dag = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(50)))
    crew = Crew(dag=dag)
    herd = herd_of(crew)
    run, _ = run_virtual(herd.arun(dag.plan))
    file = run.save(tmp_path / "run.herdrun")
    crew.calls.clear()

    again = herd.replay(file)

    assert str(again.answer) == str(run.answer)
    assert not crew.calls


def _replay(file: Path, herd: Herd) -> Replay:
    return Replay(file, herd.store)
