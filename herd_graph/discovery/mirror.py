"""The mirror: every stored vector in one file beside one list of what the rows are, and a journal.

It answers queries without Chroma, whose import alone takes longer than routing. The list names the
file of vectors by the hash of its content and is replaced in one rename, so that two processes that
write at once leave one consistent pair behind, and a torn or damaged pair is noticed.

A change is one line at the end of the journal, which belongs to that pair by name: what a card
costs to be kept does not grow with the catalogue. A line that was cut short is left out, and so is
all that follows it. A journal that has grown is folded into a new pair.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import io
import json
import os
import secrets
import zlib
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors

FORMAT = 1
_FOLDED_FROM = 256
"""How many lines a journal holds before it is worth folding."""


@dataclass(frozen=True, kw_only=True)
class CardRows:
    """The vectors of one card, and the texts that they stand for."""

    fingerprint: str
    texts: tuple[tuple[str, str], ...]
    """What each row is (description, tags, example) and its text."""
    vectors: Vectors


class Mirror:
    """The file pair in ``folder`` for the vectors of one embedder."""

    def __init__(self, folder: Path, embedder: str, dimensions: int) -> None:
        self.folder = folder
        self._embedder = embedder
        self._dimensions = dimensions
        self._list = folder / f"{embedder}.json"

    def load(self) -> dict[str, CardRows] | None:
        """Return the rows by card id; None where the files are missing or damaged."""
        loaded = self._pair()
        if loaded is None:
            return None
        name, cards = loaded
        with contextlib.suppress(ValueError, KeyError, TypeError, AttributeError):
            for change in self._changes(name):  # a line of another kind ends it, like a torn one
                for card in change.get("gone", ()):
                    cards.pop(card, None)
                for card, entry in change.get("cards", {}).items():
                    cards[card] = self._row(entry)
        return cards

    def _pair(self) -> tuple[str, dict[str, CardRows]] | None:
        import numpy as np

        try:
            data: dict[str, Any] = json.loads(self._list.read_bytes())
            if data["format"] != FORMAT or data["embedder"] != self._embedder:
                return None
            content = (self.folder / str(data["vectors"])).read_bytes()
            if hashlib.sha256(content).hexdigest()[:16] not in str(data["vectors"]):
                return None
            vectors = np.load(io.BytesIO(content), allow_pickle=False)
            if vectors.shape[1:] != (self._dimensions,) or not np.isfinite(vectors).all():
                return None
            loaded: dict[str, CardRows] = {}
            start = 0
            for card, entry in cast("dict[str, dict[str, Any]]", data["cards"]).items():
                texts = tuple((str(what), str(text)) for what, text in entry["texts"])
                loaded[card] = CardRows(
                    fingerprint=str(entry["fingerprint"]),
                    texts=texts,
                    vectors=vectors[start : start + len(texts)],
                )
                start += len(texts)
            return (str(data["vectors"]), loaded) if start == len(vectors) else None
        except (OSError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            return None

    def _changes(self, name: str) -> list[dict[str, Any]]:
        """Return the whole lines of a journal."""
        try:
            lines = self._journal(name).read_bytes().split(b"\n")
        except OSError:
            return []
        found: list[dict[str, Any]] = []
        for line in lines[:-1]:
            sum_, _, body = line.partition(b" ")
            try:
                if int(sum_, 16) != zlib.crc32(body):
                    break
                found.append(json.loads(body))
            except ValueError:
                break
        return found

    def _row(self, entry: Mapping[str, Any]) -> CardRows:
        import numpy as np

        flat = np.frombuffer(base64.b64decode(entry["vectors"]), dtype="<f4")
        return CardRows(
            fingerprint=str(entry["fingerprint"]),
            texts=tuple((str(what), str(text)) for what, text in entry["texts"]),
            vectors=flat.reshape(-1, self._dimensions),
        )

    def _journal(self, name: str) -> Path:
        return self.folder / f"{name.removesuffix('.npy')}.journal"

    def _current(self) -> str | None:
        """Return which pair is in force, without reading its vectors."""
        try:
            with self._list.open("rb") as handle:  # the name stands before the cards
                head = handle.read(512).decode(errors="replace")
        except OSError:
            return None
        _, _, after = head.partition('"vectors": "')
        name = after.partition('"')[0]
        return name if name and (self.folder / name).exists() else None

    def append(self, cards: Mapping[str, CardRows], gone: Collection[str]) -> bool:
        """Keep a change, called under ``locked``; False where there is no pair to add it to."""
        name = self._current()
        if name is None:
            return False
        body = json.dumps(
            {
                "gone": sorted(gone),
                "cards": {
                    card: {
                        "fingerprint": rows.fingerprint,
                        "texts": rows.texts,
                        "vectors": base64.b64encode(rows.vectors.astype("<f4").tobytes()).decode(),
                    }
                    for card, rows in cards.items()
                },
            },
            ensure_ascii=False,
        ).encode()
        with self._journal(name).open("ab+") as handle:
            handle.seek(0, os.SEEK_END)
            if handle.tell():
                handle.seek(-1, os.SEEK_END)
                if handle.read(1) != b"\n":
                    return False  # cut short: what stands behind it would not be read
            handle.write(b"%08x %s\n" % (zlib.crc32(body), body))
            handle.flush()
            os.fsync(handle.fileno())
        return True

    @property
    def wants_folding(self) -> bool:
        """Whether the journal has grown so long that a new pair is worth its writing."""
        name = self._current()
        if name is None:
            return False
        try:
            held, base = self._journal(name).stat().st_size, (self.folder / name).stat().st_size
            return held > max(_FOLDED_FROM * 4 * self._dimensions, base // 2)
        except OSError:
            return False

    def save(self, cards: Mapping[str, CardRows]) -> None:
        """Replace the files. Called under ``locked``."""
        import numpy as np

        kept = dict(sorted(cards.items()))
        stacked = (
            np.concatenate([each.vectors for each in kept.values()])
            if kept
            else np.zeros((0, self._dimensions), dtype=np.float32)
        )
        buffer = io.BytesIO()
        np.save(buffer, stacked.astype(np.float32), allow_pickle=False)
        content = buffer.getvalue()
        name = f"{self._embedder}-{hashlib.sha256(content).hexdigest()[:16]}.npy"
        _replace(self.folder / name, content)
        listed = {
            "format": FORMAT,
            "embedder": self._embedder,
            "vectors": name,
            "cards": {
                card: {"fingerprint": rows.fingerprint, "texts": rows.texts}
                for card, rows in kept.items()
            },
        }
        _replace(self._list, json.dumps(listed, ensure_ascii=False).encode())
        self._journal(name).unlink(missing_ok=True)  # it is in the pair now
        for old in (
            *self.folder.glob(f"{self._embedder}-*.npy"),
            *self.folder.glob(f"{self._embedder}-*.journal"),
        ):
            if old.name != name:
                old.unlink(missing_ok=True)

    def read(self) -> dict[str, CardRows] | None:
        """Return what ``load`` does, and look again where another process replaced it meanwhile."""
        found = self.load()
        if found is None and self._list.exists():
            with self.locked():
                found = self.load()
        return found

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other processes from writing meanwhile; released by the system if this one dies."""
        with locked(self.folder / "lock"):
            yield


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Hold a lock file; released by the system if this process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)


def _replace(path: Path, content: bytes) -> None:
    aside = path.with_name(f".{path.name}-{secrets.token_hex(4)}")
    try:
        aside.write_bytes(content)
        aside.replace(path)
    finally:
        aside.unlink(missing_ok=True)
