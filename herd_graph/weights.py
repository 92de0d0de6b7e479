"""Which files a model is made of: where they come from, and whether they are the right ones.

A manifest (TOML) names for each model the package that carries its weights, other places to get
them, the size and sha256 of every file, and the licence. Files are checked when the model is
loaded. Hashing a hundred megabytes costs a quarter of a second, so a result is remembered by path,
size and modification time, in memory and in ``verified.json`` in HERD's home folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import threading
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from herd_graph.config import home
from herd_graph.errors import ConfigError, ModelCorrupt, ModelMissing, suggest
from herd_graph.extras import present, spec_of

# Formats that run code when they are read never become part of a manifest.
_RUNS_CODE = (".pickle", ".pkl", ".pth", ".pt", ".ckpt", ".joblib")


class WeightFile(BaseModel):
    """One file of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    """Relative to the module that carries it, with forward slashes."""
    size: int = Field(ge=0)
    """Bytes."""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")


class Model(BaseModel):
    """What the manifest says of one model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    description: str
    licence: str
    """Of the weights; ``not stated`` where nobody says."""
    package: str
    """The distribution that carries the weights, as pip knows it."""
    version: str
    module: str
    """The module whose folder holds the files. It is found, never imported."""
    needs: tuple[str, ...] = ()
    """Modules that run the model."""
    install: str
    """The command that brings the weights and what runs them."""
    hub: str = ""
    """Where the weights come from originally, for people who have a network."""
    movable: bool = False
    """The files may also lie in ``HERD_HOME/models/<name>/``."""
    files: tuple[WeightFile, ...] = Field(min_length=1)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(each.size for each in self.files)

    @property
    def own_folder(self) -> Path:
        """Where a person may put the files when the package has vanished."""
        return home() / "models" / self.name

    def missing(self) -> str:
        """Say why the model cannot be loaded; empty when nothing is missing. Hashes nothing."""
        absent = [each for each in self.needs if not present(each)]
        if absent:
            listed = ", ".join(repr(each) for each in absent)
            return f"Python module {listed} is not installed. Run: {self.install}"
        if self._find() is None:
            return self._nowhere()
        return ""

    def locate(self) -> Path:
        """Return the folder that ``files`` are relative to, once every file has been checked.

        Raises:
            ModelMissing: A module is not installed, or no source has all files.
            ModelCorrupt: A file is not the one that the manifest names.
        """
        reason = self.missing()
        if reason:
            raise ModelMissing(f"Model {self.name!r} cannot be loaded: {reason}")
        folder = self._find()
        assert folder is not None
        for each in self.files:
            self._verify(folder / each.path, each)
        return folder

    def file(self, suffix: str) -> Path:
        """Return the checked path of the one file whose path ends with ``suffix``."""
        folder = self.locate()
        return next(folder / each.path for each in self.files if each.path.endswith(suffix))

    def _find(self) -> Path | None:
        folders = [self.own_folder] if self.movable else []
        packaged = _folder_of(self.module)
        if packaged is not None:
            folders.insert(0, packaged)
        return next(
            (
                folder
                for folder in folders
                if all((folder / each.path).is_file() for each in self.files)
            ),
            None,
        )

    def _nowhere(self) -> str:
        count = len(self.files)
        sources = [f"package {self.package!r} {self.version} ({self.install})"]
        if self.movable:
            sources.append(f"folder {str(self.own_folder)!r}")
        if self.hub:
            sources.append(f"its origin, {self.hub}")
        listed = "; ".join(sources)
        return (
            f"no source holds its {count} file{'s' if count != 1 else ''} ({self.files[0].path!r}"
            f"{' …' if count > 1 else ''}). Sources, any one will do: {listed}."
        )

    def _verify(self, path: Path, expected: WeightFile) -> None:
        size = path.stat().st_size
        found = _checked.sha256(path) if size == expected.size else ""
        if found != expected.sha256:
            have = f"sha256 {found[:12]}…" if found else f"{size} bytes"
            want = f"sha256 {expected.sha256[:12]}…" if found else f"{expected.size} bytes"
            raise ModelCorrupt(
                f"{str(path)!r} of model {self.name!r} has {have}. Expected {want}, as the "
                "manifest says. It is damaged or another version; it is not loaded. Install it "
                f"again: {self.install} --force-reinstall"
            )


class Manifest:
    """The models of one manifest file, by name: ``manifest["whisper-tiny-en"].locate()``."""

    def __init__(self, models: Mapping[str, Model], source: str = "") -> None:
        self._models = dict(models)
        self._source = source

    @classmethod
    def read(cls, path: Path) -> Manifest:
        """Read a manifest. Raises ``ConfigError``."""
        try:
            tables = tomllib.loads(path.read_text(encoding="utf-8"))
            models = {
                name: Model.model_validate({"name": name, **table})
                for name, table in tables.items()
            }
        except (OSError, ValueError, TypeError, ValidationError) as error:
            raise ConfigError(
                f"{str(path)!r} is no manifest of models: {error}. Expected a TOML table for each "
                "model with description, licence, package, version, module, install and files."
            ) from error
        for model in models.values():
            for each in model.files:
                _safe(path, model.name, each.path)
        return cls(models, str(path))

    def __getitem__(self, name: str) -> Model:
        try:
            return self._models[name]
        except KeyError:
            raise ModelMissing(
                f"Model {name!r} is not in the manifest {self._source!r}. "
                f"{suggest(name, self._models, what='It names')}"
            ) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __contains__(self, name: object) -> bool:
        return name in self._models

    def __len__(self) -> int:
        return len(self._models)


def _safe(manifest: Path, model: str, path: str) -> None:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\\" in path:
        raise ConfigError(
            f"Model {model!r} in {str(manifest)!r} names the file {path!r}. Expected a path below "
            "its module, without '..'. Correct the manifest."
        )
    if path.lower().endswith(_RUNS_CODE):
        raise ConfigError(
            f"Model {model!r} in {str(manifest)!r} names {path!r}, a format that runs code when it "
            "is read. Expected ONNX, GGUF, safetensors or a plain binary. Convert the weights."
        )


def _folder_of(module: str) -> Path | None:
    """Find a module's folder without importing it: some import more than is installed."""
    spec = spec_of(module)
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent


class _Checked:
    """Remembers the sha256 of files that have not changed since."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[Path, dict[str, str]] = {}

    def sha256(self, path: Path) -> str:
        stat = path.stat()
        key = f"{path.resolve()}|{stat.st_size}|{stat.st_mtime_ns}"
        store = home() / "verified.json"
        with self._lock:
            known = self._known.setdefault(store, _read(store))
            if key not in known:
                known[key] = _hash(path)
                _write(store, known)
            return known[key]


def _hash(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()


def _read(store: Path) -> dict[str, str]:
    try:
        found = json.loads(store.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    pairs = cast("dict[object, object]", found)
    return {str(key): str(value) for key, value in pairs.items()}


def _write(store: Path, known: Mapping[str, str]) -> None:
    """Replace the file in one move. A home that cannot be written only costs the next process."""
    draft = None
    try:
        store.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=store.parent, prefix=".verified-")
        with os.fdopen(handle, "w", encoding="utf-8") as writer:
            json.dump(known, writer, indent=0)
        Path(draft).replace(store)
    except OSError:
        if draft is not None:  # a full disk must not be littered besides
            Path(draft).unlink(missing_ok=True)


_checked = _Checked()
