"""Quality matrices: how well each of several experts did on each of many prompts, and at what cost.

    task,split,prompt,q:small,q:large,c:small,c:large
    gsm8k,train,"How many apples …",0.0,1.0,0.00002,0.0009

``q:`` is a quality from 0 to 1, ``c:`` a cost in USD, ``s:`` (if there) seconds; an empty cell was
not measured. ``herd collect`` writes this form, quality routers learn from it, and ``herd bench
routing`` measures on it.
"""

from __future__ import annotations

import csv
import gzip
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from herd_graph.errors import ConfigError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.floating[Any]]
    Ints: TypeAlias = NDArray[np.intp]
    Flags: TypeAlias = NDArray[np.bool_]
else:
    Floats = Ints = Flags = Any

MOST_CELL = 1 << 22
"""Characters of one prompt: csv's own limit is 128 Ki, and prompts with documents are longer."""


@dataclass(frozen=True, kw_only=True)
class Matrix:
    """Prompts by experts. Rows are prompts; NaN is what was not measured."""

    name: str
    experts: tuple[str, ...]
    prompts: tuple[str, ...]
    tasks: tuple[str, ...]
    splits: tuple[str, ...]
    quality: Floats = field(repr=False)
    """From 0 to 1, of shape (prompts, experts)."""
    cost: Floats = field(repr=False)
    """USD, of the same shape."""
    seconds: Floats | None = field(default=None, repr=False)
    features: Floats | None = field(default=None, repr=False)
    """Of the artifacts that went in, of shape (prompts, len(feature_names))."""
    feature_names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.prompts)

    def take(self, rows: Ints | Sequence[int]) -> Matrix:
        """Return some rows, in the order given."""
        import numpy as np

        at: list[int] = np.asarray(rows, dtype=np.intp).tolist()
        return replace(
            self,
            prompts=tuple(self.prompts[each] for each in at),
            tasks=tuple(self.tasks[each] for each in at),
            splits=tuple(self.splits[each] for each in at),
            quality=self.quality[at],
            cost=self.cost[at],
            seconds=None if self.seconds is None else self.seconds[at],
            features=None if self.features is None else self.features[at],
        )

    def only(self, experts: Sequence[str]) -> Matrix:
        """Return some experts, in the order given. Raises ``ConfigError``."""
        missing = [each for each in experts if each not in self.experts]
        if missing:
            raise ConfigError(
                f"Matrix {self.name!r} has no expert {missing[0]!r}. Expected one of: "
                f"{', '.join(self.experts)}. Correct the name."
            )
        at = [self.experts.index(each) for each in experts]
        return replace(
            self,
            experts=tuple(experts),
            quality=self.quality[:, at],
            cost=self.cost[:, at],
            seconds=None if self.seconds is None else self.seconds[:, at],
        )

    @property
    def complete(self) -> Matrix:
        """The rows in which every expert was measured."""
        import numpy as np

        return self.take(np.flatnonzero(np.isfinite(self.quality).all(axis=1)))

    def save(self, path: Path) -> None:
        """Write the matrix, compressed where the name ends in ``.gz``; all of it or nothing."""
        written = io.StringIO(newline="")
        out = csv.writer(written, lineterminator="\n")
        parts = [("q", self.quality), ("c", self.cost)]
        parts += [("s", self.seconds)] if self.seconds is not None else []
        heads = [f"{mark}:{expert}" for mark, _ in parts for expert in self.experts]
        own = self.features if self.features is not None else None
        heads += [f"f:{name}" for name in self.feature_names] if own is not None else []
        out.writerow(["task", "split", "prompt", *heads])
        for row in range(len(self)):
            cells = [_cell(value) for _, values in parts for value in values[row]]
            cells += [_cell(value) for value in own[row]] if own is not None else []
            out.writerow([self.tasks[row], self.splits[row], self.prompts[row], *cells])
        content = written.getvalue().encode()
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        aside.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
        aside.replace(path)


def load(path: Path) -> Matrix:
    """Read a matrix from ``.csv`` or ``.csv.gz``.

    Raises:
        ConfigError: With the line, the column and what is wrong there.
    """
    import numpy as np

    try:
        with _open(path) as source:
            lines = csv.reader(source)
            empty: list[str] = []
            head = next(lines, empty)
            columns = _columns(path, head)
            texts: list[list[str]] = []
            numbers: list[list[float]] = []
            for row in lines:
                if not row:
                    continue
                if len(row) != len(head):
                    raise ConfigError(
                        f"Line {lines.line_num} of {str(path)!r} has {len(row)} cells. Expected "
                        f"{len(head)}, as the first line has. Correct the line, or quote its commas."
                    )
                texts.append([row[columns.get(each, -1)] for each in ("task", "split", "prompt")])
                numbers.append([_number(path, lines.line_num, head, row, at) for at in columns.at])
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigError(
            f"The matrix {str(path)!r} cannot be read: {error}. Expected a CSV file in UTF-8, also "
            "compressed as .csv.gz. Check the path, or make one with: herd collect."
        ) from error
    if not texts:
        raise ConfigError(
            f"The matrix {str(path)!r} has no rows. Expected one for each prompt. Make one with: "
            "herd collect REQUESTS."
        )
    values = np.array(numbers, dtype=np.float32)
    count = len(columns.experts)
    quality = values[:, :count]
    if np.nanmax(quality, initial=0) > 1 or np.nanmin(quality, initial=0) < 0:
        wrong: list[list[int]] = np.argwhere((quality > 1) | (quality < 0)).tolist()
        row, at = wrong[0]
        raise ConfigError(
            f"Row {row + 1} of {str(path)!r} has the quality {quality[row, at]:g} for "
            f"{columns.experts[at]!r}. Expected a number from 0 to 1. Scale the column."
        )
    rest = values[:, 2 * count :]
    timed = rest[:, :count] if columns.timed else None
    own = rest[:, count if columns.timed else 0 :]
    return Matrix(
        name=path.name.partition(".")[0],
        experts=columns.experts,
        tasks=tuple(each[0] for each in texts),
        splits=tuple(each[1] for each in texts),
        prompts=tuple(each[2] for each in texts),
        quality=quality,
        cost=values[:, count : 2 * count],
        seconds=timed,
        features=own if columns.features else None,
        feature_names=columns.features,
    )


@dataclass(frozen=True, kw_only=True)
class _Columns:
    places: dict[str, int]
    experts: tuple[str, ...]
    at: tuple[int, ...]
    timed: bool
    features: tuple[str, ...]

    def get(self, name: str, otherwise: int) -> int:
        return self.places.get(name, otherwise)


def _columns(path: Path, head: Sequence[str]) -> _Columns:
    places = {name.strip(): at for at, name in enumerate(head)}
    experts = tuple(name[2:] for name in places if name.startswith("q:"))
    wanted = ["prompt", "task", *(f"c:{each}" for each in experts)]
    missing = [each for each in wanted if each not in places]
    if missing or len(experts) < 2 or len(places) != len(head):
        what = f"no column {missing[0]!r}" if missing else f"{len(experts)} 'q:' columns"
        raise ConfigError(
            f"The matrix {str(path)!r} has {what}, or a column twice. Expected task, split, prompt, "
            "and q:NAME and c:NAME for each of two experts or more. Correct its first line."
        )
    if "split" not in places:
        places["split"] = places["task"]
    timed = all(f"s:{each}" in places for each in experts)
    features = tuple(name[2:] for name in places if name.startswith("f:"))
    marks = ["q", "c", *(["s"] if timed else [])]
    at = [places[f"{mark}:{each}"] for mark in marks for each in experts]
    at += [places[f"f:{each}"] for each in features]
    return _Columns(places=places, experts=experts, at=tuple(at), timed=timed, features=features)


def _number(path: Path, line: int, head: Sequence[str], row: Sequence[str], at: int) -> float:
    cell = row[at].strip()
    if not cell:
        return float("nan")
    try:
        value = float(cell)
    except ValueError:
        value = float("inf")
    if value in {float("inf"), float("-inf")}:
        raise ConfigError(
            f"Line {line} of {str(path)!r} has {cell[:40]!r} in column {head[at]!r}. Expected a "
            "number, or nothing where it was not measured. Correct the cell."
        )
    return value


def _cell(value: float) -> str:
    return "" if value != value else f"{value:.7g}"  # noqa: PLR0124 - NaN is not itself


def _open(path: Path) -> IO[str]:
    if csv.field_size_limit() < MOST_CELL:
        csv.field_size_limit(MOST_CELL)
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


__all__ = ("Matrix", "load")
