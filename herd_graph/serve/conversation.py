"""From a conversation, as OpenAI's clients send it, to what a run is asked.

What the last messages say is the request; what was before is history. A client sends the whole
conversation each time, so each answer is remembered under a hash of the conversation up to it:
when it comes back, its run is found again, with what was attached and made. What this server did
not answer itself is known by its words alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import unquote_to_bytes

from herd_graph.artifacts import Artifact, Text
from herd_graph.artifacts.attach import attach_bytes
from herd_graph.config import Config
from herd_graph.errors import ArtifactError, ArtifactTooLarge
from herd_graph.journal import TURNS
from herd_graph.serve.errors import Refusal, not_allowed
from herd_graph.serve.schemas import (
    AudioPart,
    FilePart,
    ImagePart,
    InputFile,
    Message,
    RefusalPart,
    TextPart,
)
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import JSON, JSONObject, Kind

MOST_ATTACHMENTS = 64
"""Attachments of the last messages."""


@dataclass(kw_only=True)
class Said:
    """What one side said in a row."""

    text: str = ""
    attachments: list[Artifact] = field(default_factory=list[Artifact])


@dataclass(kw_only=True)
class Exchange:
    """A request that was answered before."""

    asked: Said
    answered: str
    mark: str
    """The hash of the conversation up to and with the answer."""


@dataclass(kw_only=True)
class Conversation:
    """A conversation, read."""

    request: Said
    earlier: list[Exchange] = field(default_factory=list[Exchange])
    mark: str = ""
    """The hash of the conversation up to and with the request."""
    ignored: list[str] = field(default_factory=list[str])
    """What was said and has no effect here."""


class Sources(Protocol):
    """Where attachments come from that are not in the message itself."""

    async def fetch(self, url: str, param: str) -> tuple[bytes, str]:
        """Return what a URL gives, and a name. Raises ``Refusal``."""
        ...

    async def uploaded(self, identity: str, param: str) -> Artifact:
        """Return an uploaded file. Raises ``Refusal``."""
        ...

    def usable(self, artifact: Artifact) -> bool:
        """Say whether anything here takes such content."""
        ...


async def read(
    messages: Sequence[Message], sources: Sources, config: Config, *, owner: str
) -> Conversation:
    """Read a conversation: the request, and what was before.

    Args:
        messages: As they came.
        sources: Fetches what they point at.
        config: Whose limits attachments are held to.
        owner: Who speaks: two who say the same have two conversations.

    Raises:
        Refusal: The last message is not the user's, or an attachment cannot be used: it is damaged,
            too large, no picture in a part for pictures, or nothing that anybody here takes.
    """
    spoken = [each for each in messages if each.role in {"user", "assistant"}]
    ignored = sorted({each.role for each in messages if each.role not in {"user", "assistant"}})
    if not spoken or spoken[-1].role != "user":
        raise Refusal(
            400,
            "The last message is not the user's. Expected a request there: experts answer, they do "
            "not go on with an answer. Put a message with role 'user' last.",
            code="invalid_messages",
            param="messages",
        )
    groups = _groups(messages)
    reader = _Reader(sources, config)
    found = Conversation(request=Said(), ignored=[f"messages of role {each}" for each in ignored])
    mark = hashlib.sha256(owner.encode()).hexdigest()
    answered = [index for index, (role, _) in enumerate(groups) if role == "assistant"]
    recent = set(answered[-TURNS:])
    asked: Said | None = None
    for index, (role, group) in enumerate(groups):
        mark = _marked(mark, role, group)
        last = index == len(groups) - 1
        if role == "user":
            wanted = last or index + 1 in recent
            asked = await reader.said(group) if wanted else None
        elif asked is not None and index in recent:
            words = _words(each for _, each in group)
            found.earlier.append(Exchange(asked=asked, answered=words, mark=mark))
            asked = None
    assert asked is not None
    if len(asked.attachments) > MOST_ATTACHMENTS:
        raise Refusal(
            400,
            f"The request has {len(asked.attachments)} attachments. Expected at most "
            f"{MOST_ATTACHMENTS}. Ask about fewer at a time.",
            code="too_many_attachments",
            param="messages",
        )
    found.request, found.mark = asked, mark
    return found


def answered_mark(mark: str, content: str) -> str:
    """Return the hash of a conversation with one more answer: what its next message is told by."""
    return _chained(mark, "assistant", [["text", content.strip()]])


def as_turn(exchange: Exchange, store: ArtifactStore) -> JSONObject:
    """Return an exchange that this server did not answer itself, by its words alone."""
    attached: dict[str, JSON] = {
        f"a{number}": each.put(store).model_dump(mode="json")
        for number, each in enumerate(exchange.asked.attachments, start=1)
    }
    parts: list[JSON] = []
    if exchange.answered.strip():
        said = Text(exchange.answered).put(store).model_dump(mode="json")
        parts.append(
            {
                "ask": exchange.asked.text[:200],
                "status": "done",
                "text": exchange.answered,
                "artifacts": [said],
            }
        )
    return {"run": "", "task": exchange.asked.text, "attachments": attached, "parts": parts}


def _groups(messages: Sequence[Message]) -> list[tuple[str, list[tuple[int, Message]]]]:
    """Put messages of one side that follow each other together, with their places."""
    groups: list[tuple[str, list[tuple[int, Message]]]] = []
    for place, each in enumerate(messages):
        if each.role not in {"user", "assistant"}:
            continue
        if groups and groups[-1][0] == each.role:
            groups[-1][1].append((place, each))
        else:
            groups.append((each.role, [(place, each)]))
    return groups


class _Reader:
    """Turns the parts of messages into words and artifacts."""

    def __init__(self, sources: Sources, config: Config) -> None:
        self.sources = sources
        self.config = config

    async def said(self, group: Sequence[tuple[int, Message]]) -> Said:
        said = Said(text=_words(each for _, each in group))
        for place, message in group:
            parts = message.content if isinstance(message.content, list) else ()
            for index, part in enumerate(parts):
                where = f"messages[{place}].content[{index}]"
                made = await self._attachment(part, where)
                if made is not None:
                    said.attachments.append(made)
        return said

    async def _attachment(self, part: object, where: str) -> Artifact | None:
        if isinstance(part, ImagePart):
            url = part.image_url.url
            where = f"{where}.image_url.url"
            if url[:5].lower() == "data:":
                return await self._made(decoded(url, where), "", where, _PICTURES)
            content, name = await self.sources.fetch(url, where)
            return await self._made(content, name, where, _PICTURES)
        if isinstance(part, AudioPart):
            name = f"audio.{part.input_audio.format}" if part.input_audio.format.isalnum() else ""
            where = f"{where}.input_audio.data"
            return await self._made(decoded(part.input_audio.data, where), name, where, _SOUND)
        if isinstance(part, FilePart):
            return await self._file(part.file, f"{where}.file")
        return None

    async def _file(self, given: InputFile, where: str) -> Artifact:
        if given.file_id:
            return await self.sources.uploaded(given.file_id, f"{where}.file_id")
        if not given.file_data:
            raise not_allowed(
                "A file part has neither 'file_data' nor 'file_id'. Expected one of them. Send the "
                "content in base64, or upload it to /v1/files first.",
                where,
            )
        where = f"{where}.file_data"
        return await self._made(decoded(given.file_data, where), given.filename or "", where)

    async def _made(
        self, content: bytes, name: str, where: str, wanted: _Wanted | None = None
    ) -> Artifact:
        from herd_graph.serve.files import clean_name

        named = clean_name(name) if name else ""
        made = await in_thread(
            lambda: attached(content, where, config=self.config, name=named), label="serve:attach"
        )
        if wanted is not None and made.kind not in wanted.kinds:
            raise Refusal(
                400,
                f"{where} holds {made.mime}, which is no {wanted.what}. Expected {wanted.forms}. "
                "Send anything else as a part of type 'file'.",
                code="unsupported_media",
                param=where,
            )
        if not self.sources.usable(made):
            raise Refusal(
                400,
                f"{where} holds {made.mime}, and no expert here takes that. Expected content that "
                "one of them reads: GET /v1/models lists their inputs. Convert it, or leave it out.",
                code="unsupported_media",
                param=where,
            )
        return made


@dataclass(frozen=True)
class _Wanted:
    """What a part of a message is for."""

    kinds: frozenset[Kind]
    what: str
    forms: str


_PICTURES = _Wanted(frozenset({Kind.IMAGE}), "picture", "PNG, JPEG, WebP, GIF, BMP or TIFF")
# Some writers of sound use the brand of a film, and are taken at their word.
_SOUND = _Wanted(frozenset({Kind.AUDIO, Kind.VIDEO}), "sound", "WAV, MP3, FLAC, OGG or M4A")


def attached(content: bytes, where: str, *, config: Config, name: str = "") -> Artifact:
    """Return the artifact that a part of a request is. It decodes: call it in a thread.

    Raises:
        Refusal: It is empty, damaged or too large; naming the part.
    """
    if not content:
        raise Refusal(
            400,
            f"{where} is empty (0 bytes). Expected the content of a file. Send it, or leave the "
            "part out.",
            code="bad_attachment",
            param=where,
        )
    try:
        return attach_bytes(content, name=name, config=config)
    except ArtifactTooLarge as error:
        raise Refusal(413, f"{where}: {error}", code="too_large", param=where) from error
    except ArtifactError as error:
        raise Refusal(400, f"{where}: {error}", code="bad_attachment", param=where) from error


def decoded(given: str, where: str) -> bytes:
    """Return the bytes of a ``data:`` URL or of plain base64. Raises ``Refusal``."""
    encoded, is_base64 = given, True
    if given[:5].lower() == "data:":
        head, comma, encoded = given[5:].partition(",")
        if not comma:
            raise Refusal(
                400,
                f"{where} is no whole data: URL. Expected data:image/png;base64,… Send all of it.",
                code="bad_attachment",
                param=where,
            )
        is_base64 = head.lower().endswith(";base64")
    try:
        plain = "".join(encoded.split()) if is_base64 else encoded
        return base64.b64decode(plain, validate=True) if is_base64 else unquote_to_bytes(plain)
    except (binascii.Error, ValueError):
        raise Refusal(
            400,
            f"{where} holds base64 that cannot be decoded. Expected the content of a file, encoded "
            "as RFC 4648 says. Encode the file again.",
            code="invalid_base64",
            param=where,
        ) from None


def _words(messages: object) -> str:
    """Return the words of messages, in order."""
    words: list[str] = []
    for message in messages:  # type: ignore[attr-defined]
        assert isinstance(message, Message)
        if isinstance(message.content, str):
            words.append(message.content)
            continue
        for part in message.content or ():
            if isinstance(part, TextPart):
                words.append(part.text)
            elif isinstance(part, RefusalPart):
                words.append(part.refusal)
    return "\n".join(each for each in words if each.strip())


def _marked(mark: str, role: str, group: Sequence[tuple[int, Message]]) -> str:
    """Return the hash of a conversation with one more group of messages.

    Clients trim white space, and write a text as a string or as a list with one part.
    """
    told: list[list[str]] = []
    for _, message in group:
        if isinstance(message.content, str):
            told.append(["text", message.content.strip()])
            continue
        for part in message.content or ():
            if isinstance(part, TextPart):
                told.append(["text", part.text.strip()])
            elif not isinstance(part, RefusalPart):
                content: Mapping[str, JSON] = part.model_dump(mode="json")
                told.append([part.type, json.dumps(content, sort_keys=True)])
    return _chained(mark, role, told)


def _chained(mark: str, role: str, told: list[list[str]]) -> str:
    return hashlib.sha256(json.dumps([mark, role, told]).encode()).hexdigest()


__all__ = (
    "Conversation",
    "Exchange",
    "Said",
    "Sources",
    "answered_mark",
    "as_turn",
    "attached",
    "decoded",
    "read",
)
