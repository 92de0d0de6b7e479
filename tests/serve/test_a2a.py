"""A herd as an A2A agent, with the client of A2A's own SDK."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from PIL import Image as pil
from served import serving
from serving_experts import small_herd

from herd_graph import Herd, Image
from herd_graph.serve import Settings

clients: Any = pytest.importorskip("a2a.client")
types: Any = pytest.importorskip("a2a.types")
helpers: Any = pytest.importorskip("a2a.helpers")

DOOR = Settings(doors=("a2a",))


@pytest.fixture
def picture() -> bytes:
    made = pil.new("RGB", (30, 10), "red")
    made.paste("blue", (0, 0, 9, 10))
    return Image(made).bytes()


@asynccontextmanager
async def client_of(url: str, key: str = "", *, streaming: bool = True) -> AsyncGenerator[Any]:
    headers = {"authorization": f"Bearer {key}"} if key else {}
    async with httpx.AsyncClient(headers=headers, timeout=120) as http:
        config = clients.ClientConfig(httpx_client=http, streaming=streaming)
        async with await clients.create_client(url, client_config=config) as client:
            yield client


def message(*parts: Any, skill: str = "", **fields: Any) -> Any:
    made = types.Message(
        message_id=f"m{id(parts)}", role=types.Role.ROLE_USER, parts=list(parts), **fields
    )
    if skill:
        made.metadata.update({"skill": skill})
    return types.SendMessageRequest(message=made)


def words(text: str) -> Any:
    return helpers.new_text_part(text)


async def sent(client: Any, request: Any) -> tuple[Any, list[Any]]:
    """Send a message; return the task as it is at the end, and what was streamed."""
    events = [each async for each in client.send_message(request)]
    task_id = next(
        getattr(each, each.WhichOneof("payload")).task_id
        if each.WhichOneof("payload") != "task"
        else each.task.id
        for each in events
    )
    return await client.get_task(types.GetTaskRequest(id=task_id)), events


def state_of(task: Any) -> str:
    return str(types.TaskState.Name(task.status.state)).removeprefix("TASK_STATE_").lower()


def told(tell: Any, herd: Herd | None = None, **options: Any) -> None:
    """Tell a story to a client of a server."""

    async def main() -> None:
        with contextlib.ExitStack() as stack:
            made = stack.enter_context(small_herd()) if herd is None else herd
            server = stack.enter_context(serving(made, DOOR))
            async with client_of(server.url, **options) as client:
                await tell(client)

    asyncio.run(main())


def test_the_card_has_a_skill_for_each_expert() -> None:
    with small_herd() as herd, serving(herd, DOOR) as server:
        card = httpx.get(f"{server.url}/.well-known/agent-card.json").json()

    assert card["supportedInterfaces"][0]["url"] == f"{server.url}/a2a"
    assert card["capabilities"]["streaming"] is True
    skills = {each["id"]: each for each in card["skills"]}
    assert skills["mirror"]["inputModes"] == ["image/*"]
    assert skills["beep"]["outputModes"] == ["audio/*"]
    assert skills["shout"]["examples"] == ["shout hello"]


@pytest.mark.parametrize("streaming", [True, False])
def test_a_message_is_a_task_for_the_herd(streaming: bool) -> None:
    async def story(client: Any) -> None:
        task, events = await sent(client, message(words("shout hello")))

        assert state_of(task) == "completed"
        assert [part.text for part in task.artifacts[0].parts] == ["HELLO"]
        assert task.artifacts[0].metadata["from"] == "shout@1 (s1)"
        if streaming:
            kinds = [each.WhichOneof("payload") for each in events]
            assert kinds[0] == "task"
            assert "artifact_update" in kinds
            said = [helpers.get_stream_response_text(each) for each in events]
            assert "s1: shout@1" in said

    told(story, streaming=streaming)


def test_a_skill_is_one_expert_with_files_and_values(picture: bytes) -> None:
    async def story(client: Any) -> None:
        task, _ = await sent(
            client,
            message(
                helpers.new_raw_part(picture, media_type="image/png", filename="box.png"),
                skill="mirror",
            ),
        )
        (part,) = task.artifacts[0].parts
        assert (part.media_type, part.filename) == ("image/png", "mirrored.png")
        assert Image(part.raw).pil().getpixel((0, 0)) == (255, 0, 0)

        given = helpers.new_data_part({"times": 2})
        task, _ = await sent(client, message(words("hi"), given, skill="shout"))
        assert task.artifacts[0].parts[0].text == "HI HI"

    told(story)


def test_a_context_is_a_conversation() -> None:
    async def story(client: Any) -> None:
        await sent(client, message(words("shout one"), context_id="tea"))
        await sent(client, message(words("shout two"), context_id="tea"))

    with small_herd() as herd:
        told(story, herd)
        rows = herd.runs.list(limit=10)
        assert {row.task for row in rows} == {"shout one", "shout two"}
        assert len({row.thread for row in rows}) == 1
        assert rows[0].thread.endswith(":tea")


@pytest.mark.parametrize("answer", ["Yes.", "what would it send?"])
def test_side_effects_wait_for_a_yes(answer: str) -> None:
    async def story(client: Any) -> None:
        task, _ = await sent(client, message(words("send hello")))
        assert state_of(task) == "input_required"
        assert "'send@1'" in helpers.get_message_text(task.status.message)

        reply = message(words(answer), task_id=task.id, context_id=task.context_id)
        task, _ = await sent(client, reply)
        if answer == "Yes.":
            assert state_of(task) == "completed"
            assert task.artifacts[0].parts[0].text == "sent hello"
        else:
            assert state_of(task) == "failed"
            assert len(task.artifacts) == 0

    told(story)


def test_what_cannot_be_done_is_a_state_with_the_reason() -> None:
    async def story(client: Any) -> None:
        cases = [
            (message(words("fly away")), "rejected", "Nobody can 'fly'"),
            (message(words("fail why")), "failed", "no why"),
            (message(words("hi"), skill="shuot"), "failed", "Did you mean 'shout'"),
            (message(words("it"), skill="mirror"), "failed", "needs picture"),
            (
                message(words("mirror"), types.Part(url="http://127.0.0.1:1/box.png")),
                "failed",
                "not allowed|not fetched|may be fetched",
            ),
        ]
        for request, state, reason in cases:
            task, _ = await sent(client, request)
            text = helpers.get_message_text(task.status.message)
            assert state_of(task) == state, text
            assert any(each in text for each in reason.split("|")), text

    told(story)


def test_a_task_that_is_cancelled_ends_its_run() -> None:
    async def story(client: Any) -> None:
        task_id = ""
        async for event in client.send_message(message(words("wait 60"))):
            if event.WhichOneof("payload") == "task":
                task_id = event.task.id
            if "wait@1" in helpers.get_stream_response_text(event):
                task = await client.cancel_task(types.CancelTaskRequest(id=task_id))
                assert state_of(task) == "canceled"

    with small_herd() as herd:
        told(story, herd)
        assert not herd.engine.flights
        assert herd.runs.get("last").status == "interrupted"


def test_old_tasks_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("herd_graph.serve.a2a_tasks._REMEMBERED", 2)

    async def story(client: Any) -> None:
        tasks = [(await sent(client, message(words(f"shout {n}"))))[0] for n in range(3)]

        assert state_of(await client.get_task(types.GetTaskRequest(id=tasks[2].id))) == "completed"
        with pytest.raises(Exception, match="not found"):
            await client.get_task(types.GetTaskRequest(id=tasks[0].id))

    told(story)


def test_keys_are_wanted_and_tasks_belong_to_them() -> None:
    keys = ("sk-first-0123456789", "sk-second-0123456789")

    async def main() -> None:
        with small_herd() as herd, serving(herd, DOOR, keys=keys) as server:
            async with httpx.AsyncClient(base_url=server.url) as nobody:
                card = await nobody.get("/.well-known/agent-card.json")
                assert card.json()["securitySchemes"]["key"]
                assert (await nobody.post("/a2a", json={})).status_code == 401
            async with client_of(server.url, keys[0]) as client:
                task, _ = await sent(client, message(words("shout hello")))
            async with client_of(server.url, keys[1]) as client:
                with pytest.raises(Exception, match="not found"):
                    await client.get_task(types.GetTaskRequest(id=task.id))

    asyncio.run(main())
