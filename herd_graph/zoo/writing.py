"""Write text, token by token: through a zoo, from a posterior ensemble, or with deferral.

All three yield each token with who had a part in it, and ask before each one whether to go on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from herd_graph.zoo.deferral import DeferralHead
from herd_graph.zoo.members import CausalMember, CausalSession, Member, check_members
from herd_graph.zoo.posterior import Posterior, Vector, mixture
from herd_graph.zoo.zoo import ExpertZoo, Route


@dataclass(frozen=True, kw_only=True)
class Written:
    """One token that was written."""

    token: int
    logprob: float
    parts: Mapping[str, float]
    """Who had which part in choosing it."""


@dataclass(frozen=True, kw_only=True)
class Decoding:
    """How tokens are chosen.

    Args:
        max_tokens: At most.
        temperature: 0 takes the likeliest; else what log-probabilities are divided by.
        seed: Of the drawing.
        stops: Tokens that end the text; they are not part of it.
    """

    max_tokens: int = 64
    temperature: float = 0.0
    seed: int = 0
    stops: frozenset[int] = frozenset()

    def draws(self) -> Any:
        """Return the source of chance."""
        return np.random.default_rng(self.seed)

    def choose(self, logprobs: Vector, draws: Any) -> int:
        """Choose the next token."""
        if self.temperature <= 0:
            return int(np.argmax(logprobs))
        scaled = logprobs / self.temperature
        shares = np.exp(scaled - scaled.max())
        return int(draws.choice(len(shares), p=shares / shares.sum()))


def write(
    zoo: ExpertZoo, ids: Sequence[int], use: Route = None, how: Decoding | None = None
) -> Iterator[Written]:
    """Continue a text through a zoo.

    ``parts`` of a token are the masses of the adapters in the pass that gave it: those at the last
    token before it.
    """
    decoding = how or Decoding(stops=zoo.base.stops)
    draws = decoding.draws()
    session = CausalSession(zoo, ids, use, record=True)
    for _ in range(decoding.max_tokens):
        logprobs = session.logprobs()
        token = decoding.choose(logprobs, draws)
        if token in decoding.stops:
            return
        yield Written(token=token, logprob=float(logprobs[token]), parts=session.masses[-1])
        session.feed([token])


def write_together(
    members: Sequence[Member],
    ids: Sequence[int],
    posterior: Posterior | None = None,
    how: Decoding | None = None,
) -> Iterator[Written]:
    """Continue a text with a posterior ensemble (arXiv 2208.03306, equation 1).

    The prompt is scored first: who predicts it best has the most weight from the first token on.
    """
    check_members(members)
    decoding = how or Decoding()
    draws = decoding.draws()
    state = posterior or Posterior(prior=np.ones(len(members)))
    if len(ids) > 1:
        scores = np.stack([each.score(ids) for each in members], axis=1)
        for row in scores:
            state.update(row)
    sessions = [each.begin(ids) for each in members]
    for _ in range(decoding.max_tokens):
        each = np.stack([session.logprobs() for session in sessions], axis=1)
        weights = state.weights()
        logprobs = mixture(each, np.broadcast_to(weights, each.shape))
        token = decoding.choose(logprobs, draws)
        if token in decoding.stops:
            return
        parts = {m.name: round(float(w), 4) for m, w in zip(members, weights, strict=True)}
        yield Written(token=token, logprob=float(logprobs[token]), parts=parts)
        state.update(each[token])
        for session in sessions:
            session.feed([token])


def write_deferring(
    small: CausalMember,
    large: Member,
    head: DeferralHead,
    ids: Sequence[int],
    how: Decoding | None = None,
) -> Iterator[Written]:
    """Continue a text with a small model that defers single tokens (arXiv 2403.03870, section 3.3).

    The large model reads what it missed when it is next asked, in one pass.
    """
    check_members([small, large])
    decoding = how or Decoding(stops=small.zoo.base.stops)
    draws = decoding.draws()
    own = small.begin(ids)
    other: Any = None
    missed: list[int] = []
    for _ in range(decoding.max_tokens):
        chance = float(head.probability(own.hidden.double().numpy()))
        deferred = chance > head.threshold
        if deferred:
            if other is None:
                other = large.begin([*ids, *missed])
            else:
                other.feed(missed)
            missed = []
        logprobs = other.logprobs() if deferred else own.logprobs()
        token = decoding.choose(logprobs, draws)
        if token in decoding.stops:
            return
        name = large.name if deferred else small.name
        yield Written(token=token, logprob=float(logprobs[token]), parts={name: 1.0})
        own.feed([token])
        missed.append(token)


__all__ = ("Decoding", "Written", "write", "write_deferring", "write_together")
