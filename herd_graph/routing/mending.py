"""The rules that mend a finished plan, in the order in which they are asked.

A network that was trained on requests chooses experts well; what a file is, and what a wish leans
on, is known by rule (docs/decisions/012). Each rule takes a route and returns one: the same where
it has nothing to mend. The order matters where one's plan is the next one's input: what a wish
leans on has to be known before its language is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from herd_graph.plans import Plan
from herd_graph.registry import Snapshot
from herd_graph.routing.absent import attached_or_said
from herd_graph.routing.also_wanted import also_wanted
from herd_graph.routing.answers_abroad import abroad
from herd_graph.routing.asked_between import asked_between
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.beside import with_tables
from herd_graph.routing.comparing import compared
from herd_graph.routing.drawn_or_shown import drawn_or_shown
from herd_graph.routing.everywhere import everywhere
from herd_graph.routing.foreign import in_english
from herd_graph.routing.headings import under_own_words
from herd_graph.routing.left_over import asked_too
from herd_graph.routing.neural.giving import given_on
from herd_graph.routing.of_a_text import about_the_text
from herd_graph.routing.of_all import of_all
from herd_graph.routing.of_each import of_each
from herd_graph.routing.of_files import of_files
from herd_graph.routing.of_frames import read_off
from herd_graph.routing.of_notes import of_notes
from herd_graph.routing.of_pictures import seen
from herd_graph.routing.of_tables import made_of_tables
from herd_graph.routing.on_a_price import priced_on
from herd_graph.routing.on_slips import on_slips
from herd_graph.routing.said_and_heard import said_and_heard
from herd_graph.routing.second_look import second_look
from herd_graph.routing.told_how import told_how
from herd_graph.routing.told_measures import told_measures
from herd_graph.routing.worked_out import worked_out
from herd_graph.tasks import Task

Rule = Callable[[Route, Task, Situation], Route]
"""Takes what a planner found, the request, and what is there."""


class Mend(NamedTuple):
    """A rule of the chain."""

    name: str
    asks: str
    """What it looks for in a plan, in a line."""
    rule: Rule


def _on_plans(rule: Callable[[Plan, Task, Snapshot], Plan]) -> Rule:
    """Return a rule for plans as one for routes."""

    def mended(route: Route, task: Task, situation: Situation) -> Route:
        plan = rule(route.plan, task, situation.experts)
        return route if plan is route.plan else route.model_copy(update={"plan": plan})

    return mended


def _on_routes(rule: Callable[[Route, Task, Snapshot], Route]) -> Rule:
    """Return a rule that looks at nothing but the experts as one that may look at all that is there."""
    return lambda route, task, situation: rule(route, task, situation.experts)


MENDS = (
    Mend("leaning", "Does a wish lean on the one before it?", _on_plans(second_look)),
    Mend("comparing", "Is what two files say to be compared?", _on_routes(compared)),
    Mend("each", "Is it done for each of several files?", _on_plans(of_each)),
    Mend("language", "Is an expert for English given another language?", in_english),
    Mend("text", "Is a question put to nobody, or to who has no text?", _on_routes(about_the_text)),
    Mend("files", "Is a file's own fact or form wanted?", _on_plans(of_files)),
    Mend("products", "Is a product missing that was named?", _on_plans(also_wanted)),
    Mend("pictures", "Is what is printed told from what is seen?", _on_plans(seen)),
    Mend("answers", "Are the answers wanted in another language?", _on_plans(abroad)),
    Mend("frames", "Is something written in a video to be read?", _on_plans(read_off)),
    Mend("left", "Is a plain question left that the file may answer?", _on_plans(asked_too)),
    Mend("prices", "Do several cost what a wish before asked of one?", _on_plans(priced_on)),
    Mend(
        "slips", "Is what is asked of a slip's lines cut, or asked of no line?", _on_plans(on_slips)
    ),
    Mend("heard", "Is what is heard what was asked for?", _on_plans(said_and_heard)),
    Mend("between", "Is what stands between asked for, too?", _on_plans(asked_between)),
    Mend("notes", "Is the table of a tune asked in its own words?", _on_plans(of_notes)),
    Mend("measures", "Is a measure cut from its unit?", _on_plans(told_measures)),
    Mend("manner", "Is how an answer is told taken for a wish?", _on_plans(told_how)),
    Mend("all", "Is all that was made wanted in another form?", _on_plans(of_all)),
    Mend("numbers", "Has who reckons its numbers?", _on_plans(given_on)),
    Mend("work", "Does a file ask for what is to be worked out?", _on_plans(worked_out)),
    Mend("everywhere", "Is something sought in all of several texts?", _on_plans(everywhere)),
    Mend("exports", "Is a file or a chart made of the table itself?", _on_routes(made_of_tables)),
    Mend(
        "shown",
        "Is a table drawn that is to be shown, or the other way?",
        _on_routes(drawn_or_shown),
    ),
    Mend("absent", "Is it about a file that is not there?", attached_or_said),
    Mend("headings", "Does an answer bear the words of another?", _on_plans(under_own_words)),
    Mend("tables", "May a question be about another table?", _on_routes(with_tables)),
)
"""In the order in which they are asked."""


def mended(route: Route, task: Task, situation: Situation) -> Route:
    """Return a route that has been through all the rules.

    Args:
        route: What a planner found.
        task: The request, and what is attached.
        situation: What is there.
    """
    for each in MENDS:
        route = each.rule(route, task, situation)
    return route


__all__ = ("MENDS", "Mend", "Rule", "mended")
