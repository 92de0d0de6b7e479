"""Where the bytes of artifacts live: a content-addressed folder, behind one small protocol.

A key is the sha256 of the content, so writing twice is harmless, two runs share what is equal, and
a reference can be checked. Any fsspec URL serves (``s3://…``, ``gs://…``, ``memory://…``).
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Protocol, runtime_checkable

from herd_graph.errors import ArtifactNotFound, ConfigError

CHUNK = 1 << 20
_KEY = re.compile(r"[0-9a-f]{64}")


@runtime_checkable  # pydantic models hold stores
class ArtifactStore(Protocol):
    """Keeps bytes under their sha256."""

    @property
    def url(self) -> str:
        """What ``open_store`` takes to reach the same bytes, also from another process."""
        ...

    def put(self, content: bytes) -> str:
        """Keep ``content`` and return its sha256 in hex."""
        ...

    def put_file(self, path: Path) -> tuple[str, int]:
        """Keep a file without holding it in memory; return its sha256 and size in bytes."""
        ...

    def get(self, key: str) -> bytes:
        """Return the bytes. Raises ``ArtifactNotFound``."""
        ...

    def local_path(self, key: str) -> Path:
        """Return a readable local file with the bytes. Raises ``ArtifactNotFound``."""
        ...

    def holds(self, key: str) -> bool:
        """Say whether the bytes are there."""
        ...

    def keys(self) -> Iterator[str]:
        """Iterate over everything that is kept."""
        ...

    def delete(self, key: str) -> None:
        """Forget the bytes; harmless if they are not there."""
        ...


def digest(content: bytes) -> str:
    """Return the sha256 of ``content`` in hex."""
    return hashlib.sha256(content).hexdigest()


def _missing(key: str, url: str) -> ArtifactNotFound:
    return ArtifactNotFound(
        f"Artifact {key[:12]!r} is not in the store at {url!r}. It was pruned, or the run was made "
        "with another store. Point HERD_HOME (or Herd(store=…)) at the store of that run."
    )


class FolderStore:
    """A local folder: ``<root>/ab/abcdef…``, written to the side and renamed into place."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)

    @property
    def url(self) -> str:
        return self.root.absolute().as_uri()

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):  # it may come from a file that somebody sent
            raise _missing(key, self.url)
        return self.root / key[:2] / key

    def put(self, content: bytes) -> str:
        key = digest(content)
        path = self._path(key)
        if not _is_whole(path, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{key[:8]}-{secrets.token_hex(6)}")
            aside.write_bytes(content)
            aside.replace(path)
        return key

    def put_file(self, path: Path) -> tuple[str, int]:
        self.root.mkdir(parents=True, exist_ok=True)
        aside = self.root / f".incoming-{secrets.token_hex(8)}"
        try:
            key, size = _copy(path, aside)
            target = self._path(key)
            if not _is_whole(target, size):
                target.parent.mkdir(parents=True, exist_ok=True)
                aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
        return key, size

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except FileNotFoundError:
            raise _missing(key, self.url) from None

    def local_path(self, key: str) -> Path:
        path = self._path(key)
        if not path.exists():
            raise _missing(key, self.url)
        return path

    def holds(self, key: str) -> bool:
        return bool(_KEY.fullmatch(key)) and self._path(key).exists()

    def keys(self) -> Iterator[str]:
        if self.root.exists():
            for path in self.root.glob("??/*"):
                if _KEY.fullmatch(path.name):
                    yield path.name

    def delete(self, key: str) -> None:
        if _KEY.fullmatch(key):
            self._path(key).unlink(missing_ok=True)


def _is_whole(path: Path, size: int) -> bool:
    """Say whether the file is there in full: a crash of the machine may leave it short."""
    try:
        return path.stat().st_size == size
    except FileNotFoundError:
        return False


def _copy(source: Path, target: Path) -> tuple[str, int]:
    hasher = hashlib.sha256()
    size = 0
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(CHUNK):
            hasher.update(chunk)
            size += len(chunk)
            writer.write(chunk)
    return hasher.hexdigest(), size


class MemoryStore:
    """Bytes in a dict: for tests, and for herds that leave nothing behind."""

    def __init__(self) -> None:
        self._content: dict[str, bytes] = {}
        self._spill: Path | None = None

    @property
    def url(self) -> str:
        raise ConfigError(
            "A MemoryStore cannot be reached from another process. Isolated experts need a store "
            "on disk: Herd(store='some/folder')."
        )

    def put(self, content: bytes) -> str:
        key = digest(content)
        self._content.setdefault(key, content)
        return key

    def put_file(self, path: Path) -> tuple[str, int]:
        content = path.read_bytes()
        return self.put(content), len(content)

    def get(self, key: str) -> bytes:
        try:
            return self._content[key]
        except KeyError:
            raise _missing(key, "memory") from None

    def local_path(self, key: str) -> Path:
        import tempfile

        if self._spill is None:
            self._spill = Path(tempfile.mkdtemp(prefix="herd-"))
        content = self.get(key)  # first: a key that is not there may be any path
        path = self._spill / key
        if not path.exists():
            path.write_bytes(content)
        return path

    def holds(self, key: str) -> bool:
        return key in self._content

    def keys(self) -> Iterator[str]:
        yield from list(self._content)

    def delete(self, key: str) -> None:
        self._content.pop(key, None)

    def __del__(self) -> None:
        if self._spill is not None:
            shutil.rmtree(self._spill, ignore_errors=True)


class FsspecStore:
    """Any fsspec URL: an object store, for herds on more than one machine."""

    def __init__(self, url: str, **options: Any) -> None:
        import fsspec  # pyright: ignore[reportMissingTypeStubs]

        self._url = url.rstrip("/")
        self._fs: Any
        self._root: str
        self._fs, self._root = fsspec.core.url_to_fs(self._url, **options)  # pyright: ignore[reportUnknownMemberType]
        self._cache = MemoryStore()

    @property
    def url(self) -> str:
        return self._url

    def _path(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise _missing(key, self.url)
        return f"{self._root}/{key[:2]}/{key}"

    def put(self, content: bytes) -> str:
        key = digest(content)
        if not self.holds(key):
            self._fs.pipe_file(self._path(key), content)
        return key

    def put_file(self, path: Path) -> tuple[str, int]:
        hasher = hashlib.sha256()
        with path.open("rb") as reader:
            while chunk := reader.read(CHUNK):
                hasher.update(chunk)
        key = hasher.hexdigest()
        if not self.holds(key):
            self._fs.put_file(str(path), self._path(key))
        return key, path.stat().st_size

    def get(self, key: str) -> bytes:
        try:
            reader: IO[bytes]
            with self._fs.open(self._path(key), "rb") as reader:
                return reader.read()
        except FileNotFoundError:
            raise _missing(key, self.url) from None

    def local_path(self, key: str) -> Path:
        if not self._cache.holds(key):
            self._cache.put(self.get(key))
        return self._cache.local_path(key)

    def holds(self, key: str) -> bool:
        return bool(_KEY.fullmatch(key)) and bool(self._fs.exists(self._path(key)))

    def keys(self) -> Iterator[str]:
        for path in self._fs.find(self._root):
            yield str(path).rsplit("/", 1)[-1]

    def delete(self, key: str) -> None:
        if self.holds(key):
            self._fs.rm_file(self._path(key))


def open_store(where: str | os.PathLike[str] | ArtifactStore) -> ArtifactStore:
    """Return the store for a folder, a ``file://`` URL, any other fsspec URL, or a store itself."""
    if isinstance(where, str):
        if where.startswith("file://"):
            from urllib.parse import unquote, urlparse

            return FolderStore(unquote(urlparse(where).path))
        if "://" in where:
            return FsspecStore(where)
        return FolderStore(Path(where).expanduser())
    if isinstance(where, os.PathLike):
        return FolderStore(Path(where).expanduser())
    return where
