"""What past plans say about a new request: regressions, neighbours and what goes together.

Everything here is evidence about each known tool, of shape (tools,). What the evidence is worth is
learnt on requests that the memory was made without (``training``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from herd_graph.routing.learned.reading import Reading
from herd_graph.routing.learned.words import Floats, Rows

RIDGE = 0.1
"""The penalty of the kernel regressions, on kernels whose diagonal is 1."""
PHRASE_RIDGE = 1.0
NEIGHBOURS = (3, 10, 40)
SHARPNESS = 4
"""A neighbour counts with its similarity to this power."""
EVIDENCE = (
    "by words",
    "by meaning",
    "by both",
    *(f"{count} nearest" for count in NEIGHBOURS),
    "nearest with it",
    "clause, best",
    "clauses, all",
    "with others",
    "with another",
    "times seen",
)


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Past requests and their tools, ready to be asked about a new one."""

    rows: Rows
    vectors: Floats
    """Of shape (requests, dimensions)."""
    labels: Floats
    """1 where a request was met with a tool, of shape (requests, tools)."""
    regressions: Floats
    """Dual weights by words, by meaning and by both, of shape (3, requests, tools)."""
    phrases: Floats
    """Weights from a clause's vector to tools, the bias last, of shape (dimensions + 1, tools)."""
    means: Floats
    together: Floats
    """The share of a tool's plans that hold another one, of shape (tools, tools)."""

    @cached_property
    def counts(self) -> Floats:
        """How many plans hold each tool, of shape (tools,)."""
        return self.labels.sum(axis=0)

    @classmethod
    def of(
        cls,
        rows: Rows,
        vectors: Floats,
        words: Floats,
        labels: Floats,
        phrases: Sequence[tuple[Floats, int]],
    ) -> Memory:
        """Remember requests.

        Args:
            rows: Their words.
            vectors: Their vectors, of shape (requests, dimensions).
            words: How similar each is to each by words, of shape (requests, requests).
            labels: Which tools met each, of shape (requests, tools).
            phrases: Vectors of what single tools were called for, with the tool's place.
        """
        import numpy as np

        meaning = vectors @ vectors.T
        means = labels.mean(axis=0)
        centred = labels - means
        unit = RIDGE * np.eye(len(labels), dtype=np.float32)
        solved: list[Floats] = [
            np.linalg.solve(kernel + unit, centred)
            for kernel in (words, meaning**3, (words + meaning) / 2)
        ]
        counts = labels.sum(axis=0)
        pairs = labels.T @ labels
        np.fill_diagonal(pairs, 0)
        return cls(
            rows=rows,
            vectors=vectors,
            labels=labels.astype(np.float32),
            regressions=np.stack(solved).astype(np.float32),
            phrases=_clause_weights(phrases, vectors.shape[1], labels.shape[1]),
            means=means.astype(np.float32),
            together=(pairs / (counts[:, None] + 2)).astype(np.float32),
        )

    def similarities(self, reading: Reading) -> tuple[Floats, Floats]:
        """Return the cosines with every past request, by words and by meaning."""
        return self.rows.near(reading.terms), self.vectors @ reading.whole

    def evidence(self, words: Floats, meaning: Floats, said: Floats) -> Floats:
        """Return what speaks for each tool, of shape (evidence, tools), in the order of ``EVIDENCE``.

        Args:
            words: ``similarities`` of the request by words.
            meaning: And by meaning.
            said: ``by_clause`` of the request.
        """
        import numpy as np

        both = (words + meaning) / 2
        kernels = (words, meaning**3, both)
        regressed = [
            kernel @ weights + self.means
            for kernel, weights in zip(kernels, self.regressions, strict=True)
        ]
        order = np.argsort(-both)[: max(NEIGHBOURS)]
        near = np.clip(both[order], 0, None) ** SHARPNESS
        voted = [
            near[:count] @ self.labels[order[:count]] / (near[:count].sum() + 1e-9)
            for count in NEIGHBOURS
        ]
        closest = (both[:, None] * self.labels).max(axis=0)
        likely = np.clip(regressed[2], 0, 1)
        joint = likely[:, None] * self.together
        return np.stack(
            [
                *regressed,
                *voted,
                np.clip(closest, 0, None),
                said.max(axis=0),
                np.clip(said, 0, None).sum(axis=0),
                joint.sum(axis=0),
                joint.max(axis=0),
                np.log1p(self.counts),
            ]
        ).astype(np.float32)

    def by_clause(self, reading: Reading) -> Floats:
        """Return how much each clause sounds like a call of each tool, of shape (clauses, tools)."""
        return reading.clauses @ self.phrases[:-1] + self.phrases[-1]


def _clause_weights(phrases: Sequence[tuple[Floats, int]], dimensions: int, tools: int) -> Floats:
    """Regress tools on the vectors of what they were called for."""
    import numpy as np

    if not phrases:
        return np.zeros((dimensions + 1, tools), dtype=np.float32)
    x = np.ones((len(phrases), dimensions + 1), dtype=np.float32)
    x[:, :-1] = np.stack([vector for vector, _ in phrases])
    y = np.zeros((len(phrases), tools), dtype=np.float32)
    y[np.arange(len(phrases)), [tool for _, tool in phrases]] = 1
    unit = PHRASE_RIDGE * np.eye(dimensions + 1, dtype=np.float32)
    return np.linalg.solve(x.T @ x + unit, x.T @ y).astype(np.float32)
