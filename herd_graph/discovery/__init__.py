"""The capability index: which experts could do this, by meaning and by type."""

from __future__ import annotations

from herd_graph.discovery.index import CapabilityIndex, Changes, Hit

__all__ = ("CapabilityIndex", "Changes", "Hit")
