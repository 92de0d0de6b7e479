"""Models that make or hear media, through LiteLLM's real client and a real server on loopback."""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Iterator
from typing import Any

import pytest
from foreign import ask, run_one, why_not
from PIL import Image as pil
from starlette.applications import Starlette
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from web_server import served

from herd_graph import Herd, Image
from herd_graph.adapters.litellm_media import price
from herd_graph.adapters.litellm_prices import facts_of
from herd_graph.artifacts import Audio
from herd_graph.budgets import Budget
from herd_graph.errors import DeclarationError
from herd_graph.steps import Patience


def picture(size: tuple[int, int]) -> bytes:
    """Return a PNG of a size."""
    buffer = io.BytesIO()
    pil.new("RGB", size, "teal").save(buffer, "PNG")
    return buffer.getvalue()


def tone(seconds: float) -> bytes:
    """Return silence as a WAV."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(int(16000 * seconds)))
    return buffer.getvalue()


class Studio:
    """A server of OpenAI's media endpoints, which remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.link = ""
        self.url = ""

    async def draw(self, request: Request) -> Response:
        self.asked.append(await request.json())
        if "forbidden" in self.asked[-1]["prompt"]:
            told = {"message": "safety system", "code": "content_policy_violation"}
            return JSONResponse({"error": told}, 400)
        if self.link:
            return JSONResponse({"created": 1, "data": [{"url": self.link}]})
        if "nothing" in self.asked[-1]["prompt"]:
            return JSONResponse({"created": 1, "data": []})
        made = base64.b64encode(picture((8, 6))).decode()
        return JSONResponse({"created": 1, "data": [{"b64_json": made}]})

    async def edit(self, request: Request) -> Response:
        form = await request.form()
        given = next(each for each in form.values() if isinstance(each, UploadFile))
        self.asked.append({"prompt": form["prompt"], "name": given.filename})
        size = pil.open(io.BytesIO(await given.read())).size
        made = base64.b64encode(picture((size[0] * 2, size[1]))).decode()
        return JSONResponse({"created": 1, "data": [{"b64_json": made}]})

    async def speak(self, request: Request) -> Response:
        self.asked.append(await request.json())
        return Response(tone(len(self.asked[-1]["input"]) / 10), media_type="audio/wav")

    async def hear(self, request: Request) -> Response:
        form = await request.form()
        given = form["file"]
        assert isinstance(given, UploadFile)
        size = len(await given.read())
        self.asked.append({"name": given.filename, "language": form.get("language"), "size": size})
        return JSONResponse({"text": f"heard {size} bytes"})

    async def show(self, _: Request) -> Response:
        return Response(picture((3, 3)), media_type="image/png")


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    made = Studio()
    routes = [
        Route("/v1/images/generations", made.draw, methods=["POST"]),
        Route("/v1/images/edits", made.edit, methods=["POST"]),
        Route("/v1/audio/speech", made.speak, methods=["POST"]),
        Route("/v1/audio/transcriptions", made.hear, methods=["POST"]),
        Route("/made.png", made.show),
    ]
    with served(Starlette(routes=routes)) as url:
        made.url = url
        yield made


@pytest.fixture
def herd(studio: Studio) -> Iterator[Herd]:
    studio.asked.clear()
    studio.link = ""
    with Herd(checkpoints="memory", patience=Patience(attempts=1)) as made:
        own: dict[str, Any] = {"api_base": f"{studio.url}/v1", "api_key": "none"}
        made.add("litellm:openai/gpt-image-1", name="draw", size="1024x1024", **own)
        made.add("litellm:openai/pencil", name="redraw", mode="image_edit", **own)
        made.add("litellm:openai/tts-1", name="speak", voice="nova", **own)
        made.add("litellm:openai/whisper-1", name="hear", language="en", **own)
        yield made


def test_a_models_mode_makes_its_ports(herd: Herd) -> None:
    assert {each.name: each.signature for each in herd.snapshot().latest} == {
        "draw": "draw(prompt: Text) -> Image",
        "redraw": "redraw(image: Image, prompt: Text) -> Image",
        "speak": "speak(input: Text) -> Audio",
        "hear": "hear(file: Audio) -> Text",
    }
    assert {each.locality for each in herd.snapshot().latest} == {"local"}


def test_a_picture_is_made_and_changed(herd: Herd, studio: Studio) -> None:
    made = ask(herd, "draw", prompt="a teal square")
    changed = ask(herd, "redraw", image=Image(picture((5, 4))), prompt="make it wider")

    assert isinstance(made, Image)
    assert isinstance(changed, Image)
    assert (made.pil().size, changed.pil().size) == ((8, 6), (10, 4))
    drawn, edited = studio.asked[0], studio.asked[-1]  # a check may have had one made again
    assert (drawn["prompt"], drawn["size"]) == ("a teal square", "1024x1024")
    assert edited["prompt"] == "make it wider"


def test_a_text_is_read_aloud_and_a_recording_written_down(herd: Herd, studio: Studio) -> None:
    spoken = ask(herd, "speak", input="good morning")
    written = ask(herd, "hear", file=Audio(tone(0.5)))

    assert isinstance(spoken, Audio)
    assert spoken.seconds == pytest.approx(1.2)  # pyright: ignore[reportUnknownMemberType]
    assert str(written) == f"heard {len(tone(0.5))} bytes"
    said, heard = studio.asked[0], studio.asked[-1]
    assert (said["input"], said["voice"]) == ("good morning", "nova")
    assert (heard["name"], heard["language"]) == ("file.wav", "en")


def test_a_link_is_fetched_from_the_models_own_server_alone(herd: Herd, studio: Studio) -> None:
    studio.link = f"{studio.url}/made.png"
    made = ask(herd, "draw", prompt="a square")
    assert isinstance(made, Image)
    assert made.pil().size == (3, 3)

    studio.link = "http://169.254.169.254/latest/meta-data"
    assert "inside a private network" in why_not(herd, "draw", prompt="a square")
    studio.link = f"{studio.url}/gone.png"
    assert "status 404" in why_not(herd, "draw", prompt="a square")


def test_refusals_and_empty_hands_are_told(herd: Herd) -> None:
    assert "made no picture" in why_not(herd, "draw", prompt="nothing")
    assert "safety system" in why_not(herd, "draw", prompt="forbidden")


def test_what_a_model_made_is_paid_by_the_map() -> None:
    speech, hearing = facts_of("openai/tts-1"), facts_of("openai/whisper-1")

    assert price(speech, 2_000) == pytest.approx(0.03)  # pyright: ignore[reportUnknownMemberType]
    assert price(hearing, 600) == pytest.approx(0.06)  # pyright: ignore[reportUnknownMemberType]
    assert price(facts_of("aiml/dall-e-2")) > 0


def test_a_model_that_the_map_has_under_other_providers_has_their_mode() -> None:
    assert facts_of("openai/dall-e-3").mode == "image_generation"
    assert facts_of("openai/whisper-large-v3").mode == "audio_transcription"
    assert facts_of("openai/a-model-of-mine").mode == "chat"


def test_a_call_elsewhere_reserves_and_pays(studio: Studio) -> None:
    with Herd(checkpoints="memory", patience=Patience(attempts=1)) as made:
        studio.asked.clear()
        made.add("litellm:openai/tts-1", name="speak", api_key="k", cost_usd=0.5)
        card = made.registry.find("speak").card
        refused = run_one(made, "speak", input="hello", budget=Budget(usd=0.01))

    assert (card.locality, card.cost_usd) == ("remote", 0.5)
    assert refused.status != "done"
    assert not studio.asked


@pytest.mark.parametrize(
    ("reference", "options", "message"),
    [
        ("litellm:openai/tts-1", {"system": "Be kind."}, "system= was passed"),
        ("litellm:openai/tts-1", {"takes": "image"}, "takes= was passed"),
        ("litellm:openai/gpt-5-mini", {"voice": "nova"}, "voice= was passed"),
        ("litellm:openai/gpt-5-mini", {"mode": "rerank"}, "is a model for rerank"),
    ],
)
def test_what_cannot_be_declared_is_said(
    reference: str, options: dict[str, Any], message: str
) -> None:
    with Herd(checkpoints="memory") as made, pytest.raises(DeclarationError, match=message):
        made.add(reference, **options)
