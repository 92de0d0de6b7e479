"""Say results in words: a text as it is, a value for people, a line for a picture or a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from herd_graph.artifacts import Table, load
from herd_graph.artifacts.base import Data, Text
from herd_graph.coordination.along import is_csv
from herd_graph.errors import HerdError
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef

_MOST_CSV = 20_000
"""Bytes of a table that are shown as the CSV that was asked for."""


def as_asked(ask: str, refs: Sequence[ArtifactRef], store: ArtifactStore) -> str:
    """Return artifacts in words: a table as CSV where that was asked for."""
    if is_csv(ask, [ref.mime for ref in refs]) and sum(ref.size for ref in refs) <= _MOST_CSV:
        return "\n".join(store.get(ref.id).decode("utf-8", "replace").strip() for ref in refs)
    return words_of(refs, store)


def words_of(refs: Sequence[ArtifactRef], store: ArtifactStore) -> str:
    """Return artifacts in words: their text, or a line that describes them."""
    if not refs:  # an expert looked and gave an empty list
        return "Nothing was found."
    words: list[str] = []
    for ref in refs:
        artifact = load(ref, store)
        try:
            if isinstance(artifact, Text | Table):
                words.append(str(artifact))
            elif isinstance(artifact, Data):
                words.append(_json_words(cast("Data[Any]", artifact).value))
            else:
                words.append(artifact.summary)
        except HerdError as error:
            words.append(f"({ref.kind.value} that cannot be shown: {error})")
    return "\n".join(words)


def _json_words(value: Any) -> str:
    """Write a JSON value for people: scalars plain, flat objects as ``key: value`` pairs."""
    import json

    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_json_words(each) for each in cast("list[Any]", value))
    if isinstance(value, dict):
        pairs = cast("dict[str, Any]", value)
        if "text" in pairs and "label" in pairs:  # something that was found in something
            return f"{_json_words(pairs['text'])} ({_json_words(pairs['label'])})"
        if {"label", "x", "y", "width", "height"} <= pairs.keys():  # … in a picture, and where
            box = "{x}, {y} ({width} x {height} pixels)".format_map(pairs)
            sure = f" ({pairs['score']:.0%})" if isinstance(pairs.get("score"), float) else ""
            return f"{_json_words(pairs['label'])}{sure} at {box}"
        if all(not isinstance(each, dict | list) for each in pairs.values()):
            told = {key: each for key, each in pairs.items() if each is not None and each != ""}
            pairs = told or pairs  # an empty note says nothing
            if pairs.keys() == {"label", "score"} and isinstance(pairs["score"], float):
                return f"{_json_words(pairs['label'])} ({pairs['score']:.2f})"
            return ", ".join(f"{key}: {_json_words(each)}" for key, each in pairs.items())
    return json.dumps(value, ensure_ascii=False)


__all__ = ("as_asked", "words_of")
