"""Who is present: experts by name and version, added, removed and upgraded at run time.

A run works on a ``Snapshot``: it keeps the versions that it started with, whatever happens to the
registry meanwhile.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Mapping

from herd_graph.cards import ExpertCard, parse_expert
from herd_graph.errors import DeclarationError, ExpertExists, ExpertNotRegistered, suggest
from herd_graph.experts import Expert


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key: numbers by value, so that 10 comes after 9."""
    parts = re.findall(r"\d+|[A-Za-z]+", version)
    key = [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts]
    return (*key, (0, 1, ""))  # the end comes after letters: 2.0rc1 is before 2.0


class Snapshot(Mapping[str, Expert]):
    """The experts at one moment, by ``name@version``; never changes."""

    def __init__(self, experts: Mapping[str, Expert], before: Snapshot | None = None) -> None:
        """Hold these experts; ``before`` lends the fingerprints of the cards that have stayed."""
        self._experts = dict(experts)
        # Of the snapshot before, its fingerprints alone: a chain of snapshots would never be freed.
        self._known: dict[str, tuple[ExpertCard, str]] = {}
        if before is not None:
            self._known = before._prints or before._known
        self._prints: dict[str, tuple[ExpertCard, str]] = {}
        self._fingerprint = ""
        self._latest: dict[str, str] = {}
        for key in sorted(self._experts, key=lambda each: version_key(each.partition("@")[2])):
            self._latest[key.partition("@")[0]] = key

    def find(self, spec: str) -> Expert:
        """Return an expert by ``name`` (the latest version) or ``name@version``.

        Raises:
            ExpertNotRegistered: With the nearest name.
        """
        name, version = parse_expert(spec)
        key = spec if version is not None else self._latest.get(name, "")
        try:
            return self._experts[key]
        except KeyError:
            pass
        versions = [each for each in self._experts if each.partition("@")[0] == name]
        if versions:
            raise ExpertNotRegistered(
                f"Expert {spec!r} is not registered in that version. {suggest(spec, versions)} "
                "Leave the version out for the latest one."
            )
        raise ExpertNotRegistered(
            f"Expert {spec!r} is not registered. {suggest(name, self._latest)}"
        )

    def knows(self, spec: str) -> bool:
        """Say whether ``find`` would find it."""
        return spec in self._experts or spec in self._latest

    def caution_of(self, spec: str) -> str:
        """Return what an expert's card says about relying on it; nothing for one that is gone."""
        return self.find(spec).card.caution if self.knows(spec) else ""

    @property
    def cards(self) -> list[ExpertCard]:
        """The card of every expert and version, sorted by id."""
        return [self._experts[key].card for key in sorted(self._experts)]

    @property
    def latest(self) -> list[ExpertCard]:
        """The card of each expert's latest version, sorted by name."""
        return [self._experts[self._latest[name]].card for name in sorted(self._latest)]

    @property
    def fingerprint(self) -> str:
        """A hash of all cards: two equal registries have the same."""
        if not self._fingerprint:  # 30 µs a card: too dear to be made anew for each request
            for key, each in self._experts.items():
                held = self._known.get(key)
                same = held is not None and held[0] is each.card
                self._prints[key] = held if same and held else (each.card, each.card.fingerprint)
            joined = "\n".join(f"{key} {self._prints[key][1]}" for key in sorted(self._prints))
            self._fingerprint = hashlib.sha256(joined.encode()).hexdigest()[:16]
            self._known = {}
        return self._fingerprint

    def __getitem__(self, key: str) -> Expert:
        return self._experts[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._experts)

    def __len__(self) -> int:
        return len(self._experts)


class Registry:
    """The experts of a herd. Safe to change from any thread, also under load."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._telling = threading.RLock()
        self._snapshot = Snapshot({})
        self._listeners: list[Callable[[Snapshot], None]] = []

    def snapshot(self) -> Snapshot:
        """Return the experts as they are now."""
        return self._snapshot

    def on_change(self, listener: Callable[[Snapshot], None]) -> None:
        """Call ``listener`` with the new snapshot after each change."""
        self._listeners.append(listener)

    def add(self, *experts: Expert, replace: bool = False) -> None:
        """Register experts.

        Args:
            experts: What ``@expert`` made, or an adapter.
            replace: Put it in the place of the same name and version.

        Raises:
            ExpertExists: The same name and version is there and is another expert.
        """
        for each in experts:
            if not isinstance(each, Expert):  # pyright: ignore[reportUnnecessaryIsInstance]
                raise DeclarationError(
                    f"{each!r} is no expert. Expected what @expert makes, or an adapter. Put "
                    "@expert above the function."
                )
        with self._lock:
            held = dict(self._snapshot)
            for each in experts:
                there = held.get(each.card.id)
                if there is not None and there is not each and not replace:
                    raise ExpertExists(
                        f"Expert {each.card.id!r} is registered already. Expected a new version "
                        f"(version='2') or replace=True."
                    )
                held[each.card.id] = each
            self._snapshot = Snapshot(held, self._snapshot)
        self._tell()

    def remove(self, spec: str) -> list[Expert]:
        """Take an expert away: one version of ``name@version``, all of ``name``.

        Running plans keep it until they end. Raises ``ExpertNotRegistered``.
        """
        with self._lock:
            self._snapshot.find(spec)
            name, version = parse_expert(spec)
            gone = [
                key
                for key in self._snapshot
                if key == spec or (version is None and key.partition("@")[0] == name)
            ]
            removed = [self._snapshot[key] for key in gone]
            kept = {key: value for key, value in self._snapshot.items() if key not in gone}
            self._snapshot = Snapshot(kept, self._snapshot)
        self._tell()
        return removed

    def _tell(self) -> None:
        """Tell what is so now: whoever is told last is told the latest, however threads race."""
        with self._telling:
            for listener in list(self._listeners):
                listener(self._snapshot)

    def load_plugins(self) -> dict[str, str]:
        """Register what installed packages offer under the entry point group ``herd.experts``.

        Each entry point names an expert, a list of experts, or a callable that takes the registry.

        Returns:
            Entry points that failed, with the reason: one bad plugin does not stop the others.
        """
        from importlib.metadata import entry_points

        failed: dict[str, str] = {}
        for point in entry_points(group="herd.experts"):
            owner = point.dist.name if point.dist is not None else "?"
            try:
                offered = point.load()
                if isinstance(offered, Expert):
                    self.add(offered)
                elif isinstance(offered, list | tuple):
                    self.add(*offered)  # pyright: ignore[reportUnknownArgumentType]
                else:
                    offered(self)
            except Exception as error:
                failed[f"{point.name} ({owner})"] = f"{type(error).__name__}: {error}"
        return failed

    def find(self, spec: str) -> Expert:
        """Return an expert by name or ``name@version``. Raises ``ExpertNotRegistered``."""
        return self._snapshot.find(spec)

    def __contains__(self, spec: object) -> bool:
        return isinstance(spec, str) and self._snapshot.knows(spec)

    def __iter__(self) -> Iterator[Expert]:
        return iter(self._snapshot.values())

    def __len__(self) -> int:
        return len(self._snapshot)
