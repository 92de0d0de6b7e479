"""The application as a whole: places, names, broken clients, mounting, and herds by name."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import EXPERTS, Served, serving, shout, spell

from herd_graph import Herd
from herd_graph.errors import ConfigError
from herd_graph.serve import Settings, create_app
from herd_graph.serve.lifecycle import bind
from herd_graph.threads import engine_loop


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    settings = Settings(
        doors=("openai",),
        head_s=0.5,
        body_s=0.5,
        origins=("https://chat.example",),
        hosts=("herd.lan",),
        models={"gpt-4o-mini": "herd"},
    )
    home = tmp_path_factory.mktemp("home")
    with Herd(*EXPERTS, home=home) as herd, serving(herd, settings) as running:
        yield running


def raw(served: Served, content: bytes) -> bytes:
    """Send bytes as they are, and return whatever comes until the server closes."""
    address, _, port = served.url.removeprefix("http://").partition(":")
    with socket.create_connection((address, int(port)), timeout=60) as connection:
        connection.sendall(content)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", ""])
def test_a_web_page_cannot_reach_a_keyless_server_by_another_name(
    served: Served, host: str
) -> None:
    answer = httpx.get(f"{served.url}/v1/models", headers={"host": host})

    assert answer.status_code in {400, 403}


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "herd.lan", "HERD.lan:8000"])
def test_its_own_names_are_good(served: Served, host: str) -> None:
    assert httpx.get(f"{served.url}/v1/models", headers={"host": host}).status_code == 200


def test_a_web_page_may_call_only_where_it_is_allowed(served: Served) -> None:
    good = httpx.get(f"{served.url}/v1/models", headers={"origin": "https://chat.example"})
    bad = httpx.get(f"{served.url}/v1/models", headers={"origin": "https://evil.example"})
    form = httpx.post(
        f"{served.url}/v1/chat/completions",
        content=b'{"model": "herd", "messages": []}',
        headers={"content-type": "text/plain"},
    )

    assert good.headers["access-control-allow-origin"] == "https://chat.example"
    assert (bad.status_code, form.status_code) == (403, 415)
    assert "access-control-allow-origin" not in bad.headers


def test_a_client_that_never_finishes_its_head_is_dropped(served: Served) -> None:
    assert raw(served, b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ") == b""


def test_a_client_that_never_finishes_its_body_is_told(served: Served) -> None:
    head = (
        b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Content-Length: 100\r\n\r\n{"
    )

    assert raw(served, head).startswith(b"HTTP/1.1 408")


def test_an_alias_stands_for_a_herd(served: Served) -> None:
    answer = served.client().chat.completions.create(
        model="gpt-4o-mini", messages=[{"role": "user", "content": "Shout this text: 'hi'"}]
    )

    assert (answer.model, answer.choices[0].message.content) == ("gpt-4o-mini", "HI")


def test_unknown_paths_and_methods_are_told_in_openais_form(served: Served) -> None:
    lost = httpx.get(f"{served.url}/v1/embeddings")
    wrong = httpx.get(f"{served.url}/v1/chat/completions")

    assert (lost.status_code, lost.json()["error"]["code"]) == (404, "unknown_url")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")


def test_every_response_has_an_id(served: Served) -> None:
    ids = {httpx.get(f"{served.url}/healthz").headers["x-request-id"] for _ in range(3)}

    assert len(ids) == 3


def test_more_runs_than_it_takes_are_refused(served: Served) -> None:
    live = served.host.live
    live.update({str(number): object() for number in range(served.host.settings.most_runs)})
    body = {"model": "herd", "messages": [{"role": "user", "content": "hi"}]}
    try:
        answer = httpx.post(f"{served.url}/v1/chat/completions", json=body)
    finally:
        live.clear()

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize("checkpoints", ["memory", "sqlite"])
def test_a_run_may_begin_before_it_is_written_down(checkpoints: Any, tmp_path: Path) -> None:
    """Whatever a run writes comes after its row, however long that takes."""
    gate = threading.Event()
    with Herd(shout, home=tmp_path, checkpoints=checkpoints) as herd, serving(herd) as served:
        busy = engine_loop.start(herd.runs.database.commits.do(lambda: gate.wait(60), writes=False))
        threading.Timer(0.3, gate.set).start()
        answer = served.client().chat.completions.create(
            model="herd/shout", messages=[{"role": "user", "content": "abc"}]
        )

        assert busy.result(60) is True
        assert answer.choices[0].message.content == "ABC"
        assert herd.runs.get(answer.herd["run"]).status == "done"


def test_several_herds_have_names(tmp_path: Path) -> None:
    with Herd(shout, home=tmp_path / "a") as loud, Herd(spell, home=tmp_path / "b") as letters:
        app = create_app({"loud": loud, "letters": letters}, settings=Settings(doors=("openai",)))

        async def answers() -> list[Any]:
            async with _client(app) as client:
                listed = (await client.get("/v1/models")).json()
                told = [
                    await client.post(
                        "/v1/chat/completions",
                        json={"model": model, "messages": [{"role": "user", "content": "ab"}]},
                    )
                    for model in ("loud/shout", "letters/spell", "letters/shout")
                ]
                return [[each["id"] for each in listed["data"]], *told]

        names, first, second, third = asyncio.run(answers())

    assert names == ["loud", "loud/shout", "letters", "letters/spell"]
    assert first.json()["choices"][0]["message"]["content"] == "AB"
    assert second.json()["choices"][0]["message"]["content"] == "a-b-"
    assert third.status_code == 404


@contextlib.asynccontextmanager
async def _client(app: Any, path: str = "") -> AsyncGenerator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    parts = app.state.host if hasattr(app.state, "host") else app.state.inner.state.host
    async with (
        parts.open(),
        httpx.AsyncClient(transport=transport, base_url=f"http://localhost{path}") as client,
    ):
        yield client


def test_it_can_be_mounted_in_an_application(tmp_path: Path) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    async def answer(herd: Herd) -> httpx.Response:
        inner = create_app(herd, keys=["alice-has-this-key"], settings=Settings(doors=("openai",)))
        outer = Starlette(routes=[Mount("/herd", inner)])
        outer.state.inner = inner
        async with _client(outer, "/herd") as client:
            assert (await client.get("/v1/models")).status_code == 401
            assert (await client.get("/healthz")).status_code == 200
            return await client.post(
                "/v1/chat/completions",
                headers={"authorization": "Bearer alice-has-this-key"},
                json={"model": "herd/shout", "messages": [{"role": "user", "content": "hi"}]},
            )

    with Herd(*EXPERTS, home=tmp_path) as herd:
        told = asyncio.run(answer(herd))

    assert told.json()["choices"][0]["message"]["content"] == "HI"


def test_a_port_that_is_taken_is_said() -> None:
    with bind("127.0.0.1", 0) as taken, pytest.raises(ConfigError, match="--port 0"):
        bind("127.0.0.1", taken.getsockname()[1])


def test_a_herds_name_without_a_slash(tmp_path: Path) -> None:
    with Herd(home=tmp_path) as herd, pytest.raises(ConfigError):
        create_app({"a/b": herd})


def test_naming_it_imports_nothing_heavy() -> None:
    code = (
        "import sys, herd_graph.serve, herd_graph.cli.serve; "
        "print([m for m in ('starlette', 'uvicorn', 'langgraph', 'prometheus_client') "
        "if m in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
