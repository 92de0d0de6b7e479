"""Plans in which boxes matter: things are found in a picture, then counted, cut out and looked at.

None of the development golds hands boxes on, so that a box beside its thing would change nothing
there. The two experts that use them here stand for the many that people have of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.coordination.golds import Job
from herd_graph import Data, Herd, Image, Text, expert
from herd_graph.coordination.fusers.boxes import box_of
from herd_graph.errors import PortViolation
from herd_graph.plans import Plan

AGAIN = 8
"""How often each plan is run, with other faults each time."""
PICTURES = ("street.png", "clock.png")
FILM = "signs.mp4"


@expert(tags=["crop", "picture"], checks=["in doubt"])
def cut_out(picture: Image, thing: Data[dict[str, Any]]) -> Image:
    """Cut a thing out of its picture, with a little around it."""
    box = box_of(thing.value)
    if box is None:
        raise PortViolation(f"{thing.value!r} has no box. Expected one. Detect things first.")
    shown = picture.pil().convert("RGB")
    left, top, right, bottom = box
    wide = 0.1 * (right - left)
    corner = round(max(0, left - wide)), round(max(0, top - wide))
    return Image(shown.crop((*corner, round(right + wide), round(bottom + wide))))


@expert(tags=["count"], checks=["in doubt"])
def count_things(things: list[Data[dict[str, Any]]]) -> Text:
    """Count things by their kind, and say how many pixels they cover."""
    kinds: dict[str, int] = {}
    covered = 0.0
    for each in things:
        left, top, right, bottom = box_of(each.value) or (0.0, 0.0, 0.0, 0.0)
        kinds[str(each.value["label"])] = kinds.get(str(each.value["label"]), 0) + 1
        covered += (right - left) * (bottom - top)
    told = ", ".join(f"{count} {name}" for name, count in sorted(kinds.items()))
    return Text(f"{told or 'nothing'}, on {covered:.0f} pixels.")


def equip(herd: Herd) -> Herd:
    """Add the experts that use boxes to a herd."""
    herd.add(cut_out)
    herd.add(count_things)
    return herd


def _step(name: str, expert_name: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "expert": expert_name, "inputs": inputs, **more}


def _item(step: str) -> dict[str, Any]:
    return {"foreach": {"step": step}}


def _plans(picture: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    given = {"input": "a1"}
    if picture == FILM:
        frames = _step("s1", "sample_frames", {"video": given, "count": {"value": 3}})
        found = _step("s2", "detect_objects", {"picture": {"item": True}}, **_item("s1"))
        yield (
            "count_things(each detect_objects(each frames))",
            [
                frames,
                found,
                _step("s3", "count_things", {"things": {"step": "s2"}}),
            ],
        )
        return
    found = _step("s1", "detect_objects", {"picture": given})
    cut = _step("s2", "cut_out", {"picture": given, "thing": {"item": True}}, **_item("s1"))
    looked = _step("s3", "describe_image", {"picture": {"item": True}}, **_item("s2"))
    yield "detect_objects(a1)", [found]
    yield (
        "count_things(detect_objects(a1))",
        [
            found,
            _step("s2", "count_things", {"things": {"step": "s1"}}),
        ],
    )
    yield "cut_out(a1, each detect_objects(a1))", [found, cut]
    yield "describe_image(each cut_out(…))", [found, cut, looked]


def jobs() -> list[Job]:
    """Return the plans over their pictures, each several times."""
    made: list[Job] = []
    for picture in (*PICTURES, FILM):
        for gold, steps in _plans(picture):
            asks = [{"ask": "answer 1", "source": {"step": steps[-1]["id"]}}]
            plan = Plan.parse({"steps": steps, "answers": asks, "author": "gold"})
            job = Job(id=f"boxes {picture} {gold}", gold=gold, files=(picture,), plan=plan)
            made += [job] * AGAIN
    return made


__all__ = ("count_things", "cut_out", "equip", "jobs")
