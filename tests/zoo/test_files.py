"""Adapters as files: round trips, peft's own folders, and everything that must not be loaded."""

from __future__ import annotations

import json
import resource
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from zoo_base import lora, mixed_kinds

from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.zoo.base import Base
from herd_graph.zoo.files import MANIFEST, WEIGHTS, export_peft, load, save
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

TEXTS = ["the cat sleeps.", "a dog, a bird"]


def test_a_saved_adapter_is_the_same_again(base: Base, tmp_path: Path) -> None:
    keys = {"phatgoose": {site: torch.randn(32) for site in base.sites("mlp")}}
    adapter = replace(
        mixed_kinds(base), description="odd", keys=keys, facts={"steps": 3}, vocabulary="v"
    )

    again = load(save(adapter, tmp_path / "odd"))

    assert (again.name, again.description, again.facts) == ("mixed", "odd", {"steps": 3})
    assert (again.base, again.vocabulary) == (base.fingerprint, "v")
    assert {s: m.kind for s, m in again.modules.items()} == {
        s: m.kind for s, m in adapter.modules.items()
    }
    for site, module in adapter.modules.items():
        for part, tensor in module.tensors().items():
            assert torch.equal(again.modules[site].tensors()[part], tensor)
    assert torch.equal(
        again.keys["phatgoose"][base.sites("mlp")[1]], keys["phatgoose"][base.sites("mlp")[1]]
    )


@pytest.mark.parametrize("method", ["lora", "rslora", "patterns", "ia3"])
def test_an_ordinary_peft_folder_gives_what_peft_gives(
    base: Base, tmp_path: Path, method: str
) -> None:
    peft = pytest.importorskip("peft")
    transformers: Any = import_module("transformers")

    own = transformers.LlamaForCausalLM(base.model.config)
    own.load_state_dict(base.model.state_dict())
    if method == "ia3":
        config = peft.IA3Config(
            target_modules=["k_proj", "down_proj"], feedforward_modules=["down_proj"]
        )
    else:
        config = peft.LoraConfig(
            r=4,
            lora_alpha=10,
            target_modules=["q_proj", "up_proj"],
            use_rslora=method == "rslora",
            rank_pattern={"layers.0.self_attn.q_proj": 2} if method == "patterns" else {},
            alpha_pattern={"up_proj": 3} if method == "patterns" else {},
        )
    wrapped = peft.get_peft_model(own, config)
    torch.manual_seed(3)
    with torch.no_grad():
        for name, parameter in wrapped.named_parameters():
            if parameter.requires_grad:
                parameter.add_(0.3 * torch.randn_like(parameter), alpha=1.0)
                assert "lora" in name or "ia3" in name
    wrapped.save_pretrained(str(tmp_path / "theirs"))

    zoo = ExpertZoo(base)
    zoo.add(tmp_path / "theirs")

    for text in TEXTS:
        ids = torch.tensor(base.encode([text]))
        with torch.inference_mode():
            logits = wrapped(input_ids=ids).logits[0].float()
        wanted = logits[:-1].log_softmax(1).gather(1, ids[0, 1:, None])[:, 0].double().numpy()
        found = zoo.score([text], use="theirs")[0].logprobs
        np.testing.assert_allclose(found, wanted, atol=1e-4)


def test_what_is_exported_is_loaded_by_peft_with_its_different_ranks(
    base: Base, tmp_path: Path
) -> None:
    peft = pytest.importorskip("peft")
    transformers: Any = import_module("transformers")

    small, large = lora(base, "s", seed=1, rank=2), lora(base, "l", seed=2, rank=6)
    modules = {
        s: (small if index % 2 else large).modules[s] for index, s in enumerate(small.modules)
    }
    adapter = replace(small, modules=modules)
    export_peft(adapter, tmp_path / "out")

    own = transformers.LlamaForCausalLM(base.model.config)
    own.load_state_dict(base.model.state_dict())
    theirs = peft.PeftModel.from_pretrained(own, str(tmp_path / "out"))
    ids = torch.tensor(base.encode([TEXTS[0]]))
    with torch.inference_mode():
        logits = theirs(input_ids=ids).logits[0].float()
    wanted = logits[:-1].log_softmax(1).gather(1, ids[0, 1:, None])[:, 0].double().numpy()

    zoo = ExpertZoo(base, [adapter])
    np.testing.assert_allclose(zoo.score([TEXTS[0]], use="s")[0].logprobs, wanted, atol=1e-4)
    again = ExpertZoo(base)
    again.add(tmp_path / "out", name="s")
    np.testing.assert_allclose(again.score([TEXTS[0]], use="s")[0].logprobs, wanted, atol=1e-4)


def test_nan_weights_are_refused(base: Base, tmp_path: Path) -> None:
    adapter = lora(base, "a", seed=1)
    site = next(iter(adapter.modules))
    adapter.modules[site].tensors()["a"][0, 0] = float("nan")

    with pytest.raises(ModelCorrupt, match="NaN or infinity"):
        load(save(adapter, tmp_path / "a"))


def test_ranks_that_differ_are_refused(base: Base, tmp_path: Path) -> None:
    adapter, other = lora(base, "a", seed=1, rank=4), lora(base, "b", seed=1, rank=3)
    site = next(iter(adapter.modules))
    odd: Any = type(adapter.modules[site])
    broken: Any = odd(a=adapter.modules[site].tensors()["a"], b=other.modules[site].tensors()["b"])
    with pytest.raises(ModelCorrupt, match=r"rank 4 and 'b' has rank 3"):
        load(save(replace(adapter, modules={site: broken}), tmp_path / "a"))


def test_peft_ranks_that_the_config_denies_are_refused(base: Base, tmp_path: Path) -> None:
    folder = export_peft(lora(base, "a", seed=1, rank=4), tmp_path / "a")
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, "r": 8}))

    with pytest.raises(ModelCorrupt, match="rank 4 in the file and 8"):
        load(folder)


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (tmp_path / "ran",))

    for folder in ("peft", "bare"):
        (tmp_path / folder).mkdir()
        torch.save({"x": Evil()}, tmp_path / folder / "adapter_model.bin")
    (tmp_path / "peft" / "adapter_config.json").write_text('{"peft_type": "LORA"}')
    for folder in ("peft", "bare"):
        with pytest.raises(ModelCorrupt, match="runs code when it is read; it was not opened"):
            load(tmp_path / folder)
    torch.save({"x": Evil()}, tmp_path / "peft" / "adapter_model.safetensors")
    with pytest.raises(ModelCorrupt, match="no safetensors file"):
        load(tmp_path / "peft")

    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"peft_type": "PREFIX_TUNING"}, "Expected 'LORA' or 'IA3'"),
        ({"use_dora": True}, "DoRA"),
        ({"bias": "all"}, "trained biases"),
    ],
)
def test_what_no_zoo_can_carry_is_told(
    base: Base, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    folder = export_peft(lora(base, "a", seed=1), tmp_path / "a")
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps({**config, **change}))

    with pytest.raises(ModelCorrupt, match=told):
        load(folder)


def test_damaged_files_are_told(base: Base, tmp_path: Path) -> None:
    folder = save(lora(base, "a", seed=1), tmp_path / "a")
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelCorrupt, match="no safetensors file"):
        load(folder)
    (folder / WEIGHTS).write_bytes(whole[:-1] + b"\x07")
    with pytest.raises(ModelCorrupt, match="sha256 differs"):
        load(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(ModelMissing, match="not there"):
        load(folder)
    (folder / MANIFEST).write_text("[1]")
    with pytest.raises(ModelCorrupt, match="no JSON object"):
        load(folder)
    with pytest.raises(ModelMissing, match="holds no adapter"):
        load(tmp_path / "nothing")


def test_a_full_disk_leaves_what_was_there(base: Base, tmp_path: Path) -> None:
    folder = save(lora(base, "a", seed=1), tmp_path / "a")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))  # writing on fails, as when full
    try:
        with pytest.raises(ConfigError, match="Nothing was changed"):
            save(lora(base, "b", seed=2), folder)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert load(folder).name == "a"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("survived", range(4))
@pytest.mark.parametrize("before", ["ours", "peft"])
def test_an_upgrade_that_is_cut_short_leaves_the_old_adapter_or_the_new_one(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int, before: str
) -> None:
    """Power fails after so many renames and removals: nothing is lost, and nothing half written."""

    class PowerFailure(BaseException):
        pass

    left = [survived]

    def failing(own: Any) -> Any:
        def act(*args: Any, **options: Any) -> Any:
            if not left[0]:
                raise PowerFailure
            left[0] -= 1
            return own(*args, **options)

        return act

    old, new = lora(base, "a", seed=1), lora(base, "a", seed=2)
    folder = (save if before == "ours" else export_peft)(old, tmp_path / "a")
    (folder / "notes.txt").write_text("somebody's own")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", failing(Path.replace))
        patch.setattr(Path, "unlink", failing(Path.unlink))
        with suppress(PowerFailure):
            save(new, folder)

    def same(found: Any, wanted: Any) -> bool:
        return all(
            torch.equal(module.tensors()[part], tensor)
            for site, module in found.modules.items()
            for part, tensor in wanted.modules[site].tensors().items()
        )

    assert same(load(folder), new if survived > 1 else old)
    save(new, folder)
    assert same(load(folder), new)
    names = sorted(each.name for each in folder.iterdir() if each.suffix != ".safetensors")
    assert names == ["adapter.json", "notes.txt"]
    assert len(list(folder.glob("*.safetensors"))) == 1


def test_weights_are_named_beside_their_manifest_and_nowhere_else(
    base: Base, tmp_path: Path
) -> None:
    folder = save(lora(base, "a", seed=1), tmp_path / "a")
    manifest = json.loads((folder / MANIFEST).read_text())
    (folder / MANIFEST).write_text(json.dumps({**manifest, "weights": "../b/adapter.safetensors"}))

    with pytest.raises(ModelCorrupt, match="names the weights"):
        load(folder)


def test_a_folder_that_cannot_be_written_is_told(base: Base, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ConfigError, match="cannot be written"):
        save(lora(base, "a", seed=1), tmp_path / "file" / "a")
