"""LiteLLM itself: imported when it is first needed, and always used from one event loop."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from importlib import import_module
from typing import Any, TypeVar

from herd_graph.threads import LoopThread

T = TypeVar("T")

_own_loop = LoopThread()


def library() -> Any:
    """Return LiteLLM. The first time it takes seconds: call it in a thread."""
    os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")  # else it asks the network
    found: Any = import_module("litellm")
    found.suppress_debug_info = True  # it prints on errors
    return found


async def on_its_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a request on LiteLLM's loop; cancelling the caller cancels it there.

    LiteLLM keeps connections and a worker on the loop that first used them, and herds are used from
    several loops, some of which end.
    """
    return await asyncio.wrap_future(_own_loop.start(work))


__all__ = ("library", "on_its_loop")
