"""Say results in words: a text as it is, a value for people, a line for a picture or a recording."""

from __future__ import annotations

import re
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
    if len(refs) == 1 and (told := _fact(ask, refs[0], store)):
        return told
    return words_of(refs, store)


_FACTS = (
    ("length", r"how long|\blength\b|\bduration\b|\blasts?\b|how many (?:seconds|minutes)"),
    ("pages", r"\bpages?\b"),
    ("pixels", r"\bpixels?\b|\bresolution\b|\bdimensions?\b|how (?:wide|high|tall)|how (?:big|large) is (?:the|this|my) (?:picture|image|photo)"),
    ("size", r"how (?:big|large|heavy)|\b(?:file ?)?size\b|\bbytes\b|\b[kmg]b\b|megabytes"),
    ("sample_rate", r"\bsample ?rate\b|\bhz\b|\bsampling\b"),
    ("channels", r"\bstereo\b|\bmono\b|\bchannels?\b"),
    ("frames_per_second", r"\bframes per second\b|\bfps\b|\bframe ?rate\b"),
    ("words", r"how many words|\bword count\b"),
    ("lines", r"how many lines"),
    ("description", r"what (?:kind|type|sort) of (?:a )?file|\bfile (?:type|format|kind)\b|what format"),
)  # fmt: skip
"""Fields of what is known of a file, and how they are asked for."""


def _fact(ask: str, ref: ArtifactRef, store: ArtifactStore) -> str:
    """Return the one or two facts of a file that were asked for; empty where they are no such facts."""
    artifact = load(ref, store)
    value = cast("Data[Any]", artifact).value if isinstance(artifact, Data) else None
    if not isinstance(value, dict) or not {"mime", "label", "group"} <= value.keys():
        return ""
    known = cast("dict[str, Any]", value)
    asked = [
        name for name, form in _FACTS if known.get(name) and re.search(form, ask, re.IGNORECASE)
    ]
    if (
        "pixels" in asked
        and "size" in asked
        and not re.search(r"\bsize\b|bytes|\b[kmg]b\b", ask.lower())
    ):
        asked.remove("size")
    return "\n".join(f"{name.replace('_', ' ')}: {known[name]}" for name in asked)


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
