"""Experts: typed inputs in, typed outputs out.

What a registry holds and a plan calls. ``function_experts`` makes one of a Python function or
class, the adapters make one of nearly anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from herd_graph.artifacts import Artifact
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError

if TYPE_CHECKING:
    from pathlib import Path

    from langchain_core.runnables import Runnable
    from langchain_core.tools import StructuredTool

    from herd_graph.nodes import Host

Payload: TypeAlias = Artifact | list[Artifact]
Inputs: TypeAlias = Mapping[str, Payload]
Outputs: TypeAlias = dict[str, Payload]


class Tracer(Protocol):
    """What a call of an expert means while a workflow is being declared."""

    def __call__(self, expert: Expert, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return a placeholder for the result."""
        ...


tracer: ContextVar[Tracer | None] = ContextVar("herd_tracer", default=None)


class Expert:
    """Anything that turns typed inputs into typed outputs. Adapters subclass it.

    A subclass gives ``card`` and ``invoke``; ``load`` and ``close`` where it holds a model.
    """

    experts: Mapping[str, Expert] = {}
    """The experts that it calls in its turn, by ``name@version``: a herd that has it has them."""
    checks: Sequence[object] = ()
    """Checks that it brings along for its own results; ``"again"`` calls it a second time,
    ``"in doubt"`` where its result is doubted."""

    def __init__(self, card: ExpertCard) -> None:
        self.card = card

    @property
    def name(self) -> str:
        """The bare name."""
        return self.card.name

    async def load(self) -> None:
        """Get ready. Called once, before the first call; again after ``close``."""

    async def close(self) -> None:
        """Give the memory back. Never called while a call is running."""

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Serve one call.

        Args:
            inputs: An artifact (a list for ``many`` ports) for each bound port.
            context: The call's context.

        Returns:
            An artifact (a list for ``many`` ports) for each output port.
        """
        raise NotImplementedError

    @property
    def batches(self) -> bool:
        """Whether ``invoke_batch`` serves several calls in one go."""
        return False

    async def invoke_batch(
        self, calls: list[tuple[Inputs, ExpertContext]]
    ) -> list[Outputs | BaseException]:
        """Serve several calls in one go.

        Returns:
            For each call, in order, its outputs or what went wrong with it alone.
        """
        raise NotImplementedError

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Add a step inside ``@workflow``; call the plain function anywhere else."""
        trace = tracer.get()
        if trace is not None:
            return trace(self, args, kwargs)
        return self.call_plain(*args, **kwargs)

    def call_plain(self, *args: Any, **kwargs: Any) -> Any:
        """Call what is behind the expert, as if it had never been decorated."""
        del args, kwargs
        raise DeclarationError(
            f"Expert {self.card.id!r} is no Python function and cannot be called directly. Call it "
            "inside @workflow, or run a plan with it: herd.run(Plan(…))."
        )

    def as_node(
        self,
        *,
        inputs: Mapping[str, str] | None = None,
        output: str | None = None,
        outputs: Mapping[str, str] | None = None,
        herd: Host | None = None,
    ) -> Runnable[Any, dict[str, Any]]:
        """Return a typed node for a LangGraph ``StateGraph``, sync and async.

        It takes the state keys that are named like the ports, and gives those of the outputs. Text
        is a ``str``, data is itself, media are references as dicts: bytes never enter the state.
        Media inputs may also be artifacts, ``data:`` URLs, or paths inside the allowed folders.
        An expert with side effects (``approve=True``) asks by LangGraph's ``interrupt``.

        Args:
            inputs: The state key of a port, where it has another name: ``{"text": "draft"}``.
            output: The state key of the only output.
            outputs: The state key of each output.
            herd: Whose store and loaded models are used; by default those of ``HERD_HOME``.

        Raises:
            DeclarationError: A port that is mapped does not exist.
        """
        from herd_graph.nodes import node

        return node(self, inputs=inputs, output=output, outputs=outputs, host=herd)

    def as_tool(
        self,
        *,
        herd: Host | None = None,
        folders: Sequence[Path | str] = (),
        name: str | None = None,
        description: str | None = None,
    ) -> StructuredTool:
        """Return a LangChain tool: its arguments are the ports, its text is the result in words.

        The message's ``artifact`` holds a reference for each output, as JSON. What goes wrong is
        told to the model. A path that a model passes is only read inside the allowed folders.

        Args:
            herd: Whose store and loaded models are used; by default those of ``HERD_HOME``.
            folders: The allowed folders; by default ``Config.folders``, else the current directory.
            name: The tool's name; by default the expert's.
            description: What the model is told; by default what the card says.
        """
        from herd_graph.agent_tools import expert_tool

        return expert_tool(self, host=herd, folders=folders, name=name, description=description)

    def __repr__(self) -> str:
        return f"<Expert {self.card.id}: {self.card.signature}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        import html

        text = f"{self.card.signature}\n{self.card.description}"
        return {"text/plain": text, "text/html": f"<pre>{html.escape(text)}</pre>"}


__all__ = (
    "Expert",
    "ExpertContext",
    "Inputs",
    "Outputs",
    "Payload",
    "Tracer",
    "tracer",
)
