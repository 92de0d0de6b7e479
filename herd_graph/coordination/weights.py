"""What each expert counts when results are fused: by its measured quality on inputs of that kind.

Never by taste: where nothing was measured, all count the same. What was measured comes from quality
matrices (``herd collect``). Kinds of input are told apart by features of the input itself (how long,
how noisy, how large), by a small tree that is cut where the experts' *relative* quality changes.
Few measurements say little: the mean of a kind is drawn towards that of all inputs, and that towards
the mean of all experts (James-Stein shrinkage with a fixed strength). A voter who is right with
probability p counts log(p / (1 - p)), which is the best there is for independent voters (Nitzan and
Paroush 1982, Optimal decision rules in uncertain dichotomous choice situations).
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from herd_graph.binding import Ref
from herd_graph.cards import ExpertCard
from herd_graph.errors import ConfigError, HerdError
from herd_graph.routing.features import features_of
from herd_graph.routing.matrices import Matrix
from herd_graph.store import ArtifactStore

NAME = "weights.json"
STRENGTH = 20.0
"""Measurements that the mean over all inputs counts for, beside those of one kind of input."""
LEAST_ROWS = 40
"""Rows of a kind of input; fewer are no kind of their own."""
DEPTH = 2
_LEAST_GAIN = 0.02
"""How much the relative quality has to differ between two kinds, as a root mean square."""
_LEAST, _MOST = 0.52, 0.98
"""Between these a quality counts as a probability of being right: nobody is always right."""


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class InputKind(_Model):
    """Inputs of one kind, or a question that tells two kinds apart."""

    quality: dict[str, float] = {}
    """The mean by expert, drawn towards that of the inputs above."""
    rows: int = 0
    feature: str = ""
    """Empty for a kind that is not divided."""
    above: float = 0.0
    low: InputKind | None = None
    """Measured inputs whose feature is at most ``above``, or was not known."""
    high: InputKind | None = None

    def find(self, features: Mapping[str, float]) -> InputKind:
        """Return the kind that an input with these features is of."""
        if not self.feature or self.low is None or self.high is None:
            return self
        value = features.get(self.feature)
        if value is None or math.isnan(value):
            return self  # nobody knows which: the mean of both
        return (self.high if value > self.above else self.low).find(features)


class Table(_Model):
    """What was measured in one matrix."""

    name: str
    experts: tuple[str, ...]
    mean: float
    """The mean quality of all experts: what a newcomer counts."""
    kinds: InputKind


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What experts count, by what was measured of them."""

    tables: tuple[Table, ...] = ()

    @classmethod
    def load(cls, path: Path) -> Weights | None:
        """Read a file; None where there is none. Raises ``ConfigError``."""
        try:
            said = json.loads(path.read_text(encoding="utf-8"))
            return cls(tables=tuple(Table.model_validate(each) for each in said["tables"]))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, ValidationError) as error:
            raise ConfigError(
                f"The weights in {str(path)!r} cannot be read: {type(error).__name__}: {error}. "
                "Expected what training wrote. Write them anew: herd train quality MATRIX."
            ) from error

    def save(self, path: Path) -> None:
        """Write the file; all of it or nothing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        said = {"tables": [each.model_dump(mode="json") for each in self.tables]}
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")
        aside.replace(path)

    def plus(self, table: Table) -> Weights:
        """Return the same with a table, in the place of one of its name."""
        kept = tuple(each for each in self.tables if each.name != table.name)
        return Weights(tables=(*kept, table))

    def of(
        self, cards: Iterable[ExpertCard], inputs: Mapping[str, Ref], store: ArtifactStore
    ) -> dict[str, float] | None:
        """Return what each candidate counts for this input, the best one 1; None: all the same.

        A candidate that was not measured counts as the mean of those that were.
        """
        several = list(cards)
        measured = [(sum(_name(each, t) != "" for each in several), t) for t in self.tables]
        best, table = max(measured, key=lambda each: each[0], default=(0, None))
        if table is None or best < 1 or len(several) < 2:
            return None
        features = _features(inputs, store) if table.kinds.feature else {}
        quality = table.kinds.find(features).quality
        counts = {
            each.id: log_odds(quality.get(_name(each, table), table.mean)) for each in several
        }
        top = max(counts.values())
        return {name: each / top for name, each in counts.items()}


def log_odds(quality: float) -> float:
    """Return what a voter counts who is right with this probability; always above 0."""
    p = min(_MOST, max(_LEAST, quality))
    return math.log(p / (1 - p))


def measure(matrix: Matrix) -> Table:
    """Return what a matrix says of its experts, by kinds of input where its features tell.

    Args:
        matrix: Qualities from 0 to 1; cells that were not measured are left out.
    """
    import numpy as np

    quality = np.asarray(matrix.quality, dtype=np.float64)
    mean = float(np.nanmean(quality)) if np.isfinite(quality).any() else 0.5
    above = np.full(len(matrix.experts), mean)
    features: Any = matrix.features
    kinds = _grown(matrix, quality, features, np.arange(len(quality)), above, DEPTH)
    return Table(name=matrix.name, experts=matrix.experts, mean=mean, kinds=kinds)


def _grown(
    matrix: Matrix, quality: Any, features: Any, rows: Any, above: Any, depth: int
) -> InputKind:
    import numpy as np

    part = quality[rows]
    counts = np.isfinite(part).sum(axis=0)
    sums = np.nansum(part, axis=0)
    means = (sums + STRENGTH * above) / (counts + STRENGTH)
    made = InputKind(
        quality={
            name: round(float(value), 5) for name, value in zip(matrix.experts, means, strict=True)
        },
        rows=len(rows),
    )
    found = _split(part, features[rows]) if depth and matrix.feature_names else None
    if found is None:
        return made
    at, threshold = found
    goes_high = features[rows, at] > threshold
    return made.model_copy(
        update={
            "feature": matrix.feature_names[at],
            "above": float(threshold),
            "low": _grown(matrix, quality, features, rows[~goes_high], means, depth - 1),
            "high": _grown(matrix, quality, features, rows[goes_high], means, depth - 1),
        }
    )


def _split(part: Any, features: Any) -> tuple[int, float] | None:
    """Return the feature and the threshold between which the experts' relative quality differs most.

    A difference that noise explains (two standard errors) is none.
    """
    import numpy as np

    if len(part) < 2 * LEAST_ROWS:
        return None
    relative = part - np.nanmean(part, axis=1, keepdims=True)
    spread = np.nanvar(relative, axis=0)
    best: tuple[float, int, float] | None = None
    for at in range(features.shape[1]):
        values = features[:, at]
        known = np.isfinite(values)
        if known.sum() < 2 * LEAST_ROWS:
            continue
        for share in (0.25, 0.5, 0.75):
            threshold = float(np.quantile(values[known], share))
            high, low = known & (values > threshold), known & (values <= threshold)
            if min(high.sum(), low.sum()) < LEAST_ROWS:
                continue
            apart: Any = np.nanmean(relative[high], axis=0) - np.nanmean(relative[low], axis=0)
            noise = spread * (1 / high.sum() + 1 / low.sum())
            squares: Any = np.clip(apart**2 - 4 * noise, 0, None)
            gain = math.sqrt(float(squares.mean()))
            if gain > _LEAST_GAIN and (best is None or gain > best[0]):
                best = (gain, at, threshold)
    return None if best is None else best[1:]


def _name(card: ExpertCard, table: Table) -> str:
    """Return the name under which a table has an expert; empty where it does not."""
    return next((each for each in (card.id, card.name) if each in table.experts), "")


def _features(inputs: Mapping[str, Ref], store: ArtifactStore) -> dict[str, float]:
    found: dict[str, float] = {}
    for value in inputs.values():
        for ref in cast("Sequence[Any]", value if isinstance(value, list) else [value]):
            try:
                found = {**features_of(ref, store), **found}
            except HerdError:
                continue  # an unreadable file is the expert's to tell of
    return found


InputKind.model_rebuild()

__all__ = ("NAME", "Table", "Weights", "log_odds", "measure")
