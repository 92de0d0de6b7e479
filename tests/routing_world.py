"""Experts that do nothing but say what they are: what a router has to go by."""

from __future__ import annotations

from typing import Any, Literal

from herd_graph.artifacts import Artifact, Audio, Data, Image, Text
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.registry import Registry, Snapshot


@expert(
    tags=["speech recognition", "speech to text", "audio", "transcript", "ASR"],
    examples=[
        "transcribe the recording",
        "what is said in this voice note?",
        "write down what the speaker says",
        "turn the speech into text",
    ],
    notes="English only.",
)
def transcribe(recording: Audio) -> Text:
    """Transcribe English speech in a recording to text."""
    return Text("")


@expert(
    tags=["translation", "Portuguese", "English", "language"],
    examples=[
        "translate this to Portuguese",
        "how do you say good morning in Portuguese?",
        "put this into English",
    ],
)
def translate(text: Text, to: Literal["pt", "en"]) -> Text:
    """Translate text between English and Portuguese.

    Args:
        text: What to translate.
        to: The language to translate into.
    """
    return text


@expert(
    tags=["OCR", "image to text", "reading", "scan"],
    examples=[
        "what does the sign say?",
        "read the receipt",
        "extract the text from this picture",
        "what is written on the label?",
    ],
)
def read_text(picture: Image) -> Text:
    """Read the text in an image."""
    return Text("")


@expert(
    tags=["arithmetic", "maths", "sum", "total", "percentage", "equation", "calculator", "numbers"],
    examples=[
        "what is 12% of 80?",
        "compute 17 * 23 + 9",
        "add up the total of the receipt",
        "how much do the items cost together?",
        "work out the calculation on the sign",
        "solve x**2 - 4 = 0",
    ],
)
def calculate(expression: Text, operation: Literal["evaluate", "sum"] = "evaluate") -> Text:
    """Calculate an expression, a percentage or an equation, or add up the prices of a receipt.

    Args:
        expression: An expression, or words that hold one: a question, scanned lines, a receipt.
        operation: evaluate what is written, or sum all amounts (add up, total).
    """
    return expression


@expert(
    tags=["file type", "format", "MIME"],
    examples=["what kind of file is this?", "which format is this attachment in?"],
)
def identify_file(file: Artifact) -> Data[dict[str, Any]]:
    """Identify the type of a file by its content."""
    return Data({})


@expert(
    tags=["named entities", "names", "people", "places", "organisations", "NER"],
    examples=[
        "who is mentioned in the text?",
        "list the people and places in this article",
        "find the names of companies",
        "which dates are mentioned?",
    ],
)
def find_entities(text: Text) -> Data[list[dict[str, Any]]]:
    """Find named entities in English text: people, places, organisations, dates."""
    return Data([])


@expert(
    tags=["text to speech", "voice", "TTS", "audio"],
    examples=["read this aloud", "say hello", "turn the text into speech", "speak the result"],
)
def speak(text: Text) -> Audio:
    """Speak text aloud: English text to speech."""
    raise NotImplementedError


@expert(
    tags=["chat", "question answering", "assistant", "language model"],
    examples=[
        "what is the capital of France?",
        "explain how rainbows form",
        "write a short poem about autumn",
        "tell me a joke",
        "summarise this text in one sentence",
    ],
)
def chat(message: Text, context: Text | None = None, system: str = "") -> Text:
    """Answer a question or hold a short conversation, from what a small language model knows.

    Args:
        message: A question, or what to write.
        context: A text that the message is about.
        system: How to answer.
    """
    return message


@expert
def caption(picture: Image) -> Text:
    """Describe an image in one sentence."""
    return Text("")


@expert
def summarise(text: Text, sentences: int = 3) -> Text:
    """Summarise a text in a few sentences."""
    return text


@expert
def sentiment(text: Text) -> Literal["positive", "negative", "neutral"]:
    """Say whether a text is positive or negative: the mood, anger or joy of its author."""
    return "neutral"


@expert
def compare_pictures(first: Image, second: Image) -> Text:
    """Compare two pictures and say what differs."""
    return Text("")


@expert
def resize(picture: Image, width: int) -> Image:
    """Resize an image to a width in pixels."""
    return picture


@expert(examples=["what's the weather like in Paris?"])
def weather(city: str) -> Text:
    """Tell the weather forecast for a city."""
    return Text("")


FIRST: tuple[Expert, ...] = (
    transcribe,
    translate,
    read_text,
    calculate,
    identify_file,
    find_entities,
    speak,
    chat,
)
RICH: tuple[Expert, ...] = (
    *FIRST,
    caption,
    summarise,
    sentiment,
    compare_pictures,
    resize,
    weather,
)


def snapshot(*experts: Expert) -> Snapshot:
    """Return a snapshot of these experts."""
    registry = Registry()
    registry.add(*experts)
    return registry.snapshot()
