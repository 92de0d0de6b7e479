"""Settings: where things live and which limits hold. Read once, from arguments and environment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from herd_graph.errors import ConfigError

KIB, MIB, GIB = 1 << 10, 1 << 20, 1 << 30
_UNITS = {"b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": KIB, "mib": MIB, "gib": GIB}


def home() -> Path:
    """Return the folder for runs, artifacts and indexes: ``HERD_HOME``, or the user's data folder."""
    named = os.environ.get("HERD_HOME")
    if named:
        return Path(named).expanduser()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "herd"


def model_calls_allowed() -> bool:
    """Say whether models may be called: not under ``HERD_ALLOW_MODEL_CALLS=0`` (tests, dry runs).

    Raises:
        ConfigError: The variable holds neither yes nor no.
    """
    said = os.environ.get("HERD_ALLOW_MODEL_CALLS", "").strip().lower()
    if said in {"", "1", "true", "yes", "on"}:
        return True
    if said in {"0", "false", "no", "off"}:
        return False
    raise ConfigError(
        f"HERD_ALLOW_MODEL_CALLS is {said!r}. Expected 1 or 0. Unset it where models may be called."
    )


def parse_size(text: str | int) -> int:
    """Return a number of bytes from ``"4 GiB"``, ``"512mb"`` or an int. Raises ``ConfigError``."""
    if isinstance(text, int):
        return text
    compact = text.replace(" ", "").replace("_", "").lower()
    number = compact.rstrip("abcdefghijklmnopqrstuvwxyz")
    unit = compact[len(number) :] or "b"
    try:
        size = int(float(number) * _UNITS[unit])
    except (KeyError, ValueError, OverflowError):
        size = -1
    if size < 0:
        raise ConfigError(
            f"{text!r} is not a size. Expected a number and a unit, such as '512 MiB' or '4 GiB'."
        )
    return size


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an attachment or a payload may be, so that one bad file cannot take a machine down."""

    text_bytes: int = 16 * MIB
    image_bytes: int = 64 * MIB
    image_pixels: int = 100_000_000
    """Width times height after decoding: a decompression bomb is refused before it is decoded."""
    audio_bytes: int = 512 * MIB
    audio_seconds: float = 4 * 3600.0
    video_bytes: int = 2 * GIB
    table_bytes: int = 64 * MIB
    document_bytes: int = 64 * MIB
    data_bytes: int = 16 * MIB
    request_chars: int = 100_000
    """Characters of a request: longer texts belong into an attachment."""


@dataclass(frozen=True, kw_only=True)
class Config:
    """What a ``Herd`` is set up with."""

    home: Path = field(default_factory=home)
    limits: Limits = Limits()
    folders: tuple[Path, ...] = ()
    """Folders that attachments may come from; empty means any, as the user who runs it may read."""

    @property
    def database(self) -> Path:
        """The file that holds runs, events and checkpoints."""
        return self.home / "herd.sqlite"

    @classmethod
    def from_environment(cls) -> Config:
        """Read ``HERD_HOME`` and ``HERD_FOLDERS`` (separated as ``PATH`` is)."""
        named = os.environ.get("HERD_FOLDERS", "")
        folders = tuple(
            Path(each).expanduser().resolve() for each in named.split(os.pathsep) if each.strip()
        )
        return cls(home=home(), folders=folders)
