"""Models behind LiteLLM that make or hear media: pictures, speech, transcripts.

What a model is for, LiteLLM's price map says (its *mode*); ``mode=`` says it for a server of one's
own. A picture that comes as a link is fetched like anything that a stranger names: on the open
internet alone, or from the very server that was asked.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import mimetypes
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from herd_graph.adapters.egress import EgressRefused, Origin, http_client, origin_of
from herd_graph.adapters.litellm_calls import Request, ready
from herd_graph.adapters.litellm_errors import explained
from herd_graph.adapters.litellm_library import library, on_its_loop
from herd_graph.adapters.litellm_prices import ModelFacts
from herd_graph.artifacts import Artifact, Audio, Image, Text
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import CallError, ExpertFailed, HerdError
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.threads import in_thread
from herd_graph.types import Kind

_MOST_BYTES = 64 << 20
_USUAL_CHARACTERS, _USUAL_SECONDS, _USUAL_PIXELS = 1_000, 60.0, 1024 * 1024
"""What a call is expected to be about: the budget reserves its price."""


@dataclass(frozen=True, kw_only=True)
class Mode:
    """What models of one mode take and give."""

    call: str
    """LiteLLM's function."""
    takes: tuple[Port, ...]
    gives: Port
    description: str
    examples: tuple[str, ...]
    tags: tuple[str, ...]
    read: Callable[[MediaExpert, Any], Awaitable[Artifact]]
    given: Mapping[str, Any]
    """What LiteLLM is passed where the user says nothing."""


class MediaExpert(Expert):
    """A model of one mode behind LiteLLM; made by ``litellm.source_of``."""

    def __init__(self, card: ExpertCard, request: Request, facts: ModelFacts, mode: Mode) -> None:
        super().__init__(card)
        self.request = request
        self.facts = facts
        self.mode = mode

    async def load(self) -> None:
        """Import LiteLLM, in a thread: it takes seconds. Raises ``ExpertUnavailable`` without a key."""
        await ready(self.request)

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Ask the model, and read what it made.

        Raises:
            ExpertFailed: It refused, or made nothing.
            ExpertUnavailable: The key, the account or the model is not there.
            ExpertTimeout: The provider did not answer in time.
        """
        asked, used = await in_thread(lambda: self._asked(inputs), label=f"encode:{self.card.id}")
        if context.seconds_left is not None:
            asked["timeout"] = max(1.0, context.seconds_left)
        call = getattr(library(), self.mode.call)

        async def work() -> Any:
            return await call(**asked)

        try:
            response = await on_its_loop(work())
        except (HerdError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise explained(error, self.card.id, (asked.get("api_key") or "",)) from error
        context.spend(self._price(response, used), model=self.request.model)
        return {self.mode.gives.name: await self.mode.read(self, response)}

    def _asked(self, inputs: Inputs) -> tuple[dict[str, Any], float]:
        """Return the arguments of LiteLLM's function, and how much the call is about."""
        request, used = self.request, 1.0
        asked: dict[str, Any] = {"model": request.model, "max_retries": 0, **self.mode.given}
        asked |= request.params
        key = request.key()
        if key:
            asked["api_key"] = key
        if request.api_base:
            asked["api_base"] = request.api_base
        for port in self.mode.takes:
            given = inputs.get(port.name)
            if given is None:
                continue
            item = given[0] if isinstance(given, list) else given
            if isinstance(item, Text):
                asked[port.name] = item.text
                used = float(len(item.text)) if port.name == "input" else used
            else:
                asked[port.name] = _file(item)
                used = item.seconds if isinstance(item, Audio) and self._by_second else used
        return asked, used

    @property
    def _by_second(self) -> bool:
        return any("per_second" in each for each in self.facts.entry)

    def _price(self, response: Any, used: float) -> float:
        """Return what a call cost: as LiteLLM says, else by the map, else the card's price."""
        said = self.card.cost_usd
        if self.request.is_local:
            return said
        hidden: Any = getattr(response, "_hidden_params", None) or {}
        cost = hidden.get("response_cost") if isinstance(hidden, Mapping) else None  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]
        if isinstance(cost, int | float) and cost > 0:
            return float(cost)
        return price(self.facts, used) or said

    def nothing(self, what: str) -> CallError:
        """Return the error of a model that made nothing of use."""
        return ExpertFailed(
            f"Expert {self.card.id!r} {what}. Expected {self.mode.gives.kind.value}. Word the "
            "request differently, or use another expert."
        )


def price(facts: ModelFacts, used: float | None = None) -> float:
    """Return the USD of a call by the price map: of so many characters or seconds, or of a usual one."""
    entry = facts.entry
    for key, usual in (
        ("input_cost_per_character", _USUAL_CHARACTERS),
        ("input_cost_per_second", _USUAL_SECONDS),
        ("output_cost_per_second", _USUAL_SECONDS),
        ("output_cost_per_image", 1.0),
        ("input_cost_per_image", 1.0),
        ("input_cost_per_pixel", _USUAL_PIXELS),
        ("output_cost_per_pixel", _USUAL_PIXELS),
    ):
        rate = entry.get(key)
        if isinstance(rate, int | float) and rate > 0:
            by_amount = used is not None and ("character" in key or "second" in key)
            return round(rate * (used if by_amount and used is not None else usual), 6)
    return facts.usual_cost(None)


def _file(item: Artifact) -> Any:
    """Return a file as LiteLLM sends it: with a name, since providers go by its ending."""
    ending = mimetypes.guess_extension(item.mime) or ""
    file = io.BytesIO(item.bytes())
    file.name = f"file{'.wav' if item.mime in {'audio/wav', 'audio/x-wav'} else ending}"
    return file


async def _picture(expert: MediaExpert, response: Any) -> Artifact:
    data: list[Any] = list(response.data or ())
    if not data:
        raise expert.nothing("made no picture")
    first = data[0]
    inline, url = getattr(first, "b64_json", None), getattr(first, "url", None)
    if inline:
        try:
            return Image(base64.b64decode(inline))
        except (binascii.Error, ValueError):
            raise expert.nothing("gave a picture that is no base64") from None
    if not url:
        raise expert.nothing("made no picture")
    if str(url).startswith("data:"):
        return Image(base64.b64decode(str(url).partition(",")[2]))
    return Image(await _fetched(expert, str(url)))


async def _fetched(expert: MediaExpert, url: str) -> bytes:
    """Return the picture behind a link, which the model's own server may be trusted with."""
    base = expert.request.api_base
    trusted: set[Origin] = {origin_of(base)} if base else set()
    try:
        async with http_client(trusted) as client:
            content, wrong = await _got(client, url)
    except EgressRefused as error:
        raise expert.nothing(f"names a picture that is not fetched ({error.why})") from error
    except Exception as error:  # the library's own, which is not imported here
        raise expert.nothing(f"names a picture that cannot be fetched ({error})") from error
    if wrong:
        raise expert.nothing(f"names a picture that {wrong}")
    return content


async def _got(client: Any, url: str) -> tuple[bytes, str]:
    """Return what is there, or what is wrong with it."""
    content = bytearray()
    async with client.stream("GET", url) as response:
        if response.status_code != 200:
            return b"", f"answers with status {response.status_code}"
        async for piece in response.aiter_bytes():
            content += piece
            if len(content) > _MOST_BYTES:
                return b"", "is too large"
    return bytes(content), ""


async def _sound(expert: MediaExpert, response: Any) -> Artifact:
    content = cast("bytes", await in_thread(lambda: response.content, label="litellm:sound"))
    if not content:
        raise expert.nothing("said nothing")
    return Audio(content)


async def _words(expert: MediaExpert, response: Any) -> Artifact:
    text = getattr(response, "text", None)
    if not isinstance(text, str):
        raise expert.nothing("wrote no transcript")
    return Text(text)


def _port(name: str, kind: Kind, description: str = "") -> Port:
    return Port(name=name, kind=kind, description=description)


MODES: Mapping[str, Mode] = {
    "image_generation": Mode(
        call="aimage_generation",
        takes=(_port("prompt", Kind.TEXT, "what the picture shows"),),
        gives=_port("picture", Kind.IMAGE),
        description="Make a picture of what a text describes, with the model {name}.",
        examples=("draw a lighthouse at dusk", "make a picture of a red bicycle"),
        tags=("picture", "image generation"),
        read=_picture,
        given={},
    ),
    "image_edit": Mode(
        call="aimage_edit",
        takes=(
            _port("image", Kind.IMAGE, "the picture to change"),
            _port("prompt", Kind.TEXT, "what to change"),
        ),
        gives=_port("picture", Kind.IMAGE),
        description="Change a picture as a text says, with the model {name}.",
        examples=("make the sky in this picture darker", "remove the car from the photo"),
        tags=("picture", "image editing"),
        read=_picture,
        given={},
    ),
    "audio_speech": Mode(
        call="aspeech",
        takes=(_port("input", Kind.TEXT, "what is read out"),),
        gives=_port("speech", Kind.AUDIO),
        description="Read a text aloud, with the model {name}.",
        examples=("read this letter aloud", "say it as speech"),
        tags=("speech", "text to speech"),
        read=_sound,
        given={"voice": "alloy"},
    ),
    "audio_transcription": Mode(
        call="atranscription",
        takes=(_port("file", Kind.AUDIO, "what is heard"),),
        gives=_port("transcript", Kind.TEXT),
        description="Write down what is said in a recording, with the model {name}.",
        examples=("transcribe the voice note", "what is said in this recording?"),
        tags=("speech", "transcription"),
        read=_words,
        given={},
    ),
}
"""What LiteLLM calls a model's mode, and what it makes of one. The inputs have LiteLLM's names."""

__all__ = ("MODES", "MediaExpert", "Mode", "price")
