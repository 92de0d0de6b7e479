"""What a request to the chat door may hold: wrong ones are refused by name, before anything runs."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from chat_messages import asked, data_url, png, user
from served import Served, serving

from herd_graph import Document, Herd, Text, expert
from herd_graph.errors import ArtifactUnreadable
from herd_graph.plans import Plan
from herd_graph.serve.errors import Refusal
from herd_graph.serve.replies import refuse_failed


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
