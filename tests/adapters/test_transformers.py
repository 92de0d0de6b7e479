"""Pipelines of transformers as experts: tiny models, made and saved here, one for each modality."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from adapter_calls import ask, one_step, png, wav
from tiny_models import WORDS, bert, library, saved, tokenizer

from herd_graph import Audio, Data, Herd, Image, Table, Text
from herd_graph.adapters.transformers_folder import look
from herd_graph.adapters.transformers_tasks import ALIASES, REMOVED, TASKS
from herd_graph.errors import DeclarationError

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture
def herd() -> Iterator[Herd]:
    # What tiny random models write is what the checks are there to doubt, and to have made again.
    with Herd(checkpoints="memory", checks="off") as made:
        yield made


@pytest.fixture(scope="module")
def writer(folder: Path) -> str:
    config = library.GPT2Config(
        vocab_size=len(WORDS), n_positions=64, n_embd=16, n_layer=1, n_head=2, eos_token_id=3
    )
    return saved(folder, "writer", library.GPT2LMHeadModel(config), tokenizer(eos_token="[SEP]"))


# The table --------------------------------------------------------------------------------------


def test_every_task_of_the_installed_version_is_known() -> None:
    pipelines: Any = import_module("transformers.pipelines")

    assert set(TASKS) == set(pipelines.SUPPORTED_TASKS)
    assert set(ALIASES) == set(pipelines.TASK_ALIASES)
    assert set(pipelines.REMOVED_TASKS) <= set(REMOVED)


def test_every_task_can_be_a_card(herd: Herd) -> None:
    for task in TASKS:
        herd.add(f"hf:some/model#{task}", name=task.replace("-", "_"))

    cards = herd.registry.snapshot().cards
    assert len(cards) == len(TASKS)
    assert all(card.description and card.inputs and card.outputs for card in cards)
    assert "downloaded at the first call" in cards[0].notes


@pytest.mark.parametrize(
    ("name", "replacement"),
    [
        ("summarization", "'text-generation' with a chat model"),
        ("translation", "'text-generation' with a chat model"),
        ("translation_en_to_fr", "'text-generation' with a chat model"),
        ("text2text-generation", "'text-generation' with a chat model"),
        ("question-answering", "'text-generation' with a chat model"),
        ("image-to-text", "'image-text-to-text'"),
        ("visual-question-answering", "'image-text-to-text'"),
        ("image-to-image", "diffusers"),
    ],
)
def test_what_version_5_dropped_gives_the_replacement(
    herd: Herd, name: str, replacement: str
) -> None:
    with pytest.raises(DeclarationError, match="which transformers 5 dropped") as raised:
        herd.add(f"hf:some/model#{name}")
    assert replacement in str(raised.value)


@pytest.mark.parametrize(
    ("reference", "options", "message"),
    [
        ("hf:some/model#text-clasification", {}, "Did you mean 'text-classification'"),
        ("hf:some/model", {}, "names no task, and its files are not on this machine"),
        ("hf:#text-classification", {}, "names no model"),
        ("hf:./nowhere#text-classification", {}, "a folder that does not exist"),
        ("hf:some/model#ner", {"devise": "cpu"}, "Did you mean 'device'"),
        ("hf:some/model#ner", {"takes": Text}, "whose task says its ports"),
    ],
)
def test_what_cannot_be_declared_is_said(
    herd: Herd, reference: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(DeclarationError, match=message):
        herd.add(reference, **options)


# What the files say -----------------------------------------------------------------------------


def test_the_folder_says_the_task_the_licence_the_labels_and_the_size(
    herd: Herd, classifier: str
) -> None:
    herd.add(f"hf:{classifier}")
    card = herd.registry.find("tiny_moods").card

    assert card.signature == "tiny_moods(text: Text) -> (label: Text, scores: Table)"
    assert card.weights_licence == "mit"
    assert "It chooses among sad, glad." in card.description
    assert card.memory_bytes == (Path(classifier) / "model.safetensors").stat().st_size
    assert (card.loads, card.locality, card.caution) == (True, "local", "")


def test_the_task_is_told_from_the_architecture(classifier: str, writer: str) -> None:
    assert look(writer).task == "text-generation"
    assert look(classifier).here
    assert not look("some/model").here


def test_a_model_in_the_cache_of_the_hub_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "models--ann--moods"
    (root / "refs").mkdir(parents=True)
    (root / "refs" / "main").write_text("abc\n")
    (root / "snapshots" / "abc").mkdir(parents=True)
    config = {"architectures": ["BertForTokenClassification"]}
    (root / "snapshots" / "abc" / "config.json").write_text(json.dumps(config))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    assert look("ann/moods").task == "token-classification"
    assert not look("ann/moods", "v2").here


def test_code_of_a_model_only_runs_when_it_is_said(herd: Herd, classifier: str) -> None:
    herd.add(f"hf:{classifier}", name="plain")
    herd.add(f"hf:{classifier}", name="trusted", trust_remote_code=True)
    plain, trusted = (herd.registry.find(each).card for each in ("plain", "trusted"))

    assert "trust" not in json.dumps(plain.model_dump(mode="json")).replace("trusted", "")
    assert trusted.caution == "runs code that came with the model"
    assert "Code from the model's repository runs in this process." in trusted.notes


# One for each modality --------------------------------------------------------------------------


def test_text_is_classified(herd: Herd, classifier: str) -> None:
    herd.add(f"hf:{classifier}#sentiment-analysis", name="moods")
    run = ask(herd, "moods", text=Text("the dog is good " * 40))  # longer than the model reads
    scores: Any = run.output("s1", "scores")

    assert run.status == "done", run.records["s1"].error
    assert {row["label"] for row in scores.rows} == {"sad", "glad"}
    assert sum(row["score"] for row in scores.rows) == pytest.approx(1, abs=1e-3)
    assert str(run.output("s1", "label")) == scores.rows[0]["label"]


def test_text_is_written_and_streamed(herd: Herd, writer: str) -> None:
    herd.add(f"hf:{writer}", name="writer", params={"max_new_tokens": 6, "min_new_tokens": 6})
    tokens: list[str] = []
    run = herd.run(
        one_step(herd, "writer", "message"),
        message=Text("the dog is"),
        on_event=lambda event: (
            tokens.append(str(event.data["text"])) if event.kind == "token" else None
        ),
    )
    said = str(run.output("s1"))

    assert 1 <= len(said.split()) <= 6
    assert "".join(tokens).split() == said.split()


def test_a_chat_template_is_used_where_there_is_one(herd: Herd, folder: Path) -> None:
    config = library.GPT2Config(
        vocab_size=len(WORDS), n_positions=64, n_embd=16, n_layer=1, n_head=2
    )
    words = tokenizer(eos_token="[SEP]")
    words.chat_template = "{% for m in messages %}{{ m['content'] }} {% endfor %}"
    path = saved(folder, "chatter", library.GPT2LMHeadModel(config), words)
    herd.add(f"hf:{path}", params={"max_new_tokens": 3, "min_new_tokens": 3})
    run = ask(herd, "chatter", message="the dog", system="a cat")

    assert run.status == "done", run.records["s1"].error
    assert "dog" not in str(run.output("s1")) or len(str(run.output("s1")).split()) <= 3


def test_parts_of_a_text_are_found(herd: Herd, folder: Path) -> None:
    config = bert(num_labels=2, id2label={0: "O", 1: "B-PER"})
    path = saved(folder, "names", library.BertForTokenClassification(config), tokenizer())
    herd.add(f"hf:{path}#ner")
    run = ask(herd, "names", text="Ann is in Porto")

    assert run.status == "done", run.records["s1"].error
    assert isinstance(run.output("s1"), Table)


def test_labels_may_be_given_or_fixed(herd: Herd, folder: Path) -> None:
    config = bert(num_labels=2, id2label={0: "contradiction", 1: "entailment"})
    config.label2id = {"contradiction": 0, "entailment": 1}
    path = saved(folder, "sorter", library.BertForSequenceClassification(config), tokenizer())
    herd.add(f"hf:{path}#zero-shot-classification", name="sorter")
    herd.add(f"hf:{path}#zero-shot-classification", name="fixed", labels=["happy", "bad"])
    given = ask(herd, "sorter", text="the dog is good", labels=[Text("happy"), Text("bad")])
    fixed = ask(herd, "fixed", text="the dog is good")

    assert given.output("s1", "scores") == fixed.output("s1", "scores")
    assert [port.name for port in herd.registry.find("fixed").card.inputs] == ["text"]


def test_a_gap_is_filled_and_a_vector_is_made(herd: Herd, folder: Path) -> None:
    path = saved(folder, "gaps", library.BertForMaskedLM(bert()), tokenizer())
    herd.add(f"hf:{path}", name="gaps")
    herd.add(f"hf:{path}#feature-extraction", name="vectors")
    vector: Any = ask(herd, "vectors", text="the dog").output("s1")

    assert len(ask(herd, "gaps", text="the [MASK] is good").output("s1", "scores").rows) == 5  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]
    assert isinstance(vector, Data)
    assert len(vector.value) == 16  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]


def test_a_picture_is_classified(herd: Herd, folder: Path) -> None:
    config = library.ViTConfig(
        image_size=16, patch_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, num_labels=2, id2label={0: "box", 1: "sign"},
    )  # fmt: skip
    reader = library.ViTImageProcessor(size={"height": 16, "width": 16})
    path = saved(folder, "pictures", library.ViTForImageClassification(config), reader)
    herd.add(f"hf:{path}")
    run = ask(herd, "pictures", picture=Image(png(32, 20)))

    assert run.status == "done", run.records["s1"].error
    assert str(run.output("s1", "label")) in {"box", "sign"}


def seeing(name: str, **more: Any) -> Any:
    """Return a picture model with one small layer."""
    sizes: dict[str, Any] = {
        "hidden_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 16,
        "patch_size": 16,
    }
    return getattr(library, f"{name}Config")(**{**sizes, **more})


def detector() -> list[Any]:
    config = seeing("Yolos", image_size=[32, 32], num_detection_tokens=5, num_labels=3)
    reader = library.YolosImageProcessor(size={"height": 32, "width": 32})
    return [library.YolosForObjectDetection(config), reader]


def segmenter() -> list[Any]:
    config = library.SegformerConfig(
        num_encoder_blocks=2, depths=[1, 1], sr_ratios=[2, 1], hidden_sizes=[8, 16],
        patch_sizes=[3, 3], strides=[2, 2], num_attention_heads=[1, 2], mlp_ratios=[2, 2],
        decoder_hidden_size=16, num_labels=3,
    )  # fmt: skip
    reader = library.SegformerImageProcessor(size={"height": 32, "width": 32})
    return [library.SegformerForSemanticSegmentation(config), reader]


def depths() -> list[Any]:
    config = seeing(
        "DPT", num_hidden_layers=4, image_size=32, backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[8, 8, 8, 8], fusion_hidden_size=8, is_hybrid=False,
        reassemble_factors=[4, 2, 1, 0.5],
    )  # fmt: skip
    reader = library.DPTImageProcessor(size={"height": 32, "width": 32})
    return [library.DPTForDepthEstimation(config), reader]


def voice() -> list[Any]:
    config = library.VitsConfig(
        vocab_size=len(WORDS), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, ffn_dim=16,
        flow_size=16, spectrogram_bins=16, upsample_initial_channel=16, upsample_rates=[8, 8],
        upsample_kernel_sizes=[16, 16], resblock_kernel_sizes=[3],
        resblock_dilation_sizes=[[1, 3, 5]], prior_encoder_num_flows=1,
        prior_encoder_num_wavenet_layers=1, posterior_encoder_num_wavenet_layers=1,
        wavenet_dilation_rate=1, duration_predictor_num_flows=1, depth_separable_num_layers=1,
    )  # fmt: skip
    return [library.VitsModel(config), tokenizer()]


@pytest.mark.parametrize(
    ("task", "make", "given", "kinds"),
    [
        ("object-detection", detector, {"picture": Image(png(48, 32))}, {"result": Table}),
        ("image-segmentation", segmenter, {"picture": Image(png(48, 32))}, {"masks": list}),
        ("depth-estimation", depths, {"picture": Image(png(48, 32))}, {"result": Image}),
        ("text-to-audio", voice, {"text": Text("the dog is good")}, {"result": Audio}),
    ],
)
def test_the_other_modalities(
    herd: Herd, folder: Path, task: str, make: Any, given: Any, kinds: dict[str, type]
) -> None:
    model, *parts = make()
    herd.add(f"hf:{saved(folder, task, model, *parts)}#{task}", name="one")
    run = ask(herd, "one", **given)

    assert run.status == "done", run.records["s1"].error
    for port, kind in kinds.items():
        assert isinstance(run.output("s1", port), kind)


@pytest.mark.parametrize("rate", [16_000, 8_000])
def test_speech_is_transcribed_at_the_rate_of_the_model(
    herd: Herd, folder: Path, rate: int
) -> None:
    config = library.Wav2Vec2Config(
        vocab_size=8, hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, conv_dim=(8, 8), conv_stride=(5, 4), conv_kernel=(10, 8),
        num_feat_extract_layers=2, num_conv_pos_embeddings=4, num_conv_pos_embedding_groups=2,
    )  # fmt: skip
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(
        json.dumps(
            {
                each: n
                for n, each in enumerate(["<pad>", "<s>", "</s>", "<unk>", "|", "a", "b", "c"])
            }
        )
    )
    words = library.Wav2Vec2CTCTokenizer(str(vocabulary))
    hearing = library.Wav2Vec2FeatureExtractor(sampling_rate=16_000)
    path = saved(folder, f"speech-{rate}", library.Wav2Vec2ForCTC(config), words, hearing)
    herd.add(f"hf:{path}", name="speech")
    run = ask(herd, "speech", recording=Audio(wav(0.4, rate)))
    error = run.records["s1"].error

    assert run.status == "done" or "nothing but white space" in error, error
