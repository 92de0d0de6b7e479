"""What a message on a thread leans on, found before any plan is written.

Some kinds need no search: small talk, which asks for nothing; what the thread itself says (*which file
was that from?*) or said (*what was the total again?*); arithmetic on a number that was answered (*what's
20% of that?*); and fragments that ask the last request again with another word (*and in metres?*).
Everything else is planned in the ordinary way, on what it names of the thread where it names some of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from pydantic import ValidationError

from herd_graph.artifacts import Table
from herd_graph.artifacts.workings import without_workings
from herd_graph.cards import ExpertCard, Port
from herd_graph.checking import check
from herd_graph.conversions import links
from herd_graph.plans import Binding, FromInput, Plan, Value
from herd_graph.routing.assembly import alone
from herd_graph.routing.base import ClauseTrace, Route, RouteTrace, Situation
from herd_graph.routing.cells import swapped, tables_of
from herd_graph.routing.conversation import Past, acts
from herd_graph.routing.courtesies import (
    asks_what_is_done,
    is_courtesy,
    reply,
    what_is_done,
)
from herd_graph.routing.figures import (
    in_unit,
    is_measure,
    is_money,
    last_quantity,
    money_alone,
    no_rates,
    puts_to,
    reckoning,
)
from herd_graph.routing.followups import ON_A_NUMBER, gone_on
from herd_graph.routing.looking_back import told_of, turn_meant
from herd_graph.routing.of_rows import asks_rows, once_more, told_before
from herd_graph.routing.on_figures import Reckoned, figures, on_figure
from herd_graph.routing.parameters import reads_aloud, role
from herd_graph.routing.planner import bound_inputs
from herd_graph.routing.singled_out import added_up, plainly, singled_out
from herd_graph.routing.thread_answers import answered, without_refusals
from herd_graph.routing.told_sums import told_sum
from herd_graph.tasks import Task, input_port
from herd_graph.types import JSON, ArtifactRef, Kind

_A_NUMBER = re.compile(
    r"\s*-?\d[\d,]*(?:\.\d+)?(?:\s*| = .*)|[^\n]*= -?\d[\d,]*(?:\.\d+)?(?:\s*[^\d\s]+){0,2}\s*",
    re.DOTALL,
)
"""An answer that comes to one number: *18.00*, *20 % of 18.00 = 3.60*, *26 miles = 41.84 km*."""


_SPEAKS_IT = re.compile(
    r"^\W*(?:(?:and|now|then|ok|okay|please|can you|could you)\W+)*(?:(?:read|say|speak|tell)(?: me)? (?:the|that|this|your) (?:answer|reply)(?: to me)?(?: aloud| out loud| out)?"
    r"|speak (?:it|that|this)|tell (?:it|that|this) to me aloud|(?:read|say) (?:me )?(?:the|that|this|your) (?:answer|reply)\b.{0,12})(?:,? please)?\W*$",
    re.IGNORECASE,
)
"""*Read the answer aloud*: what was answered, however it came about."""
_MOST_SPOKEN = 2000
_IN = re.compile(r"^\W*(?:and |or |now )*(?:in|to|into) ", re.IGNORECASE)
_SURE = 0.9
"""How often a request that reads as a sum in words was one, among those tried."""


def went_on(
    task: Task,
    situation: Situation,
    past: Past,
    plan: Callable[[Task, Situation], Route],
    router: str,
) -> Route | None:
    """Return the route of a message that leans on the thread in one of these ways; None for others.

    Args:
        task: What is asked.
        situation: Who is there, and what was before.
        past: What was before, as it is spoken of.
        plan: Plans a request in the ordinary way.
        router: Whose name the route bears.
    """
    if asks_what_is_done(task.text):
        said = what_is_done(situation.experts.latest)
        return _nothing(task, router, said, "it asks what can be asked for: the cards say it")
    if task.attachments:
        return None
    if is_courtesy(task.text):
        return _nothing(task, router, reply(task.text), "a courtesy: it asks for nothing")
    if not past:
        return _told(task, situation, router)
    if (heard := without_refusals(situation.history)) is not None:
        # "Put that in one line" never means that the text did not say something.
        return plan(task, situation.model_copy(update={"history": heard}))
    if (looked := _looked_back(task, situation, past, plan, router)) is not None:
        return looked
    made = answered(situation.history, situation.experts)
    if _SPEAKS_IT.match(task.text) and (said := _read_out(task, situation, router)):
        return said
    again = past.requests and in_unit(past.requests[-1])
    held = figures(made, past.requests)
    if held and held[-1].unit and len(made) > 1:
        # Three times 8 km are km: the unit is that of what was converted before.
        again = again or (made[-2].bears("units") and not made[-1].bears("units"))
    if held and held[-1].unit and not made[-1].bears("units"):
        again = again or is_measure(_IN.sub("", task.text))
    unit = in_unit(task.text) or (in_unit(_IN.sub("that in ", task.text)) if again else "")
    if unit and (found := _converted(task, situation, past, unit, router)):
        return found
    if bare := money_alone(task.text):
        return _nothing(task, router, no_rates(bare), "exchange rates are known to nobody")
    if (reckoned := on_figure(task.text, made, past.requests)) is not None and (
        found := _on_figure(task, situation, past, reckoned, router)
    ):
        return found
    reckons = ON_A_NUMBER.search(task.text) or puts_to(task.text)
    if reckons and (found := _calculated(task, situation, past, router)):
        return found
    return (
        _told(task, situation, router)
        or _of_rows(task, situation, past, plan)
        or _of_what_is_named(task, situation, past, plan)
        or _asked_again(task, situation, past, plan)
    )


def _looked_back(
    task: Task,
    situation: Situation,
    past: Past,
    plan: Callable[[Task, Situation], Route],
    router: str,
) -> Route | None:
    """Plan what the thread itself knows, or what one of its turns answered."""
    made = answered(situation.history, situation.experts)
    if said := told_of(task.text, made, past.requests):
        return _nothing(task, router, said, "the thread says it: it asks nobody for anything")
    turn = turn_meant(task.text, made, past.requests)
    return None if turn is None else _as_of(task, situation, turn, past.requests[turn], plan)


def _of_rows(
    task: Task, situation: Situation, past: Past, plan: Callable[[Task, Situation], Route]
) -> Route | None:
    """Plan what a message asks the rows of a table anew: *how much do they owe?*, *save that as csv*."""
    made = answered(situation.history, situation.experts)
    if not any(asks_rows(each) for each in made):
        return None
    given = [turn["attachments"] for turn in situation.history if turn.get("attachments")]
    tables = tables_of(given[-1], situation.store) if given else []
    again = once_more(task.text, made, past.requests, tables)
    if again is None:
        return None
    turn, whole, said = again
    route = _as_of(task, situation, turn, whole, plan)
    if route is None or not said:
        return route
    told = told_before(route.plan, situation.experts, whole, said)
    return None if told is None else route.model_copy(update={"plan": told})


def _of_what_is_named(
    task: Task, situation: Situation, past: Past, plan: Callable[[Task, Situation], Route]
) -> Route | None:
    """Plan a message on what it names of the thread: *read the translation aloud*."""
    if past.ellipsis(task.text, []) is not None:
        return None
    named = singled_out(task, situation.history, past, situation.experts)
    if named is None:
        return None
    one = len(named.given) == 1
    asked = next((each for each in reversed(past.requests) if acts(each)), "")
    text = added_up(task.text)
    text = plainly(text, asked) if one else text
    said = {"text": text, "attachments": dict(named.given)}
    made = plan(
        task.model_copy(update=said), situation.model_copy(update={"history": named.history})
    )
    if made.plan.abstained:
        return None
    bound = [name for name in named.known if name in bound_inputs(made.plan)]
    held = {**made.attachments, **{name: named.known[name] for name in bound}}
    inputs = {name: port for name, port in made.plan.inputs.items() if name in held}
    notes = (*made.trace.notes, "of the thread, what the message names alone")
    trace = made.trace.model_copy(update={"request": task.text[:2000], "notes": notes})
    plan_ = made.plan.model_copy(update={"inputs": inputs})
    return Route(plan=plan_, trace=trace, attachments=held)


def _told(task: Task, situation: Situation, router: str) -> Route | None:
    """Plan a sum that is told as a story: its sentences are one request, and ask one thing."""
    asked = [each for each in task.text.split("?") if any(letter.isdigit() for letter in each)]
    if len(asked) > 1:
        return None
    card = next((each for each in situation.experts.latest if adds_up(each)), None)
    plan = told_sum(task, card, situation.experts, router)
    if plan is None:
        return None
    clause = ClauseTrace(
        text=task.text[:2000], step="s1", decision=f"{plan.steps[0].expert}, as a sum in words"
    )
    trace = RouteTrace(router=router, request=task.text[:2000], clauses=(clause,), confidence=_SURE)
    return Route(plan=plan, trace=trace)


def _nothing(task: Task, router: str, said: str, decision: str) -> Route:
    """Return the route of a message that no expert is asked for."""
    clause = ClauseTrace(text=task.text[:2000], decision=decision)
    trace = RouteTrace(router=router, request=task.text[:2000], clauses=(clause,))
    return Route(plan=Plan(reason=said, author=router), trace=trace)


def _on_figure(
    task: Task, situation: Situation, past: Past, reckoned: Reckoned, router: str
) -> Route | None:
    """Plan what a message makes of a figure of the thread, in words that are whole."""
    card = next((each for each in situation.experts.latest if adds_up(each)), None)
    ids = {ref.id: name for name, ref in past.artifacts.items() if isinstance(ref, ArtifactRef)}
    name = next((ids[each] for each in reckoned.figure.answer.ids if each in ids), "")
    if card is None or not name:
        return None
    # A figure that stands in a sentence, or in rows, is put as it is.
    bare = reckoned.figure.answer.text.strip() == reckoned.figure.value
    put = reckoned.whole or ("" if bare else reckoned.figure.value)
    port = input_port(name, past.artifacts[name])
    words = None if reckoned.whole else reckoned.words
    inputs, ports = _put_to(card, name, port, put=put, text=reckoned.figure.value, words=words)
    plan = alone(card, inputs, task.text, ports=ports, author=router)
    if check(plan, situation.experts):
        return None
    said = f"{card.id}, on {reckoned.figure.value}, which {reckoned.figure.request!r} came to"
    clause = ClauseTrace(text=task.text[:2000], step="s1", decision=said)
    notes = (f"of earlier turns: {name}",)
    trace = RouteTrace(router=router, request=task.text[:2000], clauses=(clause,), notes=notes)
    return Route(plan=plan, trace=trace, attachments={held: past.artifacts[held] for held in ports})


def _put_to(
    card: ExpertCard, name: str, port: Port, *, put: str, text: str, words: str | None
) -> tuple[dict[str, Binding], dict[str, Port]]:
    """Return the inputs of who reckons, and the input of the plan that they are bound to.

    Args:
        card: Who reckons.
        name: The answer that is reckoned with.
        port: What it is.
        put: The expression, where it is known; else the answer itself is one.
        text: What the answer says, for a reckoner that cannot be bound to it.
        words: What is to be done with it; None where the expression says so.
    """
    inputs: dict[str, Binding] = {}
    ports: dict[str, Port] = {}
    for each in card.inputs:
        if role(each, card) == "expression":
            bound = not put and links(port, each)
            inputs[each.name] = FromInput(input=name) if bound else Value(value=put or text)
            ports |= {name: port} if bound else {}
        elif words is None:
            continue
        elif "sum" in each.choices:
            inputs[each.name] = Value(value="sum")
        elif role(each, card) == "instruction":
            inputs[each.name] = Value(value=words)
    return inputs, ports


def _calculated(task: Task, situation: Situation, past: Past, router: str) -> Route | None:
    """Plan arithmetic on what was answered last, where that was one number."""
    text, refs = _last_answer(situation.history)
    known = {first_of(value).id: name for name, value in past.artifacts.items()}
    card = next((each for each in situation.experts.latest if adds_up(each)), None)
    if card is None or not refs or refs[-1].id not in known or not _A_NUMBER.fullmatch(text):
        return None
    name = known[refs[-1].id]
    port = input_port(name, refs[-1])
    whole = reckoning(task.text, text)
    words = None if whole else task.text
    inputs, ports = _put_to(card, name, port, put=whole, text=text.strip(), words=words)
    plan = alone(card, inputs, task.text, ports=ports, author=router)
    if check(plan, situation.experts):
        return None
    trace = RouteTrace(
        router=router,
        request=task.text[:2000],
        clauses=(
            ClauseTrace(
                text=task.text[:2000], step="s1", decision=f"{card.id}, on the number before it"
            ),
        ),
        notes=(f"of earlier turns: {name}",),
    )
    return Route(plan=plan, trace=trace, attachments={held: past.artifacts[held] for held in ports})


def _read_out(task: Task, situation: Situation, router: str) -> Route | None:
    """Plan to speak what was answered last, where that is words and no file: *read the answer aloud*."""
    text, refs = _last_answer(situation.history)
    told = without_workings(text).strip()
    card = next((each for each in situation.experts.latest if reads_aloud(each)), None)
    files = any(each.kind in {Kind.AUDIO, Kind.IMAGE, Kind.VIDEO, Kind.DOCUMENT} for each in refs)
    if card is None or not told or files or len(told) > _MOST_SPOKEN:
        return None
    port = next(each for each in card.inputs if each.required)
    plan = alone(card, {port.name: Value(value=told)}, task.text, ports={}, author=router)
    if check(plan, situation.experts):
        return None
    clause = ClauseTrace(
        text=task.text[:2000], step="s1", decision=f"{card.id}, of the last answer"
    )
    trace = RouteTrace(router=router, request=task.text[:2000], clauses=(clause,), confidence=_SURE)
    return Route(plan=plan, trace=trace)


def _converted(
    task: Task, situation: Situation, past: Past, unit: str, router: str
) -> Route | None:
    """Plan the conversion of what was answered last: *that in miles?*; money is none."""
    text, _ = _last_answer(situation.history)
    if is_money(unit) and text:
        return _nothing(task, router, no_rates(unit), "exchange rates are known to nobody")
    held = figures(answered(situation.history, situation.experts), past.requests)
    amount = last_quantity(text) or (f"{held[-1].value} {held[-1].unit}" if held else "")
    card = next((each for each in situation.experts.latest if "units" in each.tags), None)
    if card is None or not amount:
        return None
    asked = next((p.name for p in card.inputs if role(p, card) == "instruction"), None)
    if asked is None:
        return None
    inputs: dict[str, Binding] = {asked: Value(value=f"{amount} in {unit}")}
    plan = alone(card, inputs, task.text, ports={}, author=router)
    if check(plan, situation.experts):
        return None
    clause = ClauseTrace(
        text=task.text[:2000], step="s1", decision=f"{card.id}, of the quantity before it"
    )
    trace = RouteTrace(router=router, request=task.text[:2000], clauses=(clause,), confidence=_SURE)
    return Route(plan=plan, trace=trace)


def adds_up(card: ExpertCard) -> bool:
    """Say whether an expert works with numbers in words, and is told what to do with them."""
    roles = {role(port, card) for port in card.inputs}
    return {"expression", "instruction"} <= roles and any("sum" in e.choices for e in card.inputs)


def _asked_again(
    task: Task, situation: Situation, past: Past, plan: Callable[[Task, Situation], Route]
) -> Route | None:
    """Plan the last request again, with what the message says in the place of its like."""
    if past.ellipsis(task.text, []) is not None:
        return None
    asked = [
        acts(request) or _answered(turn)
        for request, turn in zip(past.requests, situation.history, strict=True)
    ]
    going_on = _by_cells(task, situation, past, asked) or gone_on(past.requests, task.text, asked)
    if going_on is None:
        return None
    return _as_of(task, situation, *going_on, plan)


def _as_of(
    task: Task,
    situation: Situation,
    turn: int,
    text: str,
    plan: Callable[[Task, Situation], Route],
) -> Route | None:
    """Plan a request as of an earlier turn: with its files, and with what was there before it."""
    try:
        then = Task.model_validate(
            {"text": text, "attachments": situation.history[turn].get("attachments") or {}}
        )
    except ValidationError:
        return None  # written by another version, and no longer read
    before = situation.model_copy(update={"history": situation.history[:turn]})
    made = plan(then, before)
    if made.plan.abstained:
        return None
    bound = set(bound_inputs(made.plan))
    own = {name: value for name, value in then.attachments.items() if name in bound}
    notes = (*made.trace.notes, f"the last request again: {text!r}")
    trace = made.trace.model_copy(update={"request": task.text[:2000], "notes": notes})
    plan_ = made.plan.model_copy(
        update={
            "inputs": {k: v for k, v in made.plan.inputs.items() if k in {*own, *made.attachments}}
        }
    )
    return Route(plan=plan_, trace=trace, attachments={**own, **made.attachments})


def _by_cells(
    task: Task, situation: Situation, past: Past, asked: Sequence[bool]
) -> tuple[int, str] | None:
    """Return the last question to a table with another of its cells in it: *and fruit?*."""
    asks: list[tuple[int, str]] = []
    tables: list[Table] = []
    for place, request in enumerate(past.requests):
        if situation.history[place].get("attachments"):
            tables, asks = tables_of(situation.history[place]["attachments"], situation.store), []
        if made := next((m for _, w in asks[-1:] if (m := swapped(w, request, tables))), ""):
            asks.append((asks[-1][0], made))
        elif asked[place]:
            asks.append((place, request))
    if not tables:
        return None
    # The last request may have drawn what the one before it asked.
    tried = ((base, swapped(whole, task.text, tables)) for base, whole in reversed(asks[-3:]))
    return next(((base, made) for base, made in tried if made), None)


def _answered(turn: Mapping[str, JSON]) -> bool:
    parts = turn.get("parts")
    held = parts if isinstance(parts, list) else []
    return any(isinstance(each, Mapping) and each.get("status") == "done" for each in held)


def _last_answer(history: Sequence[Mapping[str, JSON]]) -> tuple[str, list[ArtifactRef]]:
    """Return what the last turn that answered anything said last, and what it made."""
    for turn in reversed(history):
        parts = turn.get("parts")
        for part in reversed(parts if isinstance(parts, list) else []):
            if not isinstance(part, Mapping) or part.get("status") != "done":
                continue
            held = part.get("artifacts")
            try:
                refs = [
                    ArtifactRef.model_validate(e) for e in (held if isinstance(held, list) else [])
                ]
            except ValidationError:
                return "", []
            return str(part.get("text") or ""), refs
    return "", []


def first_of(value: ArtifactRef | list[ArtifactRef]) -> ArtifactRef:
    return value[0] if isinstance(value, list) else value


__all__ = ("adds_up", "first_of", "went_on")
