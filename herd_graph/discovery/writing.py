"""Write-behind: what was added is in the mirror's journal at once, and in Chroma a moment later.

Chroma takes over a second to be imported and tens of milliseconds for a card; nobody who asks waits
for it. One thread for each folder writes in the order of the changes. A process ends only when it
has written everything; one that is killed leaves a mirror that is ahead of Chroma, which the next one
notices by the mark that stands beside the database.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Generator, Mapping
from importlib import import_module
from pathlib import Path
from typing import ClassVar

from herd_graph.discovery.durable import ChromaCards
from herd_graph.discovery.mirror import CardRows, Mirror
from herd_graph.run_logs import logger as run_logger

logger = run_logger(__name__)


@contextlib.contextmanager
def surviving(act: str) -> Generator[None]:
    """Go on in memory when the disk does not work: routing must not depend on it."""
    try:
        yield
    except Exception as error:
        logger.warning("The capability index could not %s its store: %s", act, error)


class Writer:
    """Brings Chroma up to the mirror of one folder and embedder, in a thread of its own."""

    _writers: ClassVar[dict[tuple[Path, str], Writer]] = {}
    _making: ClassVar[threading.Lock] = threading.Lock()

    def __init__(self, mirror: Mirror, chroma: ChromaCards) -> None:
        self._mirror = mirror
        self._chroma = chroma
        self._changed = threading.Condition()
        self._asked = 0
        self._done = 0
        self._waiting: dict[str, CardRows | None] = {}
        self._whole = False
        self._held: dict[str, str] | None = None
        """What this process left in Chroma; None before it has looked."""
        self._mark = ""
        self._thread: threading.Thread | None = None
        self._waits = False

    @classmethod
    def of(cls, folder: Path, embedder: str, dimensions: int) -> Writer:
        """Return the writer of a folder: indexes of one process share it."""
        key = (folder.absolute(), embedder)
        with cls._making:
            if key not in cls._writers:
                cls._writers[key] = cls(
                    Mirror(folder, embedder, dimensions), ChromaCards(folder / "chroma", embedder)
                )
            return cls._writers[key]

    def ask(self, changes: Mapping[str, CardRows | None] | None = None) -> None:
        """Have Chroma brought up soon.

        Args:
            changes: The cards that are new, and None for those that are gone; without it Chroma is
                compared with the whole mirror.
        """
        with self._changed:
            self._asked += 1
            self._whole = self._whole or changes is None
            self._waiting.update(changes or {})
            if self._thread is None:
                self._wait_at_exit()
                self._thread = threading.Thread(
                    target=self._work, name="herd-index-writer", daemon=True
                )
                self._thread.start()

    def _wait_at_exit(self) -> None:
        """Have the interpreter wait before it forbids executors: Chroma uses them when it opens.

        ``atexit`` comes after that, and joining a thread too. Without the hook, which is CPython's
        own for its executors, the next process writes what this one left.
        """
        hook = getattr(threading, "_register_atexit", None)
        if hook is None or self._waits:
            return
        # Hooks run in reverse: those of executors must be there before this one.
        import_module("concurrent.futures.thread")
        with contextlib.suppress(RuntimeError):  # it is ending already
            hook(self.wait)
            self._waits = True

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until everything that was asked for is written; False where time ran out."""
        with self._changed:
            wanted = self._asked
            return self._changed.wait_for(lambda: self._done >= wanted, timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                asked = self._asked
                if self._done >= asked:
                    self._thread = None
                    return
                waiting, self._waiting = self._waiting, {}
                whole, self._whole = self._whole, False
            with surviving("write"):
                if whole or not self._add(waiting):
                    self.agree()
                if self._mirror.wants_folding:
                    with self._mirror.locked():
                        cards = self._mirror.load()
                        if cards is not None:
                            self._mirror.save(cards)
            with self._changed:
                self._done = max(self._done, asked)
                self._changed.notify_all()

    def _add(self, changes: Mapping[str, CardRows | None]) -> bool:
        """Write changes alone; False where Chroma is not as this process left it."""
        with self._chroma.locked():
            if self._held is None or not self._chroma.exists or self._chroma.mark != self._mark:
                return False
            try:
                held = self._held
                self._chroma.delete([card for card in changes if card in held])
                self._chroma.write({card: rows for card, rows in changes.items() if rows})
            except Exception as error:
                logger.warning("Chroma could not be written, it is compared with all: %s", error)
                return False
            for card, rows in changes.items():
                if rows is None:
                    held.pop(card, None)
                else:
                    held[card] = rows.fingerprint
            self._mark = self._chroma.mark = agreement(held)
            return True

    def agree(self) -> int:
        """Make Chroma hold what the mirror holds; return how many cards differed.

        A damaged database is put aside and made anew.
        """
        with self._chroma.locked():
            cards = self._mirror.read()
            if cards is None:
                return 0
            try:
                differed = _bring_up(self._chroma, cards)
            except Exception as error:
                logger.warning("Chroma's database is damaged and is made anew: %s", error)
                self._chroma.reset()
                differed = _bring_up(self._chroma, cards)
            self._held = {card: rows.fingerprint for card, rows in cards.items()}
            self._mark = self._chroma.mark = agreement(self._held)
            return differed


def agreement(fingerprints: Mapping[str, str]) -> str:
    """Return a hash of which cards there are, in which state."""
    listed = "\n".join(f"{card} {each}" for card, each in sorted(fingerprints.items()))
    return hashlib.sha256(listed.encode()).hexdigest()[:16]


def _bring_up(chroma: ChromaCards, cards: Mapping[str, CardRows]) -> int:
    """Make Chroma hold exactly ``cards``, writing only what differs."""
    held = chroma.fingerprints()
    away = [card for card in held if card not in cards]
    missing = {card: rows for card, rows in cards.items() if held.get(card) != rows.fingerprint}
    chroma.delete([*away, *(card for card in missing if card in held)])
    chroma.write(missing)
    return len(away) + len(missing)
