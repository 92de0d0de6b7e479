"""``herd bench routing``: routers among experts of one job, on a quality matrix, out of fold.

Every number stands beside what costs nothing (the best single expert, the cheapest, a random one,
the same mix of experts drawn at random) and what nobody can reach (the task's label, the oracle).
Prompts fall into folds by their hash: equal prompts stay together, whatever the file's order.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from herd_graph.bench import routing_scores as score
from herd_graph.bench.routing_contestants import REFERENCE, Contestant, contestants
from herd_graph.bench.routing_scores import Interval
from herd_graph.bench.vectors import remembered
from herd_graph.discovery.embedders import Embedder, default_embedder
from herd_graph.errors import ConfigError
from herd_graph.routing.costs import CostLines
from herd_graph.routing.matrices import Floats, Matrix, load

FEWEST = 100
"""Prompts below which no fold says anything."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one router reached."""

    router: str
    quality: float
    gain: Interval | None = None
    """Against the best single expert, paired by prompt."""
    against: Interval | None = None
    """Against the reference, paired by prompt."""
    usd: float = 0.0
    """Of one prompt."""
    shuffle: float | None = None
    """What the same mix of experts reaches when prompts draw them at random."""
    gap_closed: float | None = None
    """The share of the way from the best single expert to the oracle."""
    aiq: float | None = None
    saved: dict[str, float | None] = field(default_factory=dict[str, Any])
    """The share of the best single's cost that is saved at 100, 99 and 95 % of its quality."""
    brier: float | None = None
    ece: float | None = None
    train_s: float = 0.0
    ms_p50: float = 0.0
    """One decision, without the embedding."""
    ms_p99: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Report:
    """One run of the benchmark."""

    data: str
    prompts: int
    experts: int
    folds: int
    best_single: str
    reference: str
    rows: tuple[Row, ...]
    newcomers: tuple[dict[str, Any], ...] = ()
    drift: tuple[dict[str, Any], ...] = ()
    latency: dict[str, dict[str, float]] = field(default_factory=dict[str, dict[str, float]])
    """``embed``, ``search``, ``score``: p50 and p99 in ms."""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return what ``--json`` prints."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the tables as people read them."""
        head = (
            f"{'router':28}{'quality':>9}{'against best single':>26}{'gap':>7}{'AIQ':>8}"
            f"{'saved @100/99/95 %':>21}{'USD/1k':>9}{'shuffle':>9}{'Brier':>8}{'ECE':>7}"
            f"{'ms p50':>8}{'p99':>7}"
        )
        made = [
            f"{self.data}: {self.prompts} prompts, {self.experts} experts, {self.folds} folds",
            f"best single: {self.best_single}",
            "",
            head,
        ]
        for row in self.rows:
            saved = "/".join(_percent(each) for each in row.saved.values()) if row.saved else ""
            timing = f"{row.ms_p50:>8.2f}{row.ms_p99:>7.2f}" if row.ms_p99 else ""
            made.append(
                f"{row.router:28}{row.quality:>9.4f}{_signed(row.gain):>26}"
                f"{_share(row.gap_closed):>7}{_number(row.aiq, 4):>8}{saved:>21}"
                f"{row.usd * 1000:>9.3f}{_number(row.shuffle, 4):>9}{_number(row.brier, 3):>8}"
                f"{_number(row.ece, 3):>7}{timing}"
            )
        paired = [row for row in self.rows if row.against is not None]
        if paired:
            made += ["", f"difference in quality to {self.reference!r}, paired by prompt, 95 %:"]
            made += [f"  {row.router:28}{row.against}" for row in paired]
        if self.newcomers:
            made += ["", "a newcomer with N scored anchors, nothing else retrained:"]
            made += [_newcomer(each) for each in self.newcomers]
        if self.drift:
            made += ["", "online, after the best expert fell to 30 % of its quality half-way:"]
            made += [_drift(each) for each in self.drift]
        if self.latency:
            made += ["", "one decision, ms (p50 / p99):"]
            made += [
                f"  {name:10}{each['p50']:.3f} / {each['p99']:.3f}"
                for name, each in self.latency.items()
            ]
        return [*made, *(["", *self.notes] if self.notes else [])]


def run(
    path: Path,
    *,
    folds: int = 5,
    only: Sequence[str] = (),
    limit: int = 0,
    test_split: str = "",
    curves: bool = True,
    peers: bool = False,
    embedder: Embedder | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Report:
    """Measure routers on a quality matrix.

    Args:
        path: A CSV with ``task``, ``prompt``, ``q:NAME`` and ``c:NAME``.
        folds: How many; each prompt is decided by what was learnt from the others.
        only: Routers whose names hold one of these; all without it.
        limit: Use the first so many prompts, for a quick look.
        test_split: Measure on the prompts of this split alone, by what was learnt from all others,
            instead of cross-validating: for splits that hold something back, such as a voice. What
            is learnt from no fold of its own (newcomers, drift) is left out then.
        curves: Measure newcomers, drift and the parts of a decision's time too.
        peers: Run other projects' routers on the same folds, where they are installed.
        embedder: What makes vectors; the small model that ships by default.
        say: Where progress goes.

    Raises:
        ConfigError: The file is not in this form, or holds too little.
    """
    whole = load(path)
    matrix = whole.complete
    notes = [
        f"{len(whole) - len(matrix)} prompts were left out: not every expert was measured on them."
    ] * (len(matrix) < len(whole))
    if limit:
        matrix = matrix.take(range(min(limit, len(matrix))))
    if len(matrix) < FEWEST or not 2 <= folds <= len(matrix):
        raise ConfigError(
            f"The matrix {str(path)!r} has {len(matrix)} complete prompts for {folds} folds. Expected "
            f"at least {FEWEST}, and 2 folds or more. Collect more: herd collect REQUESTS."
        )
    embedding = embedder or default_embedder()
    say(f"vectors of {len(matrix)} prompts")
    vectors = remembered(matrix.prompts, embedding)
    learnt: tuple[Matrix, Floats] | None = None
    if test_split:
        inside = [k for k, split in enumerate(matrix.splits) if split == test_split]
        outside = [k for k, split in enumerate(matrix.splits) if split != test_split]
        if not inside or not outside:
            raise ConfigError(
                f"The matrix {str(path)!r} has {len(inside)} prompts in split {test_split!r} and "
                f"{len(outside)} outside. Expected some in each. Its splits are: "
                f"{', '.join(sorted(set(matrix.splits))) or 'none'}."
            )
        learnt = matrix.take(outside), vectors[outside]
        matrix, vectors = matrix.take(inside), vectors[inside]
        notes.append(f"Learnt from {len(outside)} prompts of other splits.")
        folds, curves = 1, False
    parts = fold_of(matrix.prompts, folds)
    field_ = _Field(matrix, vectors, parts, say, learnt)
    chosen = [
        each
        for each in contestants(peers=peers)
        if not only
        or each.name in {REFERENCE, *only}
        or any(o.lower() in each.name.lower() for o in only)
    ]
    rows = [*field_.constants(), *field_.measure(chosen)]
    newcomers: tuple[dict[str, Any], ...] = ()
    drift: tuple[dict[str, Any], ...] = ()
    latency: dict[str, dict[str, float]] = {}
    if curves:
        from herd_graph.bench import routing_curves as more

        newcomers = tuple(more.newcomers(matrix, vectors, parts, say))
        drift = tuple(more.drift(matrix, vectors, say))
        latency = more.latency(matrix, vectors, embedding)
    return Report(
        data=matrix.name,
        prompts=len(matrix),
        experts=len(matrix.experts),
        folds=folds,
        best_single=matrix.experts[field_.best],
        reference=REFERENCE,
        rows=tuple(rows),
        newcomers=newcomers,
        drift=drift,
        latency=latency,
        notes=(*notes, *field_.notes),
    )


def fold_of(prompts: Sequence[str], folds: int) -> list[int]:
    """Return the fold of each prompt, by its hash."""
    return [int(hashlib.sha256(each.encode()).hexdigest()[:8], 16) % folds for each in prompts]


class _Field:
    """One matrix, its folds, and what everything is compared with."""

    def __init__(
        self,
        matrix: Matrix,
        vectors: Floats,
        parts: Sequence[int],
        say: Callable[[str], None],
        learnt: tuple[Matrix, Floats] | None,
    ) -> None:
        import numpy as np

        self.matrix, self.vectors, self.say = matrix, vectors, say
        self.learnt = learnt
        self.notes: list[str] = []
        self.parts = np.array(parts)
        self.quality = matrix.quality.astype(np.float64)
        self.cost = np.nan_to_num(matrix.cost.astype(np.float64))
        self.alone = score.singles(self.quality, self.cost)
        self.best = int(self.quality.mean(axis=0).argmax())
        self.expected_cost = np.zeros_like(self.cost)
        for train, test in self.splits():
            lines = CostLines.of(train[0])
            self.expected_cost[test] = lines.usd([matrix.prompts[each] for each in test])
        self.top = score.of(self.quality, score.oracle(self.quality, self.cost))

    def splits(self) -> list[tuple[tuple[Matrix, Floats], list[int]]]:
        """Return what is learnt from, with its vectors, and the rows that it is asked about."""
        import numpy as np

        if self.learnt is not None:
            return [(self.learnt, list(range(len(self.matrix))))]
        made: list[tuple[tuple[Matrix, Floats], list[int]]] = []
        for each in sorted(set(self.parts.tolist())):
            rest: list[int] = np.flatnonzero(self.parts != each).tolist()
            asked: list[int] = np.flatnonzero(self.parts == each).tolist()
            made.append(((self.matrix.take(rest), self.vectors[rest]), asked))
        return made

    def constants(self) -> list[Row]:
        """Return what needs no router, and what no router can reach."""
        import numpy as np

        count = len(self.matrix)
        single = np.full(count, self.best)
        cheapest = np.full(count, int(self.cost.mean(axis=0).argmin()))
        hull = score.aiq(self.alone, *self._range)
        return [
            self._row("best single", single, curve=self.alone, aiq=hull),
            self._row("cheapest", cheapest),
            Row(
                router="random",
                quality=float(self.quality.mean()),
                usd=float(self.cost.mean()),
            ),
            self._row("task oracle", score.task_oracle(self.quality, self.matrix.tasks)),
            self._row("oracle", score.oracle(self.quality, self.cost)),
        ]

    @property
    def _range(self) -> tuple[float, float]:
        return float(self.alone[:, 0].min()), float(self.alone[:, 0].max())

    def _row(self, name: str, picks: Any, *, curve: Any = None, aiq: float | None = None) -> Row:
        got = score.of(self.quality, picks)
        single = self.alone[self.best, 1]
        reach = float(self.top.mean()) - single
        best = (float(self.alone[self.best, 0]), float(single))
        return Row(
            router=name,
            quality=float(got.mean()),
            gain=score.interval(got - self.quality[:, self.best]),
            usd=float(score.of(self.cost, picks).mean()),
            shuffle=score.shuffled(self.quality, picks),
            gap_closed=float(got.mean() - single) / reach if reach > 0 else None,
            aiq=aiq if aiq is not None or curve is None else score.aiq(curve, *self._range),
            saved=(
                {f"{level:.0%}": score.saved(curve, best, level) for level in score.LEVELS}
                if curve is not None
                else {}
            ),
        )

    def measure(self, chosen: Sequence[Contestant]) -> list[Row]:
        """Fit and ask every contestant on every fold."""
        rows: list[Row] = []
        reached: dict[str, Any] = {}
        for each in chosen:
            try:
                row, got = self._measured(each)
            except Exception as error:
                if not each.peer:
                    raise
                self.notes.append(f"{each.name} was left out: {type(error).__name__}: {error}")
                continue
            rows.append(row)
            reached[each.name] = got
        if REFERENCE in reached:
            rows = [
                row
                if row.router == REFERENCE
                else replace(row, against=score.interval(reached[row.router] - reached[REFERENCE]))
                for row in rows
            ]
        return rows

    def _measured(self, each: Contestant) -> tuple[Row, Floats]:
        """Fit and ask one contestant on every fold; return its row and what each prompt got."""
        import numpy as np

        expected = np.zeros_like(self.quality)
        picks = np.zeros(len(self.matrix), dtype=np.intp)
        took, ms = 0.0, [0.0]
        for number, (train, test) in enumerate(self.splits(), start=1):
            self.say(f"{each.name}: fold {number} of {int(self.parts.max()) + 1}")
            started = time.perf_counter()
            predict = each.fit(*train)
            took += time.perf_counter() - started
            asked = [self.matrix.prompts[k] for k in test]
            looks = None if self.matrix.features is None else self.matrix.features[test]
            found = predict(asked, self.vectors[test], looks)
            expected[test] = found.quality
            picks[test] = found.quality.argmax(axis=1) if found.picks is None else found.picks
            if number == 1 and not each.peer:
                ms = [_timed(predict, self.matrix, k, self.vectors[k]) for k in test[:60]]
        curve = score.curve(expected, self.expected_cost, self.quality, self.cost)
        got = score.of(self.quality, picks)
        honest = each.calibrated
        row = replace(
            self._row(each.name, picks, curve=curve),
            brier=float(((expected - self.quality) ** 2).mean()) if honest else None,
            ece=score.calibration(score.of(expected, picks), got) if honest else None,
            train_s=took,
            ms_p50=float(np.quantile(ms, 0.5)),
            ms_p99=float(np.quantile(ms, 0.99)),
        )
        return row, got


def _timed(predict: Any, matrix: Matrix, row: int, vector: Floats) -> float:
    looks = None if matrix.features is None else matrix.features[row : row + 1]
    started = time.perf_counter()
    predict([matrix.prompts[row]], vector[None], looks)
    return (time.perf_counter() - started) * 1000


def _signed(given: Interval | None) -> str:
    return "" if given is None else str(given)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _newcomer(given: dict[str, Any]) -> str:
    told = "  ".join(f"N={n}: {q:.4f}" for n, q in given["anchors"].items())
    return (
        f"  {given['expert']:36} without {given['without']:.4f}  {told}  "
        f"all labels {given['full']:.4f}"
    )


def _drift(given: dict[str, Any]) -> str:
    return (
        f"  {given['policy']:36} before {given['before']:.4f}  first 1,000 after "
        f"{given['first']:.4f}  last 500 {given['last']:.4f}"
    )


__all__ = ("Report", "Row", "fold_of", "run")
