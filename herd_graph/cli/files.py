"""Say where produced files are, and save them where the user wants them."""

from __future__ import annotations

import contextlib
import hashlib
import mimetypes
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from herd_graph.errors import ConfigError, HerdError
from herd_graph.types import ArtifactRef, JSONObject, Kind

if TYPE_CHECKING:
    from herd_graph.store import ArtifactStore

_FILES = {Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.TABLE, Kind.DOCUMENT}
_EXTENSIONS = {
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/mpeg": ".mp3",
    "image/jpeg": ".jpg",
    "text/csv": ".csv",
    "application/vnd.herd.table+json": ".json",
}
_MOST_CHARS = 100


@dataclass(frozen=True, kw_only=True)
class Produced:
    """A file that the answer consists of, and where it is."""

    ref: ArtifactRef
    name: str
    path: Path | None
    """None where the store holds no local file of it."""
    saved: bool

    def dump(self) -> JSONObject:
        """Return it as JSON."""
        return {
            "id": self.ref.id,
            "kind": self.ref.kind.value,
            "mime": self.ref.mime,
            "name": self.name,
            "path": str(self.path) if self.path is not None else None,
            "saved": self.saved,
        }

    def __str__(self) -> str:
        where = str(self.path) if self.path is not None else f"artifact {self.ref.id}"
        return f"{'saved as' if self.saved else 'kept at'} {where}"


def produced(refs: Sequence[ArtifactRef], store: ArtifactStore, out: Path | None) -> list[Produced]:
    """Return the files among an answer's artifacts, saved into ``out`` if it is given.

    Text and data are part of the printed answer and become no files.

    Raises:
        ConfigError: ``out`` cannot be written.
    """
    seen: dict[str, Produced] = {}
    for ref in refs:
        made = bool(ref.provenance.expert or ref.provenance.step)
        # Text that has a name was made as a file: a table as JSON or Markdown.
        filed = ref.kind in _FILES or (out is not None and bool(ref.name))
        if not filed or not made or ref.id in seen:
            continue
        name = file_name(ref)
        kept = _local(ref, store, wanted=out is not None)
        if out is None or kept is None:
            seen[ref.id] = Produced(ref=ref, name=name, path=kept, saved=False)
        else:
            path = save(kept, out, name)
            seen[ref.id] = Produced(ref=ref, name=path.name, path=path, saved=True)
    return list(seen.values())


def _local(ref: ArtifactRef, store: ArtifactStore, *, wanted: bool) -> Path | None:
    """Return a local file of an artifact's bytes; None where there is none, and none is ``wanted``.

    Small texts are held in their reference alone: the store gets those that are to be saved.
    """
    try:
        if wanted and ref.inline is not None and not store.holds(ref.id):
            return store.local_path(store.put(ref.inline.encode()))
        return store.local_path(ref.id)
    except (HerdError, OSError):
        return None  # inline in its reference, or deleted since


def file_name(ref: ArtifactRef) -> str:
    """Return a plain file name for an artifact, whatever an expert called it.

    No folders, no control characters, no leading dots or dashes: the name comes from a model.
    """
    bare = ref.name.replace("\\", "/").rpartition("/")[2]
    safe = re.sub(r"[^\w.+ -]", "_", bare).strip(" .-_")
    suffix = _EXTENSIONS.get(ref.mime) or mimetypes.guess_extension(ref.mime) or ".bin"
    if not safe:
        expert = re.sub(r"[^\w-]", "", ref.provenance.expert.partition("@")[0])
        safe = f"{expert or ref.kind.value}{suffix}"
    stem, dot, ending = safe.rpartition(".")
    if not dot or not stem:
        stem, ending = safe, suffix.removeprefix(".")
    return f"{stem[: _MOST_CHARS - len(ending)]}.{ending[:16]}"


def save(source: Path, folder: Path, name: str) -> Path:
    """Copy a file into a folder under a name that is free, and return where it is.

    A file of that name with the very same content is taken as it is, so that asking twice gives
    the same answer. Anything else is left alone: ``name.wav`` becomes ``name-2.wav``.

    Raises:
        ConfigError: The folder cannot be made or written.
    """
    stem, _, ending = name.rpartition(".")
    count = 1
    try:
        folder.mkdir(parents=True, exist_ok=True)
        while True:
            target = folder / (name if count == 1 else f"{stem}-{count}.{ending}")
            if not target.exists() and not target.is_symlink():
                with contextlib.suppress(FileExistsError):  # somebody was faster: the next name
                    with target.open("xb") as writer, source.open("rb") as reader:
                        shutil.copyfileobj(reader, writer)
                    return target
            elif target.is_file() and _same(source, target):
                return target
            count += 1
    except OSError as error:
        raise ConfigError(
            f"{str(folder)!r} cannot be written: {error.strerror or error}. Expected a folder for "
            "the produced files. Name another with --out; the run itself is kept."
        ) from error


def _same(one: Path, other: Path) -> bool:
    return one.stat().st_size == other.stat().st_size and _digest(one) == _digest(other)


def _digest(path: Path) -> str:
    with path.open("rb") as reader:
        return hashlib.file_digest(reader, "sha256").hexdigest()
