"""Large runs: the first picture comes at once, and nothing is loaded before it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from debug_pages import Seen, Served, crew, node, press, wanted

from herd_graph import Herd, Text, Video, expert
from herd_graph.plans import Plan

STEPS = 2000


@expert
def more(text: Text) -> Text:
    """Add a letter."""
    return Text(f"{text.text}.")


@expert
def cut(video: Video) -> Video:
    """Give a video back."""
    return video


def test_a_run_of_2000_steps_is_drawn_as_far_as_it_is_seen(
    seen: Seen, record_property: Callable[[str, object], None]
) -> None:
    # A hundred chains that start at twenty roots: wide and deep at once.
    steps: list[dict[str, Any]] = []
    for at in range(STEPS):
        source = {"input": "text"} if at < 20 else {"step": f"s{at - 20 + at % 3}"}
        steps.append({"id": f"s{at}", "expert": "more", "inputs": {"text": source}})
    plan = Plan.parse({"inputs": {"text": {"name": "text", "kind": "text"}}, "steps": steps})
    with Herd(more, checkpoints="memory") as herd, Served(herd) as served:
        made = herd.run(plan, text=Text("a"))
        page = seen.open(served.link)
        page.locator(".runs a").click()
        page.locator(".plan .node").first.wait_for()  # warm: the run is in the server's cache
        page.goto("about:blank")
        page.goto(f"{served.url}#/run/{made.id}")
        page.locator(".plan .node.is-done").first.wait_for()
        # Milliseconds, for whoever runs this to know: speed is no pass or fail.
        paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
        record_property("first paint", page.evaluate(paint))
        record_property("plan", page.evaluate("performance.now()"))
        drawn = page.locator(".plan .node").count()
        page.locator(".plan-scroll").evaluate("each => each.scrollTo(each.scrollWidth, 0)")
        wanted(node(page, "s1999")).to_be_attached()
        page.locator('.plan [data-key="step:s1999"]').click()
        wanted(page.locator(".panel-title")).to_contain_text("s1999")
        wanted(page.locator(".panel pre.text")).to_contain_text("a...")

    assert drawn < STEPS  # what is out of sight is not drawn


def test_a_foreach_of_many_items_is_one_node(seen: Seen) -> None:
    @expert
    def many(text: Text) -> list[str]:
        """List many words."""
        return [f"word{at}" for at in range(520)]

    plan = Plan.parse(
        {
            "inputs": {"text": {"name": "text", "kind": "text"}},
            "steps": [
                {"id": "s1", "expert": "many", "inputs": {"text": {"input": "text"}}},
                {
                    "id": "s2",
                    "expert": "letters",
                    "inputs": {"word": {"item": True}},
                    "foreach": {"step": "s1"},
                },
            ],
        }
    )
    with crew(many) as herd, Served(herd) as served:
        made = herd.run(plan, text=Text("a"))
        page = seen.run(served, made.id)
        wanted(node(page, "s2")).to_contain_text("520/520")
        assert page.locator(".plan .node").count() == 3
        node(page, "s2").click()
        page.locator('.panel [data-tab="items"]').click()
        wanted(page.locator(".panel tbody tr")).to_have_count(500)
        page.locator('.panel [data-tab="out"]').click()
        wanted(page.locator(".payload-list li")).to_have_count(24)


def test_a_video_of_50_megabytes_is_not_read_before_it_is_played(
    seen: Seen, tmp_path: Path
) -> None:
    film = tmp_path / "film.mp4"
    with film.open("wb") as writer:
        writer.write(b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom")
        writer.truncate(50 << 20)
    plan = Plan.parse(
        {
            "inputs": {"video": {"name": "video", "kind": "video"}},
            "steps": [{"id": "s1", "expert": "cut", "inputs": {"video": {"input": "video"}}}],
        }
    )
    with Herd(cut, checkpoints="memory") as herd, Served(herd) as served:
        run = served.add(herd.debug(plan, video=Video(film)))
        page = seen.run(served, run)
        press(page, "continue")
        wanted(page.locator(".panel video")).to_be_visible()
        asked = [each for each in seen.asked if "/content" in each]

        with httpx.Client(base_url=served.url, follow_redirects=True) as client:
            client.get(served.link)
            ref = served.desk.live(run).session.refs("s1")[0]
            part = client.get(f"/api/artifacts/{ref.id}/content", headers={"range": "bytes=4-11"})
            whole = client.head(f"/api/artifacts/{ref.id}/content").headers
            beyond = client.get(
                f"/api/artifacts/{ref.id}/content", headers={"range": "bytes=99999999-"}
            )

    assert asked == []
    assert (part.status_code, part.content) == (206, b"ftypmp42")
    assert (whole["content-length"], whole["accept-ranges"]) == (str(50 << 20), "bytes")
    assert whole["content-type"] == "video/mp4"
    assert beyond.status_code == 416
