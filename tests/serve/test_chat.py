"""OpenAI's own client talks to a herd: whole answers, streams, attachments, history, approvals."""

from __future__ import annotations

import asyncio
import base64
import gc
import http.client
import json
import time
from typing import Any

import httpx
import openai
import pytest
from chat_messages import asked, data_url, png, user
from served import Served, Slow

from herd_graph import Image


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
