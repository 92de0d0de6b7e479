"""What a check is: a small function that looks at what an expert gave, and says what it thinks.

Checks are composed, never nested: each looks at one thing, has a cost and a level, and returns a
``Verdict`` or nothing where it has nothing to say. ``combine`` takes them together, and is built so
that a verdict can lower the score of a result and never raise it.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, Protocol, TypeAlias, cast, overload, runtime_checkable

from herd_graph.artifacts import Artifact, Table, load
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import DeclarationError
from herd_graph.state import Verdict
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import ArtifactRef, Kind

Level = Literal["default", "thorough"]
CheckLevel = Literal["off", "default", "thorough"]
"""How much is checked: nothing, what costs next to nothing, or everything."""
Refs: TypeAlias = "ArtifactRef | list[ArtifactRef]"
Outputs: TypeAlias = Mapping[str, Refs]
Say: TypeAlias = "Verdict | bool | str | None"
"""What a check of a user's own may return: a verdict, whether all is well, or what is wrong."""
INLINE_BYTES = 1 << 16
"""Payloads above this size are read and decoded off the event loop."""
_RANK = {"pass": 0, "doubt": 1, "fail": 2}


@dataclass(frozen=True, kw_only=True)
class Made:
    """What an earlier step of the run gave, and of what."""

    step: str
    expert: str
    inputs: frozenset[str]
    """Artifact ids."""
    outputs: Outputs
    given: Outputs = field(default_factory=dict[str, Refs])
    """The same inputs, by port."""


CallAgain = Callable[[str, Mapping[str, Any]], Awaitable[Outputs]]
"""Calls an expert by name with payloads or references; its call is paid for by the run."""
Judge = Callable[[str, str, str], Awaitable[float]]
"""Request, answer, other answer: how far the first is to be preferred, from 0 to 1."""


@dataclass(kw_only=True)
class Aids:
    """What costs more than looking: other experts, a model that judges, a person."""

    names: Sequence[ExpertCard] = ()
    """The experts that a check may call."""
    call: CallAgain | None = None
    judge: Judge | None = None
    ask: Callable[[str], Awaitable[bool]] | None = None
    """Shows a person a question, and returns the answer."""


@dataclass(kw_only=True)
class CheckInput:
    """What a check looks at: one result of one expert, and what it was made for.

    ``text``, ``texts`` and ``opened`` decode a payload once, whoever asks for it.
    """

    card: ExpertCard
    outputs: Outputs
    store: ArtifactStore
    inputs: Outputs = field(default_factory=dict[str, Refs])
    step: str = ""
    request: str = ""
    """The task in the person's words."""
    ask: str = ""
    """The part of the request that the step serves."""
    answers: bool = False
    """Its result is a part of the answer, and no other step changes it before."""
    served: frozenset[str] = frozenset()
    """Languages, as codes, that other steps of the plan are told to write or speak."""
    others: Mapping[str, Outputs] = field(default_factory=dict[str, Outputs])
    """What other experts gave for the same step, by ``name@version``."""
    earlier: Sequence[Made] = ()
    """What other steps of the run gave before."""
    seconds: float | None = None
    """How long the checks of this result may take in all; None for no limit."""
    took: float = 0.0
    """Seconds that the expert worked."""
    again: Callable[[], Awaitable[Outputs]] | None = None
    """Calls the same expert with the same inputs once more."""
    compares: bool = False
    """The expert says that it may be called again, where its result is in doubt."""
    confirmed: bool = False
    """Another call with the same inputs gave the same: a check that knows of it says so here."""
    agreed: Outputs | None = None
    """What two calls with the same inputs gave, where it is not this result: so the check that found
    it wrong also knows what is right."""
    voices: dict[str, Outputs] = field(default_factory=dict[str, Outputs])
    """What other calls with the same inputs gave, by ``key_of``."""
    spare: float = 0.0
    """Seconds that a check of the default level may use beyond its own cost."""
    aids: Aids = field(default_factory=Aids)
    _opened: dict[str, Artifact] = field(default_factory=dict[str, Artifact], repr=False)
    _decoded: dict[tuple[str, str], Any] = field(default_factory=dict[Any, Any], repr=False)

    @property
    def may_look_twice(self) -> bool:
        """Whether the expert may be called again, for nothing, and would give the same."""
        card = self.card
        free = card.deterministic and not card.approve and card.cost_usd == 0.0
        return self.again is not None and self.compares and free

    def refs(self, name: str) -> list[ArtifactRef]:
        """Return the artifacts of an output port, or of an input port of that name."""
        return listed(self.outputs[name] if name in self.outputs else self.inputs.get(name, []))

    def of_kind(self, kind: Kind, *, given: bool = False) -> list[tuple[str, ArtifactRef]]:
        """Return ports and artifacts of one kind among the outputs (``given``: the inputs)."""
        source = self.inputs if given else self.outputs
        return [
            (name, ref) for name, refs in source.items() for ref in listed(refs) if ref.kind is kind
        ]

    def opened(self, ref: ArtifactRef) -> Artifact:
        """Return the artifact behind a reference; the same one each time."""
        key = f"{ref.kind}:{ref.mime}:{ref.id}"
        if key not in self._opened:
            self._opened[key] = load(ref, self.store)
        return self._opened[key]

    async def decoded(self, ref: ArtifactRef, what: str, read: Callable[[Any], Any]) -> Any:
        """Return what ``read`` makes of an artifact, made once; off the loop where it is large."""
        key = (f"{ref.kind}:{ref.mime}:{ref.id}", what)
        if key not in self._decoded:
            artifact = self.opened(ref)
            if ref.inline is not None or (ref.size <= INLINE_BYTES and ref.kind in _PLAIN):
                self._decoded[key] = read(artifact)
            else:
                self._decoded[key] = await in_thread(lambda: read(artifact), label=f"check:{what}")
        return self._decoded[key]

    async def text(self, ref: ArtifactRef) -> str:
        """Return an artifact in words: text, data and tables; empty for what has none."""
        if ref.kind not in _PLAIN:
            return ""
        return cast("str", await self.decoded(ref, "text", str))

    async def texts(self, *, given: bool = False) -> dict[str, str]:
        """Return the text outputs (``given``: inputs) by port; those of a list in lines."""
        found: dict[str, list[str]] = {}
        for name, ref in self.of_kind(Kind.TEXT, given=given):
            found.setdefault(name, []).append(await self.text(ref))
        return {name: "\n".join(each) for name, each in found.items()}

    async def value(self, ref: ArtifactRef) -> Any:
        """Return the decoded JSON of a data artifact."""
        return await self.decoded(ref, "value", lambda each: each.value)

    def port(self, name: str, *, given: bool = False) -> Port | None:
        """Return the card's port of that name."""
        return self.card.input(name) if given else self.card.output(name)


_PLAIN = frozenset({Kind.TEXT, Kind.DATA, Kind.TABLE})


@runtime_checkable
class Check(Protocol):
    """Looks at one thing of a result."""

    @property
    def name(self) -> str:
        """What verdicts call it."""
        ...

    @property
    def cost(self) -> float:
        """Processor seconds that it usually takes: cheap ones come first."""
        ...

    @property
    def level(self) -> Level:
        """``default`` for what costs next to nothing, ``thorough`` for the rest."""
        ...

    def applies(self, subject: CheckInput) -> bool:
        """Say whether it has anything to look at: by ports and card, without reading."""
        ...

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Look. None where there is nothing to say."""
        ...


@dataclass(frozen=True, kw_only=True)
class FunctionCheck:
    """A check made of a function; made by ``@check``."""

    name: str
    function: Callable[[CheckInput], Say | Awaitable[Say]]
    cost: float = 0.001
    level: Level = "default"
    gives: tuple[Kind, ...] = ()
    """Kinds of output that it looks at; any where it names none."""
    takes: tuple[Kind, ...] = ()
    experts: tuple[str, ...] = ()
    """Patterns of names or tags of the experts that it looks at; all where it names none."""
    when: Callable[[CheckInput], bool] | None = None

    def applies(self, subject: CheckInput) -> bool:
        """Say whether the result has such an output, of such an expert."""
        card = subject.card
        if self.experts:
            named = (card.name, *card.tags)
            if not any(fnmatchcase(each, rule) for each in named for rule in self.experts):
                return False
        if self.gives and not any(_has(subject.outputs, kind) for kind in self.gives):
            return False
        if self.takes and not any(_has(subject.inputs, kind) for kind in self.takes):
            return False
        return self.when is None or self.when(subject)

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Call the function and read what it says."""
        said = self.function(subject)
        if inspect.isawaitable(said):
            said = await said
        return read(self.name, said)


def _has(outputs: Outputs, kind: Kind) -> bool:
    return any(ref.kind is kind for refs in outputs.values() for ref in listed(refs))


@overload
def check(target: Callable[[CheckInput], Any], /) -> FunctionCheck: ...


@overload
def check(
    *,
    name: str = "",
    level: Level = "default",
    cost: float = 0.001,
    gives: Kind | type[Artifact] | Sequence[Kind | type[Artifact]] = (),
    takes: Kind | type[Artifact] | Sequence[Kind | type[Artifact]] = (),
    experts: str | Sequence[str] = (),
    when: Callable[[CheckInput], bool] | None = None,
) -> Callable[[Callable[[CheckInput], Any]], FunctionCheck]: ...


def check(
    target: Callable[[CheckInput], Any] | None = None,
    /,
    *,
    name: str = "",
    level: Level = "default",
    cost: float = 0.001,
    gives: Kind | type[Artifact] | Sequence[Kind | type[Artifact]] = (),
    takes: Kind | type[Artifact] | Sequence[Kind | type[Artifact]] = (),
    experts: str | Sequence[str] = (),
    when: Callable[[CheckInput], bool] | None = None,
) -> FunctionCheck | Callable[[Callable[[CheckInput], Any]], FunctionCheck]:
    """Make a check of a function, sync or async, that takes a ``CheckInput``.

    It returns a ``Verdict``; or True, False, a reason (the result fails), or None (nothing to say).
    A failing ``assert`` in it is a reason too.

    Args:
        target: The function.
        name: What verdicts call it; by default the function's name.
        level: ``thorough`` for what is run only when somebody asks for it.
        cost: Processor seconds that it usually takes.
        gives: Kinds of output that it looks at; by default any.
        takes: Kinds of input that the expert must have had.
        experts: Patterns of names or tags of experts: ``"translate*"``; by default all.
        when: A last condition, without reading anything.

    Raises:
        DeclarationError: It takes anything else than one argument.
    """

    def make(function: Callable[[CheckInput], Any]) -> FunctionCheck:
        named = name or function.__name__
        taken = [
            each
            for each in inspect.signature(function).parameters.values()
            if each.default is each.empty and each.kind is not each.VAR_KEYWORD
        ]
        if len(taken) != 1:
            raise DeclarationError(
                f"Check {named!r} takes {len(taken)} arguments. Expected one, a CheckInput: "
                "def short(subject): … It holds the outputs, the inputs and the request."
            )
        return FunctionCheck(
            name=named,
            function=function,
            cost=cost,
            level=level,
            gives=_kinds(gives),
            takes=_kinds(takes),
            experts=(experts,) if isinstance(experts, str) else tuple(experts),
            when=when,
        )

    return make if target is None else make(target)


def _kinds(given: Any) -> tuple[Kind, ...]:
    several = cast("Sequence[Any]", given if isinstance(given, list | tuple) else (given,))
    return tuple(each if isinstance(each, Kind) else each.kind for each in several)


def read(name: str, said: Say) -> Verdict | None:
    """Return the verdict that a check's answer stands for."""
    if said is None:
        return None
    if isinstance(said, Verdict):
        return said if said.check else said.model_copy(update={"check": name})
    if isinstance(said, str):
        return failed(name, said) if said else passed(name)
    return passed(name) if said else failed(name, "the check says no")


def passed(name: str, reason: str = "", evidence: Any = None) -> Verdict:
    """Return a verdict that finds nothing wrong."""
    return Verdict(check=name, level="pass", reason=reason, evidence=evidence)


def doubt(name: str, reason: str, *, score: float = 0.5, evidence: Any = None) -> Verdict:
    """Return a verdict that is not sure."""
    return Verdict(check=name, level="doubt", score=score, reason=reason, evidence=evidence)


def failed(
    name: str, reason: str, *, score: float = 0.0, evidence: Any = None, blocks: bool = False
) -> Verdict:
    """Return a verdict that finds the result wrong; ``blocks``: nobody can use it at all."""
    return Verdict(
        check=name, level="fail", score=score, reason=reason, evidence=evidence, blocks=blocks
    )


def combine(verdicts: Iterable[Verdict], name: str = "checks") -> Verdict:
    """Return what several verdicts come to: the worst level, the lowest score, every reason.

    One more verdict never raises the score and never mends the level: a failing check can never
    make a result look surer.
    """
    given = list(verdicts)
    if not given:
        return passed(name)
    worst = max(given, key=lambda each: (_RANK[each.level], -each.score))
    told = [f"{each.check}: {each.reason}" for each in given if each.level != "pass"]
    return Verdict(
        check=name,
        level=worst.level,
        score=min(each.score for each in given),
        reason="; ".join(told),
        evidence=[each.check for each in given if each.level != "pass"] or None,
        blocks=any(each.blocks for each in given),
    )


def listed(refs: Refs | None) -> list[ArtifactRef]:
    """Return references as a list; items that were left out are not in it."""
    if refs is None:
        return []
    return [each for each in refs if each] if isinstance(refs, list) else [refs]


def key_of(outputs: Outputs) -> str:
    """Return what tells one set of payloads from another."""
    return "|".join(
        f"{name}={','.join(ref.id for ref in listed(refs))}"
        for name, refs in sorted(outputs.items())
    )


async def source_words(subject: CheckInput) -> list[str]:
    """Return the words of every input: texts, data, and the cells of tables."""
    found: list[str] = []
    for refs in subject.inputs.values():
        for ref in listed(refs):
            if ref.kind is Kind.TABLE:
                found.append(await subject.decoded(ref, "cells", _cells))
            else:
                found.append(await subject.text(ref))
    return found


def _cells(table: Table) -> str:
    lines = [" ; ".join(table.columns)]
    lines += [" ; ".join(str(each) for each in row.values()) for row in table.rows[:2000]]
    return "\n".join(lines)


__all__ = (
    "Aids",
    "Check",
    "CheckInput",
    "CheckLevel",
    "FunctionCheck",
    "Judge",
    "Level",
    "Made",
    "Outputs",
    "Refs",
    "Say",
    "check",
    "combine",
    "doubt",
    "failed",
    "key_of",
    "listed",
    "passed",
    "read",
    "source_words",
)
