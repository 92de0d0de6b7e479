"""Optional libraries: imported when they are first needed, or named with the extra that brings them."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from herd_graph.errors import MissingExtra


def need(module: str, extra: str) -> Any:
    """Import an optional module.

    Args:
        module: Its dotted name.
        extra: The extra of ``herd-graph`` that installs it.

    Raises:
        MissingExtra: It is not installed, or cannot be imported.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"Python module {module!r} cannot be imported ({error}). Expected the extra {extra!r}. "
            f"Run: pip install 'herd-graph[{extra}]'"
        ) from error


def present(module: str) -> bool:
    """Say whether a module is installed, without importing it (its parents are)."""
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


__all__ = ("need", "present")
