"""Put a plain question that nobody took to the one text that is attached.

A planner that learned what experts do may find no expert for *what was stolen?*, or a language model that
knows nothing of the file. With one text beside it the question is about that text, and who answers from
texts says what stands there, or that nothing does: either is better than a refusal to look.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from herd_graph.cards import ExpertCard
from herd_graph.checking import check
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route
from herd_graph.routing.neural.asking import maker, reader_of
from herd_graph.routing.numerals import digits
from herd_graph.routing.parameters import context_port
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_MOST = 240
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|but|please|hi|hello|hey|tell me|do you know|e|diz-me)\W+)*"
    r"(?:(?:by|until|since|from|at|to|with|in|for|on) )?(?:who|whose|whom|what|which|when|where|why|how|quem|qual|quais|quando|onde|quant[oa]s?|como|porqu[eê]|por que|o que)\b"
    r"|^\W*(?:and |so )?(?:is|are|was|were|do|does|did|has|have|must|should|may|há|pode|podem|é|são|tem) \w"
    r"|^\W*(?:can|could|will|would|shall) (?!you\b|we have\b|i (?:have|get|see|hear)\b)\w",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"^\W*(?:(?:and|so|please|tell me|e) )*(?:(?:by|until|since|from|at|to|with|in|for|on) )?(?:who|whose|whom|what|which|when|where|how (?:much|many|long|old)|quem|qual|quais|quando|onde|quant[oa]s?|o que)\b",
    re.IGNORECASE,
)
_NO_FACT = re.compile(
    r"\b(?:write|rewrite|rephrase|draft|compose|translate|reply|respond|improve|correct|shorten|summar\w+|explain|think|opinion|suggest|recommend|sound|tone|mood|mean|language|title|headline|calculate|"
    r"convert|chart|plot|draw|play|sing|send|print|post|upload|book|buy|weather|today|right now|tomorrow's)\b",
    re.IGNORECASE,
)
_LIST = re.compile(
    r"(?i)^\W*(?:(?:please|pls|can you|could you)\W+)*(?:read (?:it|this|the [\w-]+),? (?:and|then) )?(?:(?:make|write|give|prepare|create|list|show|turn (?:it|this|the [\w-]+) into) )(?:me |us )?(?:a |the |my |our |all (?:the )?)?(?:short )?"
    r"(?:(?:to-?do|task|shopping|packing|check|action)[ -]?(?:list|items?|points?)|to-?dos)(?: (?:from|of|out of|in|for|with) .*)?\W*$"
)
"""A list whose lines the text has: *make me a to-do list*."""
_REPLY = re.compile(
    r"(?i)^\W*(?:(?:please|pls|can you|could you)\W+)*(?:(?:write|draft|compose|give me|send) )?(?:(?:a|short|polite|brief|friendly|quick) )*(?:reply|answer|response|respond)(?: (?:to (?:it|this|him|her|them|the [\w-]+)|politely|back))*,? (?:that|saying|and (?:say|tell)) .+"
)
"""An answer to whoever wrote the text."""
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)*")
_SEVERAL = re.compile(
    r"[?!.]\s+\S|[;\n]|,? (?:and|then) (?:please |also )?(?:translate|read|give|make|tell|show|list|say|sum|write|put)\b",
    re.IGNORECASE,
)


def about_the_text(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route that asks the attached text, where the plan asks nobody, or somebody without it.

    Args:
        route: What a planner found.
        task: The request.
        experts: Who is there.
    """
    said = " ".join(task.text.split())
    if len(task.inputs) != 1 or len(said) > _MOST or not is_plain_question(said):
        return route
    ((name, port),) = task.inputs.items()
    cards = {each.name: each for each in experts.latest}
    reader = cards.get(reader_of(cards))
    if reader is None or port.many or not _is_idle(route.plan, reader):
        return route
    if Kind.IMAGE in port.kinds and not _OPEN.match(said):
        return route  # *does that need stitches?* is about what is to be seen
    plan = _asked(said, name, port.kinds, reader, cards, task)
    return (
        route if plan is None or check(plan, experts) else route.model_copy(update={"plan": plan})
    )


def is_plain_question(said: str) -> bool:
    """Say whether words ask one thing that a text may say, and want nothing made or done."""
    if _LIST.match(said) or _REPLY.match(said):
        return True
    return bool(_QUESTION.search(said)) and not _NO_FACT.search(said) and not _SEVERAL.search(said)


def _is_idle(plan: Plan, reader: ExpertCard) -> bool:
    """Say whether a plan does nothing, or has the question answered without the text."""
    if plan.abstained:
        return True
    context = context_port(reader)
    if plan.unmet or context is None:
        return False
    talks = [str(each.expert).partition("@")[0] == reader.name for each in plan.steps]
    if len(plan.steps) == 1:
        return talks[0] and context.name not in plan.steps[0].inputs
    # "How much is a loaf, and what would six cost?": neither is asked of the file, nor is a sum of its own.
    given = [each for step in plan.steps for each in step.inputs.values()]
    words = [str(each.value) for each in given if isinstance(each, Value)]
    return (
        any(talks)
        and len(words) == len(given)
        and all(len(_NUMBERS.findall(digits(each))) < 2 for each in words)
    )


def _asked(
    said: str,
    name: str,
    kinds: tuple[Kind, ...],
    reader: ExpertCard,
    cards: Mapping[str, ExpertCard],
    task: Task,
) -> Plan | None:
    steps: list[Step] = []
    text: Binding = FromInput(input=name)
    if Kind.TEXT not in kinds:
        words = cards.get(
            next(
                (made for each in kinds if (made := maker(cards, each, Kind.TEXT, carries_=True))),
                "",
            )
        )
        if words is None:
            return None
        port = next(each for each in words.inputs if each.required)
        steps.append(Step(id=StepId("s1"), expert=words.id, inputs={port.name: text}, ask=said))
        text = FromStep(step=steps[0].id)
    context = context_port(reader)
    if context is None:
        return None
    message = next(each for each in reader.inputs if each.required)
    last = Step(
        id=StepId(f"s{len(steps) + 1}"),
        expert=reader.id,
        inputs={message.name: Value(value=said), context.name: text},
        ask=said,
    )
    answer = Ask(ask=task.text, source=FromStep(step=last.id))
    return Plan(steps=(*steps, last), inputs=task.inputs, answers=(answer,), author="text")


__all__ = ("about_the_text", "is_plain_question")
