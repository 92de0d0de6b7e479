"""The repository's graphs in LangGraph's own development server, over HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import pytest
from ports import reserved_port

ROOT = Path(__file__).parent.parent
CLI = Path(sys.executable).parent / "langgraph"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not CLI.exists() or find_spec("langgraph_api") is None,
        reason="langgraph-cli[inmem] is not installed",
    ),
    pytest.mark.skipif(find_spec("sympy") is None, reason="the embedded experts are not there"),
]

ASKING = '''
from herd_graph import Herd, Plan, expert
from herd_graph.testing import FakeRouter

@expert(approve=True)
async def send(text: str) -> str:
    """Send a text."""
    return f"sent {text}"

STEP = {"id": "s1", "expert": "send", "inputs": {"text": {"value": "hello"}}}
graph = Herd(send, router=FakeRouter(Plan.parse({"steps": [STEP]})), checkpoints="memory").compile()
'''


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve what the repository's langgraph.json names, and a graph that asks a person."""
    folder = tmp_path_factory.mktemp("dev")
    config: dict[str, Any] = json.loads((ROOT / "langgraph.json").read_text())
    graphs = {name: str(ROOT / each) for name, each in config["graphs"].items()}
    (folder / "asking.py").write_text(ASKING)
    graphs["asking"] = f"{folder}/asking.py:graph"
    (folder / "langgraph.json").write_text(json.dumps({**config, "graphs": graphs}))
    with reserved_port() as port, (folder / "log.txt").open("w") as log:
        yield from _served(folder, port, log)


def _served(folder: Path, port: int, log: IO[str]) -> Iterator[str]:
    server = subprocess.Popen(
        [str(CLI), "dev", "--no-browser", "--no-reload", "--port", str(port)],
        cwd=folder,
        env={**os.environ, "HERD_HOME": str(folder / "home"), "LANGSMITH_TRACING": "false"},
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        address = f"http://127.0.0.1:{port}"
        give_up = time.monotonic() + 240
        while not _answers(f"{address}/ok"):
            assert server.poll() is None, (folder / "log.txt").read_text()[-4000:]
            assert time.monotonic() < give_up, (folder / "log.txt").read_text()[-4000:]
            time.sleep(0.2)
        yield address
    finally:
        server.terminate()
        server.wait(120)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except OSError:
        return False


@pytest.fixture
def client(url: str) -> Any:
    sdk: Any = pytest.importorskip("langgraph_sdk")
    return sdk.get_sync_client(url=url)


def test_every_graph_of_the_repository_is_served(client: Any) -> None:
    served = {each["graph_id"] for each in client.assistants.search(limit=100)}

    assert served >= set(json.loads((ROOT / "langgraph.json").read_text())["graphs"])


def test_the_herd_answers_a_task(client: Any) -> None:
    thread = client.threads.create()

    result = client.runs.wait(thread["thread_id"], "herd", input={"task": "calculate 12 * 20.75"})

    assert result["answer"]["status"] == "done"
    assert result["answer"]["parts"][0]["text"] == "249"
    state = client.threads.get_state(thread["thread_id"])
    assert state["values"]["run"] == result["run"]


def test_the_herd_goes_on_with_a_conversation(client: Any) -> None:
    thread = client.threads.create()["thread_id"]

    def say(text: str) -> str:
        given = {"messages": [{"role": "user", "content": text}]}
        return client.runs.wait(thread, "herd", input=given)["messages"][-1]["content"]

    assert say("calculate 6 * 7") == "42"
    assert say("calculate 8 * 8") == "64"
    messages = client.threads.get_state(thread)["values"]["messages"]
    assert [each["type"] for each in messages] == ["human", "ai", "human", "ai"]


def test_an_interrupt_is_resumed(client: Any) -> None:
    thread = client.threads.create()["thread_id"]

    stopped = client.runs.wait(thread, "asking", input={"task": "send hello"})
    state = client.threads.get_state(thread)
    resumed = client.runs.wait(thread, "asking", command={"resume": {"s1": True}})

    assert "answer" not in stopped or not stopped["answer"]
    assert "'send@1'" in str(state["interrupts"] or state["tasks"])
    assert resumed["answer"]["parts"][0]["text"] == "sent hello"
