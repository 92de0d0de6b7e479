"""Experts from everywhere: a reference such as ``mcp:…``, or a foreign object, becomes experts.

One module for each kind of foreign expert. None is imported before something of its kind is added,
and none imports the library of another.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from herd_graph.adapters.sources import Source, Sources
from herd_graph.errors import DeclarationError, suggest

SCHEMES: dict[str, str] = {
    "litellm": "herd_graph.adapters.litellm",
    "hf": "herd_graph.adapters.transformers",
    "mcp": "herd_graph.adapters.mcp",
    "openapi": "herd_graph.adapters.openapi",
    "a2a": "herd_graph.adapters.a2a",
    "command": "herd_graph.adapters.command",
    "herd": "herd_graph.adapters.herd",
    "python": "herd_graph.adapters.python",
}
"""The module that reads a reference ``SCHEME:rest``, by its scheme."""

KINDS: tuple[tuple[str, str, str], ...] = (
    ("herd_graph.herd", "Herd", "herd_graph.adapters.herd"),
    ("langgraph.", "Pregel", "herd_graph.adapters.subgraph"),
    ("langgraph.", "StateGraph", "herd_graph.adapters.subgraph"),
    ("langchain_core.", "Runnable", "herd_graph.adapters.langchain"),
    ("transformers.", "Pipeline", "herd_graph.adapters.transformers"),
    ("fastmcp.", "FastMCP", "herd_graph.adapters.mcp"),
    ("fastmcp.", "Client", "herd_graph.adapters.mcp"),
    ("mcp.", "MCPServer", "herd_graph.adapters.mcp"),
)
"""Package, class and module: what an object is, told from its class's ancestors by name, so that no
library is imported to ask. The first that fits is taken: a compiled graph is a Runnable too."""


async def adapt(given: object, **options: Any) -> Source:
    """Return the experts behind a reference or a foreign object.

    Args:
        given: ``"litellm:openai/gpt-5-mini"``, ``"hf:ID#task"``, ``"mcp:URL or command"``,
            ``"openapi:URL or file"``, ``"a2a:URL"``, ``"command:program {text}"``, ``"herd:URL"``,
            ``"python:module:name"``; or a Runnable, tool, chat model, pipeline, graph, MCP server
            or client, or another herd.
        options: What the adapter of its kind takes: ``name``, ``description`` … A chat model may
            be told its ports, a graph its keys.

    Raises:
        DeclarationError: No adapter takes this, or an option that it does not know.
        MissingExtra: Its library is not installed; the message names the extra.
    """
    module: Any = import_module(_module_for(given))
    rest = given.partition(":")[2] if isinstance(given, str) else given
    return await module.source_of(rest, **options)


def adaptable(given: object) -> bool:
    """Say whether ``adapt`` knows what to do with this."""
    try:
        _module_for(given)
    except DeclarationError:
        return False
    return True


def _module_for(given: object) -> str:
    if isinstance(given, str):
        scheme = given.partition(":")[0]
        if ":" in given and scheme in SCHEMES:
            return SCHEMES[scheme]
        raise DeclarationError(
            f"{given!r} names no expert. Expected a reference such as 'litellm:openai/gpt-5-mini', "
            f"with one of the schemes {', '.join(SCHEMES)}. {suggest(scheme, SCHEMES)}"
        )
    ancestors = [(each.__module__, each.__name__) for each in type(given).__mro__]
    for package, name, module in KINDS:
        if any(where.startswith(package) and name == called for where, called in ancestors):
            return module
    raise DeclarationError(
        f"{given!r:.120} cannot be made an expert. Expected what @expert makes, a @workflow, a "
        "LangChain runnable or tool, a transformers pipeline, a LangGraph graph, an MCP server, "
        f"another herd, or a reference with one of the schemes {', '.join(SCHEMES)}. A Python "
        "function needs @expert above it."
    )


__all__ = ("KINDS", "SCHEMES", "Source", "Sources", "adapt", "adaptable")
