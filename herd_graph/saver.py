"""LangGraph's checkpointer on HERD's run database: fenced, loop-agnostic, and without pickle.

LangGraph's async saver belongs to one event loop, its sync saver has no async methods. This one has
both over one connection: async calls run on a thread of their own, so that a herd serves a script,
a running loop and Jupyter at once. Imported lazily: it loads LangGraph.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from herd_graph.recording.commits import GroupCommit
from herd_graph.recording.leases import Leases
from herd_graph.recording.store import Database, RunStore


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
        self._commits = GroupCommit(database)

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
        """Write a checkpoint; see ``put``."""
        return await self._commits.do(lambda: self.put(config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Write what a node returned; see ``put_writes``."""
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
        """Stop the saver's thread."""
        self._commits.close()


def _thread_of(config: RunnableConfig) -> str:
    return str(config.get("configurable", {}).get("thread_id", ""))
