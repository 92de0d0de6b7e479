"""Record what callers do, and answer from what was recorded.

recorder = Recorder(Live(store), store, "box.herdrun")     # calls as usual, and writes them down
replay = Replay("box.herdrun", store)                      # calls nobody
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol, cast

from pydantic import BaseModel

from herd_graph.calling import Call, Caller, CallResult
from herd_graph.errors import CallError, ReplayMiss, suggest
from herd_graph.failures import from_json, to_json
from herd_graph.payloads import Refs, off_loop
from herd_graph.plans import Plan
from herd_graph.recording.differences import differences, ids
from herd_graph.recording.events import TRANSIENT, Event
from herd_graph.recording.files import (
    RecordedCall,
    Recording,
    dump_refs,
    inputs_key,
    references,
    write_recording,
)
from herd_graph.registry import Snapshot
from herd_graph.run_logs import logger
from herd_graph.state import StepRecord
from herd_graph.store import ArtifactStore, MemoryStore
from herd_graph.threads import in_thread
from herd_graph.types import JSON, ArtifactRef, JSONObject

log = logger(__name__)


class Recorder:
    """Passes calls on to another caller, and writes down how they went.

    Args:
        caller: Makes the calls.
        store: Where it keeps payloads.
        path: Written by ``close``, also when the run failed; None leaves that to ``save``.
    """

    def __init__(
        self, caller: Caller, store: ArtifactStore, path: str | os.PathLike[str] | None = None
    ) -> None:
        self.caller = caller
        self.store = store
        self.path = None if path is None else Path(path)
        self._lock = threading.Lock()
        self._calls: list[RecordedCall | None] = []
        """In the order in which they started; None for one that has not ended."""
        self._events: list[Event] = []
        self._documents: dict[str, JSON] = {}
        self._artifacts: dict[str, ArtifactRef] = {}

    @property
    def calls(self) -> list[RecordedCall]:
        """The calls that ended, in the order in which they started. Cancelled ones are left out."""
        with self._lock:
            return [each for each in self._calls if each is not None]

    async def call(self, call: Call) -> CallResult:
        """Pass the call on. Raises what the caller raises."""
        with self._lock:
            place = len(self._calls)
            self._calls.append(None)
        clock = asyncio.get_running_loop().time
        started = clock()
        try:
            result = await self.caller.call(call)
        except CallError as error:
            failed = _recorded(call).model_copy(
                update={"error": to_json(error), "usd": error.usd, "seconds": clock() - started}
            )
            self._keep(place, failed)
            raise
        self._keep(
            place,
            _recorded(call).model_copy(
                update={
                    "outputs": result.outputs,
                    "usd": result.usd,
                    "seconds": result.seconds,
                    "usage": result.usage,
                }
            ),
        )
        return result

    def _keep(self, place: int, recorded: RecordedCall) -> None:
        with self._lock:
            self._calls[place] = recorded

    def event(self, event: Event) -> None:
        """Add an event of the run. Tokens and progress are left out."""
        if event.kind not in TRANSIENT:
            with self._lock:
                self._events.append(event)

    def document(self, name: str, content: JSON, *artifacts: ArtifactRef) -> None:
        """Add JSON under a name (``plan``, ``task``, ``answer``), and payloads that it refers to."""
        with self._lock:
            self._documents[name] = content
            self._artifacts.update({each.id: each for each in artifacts})

    def save(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        contents: Literal["full", "metadata"] = "full",
    ) -> Path:
        """Write what was recorded so far; all of the file, or nothing.

        Args:
            path: By default the one that it was made with.
            contents: Everything, or metadata alone; see ``write_recording``.
        """
        target = self.path if path is None else Path(path)
        if target is None:
            raise ValueError("There is no path to save to. Pass one: recorder.save('x.herdrun').")
        with self._lock:
            calls = [each for each in self._calls if each is not None]
            events, documents = list(self._events), dict(self._documents)
            artifacts = list(self._artifacts.values())
        return write_recording(
            target,
            store=self.store,
            calls=calls,
            events=events,
            documents=documents,
            artifacts=artifacts,
            contents=contents,
        )

    async def close(self) -> None:
        """Save, where there is a path, and close the caller."""
        try:
            if self.path is not None:
                await in_thread(self.save, label="recording")
        finally:
            await self.caller.close()


def _recorded(call: Call) -> RecordedCall:
    return RecordedCall(
        expert=call.expert.card.id,
        key=inputs_key(call.inputs),
        inputs=dict(call.inputs),
        run=call.run,
        step=call.step,
        attempt=call.attempt,
    )


class Replay:
    """Answers from a recording: no expert is called, no model loaded, nothing spent.

    A call is found by its expert, version and inputs. Equal calls are answered in the order in which
    they were recorded, errors included, so that a retry that succeeded succeeds again.

    Args:
        path: The ``*.herdrun`` file, or an opened recording.
        store: Gets the recorded payloads as they are needed; a store in memory by default.
        pace: Waits for the recorded duration times this: 1 replays as slowly as it was.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | Recording,
        store: ArtifactStore | None = None,
        *,
        pace: float = 0.0,
    ) -> None:
        self.recording = path if isinstance(path, Recording) else Recording(path)
        self.store = store if store is not None else MemoryStore()
        self.pace = pace
        self._lock = threading.Lock()
        self._found: dict[tuple[str, str], list[RecordedCall]] = defaultdict(list)
        for each in self.recording.calls:
            self._found[each.expert, each.key].append(each)
        self._served: Counter[tuple[str, str]] = Counter()

    async def call(self, call: Call) -> CallResult:
        """Return what this call gave when it was recorded.

        Raises:
            ReplayMiss: It was not recorded, or less often.
            CallError: As it was recorded.
        """
        key = (call.expert.card.id, inputs_key(call.inputs))
        with self._lock:
            there = self._found.get(key, [])
            served = self._served[key]
            if served < len(there):
                self._served[key] += 1
        if served >= len(there):
            raise self._miss(call, times=served)
        recorded = there[served]
        await asyncio.sleep(recorded.seconds * self.pace)
        if recorded.error is not None:
            raise from_json(recorded.error)
        refs = references(recorded.outputs)
        await off_loop(lambda: self.recording.restore(refs, self.store), *refs)
        return CallResult(
            outputs={name: _moved(value, call) for name, value in recorded.outputs.items()},
            usd=recorded.usd,
            seconds=recorded.seconds,
            usage=dict(recorded.usage),
        )

    def restart(self) -> None:
        """Start over: equal calls are answered from the first one again."""
        with self._lock:
            self._served.clear()

    @property
    def unused(self) -> list[RecordedCall]:
        """The recorded calls that nobody asked for since the (re)start."""
        with self._lock:
            return [
                each for key, there in self._found.items() for each in there[self._served[key] :]
            ]

    async def close(self) -> None:
        """Close the recording."""
        self.recording.close()

    def _miss(self, call: Call, *, times: int) -> ReplayMiss:
        name, file = call.expert.card.id, str(self.recording.path)
        if times:
            return ReplayMiss(
                f"The recording {file!r} answers this call of {name!r} {times} times, and it was "
                "made once more. Expected the recorded calls. Something repeats a call that it "
                "did not repeat then: a retry, a loop, a changed plan. Record the run again."
            )
        near = self._nearest(call)
        if near is None:
            known = suggest(name, {each.expert for each in self.recording.calls}, what="Recorded")
            return ReplayMiss(
                f"The recording {file!r} holds no call of expert {name!r}. {known} Pin the "
                "version that was recorded, or record the run again."
            )
        differing = differences(near, call.expert.card.id, call.inputs)
        lines = "\n".join(f"  {line}" for line in differing)
        return ReplayMiss(
            f"The recording {file!r} does not hold this call of {name!r}. The nearest one is of "
            f"step {near.step!r} with {near.expert!r}:\n{lines}\nExpected the recorded inputs. "
            "Something before this step gave another result, or the plan changed. Record it again."
        )

    def _nearest(self, call: Call) -> RecordedCall | None:
        card = call.expert.card
        candidates = [
            each for each in self.recording.calls if each.expert.partition("@")[0] == card.name
        ]

        def likeness(each: RecordedCall) -> tuple[int, bool, bool]:
            equal = sum(
                name in each.inputs and ids(each.inputs[name]) == ids(given)
                for name, given in call.inputs.items()
            )
            return equal, each.expert == card.id, each.step == call.step

        return max(candidates, key=likeness, default=None)


def _moved(value: Refs, call: Call) -> Refs:
    """Return references whose provenance names the run that asks, not the one that was recorded."""
    if isinstance(value, list):
        return [_moved_one(each, call) for each in value]
    return _moved_one(value, call)


def _moved_one(ref: ArtifactRef, call: Call) -> ArtifactRef:
    moved = ref.provenance.model_copy(update={"run": call.run, "step": call.step})
    return ref.model_copy(update={"provenance": moved})


class _Log(Protocol):
    def events(self, run: str, *, step: str | None = None) -> list[Event]: ...


class _Made(Protocol):
    """A run, as far as a recording is concerned."""

    @property
    def plan(self) -> Plan: ...

    @property
    def inputs(self) -> Mapping[str, Refs]: ...

    @property
    def records(self) -> Mapping[str, StepRecord]: ...

    @property
    def experts(self) -> Snapshot: ...

    @property
    def trace(self) -> BaseModel | None: ...

    def dump(self) -> JSONObject: ...


class _Engine(Protocol):
    @property
    def caller(self) -> Caller: ...


class _Herd(Protocol):
    """A herd, as far as a recording is concerned: this layer lies below it."""

    @property
    def engine(self) -> _Engine: ...

    @property
    def store(self) -> ArtifactStore: ...

    @property
    def runs(self) -> _Log: ...

    async def aget(self, run: str) -> _Made: ...


class _Request(Protocol):
    caller: Caller | None

    @property
    def run(self) -> str: ...

    @property
    def contents(self) -> Literal["full", "metadata"]: ...


def note_run(recorder: Recorder, events: Iterable[Event], made: _Made) -> None:
    """Add to a recording what is known of the run beside its calls: events, plan, answer, inputs."""
    for event in events:
        recorder.event(event)
    recorder.document("run", made.dump())
    recorder.document("plan", made.plan.dump())
    attached = {name: dump_refs(value) for name, value in made.inputs.items()}
    recorder.document("inputs", attached, *references(made.inputs))
    planned = {step.expert for step in made.plan.steps}
    named = {*planned, *(each.expert for each in made.records.values())}
    used = sorted(each for each in named if each)
    cards = [made.experts.find(spec).card for spec in used if made.experts.knows(spec)]
    recorder.document("cards", [cast("JSON", card.model_dump(mode="json")) for card in cards])
    if made.trace is not None:
        recorder.document("trace", cast("JSON", made.trace.model_dump(mode="json")))


@asynccontextmanager
async def recording(
    herd: _Herd, request: _Request, path: str | os.PathLike[str]
) -> AsyncGenerator[Recorder, None]:
    """Record one run of a herd, and write the file when the block ends, however it ends.

    Args:
        herd: Whose run it is.
        request: The run; its caller is replaced for the length of the block.
        path: The ``*.herdrun`` file.
    """
    before = request.caller
    request.caller = recorder = Recorder(before or herd.engine.caller, herd.store, path)
    try:
        yield recorder
    finally:
        request.caller = before
        try:
            note_run(recorder, herd.runs.events(request.run), await herd.aget(request.run))
        except Exception:  # what was recorded is worth keeping, whatever else is wrong
            log.exception("Run %r is recorded without its plan and answer", request.run)
        contents = request.contents
        await in_thread(lambda: recorder.save(contents=contents), label="recording")
