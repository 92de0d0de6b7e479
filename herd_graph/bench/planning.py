"""``herd bench planning``: planners on a set in TaskBench form, all on the same folds.

Where the set has a test part, everything trains on the training part and is scored on the test part;
else by cross-validation. Beside the planners stand what costs nothing (the most frequent tools, the
plan of the nearest request) and what nobody can reach (the right tools given, only links to find).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from herd_graph.bench.plan_arguments import Arguments, arguments_of
from herd_graph.bench.plan_contestants import Contestant, contestants
from herd_graph.bench.plan_scores import Estimate, Numbers, Predicted, estimate, scores
from herd_graph.discovery.embedders import Embedder, Vectors, default_embedder
from herd_graph.errors import ConfigError
from herd_graph.routing.taskbench import Sample, TaskBench, load

SHOWN = ("node_f1", "link_f1", "exact", "exact_plan", "strict_node_f1", "strict_link_f1")


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one planner reached."""

    planner: str
    scores: dict[str, Estimate]
    against: dict[str, Estimate] = field(default_factory=dict[str, Estimate])
    """The difference to the reference, paired by request."""
    ms_p50: float = 0.0
    ms_p99: float = 0.0
    train_s: float = 0.0
    seen_recall: float | None = None
    unseen_recall: float | None = None
    """The share of wanted tools that were chosen: those in training, and those held out of it."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run of the benchmark."""

    data: str
    requests: int
    protocol: str
    reference: str
    rows: tuple[Row, ...]

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the table as people read it."""
        shown = [*SHOWN, *(["parameter_f1"] if "parameter_f1" in self.rows[0].scores else [])]
        head = f"{'planner':34}" + "".join(f"{name.replace('_', ' '):>16}" for name in shown)
        made = [f"{self.data}: {self.requests} requests, {self.protocol}", ""]
        made.append(f"{head}{'ms p50':>9}{'p99':>7}")
        for row in self.rows:
            cells = "".join(
                f"{row.scores[n].mean:>9.3f} ±{_half(row.scores[n]):.3f}" for n in shown
            )
            made.append(f"{row.planner:34}{cells}{row.ms_p50:>9.1f}{row.ms_p99:>7.1f}")
        paired = [row for row in self.rows if row.against]
        if paired:
            made += ["", f"difference to {self.reference!r}, paired by request, 95 %:"]
            made += [
                f"  {row.planner:32} node F1 {_signed(row.against['node_f1'])}"
                f"   link F1 {_signed(row.against['link_f1'])}"
                for row in paired
            ]
        held = [row for row in self.rows if row.unseen_recall is not None]
        if held:
            made += ["", "recall of tools in training, and of tools held out of it:"]
            for row in held:
                seen, unseen = row.seen_recall or 0.0, row.unseen_recall or 0.0
                ratio = f"{unseen / seen:.0%}" if seen else "-"
                made.append(f"  {row.planner:32} {seen:.3f}   {unseen:.3f}   {ratio}")
        return made


def _half(given: Estimate) -> float:
    return (given.high - given.low) / 2


def _signed(given: Estimate) -> str:
    return f"{given.mean:+.3f} [{given.low:+.3f}, {given.high:+.3f}]"


def run(
    folder: Path,
    *,
    training: bool = True,
    unseen: float = 0.0,
    seed: int = 1,
    folds: int = 5,
    only: Sequence[str] = (),
    limit: int = 0,
    embedder: Embedder | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure planners on a folder in TaskBench form.

    Args:
        folder: ``tool_desc.json``, ``train.jsonl``, and ``test.jsonl`` if there is one.
        training: False measures what works from the descriptions of tools alone.
        unseen: The share of tools that is held out of training, and has to be chosen all the same.
        seed: Draws the tools that are held out. Whatever is chosen with one draw in view is to be
            measured with another.
        folds: How many, where there is no test part.
        only: Planners whose names hold one of these; all without it.
        limit: Use the first so many requests, for a quick look.
        embedder: What makes vectors; the small model that ships by default.
        say: Where progress goes.

    Raises:
        ConfigError: The folder is not in this form, or nothing is left to measure.
    """
    data = load(folder)
    if limit:
        data = TaskBench(
            name=data.name,
            tools=data.tools,
            graph=data.graph,
            train=data.train[:limit],
            test=data.test[:limit],
        )
    if not 0 <= unseen < 1:
        raise ConfigError(
            f"A share of {unseen!r} of the tools cannot be held out. Expected a number from 0 to "
            "below 1, such as 0.2. Correct --unseen-tools."
        )
    remembered = Remembering(embedder or default_embedder())
    parts = _parts(data, folds if training or not data.test else 1)
    made: dict[str, _Tally] = {}
    for number, (train, test) in enumerate(parts, start=1):
        held = _held_out(data, unseen, number, seed) if unseen else frozenset[str]()
        kept = [each for each in train if not held & set(each.tools)]
        arguments = Arguments(kept) if any(each.arguments for each in test) else None
        for contestant in contestants(remembered, training=training):
            if only and not any(each in contestant.name for each in only):
                continue
            tally = made.setdefault(contestant.name, _Tally())
            say(f"part {number} of {len(parts)}: {contestant.name}")
            _measure(contestant, data, kept, test, held, tally, arguments)
    if not made:
        raise ConfigError(
            f"No planner is named like {list(only)!r}. Expected parts of names of planners. Leave "
            "--only out to see them."
        )
    wanted = [_gold(each) for _, test in parts for each in test]
    computed = {name: scores(tally.made, wanted) for name, tally in made.items()}
    reference = "kernel ridge" if "kernel ridge" in made else next(iter(made))
    rows = tuple(
        _row(name, tally, computed[name], computed[reference] if name != reference else None)
        for name, tally in made.items()
    )
    how = "trained on the training part" if training else "no training"
    if not data.test:
        how += f", {folds}-fold cross-validation" if training else ", all requests"
    if unseen:
        how += f", {unseen:.0%} of the tools held out of training (seed {seed})"
    return Report(
        data=data.name, requests=len(wanted), protocol=how, reference=reference, rows=rows
    )


@dataclass(kw_only=True)
class _Tally:
    made: list[Predicted | None] = field(default_factory=list[Predicted | None])
    seconds: list[float] = field(default_factory=list[float])
    train_s: float = 0.0
    seen: list[bool] = field(default_factory=list[bool])
    unseen: list[bool] = field(default_factory=list[bool])


def _measure(
    contestant: Contestant,
    data: TaskBench,
    train: Sequence[Sample],
    test: Sequence[Sample],
    held: frozenset[str],
    tally: _Tally,
    arguments: Arguments | None,
) -> None:
    contestant.late = held
    started = time.perf_counter()
    contestant.fit(data, train)
    tally.train_s += time.perf_counter() - started
    for each in test:
        contestant.told = each.tools
        started = time.perf_counter()
        got = contestant.plan(each.request)
        tally.seconds.append(time.perf_counter() - started)
        if got is not None and arguments is not None and not got.arguments:
            read = arguments.read(each.request, got.tools, got.links)
            got = replace(got, arguments=read)
        tally.made.append(got)
        chosen = set(got.tools) if got else set[str]()
        for tool in dict.fromkeys(each.tools):
            (tally.unseen if tool in held else tally.seen).append(tool in chosen)


def _row(name: str, tally: _Tally, got: dict[str, Numbers], base: dict[str, Numbers] | None) -> Row:
    import numpy as np

    against = {n: estimate(got[n] - base[n]) for n in ("node_f1", "link_f1")} if base else {}
    ms = np.array(tally.seconds) * 1000
    return Row(
        planner=name,
        scores={each: estimate(got[each]) for each in _measured(got)},
        against=against,
        ms_p50=float(np.quantile(ms, 0.5)),
        ms_p99=float(np.quantile(ms, 0.99)),
        train_s=tally.train_s,
        seen_recall=float(np.mean(tally.seen)) if tally.unseen and tally.seen else None,
        unseen_recall=float(np.mean(tally.unseen)) if tally.unseen else None,
    )


def _measured(got: dict[str, Numbers]) -> list[str]:
    """Return what can be said: nothing of arguments where no request tells them."""
    known = bool((got["parameter_f1"] == got["parameter_f1"]).any())
    return [*SHOWN, *(["parameter_f1"] if known else [])]


def _gold(sample: Sample) -> Predicted:
    return Predicted(tools=sample.tools, links=sample.links, arguments=arguments_of(sample))


def _parts(data: TaskBench, folds: int) -> list[tuple[list[Sample], list[Sample]]]:
    """Return what to train on and what to test on; the same cut whoever runs it."""
    if data.test:
        return [(list(data.train), list(data.test))]
    import numpy as np

    count = len(data.train)
    if count < 2 * folds:
        raise ConfigError(
            f"{data.name!r} holds {count} requests, too few for {folds} folds. Expected at least "
            f"{2 * folds}. Add requests, or a test.jsonl."
        )
    fold = np.empty(count, dtype=int)
    fold[np.random.default_rng(0).permutation(count)] = np.arange(count) % folds
    return [
        (
            [each for each, place in zip(data.train, fold, strict=True) if place != number],
            [each for each, place in zip(data.train, fold, strict=True) if place == number],
        )
        for number in range(folds)
    ]


def _held_out(data: TaskBench, share: float, number: int, seed: int) -> frozenset[str]:
    """Return tools that are kept out of training: others in every fold."""
    import numpy as np

    names = sorted(each.name for each in data.tools)
    count = max(1, round(share * len(names)))
    drawn: list[int] = np.random.default_rng(seed).permutation(len(names)).tolist()
    start = (number - 1) * count
    return frozenset(names[drawn[(start + k) % len(names)]] for k in range(count))


class Remembering:
    """Embeds a text once for all folds of training; what is timed is embedded anew.

    Folds share nine tenths of their texts: without this, hours of a benchmark would be the same
    vectors again. ``plan`` is measured with the embedding in it, since contestants ask for
    ``fresh`` vectors there.
    """

    def __init__(self, embedder: Embedder) -> None:
        self.fresh = embedder
        self.name, self.dimensions = embedder.name, embedder.dimensions
        self._known: dict[str, Vectors] = {}
        self._spans: dict[tuple[str, tuple[tuple[int, int], ...]], Vectors] = {}

    def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        for text in texts:
            if text not in self._known:
                self._known[text] = self.fresh.embed([text])[0]
        if not texts:
            return self.fresh.embed(texts)
        return np.stack([self._known[text] for text in texts])

    def spans(self, text: str, places: Sequence[tuple[int, int]]) -> Vectors:
        from herd_graph.routing.learned.reading import vectors

        key = (text, tuple(places))
        if key not in self._spans:
            self._spans[key] = vectors(self.fresh, text, places)
        return self._spans[key]
