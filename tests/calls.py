"""Calls made for real: the caller, what is asked of it, and the asking."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from herd_graph.artifacts import Data, Text
from herd_graph.calling import Call, CallResult, Live
from herd_graph.experts import Expert
from herd_graph.store import FolderStore, MemoryStore
from herd_graph.types import ArtifactRef, RunId, StepId


def live(store: FolderStore | MemoryStore, **parts: Any) -> Live:
    return Live(store, **parts)


def ask(target: Expert, store: FolderStore | MemoryStore, /, **given: Any) -> Call:
    inputs: dict[str, Any] = {}
    for name, value in given.items():
        if isinstance(value, list):
            inputs[name] = [_ref(each, store) for each in cast("list[Any]", value)]
        else:
            inputs[name] = _ref(value, store)
    return Call(expert=target, inputs=inputs, run=RunId("r1"), step=StepId("s1"))


def _ref(value: Any, store: FolderStore | MemoryStore) -> ArtifactRef:
    if isinstance(value, ArtifactRef):
        return value
    if isinstance(value, str):
        return Text(value).put(store)
    return value.put(store) if hasattr(value, "put") else Data(value).put(store)


def make(caller: Live, call: Call) -> CallResult:
    return asyncio.run(caller.call(call))
