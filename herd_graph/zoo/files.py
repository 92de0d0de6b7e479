"""Adapters as files: a manifest and safetensors, written in one move; peft folders as they are.

Formats that run code when they are read are refused, whatever they hold.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing
from herd_graph.extras import need
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.modules import Lora, Module, Tensor, make

MANIFEST = "adapter.json"
WEIGHTS = "adapter.safetensors"
FORMAT = 1
_PEFT_CONFIG = "adapter_config.json"
_PEFT_WEIGHTS = "adapter_model.safetensors"
_RUNS_CODE = frozenset({".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib"})
_WEIGHTS = re.compile(r"adapter[\w-]*\.safetensors")
_PEFT_KEY = re.compile(
    r"base_model\.model\.(?P<site>.+)\.(?P<part>lora_A|lora_B|ia3_l)(?:\.weight)?"
)


def save(adapter: Adapter, folder: Path) -> Path:
    """Write an adapter to a folder, whole or not at all.

    A new folder appears in one move. In one that is there the new weights are laid beside the old
    ones, and the manifest that names them is replaced in one move: whenever the machine stops, the
    folder holds the old adapter or the new one.

    Raises:
        ConfigError: The folder cannot be written: a full disk, or no permission. What was there
            before is still there.
    """
    stored = need("safetensors.torch", "zoo")
    tensors: dict[str, Tensor] = {}
    for site, module in adapter.modules.items():
        for part, tensor in module.tensors().items():
            tensors[f"module.{site}.{part}"] = tensor.detach().contiguous().clone()
    for gate, keys in adapter.keys.items():
        for site, tensor in keys.items():
            tensors[f"key.{gate}.{site}"] = tensor.detach().contiguous().clone()
    folder = Path(folder)
    draft: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        stored.save_file(tensors, str(draft / WEIGHTS))
        _flush(draft / WEIGHTS)
        digest = _hash(draft / WEIGHTS)
        # Another name than the weights that are there: until the manifest says so they are in use.
        weights = f"adapter-{digest[:16]}.safetensors" if folder.is_dir() else WEIGHTS
        manifest = {
            "format": FORMAT,
            "name": adapter.name,
            "version": adapter.version,
            "description": adapter.description,
            "base": adapter.base,
            "vocabulary": adapter.vocabulary,
            "modules": {site: module.kind for site, module in adapter.modules.items()},
            "keys": {gate: sorted(keys) for gate, keys in adapter.keys.items()},
            "weights": weights,
            "sha256": digest,
            "facts": adapter.facts,
        }
        _write(draft / MANIFEST, json.dumps(manifest, indent=2, ensure_ascii=False))
        if folder.is_dir():
            _renew(draft, folder, weights)
        else:
            draft.replace(folder)
        _flush(folder.parent)
    except Exception as error:
        if isinstance(error, OSError) or type(error).__name__ == "SafetensorError":
            raise ConfigError(
                f"Adapter {adapter.name!r} cannot be written to {str(folder)!r}: {error}. Expected "
                "a folder with room and permission to write. Nothing was changed; free some space, "
                "or name another folder."
            ) from error
        raise
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)
    return folder


def load(folder: Path, *, name: str | None = None) -> Adapter:
    """Read an adapter: ours, or one that peft saved.

    Raises:
        ModelMissing: There is none.
        ModelCorrupt: It is damaged, pickled, or of a method that no zoo can carry.
    """
    folder = Path(folder)
    if (folder / MANIFEST).is_file():
        before = (folder / MANIFEST).read_bytes()
        try:
            return _load_ours(folder, name)
        except (ModelCorrupt, ModelMissing):
            # Upgraded while it was read: its old weights are gone, its new ones are there.
            if (folder / MANIFEST).read_bytes() == before:
                raise
            return _load_ours(folder, name)
    if (folder / _PEFT_CONFIG).is_file():
        return _load_peft(folder, name)
    _refuse_pickles(folder)
    raise ModelMissing(
        f"{str(folder)!r} holds no adapter. Expected {MANIFEST!r} beside {WEIGHTS!r}, or peft's "
        f"{_PEFT_CONFIG!r} beside {_PEFT_WEIGHTS!r}. Correct the path."
    )


def is_adapter(folder: Path) -> bool:
    """Say whether a folder looks like an adapter."""
    return any((Path(folder) / each).is_file() for each in (MANIFEST, _PEFT_CONFIG))


def export_peft(adapter: Adapter, folder: Path, *, base_name: str = "") -> Path:
    """Write an adapter of LoRA modules as peft does, so that peft loads it; ranks may differ.

    Scales are folded into B already, so that alpha equals r for every layer.

    Raises:
        ModelCorrupt: It has modules that are no LoRA.
    """
    stored = need("safetensors.torch", "zoo")
    tensors: dict[str, Tensor] = {}
    ranks: dict[str, int] = {}
    for site, module in adapter.modules.items():
        if not isinstance(module, Lora):
            raise ModelCorrupt(
                f"Adapter {adapter.name!r} has a {module.kind} module at {site!r}. Expected LoRA "
                "alone: peft has no file for the rest. Merge it with rank=… first."
            )
        ranks[site] = module.rank
        tensors[f"base_model.model.{site}.lora_A.weight"] = module.a.detach().contiguous().clone()
        tensors[f"base_model.model.{site}.lora_B.weight"] = module.b.detach().contiguous().clone()
    common = max(set(ranks.values()), key=list(ranks.values()).count)
    odd = {site: rank for site, rank in ranks.items() if rank != common}
    config = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base_name,
        "r": common,
        "lora_alpha": common,
        "rank_pattern": odd,
        "alpha_pattern": odd,
        "target_modules": sorted(ranks),
        "bias": "none",
        "inference_mode": True,
    }
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stored.save_file(tensors, str(folder / _PEFT_WEIGHTS))
        _write(folder / _PEFT_CONFIG, json.dumps(config, indent=2))
    except Exception as error:
        raise ConfigError(
            f"Adapter {adapter.name!r} cannot be written to {str(folder)!r}: {error}. Expected a "
            "folder with room and permission to write. Name another folder."
        ) from error
    return folder


def _load_ours(folder: Path, name: str | None) -> Adapter:
    manifest = _json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise ModelCorrupt(
            f"{str(folder / MANIFEST)!r} has format {manifest.get('format')!r}. Expected {FORMAT}. "
            "It was written by another release: export it there and add it again."
        )
    named = manifest.get("weights", WEIGHTS)
    if not isinstance(named, str) or not _WEIGHTS.fullmatch(named):
        raise ModelCorrupt(
            f"{str(folder / MANIFEST)!r} names the weights {named!r}. Expected a file beside it, "
            f"such as {WEIGHTS!r}. Save the adapter again."
        )
    weights = folder / named
    tensors = _tensors(weights)
    if _hash(weights) != manifest.get("sha256"):
        raise ModelCorrupt(
            f"{str(weights)!r} is not the file that its manifest names (sha256 differs). Expected "
            "them to be saved together. Copy the whole folder again."
        )
    try:
        kinds = cast("Mapping[str, str]", manifest["modules"])
        label = name or str(manifest["name"])
        modules = {
            site: make(
                kind,
                {
                    key.rpartition(".")[2]: each
                    for key, each in tensors.items()
                    if key.startswith("module.") and key.rpartition(".")[0] == f"module.{site}"
                },
                f"Adapter {label!r}, layer {site!r}",
            )
            for site, kind in kinds.items()
        }
        gates = cast("Mapping[str, list[str]]", manifest.get("keys") or {})
        keys = {
            gate: {site: tensors[f"key.{gate}.{site}"] for site in sites}
            for gate, sites in gates.items()
        }
        return Adapter(
            name=label,
            modules=modules,
            version=int(manifest["version"]),
            description=str(manifest.get("description") or ""),
            base=str(manifest.get("base") or ""),
            vocabulary=str(manifest.get("vocabulary") or ""),
            keys=keys,
            facts=dict(manifest.get("facts") or {}),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelCorrupt(
            f"{str(folder / MANIFEST)!r} cannot be understood: {error!r}. Expected what "
            "ExpertZoo.save writes. Save the adapter again."
        ) from error


def _load_peft(folder: Path, name: str | None) -> Adapter:
    config = _json(folder / _PEFT_CONFIG)
    if not (folder / _PEFT_WEIGHTS).is_file():
        _refuse_pickles(folder)
    tensors = _tensors(folder / _PEFT_WEIGHTS)
    label = name or re.sub(r"\W+", "_", folder.name).strip("_").lower() or "adapter"
    method = str(config.get("peft_type") or "")
    if method not in {"LORA", "IA3"}:
        raise ModelCorrupt(
            f"{str(folder)!r} is a peft adapter of type {method!r}. Expected 'LORA' or 'IA3': a zoo "
            "carries nothing else from peft. Convert it, or train a bottleneck."
        )
    if config.get("use_dora"):
        raise ModelCorrupt(
            f"{str(folder)!r} uses DoRA, which rescales the base's own weights. Expected plain LoRA "
            "or rank-stabilised LoRA. Merge it into a base of its own instead."
        )
    if config.get("bias", "none") != "none":
        raise ModelCorrupt(
            f"{str(folder)!r} trained biases too (bias={config['bias']!r}). Expected bias='none': a "
            "zoo adds to layers and never rewrites them. Train it again without."
        )
    parts: dict[str, dict[str, Tensor]] = {}
    for key, tensor in tensors.items():
        match = _PEFT_KEY.fullmatch(key)
        if match is None:
            raise ModelCorrupt(
                f"{str(folder / _PEFT_WEIGHTS)!r} holds a tensor {key!r}. Expected lora_A, lora_B "
                "or ia3_l alone. Save it without embeddings and heads (modules_to_save)."
            )
        parts.setdefault(match["site"], {})[match["part"]] = tensor
    modules = {
        site: _from_peft(site, each, config, f"Adapter {label!r}, layer {site!r}")
        for site, each in parts.items()
    }
    return Adapter(
        name=label,
        modules=modules,
        facts={"source": "peft", "trained_on": str(config.get("base_model_name_or_path") or "")},
    )


def _from_peft(
    site: str, parts: Mapping[str, Tensor], config: Mapping[str, Any], where: str
) -> Module:
    if "ia3_l" in parts:
        inner = _named(site, config.get("feedforward_modules") or [])
        scale = parts["ia3_l"].reshape(-1)
        return make("ia3_inner" if inner else "ia3", {"scale": scale}, where)
    if set(parts) != {"lora_A", "lora_B"}:
        raise ModelCorrupt(
            f"{where} has {sorted(parts)} alone. Expected lora_A and lora_B. The file is incomplete."
        )
    rank = int(_pattern(site, config.get("rank_pattern") or {}, config.get("r", 8)))
    alpha = float(_pattern(site, config.get("alpha_pattern") or {}, config.get("lora_alpha", 8)))
    if parts["lora_A"].shape[0] != rank:
        raise ModelCorrupt(
            f"{where} has rank {parts['lora_A'].shape[0]} in the file and {rank} in "
            f"{_PEFT_CONFIG!r}. Expected one rank. The two files are not of one adapter."
        )
    scale = alpha / (math.sqrt(rank) if config.get("use_rslora") else rank)
    return make("lora", {"a": parts["lora_A"], "b": parts["lora_B"] * scale}, where)


def _named(site: str, wanted: Any) -> bool:
    if isinstance(wanted, str):
        return re.fullmatch(wanted, site) is not None
    return any(site == each or site.endswith(f".{each}") for each in wanted)


def _pattern(site: str, patterns: Mapping[str, Any], default: Any) -> Any:
    """Look a layer up as peft does: a pattern is the end of its name, or a regular expression."""
    for pattern, value in patterns.items():
        if re.fullmatch(rf"(.*\.)?({pattern})", site):
            return value
    return default


def _refuse_pickles(folder: Path) -> None:
    found = sorted(each.name for each in folder.glob("*") if each.suffix in _RUNS_CODE)
    if found:
        raise ModelCorrupt(
            f"{str(folder)!r} holds {found[0]!r}, a pickled file, which runs code when it is read; it "
            "was not opened. Expected safetensors. Save it with safe_serialization=True."
        )


def _tensors(path: Path) -> dict[str, Tensor]:
    stored = need("safetensors.torch", "zoo")
    if not path.is_file():
        raise ModelMissing(
            f"{str(path)!r} is not there. Expected the weights beside their manifest. Copy the "
            "whole folder again."
        )
    try:
        return cast("dict[str, Tensor]", stored.load_file(str(path)))
    except Exception as error:
        raise ModelCorrupt(
            f"{str(path)!r} is no safetensors file: {error}. Expected what its name says. It is "
            "truncated, or a pickle under another name; it was not loaded."
        ) from error


def _json(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelCorrupt(
            f"{str(path)!r} cannot be read: {error}. Expected a JSON object. Save the adapter again."
        ) from error
    if not isinstance(found, dict):
        raise ModelCorrupt(
            f"{str(path)!r} holds no JSON object. Expected a manifest. Save the adapter again."
        )
    return cast("dict[str, Any]", found)


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as writer:
        writer.write(text)
        writer.flush()
        os.fsync(writer.fileno())


def _renew(draft: Path, folder: Path, weights: str) -> None:
    """Put a draft's files into a folder that holds an adapter already."""
    (draft / WEIGHTS).replace(folder / weights)
    _flush(folder)
    (draft / MANIFEST).replace(folder / MANIFEST)  # from here on the folder is the new adapter
    for each in folder.iterdir():
        stale = _WEIGHTS.fullmatch(each.name) and each.name != weights
        if stale or each.name == _PEFT_CONFIG:  # and nothing else that somebody keeps there
            each.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk before what relies on them is written."""
    try:
        opened = os.open(path, os.O_RDONLY)
    except OSError:  # Windows opens no folders, and keeps their names in order by itself
        return
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _hash(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


__all__ = ("FORMAT", "MANIFEST", "WEIGHTS", "export_peft", "is_adapter", "load", "save")
