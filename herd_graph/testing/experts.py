"""Experts with a script: they give, raise and take the time that a test says, and remember."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from herd_graph.artifacts import Artifact, Data, Text
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError
from herd_graph.experts import Expert, Inputs, Outputs, Payload
from herd_graph.types import Kind

Ports: TypeAlias = Kind | Port | Mapping[str, Kind | Port] | Sequence[Port]


@dataclass(frozen=True)
class After:
    """An outcome that takes its time: seconds on the loop's clock, then the outcome.

    ``After(2.0, "late")`` gives text after two seconds, ``After(inf)`` never ends.
    """

    seconds: float
    outcome: Any = ""


@dataclass(frozen=True)
class Call:
    """One call that a scripted expert got."""

    inputs: Inputs
    context: ExpertContext
    at: float
    """When it began, on the loop's clock."""


class ScriptedExpert(Expert):
    """An expert that follows a script; see ``scripted``."""

    def __init__(
        self,
        card: ExpertCard,
        script: Sequence[Any] | Callable[..., Any],
        *,
        repeat: bool,
    ) -> None:
        super().__init__(card)
        self.calls: list[Call] = []
        """Every call, in the order in which they began."""
        self.running = 0
        """Calls under way."""
        self.most_at_once = 0
        self.cancelled = 0
        """Calls that were cancelled while they ran."""
        self.loads = 0
        self.closes = 0
        self._script = script
        self._repeat = repeat

    async def load(self) -> None:
        """Count it."""
        self.loads += 1

    async def close(self) -> None:
        """Count it."""
        self.closes += 1

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Play the next outcome of the script."""
        self.calls.append(
            Call(inputs=dict(inputs), context=context, at=asyncio.get_running_loop().time())
        )
        number = len(self.calls)
        self.running += 1
        self.most_at_once = max(self.most_at_once, self.running)
        try:
            return await self._play(self._outcome(number), inputs, context)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1

    def _outcome(self, number: int) -> Any:
        if callable(self._script):
            return self._script
        if number <= len(self._script):
            return self._script[number - 1]
        if self._repeat and self._script:
            return self._script[-1]
        raise AssertionError(
            f"Expert {self.card.id!r} was called {number} times; its script has "
            f"{len(self._script)} outcomes. Add one, or pass repeat=True."
        )

    async def _play(self, outcome: Any, inputs: Inputs, context: ExpertContext) -> Outputs:
        while True:
            if isinstance(outcome, After):
                await asyncio.sleep(outcome.seconds)
                outcome = outcome.outcome
            elif _is_exception(outcome):
                raise outcome
            elif callable(outcome):
                function: Callable[..., Any] = outcome
                takes_context = "context" in inspect.signature(function).parameters
                extra = {"context": context} if takes_context else {}
                outcome = function(**inputs, **extra)
                if inspect.isawaitable(outcome):
                    outcome = await outcome
            else:
                return _outputs(self.card, outcome)


def _is_exception(outcome: Any) -> bool:
    return isinstance(outcome, BaseException) or (
        isinstance(outcome, type) and issubclass(outcome, BaseException)
    )


def _outputs(card: ExpertCard, value: Any) -> Outputs:
    several = len(card.outputs) > 1
    return {
        port.name: _payload(port, value[port.name] if several else value) for port in card.outputs
    }


def _payload(port: Port, value: Any) -> Payload:
    """Wrap a plain value as the port has it; a wrong one passes through, for tests of checks."""
    if isinstance(value, list) and port.many:
        return [_artifact(port, each) for each in cast("list[Any]", value)]
    return _artifact(port, value)


def _artifact(port: Port, value: Any) -> Artifact:
    if isinstance(value, Artifact):
        return value
    if isinstance(value, str) and port.kind is not Kind.DATA:
        return Text(value)
    return Data(value)


def scripted(
    name: str,
    inputs: Ports = Kind.TEXT,
    outputs: Ports = Kind.TEXT,
    script: Sequence[Any] | Callable[..., Any] = (),
    *,
    repeat: bool = False,
    **card: Any,
) -> ScriptedExpert:
    """Make an expert that follows a script.

    ``scripted("flaky", script=[TimeoutError("slow"), After(0.5, "at last")])`` fails once, then
    gives text after half a second.

    Args:
        name: Its name.
        inputs: A kind (one port, named ``text`` or after the kind), ports by name, or ports.
        outputs: The same; a single kind becomes the port ``result``.
        script: Outcomes, in the order of the calls: a value, an artifact, an exception, ``After``,
            or a function of the inputs (and of ``context``, if it has that parameter), sync or
            async. Or one such function for all calls. For several outputs a value is a dict.
        repeat: Play the last outcome again when the script is over; otherwise that is an error.
        card: Further fields of the card: ``version``, ``cost_usd``, ``concurrency`` …
    """
    made = ExpertCard(
        name=name,
        description=card.pop("description", f"Follow the script of {name}."),
        **card,
        inputs=_ports(inputs, None),
        outputs=_ports(outputs, "result"),
    )
    return ScriptedExpert(made, script, repeat=repeat)


def _ports(given: Ports, single: str | None) -> tuple[Port, ...]:
    if isinstance(given, Kind):
        return (Port(name=single or given.value, kind=given),)
    if isinstance(given, Port):
        return (given,)
    if isinstance(given, Mapping):
        return tuple(
            each.model_copy(update={"name": name})
            if isinstance(each, Port)
            else Port(name=name, kind=each)
            for name, each in given.items()
        )
    if not all(isinstance(each, Port) for each in given):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise DeclarationError(
            f"{given!r} are no ports. Expected a Kind, a Port, {{name: Kind}} or a list of Ports."
        )
    return tuple(given)


def echo(
    name: str = "echo", kind: Kind = Kind.TEXT, *, delay: float = 0.0, **card: Any
) -> ScriptedExpert:
    """Make an expert that gives back what it gets, after ``delay`` seconds of the loop's clock."""

    async def give_back(**inputs: Payload) -> Payload:
        await asyncio.sleep(delay)
        return next(iter(inputs.values()))

    return scripted(name, kind, kind, give_back, **card)


def gather(name: str = "gather", *, delay: float = 0.0, **card: Any) -> ScriptedExpert:
    """Make an expert that writes ``name(part, part …)`` of its ``parts``: who called it with what.

    With one for each node, the text of a plan's last step spells out the whole DAG, so two runs of
    a plan are the same exactly when these texts are.
    """

    async def spell(parts: Payload | None = None) -> str:
        await asyncio.sleep(delay)
        given = parts if isinstance(parts, list) else [] if parts is None else [parts]
        return f"{name}({', '.join(str(each) for each in given)})"

    port = Port(name="parts", kind=Kind.TEXT, many=True, required=False)
    return scripted(name, port, Kind.TEXT, spell, **card)
