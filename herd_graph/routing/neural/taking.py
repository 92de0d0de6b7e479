"""Which plan is taken of those that a network wrote: of the whole request, or of its wishes.

Every plan that is returned has passed the plan checker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from herd_graph.checking import check
from herd_graph.plans import Plan
from herd_graph.routing.base import Situation
from herd_graph.routing.golds import Wanted
from herd_graph.routing.neural.asking import asked, asks_one, readable
from herd_graph.routing.neural.covering import covered, settled
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.held import Held, last_made, with_ports
from herd_graph.routing.neural.looking import Words, words_of
from herd_graph.routing.neural.planning import plan_of
from herd_graph.routing.neural.reading import Reading
from herd_graph.routing.neural.stepwise import (
    CLEAR,
    CLEAR_PIECE,
    COVERED,
    MOST_STEPS,
    Served,
    Stepwise,
    pieces,
    together,
    wishes,
)
from herd_graph.routing.neural.telling import nothing
from herd_graph.routing.neural.verbs import read_off, righted
from herd_graph.routing.neural.writing import Crew
from herd_graph.routing.planner import bound_inputs
from herd_graph.tasks import Task
from herd_graph.types import Kind

Parse = Callable[[Reading, Crew], list[Parsed]]
"""Writes the plans of what was read, the likeliest first."""


def first_valid(
    parsed: Sequence[Parsed], held: Held, task: Task, situation: Situation, author: str
) -> tuple[int, Plan] | None:
    """Return the likeliest plan that passes the plan checker, and its place.

    What has just been attached is what a request is about: a plan that works on earlier turns
    alone comes after one that works on it. And "it" with nothing attached is what was made
    last: a plan that works on what is older comes after one that works on that.

    Args:
        parsed: What the network wrote, the likeliest first.
        held: What it read.
        task: The request.
        situation: What is there.
        author: Who plans.
    """
    fresh, later = set(task.attachments), list[tuple[int, Plan]]()
    last = fresh or last_made(task.text, held)
    for number, each in enumerate(parsed):
        if each.wanted.abstains:
            return number, nothing(task, situation, author)
        try:
            plan = plan_of(each, held.reading, held.crew, held.called, task.inputs)
        except KeyError:
            continue  # a rule put something where it cannot go
        if plan is None:
            if held.crew.inputs:
                continue
            return number, nothing(task, situation, author, missing=True)
        bound = bound_inputs(plan)
        used = [name for name in bound if name in held.bound]
        plan = with_ports(plan, held)
        if check(plan, situation.experts):
            continue
        if not last or not used or last.intersection(bound):
            return number, plan
        later.append((number, plan))
    return later[0] if later else None


def by_wish(
    task: Task, situation: Situation, held: Held, whole: Parsed | None, parse: Parse
) -> tuple[Parsed, Plan] | None:
    """Return the plan of a request's wishes, each read alone, where it is better than the whole's.

    Args:
        task: The request.
        situation: What is there.
        held: What was read.
        whole: The plan of the request as a whole, where there is a valid one.
        parse: Reads a wish.
    """
    if whole is not None and whole.wanted.abstains:
        return None
    cards = held.crew.roles.cards
    clauses = wishes(task.text, situation.experts.latest)
    told = 1 < len(clauses) <= MOST_STEPS
    words = words_of(whole, held.reading) if whole is not None else Words(parts=(), rest=())
    doubted = whole is None or whole.probability < COVERED
    served = _served(clauses, held, parse) if told else []
    made: tuple[Parsed, Words] | None = None
    if doubted:
        made = together(served, whole, cards, clear=CLEAR)
        found = pieces(task.text)
        if made is None and 1 < len(found) <= MOST_STEPS:
            made = together(_served(found, held, parse), whole, cards, clear=CLEAR_PIECE)
    if whole is not None:
        made = made or covered(whole, words, served, cards) or (whole, words)
    if made is None:
        return None
    parsed, told_apart = settled(*made, cards, clauses)
    fit = tuple(
        readable(read_off(each, said, cards), held.crew.inputs, cards)
        for each, said in zip(parsed.wanted.parts, told_apart.parts, strict=True)
    )
    parsed = replace(parsed, wanted=replace(parsed.wanted, parts=fit))
    if whole is not None and (parsed.wanted, told_apart) == (whole.wanted, words):
        return None
    plan = _checked(parsed, told_apart, held, task, situation)
    return None if plan is None else (parsed, plan)


def of_a_text(task: Task, situation: Situation, held: Held) -> Plan | None:
    """Return a plan that asks the last text of a thread for the one thing that is asked."""
    if not asks_one(task.text):
        return None
    files = [each for each in held.earlier if ".a" in each[0].symbol] or held.earlier
    texts = [given.symbol for given, port in files if port.kind is Kind.TEXT and not port.many]
    part = asked(task.text, ("input", texts[-1]), held.crew.roles.cards) if texts else None
    if part is None:
        return None
    parsed = Parsed(wanted=Wanted(parts=(part,)), probability=CLEAR, looks=())
    words = Words(parts=(task.text.strip(),), rest=())
    return _checked(parsed, words, held, task, situation)


def to_who_answers(parsed: Parsed, held: Held) -> Parsed:
    """Return a plan whose questions are put to who answers them."""
    wanted = parsed.wanted
    if wanted.abstains:
        return parsed
    said = words_of(parsed, held.reading).parts
    # The words of one part among several may hold those of another: its verb is not surely its own.
    hold = righted if len(said) == 1 else read_off
    cards, there = held.crew.roles.cards, held.crew.inputs
    parts = tuple(
        readable(hold(part, each, cards), there, cards)
        for part, each in zip(wanted.parts, said, strict=True)
    )
    return replace(parsed, wanted=replace(wanted, parts=parts))


def _served(said: Sequence[str], held: Held, parse: Parse) -> list[Served]:
    steps = Stepwise(parse=parse, roles=held.crew.roles, files=held.files, earlier=held.earlier)
    return steps.read(said)


def _checked(
    parsed: Parsed, words: Words, held: Held, task: Task, situation: Situation
) -> Plan | None:
    """Return the plan of what was parsed; None where it is none, or the checker finds fault."""
    try:
        plan = plan_of(parsed, held.reading, held.crew, held.called, task.inputs, words=words)
    except KeyError:
        return None  # what one wish makes cannot go where another one put it
    plan = with_ports(plan, held) if plan is not None else None
    return None if plan is None or check(plan, situation.experts) else plan


__all__ = ("Parse", "by_wish", "first_valid", "of_a_text", "to_who_answers")
