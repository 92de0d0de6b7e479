"""What clients send and get, as far as it is checked: OpenAI's forms, and the fields of ours.

Unknown fields are left alone, as OpenAI-compatible servers do: clients of every age come here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from herd_graph.types import JSON

MOST_MESSAGES = 2048
MOST_PARTS = 256
MOST_SPOKEN = 4096
"""Characters of a text that is read aloud: OpenAI's limit."""


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class TextPart(_Form):
    """Words."""

    type: Literal["text"]
    text: str


class ImageUrl(_Form):
    """Where a picture is."""

    url: str = Field(min_length=1)
    """A ``data:`` URL; ``http(s)`` only where the server allows it."""
    detail: str | None = None


class ImagePart(_Form):
    """A picture."""

    type: Literal["image_url"]
    image_url: ImageUrl


class InputAudio(_Form):
    """A recording."""

    data: str = Field(min_length=1)
    """Base64."""
    format: str = "wav"


class AudioPart(_Form):
    """A recording."""

    type: Literal["input_audio"]
    input_audio: InputAudio


class InputFile(_Form):
    """Any file: inline, or uploaded to ``/v1/files`` before."""

    file_data: str | None = None
    """Base64, or a ``data:`` URL."""
    file_id: str | None = None
    filename: str | None = None


class FilePart(_Form):
    """A file."""

    type: Literal["file"]
    file: InputFile


class RefusalPart(_Form):
    """What an assistant did not want to say, in a conversation that began elsewhere."""

    type: Literal["refusal"]
    refusal: str


Part = Annotated[
    TextPart | ImagePart | AudioPart | FilePart | RefusalPart, Field(discriminator="type")
]


class Message(_Form):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant"]
    content: str | Annotated[list[Part], Field(max_length=MOST_PARTS)] | None = None
    name: str | None = None


class StreamOptions(_Form):
    """How a stream is told."""

    include_usage: bool | None = None


class ChatRequest(_Form):
    """A chat completion that is wanted."""

    model: str = Field(min_length=1, max_length=256)
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    user: str | None = None
    metadata: dict[str, str] | None = None
    """``thread`` names a conversation that is kept here, as ``herd_thread`` does."""
    modalities: list[str] | None = None
    n: int | None = None
    response_format: dict[str, Any] | None = None
    tools: list[Any] | None = None
    functions: list[Any] | None = None
    stop: str | list[str] | None = None
    logprobs: bool | None = None
    logit_bias: dict[str, float] | None = None
    web_search_options: dict[str, Any] | None = None
    prediction: dict[str, Any] | None = None
    # Ours, through ``extra_body`` in OpenAI's Python client
    herd_thread: str | None = Field(default=None, min_length=1, max_length=200)
    """A conversation that is kept here: earlier turns are remembered, and need not be sent."""
    herd_inputs: dict[str, JSON] | None = None
    """For a single expert: its inputs by name, beside what the message holds."""
    herd_budget: dict[str, float] | None = None
    """Limits of this run: ``usd``, ``seconds``, ``calls``."""
    herd_progress: bool | None = None
    """False: a stream holds the answer alone."""


class SpeechRequest(_Form):
    """A text that is to be read aloud."""

    model: str = Field(min_length=1, max_length=256)
    input: str = Field(min_length=1, max_length=MOST_SPOKEN)
    voice: str | dict[str, Any] | None = None
    """Taken, and without effect: an expert has the voice that it has."""
    instructions: str | None = None
    """Taken, and without effect."""
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] | None = None
    speed: float | None = Field(default=None, ge=0.25, le=4.0)
    stream_format: Literal["audio", "sse"] | None = None


class Answers(_Form):
    """A person's answers to what a run waits for, by step."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answers: dict[str, bool] = Field(min_length=1, max_length=1000)


__all__ = (
    "Answers",
    "AudioPart",
    "ChatRequest",
    "FilePart",
    "ImagePart",
    "InputFile",
    "Message",
    "Part",
    "RefusalPart",
    "SpeechRequest",
    "StreamOptions",
    "TextPart",
)
