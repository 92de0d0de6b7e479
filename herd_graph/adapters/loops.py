"""Connections belong to one event loop: HERD's own. Calls come from any."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from herd_graph.threads import engine_loop

T = TypeVar("T")


async def on_engine_loop(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine where connections live; cancelling the caller cancels it there."""
    loop = engine_loop.loop()
    if asyncio.get_running_loop() is loop:
        return await work
    return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))


__all__ = ("on_engine_loop",)
