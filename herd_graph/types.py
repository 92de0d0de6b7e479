"""Names that every layer shares: ids, JSON, modalities and the reference to an artifact.

Ids are ``NewType`` rather than bare ``str``, so that a type checker tells a step from an expert.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NewType, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, JsonValue

StepId = NewType("StepId", str)
"""A step of a plan: ``s1``. Inside a ``foreach``: ``s1[0]``."""
RunId = NewType("RunId", str)
"""One execution of one task. Never 32 hex digits: LangGraph would take those for interrupt ids."""
ThreadId = NewType("ThreadId", str)
"""A conversation: several runs, one after the other."""
ArtifactId = NewType("ArtifactId", str)
"""The sha256 of an artifact's bytes, in hex."""
ExpertName = NewType("ExpertName", str)
"""The bare name of an expert, without its version."""

JSON: TypeAlias = JsonValue
JSONObject: TypeAlias = dict[str, JSON]


class Kind(StrEnum):
    """What an artifact or a port is made of. ``ANY`` is for ports alone."""

    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    TABLE = "table"
    DOCUMENT = "document"
    DATA = "data"
    ANY = "any"


Locality = Literal["local", "remote"]
"""Whether data stays on this machine."""
Select = Literal["top_1", "top_k", "dense", "cascade", "speculative", "until"]
"""Which of a step's candidates are called: the best (the next where it fails), the best k or all at
once, the cheap ones first, one more when the first is late, or one by one until the score will do."""
FUSER_NAMES = frozenset({"vote", "transcripts", "characters", "nearest", "mean", "boxes"})
"""What a step's ``fuse`` may name; ``coordination.fusion`` says what each does."""
StepStatus = Literal["done", "failed", "skipped", "cancelled", "refused"]
"""How a step ended. ``refused``: by the budget or a person. ``skipped``: its ``when`` was false."""
RunStatus = Literal["running", "done", "partial", "failed", "abstained", "waiting", "interrupted"]
"""Where a run stands. ``waiting``: for a person's approval. ``interrupted``: paused or killed."""

INLINE_BYTES = 512
"""Text and data up to this size travel inside their reference, so that reading them is free."""


class Provenance(BaseModel):
    """Where an artifact comes from: which run, step and expert made it, out of which artifacts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run: str = ""
    step: str = ""
    expert: str = ""
    """``name@version``; empty for what a person attached or typed."""
    port: str = ""
    sources: tuple[str, ...] = ()
    """The artifact ids that it was made from."""


class ArtifactRef(BaseModel):
    """A small, JSON-ready reference to an artifact: what graph state holds in place of bytes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    """sha256 of the bytes, in hex."""
    kind: Kind
    mime: str
    size: int = Field(ge=0)
    """Bytes."""
    name: str = ""
    """The file name that it came with, if any: for people, never for opening a file."""
    inline: str | None = None
    """The content itself, for text and data of at most ``INLINE_BYTES`` bytes."""
    sure: tuple[tuple[int, float], ...] = Field(default=(), exclude_if=lambda told: not told)
    """How sure an expert was of a text, stretch by stretch: letters, and a confidence from 0 to 1.

    It stands beside the text for whoever fuses several: plans bind the text alone.
    """
    provenance: Provenance = Provenance()
