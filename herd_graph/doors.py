"""Herds in other programs and other hands: graphs, tools, chat models, debuggers, replays."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from herd_graph.budgets import Budget
from herd_graph.engine import Approve, Engine
from herd_graph.expansion import PlannedExpert
from herd_graph.intake import Given
from herd_graph.plans import Plan
from herd_graph.runs import Run
from herd_graph.tasks import Task
from herd_graph.threads import wait

if TYPE_CHECKING:
    from langchain_core.tools import StructuredTool

    from herd_graph.calling import Caller
    from herd_graph.chat_content import Media
    from herd_graph.chat_models import ChatHerd
    from herd_graph.debug.session import DebugSession
    from herd_graph.driving import Driver
    from herd_graph.graph import HerdGraph
    from herd_graph.workflows import Workflow

What: TypeAlias = "str | Plan | Workflow[..., Any]"


class Doors:
    """What a herd offers to other programs; ``Herd`` has all of it."""

    engine: Engine

    @property
    def _driver(self) -> Driver:
        raise NotImplementedError

    async def _bind(
        self, what: What, attachments: tuple[Given, ...], inputs: Mapping[str, Any], thread: str
    ) -> Task:
        raise NotImplementedError

    # Into other programs ----------------------------------------------------------------------

    def compile(
        self,
        checkpointer: Any = None,
        *,
        workflow: PlannedExpert | None = None,
        name: str = "",
    ) -> HerdGraph:
        """Return the herd, or one workflow, as an ordinary compiled LangGraph graph.

        It is a Runnable, a subgraph, a tool's insides, or an entry of ``langgraph.json``. A herd
        takes ``{"task": "…", "files": ["note.wav"]}``, or what ``herd.task(…)`` returns; it gives
        ``answer`` and ``run``. It takes chat messages too (``{"messages": […]}``): the last one of
        a person is the task, and the answer comes as a message besides. A workflow takes its
        parameters and gives its results.

        Args:
            checkpointer: LangGraph's; none lets the surrounding graph or server bring its own.
            workflow: What the graph is for; without it a router plans each task.
            name: The graph's name; by default the workflow's, else ``herd``.

        Raises:
            DeclarationError: A parameter of the workflow has a name that the graph needs itself.
        """
        from herd_graph.graph import build

        self.engine.carry(workflow)
        named = name or (workflow.card.name if workflow is not None else "herd")
        return build(self.engine, checkpointer, name=named, workflow=workflow)

    def task(self, what: What, *attachments: Given, **inputs: Any) -> dict[str, Any]:
        """Return the input that makes a compiled graph do this: ``graph.invoke(herd.task(…))``.

        It is JSON: files and values are in the herd's store, the plan of a workflow too.

        Args:
            what: A request in words, a ``Plan``, or a ``@workflow``.
            attachments: Artifacts, or paths of files.
            inputs: The parameters of a workflow or plan, by name.
        """
        return wait(self.atask(what, *attachments, **inputs))

    async def atask(self, what: What, *attachments: Given, **inputs: Any) -> dict[str, Any]:
        """Return the input that makes a compiled graph do this; see ``task``."""
        from herd_graph.serving import as_task

        self.engine.carry(what)
        return as_task(await self._bind(what, attachments, inputs, ""))

    def as_tool(
        self,
        *,
        name: str = "herd",
        description: str = "",
        folders: Sequence[Path | str] = (),
        budget: Budget | None = None,
    ) -> StructuredTool:
        """Return the herd as a LangChain tool that takes ``task`` and ``files``.

        The model gets the answer's text, or what went wrong. The message's ``artifact`` is JSON:
        ``{"run": id, "answer": {…}}``. Inside a graph the run is a part of that graph: on its
        checkpoints, and what a person is asked there is the graph's interrupt. Elsewhere it is a
        run of this herd: ``herd.get(artifact["run"])``.

        Args:
            name: The tool's name.
            description: What the model is told.
            folders: Where files may be read; by default ``Config.folders``, else the current
                directory.
            budget: The limits of each call.
        """
        from herd_graph.agent_tools import herd_tool

        return herd_tool(
            cast("Any", self), name=name, description=description, folders=folders, budget=budget
        )

    def as_chat_model(
        self,
        *,
        thread: str = "",
        budget: Budget | None = None,
        approve: Approve | None = None,
        media: Media = "inline",
    ) -> ChatHerd:
        """Return the herd as a LangChain chat model: messages in, a message out, also streamed.

        Args:
            thread: A conversation that the herd keeps; without it the messages say what was
                before.
            budget: The limits of each answer.
            approve: Asked before calls with side effects; without it the message says that the run
                waits, and ``herd.resume`` goes on with it.
            media: Whether pictures and recordings are in the message (``"inline"``), or referred
                to (``"reference"``), for messages that are kept in a graph's state.
        """
        from herd_graph.chat_models import ChatHerd

        return ChatHerd(herd=self, thread=thread, budget=budget, approve=approve, media=media)

    # Into other hands -------------------------------------------------------------------------

    def debug(
        self,
        what: What,
        *attachments: Given,
        breaks: Sequence[str] = (),
        thread: str | None = None,
        budget: Budget | None = None,
        caller: Caller | None = None,
        **inputs: Any,
    ) -> DebugSession:
        """Return a session that steps through a run: ``async with herd.debug(…) as session``.

        Args:
            what: A request in words, a ``Plan``, or a ``@workflow``.
            attachments: Artifacts, or paths of files.
            breaks: Where to stop: steps, experts, kinds, or conditions such as ``score < 0.6``.
            thread: The conversation that the run is a turn of.
            budget: Hard limits on USD, seconds and calls.
            caller: Who makes the calls, in place of the herd's: a replay, say.
            inputs: The parameters of a workflow or plan, by name.
        """
        from herd_graph.debug.session import DebugSession

        self.engine.carry(what)
        task = wait(self._bind(what, attachments, inputs, thread or ""))
        return DebugSession(
            self._driver, task, breaks=breaks, thread=thread, budget=budget, caller=caller
        )

    def replay(
        self,
        path: str | os.PathLike[str],
        *,
        live: Collection[str] = (),
        swaps: Mapping[str, str] | None = None,
        since: str = "",
    ) -> Run:
        """Run a recording again without calling any expert, but for the steps that are live.

        Args:
            path: The ``*.herdrun`` file.
            live: Steps that are called for real.
            swaps: Another expert for a step; it and what depends on it are live.
            since: A step from which on everything is live.
        """
        return wait(self.areplay(path, live=live, swaps=swaps, since=since))

    async def areplay(
        self,
        path: str | os.PathLike[str],
        *,
        live: Collection[str] = (),
        swaps: Mapping[str, str] | None = None,
        since: str = "",
    ) -> Run:
        """Run a recording again; see ``replay``."""
        from herd_graph.replaying import replay

        return await replay(self._driver, path, live=live, swaps=swaps, since=since)


__all__ = ("Doors", "What")
