"""A browser for the tests of the page; without one they are skipped, and say so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from debug_pages import CHROMIUM, Seen


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Start Chromium once for a file of tests.

    Not for the whole session: Playwright's loop counts as running in this thread as long as it is
    open, and later tests have loops of their own.
    """
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium (apt install chromium, or set HERD_CHROMIUM)")
    with api.sync_playwright() as started:
        opened = started.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-background-networking", "--disable-gpu"],
        )
        yield opened
        opened.close()


@pytest.fixture
def seen(browser: Any) -> Iterator[Seen]:
    """Give a fresh browser window; the test fails on any error in its console, CSP's among them."""
    window = Seen(browser)
    yield window
    window.close()
    assert not window.errors, window.errors
