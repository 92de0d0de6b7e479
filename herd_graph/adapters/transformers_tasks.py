"""Every pipeline task of transformers 5: its ports, how it is called, and how its results are read.

Names that version 5 dropped are known too, with what replaces them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, cast

from herd_graph.artifacts import Artifact, Audio, Data, Image, Table, Text
from herd_graph.artifacts.base import to_json
from herd_graph.artifacts.tables import TABLE_MIME
from herd_graph.cards import Port
from herd_graph.errors import DeclarationError, ExpertFailed, suggest
from herd_graph.experts import Outputs, Payload
from herd_graph.slots import as_text
from herd_graph.types import JSONObject, Kind

Given: TypeAlias = Mapping[str, Payload]
Asked: TypeAlias = "tuple[Any, dict[str, Any]]"
"""The pipeline's input, and named arguments."""


@dataclass(frozen=True, kw_only=True)
class PipelineTask:
    """One task of a pipeline."""

    says: str
    """What it does, for discovery."""
    takes: tuple[Port, ...]
    gives: tuple[Port, ...]
    ask: Callable[[Any, Given], Asked]
    """Makes the pipeline's input of payloads; it is given the pipeline."""
    read: Callable[[Any], Outputs]
    tags: tuple[str, ...] = ()
    batches: bool = False
    """A list of inputs is served in one go."""
    writes: bool = False
    """It generates text: it streams, and takes ``max_new_tokens``."""
    defaults: Mapping[str, Any] = field(default_factory=dict[str, Any])


# Ports ------------------------------------------------------------------------------------------

_VECTOR: JSONObject = {"type": "array", "items": {"type": "number"}}


def _port(name: str, kind: Kind, **more: Any) -> Port:
    return Port(name=name, kind=kind, **more)


_TEXT, _PICTURE = _port("text", Kind.TEXT), _port("picture", Kind.IMAGE)
_SOUND, _FILM = _port("recording", Kind.AUDIO), _port("video", Kind.VIDEO)
_QUESTION = _port("question", Kind.TEXT, description="what is asked")
_MESSAGE = _port("message", Kind.TEXT, description="what is wanted, in words")
_LABELS = _port("labels", Kind.TEXT, many=True, description="what to choose from")
_SAID, _ROWS = _port("result", Kind.TEXT), _port("result", Kind.TABLE)
_DRAWN, _NUMBERS = _port("result", Kind.IMAGE), _port("result", Kind.DATA, json_schema=_VECTOR)
_CHOSEN = (
    _port("label", Kind.TEXT, description="the most likely label"),
    _port("scores", Kind.TABLE, description="each label and its score"),
)

# How a pipeline is asked ------------------------------------------------------------------------


def _words(name: str) -> Callable[[Any, Given], Asked]:
    return lambda _, given: (_text(given[name]), {})


def _seen(_pipe: Any, given: Given) -> Asked:
    return _pil(given["picture"]), {}


def _heard(pipe: Any, given: Given) -> Asked:
    samples, rate = _samples(pipe, given["recording"])
    return {"raw": samples, "sampling_rate": rate}, {}


def _labelled(ask: Callable[[Any, Given], Asked]) -> Callable[[Any, Given], Asked]:
    def asked(pipe: Any, given: Given) -> Asked:
        what, more = ask(pipe, given)
        return what, {**more, "candidate_labels": _labels(given)}

    return asked


def _only_samples(pipe: Any, given: Given) -> Asked:
    return _samples(pipe, given["recording"])[0], {}


def _about_table(_pipe: Any, given: Given) -> Asked:
    rows = cast("Table", given["table"]).rows
    cells = [{key: "" if cell is None else str(cell) for key, cell in row.items()} for row in rows]
    columns = {key: [row[key] for row in cells] for key in (cells[0] if cells else {})}
    return {"table": columns, "query": _text(given["question"])}, {}


def _about_page(_pipe: Any, given: Given) -> Asked:
    return {"image": _pil(given["picture"]), "question": _text(given["question"])}, {}


def _conversation(pipe: Any, given: Given) -> Asked:
    said = _text(given["message"])
    if not getattr(pipe.tokenizer, "chat_template", None):
        return said, {"return_full_text": False}
    messages = [{"role": "user", "content": said}]
    if "system" in given:
        messages.insert(0, {"role": "system", "content": _text(given["system"])})
    return messages, {"return_full_text": False}


def _multimodal(pipe: Any, given: Given) -> Asked:
    parts: list[dict[str, Any]] = []
    for item in _several(given.get("context", ())):
        if item.kind is Kind.IMAGE:
            parts.append({"type": "image", "image": _pil(item)})
        elif item.kind is Kind.AUDIO:
            parts.append({"type": "audio", "audio": _samples(pipe, item)[0]})
        elif item.kind is Kind.VIDEO:
            parts.append({"type": "video", "video": str(item.path())})
        else:
            parts.append({"type": "text", "text": as_text(item)})
    parts += [{"type": "image", "image": _pil(item)} for item in _several(given.get("picture", ()))]
    parts.append({"type": "text", "text": _text(given["message"])})
    return None, {"text": [{"role": "user", "content": parts}], "return_full_text": False}


def _request(_pipe: Any, given: Given) -> Asked:
    questions = cast("Data[Any]", given["questions"]).value
    return {"state": _text(given["state"]), "questions": questions}, {}


def _pair(_pipe: Any, given: Given) -> Asked:
    return [_pil(given["first"]), _pil(given["second"])], {}


def _film(_pipe: Any, given: Given) -> Asked:
    return str(cast("Artifact", given["video"]).path()), {}


# How a result is read ---------------------------------------------------------------------------


def _choice(result: Any) -> Outputs:
    if isinstance(result, Mapping) and "labels" in result:  # zero-shot-classification
        found = cast("Mapping[str, Any]", result)
        pairs = zip(found["labels"], found["scores"], strict=True)
        rows = [{"label": str(label), "score": float(score)} for label, score in pairs]
    else:
        rows = [
            {"label": str(each["label"]), "score": float(each["score"])} for each in _items(result)
        ]
    rows.sort(key=lambda row: -cast("float", row["score"]))
    if not rows:
        raise ExpertFailed("The pipeline gave no label. Expected at least one.")
    return {"label": Text(str(rows[0]["label"])), "scores": Table(rows)}


def _written(result: Any) -> Outputs:
    first = _items(result)[0]
    said = first.get("generated_text", first.get("text", ""))
    if isinstance(said, list):  # a whole chat: the last message is the answer
        said = cast("list[Any]", said)[-1]["content"]
    return {"result": Text(str(said).strip())}


def _transcript(result: Any) -> Outputs:
    return {"result": Text(str(_items(result)[0]["text"]).strip())}


def _answer(result: Any) -> Outputs:
    found = _items(result)
    if not found or not str(found[0].get("answer", "")).strip():
        raise ExpertFailed("The model found no answer. Expected one. Ask in other words.")
    return {"result": Text(str(found[0]["answer"]).strip())}


def _filled(result: Any) -> Outputs:
    rows = [
        {"text": str(each["sequence"]), "word": each["token_str"].strip(), "score": each["score"]}
        for each in _items(result)
    ]
    return {"result": Text(rows[0]["text"]), "scores": Table(rows)}


def _table(*columns: str) -> Callable[[Any], Outputs]:
    """Read rows; where there are none, the table has its columns all the same."""
    return lambda result: {"result": _rows([_flat(each) for each in _items(result)], columns)}


def _rows(rows: list[dict[str, Any]], columns: Sequence[str]) -> Table:
    if rows:
        return Table(rows)
    return Table(to_json({"columns": list(columns), "rows": []}), mime=TABLE_MIME)


def _vector(result: Any) -> Outputs:
    import numpy as np

    values = np.asarray(result, dtype=np.float64)
    while values.ndim > 2:
        values = values[0]
    if values.ndim == 2:  # a vector for each token or patch: their mean stands for the whole
        values = values.mean(axis=0)
    return {"result": Data([round(float(each), 6) for each in values])}


def _sound(result: Any) -> Outputs:
    import numpy as np

    made = _items(result)[0]
    samples = np.asarray(made["audio"], dtype=np.float32)
    if samples.ndim == 2 and samples.shape[0] < samples.shape[1]:
        samples = samples.T  # pipelines put channels first
    return {"result": Audio.from_samples(samples, int(made["sampling_rate"]))}


def _depth(result: Any) -> Outputs:
    return {"result": Image(_items(result)[0]["depth"])}


def _segments(result: Any) -> Outputs:
    found = _items(result)
    rows = [{"label": str(each["label"]), "score": each.get("score")} for each in found]
    masks: list[Artifact] = [Image(each["mask"]) for each in found]
    return {"result": _rows(rows, ("label", "score")), "masks": masks}


def _masks(result: Any) -> Outputs:
    import numpy as np

    found: Sequence[Any] = _items(result)[0]["masks"]
    return {"masks": [Image(np.asarray(each).astype(np.uint8) * 255) for each in found]}


def _decided(result: Any) -> Outputs:
    return {"result": Data(_items(result)[0])}


# The tasks --------------------------------------------------------------------------------------

_BOXES = _table("score", "label", "xmin", "ymin", "xmax", "ymax")
TASKS: dict[str, PipelineTask] = {
    "audio-classification": PipelineTask(
        says="Say what kind of sound a recording is.",
        takes=(_SOUND,), gives=_CHOSEN, ask=_heard, read=_choice, batches=True,
        tags=("audio", "classify"),
    ),
    "automatic-speech-recognition": PipelineTask(
        says="Transcribe the speech in a recording.",
        takes=(_SOUND,), gives=(_SAID,), ask=_heard, read=_transcript, batches=True,
        tags=("transcribe", "speech"),
    ),
    "text-to-audio": PipelineTask(
        says="Speak a text, or make the sound that it describes.",
        takes=(_TEXT,), gives=(_port("result", Kind.AUDIO),), ask=_words("text"), read=_sound,
        tags=("speak", "speech"),
    ),
    "feature-extraction": PipelineTask(
        says="Turn a text into a vector of its meaning.",
        takes=(_TEXT,), gives=(_NUMBERS,), ask=_words("text"), read=_vector, batches=True,
        tags=("embedding",),
    ),
    "text-classification": PipelineTask(
        says="Classify a text.",
        takes=(_TEXT,), gives=_CHOSEN, ask=_words("text"), read=_choice, batches=True,
        tags=("classify", "text"), defaults={"top_k": None, "truncation": True},
    ),
    "token-classification": PipelineTask(
        says="Find names and other parts in a text, and say what each one is.",
        takes=(_TEXT,), gives=(_ROWS,), ask=_words("text"), read=_table("entity_group", "score", "word", "start", "end"), batches=True,
        tags=("entities", "names"), defaults={"aggregation_strategy": "simple"},
    ),
    "table-question-answering": PipelineTask(
        says="Answer a question about a table.",
        takes=(_port("table", Kind.TABLE), _QUESTION), gives=(_SAID,), ask=_about_table,
        read=_answer, tags=("table", "question"),
    ),
    "document-question-answering": PipelineTask(
        says="Answer a question about the picture of a document.",
        takes=(_PICTURE, _QUESTION), gives=(_SAID,), ask=_about_page, read=_answer,
        tags=("document", "question"),
    ),
    "fill-mask": PipelineTask(
        says="Fill the gap in a text, where the mask stands.",
        takes=(_TEXT,), gives=(_SAID, _CHOSEN[1]), ask=_words("text"), read=_filled,
        tags=("fill in",),
    ),
    "text-generation": PipelineTask(
        says="Answer a request in words, or go on with a text, with a language model.",
        takes=(_MESSAGE, _port("system", Kind.TEXT, required=False)), gives=(_SAID,),
        ask=_conversation, read=_written, writes=True, tags=("chat", "write", "language model"),
        defaults={"max_new_tokens": 256, "do_sample": False},
    ),
    "zero-shot-classification": PipelineTask(
        says="Sort a text under one of the labels that are given.",
        takes=(_TEXT, _LABELS), gives=_CHOSEN, ask=_labelled(_words("text")), read=_choice,
        tags=("classify", "text"),
    ),
    "zero-shot-image-classification": PipelineTask(
        says="Sort a picture under one of the labels that are given.",
        takes=(_PICTURE, _LABELS), gives=_CHOSEN, ask=_labelled(_seen), read=_choice,
        tags=("classify", "picture"),
    ),
    "zero-shot-audio-classification": PipelineTask(
        says="Sort a recording under one of the labels that are given.",
        takes=(_SOUND, _LABELS), gives=_CHOSEN, ask=_labelled(_only_samples), read=_choice,
        tags=("classify", "audio"),
    ),
    "image-classification": PipelineTask(
        says="Say what a picture shows.",
        takes=(_PICTURE,), gives=_CHOSEN, ask=_seen, read=_choice, batches=True,
        tags=("classify", "picture"),
    ),
    "image-feature-extraction": PipelineTask(
        says="Turn a picture into a vector of what it shows.",
        takes=(_PICTURE,), gives=(_NUMBERS,), ask=_seen, read=_vector, batches=True,
        tags=("embedding",),
    ),
    "image-segmentation": PipelineTask(
        says="Find the things in a picture, with the outline of each.",
        takes=(_PICTURE,), gives=(_ROWS, _port("masks", Kind.IMAGE, many=True)), ask=_seen,
        read=_segments, tags=("segment", "picture"),
    ),
    "image-text-to-text": PipelineTask(
        says="Answer a question about a picture, or describe it.",
        takes=(_port("picture", Kind.IMAGE, many=True), _MESSAGE), gives=(_SAID,), ask=_multimodal,
        read=_written, tags=("describe", "picture", "question"),
        defaults={"max_new_tokens": 256},
    ),
    "object-detection": PipelineTask(
        says="Find the things in a picture, and where they are.",
        takes=(_PICTURE,), gives=(_ROWS,), ask=_seen, read=_BOXES, batches=True,
        tags=("detect", "picture"),
    ),
    "zero-shot-object-detection": PipelineTask(
        says="Find things of the kinds that are given in a picture, and where they are.",
        takes=(_PICTURE, _LABELS), gives=(_ROWS,), ask=_labelled(_seen), read=_BOXES,
        tags=("detect", "picture"),
    ),
    "decision": PipelineTask(
        says="Answer typed questions about a text, with a probability for each option.",
        takes=(_port("state", Kind.TEXT), _port("questions", Kind.DATA)),
        gives=(_port("result", Kind.DATA),), ask=_request, read=_decided, tags=("decide",),
    ),
    "depth-estimation": PipelineTask(
        says="Estimate how far away everything in a picture is.",
        takes=(_PICTURE,), gives=(_DRAWN,), ask=_seen, read=_depth, tags=("depth", "picture"),
    ),
    "video-classification": PipelineTask(
        says="Say what happens in a video.",
        takes=(_FILM,), gives=_CHOSEN, ask=_film, read=_choice, tags=("classify", "video"),
    ),
    "mask-generation": PipelineTask(
        says="Cut a picture into its parts: one mask for each.",
        takes=(_PICTURE,), gives=(_port("masks", Kind.IMAGE, many=True),), ask=_seen, read=_masks,
        tags=("segment", "picture"),
    ),
    "keypoint-matching": PipelineTask(
        says="Find the points that two pictures have in common.",
        takes=(_port("first", Kind.IMAGE), _port("second", Kind.IMAGE)), gives=(_ROWS,),
        ask=_pair, read=_table("keypoint_image_0_x", "keypoint_image_0_y", "score"), tags=("compare", "picture"),
    ),
    "any-to-any": PipelineTask(
        says="Answer a request about texts, pictures, recordings and videos.",
        takes=(
            _MESSAGE,
            _port(
                "context", Kind.TEXT, also=(Kind.IMAGE, Kind.AUDIO, Kind.VIDEO), many=True,
                required=False, description="what the message is about",
            ),
        ),
        gives=(_SAID,), ask=_multimodal, read=_written, tags=("chat", "describe"),
        defaults={"max_new_tokens": 256},
    ),
}  # fmt: skip

ALIASES = {
    "sentiment-analysis": "text-classification",
    "ner": "token-classification",
    "text-to-speech": "text-to-audio",
}
_CHAT = "'text-generation' with a chat model, or a LiteLLM model"
_LOOK = "'image-text-to-text' with a vision-language model"
REMOVED = {
    "summarization": _CHAT,
    "translation": _CHAT,
    "text2text-generation": _CHAT,
    "question-answering": _CHAT,
    "conversational": _CHAT,
    "image-to-text": _LOOK,
    "visual-question-answering": _LOOK,
    "vqa": _LOOK,
    "image-to-image": "the library diffusers, in an @expert of your own",
}
"""What version 5 dropped, and what to use now."""


def find_task(name: str, reference: str) -> str:
    """Return the task of that name or alias. Raises ``DeclarationError``, with a replacement."""
    plain = ALIASES.get(name, name)
    dropped = REMOVED.get("translation" if name.startswith("translation_") else name)
    if dropped:
        raise DeclarationError(
            f"{reference!r} names the pipeline {name!r}, which transformers 5 dropped. Expected "
            f"{dropped}."
        )
    if plain not in TASKS:
        raise DeclarationError(
            f"{reference!r} names no pipeline task: {name!r}. {suggest(name, TASKS, what='There are')}"
        )
    return plain


# Values -----------------------------------------------------------------------------------------


def _items(result: Any) -> list[Any]:
    """Return a result as a list, out of however many lists of one it is wrapped in."""
    while isinstance(result, list | tuple) and len(cast("list[Any]", result)) == 1:
        inner: Any = cast("list[Any]", result)[0]
        if not isinstance(inner, list | tuple):
            break
        result = cast("list[Any]", inner)
    return list(cast("list[Any]", result)) if isinstance(result, list | tuple) else [result]


def _flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of plain values: a box's corners and a point's coordinates get columns."""
    made: dict[str, Any] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            inner = cast("Mapping[str, Any]", value)
            short = "" if key == "box" else f"{key}_"
            made.update({f"{short}{name}": _plain(each) for name, each in inner.items()})
        else:
            made[key] = _plain(value)
    return made


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _several(payload: Any) -> list[Artifact]:
    many = isinstance(payload, list | tuple)
    return list(cast("Sequence[Artifact]", payload)) if many else [payload]


def _text(payload: Payload) -> str:
    return as_text(cast("Artifact", payload))


def _labels(given: Given) -> list[str]:
    return [as_text(each) for each in _several(given["labels"])]


def _pil(payload: Any) -> Any:
    return cast("Image", payload).pil()


def _samples(pipe: Any, payload: Any) -> tuple[Any, int]:
    """Return mono samples at the model's own rate: no pipeline has to resample."""
    extractor = getattr(pipe, "feature_extractor", None) or getattr(pipe, "processor", None)
    inner = getattr(extractor, "feature_extractor", extractor)
    rate = int(getattr(inner, "sampling_rate", None) or 16_000)
    return cast("Audio", payload).samples(rate)


__all__ = ("ALIASES", "REMOVED", "TASKS", "PipelineTask", "find_task")
