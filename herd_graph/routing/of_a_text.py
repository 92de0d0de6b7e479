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
_EXPLAIN = re.compile(
    r"(?i)^\W*(?:please )?(?:explain|remind me|tell me|show me|describe|let me know|find out|(?:write|note|jot|copy|list)(?: (?:down|out|me))*)(?: to me)?(?: in (?:one|a|two|three|a few|short|simple|plain) \w+)?,? (?=(?:how|what|when|where|why|who|which|until|by)\b)"
)
"""*Explain in one sentence how I print* asks how I print."""
_ORDER = re.compile(
    r"(?i)^\W*(?:(?:please|can you|could you)\W+)*(?:write|note|jot|copy|list)(?: (?:down|out|me))* (?:the|our|his|her|their) (?!letters?\b|mails?\b|texts?\b|names?\b|dates?\b|people\b|whole\b|same\b)[\w' -]+ (?:from|on|in|of) (?:the|this|that|my) [\w-]+\W*$"
    r"|^\W*(?:please )?(?:list|name) (?:all )?(?:his|her|their|the) (?:complaints?|problems?|demands?|wishes|questions?|requests?|conditions?)\W*$"
)
"""*Write the check-out time from the notice* asks what it is."""
_REMIND = re.compile(r"(?i)^\W*(?:please )?remind me (?:of|about|what|when|where)\b")
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
    """Return a route whose questions are asked of the attached text, all of them or the only one.

    Args:
        route: What a planner found.
        task: The request.
        experts: Who is there.
    """
    made = _only_question(route, task, experts)
    return _with_context(made, task, experts) if made is route else made


def _with_context(route: Route, task: Task, experts: Snapshot) -> Route:
    """Give each question that is asked of nothing the text that another part of the plan has.

    *Who is it from and what do we have to do?*: a language model that sees no letter makes one up.
    """
    cards = {each.name: each for each in experts.latest}
    reader = cards.get(reader_of(cards))
    context = context_port(reader) if reader is not None else None
    if reader is None or context is None or len(task.inputs) != 1:
        return route
    ((name, port),) = task.inputs.items()
    own = [each for each in route.plan.steps if str(each.expert).partition("@")[0] == reader.name]
    given = next((e.inputs[context.name] for e in own if context.name in e.inputs), None)
    if given is None and Kind.TEXT in port.kinds and not port.many:
        given = FromInput(input=name)
    if given is None:
        return route
    steps: list[Step] = []
    for each in route.plan.steps:
        said = [b.value for b in each.inputs.values() if isinstance(b, Value)]
        asks = each in own and context.name not in each.inputs and len(each.inputs) == len(said)
        plain = asks and len(said) == 1 and _is_of_a_text(str(said[0]))
        inputs = {**each.inputs, context.name: given} if plain else each.inputs
        steps.append(each.model_copy(update={"inputs": inputs}))
    plan = route.plan.model_copy(update={"steps": tuple(steps)})
    same = tuple(steps) == route.plan.steps
    return route if same or check(plan, experts) else route.model_copy(update={"plan": plan})


def _is_of_a_text(said: str) -> bool:
    """Say whether words that a file is attached to ask something of it, with no numbers to reckon with."""
    bare = _EXPLAIN.sub("", said)
    few = len(_NUMBERS.findall(digits(said))) < 2
    orders = _REMIND.match(said) or _ORDER.match(said)
    return few and (is_plain_question(bare) or bool(orders))


def _only_question(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route that asks the attached text, where the plan asks nobody, or somebody without it.

    Args:
        route: What a planner found.
        task: The request.
        experts: Who is there.
    """
    said = _EXPLAIN.sub("", " ".join(task.text.split()))
    if len(task.inputs) != 1 or len(said) > _MOST or not is_plain_question(said):
        return route
    ((name, port),) = task.inputs.items()
    cards = {each.name: each for each in experts.latest}
    reader = cards.get(reader_of(cards))
    deaf = _is_deaf(route.plan, said, experts)
    if reader is None or port.many:
        return route
    talks = [str(each.expert).partition("@")[0] == reader.name for each in route.plan.steps]
    cut = bool(_REPLY.match(said)) and bool(talks) and all(talks)  # *that we have a room and a bed*
    if not (deaf or cut or _is_idle(route.plan, reader)):
        return route
    if Kind.IMAGE in port.kinds and not _OPEN.match(said):
        return route  # *does that need stitches?* is about what is to be seen
    plan = _asked(said, name, port.kinds, reader, cards, task)
    return (
        route if plan is None or check(plan, experts) else route.model_copy(update={"plan": plan})
    )


def is_plain_question(said: str) -> bool:
    """Say whether words ask one thing that a text may say, and want nothing made or done."""
    if _LIST.match(said) or _REPLY.match(said) or _ORDER.match(said):
        return True
    return bool(_QUESTION.search(said)) and not _NO_FACT.search(said) and not _SEVERAL.search(said)


_OF_MUSIC = re.compile(
    r"\b(?:notes?|tunes?|melod\w+|songs?|midi|music\w*|keys?|chords?|pitch\w*|play\w*|sing\w*|sung|instruments?|tempo|beats?|rhythm|scales?|octaves?|hum\w*|whistl\w*|piano|guitar|flute|bars?|velocity)\b",
    re.IGNORECASE,
)


def _is_deaf(plan: Plan, said: str, experts: Snapshot) -> bool:
    """Say whether a recording is taken for music by a request that has no word of any."""
    music = {card.id for card in experts.latest if "music" in card.tags}
    return not _OF_MUSIC.search(said) and any(each.expert in music for each in plan.steps)


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
