"""What the page is told of payloads that JSON itself cannot say."""

from __future__ import annotations

import json

import pytest

pytest.importorskip("starlette", reason="the extra debug is not installed")

from herd_graph.artifacts.attach import attach_bytes
from herd_graph.config import Config
from herd_graph.debug.web.payloads import Held, as_json, preview
from herd_graph.store import MemoryStore


@pytest.mark.parametrize(
    ("name", "content", "field", "shown"),
    [
        (
            "found.json",
            b'{"mean": NaN, "most": [1e999]}',
            "value",
            {"mean": "nan", "most": ["inf"]},
        ),
        ("rows.json", b'[{"a": NaN}, {"a": 1}]', "rows", [["nan"], [1]]),
    ],
)
def test_what_is_no_number_is_shown_as_text(
    name: str, content: bytes, field: str, shown: object
) -> None:
    store = MemoryStore()
    ref = attach_bytes(content, name=name, config=Config.from_environment()).put(store)

    told = json.loads(as_json(preview(Held(ref, store))))

    assert told[field] == shown
