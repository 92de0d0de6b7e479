"""Models of transformers with a handful of random weights, made and saved on the spot."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

torch: Any = pytest.importorskip("torch")
library: Any = pytest.importorskip("transformers")
tokenizers: Any = import_module("tokenizers")

WORDS = [
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "a",
    "the",
    "dog",
    "cat",
    "is",
    "was",
    "good",
    "bad",
    "happy",
    "in",
    "Porto",
    "Ann",
]
LABELS = {0: "sad", 1: "glad"}


def tokenizer(words: list[str] = WORDS, **special: str) -> Any:
    made = tokenizers.Tokenizer(
        tokenizers.models.WordLevel({word: n for n, word in enumerate(words)}, unk_token=words[1])
    )
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    named = {
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    return library.PreTrainedTokenizerFast(
        tokenizer_object=made, model_max_length=32, **{**named, **special}
    )


def bert(**more: Any) -> Any:
    return library.BertConfig(
        vocab_size=len(WORDS),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
        **more,
    )


def saved(folder: Path, name: str, model: Any, *parts: Any, card: str = "") -> str:
    path = folder / name
    model.save_pretrained(path)
    for each in parts:
        each.save_pretrained(path)
    if card:
        (path / "README.md").write_text(card)
    return str(path)


def moods(folder: Path) -> str:
    """Save a classifier of texts."""
    config = bert(num_labels=2, id2label=LABELS, label2id={"sad": 0, "glad": 1})
    card = "---\nlicense: mit\npipeline_tag: text-classification\n---\n# Moods\n"
    model = library.BertForSequenceClassification(config)
    return saved(folder, "Tiny-Moods", model, tokenizer(), card=card)
