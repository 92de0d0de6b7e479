"""What a notebook shows: whole, escaped, and nothing fetched from anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from PIL import Image as pil

from herd_graph import Audio, Data, Document, Herd, Image, Plan, Table, Task, Text, Video
from herd_graph.artifacts.base import SHOWN_BYTES
from herd_graph.routing.base import CandidateTrace, ClauseTrace, Route, RouteTrace
from herd_graph.testing import FakeRouter, scripted
from herd_graph.types import Kind

EVIL = "<script>alert(1)</script>\x1b[31m\"onload='x'"
VOID = {"img", "br", "hr", "path", "rect", "circle", "line", "meta", "input"}


class Page(HTMLParser):
    """Reads HTML and keeps what matters: is it balanced, does it run or fetch anything."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "xlink:href", "action", "poster"}:
                self.addresses.append(value or "")
            if name.startswith("on"):
                self.handlers.append(name)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def checked(shown: Any) -> str:
    """Return what is shown as HTML, after seeing that it is harmless and self-contained."""
    bundle: dict[str, str] = shown._repr_mimebundle_()
    assert "\x1b" not in "".join(bundle.values())
    source = bundle.get("text/html") or bundle.get("image/svg+xml") or ""
    page = Page(source)
    assert page.open == []
    assert "script" not in page.tags
    assert page.handlers == []
    assert [each for each in page.addresses if not each.startswith(("data:", "#"))] == []
    outside = re.findall(r"(?:url\(|@import|https?://)[^\s\"')]*", source)
    assert [each for each in outside if "www.w3.org" not in each] == []
    return source


@pytest.fixture
def herd() -> Iterator[Herd]:
    picture = Image(pil.new("RGB", (9, 9), "red"), name=EVIL)
    import numpy as np

    experts = [
        scripted("say", script=[Text(EVIL)], repeat=True),
        scripted("draw", Kind.TEXT, Kind.IMAGE, script=[picture], repeat=True),
        scripted(
            "hum",
            Kind.TEXT,
            Kind.AUDIO,
            script=[Audio.from_samples(np.zeros(80), 8000)],
            repeat=True,
        ),
        scripted("count", Kind.TEXT, Kind.TABLE, script=[Table([{EVIL: EVIL}])], repeat=True),
        scripted("rate", Kind.TEXT, Kind.DATA, script=[Data({EVIL: 1})], repeat=True),
        scripted("fail", script=[ValueError(EVIL)], repeat=True),
    ]

    def planned(task: Task) -> Plan:
        steps = [
            {
                "id": f"s{n}",
                "expert": each.name,
                "inputs": {"text": {"value": task.text}},
                "ask": f"{each.name} {EVIL}",
            }
            for n, each in enumerate(experts, start=1)
        ]
        return Plan.parse({"steps": steps})

    with Herd(*experts, router=FakeRouter(planned), checkpoints="memory") as made:
        yield made


def test_a_run_shows_its_plan_and_every_part_as_what_it_is(herd: Herd) -> None:
    source = checked(herd.run(EVIL))

    tags = Page(source).tags
    assert {"svg", "img", "audio", "table", "pre"} <= set(tags)
    assert "Not answered" in source
    assert "partial" in source
    assert "say@1 (s1)" in source


def test_a_run_that_is_read_back_is_shown_without_its_artifacts(herd: Herd) -> None:
    run = herd.run("hello")
    for key in list(run.store.keys()):
        run.store.delete(key)

    assert "cannot be shown" in checked(run)


def test_an_abstention_shows_the_reason() -> None:
    with Herd(router=FakeRouter(Plan(reason=EVIL)), checkpoints="memory") as herd:
        assert "alert(1)" in checked(herd.run("anything"))
        checked(herd.plan("anything"))


def test_plans_and_traces_are_shown(herd: Herd) -> None:
    candidates = (
        CandidateTrace(expert="say@1", score=0.8, evidence={"dense": 0.7}, chosen=True),
        CandidateTrace(expert=EVIL, score=0.1, eligible=False, reason=EVIL),
    )
    clause = ClauseTrace(
        text=EVIL, step="s1", candidates=candidates, decision=EVIL, parameters={EVIL: EVIL}
    )
    trace = RouteTrace(router=EVIL, request=EVIL, clauses=(clause,), notes=(EVIL,))
    plan = herd.plan(EVIL).plan

    assert "say@1" in checked(trace)
    assert "* say@1 0.80" in trace._repr_mimebundle_()["text/plain"]
    assert "<svg" in checked(plan)
    assert "<svg" in checked(Route(plan=plan, trace=trace))


def test_explanations_and_answers_are_shown(herd: Herd) -> None:
    run = herd.run(EVIL)

    checked(run.why())
    checked(run.answer)


def test_artifacts_are_shown() -> None:
    import numpy as np

    tone = Audio.from_samples(np.zeros(800), 8000, name=EVIL)
    shown = {
        "audio": tone,
        "img": Image(pil.new("RGB", (2000, 9)), name=EVIL),
        "video": Video(b"\0" * 100, name=EVIL),
        "table": Table([{EVIL: EVIL}]),
        "code": Document(b"%PDF-1.7", name=EVIL),
    }
    for tag, artifact in shown.items():
        assert tag in Page(checked(artifact)).tags, tag


def test_what_is_too_large_for_a_page_is_described() -> None:
    large = b"\0" * (SHOWN_BYTES + 1)

    for artifact in (Video(large), Audio(large)):
        assert len(checked(artifact)) < 1000
