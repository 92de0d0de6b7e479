"""OpenAI's own client talks to a herd: whole answers, streams, attachments, history, approvals."""

from __future__ import annotations

import asyncio
import base64
import gc
import http.client
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from served import EXPERTS, Served, Slow, serving

from herd_graph import Document, Herd, Image, Text, expert
from herd_graph.errors import ArtifactUnreadable
from herd_graph.plans import Plan
from herd_graph.serve.errors import Refusal
from herd_graph.serve.replies import refuse_failed


def png(width: int = 3, height: int = 2) -> bytes:
    from PIL import Image as pil

    buffer = io.BytesIO()
    pil.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


def data_url(content: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


@pytest.fixture(scope="module")
def slow() -> Slow:
    return Slow()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, slow: Slow) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with Herd(*EXPERTS, slow.expert, home=home) as herd, serving(herd) as running:
        yield running


def user(text: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts]}


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]


def test_a_herd_answers(served: Served) -> None:
    answer = served.client().chat.completions.create(
        model="herd", messages=asked("Shout this text: 'good morning'")
    )

    assert answer.choices[0].message.content == "GOOD MORNING"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens > 0
    assert answer.usage.cost_usd == 0.0
    assert answer.herd["status"] == "done"
    assert answer.herd["parts"][0]["provenance"] == "shout@1 (s1)"
    assert answer.herd["plan"]["steps"][0]["expert"] == "shout@1"


def test_the_run_is_named_in_a_header_and_can_be_looked_at(served: Served) -> None:
    raw = served.client().chat.completions.with_raw_response.create(
        model="herd/shout", messages=asked("hi")
    )
    run = raw.headers["x-herd-run"]
    told = httpx.get(f"{served.url}/v1/runs/{run}").json()

    assert raw.parse().choices[0].message.content == "HI"
    assert (told["status"], told["answer"].splitlines()[0]) == ("done", "HI")
    assert told["steps"]["s1"]["expert"] == "shout@1"


def test_several_things_come_back_under_their_headings(served: Served) -> None:
    content = (
        served.client()
        .chat.completions.create(
            model="herd",
            messages=asked("Shout 'good morning' and spell 'cab'"),
        )
        .choices[0]
        .message.content
    )

    assert "GOOD MORNING" in content
    assert "c-a-b-" in content
    assert content.count("**") == 4


def test_a_picture_comes_in_and_one_goes_out_as_a_link(served: Served) -> None:
    client = served.client()
    size = client.chat.completions.create(
        model="herd/measure",
        messages=[user("", {"type": "image_url", "image_url": {"url": data_url(png(5, 7))}})],
    )
    painted = client.chat.completions.create(model="herd/paint", messages=asked("blue"))
    [file] = painted.herd["parts"][0]["files"]
    content = httpx.get(file["url"])

    assert size.choices[0].message.content == "5 x 7"
    assert painted.choices[0].message.content.startswith("![image-")
    assert f"]({file['url']})" in painted.choices[0].message.content
    assert content.headers["content-type"] == "image/png"
    assert content.headers["content-disposition"].startswith("attachment")
    assert content.headers["x-content-type-options"] == "nosniff"
    assert Image(content.content).pil().getpixel((0, 0)) == (0, 0, 255)


def test_sound_comes_back_as_openais_audio(served: Served) -> None:
    answer = served.client().chat.completions.create(model="herd/hum", messages=asked("abc"))

    audio = answer.choices[0].message.audio
    assert base64.b64decode(audio.data)[:4] == b"RIFF"
    assert audio.expires_at > 0


def test_audio_and_files_come_in(served: Served) -> None:
    client = served.client()
    letter = client.files.create(file=("letter.txt", b"dear all, hello"), purpose="user_data")
    by_id = client.chat.completions.create(
        model="herd/shout",
        messages=[{"role": "user", "content": [{"type": "file", "file": {"file_id": letter.id}}]}],
    )
    inline = {"filename": "x.txt", "file_data": data_url(b"some words", "text/plain")}
    by_data = client.chat.completions.create(
        model="herd/shout",
        messages=[{"role": "user", "content": [{"type": "file", "file": inline}]}],
    )

    assert by_id.choices[0].message.content == "DEAR ALL, HELLO"
    assert by_data.choices[0].message.content == "SOME WORDS"


def test_a_stream_tells_progress_and_then_the_answer(served: Served) -> None:
    chunks = list(
        served.client().chat.completions.create(
            model="herd",
            messages=asked("Shout this text: 'good morning'"),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    thought = "".join(getattr(each, "reasoning_content", None) or "" for each in deltas)

    assert "".join(each.content or "" for each in deltas) == "GOOD MORNING"
    assert "s1: shout@1" in thought
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    assert chunks[-1].usage.total_tokens > 0
    assert chunks[-2].herd["status"] == "done"


def test_words_are_passed_on_while_the_expert_says_them(served: Served) -> None:
    chunks = list(
        served.client().chat.completions.create(
            model="herd/spell",
            messages=asked("herd"),
            stream=True,
            extra_body={"herd_progress": False},
        )
    )
    said = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices[0].delta.content]

    assert said == ["h-", "e-", "r-", "d-"]
    assert all(not hasattr(chunk.choices[0].delta, "reasoning_content") for chunk in chunks)


async def _streamed(served: Served) -> str:
    async with served.async_client() as client:
        stream = await client.chat.completions.create(
            model="herd/spell", messages=asked("ab"), stream=True
        )
        return "".join([c.choices[0].delta.content or "" async for c in stream])


def test_the_async_client_streams_too(served: Served) -> None:
    assert asyncio.run(_streamed(served)) == "a-b-"


def test_an_earlier_attachment_can_be_referred_to(served: Served) -> None:
    client = served.client()
    picture = {"type": "image_url", "image_url": {"url": data_url(png(9, 8))}}
    first = [user("Shout this text: 'look'", picture)]
    answer = client.chat.completions.create(model="herd", messages=first)
    said = {"role": "assistant", "content": answer.choices[0].message.content}
    again = client.chat.completions.create(
        model="herd", messages=[*first, said, user("What size does the picture have?")]
    )

    assert answer.choices[0].message.content == "LOOK"
    assert again.choices[0].message.content == "9 x 8"


def test_an_earlier_answer_can_be_referred_to(served: Served) -> None:
    client = served.client()
    first = asked("Shout this text: 'good morning'")
    answer = client.chat.completions.create(model="herd", messages=first)
    said = {"role": "assistant", "content": answer.choices[0].message.content}
    again = client.chat.completions.create(
        model="herd", messages=[*first, said, *asked("Now spell that answer")]
    )

    assert again.choices[0].message.content == "G-O-O-D- -M-O-R-N-I-N-G-"
    assert "earlier answer" in again.herd["parts"][0]["provenance"]


def test_a_thread_is_kept_without_sending_it_again(served: Served) -> None:
    client = served.client()
    thread = {"herd_thread": "mine"}
    client.chat.completions.create(
        model="herd", messages=asked("Shout this text: 'abc'"), extra_body=thread
    )
    again = client.chat.completions.create(
        model="herd", messages=asked("Now spell that answer"), metadata={"thread": "mine"}
    )

    assert again.choices[0].message.content == "A-B-C-"
    assert again.herd["thread"] == "mine"


def test_nobody_can_do_it_is_an_answer(served: Served) -> None:
    answer = served.client().chat.completions.create(
        model="herd", messages=asked("Book a flight to the moon")
    )

    assert answer.herd["status"] == "abstained"
    assert "book a flight" in answer.choices[0].message.content.lower()


def test_a_call_with_side_effects_waits_for_a_person(served: Served) -> None:
    answer = served.client().chat.completions.create(model="herd/send", messages=asked("dear all"))
    run = answer.herd["run"]
    [question] = answer.herd["questions"]
    gone_on = httpx.post(f"{served.url}/v1/runs/{run}/answers", json={"answers": {"s1": True}})
    again = httpx.post(f"{served.url}/v1/runs/{run}/answers", json={"answers": {"s1": True}})

    assert answer.herd["status"] == "waiting"
    assert f"/v1/runs/{run}/answers" in answer.choices[0].message.content
    assert (question["step"], question["expert"]) == ("s1", "send@1")
    assert gone_on.json()["choices"][0]["message"]["content"] == "sent: dear all"
    assert again.status_code == 409


def test_a_failed_run_is_an_error_that_is_not_repeated(served: Served) -> None:
    with pytest.raises(openai.InternalServerError) as caught:
        served.client(max_retries=2).chat.completions.create(
            model="herd/fall", messages=asked("a stone")
        )

    error: Any = caught.value
    assert "tripped over 'a stone'" in str(error)
    assert error.body["code"] == "run_failed"
    assert error.response.headers["x-should-retry"] == "false"


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("tools", [{"type": "function", "function": {"name": "f"}}]),
        ("n", 2),
        ("stop", ["x"]),
        ("logprobs", True),
        ("response_format", {"type": "json_object"}),
        ("modalities", ["video"]),
    ],
)
def test_what_is_not_done_is_said_with_its_name(served: Served, param: str, value: Any) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        served.client().chat.completions.create(
            model="herd", messages=asked("hi"), **{param: value}
        )

    body: Any = caught.value.body
    assert (body["param"], body["code"]) == (param, "unsupported_parameter")


def test_sampling_parameters_and_system_messages_are_taken_and_told(served: Served) -> None:
    answer = served.client().chat.completions.create(
        model="herd/shout",
        messages=[{"role": "system", "content": "be brief"}, *asked("hi")],
        temperature=0.1,
        max_tokens=5,
        seed=1,
        user="u",
    )

    assert answer.choices[0].message.content == "HI"
    assert answer.herd["ignored"] == ["messages of role system"]


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": "herd", "messages": []}, 400, "messages"),
        ({"model": "herd", "messages": [{"role": "x", "content": "a"}]}, 400, "messages[0].role"),
        ({"messages": [{"role": "user", "content": "a"}]}, 400, "model"),
        ({"model": "her", "messages": [{"role": "user", "content": "a"}]}, 404, "model"),
        ({"model": "herd/shoot", "messages": [{"role": "user", "content": "a"}]}, 404, "model"),
        (
            {
                "model": "herd",
                "messages": [{"role": "user", "content": "a"}],
                "herd_budget": {"x": 1},
            },
            400,
            "herd_budget",
        ),
        ({"model": "herd", "messages": [{"role": "assistant", "content": "a"}]}, 400, "messages"),
        (
            {"model": "herd/measure", "messages": [{"role": "user", "content": "a"}]},
            400,
            "messages",
        ),
        ([], 400, None),
    ],
)
def test_a_wrong_request_names_what_is_wrong(
    served: Served, body: Any, status: int, param: str | None
) -> None:
    answer = httpx.post(f"{served.url}/v1/chat/completions", json=body)

    assert answer.status_code == status
    assert answer.json()["error"]["param"] == param
    assert answer.json()["error"]["message"]


def test_a_misspelt_model_is_told_the_nearest(served: Served) -> None:
    with pytest.raises(openai.NotFoundError, match="Did you mean 'shout'"):
        served.client().chat.completions.create(model="herd/shouty", messages=asked("hi"))


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 200_000, b'{"a":' * 100_000])
def test_bad_and_deep_json_is_refused(served: Served, content: bytes) -> None:
    answer = httpx.post(
        f"{served.url}/v1/chat/completions",
        content=content,
        headers={"content-type": "application/json"},
    )

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_json")


def image(content: bytes, mime: str = "image/png") -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(content, mime)}}


def sound(content: bytes) -> dict[str, Any]:
    data = base64.b64encode(content).decode()
    return {"type": "input_audio", "input_audio": {"data": data, "format": "wav"}}


def file(content: bytes, name: str) -> dict[str, Any]:
    url = data_url(content, "application/octet-stream")
    return {"type": "file", "file": {"filename": name, "file_data": url}}


PICTURE, SOUND, FILE = "image_url.url", "input_audio.data", "file.file_data"


@pytest.mark.parametrize("model", ["herd", "herd/measure"])
@pytest.mark.parametrize(
    ("part", "code", "where"),
    [
        (image(png()[:40]), "bad_attachment", PICTURE),
        (image(b"\x89PNG\r\n\x1a\n and no more"), "bad_attachment", PICTURE),
        (image(b""), "bad_attachment", PICTURE),
        (
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,%%%"}},
            "invalid_base64",
            PICTURE,
        ),
        ({"type": "image_url", "image_url": {"url": "data:"}}, "bad_attachment", PICTURE),
        (image(bytes(range(256)) * 8), "unsupported_media", PICTURE),
        (image(b"words that are called a picture"), "unsupported_media", PICTURE),
        (image(b"%PDF-1.4 is a document", "application/pdf"), "unsupported_media", PICTURE),
        (image(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), "unsupported_media", PICTURE),
        (sound(b"RIFF\x24\0\0\0WAVEfmt \0\0"), "bad_attachment", SOUND),
        (sound(png()), "unsupported_media", SOUND),
        (sound(b"nothing to hear" * 9), "unsupported_media", SOUND),
        (file(png()[:40], "a.png"), "bad_attachment", FILE),
        (file(b"", "a.txt"), "bad_attachment", FILE),
    ],
)
def test_an_attachment_that_cannot_be_used_is_refused_before_anything_runs(
    served: Served, part: dict[str, Any], code: str, where: str, model: str
) -> None:
    runs = served.host.herd.runs.list(limit=1000)
    with pytest.raises(openai.BadRequestError) as caught:
        served.client().chat.completions.create(model=model, messages=[user("Measure it", part)])

    error: Any = caught.value
    assert (error.body["type"], error.body["code"]) == ("invalid_request_error", code)
    assert error.body["param"] == f"messages[0].content[1].{where}"
    assert error.body["message"].startswith(error.body["param"])
    assert len(served.host.herd.runs.list(limit=1000)) == len(runs)


def test_a_file_that_nobody_here_takes_is_refused_and_named(served: Served) -> None:
    part = file(b"PK\x03\x04" + bytes(range(256)) * 4, "a.zip")
    with pytest.raises(openai.BadRequestError) as caught:
        served.client().chat.completions.create(model="herd", messages=[user("Shout it", part)])

    error: Any = caught.value
    assert error.body["code"] == "unsupported_media"
    assert error.body["param"] == "messages[0].content[1].file.file_data"
    assert "no expert here takes" in error.body["message"]


def test_what_an_expert_finds_damaged_is_the_requests_fault_and_what_another_made_is_not(
    tmp_path: Path,
) -> None:
    @expert(tags=["scan"], examples=["scan the page"])
    def scan(page: Document) -> Text:
        """Scan a page."""
        raise ArtifactUnreadable(f"{page.name!r} is damaged. Expected a page. Send it again.")

    @expert(tags=["print"], examples=["print the words"])
    def press(words: Text) -> Document:
        """Print words on a page."""
        return Document(words.text.encode(), mime="application/pdf", name="made.pdf")

    plan = {
        "steps": [
            {"id": "s1", "expert": "press", "inputs": {"words": {"value": "a"}}},
            {"id": "s2", "expert": "scan", "inputs": {"page": {"step": "s1"}}},
        ]
    }
    with Herd(scan, press, home=tmp_path) as herd, serving(herd) as running:
        with pytest.raises(openai.BadRequestError) as given:
            running.client().chat.completions.create(
                model="herd/scan", messages=[user("", file(b"%PDF-1.4 broken", "mine.pdf"))]
            )
        made = herd.run(Plan.parse(plan))

    error: Any = given.value
    assert (error.body["code"], error.body["param"]) == ("bad_input", "messages")
    assert "'mine.pdf' is damaged" in error.body["message"]
    assert made.records["s2"].error_type == "InputUnusable"
    with pytest.raises(Refusal) as caught:
        refuse_failed(made)
    assert (caught.value.status, caught.value.code) == (500, "run_failed")


def test_a_path_in_place_of_an_input_is_never_opened(served: Served, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(png())
    for body in (
        {"model": "herd/measure", "herd_inputs": {"picture": str(secret)}},
        {"model": "herd/measure", "herd_inputs": {"picture": f"file://{secret}"}},
    ):
        answer = httpx.post(
            f"{served.url}/v1/chat/completions", json={**body, "messages": asked("look")}
        )

        assert answer.status_code == 400
        assert answer.json()["error"]["param"] == "herd_inputs.picture"


def test_inputs_of_an_expert_can_be_named(served: Served) -> None:
    answer = served.client().chat.completions.create(
        model="herd/shout@1", messages=asked(""), extra_body={"herd_inputs": {"text": "hello"}}
    )

    assert answer.choices[0].message.content == "HELLO"


def test_a_budget_of_its_own(served: Served) -> None:
    with pytest.raises(openai.RateLimitError) as caught:
        served.client().chat.completions.create(
            model="herd/shout", messages=asked("a"), extra_body={"herd_budget": {"calls": 0}}
        )

    assert "call 1 of at most 0" in str(caught.value)


def test_a_client_that_goes_away_stops_its_run(served: Served, slow: Slow) -> None:
    slow.started.clear()
    slow.cancelled.clear()
    with httpx.Client(base_url=served.url) as client:
        body = {"model": "herd/dawdle", "messages": asked("x"), "stream": True}
        with client.stream("POST", "/v1/chat/completions", json=body) as answer:
            run = answer.headers["x-herd-run"]
            assert slow.started.wait(60)
    assert slow.cancelled.wait(60)

    slow.cancelled.clear()
    slow.started.clear()
    body = json.dumps({"model": "herd/dawdle", "messages": asked("x")})
    going = http.client.HTTPConnection(served.url.removeprefix("http://"), timeout=60)
    going.request("POST", "/v1/chat/completions", body, {"content-type": "application/json"})
    assert slow.started.wait(60)
    going.close()  # before there is an answer
    assert slow.cancelled.wait(60)

    slow.let_go.set()
    resumed = httpx.post(f"{served.url}/v1/runs/{run}/resume", timeout=120)
    assert resumed.json()["choices"][0]["message"]["content"] == "at last: x"


def test_a_client_that_hangs_up_leaves_one_line_in_the_log(
    served: Served, slow: Slow, caplog: pytest.LogCaptureFixture
) -> None:
    slow.started.clear()
    slow.let_go.clear()
    with httpx.Client(base_url=served.url) as client:
        body = {"model": "herd/dawdle", "messages": asked("y"), "stream": True}
        with client.stream("POST", "/v1/chat/completions", json=body) as answer:
            run = answer.headers["x-herd-run"]
            assert slow.started.wait(60)

    end = time.monotonic() + 60
    while not (lines := [each for each in caplog.messages if f"run {run!r}" in each]):
        assert time.monotonic() < end
        time.sleep(0.02)
    slow.let_go.set()
    gc.collect()  # what nobody has looked at is told of when it goes

    assert len(lines) == 1
    assert lines[0].startswith("Nobody waited for it any more")
    assert "\n" not in lines[0]
    assert not any("never retrieved" in each for each in caplog.messages)


def test_models_are_listed(served: Served) -> None:
    listed = [each.id for each in served.client().models.list()]

    assert listed[0] == "herd"
    assert "herd/shout" in listed
    assert served.client().models.retrieve("herd/shout").herd["signature"].startswith("shout(")
    with pytest.raises(openai.NotFoundError):
        served.client().models.retrieve("gpt-4")


def test_streams_are_events_that_any_client_reads(served: Served) -> None:
    body = {"model": "herd/shout", "messages": asked("hi"), "stream": True}
    answer = httpx.post(f"{served.url}/v1/chat/completions", json=body)
    lines = [line for line in answer.text.split("\n\n") if line]

    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert lines[-1] == "data: [DONE]"
    assert all(
        json.loads(each.removeprefix("data: "))["model"] == "herd/shout" for each in lines[:-1]
    )
