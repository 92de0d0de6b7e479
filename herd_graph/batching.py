"""Concurrent calls of one expert, served in one go.

A class with a ``batch`` method, or an adapter that batches, gets the calls that arrive within
``batch_wait_s`` (0.005 s) together, up to ``batch_size`` (8); both may be set on it. While it is
busy, further calls gather.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from herd_graph.bounded import bounded
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertTimeout
from herd_graph.experts import Expert, Inputs, Outputs

SIZE = 8
WAIT_S = 0.005


class BatchFailed(Exception):
    """The batch as a whole raised: nobody knows whose fault it was."""


@dataclass(eq=False, kw_only=True)
class _Item:
    inputs: Inputs
    context: ExpertContext
    timeout: float | None
    future: asyncio.Future[Outputs]
    batch: _Batch | None = None
    """The batch that serves it; None while it waits."""


@dataclass(eq=False, kw_only=True)
class _Batch:
    items: list[_Item]
    task: asyncio.Task[None]


@dataclass(eq=False, kw_only=True)
class _Queue:
    """The calls of one expert that wait, on one event loop."""

    expert: Expert
    items: list[_Item] = field(default_factory=list[_Item])
    timer: asyncio.TimerHandle | None = None
    tasks: set[asyncio.Task[None]] = field(default_factory=set["asyncio.Task[None]"])


class Batches:
    """Gathers calls into batches.

    Args:
        enter: Gives the context that a batch runs in: its expert loaded, its place taken.
    """

    def __init__(self, enter: Callable[[Expert], AbstractAsyncContextManager[object]]) -> None:
        self._enter = enter
        self._queues: WeakKeyDictionary[Any, dict[Expert, _Queue]] = WeakKeyDictionary()

    async def serve(
        self,
        expert: Expert,
        inputs: Inputs,
        context: ExpertContext,
        timeout: float | None,
    ) -> Outputs:
        """Serve one call as part of a batch.

        Raises:
            BatchFailed: The batch raised: make the call alone.
            BaseException: What the batch gave in the place of this call's result, or what kept
                it from starting.
        """
        loop = asyncio.get_running_loop()
        queues = self._queues.setdefault(loop, {})
        queue = queues.get(expert)
        if queue is None:
            queue = queues[expert] = _Queue(expert=expert)
        item = _Item(inputs=inputs, context=context, timeout=timeout, future=loop.create_future())
        queue.items.append(item)
        if len(queue.items) >= _size(expert):
            self._flush(queue)
        elif queue.timer is None:
            wait = float(_setting(expert, "batch_wait_s", WAIT_S))
            queue.timer = loop.call_later(wait, self._flush, queue)
        try:
            return await item.future
        finally:
            if item in queue.items:
                queue.items.remove(item)
            batch = item.batch
            if batch is not None and all(each.future.cancelled() for each in batch.items):
                batch.task.cancel()  # nobody waits for it any more
            if not queue.items and not queue.tasks:
                queues.pop(expert, None)

    def _flush(self, queue: _Queue) -> None:
        if queue.timer is not None:
            queue.timer.cancel()
            queue.timer = None
        if queue.items:
            task = asyncio.get_running_loop().create_task(self._batch(queue))
            queue.tasks.add(task)
            task.add_done_callback(queue.tasks.discard)

    async def _batch(self, queue: _Queue) -> None:
        items: list[_Item] = []
        try:
            async with self._enter(queue.expert):
                items = _take(queue)
                if items:
                    await _run(queue.expert, items)
        except BaseException as error:
            for each in items or _take(queue):
                if not each.future.done():
                    each.future.set_exception(
                        error if isinstance(error, Exception) else BatchFailed()
                    )
            if isinstance(error, asyncio.CancelledError):
                raise


def _size(expert: Expert) -> int:
    return max(1, int(_setting(expert, "batch_size", SIZE)))


def _setting(expert: Expert, name: str, default: float) -> float:
    """Return what the class behind a function expert says, or the expert itself."""
    return getattr(getattr(expert, "factory", None) or expert, name, default)


def _take(queue: _Queue) -> list[_Item]:
    size = _size(queue.expert)
    taken, queue.items = queue.items[:size], queue.items[size:]
    task = asyncio.current_task()
    assert task is not None
    batch = _Batch(items=taken, task=task)
    for each in taken:
        each.batch = batch
    return taken


async def _run(expert: Expert, items: list[_Item]) -> None:
    timeouts = [each.timeout for each in items]
    timeout = None if None in timeouts else max(each for each in timeouts if each is not None)
    calls = [(each.inputs, each.context) for each in items]
    try:
        results = await bounded(expert.invoke_batch(calls), label=expert.card.id, timeout=timeout)
    except ExpertTimeout:
        raise
    except asyncio.CancelledError:
        raise
    except BaseException as error:
        raise BatchFailed from error
    for each, result in zip(items, results, strict=True):
        if each.future.done():
            continue
        if isinstance(result, BaseException):
            each.future.set_exception(result)
        else:
            each.future.set_result(result)
