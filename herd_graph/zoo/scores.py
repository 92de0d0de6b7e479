"""Score once, route many: per-token log-probabilities of every member, kept in one file.

Once each member has scored each text, every router that acts on whole models is arithmetic on
arrays: oracles, posteriors, clusters, distillation, deferral. What took minutes takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.zoo.posterior import Vector, mix, mixture

BASE = "base"


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreTable:
    """What every member thought of every token.

    Args:
        members: Names; ``base`` among them.
        logprobs: Shape (tokens of all texts, members).
        starts: Where each text starts, and the end of the last; shape (texts + 1,).
        domains: The domain of each text.
        embeddings: Of each text, shape (texts, width).
    """

    members: tuple[str, ...]
    logprobs: Vector
    starts: Vector
    domains: tuple[str, ...]
    embeddings: Vector

    def __post_init__(self) -> None:
        tokens, count = np.shape(self.logprobs)
        if (
            count != len(self.members)
            or BASE not in self.members
            or len(self.starts) != len(self.domains) + 1
            or int(self.starts[-1]) != tokens
            or len(self.embeddings) != len(self.domains)
        ):
            raise DeclarationError(
                f"A score table of {tokens} tokens by {count} members does not fit its "
                f"{len(self.members)} names, {len(self.domains)} texts and {len(self.starts)} starts. "
                f"Expected one of each, and {BASE!r} among the members. Score again."
            )

    @classmethod
    def of(
        cls,
        scores: Mapping[str, Sequence[Vector]],
        domains: Sequence[str],
        embeddings: Vector,
    ) -> ScoreTable:
        """Make a table of each member's scores of each text."""
        texts = next(iter(scores.values()))
        starts = np.cumsum([0, *(len(each) for each in texts)])
        columns = [np.concatenate(list(each)) for each in scores.values()]
        return cls(
            members=tuple(scores),
            logprobs=np.stack(columns, axis=1),
            starts=starts,
            domains=tuple(domains),
            embeddings=np.asarray(embeddings, dtype=np.float32),
        )

    @classmethod
    def load(cls, path: Path) -> ScoreTable:
        """Read a table. Raises ``ModelCorrupt``."""
        try:
            with np.load(path, allow_pickle=False) as held:
                return cls(
                    members=tuple(map(str, held["members"])),
                    logprobs=held["logprobs"].astype(np.float64),
                    starts=held["starts"],
                    domains=tuple(map(str, held["domains"])),
                    embeddings=held["embeddings"].astype(np.float32),
                )
        except (OSError, KeyError, ValueError) as error:
            raise ModelCorrupt(
                f"{str(path)!r} is no score table: {error}. Expected what ScoreTable.save writes. "
                "Score again."
            ) from error

    def save(self, path: Path) -> None:
        """Write the table, in half precision: the error is a thousandth of a nat."""
        np.savez_compressed(
            path,
            members=np.array(self.members),
            logprobs=self.logprobs.astype(np.float16),
            starts=self.starts,
            domains=np.array(self.domains),
            embeddings=self.embeddings.astype(np.float16),
        )

    def __len__(self) -> int:
        return len(self.domains)

    @property
    def names(self) -> tuple[str, ...]:
        """The distinct domains, in order."""
        return tuple(dict.fromkeys(self.domains))

    def text(self, index: int) -> Vector:
        """Return one text's scores, shape (length, members)."""
        return self.logprobs[self.starts[index] : self.starts[index + 1]]

    def only(self, members: Sequence[str]) -> ScoreTable:
        """Return the table without the other members."""
        columns = [self.members.index(name) for name in members]
        return ScoreTable(
            members=tuple(members),
            logprobs=self.logprobs[:, columns],
            starts=self.starts,
            domains=self.domains,
            embeddings=self.embeddings,
        )

    def always(self, member: str) -> list[Vector]:
        """Return what one member says of every text."""
        column = self.members.index(member)
        return [self.text(index)[:, column] for index in range(len(self))]

    def best_single(self) -> str:
        """Return the member that is best over all texts."""
        return self.members[int(np.argmax(self.logprobs.mean(axis=0)))]

    def oracle(self, granularity: str) -> list[Vector]:
        """Return the best choice with hindsight, for each domain, example or token."""
        if granularity == "token":
            return [self.text(index).max(axis=1) for index in range(len(self))]
        totals = np.stack([self.text(index).sum(axis=0) for index in range(len(self))])
        if granularity == "domain":
            belongs = np.array(self.domains)
            totals = np.stack([totals[belongs == domain].sum(axis=0) for domain in self.domains])
        elif granularity != "example":
            raise DeclarationError(
                f"There is no oracle for each {granularity!r}. Expected 'domain', 'example' or "
                "'token'. Correct the word."
            )
        best = totals.argmax(axis=1)
        return [self.text(index)[:, best[index]] for index in range(len(self))]

    def by_example(self, choose: Callable[[int], Mapping[str, float]]) -> list[Vector]:
        """Return what an example-level router gives: a fixed mixture for each text.

        Args:
            choose: Given a text's number, its members and their weights; none means the base.
        """
        made: list[Vector] = []
        for index in range(len(self)):
            chosen = choose(index) or {BASE: 1.0}
            weights = np.zeros(len(self.members))
            for name, weight in chosen.items():
                weights[self.members.index(name)] = weight
            scores = self.text(index)
            made.append(mixture(scores, np.broadcast_to(weights, scores.shape)))
        return made

    def posterior(self, **options: Any) -> list[Vector]:
        """Return what a posterior ensemble of all members gives; see ``posterior.mix``."""
        return [mix(self.text(index), **options).logprobs for index in range(len(self))]

    def perplexities(self, scored: Sequence[Vector]) -> dict[str, float]:
        """Return the perplexity of each domain."""
        found: dict[str, float] = {}
        for domain in self.names:
            parts = [s for s, d in zip(scored, self.domains, strict=True) if d == domain]
            found[domain] = float(np.exp(-np.concatenate(parts).mean()))
        return found

    def perplexity(self, scored: Sequence[Vector], domains: Sequence[str] | None = None) -> float:
        """Return the geometric mean of the domains' perplexities."""
        each = self.perplexities(scored)
        logs = [np.log(each[name]) for name in (self.names if domains is None else domains)]
        return float(np.exp(np.mean(logs)))

    def gap_closed(
        self,
        scored: Sequence[Vector],
        oracle: str = "example",
        domains: Sequence[str] | None = None,
    ) -> float:
        """Return the share of the way from base to oracle, in log-perplexity: 1 is the oracle."""
        low = np.log(self.perplexity(self.always(BASE), domains))
        high = np.log(self.perplexity(self.oracle(oracle), domains))
        mine = np.log(self.perplexity(scored, domains))
        return float((low - mine) / (low - high)) if low > high else 1.0


__all__ = ("BASE", "ScoreTable")
