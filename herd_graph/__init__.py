"""HERD: heterogeneous experts with routed decisions.

A request is routed into a typed plan over independent experts, run eagerly and durably on
LangGraph, checked, and fused into one answer whose every part says where it comes from.

Importing this module imports nothing else: each name below is fetched from its own module when it
is first used. The stub beside this file gives the same names to type checkers and editors.
"""

from __future__ import annotations

_EXPORTS = {
    # What a user holds
    "Herd": "herd_graph.herd",
    "Run": "herd_graph.runs",
    "Answer": "herd_graph.coordination.answers",
    "check": "herd_graph.coordination.checks",
    "CheckInput": "herd_graph.coordination.checks",
    "Verdict": "herd_graph.state",
    "Budget": "herd_graph.budgets",
    "Config": "herd_graph.config",
    "Limits": "herd_graph.config",
    # Typed payloads
    "Artifact": "herd_graph.artifacts",
    "Audio": "herd_graph.artifacts",
    "Data": "herd_graph.artifacts",
    "Document": "herd_graph.artifacts",
    "Image": "herd_graph.artifacts",
    "Table": "herd_graph.artifacts",
    "Text": "herd_graph.artifacts",
    "Video": "herd_graph.artifacts",
    # Experts
    "expert": "herd_graph.function_experts",
    "Expert": "herd_graph.experts",
    "ExpertCard": "herd_graph.cards",
    "ExpertContext": "herd_graph.contexts",
    "Port": "herd_graph.cards",
    # Plans, written by hand or by a router
    "workflow": "herd_graph.workflows",
    "among": "herd_graph.workflows",
    "call": "herd_graph.workflows",
    "each": "herd_graph.workflows",
    "need": "herd_graph.workflows",
    "when": "herd_graph.workflows",
    "Plan": "herd_graph.plans",
    "Step": "herd_graph.plans",
    "Task": "herd_graph.tasks",
    "Router": "herd_graph.routing.base",
    # What happens, and what goes wrong (the whole tree is in herd_graph.errors)
    "Event": "herd_graph.recording.events",
    "HerdError": "herd_graph.errors",
}

__all__ = tuple(_EXPORTS)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    """Fetch an exported name from its module, once (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        value: object = version("herd-graph")
    elif name in _EXPORTS:
        from importlib import import_module

        value = getattr(import_module(_EXPORTS[name]), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS, "__version__"})
