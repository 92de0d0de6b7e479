"""The durable source of the capability index: one Chroma collection for each embedder.

Opened only when cards have to be written or the mirror has to be rebuilt: importing Chroma takes
over a second. It holds vectors that we made; it never embeds anything itself.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import warnings
from collections import defaultdict
from collections.abc import Collection, Generator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from herd_graph.discovery.mirror import CardRows, locked

_WRITTEN_AT_ONCE = 1000
MOST_ROWS = 66
"""How many rows a card has at most: its description, its tags, and 64 examples."""
_opened: dict[str, int] = {}
"""The database file behind each client that Chroma keeps, by inode."""


class ChromaCards:
    """Cards as rows of a Chroma collection in ``folder``: ``name@version#row``."""

    def __init__(self, folder: Path, embedder: str) -> None:
        self._folder = folder
        self._name = f"cards-{embedder}"
        self._collection: Any = None

    @property
    def exists(self) -> bool:
        """Whether there is a database, without opening it."""
        return (self._folder / "chroma.sqlite3").exists()

    def _open(self) -> Any:
        if self._collection is None or _opened.get(str(self._folder)) != self._inode:
            os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
            chromadb: Any = import_module("chromadb")
            settings: Any = import_module("chromadb.config").Settings
            if _opened.get(str(self._folder)) not in {None, self._inode}:
                self._forget()  # another process has put a new database in its place
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                client = chromadb.PersistentClient(
                    path=str(self._folder), settings=settings(anonymized_telemetry=False)
                )
                self._collection = client.get_or_create_collection(
                    self._name, embedding_function=None, metadata={"hnsw:space": "cosine"}
                )
            _opened[str(self._folder)] = self._inode
        return self._collection

    @property
    def _inode(self) -> int:
        try:
            return (self._folder / "chroma.sqlite3").stat().st_ino
        except OSError:
            return 0

    def _forget(self) -> None:
        """Drop the client that Chroma keeps for this folder as long as the process lives."""
        self._collection = None
        _opened.pop(str(self._folder), None)
        # A Chroma without that cache has nothing to drop. Other folders' clients are not ours.
        with contextlib.suppress(ImportError, AttributeError):
            module: Any = import_module("chromadb.api.shared_system_client")
            system = module.SharedSystemClient._identifier_to_system.pop(str(self._folder), None)
            if system is not None:
                with contextlib.suppress(Exception):
                    system.stop()

    def read(self) -> dict[str, CardRows]:
        """Return every whole card. Raises whatever Chroma raises for a damaged database."""
        import numpy as np

        found: Any = self._open().get(include=["embeddings", "metadatas", "documents"])
        rows: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        for position, meta in enumerate(found["metadatas"]):
            rows[str(meta["card"]), str(meta["fingerprint"])].append((int(meta["row"]), position))
        cards: dict[str, CardRows] = {}
        for (card, fingerprint), listed in sorted(rows.items()):
            listed.sort()
            positions = [position for _, position in listed]
            if len(positions) != int(found["metadatas"][positions[0]]["rows"]):
                continue  # a write that was cut short: the card is embedded again
            cards[card] = CardRows(
                fingerprint=fingerprint,
                texts=tuple(
                    (str(found["metadatas"][each]["what"]), str(found["documents"][each]))
                    for each in positions
                ),
                vectors=np.asarray(
                    [found["embeddings"][each] for each in positions], dtype=np.float32
                ),
            )
        return cards

    @contextlib.contextmanager
    def locked(self) -> Generator[None]:
        """Keep other processes from writing to the database meanwhile."""
        with locked(self._folder.parent / "chroma.lock"):
            yield

    @property
    def mark(self) -> str:
        """What it held when it was last written: ``agreement`` and the database's inode."""
        try:
            said, _, inode = self._mark.read_text().strip().partition(" ")
        except OSError:
            return ""
        return said if inode == str(self._inode) else ""

    @mark.setter
    def mark(self, agreed: str) -> None:
        self._mark.write_text(f"{agreed} {self._inode}\n")

    @property
    def _mark(self) -> Path:
        return self._folder.parent / f"{self._name}.mark"

    def fingerprints(self) -> dict[str, str]:
        """Return what is stored: the fingerprint of each card, by id."""
        found: Any = self._open().get(include=["metadatas"])
        return {str(meta["card"]): str(meta["fingerprint"]) for meta in found["metadatas"]}

    def write(self, cards: Mapping[str, CardRows]) -> None:
        """Add cards. What has their id must have been deleted: it may have had more rows."""
        ids: list[str] = []
        texts: list[str] = []
        metas: list[dict[str, Any]] = []
        vectors: list[list[float]] = []
        for card, rows in cards.items():
            for row, (what, text) in enumerate(rows.texts):
                ids.append(f"{card}#{row}")
                texts.append(text)
                metas.append(
                    {
                        "card": card,
                        "fingerprint": rows.fingerprint,
                        "what": what,
                        "row": row,
                        "rows": len(rows.texts),
                    }
                )
            vectors.extend(rows.vectors.tolist())
        for start in range(0, len(ids), _WRITTEN_AT_ONCE):
            part = slice(start, start + _WRITTEN_AT_ONCE)
            self._open().upsert(
                ids=ids[part],
                embeddings=vectors[part],
                metadatas=metas[part],
                documents=texts[part],
            )

    def delete(self, cards: Collection[str]) -> None:
        """Forget cards; harmless where they are not there.

        By row ids, never by Chroma's ``where``, which reads every row: 0.2 s at 100,000 cards.
        """
        ids = [f"{card}#{row}" for card in cards for row in range(MOST_ROWS)]
        for start in range(0, len(ids), _WRITTEN_AT_ONCE):
            held: Any = self._open().get(ids=ids[start : start + _WRITTEN_AT_ONCE], include=[])
            if held["ids"]:
                self._open().delete(ids=held["ids"])

    def reset(self) -> None:
        """Put a damaged database aside, so that a new one can be made."""
        self._forget()
        aside = self._folder.with_name(f"{self._folder.name}.damaged")
        shutil.rmtree(aside, ignore_errors=True)
        if self._folder.exists():
            self._folder.rename(aside)
