"""What the experts in this folder need: their models, and the modules that run them."""

from __future__ import annotations

import functools
from pathlib import Path

from herd_graph.errors import ModelMissing
from herd_graph.extras import present
from herd_graph.weights import Manifest, Model

LOCAL = "pip install 'herd-graph[local]'"
MODELS: dict[str, tuple[str, ...]] = {
    "transcribe": ("whisper-tiny-en",),
    "translate": ("translate-en-pt", "translate-pt-en"),
    "read_text": ("ppocr-v6-small",),
    "identify_file": ("magika-standard-v3-3",),
    "find_entities": ("spacy-en-core-web-sm",),
    "speak": ("piper-en-us-joe",),
    "chat": ("smollm2-135m",),
    "transcribe_fast": ("pocketsphinx-en-us",),
    "transcribe_video": ("whisper-tiny-en",),
    "detect_objects": ("yolov3-tiny",),
    "count_objects": ("yolov3-tiny",),
    "describe_image": ("yolov3-tiny", "ppocr-v6-small"),
    "transcribe_music": ("basic-pitch",),
    "identify_language": ("langid-py3",),
    "sentiment": ("langid-py3",),
    "write_title": ("title-flan-t5-small", "langid-py3"),
    "search_text": ("minilm-l6-int8",),
}
"""The models of each expert, by their names in ``models.toml``."""
MODULES: dict[str, tuple[str, ...]] = {
    "calculate": ("sympy",),
    "transcribe_video": ("av",),
    "sample_frames": ("av",),
    "sentiment": ("vaderSentiment",),
    "summarize": ("numpy",),
    "convert_table": ("openpyxl",),
    "query_table": ("duckdb", "openpyxl"),
    "search_text": ("pypdfium2",),
    "read_pdf": ("pypdfium2",),
    "finance": ("openpyxl",),
    "draw_chart": ("matplotlib", "openpyxl"),
    "convert_units": ("pint",),
}
"""Modules that experts need beside those of their models."""


@functools.cache
def manifest() -> Manifest:
    """Return the manifest of the models behind these experts."""
    return Manifest.read(Path(__file__).with_name("models.toml"))


def model(name: str) -> Model:
    """Return one model of the manifest."""
    return manifest()[name]


def need(module: str) -> None:
    """Raise ``ModelMissing`` unless a module is installed. Imports nothing."""
    reason = absent(module)
    if reason:
        raise ModelMissing(reason)


def absent(module: str) -> str:
    """Say that a module is not installed; empty when it is."""
    if present(module):
        return ""
    return f"Python module {module!r} is not installed. Run: {LOCAL}"


def missing() -> dict[str, str]:
    """Return why experts cannot run here, by name; empty when all can. Hashes and imports nothing."""
    reasons: dict[str, str] = {}
    for name, models in MODELS.items():
        for each in models:
            reason = model(each).missing()
            if reason:
                reasons.setdefault(name, reason)
    for name, modules in MODULES.items():
        for each in modules:
            reason = absent(each)
            if reason:
                reasons.setdefault(name, reason)
    return reasons
