"""A base that was de-quantised is kept, read again bit for bit, and never in anybody's way."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from zoo_base import tiny_base

from herd_graph.zoo.base import Base
from herd_graph.zoo.dequantised import Loaded, folder_of, through

torch: Any = import_module("torch")


class Usage(NamedTuple):
    total: int
    used: int
    free: int


def full(path: object) -> Usage:
    del path
    return Usage(100, 99, 1)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "model.gguf"
    path.write_bytes(b"quantised")
    return path


@pytest.fixture
def convert() -> tuple[Callable[[], Loaded], list[str]]:
    made: list[str] = []

    def act() -> Loaded:
        made.append("converted")
        base = tiny_base(5)
        base.model.config.quantization_config = {
            "quant_method": "gguf"
        }  # as transformers leaves it
        return base.model, base.tokenizer

    return act, made


def read(folder: Path) -> Loaded:
    opened = Base.open(folder)
    return opened.model, opened.tokenizer


def test_a_base_is_converted_once_and_read_bit_for_bit(source: Path, convert: Any) -> None:
    act, made = convert
    first = Base(model=through(source, act, read)[0], tokenizer=tiny_base(5).tokenizer)
    model, tokenizer = through(source, act, read)
    again = Base(model=model, tokenizer=tokenizer)

    assert made == ["converted"]
    assert again.fingerprint == first.fingerprint
    assert again.encode(["the cat."]) == first.encode(["the cat."])
    ids = torch.tensor(first.encode(["the cat."]))
    with torch.inference_mode():
        assert torch.equal(first.model(ids).logits, again.model(ids).logits)
    source.write_bytes(b"another release")
    through(source, act, read)
    assert made == ["converted"] * 2


def test_a_kept_base_that_is_damaged_is_made_again(
    source: Path, convert: Any, caplog: pytest.LogCaptureFixture
) -> None:
    act, made = convert
    through(source, act, read)
    (folder_of(source) / "model.safetensors").write_bytes(b"half")
    with caplog.at_level(logging.WARNING, "herd_graph"):
        through(source, act, read)
    through(source, act, read)

    assert made == ["converted"] * 2
    assert "converted again" in caplog.text


def test_where_there_is_no_room_it_serves_and_keeps_nothing(
    source: Path, convert: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    act, made = convert
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", full)
        assert through(source, act, read)[0] is not None
        assert not folder_of(source).exists()
    folder_of(source).parent.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(folder_of(source).parent, ignore_errors=True)
    folder_of(source).parent.write_text("a file is in the way")
    assert through(source, act, read)[0] is not None
    assert made == ["converted"] * 2
