"""What was recorded is what is replayed, and what was not is explained."""

from __future__ import annotations

import asyncio
import json
import random
import warnings
import zipfile
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Data, Image, Text, load
from herd_graph.calling import Call, Caller, CallResult, Live
from herd_graph.errors import (
    ArtifactTooLarge,
    ArtifactUnreadable,
    CallError,
    ExpertFailed,
    ExpertTimeout,
    ReplayMiss,
)
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.recording import files
from herd_graph.recording.callers import Recorder, Replay
from herd_graph.recording.events import Event
from herd_graph.recording.files import Recording
from herd_graph.store import ArtifactStore, FolderStore, MemoryStore
from herd_graph.testing import After, run_virtual, scripted
from herd_graph.types import ArtifactRef, RunId, StepId
from herd_graph.workflows import workflow


@expert
def shout(text: str) -> str:
    """Say it loudly."""
    return text.upper()


@expert
def join(parts: list[str], by: str = "") -> str:
    """Join texts."""
    return by.join(parts)


@expert
def paint(size: int) -> Image:
    """Make bytes that do not pack."""
    return Image(random.Random(size).randbytes(size), mime="image/png")


def ask(target: Expert, store: ArtifactStore, run: str = "r1", **given: Any) -> Call:
    def ref(value: Any) -> ArtifactRef:
        return (Text(value) if isinstance(value, str) else Data(value)).put(store)

    inputs = {
        name: [ref(each) for each in cast("list[Any]", value)]
        if isinstance(value, list)
        else ref(value)
        for name, value in given.items()
    }
    return Call(expert=target, inputs=inputs, run=RunId(run), step=StepId("s1"))


async def outcome(caller: Caller, call: Call) -> str:
    """Return what a call gave, or how it failed: nothing that differs from run to run."""
    try:
        result = await caller.call(call)
    except CallError as error:
        return f"{type(error).__name__} {error.retryable} {error}"
    shown = {
        name: [each.id for each in cast("list[Any]", value)]
        if isinstance(value, list)
        else value.id
        for name, value in result.outputs.items()
    }
    return json.dumps([shown, result.usd])


def record(path: Path, *calls: Call, store: ArtifactStore) -> list[str]:
    async def main() -> list[str]:
        recorder = Recorder(Live(store), store, path)
        try:
            return [await outcome(recorder, each) for each in calls]
        finally:
            await recorder.close()

    return asyncio.run(main())


def replay(path: Path, *calls: Call, store: ArtifactStore | None = None) -> list[str]:
    async def main() -> list[str]:
        caller = Replay(path, store)
        try:
            return [await outcome(caller, each) for each in calls]
        finally:
            await caller.close()

    return asyncio.run(main())


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "box.herdrun"


def test_a_replay_gives_what_was_recorded_without_calling_anybody(
    store: FolderStore, path: Path
) -> None:
    target = scripted("once", script=["first", ExpertTimeout("too late"), "third"], cost_usd=0.5)
    calls = [ask(target, store, text="same")] * 3 + [
        ask(shout, store, text="x" * 2000),
        ask(join, store, parts=["a", "b"], by="-"),
        ask(paint, store, size=3000),
    ]
    recorded = record(path, *calls, store=store)

    elsewhere = MemoryStore()
    assert replay(path, *calls, store=elsewhere) == recorded
    assert len(target.calls) == 3

    with Replay(path, elsewhere).recording as recording:
        made = recording.calls[5].outputs["result"]
        assert isinstance(made, ArtifactRef)
        assert load(made, elsewhere).bytes() == random.Random(3000).randbytes(3000)


@given(
    script=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["one", "two", RuntimeError("down"), ExpertFailed("no"), ValueError()]),
        ),
        max_size=12,
    ),
    seed=st.integers(0, 1000),
)
def test_replay_equals_original_in_any_order(
    script: list[tuple[str, Any]], seed: int, tmp_path: Path
) -> None:
    store = MemoryStore()
    experts = {
        name: scripted(name, script=[what for who, what in script if who == name]) for name in "abc"
    }
    calls = [ask(experts[who], store, text="same") for who, _ in script]
    path = tmp_path / "law.herdrun"
    recorded = record(path, *calls, store=store)
    by_expert = {
        name: [out for out, (who, _) in zip(recorded, script, strict=True) if who == name]
        for name in "abc"
    }
    shuffled = [who for who, _ in script]
    random.Random(seed).shuffle(shuffled)

    replayed = replay(path, *(ask(experts[who], store, text="same") for who in shuffled))

    assert {
        name: [out for out, who in zip(replayed, shuffled, strict=True) if who == name]
        for name in "abc"
    } == by_expert


def test_equal_calls_at_once_are_numbered_as_they_started(path: Path) -> None:
    store = MemoryStore()
    target = scripted("s", script=[After(3.0, "slow"), After(1.0, "fast")])

    async def main() -> list[str]:
        recorder = Recorder(Live(store), store)
        calls = (outcome(recorder, ask(target, store, text="same")) for _ in range(2))
        outcomes = await asyncio.gather(*calls)
        recorder.save(path)
        return outcomes

    recorded, _ = run_virtual(main())
    again = ask(target, store, text="same")

    assert replay(path, again, again) == recorded


def test_the_pace_may_be_as_it_was(path: Path) -> None:
    store = MemoryStore()
    target = scripted("s", script=[After(8.0, "slow")])

    async def main() -> None:
        recorder = Recorder(Live(store), store, path)
        await recorder.call(ask(target, store, text="x"))
        recorder.save()

    async def again(pace: float) -> CallResult:
        return await Replay(path, pace=pace).call(ask(target, store, text="x"))

    run_virtual(main())

    assert [run_virtual(again(pace))[1] for pace in (0, 0.5, 1)] == [0.0, 4.0, 8.0]


def test_provenance_names_the_run_that_asks(store: FolderStore, path: Path) -> None:
    record(path, ask(shout, store, text="x"), store=store)

    async def main() -> ArtifactRef:
        caller = Replay(path)
        result = await caller.call(ask(shout, store, "another-run", text="x"))
        ref = result.outputs["result"]
        assert isinstance(ref, ArtifactRef)
        return ref

    provenance = asyncio.run(main()).provenance

    assert (provenance.run, provenance.expert) == ("another-run", "shout@1")


# What was not recorded


def miss(path: Path, call: Call) -> str:
    (text,) = replay(path, call)
    assert text.startswith("ReplayMiss False ")
    return text


def test_a_miss_shows_the_nearest_call_and_what_differs(store: FolderStore, path: Path) -> None:
    calls = [
        ask(join, store, parts=["a", "b"], by="-"),
        ask(join, store, parts=["x"], by="+"),
        ask(shout, store, text="y" * 100 + " the end"),
        ask(shout, store, text="z" * 1000),
    ]
    record(path, *calls, store=store)

    text = miss(path, ask(join, store, parts=["a", "c"], by="-"))
    assert "  by: equal\n" in text
    assert "  parts: 2 items recorded, 2 asked; number 2: recorded 'b', asked 'c'\n" in text
    text = miss(path, ask(join, store, parts=["a", "b", "c"], by="-"))
    assert "2 items recorded, 3 asked; number 3: recorded nothing, asked 'c'" in text
    text = miss(path, ask(shout, store, text="y" * 100 + " the start"))
    assert "from character" in text
    assert "the end" in text
    assert "the start" in text
    text = miss(path, ask(join, store, parts=["x"]))
    assert "by: recorded '+', asked nothing" in text
    v2 = expert(name="shout", version="2")(shout.target)
    text = miss(path, ask(v2, store, text="z" * 1000))
    assert "expert: recorded shout@1, asked shout@2" in text
    assert "text: equal" in text
    text = miss(path, ask(paint, store, size=1))
    assert "holds no call of expert 'paint@1'. Recorded: 'join@1', 'shout@1'." in text


def test_one_repetition_too_many(store: FolderStore, path: Path) -> None:
    call = ask(shout, store, text="x")
    record(path, call, call, store=store)

    async def main() -> Replay:
        caller = Replay(path)
        for _ in range(2):
            assert [each.expert for each in caller.unused]
            await caller.call(call)
        assert caller.unused == []
        with pytest.raises(ReplayMiss, match="answers this call of 'shout@1' 2 times"):
            await caller.call(call)
        caller.restart()
        await caller.call(call)
        return caller

    assert len(asyncio.run(main()).unused) == 1


# The file


def test_what_failed_or_was_cancelled_still_leaves_a_whole_file(
    store: FolderStore, path: Path
) -> None:
    target = scripted("s", script=["done", RuntimeError("down"), After(1000.0, "never")])

    async def main() -> None:
        recorder = Recorder(Live(store), store, path)
        try:
            calls = [ask(target, store, text=str(n)) for n in range(3)]
            await asyncio.wait_for(asyncio.gather(*(outcome(recorder, c) for c in calls)), 10)
        finally:
            await recorder.close()

    with pytest.raises(TimeoutError):
        run_virtual(main())

    with Recording(path) as recording:
        assert [each.error is None for each in recording.calls] == [True, False]
        assert recording.manifest["calls"] == 2


def test_events_documents_and_their_artifacts_are_kept(store: FolderStore, path: Path) -> None:
    recorder = Recorder(Live(store), store, path)
    picture = Image(b"\x89PNG" + b"p" * 1000, mime="image/png").put(store)
    recorder.event(Event(kind="started", run="r1", step="s1", at=1.0))
    recorder.event(Event(kind="token", run="r1", step="s1", data={"text": "x"}))
    recorder.document("task", {"text": "look", "a1": picture.model_dump(mode="json")}, picture)
    recorder.save()

    with Recording(path) as recording:
        assert [each.kind for each in recording.events] == ["started"]
        assert cast("dict[str, Any]", recording.documents["task"])["text"] == "look"
        elsewhere = MemoryStore()
        recording.restore([picture], elsewhere)
        assert elsewhere.get(picture.id) == store.get(picture.id)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_what_was_pruned_meanwhile_is_named_and_the_rest_is_kept(
    store: FolderStore, path: Path
) -> None:
    async def main() -> None:
        recorder = Recorder(Live(store), store, path)
        result = await recorder.call(ask(shout, store, text="x" * 1000))
        ref = result.outputs["result"]
        assert isinstance(ref, ArtifactRef)
        store.delete(ref.id)
        recorder.save()
        assert Recording(path).manifest["missing"] == [ref.id]

    asyncio.run(main())


def test_a_failed_save_leaves_the_old_file(store: FolderStore, path: Path) -> None:
    record(path, ask(shout, store, text="x"), store=store)
    before = path.read_bytes()

    recorder = Recorder(Live(store), store, path)
    recorder.document("Not/a name", {})
    with pytest.raises(ValueError, match="document's name"):
        recorder.save()

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def rewritten(path: Path, change: dict[str, bytes | None], *extra: tuple[str, bytes]) -> Path:
    """Return a copy with members replaced (None: left out) and added."""
    target = path.with_name("changed.herdrun")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change.get(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
        for name, content in extra:
            new.writestr(name, content)
    return target


@pytest.mark.parametrize(
    ("change", "extra", "message"),
    [
        ({}, [("../../etc/passwd", b"x")], "'../../etc/passwd' that does not belong"),
        ({}, [("/abs", b"x")], "does not belong"),
        ({}, [("artifacts/zz/evil", b"x")], "does not belong"),
        ({}, [("documents/x.pkl", b"x")], "does not belong"),
        ({}, [("calls.jsonl", b"")], "does not belong"),
        ({"manifest.json": None}, [], "it has no 'manifest.json'"),
        ({"manifest.json": b"[]"}, [], "its manifest is none"),
        ({"manifest.json": b"{"}, [], "not JSON"),
        ({"manifest.json": b"[" * 100_000}, [], "not JSON"),
        ({"manifest.json": b'{"format": 99, "herd": "9"}'}, [], "format 99.*Update"),
        ({"calls.jsonl": None}, [], "it has no 'calls.jsonl'"),
        ({"calls.jsonl": b'{"expert": 3}\n'}, [], "RecordedCall is wrong at"),
        ({"calls.jsonl": b"\xff\xfe\n"}, [], "RecordedCall is wrong"),
    ],
)
def test_a_file_that_is_no_recording_is_refused(
    store: FolderStore,
    path: Path,
    change: dict[str, bytes | None],
    extra: list[tuple[str, bytes]],
    message: str,
) -> None:
    record(path, ask(shout, store, text="x" * 1000), store=store)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile warns of a name that is there twice
        changed = rewritten(path, change, *extra)
    with pytest.raises(ArtifactUnreadable, match=message):
        Recording(changed)


def test_no_file_a_text_file_and_half_a_file(
    store: FolderStore, path: Path, tmp_path: Path
) -> None:
    record(path, ask(shout, store, text="x"), store=store)
    text, half = tmp_path / "text", tmp_path / "half"
    text.write_text("hello")
    half.write_bytes(path.read_bytes()[:-40])
    for each in (tmp_path / "none", text, half, tmp_path):
        with pytest.raises(ArtifactUnreadable, match="cannot be opened as a recording"):
            Replay(each)


def test_bytes_that_were_changed_are_found(store: FolderStore, path: Path) -> None:
    record(path, ask(shout, store, text="x" * 1000), store=store)
    with zipfile.ZipFile(path) as archive:
        name = next(each for each in archive.namelist() if each.startswith("artifacts/"))
    with Recording(rewritten(path, {name: b"something else"})) as recording:
        key = name.rpartition("/")[2]
        with pytest.raises(ArtifactUnreadable, match="not what its sha256 says"):
            recording.artifact(key)


def test_sizes_are_bounded(store: FolderStore, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(path, ask(shout, store, text="x" * 1000), store=store)
    bomb = rewritten(path, {"events.jsonl": b"\n" * 5_000_000})
    monkeypatch.setattr(files, "MAX_LINES_BYTES", 1_000_000)
    with pytest.raises(ArtifactTooLarge, match=r"5\.0 MB of 'events\.jsonl'"):
        Recording(bomb)
    monkeypatch.setattr(files, "MAX_TOTAL_BYTES", 2_000)
    with pytest.raises(ArtifactTooLarge, match="more than"):
        Recording(path)
    monkeypatch.setattr(files, "MAX_MEMBERS", 2)
    with pytest.raises(ArtifactTooLarge, match="members"):
        Recording(path)


# A whole run


@workflow
def loud_length(text: Text) -> str:
    """Say it loudly, twice."""
    return join([shout(text), shout(text)], by="-")


def test_a_run_is_recorded_and_replayed_by_another_herd(tmp_path: Path, path: Path) -> None:
    herd = Herd(shout, join, home=tmp_path / "one")
    long = "hello " * 200
    run = herd.run(loud_length, text=Text(long), record=path)

    with Recording(path) as recording:
        assert recording.manifest["runs"] == [run.id]
        assert cast("dict[str, Any]", recording.documents["run"])["status"] == "done"
        assert [each.kind for each in recording.events][-1] == "ended"
        assert Plan.parse(cast("dict[str, Any]", recording.documents["plan"])).steps
        (given,) = cast("dict[str, Any]", recording.documents["inputs"]).values()
        assert recording.artifact(given["id"]).decode() == long

    store = FolderStore(tmp_path / "two" / "artifacts")
    silent = expert(name="shout")(never)
    other = Herd(silent, join, home=tmp_path / "two", store=store, caller=Replay(path, store))
    again = other.run(loud_length, text=Text(long))

    assert again.answer.text == run.answer.text
    assert again.status == "done"


def never(text: str) -> str:
    """Never be called."""
    raise AssertionError(text)


def test_a_run_that_fails_is_recorded_too(tmp_path: Path, path: Path) -> None:
    herd = Herd(expert(name="shout")(never), join, home=tmp_path / "one")
    run = herd.run(loud_length, text=Text("x"), record=path)

    assert run.status == "failed"
    with Recording(path) as recording:
        errors = [each.error for each in recording.calls]
        assert errors
        assert None not in errors
