"""The end of a server: nothing is lost, and what is not finished can be gone on with."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
from served import Slow, serving

from herd_graph import Herd
from herd_graph.serve import Settings

ASKED = {"model": "herd/dawdle", "messages": [{"role": "user", "content": "x"}]}


def ask(url: str, **more: Any) -> httpx.Response:
    return httpx.post(f"{url}/v1/chat/completions", json={**ASKED, **more}, timeout=120)


def test_runs_under_way_may_end_and_no_new_ones_begin(tmp_path: Path) -> None:
    slow = Slow()
    settings = Settings(doors=("openai",), drain_s=100)
    with (
        Herd(slow.expert, home=tmp_path) as herd,
        serving(herd, settings) as served,
        ThreadPoolExecutor() as pool,
        httpx.Client(base_url=served.url) as kept,
    ):
        kept.get("/healthz")
        first = pool.submit(ask, served.url)
        assert slow.started.wait(60)
        stopping = threading.Thread(target=served.stop)
        stopping.start()
        assert _until(lambda: served.host.draining)
        assert _until(lambda: _refuses(served.url))
        slow.let_go.set()
        answer = first.result(timeout=120)
        stopping.join()

    assert answer.json()["choices"][0]["message"]["content"] == "at last: x"


def test_what_does_not_end_in_time_is_interrupted_and_can_be_resumed(tmp_path: Path) -> None:
    slow = Slow()
    settings = Settings(doors=("openai",), drain_s=0.2)
    with Herd(slow.expert, home=tmp_path) as herd:
        with serving(herd, settings) as served, ThreadPoolExecutor() as pool:
            whole = pool.submit(ask, served.url)
            stream = pool.submit(ask, served.url, stream=True)
            assert _until(lambda: len(served.host.live) == 2)
            assert slow.started.wait(60)
            served.stop()
            told, streamed = whole.result(timeout=120), stream.result(timeout=120)
        slow.let_go.set()
        with serving(herd, settings) as served:
            run = told.headers["x-herd-run"]
            looked = httpx.get(f"{served.url}/v1/runs/{run}").json()
            resumed = httpx.post(f"{served.url}/v1/runs/{run}/resume", timeout=120).json()

    last = json.loads(streamed.text.strip().split("\n\n")[-1].removeprefix("data: "))
    assert (told.status_code, told.json()["error"]["code"]) == (503, "run_interrupted")
    assert told.headers["x-should-retry"] == "false"
    assert last["error"]["code"] == "run_interrupted"
    assert looked["status"] == "interrupted"
    assert resumed["choices"][0]["message"]["content"] == "at last: x"


def _refuses(url: str) -> bool:
    """Say whether no connection is accepted any more."""
    try:
        httpx.get(f"{url}/healthz")
    except httpx.TransportError:
        return True
    return False


def _until(holds: Any) -> bool:
    """Wait for something that another thread does."""
    import time

    deadline = time.monotonic() + 60
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds()


SCRIPT = textwrap.dedent(
    """
    import asyncio, sys
    from herd_graph import Herd, Text, expert
    from herd_graph.serve import Settings, create_app
    from herd_graph.serve.lifecycle import serve

    @expert
    async def dawdle(text: Text) -> Text:
        '''Take a while over a text.'''
        print("started", flush=True)
        await asyncio.sleep(float(sys.argv[2]))
        return text

    with Herd(dawdle, home=sys.argv[1]) as herd:
        app = create_app(herd, settings=Settings(doors=("openai",), drain_s=100))
        serve(app, port=0, ready=lambda url: print(url, flush=True))
    print("closed", flush=True)
    """
)


def test_sigterm_ends_a_real_process_in_good_order(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path), "1"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        with ThreadPoolExecutor() as pool:
            answer = pool.submit(ask, url)
            assert process.stdout.readline().strip() == "started"
            process.send_signal(signal.SIGTERM)
            content = answer.result(timeout=120).json()["choices"][0]["message"]["content"]
        closed = process.stdout.readline().strip()
        code = process.wait(timeout=120)

    assert (content, closed, code) == ("x", "closed", 0)
