"""A herd behind LiteLLM's own functions: ``herd/NAME`` as a model string."""

from __future__ import annotations

import asyncio
import base64
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image as pil
from serving_experts import small_herd

from herd_graph import Herd, Image, litellm_provider
from herd_graph.errors import ConfigError

litellm: Any = pytest.importorskip("litellm")


@pytest.fixture(autouse=True)
def herd() -> Iterator[Herd]:
    with small_herd() as made:
        litellm_provider.register(made, name="small")
        yield made
        litellm_provider.unregister("small")


def asked(text: str, *parts: Any) -> Any:
    content: Any = [{"type": "text", "text": text}, *parts] if parts else text
    return {"model": "herd/small", "messages": [{"role": "user", "content": content}]}


def picture() -> tuple[bytes, dict[str, Any]]:
    made = pil.new("RGB", (30, 10), "red")
    made.paste("blue", (0, 0, 9, 10))
    content = Image(made).bytes()
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return content, {"type": "image_url", "image_url": {"url": url}}


def test_a_herd_is_a_model_string(herd: Herd) -> None:
    response = litellm.completion(**asked("shout hello"))

    message = response.choices[0].message
    assert message.content == "HELLO"
    assert response.choices[0].finish_reason == "stop"
    told = message.provider_specific_fields["herd"]
    assert herd.get(told["run"]).status == "done"
    assert response.usage.total_tokens > 0
    assert response._hidden_params["response_cost"] == 0.0


def test_it_is_asynchronous_too() -> None:
    response = asyncio.run(litellm.acompletion(**asked("shout hello")))

    assert response.choices[0].message.content == "HELLO"


def test_pictures_and_recordings_go_in_and_come_out() -> None:
    _, part = picture()

    mirrored = litellm.completion(**asked("mirror it", part))
    tone = litellm.completion(**asked("beep 0.1"))

    url = mirrored.choices[0].message.images[0]["image_url"]["url"]
    shown = Image(base64.b64decode(url.partition(",")[2])).pil()
    assert shown.getpixel((0, 0)) == (255, 0, 0)
    assert base64.b64decode(tone.choices[0].message.audio.data)[:4] == b"RIFF"


def text_of(chunks: list[Any]) -> str:
    return "".join(each.choices[0].delta.content or "" for each in chunks)


def test_it_streams() -> None:
    chunks = list(litellm.completion(**asked("shout one two"), stream=True))

    async def main() -> list[Any]:
        return [
            each async for each in await litellm.acompletion(**asked("shout three"), stream=True)
        ]

    assert text_of(chunks) == "ONE TWO"
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert text_of(asyncio.run(main())) == "THREE"


def test_earlier_messages_are_earlier_turns(herd: Herd) -> None:
    given = asked("shout two")
    given["messages"] = [
        {"role": "system", "content": "be loud"},
        {"role": "user", "content": "shout one"},
        {"role": "assistant", "content": "ONE", "tool_calls": None},
        *given["messages"],
    ]

    assert litellm.completion(**given).choices[0].message.content == "TWO"
    assert herd.runs.get("last").task == "shout two"


def test_a_thread_is_a_parameter(herd: Herd) -> None:
    litellm.completion(**asked("shout hello"), thread="tea")

    assert herd.runs.get("last").thread == "tea"


def test_what_is_wrong_comes_as_an_error_of_litellm() -> None:
    with pytest.raises(litellm.BadRequestError, match="none is from a person"):
        litellm.completion(
            model="herd/small", messages=[{"role": "assistant", "content": "hello"}], max_retries=0
        )
    with pytest.raises(litellm.BadRequestError, match=r"no herd 'smal'.*'small'"):
        litellm.completion(**{**asked("shout hello"), "model": "herd/smal"})
    with pytest.raises(ConfigError, match="without '/'"):
        litellm_provider.register(name="a/b")


def test_importing_it_imports_no_litellm() -> None:
    program = "import sys, herd_graph.litellm_provider; print('litellm' in sys.modules)"

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "False"
