"""What a server allows, and how long it waits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from herd_graph.config import GIB, MIB

Door = Literal["openai", "mcp", "a2a"]
DOORS: tuple[Door, ...] = ("openai", "mcp", "a2a")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The limits of a server. The defaults are for one machine behind nothing else."""

    doors: tuple[Door, ...] = DOORS
    """Which protocols are spoken; one whose extra is not installed is left out."""
    body_bytes: int = 64 * MIB
    """The most that a request may hold, attachments in base64 included."""
    file_bytes: int = 512 * MIB
    """The most that one uploaded file may hold."""
    stored_bytes: int = 8 * GIB
    """The most that all uploaded files of one key may hold."""
    most_runs: int = 512
    """Runs at once; more are refused with 503, and told when to come again."""
    drain_s: float = 30.0
    """What runs get to end once the server was told to stop; then they are interrupted."""
    head_s: float = 10.0
    """What a client may take to send the head of a request."""
    body_s: float = 30.0
    """What it may take between two pieces of the body."""
    ping_s: float = 15.0
    """A stream that is silent for this long gets a comment, so that no proxy closes it."""
    link_s: float = 3600.0
    """How long a link to a produced file works without a key."""
    hosts: tuple[str, ...] = ()
    """Names that the server may be reached under besides loopback's; checked where no key is."""
    origins: tuple[str, ...] = ()
    """Web pages that may call it from a browser, such as ``https://chat.example.com``."""
    public_url: str = ""
    """Where clients reach it, for links; by default what their own request named."""
    fetch_from: tuple[str, ...] = ()
    """Hosts that ``image_url`` may be fetched from: ``images.example.com``, ``*.example.com``,
    ``intranet:8443``; ``*`` is every host with a public address. Empty: ``data:`` URLs alone."""
    fetch_networks: tuple[str, ...] = ()
    """Private networks that those hosts may be in, such as ``10.1.0.0/16``; none by default."""
    fetch_bytes: int = 32 * MIB
    fetch_s: float = 10.0
    models: dict[str, str] = field(default_factory=dict[str, str])
    """Further names for herds and experts: ``{"gpt-4o-mini": "herd"}``, for clients whose model
    cannot be set."""


__all__ = ("DOORS", "Door", "Settings")
