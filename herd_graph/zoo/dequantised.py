"""GGUF bases, de-quantised once: that takes twenty seconds of a processor, reading the result one.

What is kept lies in ``HERD_HOME/cache/bases``, four bytes for each parameter, and may be deleted at
any time. It is not kept where it would fill the disk.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from herd_graph.config import home
from herd_graph.extras import need

torch: Any = need("torch", "zoo")
_log = logging.getLogger("herd_graph")
_ROOM = 4
"""How many times its size has to be free before something is kept."""
Loaded = tuple[Any, Any]
"""A model and its tokenizer."""


def folder_of(source: Path) -> Path:
    """Return where a file's model is kept: another file, or a newer one, has another place."""
    found = source.resolve()
    told = found.stat()
    identity = f"{found} {told.st_size} {told.st_mtime_ns}"
    digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
    return home() / "cache" / "bases" / f"{source.stem}-{digest}"


def through(source: Path, convert: Callable[[], Loaded], read: Callable[[Path], Loaded]) -> Loaded:
    """Return a file's model as it was kept; else convert it, and keep it.

    Args:
        source: The quantised file.
        convert: Reads and de-quantises it, in float32.
        read: Reads a folder that ``write`` has written.
    """
    folder = folder_of(source)
    if folder.is_dir():
        try:
            return read(folder)
        except Exception as error:  # whatever the library says of damage
            _log.warning(
                "The kept base %s cannot be read (%s). It is converted again.", folder, error
            )
            shutil.rmtree(folder, ignore_errors=True)
    model, tokenizer = convert()
    try:
        write(model, tokenizer, folder)
    except Exception as error:  # without it everything works, only slower
        _log.warning(
            "The base cannot be kept in %s (%s). It will be converted again.", folder, error
        )
    return model, tokenizer


def write(model: Any, tokenizer: Any, folder: Path) -> bool:
    """Keep a model, whole or not at all; say whether there was room for it.

    transformers refuses to save what it has read from a GGUF file, though nothing in it is quantised
    any more: so its tensors are written as they are.
    """
    stored: Any = need("safetensors.torch", "zoo")
    tied = bool(getattr(model.config, "tie_word_embeddings", False))
    tensors = {
        name: tensor.detach().contiguous()
        for name, tensor in model.state_dict().items()
        if not (tied and name == "lm_head.weight")
    }
    size = sum(int(each.numel() * each.element_size()) for each in tensors.values())
    folder.parent.mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(folder.parent).free < _ROOM * size:
        _log.warning("The base is not kept in %s: the disk has no room to spare.", folder)
        return False
    settings = model.config.to_dict()
    settings.pop("quantization_config", None)  # of the file that it came from
    settings["architectures"] = [type(model).__name__]
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        stored.save_file(tensors, str(draft / "model.safetensors"), metadata={"format": "pt"})
        (draft / "config.json").write_text(
            json.dumps(settings, indent=2, default=str), encoding="utf-8"
        )
        tokenizer.save_pretrained(str(draft))
        if not folder.exists():  # another process may have been faster
            draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return True


__all__ = ("Loaded", "folder_of", "through", "write")
