"""Typed payloads: what experts take and give."""

from __future__ import annotations

from herd_graph.artifacts.attach import attach, kind_of_mime, sniff
from herd_graph.artifacts.audio import Audio
from herd_graph.artifacts.base import Artifact, Data, Document, Text, Video, load
from herd_graph.artifacts.images import Image
from herd_graph.artifacts.tables import Table

__all__ = (
    "Artifact",
    "Audio",
    "Data",
    "Document",
    "Image",
    "Table",
    "Text",
    "Video",
    "attach",
    "kind_of_mime",
    "load",
    "sniff",
)
