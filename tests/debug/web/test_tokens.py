"""Who wrote which token stands on the page as text in colours, and the JSON of it below."""

from __future__ import annotations

import re

from debug_pages import Seen, Served, node, wanted

from herd_graph import Herd, Text, expert
from herd_graph.plans import Plan
from herd_graph.types import JSONObject
from herd_graph.zoo.evidence import Evidence

PLAN = Plan.parse(
    {
        "inputs": {"text": {"name": "text", "kind": "text"}},
        "steps": [{"id": "s1", "expert": "local_writer", "inputs": {"text": {"input": "text"}}}],
    }
)


@expert(tags=["write"], examples=["go on with it"])
def local_writer(text: Text) -> JSONObject:
    """Say who of a zoo would have written the words of a text."""
    words = re.findall(r"\S+\s*", text.text)
    parts = [
        {"german": 0.75, "legal": 0.25} if word.strip() in {"Die", "Katze"} else {}
        for word in words
    ]
    return Evidence(tokens=words, parts=parts, route="phatgoose").public()


def test_tokens_are_drawn_in_the_colours_of_who_wrote_them(seen: Seen) -> None:
    with Herd(local_writer, checkpoints="memory") as herd:
        made = herd.run(PLAN, text=Text("Die Katze <b>sleeps</b> here"))
        with Served(herd) as served:
            page = seen.run(served, made.id)
            node(page, "s1").click()

            tokens = page.locator(".panel .routing .token")
            wanted(tokens).to_have_text(["Die ", "Katze ", "<b>sleeps</b> ", "here"])
            wanted(tokens.first).to_have_class(re.compile("hue-0"))
            wanted(tokens.first).to_have_attribute("title", "german 75 %, legal 25 %")
            wanted(tokens.last).to_have_class(re.compile("is-base"))
            wanted(page.locator(".panel .token-legend li")).to_have_text(
                ["(base) 50 %", "german 38 %", "legal 13 %"]
            )
            wanted(page.locator(".panel .payload-body details.json").first).to_be_visible()
