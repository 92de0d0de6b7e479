"""The manifest of weights: files are found, checked once, and refused when they are wrong."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph import weights
from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.weights import Manifest

CONTENT = b"weights " * 1000


def manifest(folder: Path, *, path: str = "data/model.onnx", **changes: object) -> Manifest:
    """Write a manifest of one model that the package 'herd_fake_model' carries."""
    table: dict[str, object] = {
        "description": "A model",
        "licence": "MIT",
        "package": "herd-fake-model",
        "version": "1.0",
        "module": "herd_fake_model",
        "install": "pip install herd-fake-model==1.0",
        "hub": "https://example.org/fake",
        "movable": True,
        **changes,
    }
    digest = hashlib.sha256(CONTENT).hexdigest()
    lines = [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    lines.append(f'files = [{{ path = "{path}", size = {len(CONTENT)}, sha256 = "{digest}" }}]')
    target = folder / "models.toml"
    target.write_text("[fake]\n" + "\n".join(lines), encoding="utf-8")
    return Manifest.read(target)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a package that carries weights; importing it fails, as some do."""
    module = tmp_path / "site" / "herd_fake_model"
    (module / "data").mkdir(parents=True)
    (module / "__init__.py").write_text("raise ImportError('needs a compiler')")
    (module / "data" / "model.onnx").write_bytes(CONTENT)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])
    return module


def test_weights_are_found_without_importing_their_package(tmp_path: Path, package: Path):
    model = manifest(tmp_path)["fake"]

    assert model.locate() == package
    assert model.file(".onnx") == package / "data" / "model.onnx"
    assert model.missing() == ""
    assert "herd_fake_model" not in sys.modules


def test_a_changed_byte_is_refused(tmp_path: Path, package: Path):
    model = manifest(tmp_path)["fake"]
    model.locate()
    (package / "data" / "model.onnx").write_bytes(b"W" + CONTENT[1:])

    with pytest.raises(ModelCorrupt, match=r"model\.onnx.*sha256.*pip install herd-fake-model"):
        model.locate()


def test_a_truncated_file_is_refused_by_its_size(tmp_path: Path, package: Path):
    (package / "data" / "model.onnx").write_bytes(CONTENT[:-1])

    with pytest.raises(ModelCorrupt, match=r"7999 bytes\. Expected 8000 bytes"):
        manifest(tmp_path)["fake"].locate()


def test_a_vanished_source_names_the_others(tmp_path: Path, herd_home: Path):
    model = manifest(tmp_path, module="herd_never_installed")["fake"]

    with pytest.raises(ModelMissing) as caught:
        model.locate()

    assert "'fake'" in str(caught.value)
    assert "pip install herd-fake-model==1.0" in str(caught.value)
    assert str(herd_home / "models" / "fake") in str(caught.value)
    assert "https://example.org/fake" in str(caught.value)


def test_files_may_lie_in_the_users_folder(tmp_path: Path, herd_home: Path):
    model = manifest(tmp_path, module="herd_never_installed")["fake"]
    target = herd_home / "models" / "fake" / "data" / "model.onnx"
    target.parent.mkdir(parents=True)
    target.write_bytes(CONTENT)

    assert model.locate() == herd_home / "models" / "fake"


def test_a_model_that_cannot_move_does_not_offer_that(tmp_path: Path, herd_home: Path):
    model = manifest(tmp_path, module="herd_never_installed", movable=False)["fake"]

    assert str(herd_home) not in model.missing()


def test_a_missing_runtime_is_named_with_its_command(tmp_path: Path, package: Path):
    model = manifest(tmp_path, needs=["herd_no_runtime"])["fake"]

    with pytest.raises(
        ModelMissing, match=r"'herd_no_runtime' is not installed\. Run: pip install"
    ):
        model.locate()


def test_a_file_is_hashed_once_even_by_the_next_process(
    tmp_path: Path, package: Path, herd_home: Path, monkeypatch: pytest.MonkeyPatch
):
    hashed: list[Path] = []
    real = weights._hash

    def counted(path: Path) -> str:
        hashed.append(path)
        return real(path)

    monkeypatch.setattr(weights, "_hash", counted)
    model = manifest(tmp_path)["fake"]
    model.locate()
    model.locate()
    monkeypatch.setattr(weights, "_checked", weights._Checked())  # as a new process begins
    model.locate()

    assert len(hashed) == 1
    assert list(json.loads((herd_home / "verified.json").read_text()).values()) == [
        hashlib.sha256(CONTENT).hexdigest()
    ]


@pytest.mark.parametrize("content", ["", "[]", "{broken", '{"a": 1}', "\x00"])
def test_a_spoiled_cache_only_costs_a_hash(
    tmp_path: Path, package: Path, herd_home: Path, content: str
):
    herd_home.mkdir()
    (herd_home / "verified.json").write_text(content)

    assert manifest(tmp_path)["fake"].locate() == package


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_cannot_be_written_does_not_matter(
    tmp_path: Path, package: Path, herd_home: Path
):
    herd_home.mkdir(mode=0o500)

    assert manifest(tmp_path)["fake"].locate() == package


@pytest.mark.parametrize("name", ["model.pth", "a/model.PKL", "weights.pickle", "x.ckpt", "m.pt"])
def test_formats_that_run_code_are_refused(tmp_path: Path, name: str):
    with pytest.raises(ConfigError, match="runs code"):
        manifest(tmp_path, path=name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "a/../b.onnx"])
def test_paths_that_lead_out_are_refused(tmp_path: Path, name: str):
    with pytest.raises(ConfigError, match="below its module"):
        manifest(tmp_path, path=name)


@pytest.mark.parametrize("text", ["[broken", "a = 1", "[m]\nfiles = []", "[m]\nlicence = 'MIT'"])
def test_what_is_no_manifest_says_so(tmp_path: Path, text: str):
    target = tmp_path / "models.toml"
    target.write_text(text)

    with pytest.raises(ConfigError, match="is no manifest of models"):
        Manifest.read(target)


def test_an_unknown_model_suggests_the_nearest(tmp_path: Path):
    found = manifest(tmp_path)

    assert "fake" in found
    assert "fkae" not in found
    with pytest.raises(ModelMissing, match="Did you mean 'fake'"):
        _ = found["fkae"]


@given(st.binary(max_size=200))
def test_only_the_very_same_bytes_pass(tmp_path_factory: pytest.TempPathFactory, content: bytes):
    folder = tmp_path_factory.mktemp("model")
    model = manifest(folder, module="herd_never_installed")["fake"]
    target = model.own_folder / "data" / "model.onnx"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)

    with pytest.raises(ModelCorrupt):
        model.locate()
