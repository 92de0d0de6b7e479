"""Things in pictures: those that are drawn here, and those of real photos where a package has some."""

from __future__ import annotations

import importlib.util
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from media import beside, clock, stop_sign
from PIL import Image as pil

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Data, Image, Text
from herd_graph.coordination.answers import words_of
from herd_graph.errors import ArtifactUnreadable, PortViolation
from herd_graph.routing.parameters import fill
from herd_graph.store import MemoryStore

Call = Callable[..., Any]
things: Any = import_module("herd_graph._bundled.tools.things")
detection: Any = import_module("herd_graph._bundled.tools.detection")


def photo(name: str) -> Image:
    """Return a picture of scikit-image's; skip where that is not installed."""
    spec = importlib.util.find_spec("skimage")
    folders = spec.submodule_search_locations if spec else None
    path = Path(next(iter(folders or ()), "")) / "data" / name
    if not path.is_file():
        pytest.skip(f"needs the photo {name!r} of scikit-image: pip install scikit-image")
    return Image(path)


def test_a_thing_is_found_where_it_is(call: Call):
    found = call("detect_objects", Image(stop_sign()))

    assert [each.label for each in found] == ["stop sign"]
    assert found[0].score > 0.9
    assert found[0].x + found[0].width / 2 == pytest.approx(208, abs=20)
    assert found[0].y + found[0].height / 2 == pytest.approx(180, abs=20)
    assert found[0].width == pytest.approx(180, abs=30)


def test_found_things_read_well_in_an_answer():
    store = MemoryStore()
    found = detection.DetectedObject(label="dog", score=0.914, x=12, y=30, width=80, height=60)

    assert words_of([Data(found).put(store)], store) == "dog (91%) at 12, 30 (80 x 60 pixels)"
    assert words_of([], store) == "Nothing was found."


def test_boxes_are_in_the_pixels_of_the_picture_whatever_its_size(call: Call):
    large = stop_sign().resize((1664, 1664))
    wide = beside(pil.new("RGB", (416, 416), (150, 185, 220)), stop_sign())

    (first,) = call("detect_objects", Image(large))
    (second,) = call("detect_objects", Image(wide))

    assert first.x + first.width / 2 == pytest.approx(832, abs=80)
    assert second.x + second.width / 2 == pytest.approx(624, abs=30)


def test_boxes_stay_inside_the_picture(call: Call):
    cropped = stop_sign(x=60, y=80)

    for each in call("detect_objects", Image(cropped)):
        assert each.x >= 0
        assert each.y >= 0
        assert each.x + each.width <= 416
        assert each.y + each.height <= 416


def test_things_are_counted_each_once(call: Call):
    answer, counts = call("count_objects", Image(beside(stop_sign(), stop_sign())))
    mixed, kinds = call("count_objects", Image(beside(clock(), stop_sign())))

    assert counts == {"stop sign": 2}
    assert str(answer).startswith("2 stop signs (of the everyday things")
    assert kinds == {"stop sign": 1, "clock": 1}
    assert str(mixed).startswith("1 clock and 1 stop sign (of the everyday things")


def test_the_asked_thing_is_counted_and_the_rest_is_mentioned(call: Call):
    picture = Image(beside(clock(), stop_sign()))

    answer, counts = call("count_objects", picture, what="stop sign")

    assert counts == {"stop sign": 1}
    assert str(answer) == "1 stop sign. Also seen: 1 clock."


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("person", "No people were found. Also seen: 1 clock."),
        ("animal", "No animals were found. Also seen: 1 clock."),
        ("clock", "1 clock."),
    ],
)
def test_what_is_not_there_is_said_not_to_be_found(call: Call, what: str, expected: str):
    answer, counts = call("count_objects", Image(clock()), what=what)

    assert str(answer) == expected
    assert counts == {what: 1 if what == "clock" else 0}


def test_what_the_detector_cannot_know_is_refused(call: Call):
    with pytest.raises(PortViolation, match="'otter' cannot be counted"):
        call("count_objects", Image(clock()), what="otter")


@pytest.mark.parametrize("size", [(300, 200), (1, 1), (4, 900), (20_000, 10)])
def test_nothing_is_found_in_a_plain_picture(call: Call, size: tuple[int, int]):
    blank = Image(pil.new("RGB", size, (120, 140, 160)))

    assert call("detect_objects", blank) == []
    answer, counts = call("count_objects", blank)
    assert str(answer) == "Nothing of the 80 kinds of things that it knows was found."
    assert counts == {}


def test_a_truncated_picture_is_an_error(call: Call, samples: Path):
    whole = (samples / "sign.png").read_bytes()

    for expert in ("detect_objects", "count_objects", "describe_image"):
        with pytest.raises(ArtifactUnreadable):
            call(expert, Image(whole[: len(whole) // 2], name="cut.png"))


@pytest.mark.parametrize(
    ("name", "label"), [("coffee.png", "cup"), ("motorcycle_left.png", "motorcycle")]
)
def test_things_in_real_photos_are_found(call: Call, name: str, label: str):
    found = call("detect_objects", photo(name))

    assert [each.label for each in found] == [label]
    assert found[0].score > 0.5


@pytest.mark.parametrize("name", ["brick.png", "grass.png", "moon.png", "coins.png", "page.png"])
def test_real_pictures_of_other_things_give_nothing(call: Call, name: str):
    assert call("detect_objects", photo(name)) == []


def test_every_label_is_offered_and_every_offer_is_known():
    offered = set(things.Thing.__args__)

    assert offered == set(things.LABELS) | set(things.GROUPS)
    assert len(things.LABELS) == len(set(things.LABELS)) == 80
    assert things.GROUPS["vehicle"] >= {"bicycle", "car", "boat"}
    assert things.GROUPS["animal"] >= {"bird", "giraffe"}
    assert "bench" not in things.GROUPS["vehicle"] | things.GROUPS["animal"]


@given(st.dictionaries(st.sampled_from(things.LABELS), st.integers(1, 99), max_size=6))
def test_a_list_in_words_names_every_count(counts: dict[str, int]):
    words = things.listed(Counter(counts))

    assert all(things.number_of(label, count) in words for label, count in counts.items())
    assert bool(words) == bool(counts)


def test_boxes_within_a_surer_one_of_their_kind_are_the_same_thing():
    def box(label: str, score: float, x: int, width: int) -> Any:
        return detection.DetectedObject(
            label=label, score=score, x=x, y=0, width=width, height=width
        )

    whole, inside = box("dog", 0.9, 0, 100), box("dog", 0.5, 10, 40)
    other, apart = box("cat", 0.8, 10, 40), box("dog", 0.6, 80, 100)

    assert detection._once([whole, other, apart, inside]) == [whole, other, apart]


@pytest.mark.parametrize(
    "request_", ["how many women are in the photo?", "is there a boy in it?", "count the men"]
)
def test_men_women_and_children_are_counted_as_people(request_: str):
    card = next(each.card for each in first_party() if each.name == "count_objects")

    assert fill(card, request_).values == {"what": "person"}


@pytest.mark.parametrize("half", [90, 70])
def test_what_fills_a_picture_is_found_from_further_away(call: Call, half: int):
    near = stop_sign().crop((208 - half, 180 - half, 208 + half, 180 + half)).resize((416, 416))

    (found,) = call("detect_objects", Image(near))

    assert found.label == "stop sign"
    assert found.width > 280


def test_a_face_of_a_cat_is_a_cat(call: Call):
    cat = photo("chelsea.png")

    assert str(call("count_objects", cat, "cat").answer) == "1 cat."
    assert [each.label for each in call("detect_objects", cat)] == ["cat"]


@pytest.mark.parametrize(
    ("what", "request_", "expected"),
    [
        ("cat", "is there a cat or a dog in the picture", "No cats and no dogs were found."),
        ("animal", "how many cats and dogs?", "No cats and no dogs were found."),
        ("stop sign", "are there stop signs or benches?", "1 stop sign. No benches were found."),
        ("person", "and how many?", "1 stop sign (of the everyday things"),
        ("stop sign", "how many?", "1 stop sign (of the everyday things"),
        (None, "count the stop signs and the cars", "1 stop sign. No cars were found."),
    ],
)
def test_every_kind_that_is_asked_for_is_answered(
    call: Call, what: str | None, request_: str, expected: str
):
    counted = call("count_objects", Image(stop_sign()), what, Text(request_))

    assert str(counted.answer).startswith(expected)


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        ("How many women and children are there?", ["person"]),
        ("is there a kitten on the couch?", ["cat", "sofa"]),
        ("quantos cães e gatos?", ["dog", "cat"]),
        ("the orange one", []),
    ],
)
def test_the_things_that_a_request_names(request_: str, expected: list[str]):
    assert things.named(request_) == expected
