"""Between artifacts and the content of chat messages, in both dialects that are spoken.

*Standard* is LangChain's v1 content blocks, *OpenAI* the parts of its chat completions. What comes
back is read in any dialect, older ones too. Addresses in what a model says are never fetched.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias, cast

from herd_graph.adapters.schemas import from_bytes
from herd_graph.artifacts import Artifact, Audio, Image, Text
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.slots import as_text
from herd_graph.types import Kind

Dialect: TypeAlias = Literal["standard", "openai"]
Block: TypeAlias = dict[str, Any]
_PICTURES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""What every provider decodes; other pictures are sent as PNG."""
_SOUNDS = {
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/wave": "wav",
    "audio/mpeg": "mp3",
    "audio/mp3": "mp3",
}
_MIMES = {"wav": "audio/wav", "mp3": "audio/mpeg", "pcm16": "audio/wav"}
_SILENT = frozenset(
    [
        "thinking",
        "redacted_thinking",
        "reasoning",
        "tool_use",
        "tool_call",
        "tool_call_chunk",
        "invalid_tool_call",
        "server_tool_call",
        "server_tool_result",
        "server_tool_call_chunk",
        "non_standard",
        "function_call",
    ]
)
"""Blocks that are no part of the answer."""


def block(artifact: Artifact, dialect: Dialect) -> Block:
    """Return an artifact as one block of a message's content.

    Raises:
        ArtifactUnreadable: It cannot be decoded, where it had to be converted.
        PortViolation: No model takes it.
    """
    if artifact.kind in {Kind.TEXT, Kind.DATA, Kind.TABLE}:
        return {"type": "text", "text": as_text(artifact)}
    if isinstance(artifact, Image):
        return _picture(artifact, dialect)
    if isinstance(artifact, Audio):
        return _sound(artifact, dialect)
    return _file(artifact, dialect)


def data_url(artifact: Artifact) -> str:
    """Return the content as a ``data:`` URL."""
    return _url(artifact.mime, _base64(artifact.bytes()))


def _picture(picture: Image, dialect: Dialect) -> Block:
    if picture.mime not in _PICTURES:
        picture = Image(picture.pil())
    if dialect == "standard":
        return _standard("image", picture)
    return {"type": "image_url", "image_url": {"url": data_url(picture)}}


def _sound(sound: Audio, dialect: Dialect) -> Block:
    if dialect == "standard":
        return _standard("audio", sound)
    if sound.mime not in _SOUNDS:
        sound = Audio.from_samples(*sound.samples())
    encoded = _base64(sound.bytes())
    return {"type": "input_audio", "input_audio": {"data": encoded, "format": _SOUNDS[sound.mime]}}


def _file(artifact: Artifact, dialect: Dialect) -> Block:
    if dialect == "standard":
        kind = "video" if artifact.kind is Kind.VIDEO else "file"
        made = _standard(kind, artifact)
        if artifact.name:
            made["filename"] = artifact.name
        return made
    name = artifact.name or f"{artifact.kind.value}.{artifact.mime.rpartition('/')[2]}"
    return {"type": "file", "file": {"filename": name, "file_data": data_url(artifact)}}


def _standard(kind: str, artifact: Artifact) -> Block:
    return {"type": kind, "base64": _base64(artifact.bytes()), "mime_type": artifact.mime}


# Reading --------------------------------------------------------------------------------------


def artifacts_in(content: object) -> list[Artifact]:
    """Return what a message's content holds, in order; texts that follow one another are joined.

    Raises:
        ArtifactUnreadable: A block whose bytes cannot be decoded.
    """
    if isinstance(content, str):
        return [Text(content)] if content else []
    found: list[Artifact] = []
    texts: list[str] = []
    for each in _items(content):
        made = _read(each)
        if isinstance(made, str):
            texts.append(made)
        elif made is not None:
            _close(texts, found)
            found.append(made)
    _close(texts, found)
    return found


def text_in(content: object) -> str:
    """Return the words in a message's content, and nothing of its media."""
    return "".join(str(each) for each in artifacts_in(content) if isinstance(each, Text))


def sorted_out(
    found: Iterable[Artifact], kinds: Sequence[Kind], where: str, *, many: bool
) -> Artifact | list[Artifact]:
    """Return what of a message a port of these kinds takes.

    Raises:
        PortViolation: Nothing fits, several do where one is wanted, or media would be lost.
    """
    artifacts = list(found)
    anything = Kind.ANY in kinds
    fit = [each for each in artifacts if anything or each.kind in kinds]
    lost = [each for each in artifacts if each not in fit and each.kind is not Kind.TEXT]
    wanted = " or ".join(each.value for each in kinds)
    if many and not lost:
        return list(fit)
    media = [each for each in fit if each.kind is not Kind.TEXT]
    chosen = media or fit  # beside a picture the words are its caption
    if len(chosen) == 1 and not lost:
        return chosen[0]
    if not artifacts and Kind.TEXT in kinds:
        return Text("")
    had = ", ".join(each.kind.value for each in artifacts) or "nothing"
    advice = "list[…]" if len(chosen) > 1 else "another kind, or Text | Image"
    raise PortViolation(
        f"{where} gave {had}. Expected one {wanted}. Say what it gives: gives={advice}."
    )


def _read(given: object) -> Artifact | str | None:
    """Return a block's text, or its artifact; None for what is no part of an answer."""
    if isinstance(given, str):
        return given
    each = _fields(given)
    kind = each.get("type")
    if kind in _SILENT:
        return None
    if kind in {"text", "output_text", "text-plain", "refusal"}:
        return str(each.get("text") or each.get("refusal") or "")
    inner: object = each.get(str(kind))
    if kind == "image_url":
        return _from_url(inner if isinstance(inner, str) else str(_fields(inner).get("url") or ""))
    if kind == "input_audio":
        sound = _fields(inner)
        mime = _MIMES.get(str(sound.get("format")), "")
        return from_bytes(_decoded(sound.get("data")), mime, limits=None)
    if kind == "file" and _fields(each.get("file")):
        file = _fields(each.get("file"))
        return _from_url(str(file.get("file_data") or ""), str(file.get("filename") or ""))
    if kind in {"image", "audio", "video", "file", "document"}:
        return _from_block(each)
    return None


def _from_block(each: Mapping[str, Any]) -> Artifact | str | None:
    """Read a block of LangChain's, of v1 or before, or of Anthropic's."""
    each = {**each, **_fields(each.get("source"))}
    mime = str(each.get("mime_type") or each.get("media_type") or "")
    name = str(each.get("filename") or each.get("name") or each.get("title") or "")
    encoded = each.get("base64") or each.get("data")
    if isinstance(encoded, bytes):
        return from_bytes(encoded, mime, name, limits=None)
    if isinstance(encoded, str) and encoded:
        return from_bytes(_decoded(encoded), mime, name, limits=None)
    if each.get("url"):
        return _from_url(str(each["url"]))
    text = each.get("text")
    return text if isinstance(text, str) else None


def _items(given: object) -> Sequence[object]:
    return cast("Sequence[object]", given) if isinstance(given, list | tuple) else ()


def _fields(given: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", given) if isinstance(given, Mapping) else {}


def _from_url(url: str, name: str = "") -> Artifact | str:
    """Return what a ``data:`` URL holds; any other address as words."""
    if not url.startswith("data:"):
        return url
    head, _, body = url[5:].partition(",")
    return from_bytes(_decoded(body), head.partition(";")[0], name, limits=None)


def _decoded(encoded: object) -> bytes:
    try:
        return base64.b64decode(str(encoded).partition("base64,")[2] or str(encoded), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ArtifactUnreadable(
            f"A block of a message is no base64 ({error}). Expected encoded bytes. See to the "
            "program that made it."
        ) from None


def _close(texts: list[str], found: list[Artifact]) -> None:
    joined = "".join(texts)
    texts.clear()
    if joined:
        found.append(Text(joined))


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _url(mime: str, encoded: str) -> str:
    return f"data:{mime};base64,{encoded}"


__all__ = (
    "Block",
    "Dialect",
    "artifacts_in",
    "block",
    "data_url",
    "sorted_out",
    "text_in",
)
