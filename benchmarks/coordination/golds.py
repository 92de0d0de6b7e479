"""Plans to run: the golds of the compound set's development part, over files that are really there.

The development part names files that do not exist. Each of its golds is carried out over files of
``benchmarks/compound/files.py`` that suit what is done with them (what is to be translated into
English is in Portuguese), and its questions are put anew for the file that is asked about.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from herd_graph.bench import compound
from herd_graph.cards import ExpertCard
from herd_graph.plans import AllOf as All
from herd_graph.plans import Ask, Binding, Condition, FromInput, FromStep, Item, Plan, Step, Value
from herd_graph.types import StepId

DEVELOPMENT = Path(__file__).parents[1] / "compound" / "development.jsonl"
_PROSE = ("review.txt", "angry.txt", "article.txt", "story.txt", "rules.txt")
_SPEECH = ("voicemail.wav", "complaint.wav", "meeting.wav")
_TABLES = ("sales.csv", "budget.csv", "temps.csv")
_ANY_TEXT = (*_PROSE, "carta.txt", "german.txt", "spanish.txt")
_PORTUGUESE = {
    "read_text": ("aviso.png", "menu.png"),
    "": ("carta.txt",),
    "read_pdf": ("receita.pdf",),
    "transcribe": (),
    "transcribe_video": (),
}
_ENGLISH = {
    "read_text": ("poster.png",),
    "": _PROSE,
    "read_pdf": ("contract.pdf",),
    "transcribe": _SPEECH,
    "transcribe_fast": _SPEECH,
    "transcribe_video": ("talk.mp4",),
}
_COUNTED = {
    "read_text": ("bill.png", "pharmacy.png"),
    "transcribe": ("sum.wav",),
}
_MEASURED = {"read_text": ("label.png",), "transcribe": ("miles.wav",)}
_QUESTIONS = {
    "sales.csv": (
        "what is the total revenue?",
        "which city sold the most units?",
        "how many units in March?",
    ),
    "budget.csv": ("what is the total amount?", "which category has the highest amount?"),
    "temps.csv": ("what is the average celsius?", "which day was the warmest?"),
    "rules.txt": ("pets in the house", "when is the rubbish collected"),
    "article.txt": ("who repaired the lamp", "opening times"),
    "contract.pdf": ("how long is the notice period", "what is the rent"),
    "label.png": ("pounds",),
    "miles.wav": ("kilometers",),
}
_HARD = frozenset({"chat", "finance"})
"""Experts whose files or answers cannot be suited: their golds are left out."""


class Unsuited(Exception):
    """No file here suits a gold."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One plan over files."""

    id: str
    gold: str
    files: tuple[str, ...]
    plan: Plan


def jobs(
    find: Callable[[str], ExpertCard], *, seed: int = 5, path: Path = DEVELOPMENT
) -> Iterator[Job]:
    """Yield the plans that can be carried out; equal ones over equal files once."""
    draw = random.Random(seed)
    seen: set[str] = set()
    for item in compound.load(path):
        if item.history or item.impossible:
            continue
        try:
            wanted = compound.read_gold(item.gold[0])
            files = _files(wanted.parts, len(item.files), draw)
            plan = Writing(find, files, draw).plan(wanted.parts)
        except Unsuited:
            continue
        known = repr((plan.steps, files))
        if known not in seen:
            seen.add(known)
            yield Job(id=item.id, gold=item.gold[0], files=files, plan=plan)


def _files(parts: Sequence[Any], count: int, draw: random.Random) -> tuple[str, ...]:
    """Choose a file for each attachment that suits all that is done with it."""
    made: list[str] = []
    for number in range(1, count + 1):
        fits: set[str] | None = None
        for part in parts:
            for way in _ways(part, f"a{number}", ()):
                own = set(_fitting(way))
                fits = own if fits is None else fits & own
        if fits is None:  # a distractor: nothing is done with it
            fits = {"story.txt"}
        if not fits:
            raise Unsuited
        made.append(draw.choice(sorted(fits)))
    return tuple(made)


def _ways(tree: Any, name: str, above: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield the calls that an input goes through, the first one first."""
    if not isinstance(tree, tuple):
        return
    branch = cast("tuple[Any, ...]", tree)
    if branch == ("input", name):
        yield above
    inner = (branch, *above) if branch and branch[0] == "call" else above
    for each in branch:
        yield from _ways(each, name, inner)


def _fitting(way: tuple[Any, ...]) -> Sequence[str]:
    """Return the files that suit the calls that they go through."""
    names = [call[1] for call in way]
    if not names or _HARD & set(names):
        return ()
    first = names[0]
    language = next((call[-1][1] for call in way if call[1] == "translate"), "")
    if first in {"detect_objects", "count_objects"}:
        return ("street.png", "clock.png")
    if first == "describe_image":
        return ("street.png", "clock.png", "poster.png")
    if first == "transcribe_music":
        return ("melody.wav",)
    if first == "sample_frames":
        return ("signs.mp4", "talk.mp4")
    if first in {"query_table", "draw_chart", "convert_table"}:
        return _TABLES
    if first == "identify_file":
        return ("contract.pdf", "mystery.dat", "blob.bin")
    if first == "search_text":
        return ("rules.txt", "article.txt", "contract.pdf")
    if first == "read_pdf" and way[0][2] == "pages":
        return ("scan.pdf",) if language != "en" else ("receita.pdf",)
    source = first if first in _ENGLISH else ""
    after = names[1:] if source else names
    if after[:1] == ["calculate"]:
        return _COUNTED.get(source, ())
    if after[:1] == ["convert_units"]:
        return _MEASURED.get(source, ())
    if after[:1] == ["search_text"]:
        return ("poster.png",) if source == "read_text" else _ENGLISH.get(source, ())
    if after[:1] == ["identify_language"]:
        return _ANY_TEXT if not source else (*_ENGLISH[source], *_PORTUGUESE.get(source, ()))
    if language == "en":
        return _PORTUGUESE.get(source, ())
    return _ENGLISH.get(source, ())


class Writing:
    """Writes expressions as a plan; equal calls become one step.

    Args:
        find: Returns an expert's card by name.
        files: The names of the files, in the order of attachment.
        draw: Chooses the questions that are put anew.
        is_exact: The files are those that the gold was written for: nothing is put anew.
    """

    def __init__(
        self,
        find: Callable[[str], ExpertCard],
        files: Sequence[str],
        draw: random.Random,
        *,
        is_exact: bool = False,
    ) -> None:
        self.find, self.files, self.draw, self.is_exact = find, files, draw, is_exact
        self.steps: dict[str, Step] = {}
        self.items = False

    def plan(self, parts: Sequence[Any]) -> Plan:
        answers = [
            Ask(ask=f"answer {n}", source=self.bound(each)) for n, each in enumerate(parts, 1)
        ]
        return Plan(steps=tuple(self.steps.values()), answers=tuple(answers), author="gold")

    def bound(self, tree: Any) -> Binding:
        kind = tree[0]
        if kind == "input":
            return FromInput(input=tree[1])
        if kind == "if":
            return self.conditional(tree)
        if kind == "list":
            return All(all=tuple(self.bound(each) for each in tree[1:]))
        if kind in {"value", "choice"}:
            return Value(value=tree[1])
        if kind != "call":
            raise Unsuited
        return self.step(tree)

    def step(self, tree: Any) -> FromStep:
        _, name, output, over, *given = tree
        if name in _HARD and not self.is_exact:
            raise Unsuited
        card = self.find(name)
        inputs: dict[str, Binding] = {}
        foreach: Binding | None = None
        for place, (port, each) in enumerate(zip(card.inputs, given, strict=False)):
            value = self.bound(each)
            is_said = isinstance(value, Value) and isinstance(value.value, str)
            if is_said and not port.choices and not self.is_exact:
                value = Value(value=self.asked(name, tree, str(cast("Value", value).value)))
            if isinstance(value, Value) and port.name == "what" and not self.is_exact:
                value = Value(value="clock" if "clock.png" in self.files else "stop sign")
            if over and place == 0:
                foreach, value = value, Item()
            if port.many and not isinstance(value, All | FromStep):
                value = All(all=(value,))
            inputs[port.name] = value
        if name == "calculate" and given[0][0] == "call" and given[0][1] == "read_text":
            inputs["operation"] = Value(value="sum")
        key = repr((name, inputs, foreach))
        if key not in self.steps:
            self.steps[key] = Step(
                id=StepId(f"s{len(self.steps) + 1}"), expert=card.id, inputs=inputs, foreach=foreach
            )
        return FromStep(step=self.steps[key].id, output=output or None)

    def conditional(self, tree: Any) -> FromStep:
        """Write a call that is made only where a test of another one's result holds."""
        _, body, (_, left, op, right) = tree
        if not self.is_exact or body[0] != "call" or left[0] != "call":
            raise Unsuited
        tested = self.step(left)
        made = self.step(body)
        card = self.find(left[1])
        output = card.output(tested.output) if tested.output else card.outputs[0]
        field = "" if output is None else _field(output.json_schema)
        test = Condition(left=tested, op=op, right=right[1], field=field)
        key = next(each for each, step in self.steps.items() if step.id == made.step)
        self.steps[key] = self.steps[key].model_copy(update={"when": (test,)})
        return made

    def asked(self, name: str, tree: Any, question: str) -> str:
        """Put a question anew for the file that it is about."""
        if not any(way for number in range(9) for way in _ways(tree, f"a{number}", ())):
            return question  # it says all that there is to say: "convert 5 miles to km"
        about = [
            self.files[number - 1]
            for number in range(1, len(self.files) + 1)
            if any(True for _ in _ways(tree, f"a{number}", ()))
        ]
        known = [each for file in about for each in _QUESTIONS.get(file, ())]
        if name in {"query_table", "search_text", "convert_units"}:
            if not known:
                raise Unsuited
            return self.draw.choice(known)
        return ""


def _field(schema: Any) -> str:
    """Return the field of a result that a test looks at: what it is said to be."""
    said = cast("dict[str, Any]", schema or {})
    held = cast("dict[str, Any]", said.get("properties") or {})
    return next((each for each in ("label", "code", "language") if each in held), "")


__all__ = ("DEVELOPMENT", "Job", "Unsuited", "Writing", "jobs")
