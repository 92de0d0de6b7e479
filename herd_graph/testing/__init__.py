"""Fakes and guards for tests: of HERD itself, and of whatever is built with it.

Nothing here patches the code under test. Experts and routers are fakes with a script, time is an
event loop whose clock jumps, and the network is refused below every library.
"""

from __future__ import annotations

from herd_graph.testing.clocks import StuckLoop, VirtualLoop, run_virtual
from herd_graph.testing.experts import After, Call, ScriptedExpert, echo, gather, scripted
from herd_graph.testing.models import no_model_calls
from herd_graph.testing.network import NetworkBlocked, no_network
from herd_graph.testing.replays import assert_replays
from herd_graph.testing.routers import FakeRouter

__all__ = (
    "After",
    "Call",
    "FakeRouter",
    "NetworkBlocked",
    "ScriptedExpert",
    "StuckLoop",
    "VirtualLoop",
    "assert_replays",
    "echo",
    "gather",
    "no_model_calls",
    "no_network",
    "run_virtual",
    "scripted",
)
