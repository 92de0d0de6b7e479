"""One file with a run and the page that shows it: to send to somebody, and to open without anything.

What is large stays out, and says so where it would be: the file is mailed, not mirrored.
"""

from __future__ import annotations

import base64
from typing import Any

from herd_graph.artifacts.base import printable
from herd_graph.debug.web.looks import Look
from herd_graph.debug.web.page import one_page
from herd_graph.debug.web.payloads import (
    INLINE,
    Held,
    Payloads,
    Shown,
    as_json,
    content,
    media_type,
    preview,
    thumbnail,
)
from herd_graph.debug.web.steps import event_json, step_json
from herd_graph.errors import HerdError
from herd_graph.recording.events import Event
from herd_graph.types import Kind

_PAYLOAD_BYTES = 8 << 20
_TOTAL_BYTES = 48 << 20
_PICTURE_BYTES = 2_000_000
"""Larger pictures are shown as thumbnails, here as in the page."""
_ITEMS = 200
_EVENTS = 2000


def export(look: Look, events: list[Event]) -> str:
    """Return a run as one HTML page."""
    payloads = Payloads()
    shown = look.dump(payloads)
    by_step: dict[str, list[Event]] = {}
    for each in events:
        by_step.setdefault(each.step, []).append(each)
    names: list[str] = [step.id for step in look.standing.plan.steps]
    items: dict[str, int] = {}
    for name in look.standing.records:
        bare = name.partition("[")[0]
        if bare != name:
            items[bare] = items.get(bare, 0) + 1
            if items[bare] <= _ITEMS:
                names.append(name)
    steps = {name: step_json(look, name, payloads, by_step.get(name, ())) for name in names}
    artifacts, contents = _packed(payloads)
    data = {
        "run": shown,
        "steps": steps,
        "events": {"total": len(events), "events": [event_json(e) for e in events[-_EVENTS:]]},
        "artifacts": artifacts,
        "contents": contents,
    }
    return one_page(as_json(data), f"{printable(look.row.task)[:80]} · HERD")


def _packed(payloads: Payloads) -> tuple[dict[str, Shown], dict[str, str]]:
    """Return previews of everything, and what can be shown or played, up to a size."""
    artifacts: dict[str, Shown] = {}
    contents: dict[str, str] = {}
    room = _TOTAL_BYTES
    for held in payloads.all():
        if held.ref.inline is not None:
            continue
        artifacts[held.ref.id] = preview(held)
        packed = _bytes(held)
        if packed is not None and len(packed[1]) <= room:
            room -= len(packed[1])
            encoded = base64.b64encode(packed[1]).decode()
            contents[held.ref.id] = f"data:{packed[0]};base64,{encoded}"
    return artifacts, contents


def _bytes(held: Held) -> tuple[str, bytes] | None:
    mime: Any = media_type(held.ref)
    try:
        if held.ref.kind is Kind.IMAGE and (held.ref.size > _PICTURE_BYTES or mime not in INLINE):
            return "image/png", thumbnail(held)
        if mime not in INLINE or held.ref.size > _PAYLOAD_BYTES:
            return None
        where = content(held)
        return mime, where if isinstance(where, bytes) else where.read_bytes()
    except HerdError:
        return None  # the preview says what is wrong with it


__all__ = ("export",)
