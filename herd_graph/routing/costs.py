"""What a call is expected to cost and to take: a line over the length of the prompt, per expert."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from herd_graph.routing.matrices import Floats, Matrix


@dataclass(frozen=True, kw_only=True)
class CostLines:
    """USD (and seconds) = base + slope x characters. Most prices are by the length of the input."""

    usd_lines: Floats
    """Base and slope, of shape (2, experts)."""
    second_lines: Floats | None = None

    @classmethod
    def of(cls, matrix: Matrix) -> CostLines:
        """Fit the lines by least squares; what was not measured is left out."""
        return cls(
            usd_lines=_fit(matrix.prompts, matrix.cost),
            second_lines=(None if matrix.seconds is None else _fit(matrix.prompts, matrix.seconds)),
        )

    def usd(self, prompts: Sequence[str]) -> Floats:
        """Return the expected USD of each prompt at each expert."""
        return _at(self.usd_lines, prompts)

    def seconds(self, prompts: Sequence[str]) -> Floats | None:
        """Return the expected seconds, where they were measured."""
        return None if self.second_lines is None else _at(self.second_lines, prompts)


def _fit(prompts: Sequence[str], values: Floats) -> Floats:
    import numpy as np

    length = np.array([len(each) for each in prompts], dtype=np.float64)
    made = np.zeros((2, values.shape[1]))
    for expert in range(values.shape[1]):
        here = np.isfinite(values[:, expert])
        if not here.any():
            continue
        x: Floats = length[here]
        y: Floats = values[here, expert].astype(np.float64)
        spread = float(x.var())
        slope = max(0.0, float(np.cov(x, y, bias=True)[0, 1]) / spread) if spread > 0 else 0.0
        made[:, expert] = max(0.0, float(y.mean() - slope * x.mean())), slope
    return made.astype(np.float32)


def _at(lines: Floats, prompts: Sequence[str]) -> Floats:
    import numpy as np

    length = np.array([len(each) for each in prompts], dtype=np.float32)
    return lines[0] + length[:, None] * lines[1]


__all__ = ("CostLines",)
