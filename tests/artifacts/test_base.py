"""Text, data, and what all artifacts share: identity, references, display."""

from __future__ import annotations

import gc
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from herd_graph.artifacts import Artifact, Audio, Data, Document, Image, Text, Video, load
from herd_graph.artifacts.base import class_of, decode_text, human_size, printable
from herd_graph.errors import ArtifactNotFound, ArtifactUnreadable, DeclarationError
from herd_graph.store import MemoryStore, digest
from herd_graph.types import INLINE_BYTES, ArtifactRef, Kind, Provenance

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", max_size=2), inner),
    max_leaves=8,
).filter(lambda value: "inf" not in repr(value))


@given(json_values)
def test_data_is_what_it_was(value: object) -> None:
    store = MemoryStore()

    assert Data(value).value == value
    assert load(Data(value).put(store), store).value == value  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_text_is_what_it_was(value: str) -> None:
    store = MemoryStore()
    kept = load(Text(value).put(store), store)

    assert isinstance(kept, Text)
    assert kept.text == value.removeprefix("\ufeff")


def test_equal_values_are_one_artifact() -> None:
    assert Data({"a": 1, "b": 2}).id == Data({"b": 2, "a": 1}).id
    assert Data("x") != Text("x")
    assert {Text("a"), Text("a")} == {Text("a")}


def test_small_things_travel_in_their_reference() -> None:
    store = MemoryStore()

    small, large = Text("a" * INLINE_BYTES).put(store), Text("a" * (INLINE_BYTES + 1)).put(store)

    assert small.inline == "a" * INLINE_BYTES
    assert large.inline is None
    assert list(store.keys()) == [large.id]
    assert load(small, MemoryStore()).bytes() == b"a" * INLINE_BYTES
    with pytest.raises(ArtifactNotFound, match="HERD_HOME"):
        load(large, MemoryStore()).bytes()


def test_a_reference_is_json_and_back() -> None:
    ref = Text("hé", name="note.txt").put(MemoryStore(), Provenance(run="r1", expert="a@1"))

    assert ArtifactRef.model_validate_json(ref.model_dump_json()) == ref
    assert ref.id == digest("hé".encode())
    assert ref.provenance.expert == "a@1"


def test_lone_surrogates_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "caf\udce9.txt"
    path.write_text("hi")

    named = Text(path)
    ref = named.put(MemoryStore())

    assert Text("a\ud800b").text == "a?b"
    assert Data({"k": "\ud800"}).value == {"k": "?"}
    assert ArtifactRef.model_validate_json(ref.model_dump_json()).name == "caf?.txt"


def test_models_become_json() -> None:
    class Point(BaseModel):
        x: int
        y: float = 0.5

    assert Data(Point(x=1)).value == {"x": 1, "y": 0.5}


def test_numbers_of_numpy_are_numbers() -> None:
    assert Data({"a": np.float32(0.5), "b": np.arange(3)}).value == {"a": 0.5, "b": [0, 1, 2]}


@pytest.mark.parametrize("value", [math.nan, math.inf, object(), {1: {2: object()}}])
def test_what_is_no_json_is_refused(value: object) -> None:
    with pytest.raises(ArtifactUnreadable, match="JSON"):
        Data(value)


def test_json_lines_are_a_list(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1}\n\n{"a": 2}\n')

    assert Data(path).value == [{"a": 1}, {"a": 2}]


@pytest.mark.parametrize("content", ["{", "{'a': 1}", "1 2", '{"a": 1}\n{"a": ', "[" * 100_000])
def test_broken_json_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)

    with pytest.raises(ArtifactUnreadable, match=r"'x\.json' is not JSON"):
        Data(path).check()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain", "plain"),
        (b"\xef\xbb\xbfmarked", "marked"),
        ("zwölf".encode("utf-16"), "zwölf"),
        (b"caf\xe9 \x93quoted\x94", "café “quoted”"),
    ],
)
def test_common_encodings_are_read(content: bytes, text: str) -> None:
    assert decode_text(content) == text


@pytest.mark.parametrize("content", [b"\x00\x01\x02\xff", b"\xff\xfe\x00", b"\x81\x8d\x8f"])
def test_binary_is_no_text(content: bytes) -> None:
    with pytest.raises(ArtifactUnreadable, match="is not text"):
        decode_text(content, "x.bin")


@pytest.mark.parametrize("blank", ["", " \n\t ", "\N{NO-BREAK SPACE}"])
def test_blank_text_is_refused(blank: str) -> None:
    with pytest.raises(ArtifactUnreadable):
        Text(blank).check()


def test_a_terminal_is_not_driven_by_content() -> None:
    assert "\x1b" not in printable("\x1b[2J")
    assert printable("a\u202eb") == "a\N{REPLACEMENT CHARACTER}b"
    assert printable("\r\x07") == "\N{REPLACEMENT CHARACTER}" * 2


@pytest.mark.parametrize(
    "text", ["à la carte\u202f!", "👩\u200d👧", "क्\u200dष", "a\tb\nc", "7\u00a0kg"]
)
def test_ordinary_writing_is_left_alone(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize(
    ("size", "shown"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (10**7, "10.0 MB"), (10**10, "10.0 GB")],
)
def test_sizes_are_for_people(size: int, shown: str) -> None:
    assert human_size(size) == shown


def test_a_borrowed_file_goes_away_with_its_artifact() -> None:
    text = Text("for a library that wants a file", name="x.txt")
    path = text.path()

    assert path.read_text() == "for a library that wants a file"
    assert path.suffix == ".txt"
    assert text.path() == path
    del text
    gc.collect()
    assert not path.exists()


def test_the_file_of_the_user_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("mine")
    text = Text(path)

    assert text.path() == path
    text.put(MemoryStore())
    del text
    gc.collect()
    assert path.exists()


def test_the_artifact_survives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "gone.txt"
    path.write_text("x" * 2000)
    store = MemoryStore()
    text = Text(path)
    text.put(store)
    path.unlink()

    assert text.text == "x" * 2000
    assert text.path().read_text() == "x" * 2000


def test_putting_twice_and_elsewhere_keeps_the_content() -> None:
    one, two = MemoryStore(), MemoryStore()
    text = Text("y" * 1000)

    ref = text.put(one)
    assert text.put(one) == ref
    assert text.put(two) == ref
    assert one.get(ref.id) == two.get(ref.id)


def test_provenance_is_set_by_the_one_who_keeps_it() -> None:
    store = MemoryStore()
    text = Text("z")
    first = text.put(store, Provenance(step="s1"))
    second = text.put(store, Provenance(step="s2"))

    assert (first.provenance.step, second.provenance.step) == ("s1", "s2")
    assert first.id == second.id


def test_a_missing_file_says_which(tmp_path: Path) -> None:
    with pytest.raises(ArtifactUnreadable, match=r"no\.txt.*Check the path"):
        Text(tmp_path / "no.txt").bytes()


def test_saving_returns_the_path(tmp_path: Path) -> None:
    assert Data([1]).save(tmp_path / "one.json").read_bytes() == b"[1]"


@pytest.mark.parametrize("kind", [each for each in Kind if each is not Kind.ANY])
def test_every_kind_has_a_class_that_shows_itself(kind: Kind) -> None:
    made = class_of(kind).__new__(class_of(kind))
    Artifact.__init__(made, b'{"a": 1}', name="<x>")

    assert made.kind is kind
    bundle = made._repr_mimebundle_()
    assert bundle["text/plain"]
    assert "<x>" not in bundle.get("text/html", "")


def test_any_has_none() -> None:
    with pytest.raises(DeclarationError, match="no kind of payload"):
        class_of(Kind.ANY)


def test_mime_types_follow_the_kind() -> None:
    assert Image(b"x", name="a.jpg").mime == "image/jpeg"
    assert Image(b"x", name="a.wav").mime == "image/png"
    assert Audio(b"x", name="a.mp3").mime == "audio/mpeg"
    assert Video(b"x", name="a.webm").mime == "video/webm"
    assert Document(b"x", name="a.html").mime == "text/html"
    assert Text("x", name="a.md").mime == "text/markdown"
