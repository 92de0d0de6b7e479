"""What graph state holds: small JSON and references.

Step records live in one ``DeltaChannel``: a plain dict of records is rewritten whole at every
checkpoint, which makes a database of 450 MB for 1,000 steps, where the delta makes 4 to 8. The
channel is beta in LangGraph 1.2, so nothing outside this module names it.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict
from typing_extensions import TypedDict

from herd_graph.types import JSON, ArtifactRef, StepStatus


class Attempt(BaseModel):
    """One try of one expert, as it went."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    expert: str
    ok: bool
    seconds: float = 0.0
    usd: float = 0.0
    error: str = ""
    error_type: str = ""
    about_input: bool = False
    """The input was at fault, not the expert: another expert is no better path."""
    why: str = ""
    """What kind of repair it was; empty for a call that the plan asks for."""


class Verdict(BaseModel):
    """What a check says of a step or of the answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    check: str
    level: Literal["pass", "doubt", "fail"]
    score: float = 1.0
    reason: str = ""
    evidence: JSON = None
    blocks: bool = False
    """A failure that leaves nothing to use: the result is thrown away, not only marked."""


class StepRecord(BaseModel):
    """How one step (or one item of a ``foreach`` step) ended. About 1 KB."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str
    step: str
    """The step's id; ``s1[0]`` for the first item of a ``foreach``."""
    status: StepStatus
    expert: str = ""
    """The ``name@version`` that gave the result."""
    input_hash: str = ""
    """A hash of the step's spec and its inputs: done means that this is still the current one."""
    outputs: dict[str, ArtifactRef | list[ArtifactRef | None]] = {}
    """A list for ``many`` ports, and for a ``foreach`` step as a whole (None: item left out)."""
    attempts: tuple[Attempt, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    usd: float = 0.0
    started: float = 0.0
    """Seconds since the epoch."""
    seconds: float = 0.0
    error: str = ""
    error_type: str = ""
    outputs_at: str = ""
    """The artifact that holds ``outputs`` as JSON, where they are too long for graph state."""
    items: int | None = None
    """For a ``foreach`` step: how many items it had; each has a record of its own."""
    pinned: bool = False
    """A person set the result: it stands, whatever its inputs are."""

    @property
    def key(self) -> str:
        """Records are kept by run and step: two turns of one thread never share any."""
        return f"{self.run}/{self.step}"

    @property
    def stands_wrong(self) -> bool:
        """Whether it has a result that a check fails; not where a person set it."""
        failed = any(each.level == "fail" for each in self.verdicts)
        return failed and self.status == "done" and not self.pinned


def merge_records(state: dict[str, Any], writes: list[dict[str, Any]]) -> dict[str, Any]:
    """Apply a batch of record updates; a later one replaces an earlier one of the same key."""
    merged = dict(state)
    for write in writes:
        merged.update(write)
    return merged


class HerdInput(TypedDict, total=False):
    """What a herd's graph takes."""

    task: dict[str, Any] | str
    """The words, or a ``Task`` as JSON (``herd.task(…)`` makes it)."""
    files: list[Any]
    """Attachments besides: paths inside the allowed folders, ``data:`` URLs, or references."""


class HerdOutput(TypedDict, total=False):
    """What a herd's graph gives."""

    run: str
    answer: dict[str, Any]


class HerdState(TypedDict, total=False):
    """The state of a herd's graph."""

    task: dict[str, Any]
    """A ``Task`` as JSON, or ``{"at": …}``, the artifact that holds a long one."""
    run: str
    plan: dict[str, Any]
    """A ``PlanRef`` as JSON: the plan itself is an artifact."""
    steps: dict[str, Any]
    """``StepRecord`` as JSON, by key; ``state_schema`` gives it its channel."""
    pending: dict[str, Any]
    """Questions that only a person can answer, by step."""
    approvals: dict[str, bool]
    """What a person said, by step."""
    phase: str
    """Where the run goes next: ``pump``, ``gate``, ``check``, ``replan`` or ``fuse``."""
    answer: dict[str, Any]


class PlanRef(BaseModel):
    """Where the run's plan is, and why it is what it is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    plan: str
    """The artifact id of the plan."""
    trace: str = ""
    """The artifact id of the route trace; empty where a person wrote the plan."""
    revision: int = 0
    reason: str = ""
    before: PlanRef | None = None
    """The plan that this one is tried in the place of, where a result stood with a failed check: the
    run goes back to it where this one does no better."""


SNAPSHOT_EVERY = 1000
"""Updates between two full copies of the records: 4 to 8 MB for 1,000 to 2,000 steps."""


def state_schema(
    takes: Mapping[str, Any] | None = None,
    gives: Mapping[str, Any] | None = None,
    *,
    talks: bool = False,
) -> type[Any]:
    """Return the schema for ``StateGraph``, with the delta channel in its place.

    Args:
        takes: The parameters of the one workflow that the graph serves, with their types. What one
            turn of a thread is given, the next one does not see.
        gives: The workflow's results, with their types.
        talks: Whether it takes chat messages and answers with one.
    """
    from langgraph.channels.delta import DeltaChannel
    from langgraph.channels.ephemeral_value import EphemeralValue

    delta: Any = DeltaChannel
    channel: Any = delta(merge_records, dict, snapshot_frequency=SNAPSHOT_EVERY)
    once: Any = EphemeralValue
    fields: dict[str, Any] = {**HerdState.__annotations__, **(gives or {})}
    for name, kind in {"files": list[Any], **(takes or {})}.items():
        fields[name] = Annotated[kind, once(kind, False)]
    fields["steps"] = Annotated[dict[str, Any], channel]
    if talks:
        fields["messages"] = _messages()
    return TypedDict("HerdGraphState", fields, total=False)  # type: ignore[operator]


def door_schemas() -> tuple[type[Any], type[Any]]:
    """Return what the graph of a whole herd takes and gives: tasks, or chat messages."""
    messages = {"messages": _messages()}
    takes: dict[str, Any] = {**HerdInput.__annotations__, **messages}
    gives: dict[str, Any] = {**HerdOutput.__annotations__, **messages}
    return (
        TypedDict("HerdInput", takes, total=False),  # type: ignore[operator]
        TypedDict("HerdOutput", gives, total=False),  # type: ignore[operator]
    )


@functools.cache
def _messages() -> Any:
    """Return the type of chat messages, with a channel that is absent as long as there are none.

    With LangGraph's own channel the answer to a task would come with an empty list, which a graph
    around this one could take for its own messages.
    """
    from langchain_core.messages import AnyMessage
    from langgraph.channels.binop import BinaryOperatorAggregate
    from langgraph.errors import EmptyChannelError
    from langgraph.graph.message import add_messages

    aggregate: Any = BinaryOperatorAggregate

    class Spoken(aggregate):
        def get(self) -> Any:
            if not self.value:
                raise EmptyChannelError
            return self.value

        def is_available(self) -> bool:
            return bool(self.value)

    return Annotated[list[AnyMessage], Spoken(list[AnyMessage], add_messages)]


def records_of(state: Mapping[str, Any], run: str) -> dict[str, StepRecord]:
    """Return a run's records by step id."""
    prefix = f"{run}/"
    held: dict[str, Any] = state.get("steps") or {}
    return {
        key[len(prefix) :]: StepRecord.model_validate(value)
        for key, value in held.items()
        if key.startswith(prefix)
    }


def standing_records(state: Mapping[str, Any], run: str) -> dict[str, StepRecord]:
    """Return a run's records without items that their list does not have any more.

    After an edit a list may be shorter, or left out. What its items gave then is kept, so that it need
    not be called for again; it is no part of the run as it stands.
    """
    found = records_of(state, run)
    counts: dict[str, int] = {}
    for step, each in found.items():
        settled = each.status == "skipped" or (each.status != "done" and each.error)
        if each.items is not None or settled:
            counts[step] = each.items or 0
    return {step: each for step, each in found.items() if not _is_beyond(step, counts)}


def _is_beyond(step: str, counts: Mapping[str, int]) -> bool:
    bare, bracket, rest = step.partition("[")
    return bool(bracket) and bare in counts and int(rest.rstrip("]")) >= counts[bare]


def compact(record: StepRecord) -> dict[str, Any]:
    """Return a record as JSON, without what is as it always is."""
    return record.model_dump(mode="json", exclude_defaults=True)
