"""Who could do this? Cards and their examples as vectors, searched by meaning and by type.

Chroma is the durable source; an exact mirror of it, one file of vectors, answers: a start with an
up-to-date mirror never imports Chroma, and exact search over a few thousand rows takes less time
than an approximate index needs to be opened.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Collection, Generator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from herd_graph.cards import ExpertCard
from herd_graph.config import home as default_home
from herd_graph.discovery.durable import ChromaCards
from herd_graph.discovery.embedders import Embedder, default_embedder
from herd_graph.discovery.mirror import CardRows, Mirror
from herd_graph.discovery.words import WordStatistics
from herd_graph.registry import Snapshot
from herd_graph.types import Kind

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors

logger = logging.getLogger(__name__)

DENSE_SHARE = 0.7
"""How much of a score is meaning; the rest is shared words."""
_NAMED, _SAID = 1.0, 0.75


@dataclass(frozen=True, kw_only=True)
class Hit:
    """An expert that was found, and what speaks for it."""

    card: str
    """``name@version``."""
    score: float
    """From 0 to 1."""
    evidence: dict[str, float] = field(default_factory=dict[str, float])
    closest: str = ""
    """The text of its card that comes nearest to the query."""


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What a ``sync`` did."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    embedded: tuple[str, ...] = ()
    """The cards whose vectors were made anew; the others were read back."""


def card_texts(card: ExpertCard) -> tuple[tuple[str, str], ...]:
    """Return the texts that stand for a card: its description, its name and tags, its examples."""
    named = ", ".join((card.name.replace("_", " "), *card.tags))
    return (
        ("description", card.description[:1000]),
        ("tags", named[:500]),
        *(("example", example[:500]) for example in card.examples[:64]),
    )


class CapabilityIndex:
    """Finds experts by meaning and by type. Safe to use from several threads and processes.

    Args:
        home: Where the vectors are kept; the user's data folder by default.
        embedder: What makes them; the small model that ships in a package by default.
        persist: False keeps everything in memory and never touches Chroma or a disk.

    Example:
        >>> from herd_graph.discovery.embedders import HashEmbedder
        >>> CapabilityIndex.in_memory(HashEmbedder()).search("read a sign")
        []
    """

    def __init__(
        self,
        home: Path | None = None,
        embedder: Embedder | None = None,
        *,
        persist: bool = True,
    ) -> None:
        self.embedder = embedder or default_embedder()
        self._folder = (home or default_home()) / "index" if persist else None
        self._lock = threading.RLock()
        self._loaded = False
        self._stored: dict[str, CardRows] = {}
        """Everything that is on disk, also what this process does not have registered."""
        self._cards: dict[str, ExpertCard] = {}
        self._view = _View({}, {})
        self._fingerprint = ""
        self._synced: Snapshot | None = None

    @classmethod
    def in_memory(cls, embedder: Embedder | None = None) -> CapabilityIndex:
        """Return an index that leaves nothing behind."""
        return cls(embedder=embedder, persist=False)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the experts that it holds; empty before the first ``sync``."""
        return self._fingerprint

    def __len__(self) -> int:
        return len(self._cards)

    def sync(self, snapshot: Snapshot) -> Changes:
        """Make the index hold exactly these experts. Cheap when nothing has changed.

        Cards are embedded once in the life of an index: what the disk holds under the same
        fingerprint is read back. A card that this process had and has no longer is deleted; one
        that another process put there is left alone.
        """
        with self._lock:
            if snapshot is self._synced:  # a fingerprint costs more than a search
                return Changes()
            fingerprint = snapshot.fingerprint
            if fingerprint == self._fingerprint:
                self._synced = snapshot
                return Changes()
            wanted = {card.id: card for card in snapshot.cards}
            rows, embedded = self._rows_for(wanted)
            gone = [card for card in self._cards if card not in wanted]
            added = [card for card in wanted if self._cards.get(card) != wanted[card]]
            self._cards = wanted
            self._view = _View(wanted, rows)
            self._fingerprint = fingerprint
            self._synced = snapshot
            self._persist({card: rows[card] for card in embedded}, gone)
            return Changes(added=tuple(added), removed=tuple(gone), embedded=tuple(embedded))

    def _rows_for(self, wanted: Mapping[str, ExpertCard]) -> tuple[dict[str, CardRows], list[str]]:
        if not self._loaded:
            self._load()
        known = {
            card: self._stored[card]
            for card, wants in wanted.items()
            if card in self._stored and self._stored[card].fingerprint == wants.fingerprint
        }
        missing = [card for card in wanted if card not in known]
        for card in missing:
            texts = card_texts(wanted[card])
            known[card] = CardRows(
                fingerprint=wanted[card].fingerprint,
                texts=texts,
                vectors=self.embedder.embed([text for _, text in texts]),
            )
        return known, missing

    def _load(self) -> None:
        self._loaded = True
        if self._folder is None:
            return
        loaded = self._mirror.load()
        if loaded is None and self._durable.exists:
            # The mirror is missing or damaged: Chroma is the source, and makes a new one.
            with self._mirror.locked(), self._surviving("read"):
                loaded = self._durable.read()
                self._mirror.save(loaded)
        self._stored = dict(loaded or {})

    @property
    def _mirror(self) -> Mirror:
        assert self._folder is not None
        return Mirror(self._folder, self.embedder.name, self.embedder.dimensions)

    @property
    def _durable(self) -> ChromaCards:
        assert self._folder is not None
        return ChromaCards(self._folder / "chroma", self.embedder.name)

    @contextlib.contextmanager
    def _surviving(self, act: str) -> Generator[None]:
        """Go on in memory when the disk does not work: routing must not depend on it."""
        try:
            yield
        except Exception as error:
            logger.warning("The capability index could not %s its store: %s", act, error)

    def _persist(self, made: Mapping[str, CardRows], gone: Collection[str]) -> None:
        """Write new cards to Chroma and mirror, and repair whichever of the two lacks something."""
        if self._folder is None:
            self._stored.update(made)
            for card in gone:
                self._stored.pop(card, None)
            return
        durable = self._durable
        if not made and not any(card in self._stored for card in gone) and durable.exists:
            return
        with self._surviving("write"), self._mirror.locked():
            # Another process may have written since this one looked.
            stored = {**self._stored, **(self._mirror.load() or {})}
            for card in gone:
                stored.pop(card, None)
            stored.update(made)
            try:
                _bring_up(durable, stored)
            except Exception as error:
                logger.warning("Chroma's database is damaged and is made anew: %s", error)
                durable.reset()
                _bring_up(durable, stored)
            self._mirror.save(stored)
            self._stored = stored

    def search(
        self,
        query: str,
        *,
        takes: Collection[Kind] = (),
        gives: Kind | None = None,
        k: int = 10,
        eligible: Collection[str] | None = None,
        words: str | None = None,
    ) -> list[Hit]:
        """Return the experts that come nearest, the best first.

        Args:
            query: What is wanted, in anybody's words.
            takes: Only experts with a required input of one of these kinds; empty for any.
            gives: Only experts with an output of this kind.
            k: How many.
            eligible: Only these cards, by id.
            words: What to compare words with, where it is not the query itself.
        """
        view = self._view
        allowed = [
            card.id
            for card in view.cards.values()
            if (eligible is None or card.id in eligible)
            and (not takes or bool(card.takes & {*takes, Kind.ANY}))
            and (gives is None or gives in card.gives)
        ]
        if not allowed or not query.strip():
            return []
        vector = self.embedder.embed([query])[0]
        return view.rank(query if words is None else words, vector, allowed)[:k]


def _bring_up(durable: ChromaCards, cards: Mapping[str, CardRows]) -> None:
    """Make Chroma hold exactly ``cards``, writing only what differs."""
    held = durable.fingerprints()
    durable.delete([card for card in held if card not in cards])
    durable.write(
        {card: rows for card, rows in cards.items() if held.get(card) != rows.fingerprint}
    )


class _View:
    """What queries see: never changed, replaced whole, so that a search needs no lock."""

    def __init__(self, cards: Mapping[str, ExpertCard], rows: Mapping[str, CardRows]) -> None:
        self.cards = dict(sorted(cards.items()))
        self._rows = rows
        self._words = WordStatistics(
            {
                card: [(text, _SAID if what == "example" else _NAMED) for what, text in each.texts]
                for card, each in rows.items()
            }
        )

    def rank(self, query: str, vector: Vectors, allowed: Collection[str]) -> list[Hit]:
        shared = self._words.overlap(query)
        hits: list[Hit] = []
        for card in allowed:
            rows = self._rows[card]
            near = rows.vectors @ vector
            best = int(near.argmax())
            dense = max(0.0, min(1.0, float(near[best])))
            lexical = min(1.0, shared[card])
            hits.append(
                Hit(
                    card=card,
                    score=round(DENSE_SHARE * dense + (1 - DENSE_SHARE) * lexical, 6),
                    evidence={"dense": round(dense, 4), "lexical": round(lexical, 4)},
                    closest=rows.texts[best][1],
                )
            )
        return sorted(hits, key=lambda hit: (-hit.score, hit.card))
