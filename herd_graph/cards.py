"""What an expert says of itself: its card and its typed ports.

Field names follow A2A's ``AgentSkill`` where it has them (id, name, description, tags, examples).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from herd_graph.errors import DeclarationError
from herd_graph.types import JSON, JSONObject, Kind, Locality

NOT_STATED = "not stated"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+-]{0,31}")


class Port(BaseModel):
    """One typed input or output.

    A port takes one payload of its ``kind`` (or of one of ``also``), or a list of them when
    ``many``. ``DATA`` ports carry a JSON schema: numbers, enums, objects.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: Kind
    also: tuple[Kind, ...] = ()
    many: bool = False
    required: bool = True
    default: JSON = None
    description: str = ""
    json_schema: JSONObject | None = None
    mime: tuple[str, ...] = ()
    """Patterns such as ``image/*``; empty takes whatever the kind takes."""

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """Every kind that the port takes."""
        return (self.kind, *self.also)

    @property
    def choices(self) -> tuple[JSON, ...]:
        """The values of an enum port; empty for any other."""
        schema = self.json_schema or {}
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        return tuple(values) if isinstance(values, list) else ()

    @property
    def scalar(self) -> str | None:
        """``string``, ``number``, ``integer`` or ``boolean`` for a data port of that type."""
        kind = (self.json_schema or {}).get("type")
        scalars = {"string", "number", "integer", "boolean"}
        return (
            kind if self.kind is Kind.DATA and isinstance(kind, str) and kind in scalars else None
        )

    def takes_mime(self, mime: str) -> bool:
        """Say whether a payload of this MIME type is taken."""
        return not self.mime or any(fnmatchcase(mime, pattern) for pattern in self.mime)

    @property
    def type_name(self) -> str:
        """The type as people write it: ``list[Image]``, ``Data[number]``, ``'pt' | 'en'``."""
        if self.choices:
            named = " | ".join(repr(each) for each in self.choices[:6])
        elif self.kind is Kind.DATA:
            title = (self.json_schema or {}).get("title") or (self.json_schema or {}).get("type")
            named = f"Data[{title}]" if isinstance(title, str) else "Data"
        else:
            named = " | ".join(each.value.capitalize() for each in self.kinds)
        return f"list[{named}]" if self.many else named

    def __str__(self) -> str:
        optional = "" if self.required else " = …"
        return f"{self.name}: {self.type_name}{optional}"


class ExpertCard(BaseModel):
    """What discovery, the router and people know of an expert."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: str = "1"
    description: str
    tags: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    """Requests that it is right for, in the words of the people who ask."""
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...] = Field(min_length=1)
    cost_usd: float = Field(default=0.0, ge=0)
    """The most that one call is expected to cost: what the budget reserves."""
    latency_s: float | None = Field(default=None, ge=0)
    """The usual time of a call, in seconds; None where nobody has measured it."""
    memory_bytes: int = Field(default=0, ge=0)
    """What it holds once loaded: what the memory cap counts."""
    locality: Locality = "local"
    licence: str = NOT_STATED
    weights_licence: str = ""
    """Where the weights have a licence of their own."""
    caution: str = ""
    """A few words that stand beside every answer that it had a part in."""
    notes: str = ""
    """What a user should know: limits, provenance, GPL parts."""
    concurrency: int | None = Field(default=None, ge=1)
    """How many calls at once; None for no limit."""
    timeout_s: float | None = Field(default=None, gt=0)
    approve: bool = False
    """It has side effects: a person is asked before each call."""
    isolate: Literal["process"] | None = None
    """Run each call in a process that can be killed."""
    memory_limit_bytes: int | None = Field(default=None, gt=0)
    """The hard limit of an isolated call's address space, above what the process starts with."""
    deterministic: bool = True
    """Equal inputs give equal outputs: results may be cached."""
    streams: bool = False
    loads: bool = False
    """It has a model that is loaded on first use."""

    @field_validator("name")
    @classmethod
    def _name_is_an_identifier(cls, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise DeclarationError(
                f"{name!r} cannot be an expert's name. Expected lower-case letters, digits and "
                "underscores, starting with a letter, at most 64. Pass name='…' to @expert."
            )
        return name

    @field_validator("version")
    @classmethod
    def _version_is_plain(cls, version: str) -> str:
        if not _VERSION.fullmatch(version):
            raise DeclarationError(
                f"{version!r} cannot be a version. Expected something like '1' or '2.1'."
            )
        return version

    @field_validator("inputs", "outputs")
    @classmethod
    def _ports_have_their_own_names(
        cls, ports: tuple[Port, ...], info: ValidationInfo
    ) -> tuple[Port, ...]:
        seen: set[str] = set()
        for port in ports:
            if port.name in seen:
                raise DeclarationError(
                    f"There are two {info.field_name} named {port.name!r}. Expected a name of its "
                    "own for each port: plans bind ports by name. Rename one."
                )
            seen.add(port.name)
        return ports

    @property
    def id(self) -> str:
        """``name@version``."""
        return f"{self.name}@{self.version}"

    def input(self, name: str) -> Port | None:
        """Return the input port of that name."""
        return next((port for port in self.inputs if port.name == name), None)

    def output(self, name: str | None = None) -> Port | None:
        """Return the output port of that name; the first without one."""
        if name is None:
            return self.outputs[0]
        return next((port for port in self.outputs if port.name == name), None)

    @property
    def takes(self) -> frozenset[Kind]:
        """The kinds of its required inputs."""
        return frozenset(kind for port in self.inputs if port.required for kind in port.kinds)

    @property
    def gives(self) -> frozenset[Kind]:
        """The kinds of its outputs."""
        return frozenset(port.kind for port in self.outputs)

    @property
    def signature(self) -> str:
        """``transcribe(recording: Audio) -> Text``."""
        given = ", ".join(str(port) for port in self.inputs)
        if len(self.outputs) == 1:
            return f"{self.name}({given}) -> {self.outputs[0].type_name}"
        made = ", ".join(str(port) for port in self.outputs)
        return f"{self.name}({given}) -> ({made})"

    @property
    def fingerprint(self) -> str:
        """A hash of everything on the card: two cards are the same or they are not."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]


def parse_expert(spec: str) -> tuple[str, str | None]:
    """Split ``"transcribe@1"`` into name and version; the version is None where none is given."""
    name, at, version = spec.partition("@")
    return name, version if at else None


def fits(source: Port, target: Port, *, item: bool = False) -> bool:
    """Say whether what ``source`` gives may be bound to ``target``.

    Besides equal kinds: a scalar fits a text port (it is written out), text fits a string or enum
    port (it is checked when it is there), one payload fits a list port (a list of one).

    Args:
        source: The port that gives.
        target: The port that takes.
        item: The binding is one item of a ``foreach`` over ``source``.
    """
    many = source.many and not item
    if many and not target.many:
        return False
    return any(_kind_fits(kind, source, target) for kind in source.kinds)


def _kind_fits(kind: Kind, source: Port, target: Port) -> bool:
    if Kind.ANY in (kind, target.kind):
        return True
    if kind in target.kinds:
        return kind is not Kind.DATA or _schema_fits(source, target)
    if kind is Kind.DATA and Kind.TEXT in target.kinds:
        return source.scalar is not None or bool(source.choices)
    if kind is Kind.TEXT and Kind.DATA in target.kinds:
        return target.scalar == "string" or bool(target.choices)
    return False


def _schema_fits(source: Port, target: Port) -> bool:
    """Reject what plainly cannot fit; the value itself is validated when it is there."""
    have, want = source.json_schema or {}, target.json_schema or {}
    left, right = have.get("type"), want.get("type")
    if not isinstance(left, str) or not isinstance(right, str) or left == right:
        titles = have.get("title"), want.get("title")
        objects = left == right == "object"
        return not (objects and all(isinstance(each, str) for each in titles)) or (
            titles[0] == titles[1]
        )
    return (left, right) == ("integer", "number")


def names(cards: Iterable[ExpertCard]) -> list[str]:
    """Return ``name@version`` for each card, sorted."""
    return sorted(card.id for card in cards)
