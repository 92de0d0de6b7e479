"""Have a file or a chart made of the table itself, with all the words that say what goes into it.

A planner that writes wish by wish first asks for the rows and then has a file made of the answer. The
answer to *which orders are open?* has the columns that a reader needs and no others, and whoever makes
the file reads the request a second time over it: an average of averages, one row each. Who takes a table
and a request in words finds the rows alone, so it is given the table, and the words that belong to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from herd_graph.cards import ExpertCard, Port
from herd_graph.plans import Ask, Binding, FromInput, FromStep, Plan, Step, Value
from herd_graph.registry import Snapshot
from herd_graph.routing.assembly import alone, card_of, is_sound, step_of, without_unused
from herd_graph.routing.base import Route
from herd_graph.routing.clauses import is_verb
from herd_graph.routing.lexicon import ALSO_NOUNS, VERBS
from herd_graph.routing.measured_tables import in_its_unit
from herd_graph.routing.parameters import fill
from herd_graph.tasks import Task
from herd_graph.types import Kind, StepId

_QUERY = re.compile(
    r"(?:select\b(?! (?:the|all|every|some|an?|only|those|rows|one) ).+\bfrom\b|with\s+\w+\s+as\s*\(.*\bselect\b)[^?]*$",
    re.IGNORECASE | re.DOTALL,
)
"""A request that is SQL, and no *select the rows from May, and draw them*."""
_WORDED = "request"
"""The input in which who makes something of a table is told in words of what."""
_POINTS_BACK = re.compile(
    r"\b(?:those|these|them|they|that|it|this (?:list|result|table)|the (?:results?|answers?|same))\b",
    re.IGNORECASE,
)
_QUALIFIES = re.compile(
    r"^\W*(?:and |but )?(?:only|just|sorted|ordered|ranked|without|except|excluding|leaving out|where|whose|with|in order|from|by|per"
    r"|(?:the )?(?:\w+est|most \w+|least \w+)(?: \w+)? (?:first|last|on top))\b"
    r"|\b(?:first|last|on top|only|excluded|descending|ascending)\W*$",
    re.IGNORECASE,
)
_WORKS = re.compile(
    r"^\W*(?:(?:and|then|also|please|so) )*(?:who|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|tell|show|list|give|count|find|work|add|say|compare)\b|\?",
    re.IGNORECASE,
)
"""What asks for an answer of its own beside a file or a chart."""
_RECKONS = re.compile(
    r"^\W*(?:and )?(?:the |an? )?(?:averages?|mean|total|sum|number|highest|lowest|maximum|minimum|max|min|median|share|percentage|most|least|\w+est)\b",
    re.IGNORECASE,
)
"""*…, total of May*: a number, which no chart and no file shows."""
_JOINED = re.compile(r"\W*(?:and|&|versus|vs\.?)\W*", re.IGNORECASE)
_ASKS = re.compile(
    r"^\W*(?:who|whose|what|which|when|where|why|how|is|are|was|were|do|does|did|tell|show|list|give|count|find|add|say)\b|\?",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"\W*(?:an?|the|also|then|please|make|draw|plot|show|create|save|export|convert|turn|give|put|write|bar|line|pie|scatter|chart|graph|csv|json|excel|xlsx|markdown)\b",
    re.IGNORECASE,
)
"""A wish that begins afresh: *…, and a bar chart by city*."""
_FEW = 8
_DEEDS = VERBS - ALSO_NOUNS
_MOST = 300


def made_of_tables(route: Route, task: Task, experts: Snapshot) -> Route:
    """Return a route whose files and charts are made of the tables that are attached.

    Args:
        route: The plan and why.
        task: The request, and what is attached.
        experts: Who is there.
    """
    plan = route.plan
    for mend in (
        _whole_query, _from_the_start, _with_its_words, _of_the_question, _made_at_all, _in_its_unit,
    ):  # fmt: skip
        made = mend(plan, task, experts)
        if made is not None and is_sound(made, task, experts):
            plan = made
    return route if plan is route.plan else route.model_copy(update={"plan": plan})


def _whole_query(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*SELECT a, sum(b) FROM data*: a query is no list of wishes, whatever commas stand in it."""
    said = task.text.strip().rstrip("; \n")
    if not _QUERY.match(said) or len(task.inputs) != 1 or len(plan.answers) + len(plan.unmet) < 2:
        return None
    ((name, given),) = task.inputs.items()
    for card in experts.latest:
        if "sql" not in card.tags or given.many:
            continue
        needed = [each for each in card.inputs if each.required]
        tables = [
            e.name for e in needed if Kind.TABLE in e.kinds and set(e.kinds) & set(given.kinds)
        ]
        texts = [each.name for each in needed if each.kind is Kind.TEXT]
        if len(needed) == 2 and len(tables) == 1 and len(texts) == 1:
            inputs: dict[str, Binding] = {
                tables[0]: FromInput(input=name),
                texts[0]: Value(value=said),
            }
            return alone(card, inputs, said, ports=task.inputs, author=plan.author)
    return None


def _from_the_start(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*The open orders as CSV*: of the orders, and not of what a question about them shows."""
    del task
    steps = {each.id: each for each in plan.steps}
    shown = {each.source.step for each in plan.answers if isinstance(each.source, FromStep)}
    fresh: dict[StepId, Step] = {}
    for step in plan.steps:
        port = _table_of(card_of(step, experts))
        held = step.inputs.get(port.name) if port is not None else None
        before = steps.get(held.step) if isinstance(held, FromStep) else None
        asked = _asked(before, experts) if before is not None else None
        if port is None or before is None or asked is None:
            continue
        question, table = asked
        wish = _words_of(step)
        if _plain(question) not in _plain(wish):
            if before.id in shown and not _POINTS_BACK.search(wish):
                continue
            wish = f"{question.rstrip(' .?!,;:')}, {wish}"
        inputs: dict[str, Binding] = {**step.inputs, port.name: table, _WORDED: Value(value=wish)}
        fresh[step.id] = step.model_copy(update={"inputs": inputs})
    if not fresh:
        return None
    made = tuple(fresh.get(each.id, each) for each in plan.steps)
    return without_unused(plan.model_copy(update={"steps": made}))


def _with_its_words(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*The list as CSV, dearest first*: what stands behind the comma is no question of its own."""
    flat = " ".join(task.text.split())
    steps = {each.id: each for each in plan.steps}
    for at, answer in enumerate(plan.answers):
        step = step_of(answer, steps)
        port = _table_of(card_of(step, experts))
        if step is None or port is None:
            continue
        table = step.inputs.get(port.name)
        start = flat.find(_bare(answer.ask))
        end = start + len(_bare(answer.ask))
        behind: list[Ask] = []
        for each in plan.answers[at + 1 :]:
            place = flat.find(_bare(each.ask), end)
            again = _is_again(each, step, port.name, steps) and _QUALIFIES.search(each.ask)
            if start < 0 or place < 0 or not (again or _is_of(each, table, steps, experts)):
                break
            if not _belongs(flat[end:place], each.ask):
                break
            behind.append(each)
            end = place + len(_bare(each.ask))
        left = [*plan.unmet]
        while left and start >= 0:
            said = _bare(left[0].partition(": ")[0])
            place = flat.find(said, end)
            if place < 0 or not _belongs(flat[end:place], said):
                break
            left.pop(0)
            end = place + len(said)
        if at and start > 0 and not _OPENS.match(flat[start:]):
            first = plan.answers[at - 1]
            place = flat.find(_bare(first.ask))
            between = flat[place + len(_bare(first.ask)) : start]
            few = len(first.ask.split()) <= _FEW and not _ASKS.search(first.ask)
            figure = _RECKONS.search(first.ask.rpartition(":")[2])
            alike = few and not figure and _is_of(first, table, steps, experts)
            if 0 <= place < start and alike and _JOINED.fullmatch(between):
                behind.append(first)
                start = place
        if flat[start:end] == _bare(answer.ask) or start < 0:
            continue
        whole = flat[start:end]
        told = step.model_copy(
            update={"inputs": {**step.inputs, _WORDED: Value(value=whole)}, "ask": whole}
        )
        said = Ask(ask=whole, source=answer.source)
        answers = [said if e is answer else e for e in plan.answers if e not in behind]
        made = tuple(told if each.id == step.id else each for each in plan.steps)
        fresh: dict[str, object] = {"steps": made, "answers": tuple(answers), "unmet": tuple(left)}
        if not left:
            fresh["reason"] = ""
        return without_unused(plan.model_copy(update=fresh))
    return None


def _of_the_question(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*Pie chart: how many of each?*, *which class is best? Show it as a chart*: a chart of that."""
    del task
    steps = {each.id: each for each in plan.steps}
    for at, answer in enumerate(plan.answers):
        step = step_of(answer, steps)
        card = card_of(step, experts)
        port = _table_of(card)
        if step is None or card is None or port is None:
            continue
        wish, table = _words_of(step), step.inputs.get(port.name)
        if not any(Kind.IMAGE in each.kinds for each in card.outputs):
            continue
        drawn = {word for tag in card.tags for word in tag.split()}
        bare = set(re.findall(r"\w+", wish.lower())) <= drawn | _DRAWS
        before = plan.answers[at - 1] if at else None
        after = plan.answers[at + 1] if at + 1 < len(plan.answers) else None
        asked = next(
            (each for each in (before, after) if each is not None and _is_of(each, table, steps, experts)),
            None,
        )  # fmt: skip
        if asked is None or not (bare or (asked is before and _POINTS_BACK.search(wish))):
            continue
        told = f"{_bare(asked.ask)}, {wish}" if asked is before else f"{_bare(wish)}: {asked.ask}"
        if _plain(asked.ask) in _plain(wish):
            continue
        inputs: dict[str, Binding] = {**step.inputs, _WORDED: Value(value=told)}
        fresh = step.model_copy(update={"inputs": inputs})
        made = tuple(fresh if each.id == step.id else each for each in plan.steps)
        return plan.model_copy(update={"steps": made})
    return None


_DRAWS = frozenset("a an as the in with draw plot make show me it that this please pls and also too them of".split())  # noqa: SIM905  # fmt: skip


def _belongs(between: str, said: str) -> bool:
    """Say whether words go on with a wish for a file or a chart, rather than being one of their own.

    Args:
        between: What stands between the wish and them.
        said: *Science for each pupil*, behind *a bar chart with maths and*.
    """
    if _WORKS.search(said) or re.search(r"[.?!;]", between):
        return False
    if _QUALIFIES.search(said):
        return True
    first = re.match(r"\W*(\w+)(?:\W+(\w+))?", said)
    deed = first is not None and (
        first[1].lower() in _DEEDS or is_verb(first[1].lower(), (first[2] or "").lower())
    )
    joined = _JOINED.fullmatch(between) is not None
    return joined and not deed and not _RECKONS.search(said)


def _in_its_unit(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*What is the total weight in kilos?*: the columns say what they are in."""
    del task
    return in_its_unit(plan, experts)


def _made_at_all(plan: Plan, task: Task, experts: Snapshot) -> Plan | None:
    """*The unpaid ones to excel*: a table, and a format that one expert names, is its work."""
    flat = " ".join(task.text.split())
    if len(task.inputs) != 1 or len(flat) > _MOST or _WORKS.search(flat.rstrip("?")):
        return None
    ((name, given),) = task.inputs.items()
    source = FromInput(input=name)
    if given.many or not (plan.abstained or _only_asks(plan, source, experts)):
        return None
    for card in experts.latest:
        port = _table_of(card)
        if port is None or "export" not in card.tags or not set(port.kinds) & set(given.kinds):
            continue
        filled = fill(card, flat)
        if filled.problem or not _is_aimed(
            flat, [str(each) for each in filled.values.values()], card
        ):
            continue  # fmt: skip
        values: dict[str, Binding] = {key: Value(value=each) for key, each in filled.values.items()}
        inputs: dict[str, Binding] = {**values, port.name: source, _WORDED: Value(value=flat)}
        return alone(card, inputs, flat, ports=task.inputs, author=plan.author)
    return None


def _only_asks(plan: Plan, source: FromInput, experts: Snapshot) -> bool:
    """Say whether a plan does nothing but ask one table, in pieces that are no questions."""
    steps = {each.id: each for each in plan.steps}
    return (
        bool(plan.steps)
        and all(_is_of(each, source, steps, experts) for each in plan.answers)
        and not any(_WORKS.search(each.ask) for each in plan.answers)
    )


def _is_aimed(flat: str, chosen: Sequence[str], card: ExpertCard) -> bool:
    """Say whether a format is what something is to become: *as CSV*, *a CSV of*."""
    told = " ".join(f"{each.description}" for each in card.inputs if each.choices)
    names = {*chosen, *(one for each in chosen for one in _called(each, told))}
    listed = "|".join(re.escape(each) for each in sorted(names, key=len, reverse=True) if each)
    form = rf"\b(?:as|to|into|in|an?)\s+(?:an?\s+|the\s+)?(?:\w+\s+)?(?:{listed})\b"
    return bool(listed) and re.search(form, flat, re.IGNORECASE) is not None


def _called(choice: str, told: str) -> list[str]:
    """Return other words for a choice, as a description gives them in brackets."""
    found = re.search(rf"\b{re.escape(choice)}\b \(([^()]*)\)", told)
    return [each.strip() for each in found[1].split(",")] if found else []


def _table_of(card: ExpertCard | None) -> Port | None:
    """Return the table that an expert makes something of which is told in words; None for others."""
    if card is None or any(each.required and each.kind is Kind.TEXT for each in card.inputs):
        return None
    worded = card.input(_WORDED)
    if worded is None or worded.required or Kind.TEXT not in worded.kinds:
        return None
    tables = [each for each in card.inputs if each.required and Kind.TABLE in each.kinds]
    return tables[0] if len(tables) == 1 and not tables[0].many else None


def _asked(step: Step, experts: Snapshot) -> tuple[str, FromInput] | None:
    """Return the question that a step asks of an attached table, and that table."""
    card = card_of(step, experts)
    if card is None or len(step.inputs) != 2 or step.foreach is not None:
        return None
    tables = [each.name for each in card.inputs if each.required and Kind.TABLE in each.kinds]
    texts = [each.name for each in card.inputs if each.required and each.kind is Kind.TEXT]
    if len(tables) != 1 or len(texts) != 1:
        return None
    table, question = step.inputs.get(tables[0]), step.inputs.get(texts[0])
    if not isinstance(table, FromInput) or not isinstance(question, Value):
        return None
    return str(question.value), table


def _is_again(answer: Ask, step: Step, port: str, steps: Mapping[StepId, Step]) -> bool:
    """Say whether an answer is made by the same expert of the same table once more."""
    other = step_of(answer, steps)
    same = other is not None and other is not step and other.expert == step.expert
    return same and other is not None and other.inputs.get(port) == step.inputs.get(port)


def _is_of(
    answer: Ask, table: Binding | None, steps: Mapping[StepId, Step], experts: Snapshot
) -> bool:  # fmt: skip
    """Say whether an answer is what was asked of a table."""
    step = step_of(answer, steps)
    asked = _asked(step, experts) if step is not None else None
    return asked is not None and asked[1] == table


def _words_of(step: Step) -> str:
    held = step.inputs.get(_WORDED)
    return str(held.value) if isinstance(held, Value) else step.ask


def _bare(said: str) -> str:
    return " ".join(said.split()).strip(" .?!,;:")


def _plain(said: str) -> str:
    return " ".join(re.findall(r"\w+", said.lower()))


__all__ = ("made_of_tables",)
