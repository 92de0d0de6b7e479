"""LangGraph's checkpointer on HERD's run database: fenced, loop-agnostic, and without pickle.

LangGraph's async saver belongs to one event loop, its sync saver has no async methods. This one has
both over one connection: async calls run on another thread, so that a herd serves a script,
a running loop and Jupyter at once. Imported lazily: it loads LangGraph.

LangGraph waits for each checkpoint before it goes on; a run of one call has seven. A flight of ours
goes on at once, on a ``Trail``, and waits where it matters: before it calls somebody, and at its end.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from herd_graph.recording.commits import Trail
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, RunStore

FLIGHT = "__herd_flight"
"""Where the configuration of an invocation says whose it is."""
_Writes = tuple[RunnableConfig, Sequence[tuple[str, Any]], str, str]


def serializer() -> JsonPlusSerializer:
    """Return the serializer for checkpoints: state is JSON, so no class of ours is allow-listed."""
    return JsonPlusSerializer(pickle_fallback=False, allowed_msgpack_modules=[])


class MemorySaver(InMemorySaver):
    """Checkpoints of a herd that leaves nothing behind; its threads have one owner at a time too."""

    def __init__(self) -> None:
        cast("Any", super()).__init__(serde=serializer())


class HerdSaver(SqliteSaver):
    """Checkpoints beside the runs that they belong to; a write is refused without the lease."""

    def __init__(self, database: Database, runs: RunStore, leases: Leases) -> None:
        super().__init__(database.connection, serde=serializer())
        self.database = database
        self.runs = runs
        self.leases = leases
        with self.database.lock:
            self.setup()  # not inside a transaction: it would end it
        self._commits = database.commits
        self._trails: dict[str, Trail] = {}
        self._pending: dict[str, list[_Writes]] = {}
        self._found: dict[str, CheckpointTuple | None] = {}

    # Flights ------------------------------------------------------------------------------------

    def follow(self, flight: str) -> Trail:
        """Let a flight go on before its checkpoints are written; return where it can wait for them."""
        trail = self._trails[flight] = Trail(self._commits)
        return trail

    def look_up(self, flight: str, thread: str) -> None:
        """Read the newest checkpoint of a thread for a flight, which will ask for it first of all."""
        config: RunnableConfig = {"configurable": {"thread_id": thread, "checkpoint_ns": ""}}
        self._found[flight] = self.get_tuple(config)

    def land(self, flight: str) -> None:
        """Put what is left of a flight on its trail, and forget it."""
        trail, pending = self._trails.pop(flight, None), self._pending.pop(flight, None)
        self._found.pop(flight, None)
        if trail is not None and pending:
            trail.put(lambda: self._put_all(pending))

    def _put_all(self, pending: Sequence[_Writes]) -> None:
        for config, writes, task, path in pending:
            self.put_writes(config, writes, task, path)

    # What LangGraph calls -----------------------------------------------------------------------

    @contextmanager
    def cursor(self, transaction: bool = True) -> Generator[sqlite3.Cursor, None, None]:
        """Give a cursor inside a transaction of the shared database."""
        with self.database.lock:
            if not transaction:
                yield self.conn.cursor()
                return
            with self.database.transaction() as connection:
                yield connection.cursor()

    def put(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Write a checkpoint and the events since the last one. Raises ``RunFenced``."""
        thread = _thread_of(config)
        with self.database.transaction():
            self.leases.fence(thread)
            written = super().put(config, checkpoint, metadata, new_versions)
            self.runs.flush()
            return written

    def put_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Write what a node returned. Raises ``RunFenced``."""
        with self.database.transaction():
            self.leases.fence(_thread_of(config))
            super().put_writes(config, writes, task_id, task_path)

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return a checkpoint."""
        configurable = config.get("configurable", {})
        flight = _flight_of(config)
        if flight in self._found and not configurable.get("checkpoint_id"):
            return self._found.pop(flight)
        return await self._commits.do(lambda: self.get_tuple(config), writes=False)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002 - LangGraph's name
        before: RunnableConfig | None = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """Iterate over checkpoints, the newest first."""
        found = await self._commits.do(
            lambda: list(self.list(config, filter=filter, before=before, limit=limit)),
            writes=False,
        )
        for each in found:
            yield each

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Write a checkpoint, and what the nodes before it returned; see ``put``."""
        flight = _flight_of(config)
        trail = self._trails.get(flight)
        if trail is None:
            return await self._commits.do(
                lambda: self.put(config, checkpoint, metadata, new_versions)
            )
        pending = self._pending.pop(flight, ())

        def work() -> None:
            self._put_all(pending)
            self.put(config, checkpoint, metadata, new_versions)

        trail.put(work)
        place = config.get("configurable", {})
        return {
            "configurable": {
                "thread_id": place["thread_id"],
                "checkpoint_ns": place["checkpoint_ns"],
                "checkpoint_id": checkpoint["id"],
            }
        }

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Write what a node returned; see ``put_writes``."""
        flight = _flight_of(config)
        trail = self._trails.get(flight)
        if trail is not None:
            pending = self._pending.setdefault(flight, [])
            pending.append((config, writes, task_id, task_path))
            if any(channel in WRITES_IDX_MAP for channel, _ in writes):  # a question, or an error
                del self._pending[flight]
                trail.put(lambda: self._put_all(pending))
            return  # else the checkpoint comes right after it
        await self._commits.do(
            lambda: self.put_writes(config, writes, task_id, task_path),
            lazy=True,  # the checkpoint comes right after it
        )

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints."""
        await self._commits.do(lambda: self.delete_thread(thread_id))

    async def aget_delta_channel_history(
        self, *, config: RunnableConfig, channels: Sequence[str]
    ) -> Mapping[str, Any]:
        """Return the writes that a delta channel is rebuilt from."""
        return await self._commits.do(
            lambda: self.get_delta_channel_history(config=config, channels=channels), writes=False
        )

    def close(self) -> None:
        """Take no more; what waits is written."""
        self._commits.close()


def _flight_of(config: RunnableConfig) -> str:
    return str(config.get("configurable", {}).get(FLIGHT, ""))


def _thread_of(config: RunnableConfig) -> str:
    return str(config.get("configurable", {}).get("thread_id", ""))
