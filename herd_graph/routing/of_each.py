"""Do for each of several files what is asked of each: *what language is each in, and how does each sound?*.

A plan that is written wish by wish may have the second wish for one file alone. Where the words say that
each or both are meant, what is done for the one is done for the others of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from herd_graph.cards import Port
from herd_graph.plans import AllOf, Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import card_of, fresh_ids, is_sound, step_of, without_unused
from herd_graph.routing.clauses import flattened, split
from herd_graph.routing.content import protect
from herd_graph.routing.parameters import language_port
from herd_graph.routing.tongues import language_code, languages
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_MOST, _FILES = 400, 6
"""Letters of a request that is looked at, and files that a wish may be repeated for."""
_EACH = re.compile(r"\b(?:each|both|either|every one|the two(?: of them)?)\b", re.IGNORECASE)
_PLURAL = re.compile(r"\b(?:they|them|their|these|those)\b", re.IGNORECASE)
_AMONG = re.compile(
    r"\b(?:compare[ds]? to|which (?:of|one)|together|agree|differ\w*|same|between|each other|one another|combine\w*|in all)\b",
    re.IGNORECASE,
)
"""What is asked of both at once is not asked of each."""
_LEADS_IN = re.compile(
    r"^\W*(?:(?:(?:please|can you|could you) )*(?:compare|take|look at|check|read through|go through|here are)|(?:for|of|in|from) (?:each|both|these|either)|both|each)\b[^:?.]*:\s*",
    re.IGNORECASE,
)
_KINDS = (Kind.TEXT, Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT)


def of_each(plan: Plan, task: Task, experts: Snapshot) -> Plan:
    """Return a plan that does for every file what is asked of each.

    Args:
        plan: The plan so far.
        task: The request, and what is attached.
        experts: Who is there.
    """
    files = {name: p for name, p in task.inputs.items() if p.kind in _KINDS and not p.many}
    among = _AMONG.search(task.text)
    if len(task.text) > _MOST or not 1 < len(files) <= _FILES or among or plan.abstained:
        return plan
    if files.keys() != task.inputs.keys() or not _EACH.search(task.text):
        return plan
    if any(each.when for each in plan.steps):
        return plan  # what is done where a condition holds is not done for the others without one
    made = _Repeated(plan, task, experts, files).made()
    if made is None or not is_sound(made, task, experts):
        return plan
    return made


class _Repeated:
    def __init__(self, plan: Plan, task: Task, experts: Snapshot, files: dict[str, Port]) -> None:
        self.plan, self.task, self.experts, self.files = plan, task, experts, files
        self.steps: dict[StepId, Step] = {each.id: each for each in plan.steps}
        self.fresh: Iterator[StepId] = fresh_ids(plan.steps)
        self.copies: dict[tuple[StepId, str, str], Binding] = {}
        found = _LEADS_IN.match(" ".join(task.text.split()))
        self.lead = found.group() if found else ""
        """*Compare the letter and the mail:* asks for nothing that is not asked after it."""
        rest = protect(" ".join(task.text.split())[len(self.lead) :])
        self.rest = [] if rest.contents else [each.said for each in split(rest.text)]

    def made(self) -> Plan | None:
        """Return the plan with what is lacking; None where nothing is."""
        answers = [self._renamed(each) for each in self.plan.answers]
        told: list[Ask] = []
        for each in answers:
            told.append(each)
            alike = [other for other in answers if self._alike(each, other)]
            done = {name for other in alike for name in self._files_of(other.source)}
            if each is not alike[-1] or len(self._files_of(each.source)) != 1:
                continue
            if not self._is_of_each(each.ask):
                continue
            (mine,) = self._files_of(each.source)
            told += [
                Ask(ask=f"{_plain(each.ask)} ({self._called(name)})", source=source)
                for name in self.files
                if name not in done and (source := self._copy(each.source, mine, name)) is not None
            ]
        if [(e.ask, e.source) for e in told] == [(e.ask, e.source) for e in self.plan.answers]:
            return None
        named = tuple(self._labelled(each, told) for each in told)
        steps = tuple(self.steps.values())
        inputs = {**self.task.inputs, **self.plan.inputs}
        made = self.plan.model_copy(update={"steps": steps, "answers": named, "inputs": inputs})
        return without_unused(made)

    def _is_of_each(self, ask: str) -> bool:
        """Say whether a wish is for each file: it says so, or it says *they* after one that does."""
        return _EACH.search(ask) is not None or _PLURAL.search(ask) is not None

    def _renamed(self, answer: Ask) -> Ask:
        """Return an answer under the question that it answers, and not under what leads it in."""
        lead, rest = self.lead, self.rest
        if not lead or not rest:
            return answer
        said = flattened(_plain(answer.ask))
        held = [each for each in rest if flattened(each) in said]
        if held:
            return answer.model_copy(update={"ask": held[-1]})
        bare = _plain(answer.ask).removeprefix(lead.strip()).strip()
        if bare and bare != _plain(answer.ask):
            return answer.model_copy(update={"ask": bare})
        return answer.model_copy(update={"ask": rest[0]}) if said in flattened(lead) else answer

    def _alike(self, one: Ask, other: Ask) -> bool:
        """Say whether two answers are of one wish, by the same expert."""
        mine, theirs = flattened(_plain(one.ask)), flattened(_plain(other.ask))
        if mine not in theirs and theirs not in mine:
            return False
        first, second = (step_of(e, self.steps) for e in (one, other))
        return first is not None and second is not None and first.expert == second.expert

    def _files_of(self, source: Binding) -> list[str]:
        """Return the files that an answer is about."""
        if isinstance(source, FromInput):
            return [source.input] if source.input in self.files else []
        if isinstance(source, AllOf):
            return [name for each in source.all for name in self._files_of(each)]
        step = self.steps.get(source.step) if isinstance(source, FromStep) else None
        bound = [*step.inputs.values(), step.foreach] if step is not None else []
        found = [name for each in bound if each is not None for name in self._files_of(each)]
        return list(dict.fromkeys(found))

    def _copy(self, source: Binding, old: str, new: str) -> Binding | None:
        """Return what a binding gives for another file, adding the steps; None where it cannot be."""
        if isinstance(source, FromInput):
            same = self.files[old].kind is self.files[new].kind
            return source if source.input != old else FromInput(input=new) if same else None
        if isinstance(source, AllOf):
            parts = [self._copy(each, old, new) for each in source.all]
            held = tuple(each for each in parts if each is not None)
            return AllOf(all=held) if len(held) == len(parts) else None
        if not isinstance(source, FromStep):
            return source
        key = (source.step, old, new)
        if key not in self.copies:
            made = self._copied(self.steps[source.step], old, new)
            if made is None:
                return None
            self.copies[key] = made
        made = self.copies[key]
        return (
            made.model_copy(update={"output": source.output})
            if isinstance(made, FromStep)
            else made
        )

    def _copied(self, step: Step, old: str, new: str) -> Binding | None:
        if self._files_of(FromStep(step=step.id)) != [old]:
            return FromStep(step=step.id)
        if self._is_aid(step):
            # Whether the other file has to be put into English first is another rule's to say.
            inner = next(e for e in step.inputs.values() if not isinstance(e, Value))
            return self._copy(inner, old, new)
        inputs: dict[str, Binding] = {}
        for name, each in step.inputs.items():
            bound = self._copy(each, old, new)
            if bound is None:
                return None
            inputs[name] = bound
        over = self._copy(step.foreach, old, new) if step.foreach is not None else None
        if step.foreach is not None and over is None:
            return None
        fresh = step.model_copy(update={"id": next(self.fresh), "inputs": inputs, "foreach": over})
        self.steps[fresh.id] = fresh
        return FromStep(step=fresh.id)

    def _is_aid(self, step: Step) -> bool:
        """Say whether a step puts a text into English for who reads no other language."""
        card = card_of(step, self.experts)
        port = language_port(card) if card is not None else None
        to = step.inputs.get(port.name) if port is not None else None
        english = isinstance(to, Value) and language_code(str(to.value)) == "en"
        shown = any(each.source == FromStep(step=step.id) for each in self.plan.answers)
        named = any(each.target for each in languages(self.task.text))
        return english and not shown and not named

    def _called(self, name: str) -> str:
        return self.files[name].description or name

    def _labelled(self, answer: Ask, answers: list[Ask]) -> Ask:
        """Return an answer with the name of its file, where another one is under the same words."""
        alike = [each for each in answers if _plain(each.ask) == _plain(answer.ask)]
        names = self._files_of(answer.source)
        if len(alike) < 2 or len(names) != 1 or answer.ask != _plain(answer.ask):
            return answer
        return answer.model_copy(update={"ask": f"{answer.ask} ({self._called(names[0])})"})


def _plain(ask: str) -> str:
    """Return the words of a wish without the name of its file behind them."""
    return re.sub(r" \([^()]*\.\w{1,5}\)$", "", ask)


__all__ = ("of_each",)
