"""Where a tool call stands in the graph of an agent that makes several calls in one step.

LangGraph tells calls inside one task apart by the order in which they begin, which is a race: after
an interrupt one call could find the checkpoints, or take the answer, that belong to another. So a
herd in a tool has a namespace made of what it was asked, and a step of the graph asks one question
at a time; a second call that would ask is refused, and the model told why.
"""

from __future__ import annotations

import dataclasses
import hashlib
import threading
from collections import Counter, OrderedDict
from typing import Any

from langchain_core.runnables import RunnableConfig

from herd_graph.errors import CallRefused
from herd_graph.tasks import Task
from herd_graph.types import RunId

_REMEMBERED = 1024
"""Tasks whose calls are counted; those of a task are made within moments of each other."""
_SCRATCHPAD, _SAVER = "__pregel_scratchpad", "__pregel_checkpointer"
_TASK, _INTERRUPT = "__pregel_task_id", "__interrupt__"


def placed(config: RunnableConfig, task: Task) -> tuple[RunId, RunnableConfig]:
    """Return a run id and a config that this very call gets again when its step is repeated."""
    configurable: dict[str, Any] = dict(config.get("configurable") or {})
    asked = f"{configurable.get(_TASK, '')}\n{task.model_dump_json()}"
    scratchpad: Any = configurable[_SCRATCHPAD]
    number = _occurrence(scratchpad, asked)
    key = hashlib.sha256(f"{asked}\n{number}".encode()).hexdigest()[:16]
    configurable["checkpoint_ns"] = f"{configurable.get('checkpoint_ns', '')}|herd:{key}"
    # LangGraph adds a number to the namespace of all but the first call: ours has its own name.
    configurable[_SCRATCHPAD] = dataclasses.replace(scratchpad, subgraph_counter=lambda: 0)
    return RunId(f"tool-{key}"), {**config, "configurable": configurable}


_asked: OrderedDict[int, tuple[object, Counter[str]]] = OrderedDict()
_lock = threading.Lock()


def _occurrence(scratchpad: object, asked: str) -> int:
    """Return how often a task has made this very call before: equal calls may change places."""
    with _lock:
        _, counts = _asked.setdefault(id(scratchpad), (scratchpad, Counter()))
        counts[asked] += 1
        while len(_asked) > _REMEMBERED:
            _asked.popitem(last=False)
        return counts[asked]


def _where(config: RunnableConfig) -> tuple[Any, dict[str, Any], str]:
    """Return the checkpointer around a task, the checkpoint that it started from, and its id."""
    configurable: dict[str, Any] = dict(config.get("configurable") or {})
    namespace = str(configurable.get("checkpoint_ns", "")).rpartition("|")[0]
    found: dict[str, str] = configurable.get("checkpoint_map") or {}
    place = {
        "thread_id": configurable.get("thread_id", ""),
        "checkpoint_ns": namespace,
        "checkpoint_id": found.get(namespace) or configurable.get("checkpoint_id"),
    }
    return configurable.get(_SAVER), {"configurable": place}, str(configurable.get(_TASK, ""))


def _question(found: Any, task: str) -> dict[str, Any] | None:
    writes: list[tuple[str, str, Any]] = [] if found is None else list(found.pending_writes or ())
    for owner, channel, value in writes:
        if owner == task and channel == _INTERRUPT:
            return value[0].value
    return None


def open_question(config: RunnableConfig) -> dict[str, Any] | None:
    """Return what the task that runs now has asked a person before; None if nothing."""
    saver, place, task = _where(config)
    return _question(saver.get_tuple(place), task) if saver is not None and task else None


async def aopen_question(config: RunnableConfig) -> dict[str, Any] | None:
    """Return what the task that runs now has asked a person before; see ``open_question``."""
    saver, place, task = _where(config)
    return _question(await saver.aget_tuple(place), task) if saver is not None and task else None


def alone(
    config: RunnableConfig, asked: dict[str, Any] | None, mine: dict[str, Any], name: str
) -> None:
    """Refuse to ask what another call in the same step is asking. Raises ``CallRefused``.

    Args:
        config: The call's.
        asked: The step's open question.
        mine: The question that this call would ask.
        name: The tool's name.
    """
    scratchpad: Any = (config.get("configurable") or {}).get(_SCRATCHPAD)
    if scratchpad is None:
        return  # outside a graph there is nobody to ask at all
    if (asked is not None and asked != mine) or _occurrence(scratchpad, f"{mine}") > 1:
        raise _several(name)


def is_about(asked: dict[str, Any] | None, run: RunId) -> bool:
    """Say whether a step's open question, if there is one, is this run's."""
    questions: list[Any] = [] if asked is None else list(asked.values())
    return all(isinstance(each, dict) and each == {**each, "run": run} for each in questions)


def _several(name: str) -> CallRefused:
    return CallRefused(
        f"{name!r} was called beside another tool that asks a person first, in one step. Expected "
        "one such call at a time: otherwise an answer could reach the wrong one. Call it again."
    )


__all__ = ("alone", "aopen_question", "is_about", "open_question", "placed")
