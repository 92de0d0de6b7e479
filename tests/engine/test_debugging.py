"""Stepping, breaking, editing and forking: the same answers as an undisturbed run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from dags import Crew, Dag, Node, dags, herd_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from herd_graph.artifacts import Image, Text
from herd_graph.debug.session import DebugSession
from herd_graph.errors import ConfigError, PlanInvalid, PlanMalformed, PortViolation, RunError
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording.callers import Replay
from herd_graph.store import MemoryStore
from herd_graph.testing import run_virtual
from herd_graph.threads import wait

DIAMOND = Dag(
    (
        Node(name="a"),
        Node(name="b", needs=("a",)),
        Node(name="c"),
        Node(name="d", needs=("b", "c")),
    )
)


async def texts(session: DebugSession) -> dict[str, str]:
    """Return what each finished step gave."""
    ended = session.standing.schedule.ended
    return {
        step: str(session.artifact(step)[0])
        for step, each in ended.items()
        if each.status == "done"
    }


@example(dag=DIAMOND)
@settings(max_examples=12)
@given(dag=dags(most=8, failing=True))
def test_stepping_to_the_end_gives_what_an_undisturbed_run_gives(dag: Dag):
    crew = Crew(dag=dag)
    herd = herd_of(crew)

    async def walk() -> tuple[list[str], dict[str, str]]:
        async with herd.debug(dag.plan) as session:
            stops = [session.stop.reason]
            while not session.stop.is_over:
                stops.append((await session.next()).reason)
            return stops, await texts(session)

    (stops, found), _ = run_virtual(walk())

    assert found == dag.texts()
    assert crew.calls == dag.calls
    assert (stops[0], stops[-1]) == ("planned", "fused")


@example(dag=DIAMOND, choice=1)
@settings(max_examples=12)
@given(dag=dags(most=8, least=2), choice=st.integers(0, 100))
def test_a_breakpoint_stops_before_its_step_and_nothing_of_it_was_called(dag: Dag, choice: int):
    step = dag.nodes[choice % len(dag.nodes)].name
    crew = Crew(dag=dag)
    herd = herd_of(crew)

    async def walk() -> tuple[str, int, dict[str, str]]:
        async with herd.debug(dag.plan, breaks=[step]) as session:
            stop = session.stop if session.stop.next == step else await session.continue_()
            called = crew.calls[step]
            while not session.stop.is_over:
                await session.continue_()
            return stop.next, called, await texts(session)

    (stopped, called, found), _ = run_virtual(walk())

    assert (stopped, called) == (step, 0)
    assert found == dag.texts()


@example(dag=DIAMOND, choice=0, when=1)
@settings(max_examples=12)
@given(dag=dags(most=8, least=2), choice=st.integers(0, 100), when=st.integers(0, 8))
def test_an_edit_runs_again_exactly_what_depends_on_it(dag: Dag, choice: int, when: int):
    crew = Crew(dag=dag)
    herd = herd_of(crew)

    async def walk() -> tuple[str, set[str], dict[str, str]]:
        async with herd.debug(dag.plan) as session:
            for _ in range(1 + when % len(dag.nodes)):
                await session.next()
            done = sorted(await texts(session))
            edited = done[choice % len(done)]
            crew.calls.clear()
            await session.edit(edited, "by hand")
            await session.continue_()
            return edited, set(done), await texts(session)

    (edited, done, found), _ = run_virtual(walk())

    assert found == dag.texts({edited: "by hand"})
    left = {node.name for node in dag.nodes} - done
    assert crew.calls == dict.fromkeys(dag.after(edited) | left, 1)


def test_a_fork_goes_its_own_way_and_calls_nothing_again():
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)

    async def walk() -> tuple[dict[str, str], dict[str, str], set[str]]:
        async with herd.debug(DIAMOND.plan) as session:
            await session.until("b")
            other = await session.fork()
            crew.calls.clear()
            await other.edit("b", "by hand")
            await other.continue_()
            here = set(crew.calls)
            await session.continue_()
            return await texts(session), await texts(other), here

    (first, second, called), _ = run_virtual(walk())

    assert first == DIAMOND.texts()
    assert second == DIAMOND.texts({"b": "by hand"})
    assert called <= {"c", "d"}


def test_going_back_makes_another_branch_of_the_same_run():
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)

    async def walk() -> tuple[str, dict[str, str], int]:
        async with herd.debug(DIAMOND.plan) as session:
            await session.next()
            before = len(await texts(session))
            await session.next()
            stop = await session.back()
            at = len(await texts(session))
            assert at == before
            await session.continue_()
            return stop.reason, await texts(session), len(session.stops)

    (_, found, _), _ = run_virtual(walk())

    assert found == DIAMOND.texts()


def test_running_a_step_again_repeats_it_alone_when_it_gives_the_same():
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)

    async def walk() -> dict[str, str]:
        async with herd.debug(DIAMOND.plan) as session:
            await session.continue_()
            crew.calls.clear()
            await session.rerun("a")
            await session.continue_()
            return await texts(session)

    found, _ = run_virtual(walk())

    assert found == DIAMOND.texts()
    assert crew.calls == {"a": 1}


def test_an_edit_is_in_the_recording():
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)

    async def walk(path: Path) -> tuple[list[str], list[str]]:
        async with herd.debug(DIAMOND.plan) as session:
            await session.until("b")
            await session.edit("b", "by hand")
            await session.continue_()
            answer = (await session.result()).answer
            file = await session.save(path)
            crew.calls.clear()
            again = (await herd.areplay(file)).answer
            return [each.text for each in answer.parts], [each.text for each in again.parts]

    with TemporaryDirectory() as folder:
        (first, second), _ = run_virtual(walk(Path(folder) / "box.herdrun"))

    assert first == second
    assert not crew.calls


def test_a_session_is_saved_as_a_recording_that_replays(tmp_path: Path):
    crew = Crew(dag=DIAMOND)
    herd = herd_of(crew)

    async def walk() -> tuple[str, str]:
        async with herd.debug(DIAMOND.plan) as session:
            await session.continue_()
            answer = str((await session.result()).answer)
            file = await session.save(tmp_path / "box.herdrun")
            crew.calls.clear()
            async with herd.debug(DIAMOND.plan, caller=Replay(file, herd.store)) as again:
                await again.continue_()
                return answer, str((await again.result()).answer)

    (first, second), _ = run_virtual(walk())

    assert first == second
    assert not crew.calls


@expert
def shout(text: Text) -> Text:
    """Write a text in capitals."""
    return Text(str(text).upper())


@expert
def whisper(words: Text) -> Text:
    """Write a text in small letters."""
    return Text(str(words).lower())


@expert
def look(picture: Image) -> Text:
    """Say how large a picture is."""
    width, height = picture.pil().size
    return Text(f"{width} x {height}")


SHOUTED = Plan.parse(
    {"steps": [{"id": "s1", "expert": "shout", "inputs": {"text": {"value": "Hello"}}}]}
)


@pytest.fixture
def herd() -> Herd:
    return Herd(shout, whisper, look, checkpoints="memory", store=MemoryStore())


def test_another_expert_takes_a_step_over(herd: Herd):
    with herd.debug(SHOUTED) as session:
        wait(session.continue_())
        wait(session.swap("s1", "whisper"))
        stop = wait(session.continue_())

        assert str(session.artifact("s1")[0]) == "hello"
        assert stop.revision == 1


def test_a_plan_that_cannot_run_is_refused_and_the_old_one_stays(herd: Herd):
    with herd.debug(SHOUTED) as session:
        with pytest.raises(PlanInvalid):
            wait(session.swap("s1", "look"))

        assert session.plan.steps[0].expert == "shout@1"


def test_what_a_port_does_not_take_is_refused(herd: Herd, tmp_path: Path):
    picture = tmp_path / "p.png"
    _png(picture)
    with herd.debug(SHOUTED) as session:
        wait(session.continue_())

        with pytest.raises(PortViolation, match="Expected Text"):
            wait(session.edit("s1", picture))
        with pytest.raises(PlanMalformed):
            wait(session.edit("s9", "x"))


def test_an_input_is_edited_and_what_depends_on_it_runs_again(herd: Herd, tmp_path: Path):
    _png(tmp_path / "a.png", (4, 3))
    _png(tmp_path / "b.png", (7, 5))
    plan = Plan.parse(
        {
            "steps": [{"id": "s1", "expert": "look", "inputs": {"picture": {"input": "a1"}}}],
            "inputs": {"a1": {"name": "a1", "kind": "image"}},
        }
    )
    with herd.debug(plan, tmp_path / "a.png") as session:
        wait(session.continue_())
        before = str(session.artifact("s1")[0])
        wait(session.edit("a1", tmp_path / "b.png"))
        wait(session.continue_())

        assert (before, str(session.artifact("s1")[0])) == ("4 x 3", "7 x 5")


@pytest.mark.parametrize("spec", ["s7", "shuot", "__import__('os')", "score.x > 1", "score <", ""])
def test_a_breakpoint_that_means_nothing_is_refused(herd: Herd, spec: str):
    with herd.debug(SHOUTED) as session, pytest.raises(ConfigError):
        wait(session.break_(spec))


@pytest.mark.parametrize(
    ("spec", "moment"),
    [
        ("shout", "before"),
        ("text", "before"),
        ("status == 'done'", "after"),
        ("shout if seconds >= 0", "after"),
        ("capitals", "before"),
        ("error", "after"),
    ],
)
def test_breakpoints_by_expert_kind_capability_and_condition(herd: Herd, spec: str, moment: str):
    with herd.debug(SHOUTED) as session:
        made = wait(session.break_(spec))

        assert made.moment == moment


def test_there_is_nothing_before_the_first_stop(herd: Herd):
    with herd.debug(SHOUTED) as session, pytest.raises(RunError, match="no stop"):
        wait(session.back(3))


def _png(path: Path, size: tuple[int, int] = (4, 3)) -> None:
    from PIL import Image as pil

    pil.new("RGB", size, "white").save(path)
