"""Plans: a typed DAG as data, the same whether a person or a router wrote it.

A step names an expert (or a capability that is bound late, when its real input is known) and binds
each input. Nothing is ever interpolated into text: a binding is an object, not a template.

    {"steps": [{"id": "s1", "expert": "transcribe@1", "inputs": {"recording": {"input": "a1"}}},
               {"id": "s2", "expert": "translate@1",
                "inputs": {"text": {"step": "s1"}, "to": {"value": "pt"}}}]}
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, TypeAlias, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from herd_graph.artifacts.base import printable
from herd_graph.cards import Port
from herd_graph.errors import PlanMalformed, suggest
from herd_graph.types import JSON, JSONObject, Kind, Select, StepId

if TYPE_CHECKING:
    from herd_graph.calling import Caller
    from herd_graph.registry import Snapshot
    from herd_graph.store import ArtifactStore

_STEP_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_SELECT = re.compile(r"(top_k|cascade|until)\(\s*([0-9.]+)\s*\)")


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FromInput(_Model):
    """An input of the task: an attachment (``a1``), or a parameter of a workflow."""

    input: str


class FromStep(_Model):
    """An output of another step; its only one, unless ``output`` names it."""

    step: StepId
    output: str | None = None


class Value(_Model):
    """A literal: never read as a reference, whatever it says."""

    value: JSON


class Item(_Model):
    """The current item of the step's ``foreach``."""

    item: Literal[True] = True

    @model_serializer
    def _dump(self) -> dict[str, bool]:
        return {"item": True}  # also where defaults are left out


class AllOf(_Model):
    """A list of bindings, in order."""

    all: tuple[Binding, ...]


class FirstOf(_Model):
    """The first of several bindings whose step was not skipped: where two branches meet."""

    first: tuple[Binding, ...] = Field(min_length=1)


_TAGS = ("input", "step", "value", "item", "all", "first")


def _tag(value: Any) -> str | None:
    if isinstance(value, BaseModel):
        return next((tag for tag in _TAGS if tag in type(value).model_fields), None)
    if isinstance(value, Mapping):
        return next((tag for tag in _TAGS if tag in value), None)
    return None


Binding: TypeAlias = Annotated[
    Annotated[FromInput, Tag("input")]
    | Annotated[FromStep, Tag("step")]
    | Annotated[Value, Tag("value")]
    | Annotated[Item, Tag("item")]
    | Annotated[AllOf, Tag("all")]
    | Annotated[FirstOf, Tag("first")],
    Discriminator(_tag),
]

Op = Literal["==", "!=", "<", "<=", ">", ">=", "in", "contains", "empty"]


class Condition(_Model):
    """A test of a value that exists only when the plan runs. ``in`` takes a list."""

    left: Binding
    field: str = ""
    """Which field of an object is compared, such as a language's ``code``; empty: all of it."""
    op: Op = "=="
    right: JSON = None
    also: tuple[Condition, ...] = ()
    """Conditions that must hold together with this one, before ``negate`` turns it all round."""
    negate: bool = False

    @property
    def lefts(self) -> Iterator[Binding]:
        """What is tested, in ``also`` too."""
        yield self.left
        for each in self.also:
            yield from each.lefts


class Capability(_Model):
    """What a step needs, where its expert is chosen late: by meaning and by type."""

    query: str
    takes: tuple[Kind, ...] = ()
    gives: Kind | None = None


class Step(_Model):
    """One call of one expert, or one for each item of a list."""

    id: StepId
    expert: str | None = None
    """``name@version``, or ``name`` for the latest version when the run starts."""
    capability: Capability | None = None
    inputs: dict[str, Binding] = {}
    foreach: Binding | None = None
    """A list: the step is called once for each item, and gives a list."""
    on_item_error: Literal["fail", "skip"] = "fail"
    """What a failing item of a ``foreach`` does to the step: fail it, or leave the item out."""
    when: tuple[Condition, ...] = ()
    """All must hold; otherwise the step is skipped, and so is what needs it."""
    select: Select = "top_1"
    """``"until(0.8)"``, ``"cascade(0.8)"`` and ``"top_k(3)"`` say it with their number."""
    k: int = Field(default=1, ge=1)
    score: float | None = Field(default=None, gt=0, le=1)
    """For ``until`` and ``cascade``: the score of the checks from which on a result will do."""
    fuse: str | None = None
    """How several candidates' results become one."""
    fallbacks: tuple[str, ...] = ()
    """Experts to try, in order, when the first one fails; the other candidates of a ``select``."""
    after: tuple[StepId, ...] = ()
    """Steps that come first though nothing flows from them."""
    ask: str = ""
    """The part of the request that the step answers or serves."""

    @model_validator(mode="before")
    @classmethod
    def _select_is_read(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(cast("Any", data).get("select"), str):
            given = cast("dict[str, Any]", data)
            return {**given, **read_select(given["select"])}
        return cast("Any", data)

    @field_validator("id")
    @classmethod
    def _id_is_plain(cls, value: str) -> str:
        if not _STEP_ID.fullmatch(value) or _HEX32.fullmatch(value):
            raise ValueError(
                f"{value!r} cannot be a step id: expected a letter, then letters, digits, '_', '-' "
                "or '.', at most 64, and not 32 hex digits"
            )
        return value

    @property
    def bindings(self) -> Iterator[Binding]:
        """Every binding of the step, nested ones too."""
        pending: list[Any] = [*self.inputs.values()]
        for each in self.when:
            pending.extend(each.lefts)
        if self.foreach is not None:
            pending.append(self.foreach)
        while pending:
            binding = pending.pop()
            yield binding
            if isinstance(binding, AllOf):
                pending.extend(binding.all)
            elif isinstance(binding, FirstOf):
                pending.extend(binding.first)

    @property
    def needs(self) -> frozenset[StepId]:
        """The steps that must have ended before this one can start."""
        flowing = {each.step for each in self.bindings if isinstance(each, FromStep)}
        return frozenset(flowing | set(self.after))

    @property
    def spec_hash(self) -> str:
        """A hash of what the step does, whatever its id and the plan around it."""
        told = self.model_dump(mode="json", include={"inputs", "select", "k", "fuse"})
        return _hash(told if self.score is None else {**told, "score": self.score})


class Ask(_Model):
    """One thing that was asked for, and where its answer comes from."""

    ask: str
    source: Binding


class Plan(_Model):
    """Steps, the inputs that they may bind, and the answers that come out."""

    steps: tuple[Step, ...] = ()
    inputs: dict[str, Port] = {}
    answers: tuple[Ask, ...] = ()
    """Empty: the outputs of the steps that no other step needs."""
    unmet: tuple[str, ...] = ()
    """Parts of the request that no expert can serve."""
    reason: str = ""
    """Why there are no steps, or fewer than were asked for."""
    author: str = ""
    """Who wrote it: a router's name, or the workflow's."""

    @classmethod
    def parse(cls, source: str | bytes | Mapping[str, Any]) -> Self:
        """Read a plan from JSON or a dict; ``{"plan": {…}}`` is unwrapped.

        Raises:
            PlanMalformed: With every field that is wrong.
        """
        if isinstance(source, Mapping):
            data: Any = source
        else:
            try:
                data = json.loads(source)
            except (ValueError, RecursionError) as error:
                raise PlanMalformed(
                    f"The plan is not JSON: {error}. Expected "
                    '{"steps": [{"id": …, "expert": …, "inputs": {…}}]}.'
                ) from None
        if isinstance(data, dict):
            outer = cast("dict[str, Any]", data)
            inner = outer.get("plan")
            if isinstance(inner, dict) and "steps" not in outer:
                kept = {key: outer[key] for key in ("inputs", "answers") if key in outer}
                data = {**kept, **cast("dict[str, Any]", inner)}
        try:
            return cls.model_validate(data)
        except ValidationError as error:
            lines = [
                f"{'.'.join(str(part) for part in each['loc']) or 'plan'}: {each['msg']}"
                for each in error.errors()
            ]
            raise PlanMalformed(
                "The plan cannot be read:\n"
                + "\n".join(f"  - {line}" for line in lines)
                + '\nExpected {"steps": [{"id": …, "expert": …, "inputs": {…}}]}; a binding is '
                '{"input": …}, {"step": …}, {"value": …}, {"item": true}, {"all": […]} or '
                '{"first": […]}.'
            ) from None

    def step(self, step_id: str) -> Step:
        """Return a step by id (``s1[3]`` finds ``s1``). Raises ``PlanMalformed``."""
        bare = step_id.partition("[")[0]
        for each in self.steps:
            if each.id == bare:
                return each
        raise PlanMalformed(
            f"There is no step {step_id!r}. {suggest(bare, [s.id for s in self.steps], what='Steps')}"
        )

    def dump(self) -> JSONObject:
        """Return the plan as JSON, without what is as it always is."""
        dumped: JSONObject = self.model_dump(mode="json", exclude_defaults=True)
        dumped["steps"] = [
            {"id": each.id, **each.model_dump(mode="json", exclude_defaults=True)}
            for each in self.steps
        ]
        return dumped

    def put(self, store: ArtifactStore) -> str:
        """Keep the plan in a store; return the artifact's id, which graph state refers to."""
        return store.put(json.dumps(self.dump(), ensure_ascii=False).encode())

    def public(self) -> JSONObject:
        """Return the form that ``herd plan --json`` prints: steps, and a reason if there is one."""
        steps = [
            {
                "id": each.id,
                "expert": each.expert,
                "inputs": {
                    name: binding.model_dump(mode="json", exclude_none=True)
                    if not isinstance(binding, Value)
                    else {"value": binding.value}
                    for name, binding in each.inputs.items()
                },
                **each.model_dump(
                    mode="json",
                    exclude_defaults=True,
                    exclude={"id", "expert", "inputs", "ask"}
                    | ({"fallbacks"} if each.select == "top_1" else set[str]()),
                ),
            }
            for each in self.steps
        ]
        shown: JSONObject = {"steps": cast("JSON", steps)}
        if self.reason:
            shown["reason"] = self.reason
        return shown

    @property
    def hash(self) -> str:
        """A hash of the whole plan."""
        return _hash(self.model_dump(mode="json"))

    @property
    def abstained(self) -> bool:
        """Whether there is nothing to run."""
        return not self.steps

    @property
    def asks(self) -> tuple[Ask, ...]:
        """The answers; where none are named, one for each step that no other step needs."""
        if self.answers:
            return self.answers
        needed = {need for each in self.steps for need in each.needs}
        return tuple(
            Ask(ask=each.ask or each.id, source=FromStep(step=each.id))
            for each in self.steps
            if each.id not in needed
        )

    def downstream(self, *step_ids: str) -> frozenset[StepId]:
        """Return the steps that depend on any of these, directly or not."""
        consumers: dict[str, list[StepId]] = {}
        for each in self.steps:
            for need in each.needs:
                consumers.setdefault(need, []).append(each.id)
        found: set[StepId] = set()
        pending: list[str] = list(step_ids)
        while pending:
            for each in consumers.get(pending.pop(), ()):
                if each not in found:
                    found.add(each)
                    pending.append(each)
        return frozenset(found)

    def to_mermaid(self, status: Mapping[StepId, str] | None = None) -> str:
        """Return the plan as a Mermaid flowchart; see ``drawing.to_mermaid``."""
        from herd_graph.drawing import to_mermaid

        return to_mermaid(self, status)

    def to_svg(
        self,
        status: Mapping[StepId, str] | None = None,
        *,
        seconds: Mapping[StepId, float] | None = None,
    ) -> str:
        """Return the plan as a picture that needs nothing else; see ``drawing.to_svg``."""
        from herd_graph.drawing import to_svg

        return to_svg(self, status, seconds=seconds)

    def to_state_graph(self, experts: Snapshot, store: ArtifactStore, *, caller: Caller) -> Any:
        """Return a LangGraph builder with one node per step; see ``plan_graph.to_state_graph``."""
        from herd_graph.plan_graph import to_state_graph

        return to_state_graph(self, experts, store, caller=caller)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": str(self), "image/svg+xml": self.to_svg()}

    def __str__(self) -> str:
        if self.abstained:
            return f"No plan: {printable(self.reason) or 'nothing to do'}"
        return "\n".join(_line(each) for each in self.steps)


def read_select(text: str) -> dict[str, Any]:
    """Return the fields of a step that ``until(0.8)``, ``top_k(3)`` or a plain name stands for."""
    found = _SELECT.fullmatch(text.strip())
    if found is None:
        return {"select": text}
    name, number = found.groups()
    return {"select": name, ("k" if name == "top_k" else "score"): number}


def show_select(step: Step) -> str:
    """Return which candidates of a step are called, as people read it; empty for the best one."""
    if step.select == "top_1":
        return ""
    number = step.k if step.select == "top_k" else step.score
    return step.select if number is None else f"{step.select}({number:g})"


def _line(step: Step) -> str:
    bound = ", ".join(f"{name}={show(binding)}" for name, binding in step.inputs.items())
    what = step.expert or (f"<{step.capability.query}>" if step.capability else "?")
    each = f" for each {show(step.foreach)}" if step.foreach is not None else ""
    when = f" when {' and '.join(map(show_condition, step.when))}" if step.when else ""
    select = show_select(step)
    beside = f" with {', '.join(step.fallbacks)}" if select and step.fallbacks else ""
    fused = f", fused by {step.fuse}" if step.fuse else ""
    return f"{step.id}: {what}({bound}){each}{when}{f' {select}' * bool(select)}{beside}{fused}"


def show_condition(condition: Condition) -> str:
    """Return a condition as people read it."""
    left = show(condition.left) + (f"[{condition.field!r}]" if condition.field else "")
    if condition.op == "empty":
        said = f"{left} is empty"
    else:
        said = f"{left} {condition.op} {condition.right!r}"
    if condition.also:
        said = " and ".join([said, *(show_condition(each) for each in condition.also)])
        return f"not ({said})" if condition.negate else said
    return f"not {said}" if condition.negate else said


def show(binding: Binding) -> str:
    """Return a binding as people read it."""
    if isinstance(binding, FromInput):
        return binding.input
    if isinstance(binding, FromStep):
        return binding.step + (f".{binding.output}" if binding.output else "")
    if isinstance(binding, Value):
        text = json.dumps(binding.value, ensure_ascii=False)
        return text if len(text) <= 60 else f"{text[:59]}…"
    if isinstance(binding, Item):
        return "item"
    if isinstance(binding, AllOf):
        return "[" + ", ".join(show(each) for each in binding.all) + "]"
    return " or ".join(show(each) for each in binding.first)


def _hash(value: object) -> str:
    canonical = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


AllOf.model_rebuild()
FirstOf.model_rebuild()
