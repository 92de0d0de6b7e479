"""From Python signatures to ports, and between Python values and payloads."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from herd_graph.artifacts import Artifact, Audio, Data, Document, Image, Table, Text
from herd_graph.cards import Port
from herd_graph.contexts import ExpertContext
from herd_graph.docstrings import describe
from herd_graph.errors import DeclarationError, PortViolation
from herd_graph.signatures import read_signature
from herd_graph.slots import make_slot
from herd_graph.types import Kind


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Person(BaseModel):
    name: str
    age: int = 0


class Split(NamedTuple):
    left: Text
    right: float


class Parts(TypedDict):
    words: list[str]
    table: Table


def slot(annotation: Any) -> Any:
    return make_slot("p", annotation, "parameter 'p'")


@pytest.mark.parametrize(
    ("annotation", "kind", "many", "shown"),
    [
        (Text, Kind.TEXT, False, "Text"),
        (str, Kind.TEXT, False, "Text"),
        (Image, Kind.IMAGE, False, "Image"),
        (list[Image], Kind.IMAGE, True, "list[Image]"),
        (list[str], Kind.TEXT, True, "list[Text]"),
        (float, Kind.DATA, False, "Data[number]"),
        (int, Kind.DATA, False, "Data[integer]"),
        (bool, Kind.DATA, False, "Data[boolean]"),
        (list[int], Kind.DATA, True, "list[Data[integer]]"),
        (dict[str, int], Kind.DATA, False, "Data[object]"),
        (Literal["pt", "en"], Kind.DATA, False, "'pt' | 'en'"),
        (Colour, Kind.DATA, False, "'red' | 'blue'"),
        (Person, Kind.DATA, False, "Data[Person]"),
        (Data[Person], Kind.DATA, False, "Data[Person]"),
        (Data, Kind.DATA, False, "Data"),
        (Artifact, Kind.ANY, False, "Any"),
        (Any, Kind.DATA, False, "Data"),
        (Image | Document, Kind.IMAGE, False, "Image | Document"),
        (Text | None, Kind.TEXT, False, "Text"),
        (float | None, Kind.DATA, False, "Data[number]"),
        (list[Text] | None, Kind.TEXT, True, "list[Text]"),
        (list[Image | Document], Kind.IMAGE, True, "list[Image | Document]"),
        (tuple[Text, ...], Kind.TEXT, True, "list[Text]"),
    ],
)
def test_annotations_become_ports(annotation: Any, kind: Kind, many: bool, shown: str) -> None:
    port: Port = slot(annotation).port

    assert (port.kind, port.many, port.type_name) == (kind, many, shown)


@pytest.mark.parametrize("annotation", [bytes, Iterator[Text], type, open])
def test_what_cannot_be_a_port_is_refused(annotation: Any) -> None:
    with pytest.raises(DeclarationError, match=r"cannot be parameter 'p'.*Expected"):
        slot(annotation)


def test_annotated_describes_and_narrows() -> None:
    port = slot(
        Annotated[Image, Port(name="x", kind=Kind.IMAGE, mime=("image/png",)), "a drawing"]
    ).port

    assert (port.description, port.mime) == ("a drawing", ("image/png",))


def test_a_signature_is_read_whole() -> None:
    def look(
        picture: Image, to: Literal["pt", "en"] = "pt", n: int = 3, ctx: ExpertContext | None = None
    ) -> list[Text]:
        """Look at it.

        Args:
            picture: What to
                look at.
            to: The language.

        Returns:
            nothing: that counts.
        """
        raise NotImplementedError

    read = read_signature(look, "look")

    assert [str(port) for port in read.inputs] == [
        "picture: Image",
        "to: 'pt' | 'en' = …",
        "n: Data[integer] = …",
    ]
    assert [port.default for port in read.inputs] == [None, "pt", 3]
    assert [port.description for port in read.inputs] == ["What to look at.", "The language.", ""]
    assert read.context_name == "ctx"
    assert [str(port) for port in read.outputs] == ["result: list[Text]"]
    assert read.mode == "sync"


def test_modes() -> None:
    async def later(x: str) -> str: ...
    def pieces(x: str) -> Iterator[str]: ...
    async def later_pieces(x: str) -> AsyncIterator[str]:
        yield x

    assert [read_signature(each, "e").mode for each in (later, pieces, later_pieces)] == [
        "async",
        "stream",
        "async_stream",
    ]


@pytest.mark.parametrize("given_", [Split, Parts])
def test_several_outputs_have_names(given_: Any) -> None:
    def split(x: str): ...

    split.__annotations__ = {"x": str, "return": given_}
    read = read_signature(split, "split")

    assert read.several
    assert [port.name for port in read.outputs] == list(given_.__annotations__)


def test_named_outputs_are_encoded_by_name() -> None:
    def split(x: str) -> Split: ...

    read = read_signature(split, "split")
    encoded = read.encode(Split(Text("a"), 0.5))

    assert encoded == {"left": Text("a"), "right": Data(0.5)}
    assert read.encode({"left": Text("a"), "right": 0.5}) == encoded
    with pytest.raises(PortViolation, match=r"did not return the outputs \['right'\]"):
        read.encode({"left": Text("a")})
    with pytest.raises(PortViolation, match="returned str"):
        read.encode("a")


def unannotated(x) -> Text: ...  # pyright: ignore  # noqa: PGH003
def no_result(x: str): ...
def none_result(x: str) -> None: ...
def stars(*x: str) -> Text: ...
def keywords(**x: str) -> Text: ...
def nameless(x: str) -> tuple[str, int]: ...
def unresolved(x: Missing) -> Text: ...  # pyright: ignore  # noqa: F821, PGH003


WRONG: list[tuple[Any, str]] = [
    (unannotated, "Parameter 'x' of expert 'e' has no annotation"),
    (no_result, "has no return annotation"),
    (none_result, "has no return annotation"),
    (stars, r"takes \*x"),
    (keywords, r"takes \*\*x"),
    (nameless, r"tuple\[str, int\] cannot be the result of expert 'e': its parts have no names"),
    (unresolved, "cannot be resolved: name 'Missing'"),
]


@pytest.mark.parametrize(("function", "said"), WRONG)
def test_what_is_missing_is_named(function: Any, said: str) -> None:
    with pytest.raises(DeclarationError, match=said):
        read_signature(function, "e")


@pytest.mark.parametrize(
    ("annotation", "payload", "value"),
    [
        (str, Text("hi"), "hi"),
        (str, Data(3.5), "3.5"),
        (str, Data("plain"), "plain"),
        (float, Data(3), 3.0),
        (float, Data("3.5"), 3.5),
        (float, Text("3.5"), 3.5),
        (int, Text(" 7 "), 7),
        (bool, Data(True), True),
        (Colour, Text("red"), Colour.RED),
        (Literal["pt", "en"], Text("pt"), "pt"),
        (Person, Data({"name": "Ann"}), Person(name="Ann")),
        (Text, Data(0.5), Text("0.5")),
        (Text, Text("t"), Text("t")),
        (Text, Table([{"a": 1}]), Text("| a |\n| --- |\n| 1 |")),
        (Data, Text("x"), Data("x")),
        (list[str], [Text("a"), Text("b")], ["a", "b"]),
        (list[str], Text("a"), ["a"]),
        (list[float], Data([1, 2]), [1.0, 2.0]),
        (list[float], [Data(1), Data(2)], [1.0, 2.0]),
        (list[Colour], Data(["red"]), [Colour.RED]),
        (Image | Document, Document(b"%PDF"), Document(b"%PDF")),
        (list[Image | Document], [Document(b"%PDF")], [Document(b"%PDF")]),
        (Artifact, Audio(b"x"), Audio(b"x")),
        (dict[str, int], Data({"a": 1}), {"a": 1}),
        (float | None, Data(None), None),
        (float | None, Data(2), 2.0),
    ],
)
def test_payloads_become_values(annotation: Any, payload: Any, value: Any) -> None:
    assert slot(annotation).decode(payload) == value


@pytest.mark.parametrize(
    ("annotation", "payload"),
    [
        (float, Text("many")),
        (float, Data([1])),
        (Colour, Text("green")),
        (Literal["pt"], Data("en")),
        (Person, Data({"age": 3})),
        (str, Image(b"x")),
        (Image, Text("a picture")),
        (Text, Image(b"x")),
        (Text, [Text("a"), Text("b")]),
        (Image | Document, Text("x")),
        (list[Image], [Text("x")]),
    ],
)
def test_what_does_not_fit_names_the_port_and_the_type(annotation: Any, payload: Any) -> None:
    with pytest.raises(PortViolation) as caught:
        slot(annotation).decode(payload)
    assert "Expected" in str(caught.value) or "expected" in str(caught.value)


@pytest.mark.parametrize(
    ("annotation", "value", "payload"),
    [
        (str, "a", Text("a")),
        (Text, Text("a"), Text("a")),
        (Text, "a", Text("a")),
        (float, 2, Data(2.0)),
        (Colour, Colour.BLUE, Data("blue")),
        (Person, Person(name="A"), Data({"name": "A", "age": 0})),
        (Person, {"name": "A"}, Data({"name": "A", "age": 0})),
        (list[str], ("a", "b"), [Text("a"), Text("b")]),
        (list[str], [], []),
        (Table, [{"a": 1}], Table([{"a": 1}])),
        (Artifact, "a", Text("a")),
        (Artifact, {"a": 1}, Data({"a": 1})),
        (Artifact, Image(b"x"), Image(b"x")),
        (dict[str, float], {"a": 1}, Data({"a": 1.0})),
        (Data[Person], Person(name="A"), Data({"name": "A", "age": 0})),
        (Data[Person], Data({"name": "A"}), Data({"name": "A"})),
        (float | None, None, Data(None)),
    ],
)
def test_values_become_payloads(annotation: Any, value: Any, payload: Any) -> None:
    assert slot(annotation).encode(value) == payload


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (str, 3),
        (str, None),
        (Text, b"bytes"),
        (float, "many"),
        (float, float("nan")),
        (Colour, "green"),
        (Person, {"age": 1}),
        (Image, Text("x")),
        (list[str], "abc"),
        (list[str], 3),
        (list[str], [1]),
        (Table, [1, 2]),
        (Artifact, object()),
        (dict[str, Any], {"a": object()}),
        (Data[Person], {"age": "x"}),
    ],
)
def test_wrong_results_are_violations(annotation: Any, value: Any) -> None:
    with pytest.raises(PortViolation, match="Expected"):
        slot(annotation).encode(value)


@given(st.dictionaries(st.text("ab", min_size=1), st.lists(st.integers(-9, 9))))
def test_values_survive_the_way_there_and_back(value: dict[str, list[int]]) -> None:
    made = slot(dict[str, list[int]])

    assert made.decode(made.encode(value)) == value


def test_docstrings_of_every_habit() -> None:
    def numpy_like() -> None:
        """First line

        and more.

        Parameters
        ----------
        x : int
        """

    assert describe(numpy_like)[0].startswith("First line and more.")
    assert describe(lambda: None) == ("", {})

    class Bare:
        pass

    assert describe(Bare) == ("", {})


def test_arguments_keep_their_colons_and_lines() -> None:
    def f() -> None:
        """Do.

        Args:
            a (str): One: two
                and three.
            b: Four.
        Raises:
            ValueError: never an argument.
        """

    assert describe(f) == ("Do.", {"a": "One: two and three.", "b": "Four."})
