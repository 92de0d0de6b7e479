"""What every adapter gives: experts, and the foreign thing that they came from."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from herd_graph.experts import Expert

Changed: TypeAlias = Callable[[tuple[Expert, ...]], None]
"""Told all of a source's experts, whenever they are others than before."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """Foreign experts, and how to keep in step with where they live.

    A local object needs neither ``follow`` nor ``close``; a server that is connected has both.
    """

    name: str
    """What the user gave: ``mcp:https://…``, or the object's own name."""
    experts: tuple[Expert, ...]
    follow: Callable[[Changed], None] | None = None
    """Registers who is told when the source's experts change. Called at most once."""
    close: Callable[[], Awaitable[None]] | None = None
    """Lets go of connections and processes; its experts cannot be called afterwards."""


__all__ = ("Changed", "Source")
