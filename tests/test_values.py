"""Between ports and plain JSON values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.artifacts import Table, Text
from herd_graph.cards import Port
from herd_graph.config import Config
from herd_graph.errors import ArtifactNotFound, ArtifactTooLarge, PortViolation
from herd_graph.store import MemoryStore
from herd_graph.types import ArtifactRef, Kind
from herd_graph.values import annotation, guarded, to_plain, to_refs

scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
)
json_values = st.recursive(
    scalars | st.text(alphabet=st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=20,
)
DATA = Port(name="value", kind=Kind.DATA)
TEXT = Port(name="text", kind=Kind.TEXT)


def there_and_back(value: Any, port: Port) -> Any:
    store = MemoryStore()
    refs = to_refs(value, port, store, guarded(Config()), "it")
    return to_plain(refs, store)


@given(json_values)
def test_data_comes_back_as_it_was(value: Any):
    assert there_and_back(value, DATA) == value


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_is_never_read_as_anything_else(text: str):
    assert there_and_back(text, TEXT) == text


@given(st.lists(st.text(alphabet=st.characters(codec="utf-8")), max_size=5))
def test_a_list_is_a_list(texts: list[str]):
    assert there_and_back(texts, TEXT.model_copy(update={"many": True})) == texts


def test_what_came_out_goes_back_in():
    store = MemoryStore()
    long = Text("word " * 1000).put(store)
    as_json = long.model_dump(mode="json")

    assert to_refs(as_json, TEXT, store, Config(), "it") == long


def test_a_dict_that_only_looks_like_a_reference_is_data():
    lookalike = {"id": 7, "kind": "none", "mime": None, "size": "large"}

    assert there_and_back(lookalike, DATA) == lookalike


def test_a_table_is_a_list_of_rows():
    rows = [{"item": "rye bread", "price": 9.0}, {"item": "butter", "price": 3.25}]

    assert there_and_back(Table(rows), Port(name="rows", kind=Kind.TABLE)) == rows


def test_a_reference_to_another_store_is_named():
    ref = ArtifactRef(id="0" * 64, kind=Kind.IMAGE, mime="image/png", size=10)

    with pytest.raises(ArtifactNotFound, match="not in this store"):
        to_refs(ref, Port(name="picture", kind=Kind.IMAGE), MemoryStore(), Config(), "it")


@pytest.mark.parametrize("value", [7, b"\x89PNG", {"url": "x"}])
def test_media_are_no_plain_values(value: Any):
    with pytest.raises(PortViolation, match="Expected Image"):
        there_and_back(value, Port(name="picture", kind=Kind.IMAGE))


def test_a_data_url_has_a_limit():
    from herd_graph.config import Limits

    config = Config(limits=Limits(text_bytes=3))
    with pytest.raises(ArtifactTooLarge, match="the limit is 3 B"):
        to_refs("data:text/plain,hello", None, MemoryStore(), config, "it")


def test_the_working_directory_is_allowed_where_nothing_else_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)

    assert guarded(Config()).folders == (tmp_path,)
    assert guarded(Config(folders=(Path("/srv"),))).folders == (Path("/srv"),)
    assert guarded(Config(folders=(Path("/srv"),)), ["."]).folders == (tmp_path,)


def test_annotations_read_like_python():
    choice = Port(name="to", kind=Kind.DATA, json_schema={"enum": ["pt", "en"]})
    number = Port(name="n", kind=Kind.DATA, json_schema={"type": "number"})

    assert str(annotation(choice)) == "typing.Literal['pt', 'en']"
    assert annotation(number) is float
    assert annotation(TEXT.model_copy(update={"many": True})) == list[str]
