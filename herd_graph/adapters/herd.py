"""Another herd as one expert: in this process, or behind a URL.

    herd.add(lawyers, name="lawyers", description="Answers questions about contracts.")
    herd.add("herd:http://127.0.0.1:8000", name="elsewhere")

It gets the task in words, with the files that go with it, and what is left of the budget and of the
time. What happens inside is told outside, and what it costs is added. See ``herd_remote`` for URLs.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, cast

from herd_graph.adapters.said import Said, expert_name, read_options
from herd_graph.adapters.sources import Source
from herd_graph.adapters.strangers import clean
from herd_graph.artifacts import Artifact, Text, load
from herd_graph.artifacts.base import printable
from herd_graph.budgets import Budget
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.recording.events import Event
from herd_graph.types import Kind

OPTIONS = frozenset({"as_name", "approve_inside"})
REMOTE_OPTIONS = frozenset({"as_name", "model", "auth"})
_SHORTEST_S = 0.001
_NAMED = 8
_above: ContextVar[tuple[int, ...]] = ContextVar("herds_above", default=())
"""The herds that wait for an answer from further in: one that asks itself would never end."""


@contextmanager
def below(*herds: int) -> Generator[None]:
    """Say that the block works for these herds (their ``id``), which wait for what it gives."""
    reset = _above.set(herds)
    try:
        yield
    finally:
        _above.reset(reset)


class HerdLike(Protocol):
    """What is needed of a herd."""

    async def astart(self, what: Any, *attachments: Any, **options: Any) -> Any:
        """Start a task and return its handle."""
        ...

    def snapshot(self) -> Any:
        """Return its experts."""
        ...


class HerdExpert(Expert):
    """Another herd in this process."""

    def __init__(self, card: ExpertCard, herd: HerdLike, approve: Any) -> None:
        super().__init__(card)
        self.herd = herd
        self.approve_inside = approve

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Give the task to the other herd, within what is left of the budget."""
        above = _above.get()
        if id(self.herd) in above:
            raise self._failed("it was asked again by a herd that it asked", "Break the circle")
        request, files = task_of(inputs)
        with below(*above, id(self.herd)):
            handle = await self.herd.astart(
                request,
                *files,
                budget=budget_of(context),
                approve=self.approve_inside,
                on_event=Teller(self.card.name, context),
            )
        try:
            run = await handle  # cancelling this cancels the run, and waits for its end
        except Exception as error:
            raise self._failed(printable(str(error)), "See to what it names") from error
        return self.taken(run, context)

    def taken(self, run: Any, context: ExpertContext) -> Outputs:
        """Return what a run of the other herd came to, and add what it cost.

        Raises:
            ExpertFailed: It waits for a person, or came to nothing.
        """
        context.spend(run.usd, run=run.id, calls=sum(len(r.attempts) for r in run.records.values()))
        answer = run.answer
        if run.status == "waiting":
            raise self._failed(
                f"its run {run.id} waits for a person: {answer.reason}",
                "Pass approve_inside=… when it is added, or approve this step as a whole",
            )
        if run.status not in {"done", "partial"}:
            reason = "; ".join(answer.missing) or answer.reason or str(run.status)
            raise self._failed(f"its run {run.id} came to nothing: {reason}", "Ask it otherwise")
        made = [load(ref, run.store) for ref in answer.artifacts]
        return outputs_of(str(answer) if run.status == "partial" else answer.text, made)

    def _failed(self, what: str, todo: str) -> ExpertFailed:
        error = ExpertFailed(f"Herd {self.card.id!r}: {what}. Expected an answer. {todo}.")
        error.retryable = False  # its own steps were tried as often as they may be
        return error


class Teller:
    """Tells the outer step what goes on inside, under the inner herd's name."""

    def __init__(self, name: str, context: ExpertContext) -> None:
        self.name = name
        self.context = context
        self.steps = 0
        self.ended = 0

    def __call__(self, event: Event) -> None:
        """Pass an event on: words as they are, ends of steps as progress."""
        data = event.data
        if event.kind == "planned":
            self.steps = int(cast("int", data.get("steps") or 0))
        elif event.kind == "token":
            self.context.token(str(data.get("text", "")))
        elif event.kind == "progress":
            self.context.progress(None, f"{self.name}/{event.step}: {data.get('message') or ''}")
        elif event.kind == "finished" and "[" not in event.step:
            self.ended += 1
            fraction = min(1.0, self.ended / self.steps) if self.steps else None
            told = f"{self.name}/{event.step}: {data.get('expert')} {data.get('status', 'done')}"
            self.context.progress(fraction, told)


def ports() -> tuple[tuple[Port, ...], tuple[Port, ...]]:
    """Return what every herd takes and gives."""
    takes = (
        Port(name="task", kind=Kind.TEXT, description="What is wanted, in words."),
        Port(
            name="files",
            kind=Kind.ANY,
            many=True,
            required=False,
            description="What the task is about.",
        ),
    )
    gives = (
        Port(name="answer", kind=Kind.TEXT, description="The answer in words."),
        Port(
            name="made",
            kind=Kind.ANY,
            many=True,
            required=False,
            description="Everything that was made, as it is.",
        ),
    )
    return takes, gives


def task_of(inputs: Inputs) -> tuple[str, list[Artifact]]:
    """Return the words and the files of a call."""
    task, files = inputs["task"], inputs.get("files", [])
    assert isinstance(task, Text)
    return task.text, files if isinstance(files, list) else [files]


def outputs_of(answer: str, made: list[Artifact]) -> Outputs:
    """Return the outputs of a call."""
    found: Outputs = {"answer": Text(answer)}
    if made:
        found["made"] = made
    return found


def budget_of(context: ExpertContext) -> Budget:
    """Return what the outer run has left."""
    left = context.seconds_left
    return Budget(usd=context.usd_left, seconds=None if left is None else max(left, _SHORTEST_S))


async def source_of(given: object, **options: Any) -> Source:
    """Return the expert for another herd, or for a server of herds.

    Args:
        given: A ``Herd``, or the URL of a server (``herd serve``), with ``#model`` where it serves
            several herds.
        options: ``as_name`` is ``name``; ``approve_inside`` is asked before calls with side effects
            that the other herd makes; ``auth`` is a server's key (``env:NAME``).

    Raises:
        DeclarationError: It is neither, or an option is not known.
        ExpertUnavailable: The server cannot be reached.
    """
    if isinstance(given, str):
        from herd_graph.adapters.herd_remote import remote_source

        said, own = _said(f"herd:{given}", options, REMOTE_OPTIONS)
        return await remote_source(given, said, own)
    if not hasattr(given, "astart") or not hasattr(given, "snapshot"):
        raise DeclarationError(f"{given!r:.80} is no herd. Expected a Herd, or 'herd:http://…'.")
    herd = cast("HerdLike", given)
    said, own = _said("another herd", options, OPTIONS)
    cards = herd.snapshot().latest
    takes, gives = ports()
    card = said.card(
        name="herd",
        description=described([f"{each.name} ({_short(each.description)})" for each in cards]),
        tags=("herd", *dict.fromkeys(tag for each in cards for tag in each.tags))[:20],
        examples=tuple(example for each in cards for example in each.examples)[:12],
        inputs=takes,
        outputs=gives,
        locality="remote" if any(each.locality == "remote" for each in cards) else "local",
        deterministic=False,
        streams=True,
    )
    return Source(name=said.reference, experts=(HerdExpert(card, herd, own.get("approve_inside")),))


def described(experts: list[str]) -> str:
    """Return what a herd says of itself where nobody said it."""
    shown = "; ".join(experts[:_NAMED])
    more = f"; and {len(experts) - _NAMED} more" if len(experts) > _NAMED else ""
    return f"Do a whole task with a set of experts: {shown or 'none yet'}{more}."


def _said(
    reference: str, options: dict[str, Any], own: frozenset[str]
) -> tuple[Said, dict[str, Any]]:
    if options.get("as_name"):
        options = {**options, "name": expert_name(str(options["as_name"]))}
    return read_options(reference, options, own)


def _short(description: str) -> str:
    return clean(description, most=60).text.rstrip(".")


__all__ = (
    "HerdExpert",
    "Teller",
    "below",
    "budget_of",
    "described",
    "outputs_of",
    "ports",
    "source_of",
    "task_of",
)
