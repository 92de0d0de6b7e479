"""Cards and ports: what an expert may say of itself, and which port fits which."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from herd_graph.cards import ExpertCard, Port, fits, names, parse_expert
from herd_graph.errors import DeclarationError
from herd_graph.types import Kind

ports = st.builds(
    Port,
    name=st.just("p"),
    kind=st.sampled_from(Kind),
    also=st.sampled_from([(), (Kind.TEXT,), (Kind.IMAGE, Kind.DATA)]),
    many=st.booleans(),
    json_schema=st.sampled_from(
        [
            None,
            {"type": "string"},
            {"type": "number"},
            {"type": "integer"},
            {"type": "object", "title": "Point"},
            {"enum": ["pt", "en"], "type": "string"},
        ]
    ),
)


def port(kind: Kind, many: bool = False, **schema: Any) -> Port:
    return Port(name="p", kind=kind, many=many, json_schema=schema or None)


def card(**fields: Any) -> ExpertCard:
    given = {
        "name": "caption",
        "description": "Describe.",
        "inputs": (),
        "outputs": (port(Kind.TEXT),),
    }
    return ExpertCard.model_validate(given | fields)


@pytest.mark.parametrize(
    "name", ["Caption", "1st", "a-b", "a@1", "", "ünï", "a" * 65, "a b", "__x"]
)
def test_names_are_plain_identifiers(name: str) -> None:
    with pytest.raises(DeclarationError, match=r"cannot be an expert's name.*lower-case"):
        card(name=name)


@pytest.mark.parametrize("version", ["", "@", "1 2", "v" * 33, "-1", "1@2"])
def test_versions_are_plain(version: str) -> None:
    with pytest.raises(DeclarationError, match="cannot be a version"):
        card(version=version)


@pytest.mark.parametrize(
    "wrong",
    [{"outputs": ()}, {"cost_usd": -1}, {"concurrency": 0}, {"timeout_s": 0}, {"locality": "moon"}],
)
def test_impossible_cards_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        card(**wrong)


def test_two_ports_of_one_name_are_refused() -> None:
    with pytest.raises(DeclarationError, match="two inputs named 'p'"):
        card(inputs=(port(Kind.TEXT), port(Kind.IMAGE)))


def test_a_card_survives_json_and_knows_its_double() -> None:
    made = card(inputs=(port(Kind.DATA, type="number"),), tags=("a",), examples=("what is this?",))

    assert ExpertCard.model_validate_json(made.model_dump_json()) == made
    assert made.fingerprint == ExpertCard.model_validate_json(made.model_dump_json()).fingerprint
    assert made.fingerprint != card(version="2").fingerprint


def test_a_card_reads_as_a_signature() -> None:
    made = card(
        name="look",
        inputs=(
            Port(name="pictures", kind=Kind.IMAGE, many=True),
            Port(name="to", kind=Kind.DATA, json_schema={"enum": ["pt", "en"]}, required=False),
            Port(name="text", kind=Kind.TEXT, also=(Kind.DOCUMENT,)),
        ),
        outputs=(Port(name="score", kind=Kind.DATA, json_schema={"type": "number"}),),
    )

    assert made.signature == (
        "look(pictures: list[Image], to: 'pt' | 'en' = …, text: Text | Document) -> Data[number]"
    )
    assert made.takes == {Kind.IMAGE, Kind.TEXT, Kind.DOCUMENT}
    assert made.gives == {Kind.DATA}
    assert made.id == "look@1"
    assert made.output() == made.outputs[0]
    assert made.output("score") == made.outputs[0]
    assert made.output("nothing") is None
    assert made.input("to") is made.inputs[1]


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        (port(Kind.TEXT), port(Kind.TEXT), True),
        (port(Kind.TEXT), port(Kind.IMAGE), False),
        (port(Kind.IMAGE), port(Kind.ANY), True),
        (port(Kind.ANY), port(Kind.IMAGE), True),
        (port(Kind.TEXT), port(Kind.TEXT, many=True), True),
        (port(Kind.TEXT, many=True), port(Kind.TEXT), False),
        (port(Kind.TEXT, many=True), port(Kind.TEXT, many=True), True),
        (port(Kind.DATA, type="number"), port(Kind.TEXT), True),
        (port(Kind.DATA, type="object"), port(Kind.TEXT), False),
        (port(Kind.TEXT), port(Kind.DATA, enum=["pt"]), True),
        (port(Kind.TEXT), port(Kind.DATA, type="string"), True),
        (port(Kind.TEXT), port(Kind.DATA, type="number"), False),
        (port(Kind.DATA, type="integer"), port(Kind.DATA, type="number"), True),
        (port(Kind.DATA, type="number"), port(Kind.DATA, type="integer"), False),
        (port(Kind.DATA), port(Kind.DATA, type="object"), True),
        (
            port(Kind.DATA, type="object", title="A"),
            port(Kind.DATA, type="object", title="B"),
            False,
        ),
        (port(Kind.DATA, type="object", title="A"), port(Kind.DATA, type="object"), True),
    ],
)
def test_what_fits_what(source: Port, target: Port, expected: bool) -> None:
    assert fits(source, target) is expected


def test_one_item_of_a_list_fits_where_one_is_taken() -> None:
    assert fits(port(Kind.TEXT, many=True), port(Kind.TEXT), item=True)


@given(ports)
def test_every_port_fits_itself_and_a_list_of_itself(made: Port) -> None:
    assert fits(made, made)
    assert fits(made, made.model_copy(update={"many": True}))


@given(ports, ports)
def test_taking_more_kinds_never_fits_less(source: Port, target: Port) -> None:
    wider = target.model_copy(update={"also": (*target.also, Kind.ANY)})

    assert fits(source, wider) or not fits(source, target)


@pytest.mark.parametrize(
    ("spec", "parts"),
    [("a", ("a", None)), ("a@1", ("a", "1")), ("a@", ("a", "")), ("a@1@2", ("a", "1@2"))],
)
def test_specs_are_split_at_the_first_at(spec: str, parts: tuple[str, str | None]) -> None:
    assert parse_expert(spec) == parts


def test_names_are_sorted() -> None:
    assert names([card(version="2"), card(name="about")]) == ["about@1", "caption@2"]


def test_mime_patterns() -> None:
    picky = Port(name="p", kind=Kind.IMAGE, mime=("image/png", "image/tif*"))

    assert picky.takes_mime("image/tiff")
    assert not picky.takes_mime("image/jpeg")
    assert port(Kind.IMAGE).takes_mime("anything/at-all")
