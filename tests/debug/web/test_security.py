"""Who may ask: as the page is a way to run every expert, it is held to what a shell is held to."""

from __future__ import annotations

import socket
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from debug_pages import PLAN, Seen, Served, crew, debugging, node, sign

from herd_graph import Document, Herd, Image, Text, expert
from herd_graph.debug.web.security import PAGE_POLICY
from herd_graph.plans import Plan
from herd_graph.store import MemoryStore


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    with crew(home=tmp_path_factory.mktemp("home")) as herd, debugging(herd) as found:
        yield found


@contextmanager
def entered(served: Served) -> Generator[httpx.Client]:
    """Give a client that came by the link."""
    with httpx.Client(base_url=served.url, follow_redirects=True) as client:
        assert client.get(served.link).status_code == 200
        yield client


def test_only_this_machine_can_reach_it(served: tuple[Served, str]) -> None:
    page, _ = served

    port = int(page.url.rsplit(":", 1)[1].strip("/"))
    with socket.socket() as probe:
        probe.settimeout(2)
        refused = probe.connect_ex(("127.0.0.2", port))  # who listens everywhere answers here too

    assert refused != 0


def test_without_the_link_nothing_is_told(served: tuple[Served, str]) -> None:
    page, run = served

    paths = ["/", "/static/app.js", "/api/runs", f"/api/runs/{run}", "/api/stream"]
    answers = [httpx.get(page.url.rstrip("/") + path) for path in paths]

    assert [each.status_code for each in answers] == [401] * len(paths)
    assert all(run not in each.text for each in answers)


def test_the_link_opens_once_and_leaves_a_cookie_that_no_script_and_no_other_site_gets(
    served: tuple[Served, str],
) -> None:
    page, _ = served
    link = page.link

    first = httpx.get(link)
    again = httpx.get(link)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert again.status_code == 401
    assert httpx.get(page.url, headers={"cookie": cookie.split(";")[0]}).status_code == 200


def test_a_wrong_token_and_a_wrong_cookie_open_nothing(served: tuple[Served, str]) -> None:
    page, _ = served
    name = page.keyring.cookie_name

    assert httpx.get(f"{page.url}?token=guess").status_code == 401
    assert httpx.get(page.url, headers={"cookie": f"{name}=guess"}).status_code == 401


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "169.254.169.254", ""]
)
def test_another_name_for_this_machine_is_refused(served: tuple[Served, str], host: str) -> None:
    page, run = served

    with entered(page) as client:
        answer = client.get(f"/api/runs/{run}", headers={"host": host})

    assert answer.status_code in {400, 403}
    assert "sign" not in answer.text


def test_it_is_reached_under_localhost_and_through_a_tunnel(served: tuple[Served, str]) -> None:
    page, _ = served

    with entered(page) as client:
        answers = [
            client.get("/api/runs", headers={"host": each}).status_code
            for each in ("localhost:9000", "127.0.0.1:1", "[::1]:8000", "localhost")
        ]

    assert answers == [200] * 4


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors"},
    ],
)
def test_another_sites_page_gets_nothing(
    served: tuple[Served, str], headers: dict[str, str]
) -> None:
    page, run = served

    with entered(page) as client:
        look = client.get(f"/api/runs/{run}", headers=headers)
        act = client.post(f"/api/runs/{run}/do", json={"command": "next"}, headers=headers)

    assert (look.status_code, act.status_code) == (403, 403)
    assert "access-control-allow-origin" not in look.headers


def test_a_form_of_another_page_changes_nothing(served: tuple[Served, str]) -> None:
    page, run = served

    with entered(page) as client:
        answer = client.post(f"/api/runs/{run}/do", content='{"command": "next"}')
        stops = client.get(f"/api/runs/{run}").json()["stops"]

    assert answer.status_code == 403
    assert len(stops) == 1


def test_the_entrance_leads_nowhere_else(served: tuple[Served, str]) -> None:
    page, _ = served

    answer = httpx.get(f"{page.url}/evil.example/?token={page.keyring.token()}&x=1")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/evil.example/?x=1"


def test_every_answer_says_what_a_browser_may_do_with_it(served: tuple[Served, str]) -> None:
    page, run = served

    with entered(page) as client:
        answers = [client.get(each) for each in ("/", "/static/run.js", f"/api/runs/{run}")]
        answers.append(client.get("/api/runs/nobody"))

    for each in answers:
        assert each.headers["content-security-policy"] == PAGE_POLICY
        assert each.headers["x-content-type-options"] == "nosniff"
        assert each.headers["x-frame-options"] == "DENY"
        assert "access-control-allow-origin" not in each.headers
    assert PAGE_POLICY.startswith("default-src 'self';")
    assert "unsafe" not in PAGE_POLICY


def test_only_the_pages_own_files_are_served(served: tuple[Served, str]) -> None:
    page, _ = served

    with entered(page) as client:
        answers = [
            client.get(each).status_code
            for each in ("/static/../server.py", "/static/%2e%2e/server.py", "/static/no.js")
        ]

    assert answers == [404] * 3


SCRIPT = "<svg xmlns='http://www.w3.org/2000/svg'><script>top.hacked=1</script></svg>"


@expert
def drawing(text: Text) -> Image:
    """Draw something that runs."""
    return Image(SCRIPT.encode(), mime="image/svg+xml", name='x"><img src=x onerror=alert(1)>.svg')


@expert
def web_page(text: Text) -> Document:
    """Write a page that runs."""
    return Document(
        b"<html><script>top.hacked=1</script></html>", mime="text/html", name="../../etc/page.html"
    )


@expert
def lying(text: Text) -> Image:
    """Say that a page is a picture."""
    return Image(b"<html><script>top.hacked=1</script></html>", mime="image/png", name="a\r\nb.png")


def test_what_a_browser_could_run_is_handed_out_as_a_download(served: tuple[Served, str]) -> None:
    page, _ = served
    store = page.herd.store
    made = {
        "svg": Image(SCRIPT.encode(), mime="image/svg+xml", name='a"b\r\nc.svg').put(store),
        "html": Document(b"<script>1</script>", mime="text/html", name="../x.html").put(store),
        "liar": Image(b"<script>1</script>", mime="text/html", name="x.png").put(store),
        "text": Text("<script>1</script>" * 99, mime="text/html", name="x.html").put(store),
        "picture": sign().put(store),
    }
    page.desk.payloads.note(made.values(), store)

    with entered(page) as client:
        got = {
            name: client.get(f"/api/artifacts/{ref.id}/content").headers
            for name, ref in made.items()
        }

    types = {name: each["content-type"] for name, each in got.items()}
    assert types == {
        "svg": "application/octet-stream",
        "html": "application/octet-stream",
        "liar": "application/octet-stream",
        "text": "text/plain; charset=utf-8",
        "picture": "image/png",
    }
    inline = {name for name, each in got.items() if each["content-disposition"].startswith("inl")}
    assert inline == {"picture"}
    for each in got.values():
        assert each["x-content-type-options"] == "nosniff"
        assert each["content-security-policy"] == "default-src 'none'; sandbox"
    assert got["svg"]["content-disposition"] == 'attachment; filename="a_b__c.svg"'


def test_only_what_was_shown_can_be_asked_for(served: tuple[Served, str]) -> None:
    page, _ = served
    key = page.herd.store.put(b"of another run" * 100)

    with entered(page) as client:
        answers = [
            client.get(f"/api/artifacts/{each}/content").status_code
            for each in (key, "..%2f..%2fruns.sqlite", "a" * 64)
        ]

    assert answers == [404] * 3


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("/api/runs/{run}/do", b""),
        ("/api/runs/{run}/do", b"[]"),
        ("/api/runs/{run}/do", b"{"),
        ("/api/runs/{run}/do", b'{"command": 3}'),
        ("/api/runs/{run}/do", b'{"command": "edit", "name": []}'),
        ("/api/runs/{run}/do", b'{"command": "goto", "stop": "x"}'),
        ("/api/runs/{run}/do", b'{"command": "goto", "stop": 99}'),
        ("/api/runs/{run}/do", b'{"command": "break", "where": "nobody"}'),
        ("/api/runs/{run}/do", b"[" * 50_000),
        ("/api/runs/{run}/fork", b'{"stop": 99}'),
        ("/api/runs", b'{"task": " "}'),
        ("/api/runs", b'{"task": {}}'),
    ],
)
def test_a_request_that_means_nothing_is_told_so(
    served: tuple[Served, str], what: str, body: bytes
) -> None:
    page, run = served

    with entered(page) as client:
        answer = client.post(what.format(run=run), content=body, headers={"x-herd": "1"})

    assert answer.status_code == 409
    assert "Expected" in answer.json()["error"]


HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\x1b]0;x\x07'


@expert
def repeat(text: Text) -> Text:
    """Repeat a text."""
    return text


def test_an_error_that_nobody_foresaw_is_told_as_any_other(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    class Torn(MemoryStore):
        """A store that fails as no store should."""

        torn = False

        def get(self, key: str) -> bytes:
            if self.torn:
                raise ZeroDivisionError("by \x1b[31mnothing")
            return super().get(key)

    store = Torn()
    step = {"id": "s1", "expert": "repeat", "inputs": {"text": {"value": "x"}}}
    with (
        Herd(repeat, checkpoints="memory", home=tmp_path, store=store) as herd,
        Served(herd) as served,
        entered(served) as client,
    ):
        run = served.add(herd.debug(Plan.parse({"steps": [step]})))
        served.do(served.desk.live(run).session.next)
        store.torn = True

        answer = client.get(f"/api/runs/{run}/plan?stop=1")
        store.torn = False

    assert answer.status_code == 500
    assert answer.json()["kind"] == "ZeroDivisionError"
    assert "Expected" in answer.json()["error"]
    assert "\x1b" not in answer.json()["error"]
    assert any(f"[run {run}]" in each.getMessage() for each in caplog.records)


def test_hostile_names_and_texts_are_only_text(seen: Seen, tmp_path: Path) -> None:
    @expert(name="mean", tags=[HOSTILE[:40]])
    def mean(text: Text) -> dict[str, Any]:
        """<b onmouseover=alert(1)>Say</b> <script>window.hacked=1</script> something mean."""
        return {HOSTILE: [HOSTILE, {"deep": HOSTILE}]}

    @expert
    def angry(text: Text) -> Text:
        """Fail with markup."""
        raise ValueError(HOSTILE)

    text: dict[str, Any] = {"name": "text", "kind": "text", "description": HOSTILE}
    plan = Plan.parse(
        {
            "inputs": {"text": text},
            "author": HOSTILE,
            "steps": [
                {
                    "id": "s1",
                    "expert": "mean",
                    "inputs": {"text": {"input": "text"}},
                    "ask": HOSTILE,
                },
                {"id": "s2", "expert": "angry", "inputs": {"text": {"input": "text"}}},
                {"id": "s3", "expert": "shout", "inputs": {"text": {"value": HOSTILE}}},
                {"id": "s4", "expert": "drawing", "inputs": {"text": {"input": "text"}}},
                {"id": "s5", "expert": "web_page", "inputs": {"text": {"input": "text"}}},
                {"id": "s6", "expert": "lying", "inputs": {"text": {"input": "text"}}},
            ],
        }
    )
    with Herd(*crew_of(mean, angry), checkpoints="memory") as herd, Served(herd) as page:
        run = page.add(herd.debug(plan, text=Text(HOSTILE, name=HOSTILE)))
        window = seen.run(page, run)
        window.locator('[data-command="continue"]').click()
        window.locator(".said", has_text="composed").wait_for()
        for step in ("s1", "s2", "s3", "s4", "s5", "s6"):
            node(window, step).click()
            window.locator(".panel-title", has_text=step).wait_for()
            for tab in ("in", "why", "checks", "events", "out"):
                window.locator(f'.panel [data-tab="{tab}"]').click()
        for tab in ("answer", "stops", "events"):
            window.locator(f'.lower [data-tab="{tab}"]').click()
        window.locator('.plan [data-key="input:text"]').click()
        hacked = window.evaluate("window.hacked")
        foreign = window.evaluate(
            "document.querySelectorAll('main img[onerror], main script').length"
        )
        words = window.locator("body").inner_text()
        page.do(lambda: page.desk.add(herd.debug(plan, text=Text("x"))))
        window.goto(page.url)
        window.wait_for_selector(".runs")
        listed = window.evaluate("window.hacked")

    assert (hacked, foreign, listed) == (None, 0, None)
    assert "<img src=x onerror" in words
    assert "\x1b" not in words
    seen.errors = [each for each in seen.errors if "404" not in each and "409" not in each]


def crew_of(*more: Any) -> tuple[Any, ...]:
    from debug_pages import shout

    return (*more, shout, drawing, web_page, lying)


def test_the_plan_of_the_tests_is_what_they_think() -> None:
    assert [step.id for step in PLAN.steps] == ["s1", "s2", "s3", "s4", "s5", "s6", "s7"]
