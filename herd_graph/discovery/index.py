"""Who could do this? Cards and their examples as vectors, searched by meaning and by type.

Chroma is the durable source; an exact mirror of it, one file of vectors and a journal, answers: a
start with an up-to-date mirror never imports Chroma. What is added can be found as soon as ``sync``
returns, is in the journal by then, and in Chroma a moment later.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from herd_graph.cards import ExpertCard
from herd_graph.config import home as default_home
from herd_graph.discovery.blocks import Wanted, bits
from herd_graph.discovery.detail import LOOKED_AT, CloseLook
from herd_graph.discovery.durable import ChromaCards
from herd_graph.discovery.embedders import Embedder, default_embedder
from herd_graph.discovery.mirror import CardRows, Mirror
from herd_graph.discovery.reach import reaching
from herd_graph.discovery.view import DENSE_SHARE, Limits, View
from herd_graph.discovery.writing import Writer, agreement, surviving
from herd_graph.registry import Snapshot
from herd_graph.run_logs import logger as run_logger
from herd_graph.types import Kind

if TYPE_CHECKING:
    from herd_graph.discovery.embedders import Vectors

logger = run_logger(__name__)

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many cards have been embedded, and of how many."""

_AT_ONCE = 256
"""How many new cards are embedded before they are shown and kept."""
_TOLD_FROM = 200


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


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """What ``repair`` found, and mended."""

    mirror_was_damaged: bool = False
    unknown_to_mirror: tuple[str, ...] = ()
    """Cards of the registry that were not on disk as they are."""
    differed_in_chroma: int = 0
    """Cards that Chroma lacked, held in another state, or held too many."""

    @property
    def held(self) -> bool:
        """Whether registry, mirror and Chroma agreed."""
        return not (self.mirror_was_damaged or self.unknown_to_mirror or self.differed_in_chroma)


class CapabilityIndex:
    """Finds experts by meaning and by type. Safe to use from several threads and processes.

    Args:
        home: Where the vectors are kept; the user's data folder by default.
        embedder: What makes them; the small model that ships in a package by default.
        persist: False keeps everything in memory and never touches Chroma or a disk.
        progress: Told how far a ``sync`` is that has cards to embed: ``progress(done, total)``.

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
        progress: Progress | None = None,
    ) -> None:
        self.embedder = embedder or default_embedder()
        self._folder = (home or default_home()) / "index" if persist else None
        self._progress = progress
        self._lock = threading.RLock()
        self._loaded = False
        self._stored: dict[str, CardRows] = {}
        """What is on disk or was here, and is not registered now."""
        self._kept: dict[str, str] = {}
        """The fingerprints of what this process knows to be on disk."""
        self._cards: dict[str, tuple[ExpertCard, str]] = {}
        self._view = View()
        self._closely = CloseLook(self.embedder)
        self._synced: Snapshot | None = None

    @classmethod
    def in_memory(cls, embedder: Embedder | None = None) -> CapabilityIndex:
        """Return an index that leaves nothing behind."""
        return cls(embedder=embedder, persist=False)

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the experts that it holds; empty before the first ``sync``."""
        return "" if self._synced is None else self._synced.fingerprint

    def holds(self, snapshot: Snapshot) -> bool:
        """Say, without looking at any card, whether it was synced to this very snapshot."""
        return snapshot is self._synced

    def __len__(self) -> int:
        return len(self._cards)

    def sync(self, snapshot: Snapshot, *, progress: Progress | None = None) -> Changes:
        """Make the index hold exactly these experts. Cheap when nothing has changed.

        Cards are embedded once in the life of an index: what the disk holds under the same
        fingerprint is read back. A card that this process had and has no longer is deleted; one
        that another process put there is left alone. Of many new cards, those that are embedded can
        be found, and are kept, while the others are still to come.

        Args:
            snapshot: The experts.
            progress: Told how far it is, in the place of the index's own.
        """
        with self._lock:
            if snapshot is self._synced:
                return Changes()
            if not self._loaded:
                self._load()
            # One look at each card is what a change costs in a large registry: identity tells.
            fresh = {
                name: (each.card, each.card.fingerprint)
                for name, each in snapshot.items()
                if self._known(name) is not each.card
            }
            added = sum(name not in self._cards for name in fresh)
            gone: list[str] = []
            if len(self._cards) + added != len(snapshot):
                gone = [name for name in self._cards if name not in snapshot]
            changed = {
                name: entry
                for name, entry in fresh.items()
                if name not in self._cards or self._cards[name][1] != entry[1]
            }
            self._cards.update(fresh)
            embedded = self._take(changed, gone, progress or self._progress)
            self._synced = snapshot
            return Changes(
                added=tuple(sorted(changed)),
                removed=tuple(gone),
                embedded=tuple(sorted(embedded)),
            )

    def _known(self, name: str) -> ExpertCard | None:
        entry = self._cards.get(name)
        return entry[0] if entry is not None else None

    def _take(
        self,
        changed: Mapping[str, tuple[ExpertCard, str]],
        gone: Collection[str],
        progress: Progress | None,
    ) -> list[str]:
        """Show and keep what is new, in parts; return what had to be embedded."""
        left = {name: self._view.find(name) for name in gone}
        read = {
            name: self._stored.pop(name)
            for name, (_, fingerprint) in changed.items()
            if name in self._stored and self._stored[name].fingerprint == fingerprint
        }
        missing = [name for name in changed if name not in read]
        if read or gone:
            self._view = self._view.changed({name: changed[name][0] for name in read}, read, gone)
        for name in gone:
            del self._cards[name]
        self._keep({}, gone)
        if self._folder is None:
            self._stored.update({name: rows for name, rows in left.items() if rows is not None})
        if len(missing) >= _TOLD_FROM and progress is None:
            logger.warning(
                "The capability index embeds %d new cards; those that are done can be found.",
                len(missing),
            )
        for start in range(0, len(missing), _AT_ONCE):
            if progress is not None:
                progress(start, len(missing))
            made: dict[str, CardRows] = {}
            for name in missing[start : start + _AT_ONCE]:
                card, fingerprint = changed[name]
                texts = card_texts(card)
                vectors = self.embedder.embed([text for _, text in texts])
                made[name] = CardRows(fingerprint=fingerprint, texts=texts, vectors=vectors)
            self._view = self._view.changed({name: changed[name][0] for name in made}, made, ())
            self._keep(made, ())
        if missing and progress is not None:
            progress(len(missing), len(missing))
        return missing

    def _load(self) -> None:
        self._loaded = True
        if self._folder is None:
            return
        loaded = self._mirror.read()
        if loaded is None and self._durable.exists:
            # The mirror is missing or damaged: Chroma is the source, and makes a new one.
            self._writer.wait()
            with self._mirror.locked(), surviving("read"):
                loaded = self._durable.read()
                self._mirror.save(loaded)
        self._stored = dict(loaded or {})
        self._kept = {card: rows.fingerprint for card, rows in self._stored.items()}
        if loaded and self._durable.mark != agreement(self._kept):
            self._writer.ask()  # a process ended before Chroma had everything, or it was replaced

    @property
    def _mirror(self) -> Mirror:
        assert self._folder is not None
        return Mirror(self._folder, self.embedder.name, self.embedder.dimensions)

    @property
    def _durable(self) -> ChromaCards:
        assert self._folder is not None
        return ChromaCards(self._folder / "chroma", self.embedder.name)

    @property
    def _writer(self) -> Writer:
        assert self._folder is not None
        return Writer.of(self._folder, self.embedder.name, self.embedder.dimensions)

    def _keep(self, made: Mapping[str, CardRows], gone: Collection[str]) -> None:
        """Write a change to the mirror's journal, and have it written to Chroma."""
        if self._folder is None:
            return
        forgotten = [card for card in gone if card in self._kept]
        if not made and not forgotten:
            return
        with surviving("write"):
            with self._mirror.locked():
                if not self._mirror.append(made, forgotten):
                    stored = self._mirror.load() or self._all()
                    stored.update(made)
                    self._mirror.save({k: v for k, v in stored.items() if k not in forgotten})
            self._kept.update({card: rows.fingerprint for card, rows in made.items()})
            for card in forgotten:
                self._kept.pop(card, None)
                self._stored.pop(card, None)
            self._writer.ask({**made, **dict.fromkeys(forgotten)})

    def _all(self) -> dict[str, CardRows]:
        """Return everything that this process has vectors of."""
        here = {name: self._view.find(name) for name in self._cards}
        return {**self._stored, **{name: rows for name, rows in here.items() if rows is not None}}

    def flush(self, timeout: float | None = None) -> bool:
        """Wait until Chroma holds what was added; False where time ran out.

        A process does so by itself before it ends.
        """
        return self._folder is None or self._writer.wait(timeout)

    def repair(self) -> Agreement:
        """Compare registry, mirror and Chroma card by card, and mend what differs.

        A start compares hashes alone and repairs in the background; this looks at everything, for
        ``herd doctor`` and after a disk that was full.
        """
        if self._folder is None:
            return Agreement()
        with self._lock:
            self._writer.wait()
            loaded = self._mirror.read()
            held = loaded or {}
            lacking = {
                name: rows
                for name in self._cards
                if (rows := self._view.find(name)) is not None
                and (name not in held or held[name].fingerprint != rows.fingerprint)
            }
            if loaded is None or lacking:
                with self._mirror.locked():
                    self._mirror.save({**self._all(), **held, **lacking})
            return Agreement(
                mirror_was_damaged=loaded is None and bool(self._cards),
                unknown_to_mirror=tuple(sorted(lacking)),
                differed_in_chroma=self._writer.agree(),
            )

    def search(
        self,
        query: str,
        *,
        takes: Collection[Kind] = (),
        gives: Kind | None = None,
        k: int = 10,
        eligible: Collection[str] | None = None,
        words: str | None = None,
        start: Collection[Kind] | None = None,
        steps: int = 1,
        local: bool = False,
        licences: Collection[str] | None = None,
        most_usd: float | None = None,
        mode: Literal["score", "rank"] = "score",
    ) -> list[Hit]:
        """Return the experts that come nearest, the best first.

        Args:
            query: What is wanted, in anybody's words.
            takes: Only experts with a required input of one of these kinds; empty for any.
            gives: Only experts with an output of this kind; with ``start``, experts from which it
                can be reached.
            k: How many.
            eligible: Only these cards, by id.
            words: What to compare words with, where it is not the query itself.
            start: The kinds that are there: only experts on a way from them, in at most ``steps``
                steps, to ``gives`` (to anything without it).
            steps: How many steps such a way may have.
            local: Only experts that send nothing away from this machine.
            licences: Only experts whose licences are all among these.
            most_usd: The most that a call may be expected to cost.
            mode: ``"score"`` gives scores that can be compared between queries, and that
                thresholds are set on; ``"rank"`` looks closely at what that finds and puts the
                right card first more often, with scores of one query alone. A card is read closely
                when it is first in the running, which takes some ten milliseconds.
        """
        view = self._view
        if not query.strip() or not view.count or k < 1:
            return []
        if start is not None:
            signatures = {signed for block in view.blocks for signed, _, _ in block.ranges}
            way = reaching(signatures, start, bits([gives]) if gives else 0, steps)
            wanted = Wanted(takes=self._taken(takes), only=way)
        else:
            wanted = Wanted(takes=self._taken(takes), gives=bits([gives]) if gives else 0)
        limits = Limits(
            wanted=wanted,
            eligible=eligible,
            local=local,
            licences=None if licences is None else frozenset(each.lower() for each in licences),
            most_usd=most_usd,
        )
        vector = self.embedder.embed([query])[0]
        said = query if words is None else words
        if mode == "rank":
            return self._ranked(said, vector, view, limits, k)
        found = view.best(said, vector, k, limits)
        return [
            Hit(
                card=each.card,
                score=each.score,
                evidence={"dense": each.dense, "lexical": each.lexical},
                closest=each.closest,
            )
            for each in found
        ]

    def _ranked(self, said: str, vector: Vectors, view: View, limits: Limits, k: int) -> list[Hit]:
        found = view.best(said, vector, max(k, LOOKED_AT), limits)
        looked = [
            (view.card(each.card), rows)
            for each in found
            if (rows := view.find(each.card)) is not None
        ]
        with self._lock:
            scores = self._closely.scores(said, vector, looked, view)
        ranked = sorted(zip(scores, found, strict=True), key=lambda each: (-each[0], each[1].card))
        return [
            Hit(
                card=each.card,
                score=round(max(0.0, min(1.0, score)), 6),
                evidence={"dense": each.dense, "lexical": each.lexical, "search": each.score},
                closest=each.closest,
            )
            for score, each in ranked[:k]
        ]

    @staticmethod
    def _taken(takes: Collection[Kind]) -> int:
        return bits([*takes, Kind.ANY]) if takes else 0


__all__ = (
    "DENSE_SHARE",
    "Agreement",
    "CapabilityIndex",
    "Changes",
    "Hit",
    "card_texts",
)
