"""``herd bench discovery``: is the right card found, how fast, and is it there after a crash?"""

from __future__ import annotations

import dataclasses
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from herd_graph.bench.catalogue import Catalogue, recombined, sentences
from herd_graph.bench.requests import Retrieval, compare, read
from herd_graph.discovery.blocks import Wanted, bits
from herd_graph.discovery.embedders import Embedder, default_embedder
from herd_graph.discovery.mirror import Mirror
from herd_graph.discovery.view import Limits, View
from herd_graph.errors import DeclarationError
from herd_graph.types import Kind

_ASKED = 200
_SPARED = (16, 64, 200, 1000)
_HEADED = (
    f"{'cards':>8}  {'query':<14}{'compared':>9}{'p50 ms':>9}{'p90 ms':>9}{'CPU ms':>9}"
    f"{'recall@10':>11}"
)


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How long a search takes beyond the embedding."""

    cards: int
    query: str
    """What limits it: ``any type``, ``gives text``, ``image to text``."""
    compared: str
    """``exact``, or how many candidates are compared in full."""
    p50_ms: float
    p90_ms: float
    cpu_ms: float
    """The median of this thread's own time: what a machine that is not busy would show."""
    recall: float
    """Of the exact ten."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """How long a new card takes, beyond its embedding, in a catalogue of a size."""

    cards: int
    searchable_ms: float
    durable_ms: float
    """Until the journal's line is on the disk."""
    slowest_searchable_ms: float


@dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that was measured."""

    retrieval: dict[str, list[Retrieval]] = field(default_factory=dict[str, list[Retrieval]])
    speed: list[Speed] = field(default_factory=list[Speed])
    arrival: list[Arrival] = field(default_factory=list[Arrival])
    load: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return dataclasses.asdict(self)

    def lines(self) -> list[str]:
        """Return everything as tables."""
        made: list[str] = []
        for table, contestants in self.retrieval.items():
            made += [
                f"request to tool: {table} (95 % bootstrap intervals)",
                f"{'':<34}{'R@1':>22}{'R@5':>22}{'MRR':>22}{'R@1 above plain':>25}{'ms':>7}",
                *(
                    f"{each.name:<34}{_told(each.first)}{_told(each.fifth)}{_told(each.reciprocal)}"
                    f"{_told(each.lead):>25}{each.ms:7.2f}"
                    for each in contestants
                ),
                "",
            ]
        if self.speed:
            made += [
                f"top 10, beyond the embedding (load {self.load:.1f} on {os.cpu_count()} cores)",
                _HEADED,
                *(
                    f"{each.cards:>8}  {each.query:<14}{each.compared:>9}{each.p50_ms:9.2f}"
                    f"{each.p90_ms:9.2f}{each.cpu_ms:9.2f}{each.recall:11.4f}"
                    for each in self.speed
                ),
                "",
                f"{'cards':>8}  {'a new card is searchable after':<32}{'at worst':>9}{'on disk after':>15}",
                *(
                    f"{each.cards:>8}  {f'{each.searchable_ms:.2f} ms':<32}"
                    f"{each.slowest_searchable_ms:>6.1f} ms{each.durable_ms:>12.1f} ms"
                    for each in self.arrival
                ),
            ]
        return made


def _told(values: tuple[float, float, float]) -> str:
    return f"{values[0]:8.4f} [{values[1]:.3f}, {values[2]:.3f}]".rjust(22)


def run(
    folder: Path,
    *,
    sizes: Sequence[int] = (1000, 10_000),
    embedder: Embedder | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure what a folder has data for.

    Args:
        folder: ``*.csv`` (also ``.gz``) of Query,Tool with a ``*tools.json``; ``*.jsonl`` (also
            ``.gz``) of model cards.
        sizes: Of the catalogues that are put together from the model cards.
        embedder: What makes vectors; the default one otherwise.
        say: Told what is being done.

    Raises:
        DeclarationError: There is nothing in the folder that can be measured.
    """
    model = embedder or default_embedder()
    tables = sorted((*folder.glob("*.csv"), *folder.glob("*.csv.gz")))
    tools = sorted(folder.glob("*tools.json"))
    models = sorted((*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")))
    if not (tables and tools) and not models:
        raise DeclarationError(
            f"{str(folder)!r} has nothing to measure discovery on. Expected a CSV of Query,Tool with "
            "a *tools.json beside it, or model cards in a *.jsonl. Name another folder."
        )
    report = Report(load=os.getloadavg()[0])
    if tools:
        for table in tables:
            report.retrieval[table.name] = compare(read(table, tools[0]), model, say)
    if models:
        pool = sentences(models[0])
        for size in sizes:
            say(f"putting {size} cards together from {len(pool)} sentences")
            made = recombined(pool, size, model, asked=min(_ASKED, len(pool) // 3))
            view = View().changed(made.cards, made.rows, ())
            say(f"searching {size} cards")
            report.speed.extend(_speeds(made, view))
            report.arrival.append(_arrival(made, view, model))
    return report


def _speeds(made: Catalogue, view: View) -> list[Speed]:
    queries = {
        "any type": Wanted(),
        "gives text": Wanted(gives=bits([Kind.TEXT])),
        "image to text": Wanted(takes=bits([Kind.IMAGE]), gives=bits([Kind.TEXT])),
    }
    found: list[Speed] = []
    for name, wanted in queries.items():
        limits = Limits(wanted=wanted)
        exact, speed = _timed(made, view, limits, None, name, None)
        found.append(speed)
        found.extend(_timed(made, view, limits, each, name, exact)[1] for each in _SPARED)
    return found


def _timed(
    made: Catalogue,
    view: View,
    limits: Limits,
    spare: int | None,
    name: str,
    exact: list[set[str]] | None,
) -> tuple[list[set[str]], Speed]:
    import numpy as np

    wall: list[float] = []
    own: list[float] = []
    answers: list[set[str]] = []
    asked = list(zip(made.questions, made.vectors, strict=True))
    for question, vector in asked[:3]:
        view.best(question.text, vector, 10, limits, spare=spare)
    for question, vector in asked:
        started, mine = time.perf_counter(), time.thread_time()
        hits = view.best(question.text, vector, 10, limits, spare=spare)
        own.append(time.thread_time() - mine)
        wall.append(time.perf_counter() - started)
        answers.append({hit.card for hit in hits})
    against = answers if exact is None else exact
    shares = [
        len(one & other) / max(1, len(other)) for one, other in zip(answers, against, strict=True)
    ]
    p50, p90 = (float(each) * 1000 for each in np.percentile(wall, [50, 90]))
    return answers, Speed(
        cards=len(made.cards),
        query=name,
        compared="exact" if spare is None else str(spare),
        p50_ms=p50,
        p90_ms=p90,
        cpu_ms=float(np.median(own)) * 1000,
        recall=float(np.mean(shares)),
    )


def _arrival(made: Catalogue, view: View, embedder: Embedder) -> Arrival:
    """Add cards one by one, and keep each: what ``sync`` does besides looking for what is new."""
    import numpy as np

    shown: list[float] = []
    kept: list[float] = []
    names = list(made.cards)[:40]
    with tempfile.TemporaryDirectory() as folder:
        mirror = Mirror(Path(folder), embedder.name, embedder.dimensions)
        with mirror.locked():
            mirror.save(made.rows)
        for number, name in enumerate(names):
            card = made.cards[name].model_copy(update={"name": f"newcomer_{number}"})
            rows = {card.id: made.rows[name]}
            started = time.perf_counter()
            view = view.changed({card.id: card}, rows, ())
            shown.append(time.perf_counter() - started)
            with mirror.locked():
                mirror.append(rows, ())
            kept.append(time.perf_counter() - started)
    return Arrival(
        cards=len(made.cards),
        searchable_ms=float(np.median(shown)) * 1000,
        durable_ms=float(np.median(kept)) * 1000,
        slowest_searchable_ms=max(shown) * 1000,
    )


__all__ = ("Arrival", "Report", "Speed", "run")
