"""Names, contrast, focus and narrow windows: by axe-core, and by what it cannot see."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from debug_pages import Seen, Served, crew, debugging, node, press, wanted

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    with crew(home=tmp_path_factory.mktemp("home")) as herd, debugging(herd, "s4") as found:
        yield found


def problems(page: Any) -> list[str]:
    """Return what axe-core finds, of any weight."""
    page.evaluate(AXE)  # by the debugging protocol: the page's own policy runs no such script
    found: dict[str, Any] = page.evaluate("axe.run()")
    return [
        f"{each['id']} ({each['impact']}): {part['html'][:160]} {part['failureSummary'][:300]}"
        for each in found["violations"]
        for part in each["nodes"]
    ]


VIEWS = {
    "light": (
        ("s2", "out", "time"),
        ("s2", "in", "answer"),
        ("s3", "why", "stops"),
        ("s4", "checks", "breaks"),
        ("s4", "events", "events"),
    ),
    "dark": (("s2", "out", "time"), ("s4", "checks", "stops")),
}


@pytest.mark.parametrize("light", ["light", "dark"])
def test_axe_finds_nothing_in_any_view(seen: Seen, served: tuple[Served, str], light: str) -> None:
    page, run = served
    window = seen.run(page, run)
    window.emulate_media(color_scheme=light)
    while not page.desk.live(run).session.stop.is_over:
        press(window, "continue")
    found: set[str] = set()
    for step, tab, below in VIEWS[light]:
        node(window, step).click()
        window.locator(".panel-title", has_text=step).wait_for()
        for button in (f'.panel [data-tab="{tab}"]', f'.lower [data-tab="{below}"]'):
            window.locator(button).click()
            wanted(window.locator(button)).to_have_attribute("aria-selected", "true")
        found.update(problems(window))
    window.locator('.panel [data-tab="out"]').click()
    window.keyboard.press("e")
    window.locator("dialog").wait_for()
    found.update(problems(window))
    window.goto(f"{page.url}#/")
    window.locator(".runs").wait_for()
    found.update(problems(window))

    assert sorted(found) == []


def test_a_narrow_window_shows_everything_without_scrolling_sideways(
    seen: Seen, served: tuple[Served, str]
) -> None:
    page, run = served
    window = seen.run(page, run)
    window.set_viewport_size({"width": 360, "height": 740})
    wide: dict[str, int] = {}
    for tab in ("out", "in", "why", "events"):
        window.locator(f'.panel [data-tab="{tab}"]').click()
        wide[tab] = window.evaluate("document.documentElement.scrollWidth")
    for tab in ("time", "answer", "stops", "breaks", "events"):
        window.locator(f'.lower [data-tab="{tab}"]').click()
        wide[f"lower {tab}"] = window.evaluate("document.documentElement.scrollWidth")
    window.goto(f"{page.url}#/")
    window.locator(".runs").wait_for()
    wide["runs"] = window.evaluate("document.documentElement.scrollWidth")

    assert {name: each for name, each in wide.items() if each > 360} == {}


def test_everything_is_reached_by_the_keyboard_in_the_order_of_the_page(
    seen: Seen, served: tuple[Served, str]
) -> None:
    page, run = served
    window = seen.run(page, run)
    window.locator(".panel-title").wait_for()
    walked: list[str] = []
    for _ in range(60):
        window.keyboard.press("Tab")
        walked.append(
            window.evaluate(
                "(() => { const e = document.activeElement; return e.dataset.key || e.dataset.node || e.className || e.tagName; })()"
            )
        )

    def place(part: str) -> int:
        return next((at for at, each in enumerate(walked) if part in str(each)), -1)

    assert place("skip") == 0
    order = [place(each) for each in ("brand", "fork", "step:", "tab-run-", "tab-step-")]
    assert -1 not in order
    assert order == sorted(order)
