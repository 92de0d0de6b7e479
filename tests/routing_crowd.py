"""A crowd: experts of many more kinds, some with full cards and some declared in three lines."""

from __future__ import annotations

from typing import Any, Literal

from routing_world import FIRST

from herd_graph.artifacts import Audio, Data, Document, Image, Table, Text, Video
from herd_graph.experts import Expert
from herd_graph.function_experts import expert


@expert(
    tags=["speech", "audio", "recording", "rough", "quick", "draft", "speech-to-text"],
    examples=[
        "make a quick rough transcript of the recording",
        "give me a fast draft of what is said",
        "transcribe this roughly, speed matters more than accuracy",
    ],
    latency_s=0.4,
)
def transcribe_fast(recording: Audio) -> Text:
    """Write down English speech roughly and quickly: a draft, with many wrong words."""
    return Text("")


@expert(
    tags=["video", "film", "clip", "speech", "transcript", "subtitles"],
    examples=["transcribe the video", "what is said in this clip?"],
)
def transcribe_video(video: Video) -> Text:
    """Transcribe the English speech in a video to text."""
    return Text("")


@expert(
    tags=["video", "frames", "stills", "screenshots"],
    examples=["take five pictures from the video", "give me stills of the film"],
)
def sample_frames(video: Video, count: int = 5) -> list[Image]:
    """Take still pictures from a video, evenly spaced."""
    return []


@expert(
    tags=["objects", "things", "detection", "picture", "photo"],
    examples=["which objects are in this picture?", "detect the objects in the photo"],
)
def detect_objects(picture: Image) -> Data[list[dict[str, Any]]]:
    """Detect everyday objects in a photo: what, and where."""
    return Data([])


@expert(
    tags=["count", "how many", "number of", "objects", "people", "picture"],
    examples=["how many people are in this picture?", "count the cars in the photo"],
)
def count_objects(picture: Image, what: str | None = None) -> Data[dict[str, int]]:
    """Count people, cars, animals and other things in a photo."""
    return Data({})


@expert(
    tags=["describe", "description", "picture", "photo", "image", "caption", "alt text"],
    examples=[
        "describe this picture",
        "what does the photo show?",
        "write alt text for this picture",
    ],
)
def describe_image(picture: Image) -> Text:
    """Describe what an image shows, from its objects, its text and its colours."""
    return Text("")


@expert(
    tags=["music", "notes", "MIDI", "melody"],
    examples=["which notes are played?", "transcribe the melody to MIDI"],
)
def transcribe_music(music: Audio) -> Table:
    """Transcribe music to notes: pitch, start and length of each."""
    raise NotImplementedError


@expert(
    tags=["language", "language identification"],
    examples=["which language is this text in?", "what language is this?"],
)
def identify_language(text: Text) -> Text:
    """Identify the language that a text is written in."""
    return text


@expert(
    tags=["sentiment", "mood", "tone", "positive", "negative"],
    examples=["is this review positive?", "is the customer angry?"],
)
def sentiment(text: Text) -> Literal["positive", "negative", "neutral"]:
    """Say whether a text is positive, negative or neutral."""
    return "neutral"


@expert(
    tags=["summary", "summarise", "shorten", "key points", "gist"],
    examples=["summarise the article", "what are the main points?"],
)
def summarize(text: Text, sentences: int = 3) -> Text:
    """Summarise a text: its most important sentences."""
    return text


@expert(
    tags=["title", "headline"], examples=["write a title for this article", "suggest a headline"]
)
def write_title(text: Text) -> Text:
    """Write a title for a text."""
    return text


@expert(
    tags=["table", "CSV", "JSON", "Markdown", "XLSX", "Excel", "convert"],
    examples=["convert this CSV to JSON", "turn the table into Markdown"],
)
def convert_table(table: Table, to: Literal["csv", "json", "markdown", "xlsx"]) -> Document:
    """Convert a table to another format.

    Args:
        table: The table.
        to: The format: csv, json, markdown (md) or xlsx (Excel).
    """
    raise NotImplementedError


@expert(
    tags=["table", "query", "SQL", "rows", "data", "spreadsheet"],
    examples=[
        "which product sold the most?",
        "what is the average price in the table?",
        "select the rows where amount is over 100",
    ],
)
def query_table(table: Table, question: str) -> Table:
    """Answer a question about a table, or run SQL on it.

    Args:
        table: The table.
        question: A question or an SQL query.
    """
    return table


@expert(
    tags=["search", "find", "passage", "documents"],
    examples=["search the documents for the warranty", "where does the contract mention notice?"],
)
def search_text(documents: list[Text], query: str) -> Text:
    """Search documents for the passages about something.

    Args:
        documents: Where to look.
        query: What to look for.
    """
    return Text("")


@expert(tags=["PDF", "pages", "text"], examples=["read the PDF", "get the text out of this PDF"])
def read_pdf(document: Document) -> Text:
    """Read the text of a PDF document."""
    return Text("")


@expert(
    tags=["finance", "interest", "loan", "NPV", "IRR", "mortgage"],
    examples=["what is the monthly payment on a loan?", "compute the NPV of these cash flows"],
)
def finance(question: Text) -> Text:
    """Calculate loans, compound interest, net present value and internal rate of return."""
    return question


@expert(
    tags=["chart", "plot", "graph", "bar chart", "diagram"],
    examples=["draw a bar chart of the sales", "plot the table"],
)
def draw_chart(table: Table, kind: Literal["bar", "line", "pie"] = "bar") -> Image:
    """Draw a chart of a table."""
    raise NotImplementedError


@expert(
    tags=["units", "kilometres", "miles", "degrees", "convert"],
    examples=["how many miles are 10 km?", "convert 70 degrees Fahrenheit to Celsius"],
)
def convert_units(question: Text) -> Text:
    """Convert a quantity between units of measurement."""
    return question


@expert
def weather(city: str) -> Text:
    """Tell the weather forecast for a city."""
    return Text("")


@expert
def fix_grammar(text: Text) -> Text:
    """Correct grammar and spelling mistakes."""
    return text


@expert
def blur_faces(picture: Image) -> Image:
    """Blur all faces in a photo."""
    return picture


@expert
def stock_price(company: str) -> Text:
    """Look up the stock price of a company."""
    return Text("")


@expert
def to_speech_slow(text: Text) -> Audio:
    """Read a text aloud very slowly, for language learners."""
    raise NotImplementedError


@expert
def remove_background(picture: Image) -> Image:
    """Cut out the background of a picture."""
    return picture


CROWD: tuple[Expert, ...] = (
    *FIRST,
    transcribe_fast,
    transcribe_video,
    sample_frames,
    detect_objects,
    count_objects,
    describe_image,
    transcribe_music,
    identify_language,
    sentiment,
    summarize,
    write_title,
    convert_table,
    query_table,
    search_text,
    read_pdf,
    finance,
    draw_chart,
    convert_units,
    weather,
    fix_grammar,
    blur_faces,
    stock_price,
    to_speech_slow,
    remove_background,
)
