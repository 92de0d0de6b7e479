"""Experts out of real MCP servers: a program over stdio, a server over HTTP, one in this process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastmcp import FastMCP
from foreign import ask, ask_all, run_one, why_not
from mcp.server.mcpserver import Context, MCPServer
from ports import reserved_port

from herd_graph import Data, Herd, Image, Text
from herd_graph.adapters.mcp import ToolExpert, source_of
from herd_graph.artifacts import Audio, Table
from herd_graph.errors import ConfigError, DeclarationError, ExpertUnavailable
from herd_graph.recording.events import Event
from herd_graph.steps import Patience
from herd_graph.threads import engine_loop
from herd_graph.types import Kind

SERVER = Path(__file__).with_name("mcp_server.py")
COMMAND = f"mcp:{sys.executable} {SERVER}"


@pytest.fixture(scope="module")
def stdio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    """A herd of the tools of a program; ``nothing_left_running`` looks at each test alone."""
    home = tmp_path_factory.mktemp("herd")
    with Herd(home=home, checkpoints="memory", patience=Patience(attempts=1)) as herd:
        herd.add(COMMAND)
        yield herd


def card(herd: Herd, name: str) -> Any:
    return herd.registry.find(name).card


def test_each_tool_is_an_expert_with_typed_ports(stdio: Herd) -> None:
    signatures = {each.name: each.signature for each in stdio.snapshot().latest}

    assert signatures["shout"] == "shout(text: Text) -> Text"
    assert signatures["weather"] == "weather(place: Text, days: Data[integer] = …) -> Data[object]"
    assert signatures["words"] == "words(text: Text) -> list[Text]"
    assert card(stdio, "shout").description == "Write a text in capital letters."
    assert card(stdio, "shout").input("text").description == "What to shout."


def test_text_structured_content_and_lists_come_back_typed(stdio: Herd) -> None:
    assert str(ask(stdio, "shout", text="quiet")) == "QUIET"
    forecast: Any = ask(stdio, "weather", place="Lisbon", days=2)
    assert isinstance(forecast, Data)
    assert json.loads(forecast.bytes()) == {"place": "Lisbon", "degrees": 22.5, "sky": "clear"}
    assert [str(each) for each in ask_all(stdio, "words", text="one two")] == ["one", "two"]


def test_pictures_and_sound_beside_a_text_are_media(stdio: Herd) -> None:
    run = run_one(stdio, "draw")
    media = ask_all(stdio, "draw", output="media")

    assert run.answer.text == "a dot"
    assert [type(each) for each in media] == [Image, Audio]
    assert isinstance(media[0], Image)
    assert media[0].pil().size == (1, 1)
    assert media[0].provenance.expert == "draw@1"


def test_resources_embedded_and_linked_are_artifacts(stdio: Herd) -> None:
    table = ask(stdio, "report")
    (linked,) = ask_all(stdio, "report", output="media")

    assert isinstance(table, Table)
    assert table.name == "report.csv"
    assert str(linked) == "buy milk"


def test_a_file_is_sent_as_its_schema_asks(stdio: Herd, tmp_path: Path) -> None:
    picture = tmp_path / "dot.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    listing = tmp_path / "list.txt"
    listing.write_text("a\nb\nc\n")

    assert Kind.IMAGE in card(stdio, "measure").input("content").kinds
    assert str(ask(stdio, "measure", content=Text("four"))) == "4"
    assert str(ask(stdio, "lines", path=Text(listing))) == "3"  # the file itself
    assert str(ask(stdio, "lines", path=Text(str(listing)))) == "3"  # a path that somebody wrote


def test_progress_and_log_messages_are_events(stdio: Herd) -> None:
    events: list[Event] = []

    run_one(stdio, "count", events=events, upto=2)

    told = [
        (each.data["fraction"], each.data["message"]) for each in events if each.kind == "progress"
    ]
    assert told == [(0.5, "at 1"), (1.0, "at 2"), (None, "counted")]


def test_a_tool_that_fails_says_why(stdio: Herd) -> None:
    reason = why_not(stdio, "fail", why="no\x1b[2J coffee")

    assert "failed: no" in reason
    assert "coffee" in reason
    assert "\x1b" not in reason


def test_hints_decide_on_approval_and_locality(stdio: Herd) -> None:
    assert card(stdio, "erase").approve
    assert card(stdio, "erase").locality == "remote"
    assert not card(stdio, "shout").approve
    assert card(stdio, "shout").locality == "local"
    assert run_one(stdio, "erase", name="x").status == "waiting"
    assert run_one(stdio, "erase", approve=_yes, name="x").answer.text == "erased x"


def test_a_description_that_gives_orders_is_taken_out_and_said(stdio: Herd) -> None:
    greeter = card(stdio, "greet_user")

    assert greeter.description == "Greets somebody politely."
    assert "orders to its reader" in greeter.caution
    assert "hidden characters" in greeter.caution
    assert "its description held" in str(run_one(stdio, "greet_user", name="Ana").answer)


def test_a_server_that_dies_in_a_call_is_started_again_for_the_next(tmp_path: Path) -> None:
    patience = Patience(attempts=2, wait_s=0)
    with Herd(home=tmp_path, checkpoints="memory", patience=patience) as herd:
        herd.add(COMMAND, only=["die", "die_reading", "shout"])
        run = run_one(herd, "die")
        reason = "\n".join(run.answer.missing)
        assert "broke during the call" in reason
        assert "dying now" in reason
        assert "not repeated by itself" in reason
        assert len(run.records["s1"].attempts) == 1

        assert str(ask(herd, "shout", text="alive")) == "ALIVE"
        assert len(run_one(herd, "die_reading").records["s1"].attempts) == 2


def _yes(_: object) -> bool:
    return True


async def _cancelled(herd: Herd, mark: Path) -> None:
    tool = herd.registry.find("wait")
    from herd_graph.contexts import ExpertContext

    call = asyncio.create_task(tool.invoke({"mark": Text(str(mark))}, ExpertContext()))
    await _until(lambda: Path(f"{mark}.started").exists())
    call.cancel()
    await asyncio.wait([call])
    await _until(mark.exists)


async def _until(holds: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        await asyncio.sleep(0.01)


def test_cancelling_a_call_cancels_it_in_the_server(stdio: Herd, tmp_path: Path) -> None:
    asyncio.run(_cancelled(stdio, tmp_path / "cancelled"))

    assert str(ask(stdio, "shout", text="still here")) == "STILL HERE"


def test_new_tools_of_a_server_become_experts(stdio: Herd) -> None:
    before = stdio.registry.find("shout")
    arrived = threading.Event()
    stdio.registry.on_change(lambda now: arrived.set() if now.knows("grown") else None)
    ask(stdio, "grow")

    assert arrived.wait(60)
    assert str(ask(stdio, "grown", number=4)) == "8"
    assert stdio.registry.find("shout") is before


def test_tools_are_chosen_by_name(tmp_path: Path) -> None:
    server = FastMCP("many")
    for name in ("shout", "Greet-User", "erase"):
        server.tool(_echo, name=name)
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(server, only=["shout", "Greet-User"], prefix="srv.", tags=["mine"])

        assert [each.name for each in herd.snapshot().latest] == ["srv_greet_user", "srv_shout"]
        assert card(herd, "srv_shout").tags == ("mine",)
        with pytest.raises(DeclarationError, match=r"no tool 'shuot'.*Did you mean 'shout'"):
            herd.add(server, only="shuot")
        with pytest.raises(DeclarationError, match="each have their own"):
            herd.add(server, name="all")


def _echo(text: str) -> str:
    """Say it again."""
    return text


def test_a_program_that_is_no_server_is_told_with_its_last_words(tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        with pytest.raises(ConfigError, match="'no-such-program'"):
            herd.add("mcp:no-such-program --x")
        with pytest.raises(ExpertUnavailable, match="sorry, no"):
            herd.add(f"mcp:{sys.executable} -c 'import sys; sys.exit(\"sorry, no\")'")
        with pytest.raises(ExpertUnavailable, match="Failed to initialize"):
            herd.add("mcp:sleep 100", connect_timeout_s=0.5)
        with pytest.raises(DeclarationError, match="names no server"):
            herd.add("mcp:")
        with pytest.raises(DeclarationError, match="headers= was passed with a program"):
            herd.add(COMMAND, headers={"x": "y"})


def test_a_server_of_this_process_needs_no_program(tmp_path: Path) -> None:
    server: Any = FastMCP("here")

    @server.tool
    def double(number: int) -> int:
        """Double a number."""
        return 2 * number

    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(server)

        assert str(ask(herd, "double", number=21)) == "42"


def test_a_server_of_the_newer_protocol_tells_of_new_tools(tmp_path: Path) -> None:
    server = MCPServer("modern")

    async def grow(ctx: Context) -> str:
        """Offer one more tool from now on."""

        def grown(number: int) -> int:
            """Double a number."""
            return 2 * number

        server.add_tool(grown)
        await ctx.notify_tools_changed()
        return "grown"

    server.add_tool(grow)
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(server)
        arrived = threading.Event()
        herd.registry.on_change(lambda now: arrived.set() if now.knows("grown") else None)
        tool: Any = herd.registry.find("grow")
        _listening(tool.connection)
        assert str(ask(herd, "grow")) == "grown"

        assert arrived.wait(60)
        assert str(ask(herd, "grown", number=4)) == "8"


def _listening(connection: Any) -> None:
    """Wait until the server has heard that we want to know."""

    async def told() -> None:
        await _until(lambda: connection._listening is not None)
        await _until(lambda: connection.is_listening)

    engine_loop.wait(told())


# Over HTTP ----------------------------------------------------------------------------------------


def start(port: int) -> subprocess.Popen[bytes]:
    program = subprocess.Popen(
        [sys.executable, str(SERVER), str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 120
    while True:
        assert program.poll() is None
        assert time.monotonic() < end
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return program
        time.sleep(0.05)  # looks again: nothing else tells that it listens


def test_a_server_over_http_is_found_again_after_it_was_killed(tmp_path: Path) -> None:
    with reserved_port() as port:
        _killed_and_found_again(tmp_path, port)


def _killed_and_found_again(tmp_path: Path, port: int) -> None:
    program = start(port)
    try:
        with Herd(home=tmp_path, checkpoints="memory", patience=Patience(attempts=1)) as herd:
            herd.add(f"mcp:http://127.0.0.1:{port}/mcp", without=["erase"])
            assert "erase" not in herd.registry
            assert card(herd, "shout").locality == "local"
            assert card(herd, "lines").input("path").kinds != (Kind.TEXT,)
            assert str(ask(herd, "shout", text="hello")) == "HELLO"

            mark = tmp_path / "mark"
            killer = threading.Thread(target=_kill_once, args=(program, Path(f"{mark}.started")))
            killer.start()
            reason = why_not(herd, "wait", mark=str(mark))
            killer.join()
            assert "broke during the call" in reason

            assert "cannot be reached" in why_not(herd, "shout", text="anybody there")
            program = start(port)
            assert str(ask(herd, "shout", text="hello again")) == "HELLO AGAIN"
    finally:
        program.kill()
        program.wait()


def _kill_once(program: subprocess.Popen[bytes], mark: Path) -> None:
    end = time.monotonic() + 120
    while not mark.exists() and time.monotonic() < end:
        time.sleep(0.01)
    os.kill(program.pid, signal.SIGKILL)
    program.wait()


def test_a_path_is_only_text_to_a_server_elsewhere() -> None:
    from herd_graph.adapters.mcp import _Tools
    from herd_graph.adapters.said import Said
    from herd_graph.adapters.schemas import fields_of

    schema = {"type": "object", "properties": {"path": {"type": "string", "format": "path"}}}
    (field,) = fields_of(schema)
    tools = _Tools(None, Said(reference="mcp:x"), {}, remote=True)  # type: ignore[arg-type]

    assert field.port.kind is Kind.DOCUMENT
    assert tools._placed(field).port.kind is Kind.TEXT


def test_a_source_names_what_was_given_and_is_closed_once() -> None:
    async def story() -> tuple[str, list[str]]:
        source = await source_of(FastMCP("empty"))
        assert source.close is not None
        await source.close()
        return source.name, [type(each).__name__ for each in source.experts]

    assert asyncio.run(story()) == ("mcp:empty", [])
    assert issubclass(ToolExpert, object)
