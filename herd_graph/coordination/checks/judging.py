"""A language model as a judge: alone with one answer, or between two, which it sees in both orders."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from herd_graph.coordination.checks.base import CheckInput, Level, check, doubt, failed, passed
from herd_graph.errors import RoutingError
from herd_graph.prompts import Message, Prompts
from herd_graph.routing.completing import Bill, Completion
from herd_graph.state import Verdict
from herd_graph.types import JSONObject, Kind

_MOST = 12_000
"""Letters of an answer that a model is shown."""
_SHAPE: JSONObject = {
    "type": "object",
    "properties": {"accept": {"type": "boolean"}, "reason": {"type": "string"}},
    "required": ["accept"],
}
_PAIR: JSONObject = {
    "type": "object",
    "properties": {
        "better": {"type": "string", "enum": ["first", "second", "same"]},
        "reason": {"type": "string"},
    },
    "required": ["better"],
}
Better = Literal["first", "second", "same"]


@dataclass(frozen=True, kw_only=True)
class ModelJudge:
    """Asks a language model. What it is shown is material, never an instruction.

    Two answers are shown in both orders: a model that favours what it reads first contradicts itself
    then, and the pair counts as equal.
    """

    completion: Completion
    bill: Bill

    async def accepts(self, request: str, answer: str) -> tuple[bool, str] | None:
        """Say whether an answer serves its request, and why; None where the model does not say."""
        said = await self._ask("judge", _SHAPE, request=request, answer=answer[:_MOST])
        accept = said.get("accept")
        return (accept, str(said.get("reason", ""))) if isinstance(accept, bool) else None

    async def prefers(self, request: str, one: str, two: str) -> float:
        """Return how far one answer is to be preferred to another: 1, 0, or 0.5 for neither."""
        forth = await self._compare(request, one, two)
        back = await self._compare(request, two, one)
        if forth == "first" and back == "second":
            return 1.0
        if forth == "second" and back == "first":
            return 0.0
        return 0.5

    async def _compare(self, request: str, first: str, second: str) -> Better:
        said = await self._ask(
            "compare", _PAIR, request=request, first=first[:_MOST], second=second[:_MOST]
        )
        better = said.get("better")
        return cast("Better", better) if better in {"first", "second", "same"} else "same"

    async def _ask(self, name: str, shape: JSONObject, **inputs: Any) -> dict[str, Any]:
        messages: Sequence[Message] = Prompts().load(name).messages(**inputs)
        pieces = [each async for each in self.completion(messages, shape, self.bill)]
        return _object("".join(pieces))


def _object(text: str) -> dict[str, Any]:
    """Return the JSON object in a reply; an empty one where there is none."""
    found = re.search(r"\{.*\}", text, re.DOTALL)
    try:
        value: Any = json.loads(found.group()) if found else {}
    except ValueError:
        return {}
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Has a model judge each text that answers."""

    judge: ModelJudge
    name: str = "judge"
    cost: float = 1.0
    level: Level = "thorough"

    def applies(self, subject: CheckInput) -> bool:
        """Say whether it is an answer to a request."""
        return subject.answers and bool(subject.of_kind(Kind.TEXT)) and bool(_request(subject))

    async def __call__(self, subject: CheckInput) -> Verdict | None:
        """Ask whether the answer serves the request, and whether another expert's does better."""
        request = _request(subject)
        answer = "\n".join((await subject.texts()).values())
        try:
            said = await self.judge.accepts(request, answer)
            if said is not None and not said[0]:
                return failed(self.name, said[1] or "the model does not accept it", score=0.2)
            for expert, outputs in subject.others.items():
                other = CheckInput(card=subject.card, outputs=outputs, store=subject.store)
                words = "\n".join((await other.texts()).values())
                if words and await self.judge.prefers(request, answer, words) == 0.0:
                    told = f"the answer of {expert!r} is better, in both orders"
                    return doubt(self.name, told, score=0.4)
        except RoutingError:
            return None  # no model, no verdict
        return passed(self.name) if said is not None else None


def _request(subject: CheckInput) -> str:
    return subject.ask or subject.request


@check(
    name="person", level="thorough", cost=60.0, when=lambda subject: subject.aids.ask is not None
)
async def person(subject: CheckInput) -> Verdict | None:
    """Show a person the answer, and ask whether it is right."""
    ask = subject.aids.ask
    if ask is None or not subject.answers:
        return None
    shown = "\n".join((await subject.texts()).values()) or ", ".join(subject.outputs)
    right = await ask(f"{_request(subject) or subject.step}\n\n{shown[:2000]}\n\nIs this right?")
    return passed("person") if right else failed("person", "a person says that it is not right")


__all__ = ("Judged", "ModelJudge", "person")
