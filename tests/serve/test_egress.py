"""The way out: nothing is fetched but what the operator allows, from where it really is."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openai
import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import EXPERTS, serving

from herd_graph import Herd
from herd_graph.serve import Settings
from herd_graph.serve.egress import Egress
from herd_graph.serve.errors import Refusal


class Site(BaseHTTPRequestHandler):
    """A host that is fetched from, with all its tricks."""

    asked: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        site: Any = self.server
        site.asked.append((self.path, dict(self.headers)))
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        content = {"/large": b"x" * 5000, "/picture.png": site.picture}.get(self.path, b"hello")
        self.send_response(404 if self.path == "/gone" else 200)
        if self.path != "/large":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.path == "/slow":
            site.let_go.wait(10)
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[Any]:
    import io

    from PIL import Image as pil

    buffer = io.BytesIO()
    pil.new("RGB", (6, 5)).save(buffer, "PNG")
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.asked, server.picture, server.let_go = [], buffer.getvalue(), threading.Event()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.let_go.set()
    server.shutdown()


def way_out(site: Any, **options: Any) -> Egress:
    """An egress that may reach the site under a name."""
    port = site.server_address[1]

    async def resolve(host: str, _: int) -> list[str]:
        return {
            "pictures.example": ["127.0.0.1"],
            "both.example": ["93.184.216.34", "127.0.0.1"],
        }.get(host, ["10.0.0.1"])

    defaults: dict[str, Any] = {
        "hosts": [f"pictures.example:{port}", f"both.example:{port}", f"inside.example:{port}"],
        "networks": ["127.0.0.0/8"],
        "resolve": resolve,
        "seconds": 2,
    }
    return Egress(**{**defaults, **options})


def fetch(egress: Egress, url: str) -> tuple[bytes, str]:
    return asyncio.run(egress.fetch(url, "url"))


def at(site: Any, path: str, host: str = "pictures.example") -> str:
    return f"http://{host}:{site.server_address[1]}{path}"


def test_what_is_allowed_is_fetched_under_its_own_name(site: Any) -> None:
    content, name = fetch(way_out(site), at(site, "/a/b.txt"))
    _, headers = site.asked[-1]

    assert (content, name) == (b"hello", "b.txt")
    assert headers["Host"] == f"pictures.example:{site.server_address[1]}"
    assert not {"Cookie", "Authorization", "Referer"} & set(headers)


@pytest.mark.parametrize(
    "url",
    [
        "http://other.example/x",
        "http://pictures.example/x",  # another port
        "http://127.0.0.1:{port}/x",
        "http://localhost:{port}/x",
        "http://[::1]:{port}/x",
        "http://2130706433:{port}/x",
        "http://0x7f.1:{port}/x",
        "http://169.254.169.254/latest/meta-data/",
        "http://pictures.example:{port}@169.254.169.254/",
        "http://user:password@pictures.example:{port}/x",
        "http://pictures.example:{port}\\@evil.example/x",
        "http://pictures.example.evil.example:{port}/x",
        "file:///etc/passwd",
        "ftp://pictures.example/x",
        "gopher://pictures.example:{port}/x",
        "//pictures.example:{port}/x",
        "http://pictures.example:{port}/x y",
        "http://pictures.example:{port}/x\r\nHost: evil",
        "http://pictures.example:99999/x",
        "http://[::1/x",
        "http:///x",
        "",
    ],
)
def test_what_is_not_on_the_list_is_refused(site: Any, url: str) -> None:
    before = len(site.asked)
    with pytest.raises(Refusal) as caught:
        fetch(way_out(site), url.replace("{port}", str(site.server_address[1])))

    assert (caught.value.status, caught.value.code) == (400, "url_not_allowed")
    assert len(site.asked) == before


def test_another_port_is_another_server_and_is_named(site: Any) -> None:
    with pytest.raises(Refusal, match=r"host 'pictures\.example:8081' is not on"):
        fetch(way_out(site), "http://pictures.example:8081/x")


def test_a_listed_name_that_leads_inside_is_refused(site: Any) -> None:
    inside = "is inside a private network"
    with pytest.raises(Refusal, match=inside):
        fetch(way_out(site), at(site, "/x", "inside.example"))
    with pytest.raises(Refusal, match=inside):
        fetch(way_out(site, networks=()), at(site, "/x"))
    with pytest.raises(Refusal, match=inside):  # one address of several is enough
        fetch(way_out(site, networks=()), at(site, "/x", "both.example"))


def test_a_name_is_resolved_once_and_its_address_is_what_is_reached(site: Any) -> None:
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked: list[str] = []

    async def rebinding(host: str, _: int) -> list[str]:
        asked.append(host)
        return next(answers)

    content, _ = fetch(way_out(site, resolve=rebinding), at(site, "/x"))

    assert (content, asked) == (b"hello", ["pictures.example"])


def test_redirects_are_looked_at_like_the_first_url(site: Any) -> None:
    egress = way_out(site)
    followed, name = fetch(egress, at(site, "/to//a.txt"))

    assert (followed, name) == (b"hello", "a.txt")
    for target in ("http://169.254.169.254/", "http://127.0.0.1/", "file:///etc/passwd"):
        with pytest.raises(Refusal, match="is not fetched"):
            fetch(egress, at(site, f"/to/{target}"))
    with pytest.raises(Refusal, match="more than 3 times"):
        fetch(egress, at(site, "/to/" * 6 + "/a"))


def test_size_time_and_status_are_limits(site: Any) -> None:
    with pytest.raises(Refusal) as large:
        fetch(way_out(site, most_bytes=1000), at(site, "/large"))
    with pytest.raises(Refusal, match=r"more than 0.3 s"):
        fetch(way_out(site, seconds=0.3), at(site, "/slow"))
    with pytest.raises(Refusal, match="status 404"):
        fetch(way_out(site), at(site, "/gone"))

    assert large.value.status == 413


@given(st.text(max_size=60))
def test_no_text_is_fetched_where_nothing_is_allowed(text: str) -> None:
    with pytest.raises(Refusal):
        fetch(Egress(), text)


def test_an_image_url_through_the_whole_server(site: Any, tmp_path: Path) -> None:
    port = site.server_address[1]
    part = {"type": "image_url", "image_url": {"url": f"http://127.0.0.1:{port}/picture.png"}}
    asked: Any = [{"role": "user", "content": [part]}]
    allowed = Settings(
        doors=("openai",), fetch_from=(f"127.0.0.1:{port}",), fetch_networks=("127.0.0.0/8",)
    )
    with Herd(*EXPERTS, home=tmp_path) as herd:
        with serving(herd) as served, pytest.raises(openai.BadRequestError) as caught:
            served.client().chat.completions.create(model="herd/measure", messages=asked)
        with serving(herd, allowed) as served:
            answer = served.client().chat.completions.create(model="herd/measure", messages=asked)

    body: Any = caught.value.body
    assert body["code"] == "url_not_allowed"
    assert body["param"] == "messages[0].content[0].image_url.url"
    assert answer.choices[0].message.content == "6 x 5"
