"""Pictures of plans: complete, escaped, and laid out without overlaps."""

from __future__ import annotations

import re
import time
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.drawing import to_mermaid, to_svg
from herd_graph.layout import arrange
from herd_graph.plans import FromStep, Plan, Step, Value
from herd_graph.types import StepId

SVG = "{http://www.w3.org/2000/svg}"
COMPLEX = Plan.parse(
    {
        "inputs": {"doc": {"name": "doc", "kind": "document", "description": "deal.pdf"}},
        "steps": [
            {"id": "pages", "expert": "render@1", "inputs": {"doc": {"input": "doc"}}},
            {
                "id": "read",
                "expert": "read_text@1",
                "foreach": {"step": "pages"},
                "inputs": {"picture": {"item": True}},
            },
            {
                "id": "s3",
                "expert": "translate",
                "inputs": {"text": {"step": "read"}, "to": {"value": "pt"}},
                "when": [{"left": {"step": "read"}, "op": "contains", "right": "<script>"}],
            },
            {
                "id": "s4",
                "capability": {"query": 'say "it" aloud'},
                "inputs": {"text": {"first": [{"step": "s3"}, {"step": "read"}]}},
                "after": ["pages"],
            },
        ],
    }
)
STATUS: dict[StepId, str] = {
    StepId("pages"): "done",
    StepId("read"): "failed",
    StepId("s3"): "skipped",
    StepId("s4"): "running",
}


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in ET.fromstring(svg).iter(f"{SVG}text")]


def test_every_step_input_and_status_is_there() -> None:
    svg = to_svg(COMPLEX, STATUS, seconds={StepId("pages"): 0.25, StepId("read"): 12.04})

    said = " ".join(texts(svg))
    for word in (
        *("doc", "Document", "render", "read_text", "for each of pages", "translate", "“say"),
        *("✓ 250 ms", "✕ 12.0 s", "– skipped", "… running", 's3 · to="pt"'),
    ):
        assert word in said
    assert len(re.findall(r'class="hg-edge"', svg)) == 6
    assert len(re.findall(r'class="hg-box hg-answer"', svg)) == 1


def test_it_is_accessible_and_fetches_nothing() -> None:
    svg = COMPLEX.to_svg()
    root = ET.fromstring(svg)

    assert (root.get("role"), root.get("aria-labelledby")) == ("img", "hg-t hg-d")
    assert root.findtext(f"{SVG}title") == "A plan of 4 steps"
    assert "read: read_text@1(picture=item) for each pages" in (root.findtext(f"{SVG}desc") or "")
    assert "prefers-color-scheme:dark" in svg
    urls = re.findall(r"(?:https?:|//|@import|href)[^\s\"'<]*", svg)
    assert urls == ["http://www.w3.org/2000/svg"]


NASTY = st.text(max_size=20) | st.sampled_from(
    [
        "</text><script>alert(1)</script>",
        "a\x00b\x1b[31m",
        "\ud800",
        "]]>&lt;",
        '"); click',
        "名前" * 30,
    ]
)


@given(name=NASTY, value=NASTY, ask=NASTY)
def test_nothing_of_a_plan_is_read_as_markup(name: str, value: str, ask: str) -> None:
    step = Step(id=StepId("s1"), expert=name or "x", inputs={"a": Value(value=value)}, ask=ask)
    plan = Plan(steps=(step,), reason=name)

    svg, mermaid = to_svg(plan), to_mermaid(plan)

    ET.fromstring(svg.encode("utf-8", "strict"))
    assert "<script" not in svg
    assert len(mermaid.splitlines()) == 2
    (label,) = re.findall(r'\["(.*)"\]', mermaid)
    assert not set('"[](){}<>`|&') & set(re.sub(r"</?b>|<br/>|#\d+;", "", label))


def test_an_abstention_is_a_sentence() -> None:
    svg = to_svg(Plan(reason="nothing fits"))

    assert texts(svg) == ["No plan: nothing fits"]
    assert to_mermaid(Plan()) == "flowchart LR\n"


def test_mermaid_shows_loops_conditions_and_states() -> None:
    assert COMPLEX.to_mermaid({StepId("s3"): "skipped"}).splitlines() == [
        "flowchart LR",
        '  i0(["<b>doc</b><br/>Document"])',
        '  s1["<b>render</b><br/>pages"]',
        '  s2[["<b>read_text</b><br/>read<br/>for each of pages"]]',
        (
            '  s3["– <b>translate</b><br/>s3<br/>to=#34;pt#34;<br/>'
            'when read contains #39;#60;script#62;#39;"]:::skipped'
        ),
        '  s4["<b>#8220;say #34;it#34; aloud#8221;</b><br/>s4"]',
        "  i0 --> s1",
        "  s1 -- each --> s2",
        "  s2 --> s3",
        "  s3 --> s4",
        "  s2 --> s4",
        "  s1 -.-> s4",
        "  classDef skipped fill:#f6f8fa,stroke:#8c959f,color:#59636e,stroke-dasharray:4 3",
    ]


def test_a_notebook_gets_the_picture_and_the_text() -> None:
    shown = COMPLEX._repr_mimebundle_()

    assert shown == {"text/plain": str(COMPLEX), "image/svg+xml": COMPLEX.to_svg()}


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[int], list[tuple[int, int]]]:
    nodes = list(range(draw(st.integers(1, 25))))
    node = st.sampled_from(nodes)
    pairs = draw(st.lists(st.tuples(node, node), max_size=50))
    return nodes, [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]


@given(graphs())
def test_nodes_never_overlap_and_edges_go_right(
    graph: tuple[list[int], list[tuple[int, int]]],
) -> None:
    nodes, edges = graph
    layout = arrange(nodes, edges)

    for column in set(layout.columns.values()):
        rows = sorted(layout.rows[node] for node in nodes if layout.columns[node] == column)
        assert all(lower - upper >= 1 - 1e-6 for upper, lower in pairwise(rows))
    for source, target in set(edges):
        passed = [at for at, _ in layout.edges[source, target]]
        assert passed == list(range(layout.columns[source] + 1, layout.columns[target]))
        assert layout.columns[source] < layout.columns[target]
    assert min(layout.rows.values()) >= -1e-6
    assert max(layout.rows.values()) <= layout.height


def test_crossings_that_need_not_be_are_gone() -> None:
    layout = arrange(["a", "b", "c", "x", "y", "z"], [("a", "z"), ("b", "y"), ("c", "x")])

    left = sorted("abc", key=layout.rows.__getitem__)
    right = sorted("xyz", key=layout.rows.__getitem__)
    assert [{"a": "z", "b": "y", "c": "x"}[each] for each in left] == right


def test_a_circle_is_drawn_all_the_same() -> None:
    steps = tuple(
        Step(id=StepId(one), expert="x", inputs={"a": FromStep(step=StepId(other))})
        for one, other in [("s1", "s2"), ("s2", "s1"), ("s3", "gone")]
    )

    assert to_svg(Plan(steps=steps)).count('class="hg-edge"') == 2


@pytest.mark.parametrize("size", [1, 5, 12, 40, 300])
def test_big_plans_are_drawn_quickly(size: int) -> None:
    def inputs(place: int) -> dict[str, Any]:
        near = {place - 1, place - 1 - place % 7, place // 2} - {place}
        return {f"i{at}": FromStep(step=StepId(f"n{at}")) for at in near if at >= 0}

    plan = Plan(
        steps=tuple(
            Step(id=StepId(f"n{place}"), expert="work", inputs=inputs(place))
            for place in range(size)
        )
    )
    started = time.process_time()

    svg = to_svg(plan)

    assert svg.count("<title>") == size
    assert time.process_time() - started < 5
