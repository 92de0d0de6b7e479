"""The network that is shipped, with the experts that are shipped: what the tests of routing plan by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from routing_gold import STORE, attachments

from herd_graph.discovery import CapabilityIndex
from herd_graph.discovery.embedders import MiniLM
from herd_graph.plans import Plan
from herd_graph.registry import Snapshot
from herd_graph.routing.base import Route, Situation
from herd_graph.routing.neural.planner import NeuralPlanner
from herd_graph.tasks import Task
from herd_graph.types import JSON
from tools import first_party

HELD = Snapshot({each.card.id: each for each in first_party()})
CARDS = {each.name: each for each in HELD.latest}
_INDEX = CapabilityIndex(embedder=MiniLM())
_ROUTER = NeuralPlanner()


def routed(task: Task, *history: Mapping[str, JSON], experts: Snapshot = HELD) -> Route:
    """Return what is planned for a request, after earlier turns."""
    there = Situation(experts=experts, index=_INDEX, store=STORE, history=history)
    return asyncio.run(_ROUTER.route(task, there))


def plan(text: str, *files: str) -> Plan:
    """Return what is planned for a request beside files such as ``audio:call.wav``."""
    return routed(Task(text=text, attachments=attachments(" ".join(files)))).plan
