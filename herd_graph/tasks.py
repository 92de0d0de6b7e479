"""What a person asks for: words, attachments, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from herd_graph.cards import Port
from herd_graph.types import JSON, ArtifactRef, Kind


class Task(BaseModel):
    """A request with its attachments, by the names that plans bind: ``a1``, ``a2`` … in order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str
    attachments: dict[str, ArtifactRef | list[ArtifactRef]] = {}
    """A list is the value of a workflow's ``list[…]`` parameter."""
    thread: str = ""
    plan: str = ""
    """The artifact id of a plan that a person wrote; empty where a router is to write it."""
    history: tuple[Mapping[str, JSON], ...] = ()
    """Earlier turns that came along with the request, in place of those that its thread holds."""
    reply: Literal["answer", "message"] = "answer"
    """Whether the graph gives a chat message besides the answer."""

    @field_validator("text")
    @classmethod
    def _text_is_unicode(cls, text: str) -> str:
        """Take out what no JSON, database or other program takes: halves of characters, and NUL."""
        return text.encode("utf-8", "replace").decode().replace("\0", " ")

    @property
    def inputs(self) -> dict[str, Port]:
        """A port for each attachment: what the plan checker needs."""
        return {name: input_port(name, value) for name, value in self.attachments.items()}


def input_port(name: str, value: ArtifactRef | list[ArtifactRef]) -> Port:
    """Return the port that gives this attachment."""
    if isinstance(value, list):
        kind = value[0].kind if value else Kind.ANY
        return Port(name=name, kind=kind, many=True)
    return Port(name=name, kind=value.kind, description=value.name, mime=(value.mime,))
