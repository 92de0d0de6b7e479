"""Optional libraries: imported when they are first needed, or named with the extra that brings them."""

from __future__ import annotations

from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder
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
    return spec_of(module) is not None


def spec_of(module: str) -> ModuleSpec | None:
    """Return where a module is, without importing it (its parents are); None where it is not there.

    While another thread imports a module, ``importlib`` cannot say, or says what is not yet so; the
    path is then looked at in its stead.
    """
    try:
        return find_spec(module)
    except ValueError:
        return PathFinder.find_spec(module) if "." not in module else None
    except ImportError:
        return None


__all__ = ("need", "present", "spec_of")
