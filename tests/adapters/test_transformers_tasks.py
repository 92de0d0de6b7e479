"""More tasks of transformers' pipelines, each with a tiny random model that is made and saved here."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from adapter_calls import ask, png, wav

from herd_graph import Audio, Data, Herd, Image, Table, Text

torch: Any = pytest.importorskip("torch")
library: Any = pytest.importorskip("transformers")
tokenizers: Any = import_module("tokenizers")

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "this", "is", "a", "photo", "of", "dog", "cat", "."]
pytestmark = pytest.mark.usefixtures("one_thread")

SMALL: dict[str, Any] = {
    "hidden_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "intermediate_size": 16,
}
PICTURE = {"picture": Image(png(48, 32))}
LABELS = {"labels": [Text("dog"), Text("cat")]}


def tokenizer() -> Any:
    words = {word: number for number, word in enumerate(WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return library.PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=16,
        pad_token="[PAD]",
        unk_token="[UNK]",
        eos_token="[SEP]",
        bos_token="[CLS]",
    )


def pictures(name: str) -> Any:
    """Return a reader of pictures of 16 by 16 points."""
    kind = getattr(library, f"{name}ImageProcessor")
    return kind(size={"height": 16, "width": 16}, crop_size={"height": 16, "width": 16})


def hearing() -> list[Any]:
    config = library.Wav2Vec2Config(
        **SMALL, vocab_size=8, conv_dim=(8, 8), conv_stride=(5, 4), conv_kernel=(10, 8),
        num_feat_extract_layers=2, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
        num_labels=2, classifier_proj_size=8, id2label={0: "speech", 1: "music"},
    )  # fmt: skip
    reader = library.Wav2Vec2FeatureExtractor(sampling_rate=16_000)
    return [library.Wav2Vec2ForSequenceClassification(config), reader]


def seeing() -> list[Any]:
    config = library.ViTConfig(**SMALL, image_size=16, patch_size=8)
    return [library.ViTModel(config), pictures("ViT")]


def two_towers(name: str) -> Any:
    """Return the configuration of a model of texts and pictures."""
    text = {**SMALL, "vocab_size": len(WORDS), "max_position_embeddings": 16}
    ends = {"bos_token_id": 2, "eos_token_id": 3, "pad_token_id": 0}
    return getattr(library, f"{name}Config")(
        text_config={**text, **ends},
        vision_config={**SMALL, "image_size": 16, "patch_size": 8},
        projection_dim=16,
    )


def naming() -> list[Any]:
    return [library.CLIPModel(two_towers("CLIP")), tokenizer(), pictures("CLIP")]


def finding() -> list[Any]:
    model = library.OwlViTForObjectDetection(two_towers("OwlViT"))
    return [model, tokenizer(), pictures("OwlViT")]


@pytest.mark.parametrize(
    ("task", "make", "given", "port", "kind"),
    [
        ("audio-classification", hearing, {"recording": Audio(wav(0.4, 16_000))}, "label", Text),
        ("image-feature-extraction", seeing, PICTURE, "result", Data),
        ("zero-shot-image-classification", naming, {**PICTURE, **LABELS}, "label", Text),
        ("zero-shot-object-detection", finding, {**PICTURE, **LABELS}, "result", Table),
    ],
)
def test_a_tiny_model_serves_the_task(
    tmp_path: Path, task: str, make: Any, given: dict[str, Any], port: str, kind: type
) -> None:
    for part in make():
        part.save_pretrained(tmp_path / task)
    with Herd(checkpoints="memory") as herd:
        herd.add(f"hf:{tmp_path / task}#{task}", name="one")
        run = ask(herd, "one", **given)

        assert run.status == "done", run.records["s1"].error
        assert isinstance(run.output("s1", port), kind)
