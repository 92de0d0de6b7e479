"""What the files of a model say, without loading it: its task, size, labels and licence."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, cast

_HEADS = (
    ("ForSequenceClassification", "text-classification"),
    ("ForTokenClassification", "token-classification"),
    ("ForMaskedLM", "fill-mask"),
    ("ForCausalLM", "text-generation"),
    ("LMHeadModel", "text-generation"),
    ("ForImageClassification", "image-classification"),
    ("ForVideoClassification", "video-classification"),
    ("ForAudioClassification", "audio-classification"),
    ("ForObjectDetection", "object-detection"),
    ("ForZeroShotObjectDetection", "zero-shot-object-detection"),
    ("ForDepthEstimation", "depth-estimation"),
    ("ForSemanticSegmentation", "image-segmentation"),
    ("ForImageSegmentation", "image-segmentation"),
    ("ForCTC", "automatic-speech-recognition"),
    ("ForSpeechSeq2Seq", "automatic-speech-recognition"),
    ("WhisperForConditionalGeneration", "automatic-speech-recognition"),
    ("ForTextToWaveform", "text-to-audio"),
    ("ForTableQuestionAnswering", "table-question-answering"),
    ("ForQuestionAnswering", "question-answering"),
    ("ForKeypointMatching", "keypoint-matching"),
    ("ForMaskGeneration", "mask-generation"),
)
"""The task of a model, by the end of its class's name."""


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """What is known of a model before it is loaded; nothing where its files are not here."""

    task: str = ""
    size: int = 0
    """Bytes of its weights."""
    labels: tuple[str, ...] = ()
    licence: str = ""
    here: bool = False
    """Whether its files are on this machine."""


def look(model: str, revision: str | None = None) -> ModelFiles:
    """Read what a folder, or the local cache of the Hub, says of a model. Never the network."""
    folder = _folder(model, revision)
    if folder is None:
        return ModelFiles()
    config = _json(folder / "config.json")
    said = _front_matter(folder / "README.md")
    classes = [str(each) for each in cast("list[Any]", config.get("architectures") or [])]
    heads = (task for head, task in _HEADS for each in classes if each.endswith(head))
    named = cast("Mapping[str, Any]", config.get("id2label") or {})
    labels = tuple(str(each) for each in named.values())
    return ModelFiles(
        task=str(said.get("pipeline_tag") or "") or next(heads, ""),
        size=_weights(folder),
        labels=() if all(each.startswith("LABEL_") for each in labels) else labels,
        licence=str(said.get("license") or ""),
        here=True,
    )


def is_folder(model: str) -> bool:
    """Say whether a model is named by a path, whether or not that exists."""
    return model.startswith((".", "/", "~")) or Path(model).is_dir()


def place_of(model: str) -> str:
    """Return the path of a folder, or the model's id as it is."""
    return str(Path(model).expanduser()) if is_folder(model) else model


def _folder(model: str, revision: str | None) -> Path | None:
    if is_folder(model):
        folder = Path(model).expanduser()
        return folder if folder.is_dir() else None
    named = os.environ.get("HF_HUB_CACHE")
    home = Path(os.environ.get("HF_HOME") or "~/.cache/huggingface").expanduser()
    cache = Path(named).expanduser() if named else home / "hub"
    root = cache / f"models--{model.replace('/', '--')}"
    try:
        wanted = (root / "refs" / (revision or "main")).read_text().strip()
    except OSError:
        wanted = revision or ""
    folder = root / "snapshots" / wanted
    return folder if wanted and folder.is_dir() else None


def _weights(folder: Path) -> int:
    """Return the size of the weights: of safetensors, else of whatever PyTorch saved."""
    for pattern in ("*.safetensors", "pytorch_model*.bin"):
        found = [each.stat().st_size for each in folder.glob(pattern)]
        if found:
            return sum(found)
    return 0


def _json(path: Path) -> dict[str, Any]:
    try:
        found: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _front_matter(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    if not text.startswith("---"):
        return {}
    yaml: Any = import_module("yaml")
    try:
        found: Any = yaml.safe_load(text.split("---", 2)[1])
    except (yaml.YAMLError, IndexError):
        return {}
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


__all__ = ("ModelFiles", "is_folder", "look", "place_of")
