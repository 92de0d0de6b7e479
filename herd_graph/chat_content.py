"""Between chat messages and what a herd works with: a request, its attachments, earlier turns.

A message's content blocks become artifacts in the store, and an answer becomes a message. LangChain
reads the dialects (its own blocks, OpenAI's ``image_url``, ``input_audio`` and ``file``, Anthropic's
and Google's), so that only its standard blocks are read here. Imported lazily: it loads LangChain.

An address (``https://…``) in a message is refused: whoever writes a message must not make this
machine fetch things. ``herd://artifact/ID`` names what is in the store already.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, convert_to_messages
from pydantic import ValidationError

from herd_graph.artifacts import Artifact, Text, kind_of_mime, load
from herd_graph.artifacts.attach import sniff_bytes
from herd_graph.artifacts.base import class_of, human_size
from herd_graph.config import Config
from herd_graph.coordination import Answer
from herd_graph.errors import (
    ArtifactTooLarge,
    ArtifactUnreadable,
    HerdError,
    PathNotAllowed,
    PlanMalformed,
)
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, JSONObject, Kind
from herd_graph.values import to_refs

ARTIFACT_URL = "herd://artifact/"
"""What comes before an artifact's id where a message refers to one that is in the store."""
Media = Literal["inline", "reference"]
"""How an answer's pictures and recordings travel: as base64, or as ``herd://artifact/ID``."""

_BLOCKS: dict[Kind, str] = {Kind.IMAGE: "image", Kind.AUDIO: "audio", Kind.VIDEO: "video"}
_KEY = re.compile(r"[0-9a-f]{64}")
_WORDS = frozenset({Kind.TEXT, Kind.DATA})
"""Kinds that an answer's text holds whole."""


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """What messages ask for."""

    text: str
    """The words of the last message of a person."""
    attachments: tuple[ArtifactRef, ...] = ()
    history: tuple[Mapping[str, JSON], ...] = field(default=())
    """Earlier turns, as a router looks back on them, the newest last."""

    @property
    def named(self) -> dict[str, ArtifactRef | list[ArtifactRef]]:
        """The attachments by the names that plans bind."""
        return {f"a{n}": ref for n, ref in enumerate(self.attachments, start=1)}


def read_messages(given: Any, store: ArtifactStore, config: Config) -> Conversation:
    """Return what messages ask for; their files are put into the store.

    Args:
        given: Whatever LangChain takes for messages: objects, ``("user", "…")``, OpenAI's dicts.
        store: Where files go.
        config: Limits.

    Raises:
        PlanMalformed: No person's message is among them, or the last one has no words.
        ArtifactError: A file that is damaged, too large, or somewhere else.
    """
    messages = as_messages(given)
    last = max((n for n, each in enumerate(messages) if isinstance(each, HumanMessage)), default=-1)
    if last < 0:
        raise PlanMalformed(
            f"Among {len(messages)} messages none is from a person. Expected a HumanMessage, or "
            "{'role': 'user', 'content': '…'}, that says what is wanted."
        )
    text, attachments = _content_of(messages[last], store, config)
    if not text.strip():
        raise PlanMalformed(
            f"The last message has {len(attachments)} attachments and no words. Expected a request "
            "beside them, such as 'What is on this picture?'."
        )
    return Conversation(
        text=text.strip(),
        attachments=tuple(attachments),
        history=_turns(messages[:last], store, config),
    )


def as_messages(given: Any) -> list[BaseMessage]:
    """Return what LangChain takes for messages as messages. Raises ``PlanMalformed``."""
    several = cast("Sequence[Any]", given if isinstance(given, list | tuple) else [given])
    try:
        return convert_to_messages(several)
    except (ValueError, NotImplementedError, TypeError, KeyError) as error:
        raise PlanMalformed(
            f"{given!r:.200} are no messages: {error}. Expected LangChain messages, or dicts with "
            "'role' and 'content'."
        ) from error


def _turns(
    messages: Sequence[BaseMessage], store: ArtifactStore, config: Config
) -> tuple[Mapping[str, JSON], ...]:
    """Return each earlier request with what was answered to it."""
    turns: list[dict[str, JSON]] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            text, attachments = _content_of(message, store, config)
            named: JSONObject = {
                f"a{n}": ref.model_dump(mode="json") for n, ref in enumerate(attachments, start=1)
            }
            turns.append({"run": "", "task": text, "attachments": named, "parts": []})
        elif isinstance(message, AIMessage) and turns:
            cast("list[JSON]", turns[-1]["parts"]).extend(_parts(message, store, config))
    return tuple(turns)


def _parts(message: AIMessage, store: ArtifactStore, config: Config) -> list[JSON]:
    """Return the parts of an earlier answer: a herd's own as they were, else what it says."""
    told: Any = message.response_metadata.get("herd")
    kept: Any = cast("Any", told).get("parts") if isinstance(told, dict) else None
    if isinstance(kept, list) and kept:
        listed = cast("list[Any]", kept)
        return [each for each in listed if _is_whole(each, store, config)]
    text, attachments = _content_of(message, store, config)
    if text.strip():
        attachments = [Text(text).put(store), *attachments]
    return [
        {
            "ask": "",
            "status": "done",
            "text": text if ref.kind is Kind.TEXT else "",
            "artifacts": [cast("JSON", ref.model_dump(mode="json"))],
        }
        for ref in attachments
    ]


def _is_whole(part: Any, store: ArtifactStore, config: Config) -> bool:
    """Say whether an earlier part's artifacts are what they say: a message may be made up."""
    if not isinstance(part, dict):
        return False
    refs = cast("dict[str, Any]", part).get("artifacts") or ()
    try:
        for each in refs:  # nothing but a reference: a string would be read as a path
            to_refs(ArtifactRef.model_validate(each), None, store, config, "An earlier answer")
    except (HerdError, ValidationError):
        return False
    return True


# One message's blocks ---------------------------------------------------------------------------


def _content_of(
    message: BaseMessage, store: ArtifactStore, config: Config
) -> tuple[str, list[ArtifactRef]]:
    words: list[str] = []
    refs: list[ArtifactRef] = []
    for block in message.content_blocks:
        each = cast("dict[str, Any]", block)
        if each["type"] == "text":
            words.append(str(each.get("text", "")))
        elif each["type"] in {"image", "audio", "video", "file", "text-plain"}:
            refs.append(_attached(each, store, config))
        elif each["type"] == "non_standard":
            refs.extend(_foreign(each.get("value"), store, config))
        # Reasoning and tool calls are a model's own business.
    return "\n".join(words), refs


def _attached(block: Mapping[str, Any], store: ArtifactStore, config: Config) -> ArtifactRef:
    extras = cast("Mapping[str, Any]", block.get("extras") or {})
    name = str(extras.get("name") or extras.get("filename") or block.get("title") or "")
    where = f"The {block['type']} {name!r}" if name else f"The {block['type']} of a message"
    url = str(block.get("url") or block.get("file_id") or "")
    if block.get("base64") is not None:
        return _decoded(str(block["base64"]), name, where, config).put(store)
    if block["type"] == "text-plain" and isinstance(block.get("text"), str):
        return Text(str(block["text"]), name=name).put(store)
    if url.startswith(ARTIFACT_URL):
        return stored(url, store, name=name, where=where)
    if url.startswith("data:"):
        ref = to_refs(url, None, store, config, where)
        assert isinstance(ref, ArtifactRef)
        return ref
    raise PathNotAllowed(
        f"{where} is at {url or 'no address'!r:.120}, and addresses in messages are not fetched. "
        "Expected the file itself: base64, a data: URL, or herd://artifact/ID."
    )


def _decoded(encoded: str, name: str, where: str, config: Config) -> Artifact:
    """Return the artifact in base64, typed by its content and held to the limits."""
    most = max(config.limits.video_bytes, config.limits.audio_bytes)
    if len(encoded) > most * 4 // 3 + 4:
        raise ArtifactTooLarge(
            f"{where} is over {human_size(most)}. Shrink it, or raise the limit in Config(limits=…)."
        )
    try:
        content = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ArtifactUnreadable(
            f"{where} is base64 that cannot be decoded. Expected it whole. Encode the file again."
        ) from None
    made = artifact_of(content, name)
    limit = int(getattr(config.limits, f"{made.kind.value}_bytes"))
    if len(content) > limit:
        raise ArtifactTooLarge(
            f"{where} is {human_size(len(content))} of {made.kind.value}; the limit is "
            f"{human_size(limit)}. Shrink it, or raise the limit in Config(limits=…)."
        )
    made.check(config.limits)
    return made


def artifact_of(content: bytes, name: str = "") -> Artifact:
    """Return content as an artifact of the kind that it is, not that it is called."""
    mime = sniff_bytes(content[: 1 << 20], name, whole=len(content) <= 1 << 20)
    kind = kind_of_mime(mime)
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, content, mime=mime, name=name)
    return made


def stored(
    url: str, store: ArtifactStore, *, name: str = "", where: str = "The file"
) -> ArtifactRef:
    """Return a reference to what ``herd://artifact/ID`` names. Raises ``PathNotAllowed``."""
    key = url.removeprefix(ARTIFACT_URL)
    if not _KEY.fullmatch(key) or not store.holds(key):
        raise PathNotAllowed(
            f"{where} is artifact {key[:12]!r}, which is not in this store. Expected one that this "
            "herd made or was given. Send the file itself."
        )
    return artifact_of(store.get(key), name).put(store)


def _foreign(value: Any, store: ArtifactStore, config: Config) -> list[ArtifactRef]:
    """Return the artifact that a block of no standard form is: a reference as a dict, or none."""
    if isinstance(value, dict) and {"id", "kind", "mime", "size"} <= cast("Any", value).keys():
        ref = to_refs(value, None, store, config, "A reference in a message")
        return [ref] if isinstance(ref, ArtifactRef) else ref
    kind = cast("Any", value).get("type") if isinstance(value, dict) else type(value).__name__
    raise PlanMalformed(
        f"A message holds a block of type {kind!r}, which cannot be read. Expected text, image, "
        "audio, video or file blocks. Leave it out."
    )


def referred(given: Any, store: ArtifactStore, config: Config) -> list[BaseMessage]:
    """Return messages with references in place of the files that they hold."""
    return [_referred(each, store, config) for each in as_messages(given)]


def _referred(message: BaseMessage, store: ArtifactStore, config: Config) -> BaseMessage:
    blocks = cast("list[dict[str, Any]]", message.content_blocks)
    if not any(_holds_bytes(each) for each in blocks):
        return message
    kept = [
        _block(_attached(each, store, config), store, "reference") if _holds_bytes(each) else each
        for each in blocks
    ]
    return message.model_copy(update={"content": kept})


def _holds_bytes(block: Mapping[str, Any]) -> bool:
    return block.get("base64") is not None or str(block.get("url", "")).startswith("data:")


# An answer as a message -------------------------------------------------------------------------


def answer_message(
    answer: Answer,
    store: ArtifactStore,
    *,
    run: str,
    media: Media = "inline",
    told: Mapping[str, JSON] | None = None,
) -> AIMessage:
    """Return an answer as the message that a model would give.

    Args:
        answer: The answer.
        store: Where its artifacts are.
        run: The run's id.
        media: Whether pictures and recordings go along, or are referred to.
        told: What else stands in ``response_metadata["herd"]``.
    """
    parts = [part.model_dump(mode="json", exclude={"sources"}) for part in answer.parts]
    known: dict[str, Any] = {
        "run": run,
        "status": answer.status,
        "parts": parts,
        "missing": list(answer.missing),
        **(told or {}),
    }
    words = answer.render(provenance=False)
    blocks = media_blocks(answer, store, media)
    content: Any = [{"type": "text", "text": words}, *blocks] if blocks else words
    return AIMessage(
        content=content,
        id=f"herd-{run}" if run else None,
        response_metadata={"model_name": "herd", "model_provider": "herd", "herd": known},
    )


def media_blocks(
    answer: Answer, store: ArtifactStore, media: Media = "inline"
) -> list[dict[str, Any]]:
    """Return a content block for each file in an answer; its words are not among them."""
    refs = dict.fromkeys(
        (ref.id, ref.kind) for ref in answer.artifacts if ref.kind not in _WORDS | {Kind.TABLE}
    )
    by_key = {(ref.id, ref.kind): ref for ref in answer.artifacts}
    return [_block(by_key[key], store, media) for key in refs]


def _block(ref: ArtifactRef, store: ArtifactStore, media: Media) -> dict[str, Any]:
    block: dict[str, Any] = {"type": _BLOCKS.get(ref.kind, "file"), "mime_type": ref.mime}
    if media == "inline":
        block["base64"] = base64.b64encode(load(ref, store).bytes()).decode()
    else:
        block["url"] = f"{ARTIFACT_URL}{ref.id}"
    block["extras"] = {"name": ref.name, "artifact": ref.id}
    return block


__all__ = (
    "ARTIFACT_URL",
    "Conversation",
    "Media",
    "answer_message",
    "artifact_of",
    "as_messages",
    "media_blocks",
    "read_messages",
    "referred",
    "stored",
)
