"""The way from one port to another, through experts that carry content over."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_experts import herd

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries, find_conversion, links
from herd_graph.plans import FromInput, FromStep, Item
from herd_graph.types import JSONObject, Kind, StepId


def port(kind: str, *, many: bool = False, mime: tuple[str, ...] = ()) -> Port:
    return Port(name="x", kind=Kind(kind), many=many, mime=mime)


def card(
    name: str,
    takes: str,
    gives: str,
    description: str = "Convert it.",
    *,
    cost_usd: float = 0.0,
    latency_s: float | None = 1.0,
    remote: bool = False,
    tags: tuple[str, ...] = (),
    approve: bool = False,
    many: bool = False,
    taken_mime: tuple[str, ...] = (),
    given_mime: tuple[str, ...] = (),
    more: tuple[Port, ...] = (),
) -> ExpertCard:
    return ExpertCard(
        name=name,
        description=description,
        tags=tags,
        inputs=(Port(name="source", kind=Kind(takes), mime=taken_mime), *more),
        outputs=(Port(name="result", kind=Kind(gives), many=many, mime=given_mime),),
        cost_usd=cost_usd,
        latency_s=latency_s,
        locality="remote" if remote else "local",
        approve=approve,
    )


def found(source: Port, target: Port, *cards: ExpertCard, most: int = 3) -> list[str]:
    return [str(each) for each in find_conversion(source, target, cards, most=most)]


def test_speech_recognition_turns_audio_into_text() -> None:
    (way, *_) = find_conversion(port("audio"), port("text"), herd().latest)

    assert str(way) == "audio → text through transcribe"
    assert way.certain
    assert [(each.card.name, each.input, each.each) for each in way.steps] == [
        ("transcribe", "recording", False)
    ]


def test_two_steps_are_found_where_one_does_not_do() -> None:
    assert found(port("image"), port("audio"), *herd().latest) == [
        "image → text → audio through read_text, then speak"
    ]


def test_a_list_is_converted_item_by_item() -> None:
    (way,) = find_conversion(port("document"), port("text", many=True), herd().latest)
    steps = way.into_steps(FromInput(input="a1"), [StepId("s7"), StepId("s8")], ask="read it")

    assert str(way) == "document → list of image → list of text through pages, then read_text"
    assert steps[0].inputs == {"document": FromInput(input="a1")}
    assert steps[1].foreach == FromStep(step=StepId("s7"))
    assert steps[1].inputs == {"picture": Item()}
    assert [(each.id, each.expert, each.ask) for each in steps] == [
        ("s7", "pages@1", "read it"),
        ("s8", "read_text@1", "read it"),
    ]


def test_too_few_ids_are_refused() -> None:
    (way, *_) = find_conversion(port("image"), port("audio"), herd().latest)

    with pytest.raises(ValueError, match="2 steps need as many ids, 1 were given"):
        way.into_steps(FromInput(input="a1"), [StepId("s1")])


def test_what_fits_needs_no_conversion() -> None:
    assert found(port("text"), port("text"), *herd().latest) == []
    assert found(port("any"), port("text"), *herd().latest) == []


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("classify_sound", "Classify a sound."),
        ("mood", "Name the emotion of the one who speaks."),
        ("caption", "Describe an image in one sentence."),
        ("summarise", "Summarise what was said."),
        ("draw", "Draw a picture of it."),
    ],
)
def test_analysers_and_inventors_are_no_converters(name: str, description: str) -> None:
    assert carries(card(name, "audio", "text", description)) == "none"


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("transcribe", "Write down what is said."),
        ("ocr", "Find the letters in a scan."),
        ("hear", "Turn speech into text."),
        ("to_words", "Give what is said."),
        ("listen", "Convert a recording to its transcript."),
    ],
)
def test_wording_makes_a_converter(name: str, description: str) -> None:
    expected = "doubtful" if name == "to_words" else "certain"

    assert carries(card(name, "audio", "text", description)) == expected


def test_a_tag_has_the_last_word() -> None:
    declared = card("summarise", "audio", "text", "Summarise it.", tags=("converter",))
    denied = card("transcribe", "audio", "text", "Write it down.", tags=("not-converter",))

    assert (carries(declared), carries(denied)) == ("certain", "none")


def test_a_tag_opens_the_way_to_data() -> None:
    plain, declared = (
        card("rows", "table", "data", tags=()),
        card("rows", "table", "data", tags=("converter",)),
    )

    assert found(port("table"), port("data"), plain) == []
    assert found(port("table"), port("data"), declared) == ["table → data through rows"]


@pytest.mark.parametrize(
    "unfit",
    [
        card("read_any", "any", "text"),
        card("convert", "text", "text"),
        card("convert", "audio", "text", approve=True),
        card("convert", "audio", "text", more=(Port(name="prompt", kind=Kind.TEXT),)),
    ],
    ids=["takes anything", "keeps the kind", "needs approval", "needs more than content"],
)
def test_ports_that_rule_a_converter_out(unfit: ExpertCard) -> None:
    assert carries(unfit) == "none"


def test_inputs_that_fill_themselves_do_not_matter() -> None:
    schema: JSONObject = {"const": "plain", "type": "string"}
    options = (
        Port(name="language", kind=Kind.TEXT, required=False, default="en"),
        Port(name="style", kind=Kind.DATA, json_schema=schema),
    )

    assert carries(card("transcribe", "audio", "text", more=options)) == "certain"


def test_certain_before_doubtful_then_steps_then_cost_then_latency_then_local() -> None:
    cards = (
        card("g_unclear", "audio", "text", "Give what is in it."),
        card("f_remote", "audio", "text", latency_s=2, cost_usd=0.1, remote=True),
        card("e_local", "audio", "text", latency_s=2, cost_usd=0.1),
        card("d_fast", "audio", "text", latency_s=1, cost_usd=0.1),
        card("c_unmeasured", "audio", "text", latency_s=None),
        card("b_cheap", "audio", "text", latency_s=2),
        card("a_video", "audio", "video"),
        card("a_text", "video", "text"),
    )

    ways = find_conversion(port("audio"), port("text"), cards, most=9)

    assert [[each.card.name for each in way.steps] for way in ways] == [
        ["b_cheap"],
        ["c_unmeasured"],
        ["d_fast"],
        ["e_local"],
        ["f_remote"],
        ["a_video", "a_text"],
        ["g_unclear"],
    ]
    assert [way.certain for way in ways] == [True] * 6 + [False]


def test_mime_types_are_kept_apart() -> None:
    flac, wav = port("audio", mime=("audio/flac",)), port("audio", mime=("audio/wav",))
    transcode = card(
        "transcode",
        "audio",
        "audio",
        tags=("converter",),
        taken_mime=("audio/flac",),
        given_mime=("audio/wav",),
    )

    assert not links(flac, wav)
    assert links(flac, port("audio", mime=("audio/*",)))
    assert found(flac, wav, transcode) == ["audio → audio through transcode"]


def test_of_several_outputs_the_one_that_carries_is_named() -> None:
    heard = ExpertCard(
        name="transcribe",
        description="Write down what is said.",
        inputs=(Port(name="recording", kind=Kind.AUDIO),),
        outputs=(Port(name="seconds", kind=Kind.DATA), Port(name="words", kind=Kind.TEXT)),
    )

    (way,) = find_conversion(port("audio"), port("text"), [heard])

    assert way.steps[0].output == "words"


KINDS = ["text", "image", "audio", "video", "table", "document"]


@given(
    pairs=st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)), max_size=12),
    ends=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)),
    most=st.integers(1, 5),
)
def test_every_way_holds_together_and_none_is_shorter_than_the_first(
    pairs: list[tuple[str, str]], ends: tuple[str, str], most: int
) -> None:
    cards = [card(f"convert_{n}", takes, gives) for n, (takes, gives) in enumerate(pairs)]
    source, target = port(ends[0]), port(ends[1])

    ways = find_conversion(source, target, cards, most=most)

    reachable, steps = {ends[0]}, 0
    while ends[1] not in reachable and steps <= 4:
        reachable |= {gives for takes, gives in pairs if takes in reachable}
        steps += 1
    assert len(ways) <= most
    assert bool(ways) == (ends[0] != ends[1] and steps <= 4)
    for way in ways:
        held = source
        for step in way.steps:
            taken = step.card.input(step.input)
            assert taken is not None
            assert links(held, taken)
            held = step.port
        assert links(held, target)
    if ways:
        assert len(ways[0].steps) == steps
        assert [len(way.steps) for way in ways] == sorted(len(way.steps) for way in ways)
