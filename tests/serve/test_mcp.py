"""A herd as an MCP server, with a real client over stdio and over HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image as pil
from served import serving
from serving_experts import small_herd

from herd_graph import Herd, Image
from herd_graph.serve import Settings

fastmcp: Any = pytest.importorskip("fastmcp")
exceptions: Any = pytest.importorskip("fastmcp.exceptions")
transports: Any = pytest.importorskip("fastmcp.client.transports")

TESTS = Path(__file__).parent.parent
DOOR = Settings(doors=("mcp",))
Story = Callable[[Any], Awaitable[None]]


@pytest.fixture
def picture() -> bytes:
    made = pil.new("RGB", (30, 10), "red")
    made.paste("blue", (0, 0, 9, 10))
    return Image(made).bytes()


def data_url(content: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


@asynccontextmanager
async def over_stdio(home: Path, **options: Any) -> AsyncGenerator[Any]:
    transport = transports.StdioTransport(
        sys.executable,
        [str(TESTS / "serving_experts.py")],
        env={**os.environ, "HERD_HOME": str(home)},
        cwd=str(home.parent),
        keep_alive=False,
    )
    async with fastmcp.Client(transport, **options) as client:
        yield client


@asynccontextmanager
async def over_http(
    herd: Herd, *, keys: tuple[str, ...] = (), **options: Any
) -> AsyncGenerator[Any]:
    with serving(herd, DOOR, keys=keys) as server:
        async with fastmcp.Client(f"{server.url}/mcp", **options) as client:
            yield client


@pytest.fixture
def told() -> Callable[..., None]:
    """Tell a story to a client of a server."""

    def tell(story: Story, **options: Any) -> None:
        async def main() -> None:
            with small_herd() as herd:
                async with over_http(herd, **options) as client:
                    await story(client)

        asyncio.run(main())

    return tell


@pytest.fixture(params=["stdio", "http"])
def told_twice(
    request: pytest.FixtureRequest, herd_home: Path, told: Callable[..., None]
) -> Callable[..., None]:
    """Tell a story to a client over each transport."""

    def tell(story: Story, **options: Any) -> None:
        async def main() -> None:
            async with over_stdio(herd_home, **options) as client:
                await story(client)

        if request.param == "stdio":
            asyncio.run(main())
        else:
            told(story, **options)

    return tell


def test_its_tools_are_run_plan_why_and_the_experts(told_twice: Callable[..., None]) -> None:
    async def story(client: Any) -> None:
        tools = {each.name: each for each in await client.list_tools()}

        assert {"run", "plan", "why", "shout", "mirror", "send", "expert_run"} <= tools.keys()
        shout = tools["shout"].input_schema
        assert shout["required"] == ["text"]
        assert set(shout["properties"]) == {"text", "times"}
        assert tools["send"].annotations.destructive_hint
        assert tools["shout"].annotations.read_only_hint

        answer = await client.call_tool("run", {"task": "shout hello"})
        assert answer.content[0].text == "HELLO"
        run = answer.structured_content["run"]
        why = await client.call_tool("why", {"run": run})
        assert "shout@1" in why.content[0].text
        plan = await client.call_tool("plan", {"task": "shout hello"})
        assert plan.structured_content["plan"]["steps"][0]["expert"] == "shout"
        called = await client.call_tool("shout", {"text": "hi", "times": 2})
        assert called.structured_content["outputs"] == {"result": "HI HI"}
        assert (await client.call_tool("expert_run", {"text": "far"})).content[0].text == "ran far"

    told_twice(story)


def test_media_go_in_and_come_out(told: Callable[..., None], picture: bytes) -> None:
    async def story(client: Any) -> None:
        mirrored = await client.call_tool("mirror", {"picture": data_url(picture)})
        shown = next(each for each in mirrored.content if each.type == "image")
        turned = Image(base64.b64decode(shown.data)).pil()
        assert turned.getpixel((0, 0)) == (255, 0, 0)
        assert shown.mime_type == "image/png"

        key = mirrored.structured_content["outputs"]["result"]["id"]
        (resource,) = await client.read_resource(f"herd://artifact/{key}")
        assert base64.b64decode(resource.blob) == base64.b64decode(shown.data)
        assert resource.mime_type == "image/png"

        again = await client.call_tool(
            "run", {"task": "mirror it", "files": [f"herd://artifact/{key}"]}
        )
        back = next(each for each in again.content if each.type == "image")
        assert Image(base64.b64decode(back.data)).pil().tobytes() == Image(picture).pil().tobytes()

        tone = await client.call_tool("beep", {"seconds": 0.1})
        assert tone.content[1].type == "audio"
        assert base64.b64decode(tone.content[1].data)[:4] == b"RIFF"

        table = await client.call_tool("letters", {"text": "abba"})
        assert table.structured_content["outputs"]["result"][0] == {"letter": "a", "times": 2}
        assert table.content[1].type == "resource_link"

    told(story)


def test_progress_is_told(told: Callable[..., None]) -> None:
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async def story(client: Any) -> None:
        await client.call_tool("wait", {"seconds": 0.1})

    told(story, progress_handler=hear)

    assert any("half of it" in str(each[2]) for each in heard)
    assert [each[0] for each in heard] == sorted({each[0] for each in heard})
    assert heard[-1][:2] == (1.0, 1.0)


def test_what_goes_wrong_is_told_to_the_model(told: Callable[..., None]) -> None:
    async def story(client: Any) -> None:
        failures = {
            "Nobody can 'fly'": client.call_tool("run", {"task": "fly away"}),
            "no reason": client.call_tool("fail", {"text": "reason"}),
            "without 'text'": client.call_tool("shout", {}),
            "no argument 'txet'": client.call_tool("shout", {"text": "a", "txet": "b"}),
            "is not in this store": client.call_tool(
                "mirror", {"picture": f"herd://artifact/{'0' * 64}"}
            ),
            "no paths are read": client.call_tool("mirror", {"picture": "/etc/passwd"}),
            "no paths are read here": client.call_tool(
                "run", {"task": "mirror it", "files": ["/etc/passwd"]}
            ),
            "Expected array": client.call_tool("run", {"task": "mirror it", "files": "a"}),
            "Expected string": client.call_tool("run", {"task": 5}),
            "no run": client.call_tool("why", {"run": "nonsense"}),
        }
        for words, call in failures.items():
            with pytest.raises(exceptions.ToolError, match=words):
                await call
        with pytest.raises(Exception, match="artifact"):
            await client.read_resource("herd://artifact/../../etc/passwd")

    told(story)


# Approvals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("yes", [True, False])
def test_a_person_is_asked_before_side_effects(
    told: Callable[..., None], mode: str, yes: bool
) -> None:
    asked: list[str] = []

    async def ask(message: str, kind: Any, *_: Any) -> Any:
        asked.append(message)
        return kind(value=yes)

    async def story(client: Any) -> None:
        for call in (("send", {"text": "hello"}), ("run", {"task": "send hello"})):
            if yes:
                assert (await client.call_tool(*call)).content[0].text == "sent hello"
            else:
                with pytest.raises(exceptions.ToolError, match="not approve"):
                    await client.call_tool(*call)

    told(story, elicitation_handler=ask, mode=mode)

    assert len(asked) == 2
    assert all("'send@1'" in each and "hello" in each for each in asked)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_where_nobody_can_be_asked_nothing_is_sent(told: Callable[..., None], mode: str) -> None:
    async def story(client: Any) -> None:
        with pytest.raises(exceptions.ToolError, match=r"herd resume \S+ --yes"):
            await client.call_tool("send", {"text": "hello"})

    told(story, mode=mode)


# On a server ------------------------------------------------------------------------------------


def test_a_call_that_is_cancelled_ends_its_run() -> None:
    async def main() -> None:
        with small_herd() as herd:
            async with over_http(herd) as client:
                call = asyncio.create_task(client.call_tool("wait", {"seconds": 60}))
                await until(lambda: bool(herd.engine.flights) and _working(herd))
                call.cancel()
                await until(lambda: not herd.engine.flights)
            assert herd.runs.get("last").status == "interrupted"

    asyncio.run(main())


def _working(herd: Herd) -> bool:
    rows = herd.runs.list()  # none before the run is written down
    return any(each.kind == "started" for row in rows for each in herd.runs.events(row.id))


async def until(said: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not said():  # noqa: ASYNC110 - the herd works on the server's loop
            await asyncio.sleep(0.02)


def test_experts_that_are_added_are_tools_at_once() -> None:
    from serving_experts import shout

    async def main() -> None:
        with small_herd() as herd:
            async with over_http(herd) as client:
                herd.remove("shout")
                assert "shout" not in {each.name for each in await client.list_tools()}
                herd.add(shout)
                assert "shout" in {each.name for each in await client.list_tools()}

    asyncio.run(main())


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_server_with_keys_wants_one_and_runs_belong_to_it(mode: str) -> None:
    keys = ("sk-first-0123456789", "sk-second-0123456789")

    async def main() -> None:
        with small_herd() as herd, serving(herd, DOOR, keys=keys) as server:
            url = server.url
            async with httpx.AsyncClient() as nobody:
                assert (await nobody.post(f"{url}/mcp", json={})).status_code == 401
            async with fastmcp.Client(f"{url}/mcp", auth=keys[0], mode=mode) as client:
                made = await client.call_tool("run", {"task": "shout hello"})
                run = made.structured_content["run"]
                await client.call_tool("why", {"run": run})
            async with fastmcp.Client(f"{url}/mcp", auth=keys[1], mode=mode) as client:
                with pytest.raises(exceptions.ToolError, match="no run"):
                    await client.call_tool("why", {"run": run})

    asyncio.run(main())


def test_paths_are_not_read_on_a_server(picture: bytes, tmp_path: Path) -> None:
    (tmp_path / "box.png").write_bytes(picture)

    async def main() -> None:
        with small_herd() as herd:
            async with over_http(herd) as client:
                mirror = next(each for each in await client.list_tools() if each.name == "mirror")
                assert "path" not in str(mirror.input_schema)
                with pytest.raises(exceptions.ToolError, match="no paths are read"):
                    await client.call_tool("mirror", {"picture": str(tmp_path / "box.png")})

    asyncio.run(main())


def test_on_stdio_paths_are_read_inside_the_allowed_folders(
    picture: bytes, herd_home: Path
) -> None:
    (herd_home.parent / "box.png").write_bytes(picture)

    async def main() -> None:
        async with over_stdio(herd_home) as client:
            made = await client.call_tool("mirror", {"picture": "box.png"})
            assert made.content[1].type == "image"

    asyncio.run(main())


def test_a_server_on_stdio_ends_when_it_is_told_to(herd_home: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, str(TESTS / "serving_experts.py")],
        env={**os.environ, "HERD_HOME": str(herd_home)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    request = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    server.stdin.write(f"{json.dumps(request)}\n")
    server.stdin.flush()
    assert json.loads(server.stdout.readline())["id"] == 1, "it listens"

    server.send_signal(signal.SIGINT)

    assert server.wait(60) != 0
    server.stdin.close()
    server.stdout.close()


def test_herd_mcp_serves_the_first_party_experts(herd_home: Path) -> None:
    async def main() -> None:
        transport = transports.StdioTransport(
            str(Path(sys.executable).parent / "herd"),
            ["mcp", "--no-experts"],
            env={**os.environ, "HERD_HOME": str(herd_home)},
            keep_alive=False,
        )
        async with fastmcp.Client(transport) as client:
            assert [each.name for each in await client.list_tools()] == ["run", "plan", "why"]
            plan = await client.call_tool("plan", {"task": "calculate 12 * 20.75"})
            assert "calculate@1" in plan.content[0].text

    asyncio.run(main())
