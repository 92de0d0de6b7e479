"""What the page is given of artifacts: a preview as JSON, or bytes under a type that is safe.

Only artifacts that the page was told of can be asked for. Their own MIME type is never repeated
blindly: what a browser could run (SVG, HTML, XML, PDF) is handed out as a download, with a policy
of its own that allows nothing.
"""

from __future__ import annotations

import json
import math
import re
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, cast

from herd_graph.artifacts import Artifact, Audio, Image, Table, load
from herd_graph.artifacts.base import decode_text, human_size, printable
from herd_graph.errors import ArtifactNotFound, HerdError
from herd_graph.store import ArtifactStore
from herd_graph.types import JSON, ArtifactRef, Kind

Shown: TypeAlias = dict[str, Any]
"""JSON for the page."""
INLINE = frozenset(
    {
        *("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/avif"),
        *("audio/wav", "audio/x-wav", "audio/mpeg", "audio/ogg", "audio/flac", "audio/x-flac"),
        *("audio/mp4", "audio/x-m4a", "audio/aac", "audio/webm"),
        *("video/mp4", "video/webm", "video/ogg", "video/quicktime"),
    }
)
"""Types that a browser shows or plays and never runs."""
POLICY = "default-src 'none'; sandbox"
SHOWN_CHARS = 100_000
SHOWN_ROWS = 200
_JSON_BYTES = 1 << 20
_SOUND_BYTES = 128 << 20
"""Larger recordings play, and are not drawn: they would have to be decoded whole."""
PEAKS = 480
_KNOWN = 100_000


@dataclass(frozen=True)
class Held:
    """A payload that may be asked for."""

    ref: ArtifactRef
    store: ArtifactStore

    @property
    def artifact(self) -> Artifact:
        """The payload; its bytes are fetched on demand."""
        return load(self.ref, self.store)


class Payloads:
    """The artifacts that were shown, by id; the oldest are forgotten."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()

    def note(self, refs: Iterable[ArtifactRef | None], store: ArtifactStore) -> None:
        """Let these be asked for."""
        for ref in refs:
            if ref is not None:
                self._held[ref.id] = Held(ref, store)
                self._held.move_to_end(ref.id)
        while len(self._held) > _KNOWN:
            self._held.popitem(last=False)

    def all(self) -> list[Held]:
        """Return everything that was shown."""
        return list(self._held.values())

    def get(self, identity: str) -> Held:
        """Return what was shown under an id. Raises ``ArtifactNotFound``."""
        held = self._held.get(identity)
        if held is None:
            raise ArtifactNotFound(
                f"No artifact {identity[:12]!r} was shown. Expected one of an open run. Open its "
                "run, and the step that gave it."
            )
        return held


def described(ref: ArtifactRef | None) -> Shown | None:
    """Return what the page is told of a reference before it asks for more; no payload."""
    if ref is None:
        return None
    small = {"inline": ref.inline} if ref.inline is not None else {}
    return {
        **small,
        "id": ref.id,
        "kind": ref.kind.value,
        "mime": printable(ref.mime),
        "size": ref.size,
        "shown_size": human_size(ref.size),
        "name": printable(ref.name),
        "playable": media_type(ref) in INLINE,
        "by": printable(ref.provenance.expert),
        "step": ref.provenance.step,
    }


def media_type(ref: ArtifactRef) -> str:
    """Return the type that a payload is served under."""
    mime = ref.mime.partition(";")[0].strip().lower()
    if mime in INLINE and mime.partition("/")[0] == ref.kind.value:
        return {"audio/x-wav": "audio/wav", "audio/x-flac": "audio/flac"}.get(mime, mime)
    if ref.kind is Kind.TEXT:
        return "text/plain; charset=utf-8"
    if ref.kind is Kind.DATA:
        return "application/json"
    return "application/octet-stream"


def content_headers(ref: ArtifactRef) -> dict[str, str]:
    """Return the headers that a payload is served with; whatever could run is a download."""
    shown = media_type(ref) in INLINE
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", ref.name)[:100].strip(". ") or f"{ref.kind.value}"
    return {
        "content-type": media_type(ref),
        "content-disposition": f'{"inline" if shown else "attachment"}; filename="{plain}"',
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        # What an id names never changes; the cookie is needed all the same.
        "cache-control": "private, max-age=31536000, immutable",
    }


def content(held: Held) -> Path | bytes:
    """Return where the bytes are, or the bytes. Raises ``ArtifactNotFound``."""
    if held.ref.inline is not None:
        return held.ref.inline.encode()
    return held.store.local_path(held.ref.id)


def preview(held: Held) -> Shown:
    """Return what can be shown of a payload, or why it cannot be; large ones are cut."""
    told: Shown = {**(described(held.ref) or {})}
    try:
        return {**told, **_PREVIEWS.get(held.ref.kind, _nothing)(held)}
    except HerdError as error:
        return {**told, "error": printable(str(error))}
    except Exception as error:  # a decoder met what it does not know
        return {**told, "error": printable(f"{type(error).__name__}: {error}")}


def _nothing(_: Held) -> Shown:
    return {}


def _text(held: Held) -> Shown:
    size = held.ref.size
    if held.ref.inline is None and size > 8 * SHOWN_CHARS:
        with held.store.local_path(held.ref.id).open("rb") as reader:
            head = reader.read(4 * SHOWN_CHARS)
        return {"text": head.decode("utf-8", "replace")[:SHOWN_CHARS], "cut": True}
    text = decode_text(held.artifact.bytes(), held.ref.name)
    return {"text": text[:SHOWN_CHARS], "cut": len(text) > SHOWN_CHARS}


def _data(held: Held) -> Shown:
    if held.ref.size > _JSON_BYTES:
        return _text(held)
    value: Any = cast("Any", held.artifact).value
    return {"value": cast("JSON", value)}


def _table(held: Held) -> Shown:
    table = cast("Table", held.artifact)
    columns, rows = table._parse()
    shown = [[_cell(cell) for cell in row] for row in rows[:SHOWN_ROWS]]
    return {"columns": [str(each) for each in columns], "rows": shown, "total": len(rows)}


def _cell(value: JSON) -> JSON:
    return value if isinstance(value, int | float | bool | None) else str(value)[:2000]


def _image(held: Held) -> Shown:
    width, height = cast("Image", held.artifact).pil().size  # upright, as boxes are given
    return {"width": width, "height": height}


def _audio(held: Held) -> Shown:
    if held.ref.size > _SOUND_BYTES:
        return {}
    np: Any = __import__("numpy")
    samples, rate = cast("Audio", held.artifact).samples()
    edges = np.linspace(0, len(samples), min(PEAKS, max(1, len(samples))) + 1).astype(int)
    peaks: Any = np.maximum.reduceat(np.abs(samples), edges[:-1]) if len(samples) else []
    return {
        "seconds": round(len(samples) / rate, 3),
        "peaks": [round(min(1.0, float(each)), 3) for each in peaks],
    }


_PREVIEWS = {
    Kind.TEXT: _text,
    Kind.DATA: _data,
    Kind.TABLE: _table,
    Kind.IMAGE: _image,
    Kind.AUDIO: _audio,
}


def thumbnail(held: Held, edge: int = 1280) -> bytes:
    """Return a PNG of a picture. Raises ``ArtifactUnreadable`` or ``ArtifactTooLarge``."""
    if held.ref.kind is not Kind.IMAGE:
        raise ArtifactNotFound(f"{held.ref.id[:12]!r} is {held.ref.kind.value}, and no picture.")
    return cast("Image", held.artifact).thumbnail(edge)


def as_json(value: object) -> str:
    """Return JSON that browsers read, on one line; NaN and infinity, which it has not, as text."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:  # rare: only then is all of it gone over
        plain = _without_nan(value)
        return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _without_nan(value: object) -> object:
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict):
        return {key: _without_nan(each) for key, each in cast("Shown", value).items()}
    if isinstance(value, list | tuple):
        return [_without_nan(each) for each in cast("list[object]", value)]
    return value


__all__ = (
    "INLINE",
    "POLICY",
    "Held",
    "Payloads",
    "Shown",
    "as_json",
    "content",
    "content_headers",
    "described",
    "media_type",
    "preview",
    "thumbnail",
)
