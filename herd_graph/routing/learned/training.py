"""Train a model of plans on requests with their plans.

What the evidence is worth is learnt on requests that the memory behind the evidence was made without:
in folds, as it will be when a new request comes. Some tools are hidden from some of those memories, so
that the trees for unknown tools learn what a card alone is worth beside tools that plans hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from herd_graph.discovery.embedders import Embedder
from herd_graph.errors import ConfigError
from herd_graph.routing.learned import nodes, order, sets
from herd_graph.routing.learned.cards import Cards
from herd_graph.routing.learned.forests import Forest, grow
from herd_graph.routing.learned.habits import Habits
from herd_graph.routing.learned.memory import Memory
from herd_graph.routing.learned.model import PlanModel, lift
from herd_graph.routing.learned.nodes import Evidence, Weighing
from herd_graph.routing.learned.order import Order, Past
from herd_graph.routing.learned.reading import Reading, read
from herd_graph.routing.learned.words import Floats, Ints, Rows
from herd_graph.routing.taskbench import Sample, Tool

FOLDS = 6
HIDDEN, ROUNDS, MOST_HIDDEN = 0.2, 8, 8
"""The share of tools that is hidden in each round, and how many requests each brings at most."""
LEAST = 20
"""Fewer requests than this teach nothing that is worth saving."""


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """The requests to learn from, read."""

    samples: tuple[Sample, ...]
    readings: tuple[Reading, ...]
    labels: Floats
    plans: tuple[tuple[int, ...], ...]
    links: tuple[tuple[tuple[int, int], ...], ...]
    phrases: tuple[tuple[tuple[Floats, int], ...], ...]
    """For each request, what its tools were called for."""

    @cached_property
    def rows(self) -> Rows:
        """Their words."""
        return Rows.of([each.terms for each in self.readings])

    @cached_property
    def vectors(self) -> Floats:
        """Their vectors, of shape (requests, dimensions)."""
        import numpy as np

        return np.stack([each.whole for each in self.readings])

    @cached_property
    def words(self) -> Floats:
        """How similar each is to each by words, of shape (requests, requests)."""
        import numpy as np

        return np.stack([self.rows.near(each.terms) for each in self.readings])

    def memory(self, chosen: Ints | None = None) -> Memory:
        """Remember them, or only those that are ``chosen``."""
        import numpy as np

        kept = np.arange(len(self.samples)) if chosen is None else chosen
        said = [each for k in kept for each in self.phrases[k]]
        alike = self.words[np.ix_(kept, kept)]
        return Memory.of(self.rows, self.vectors[kept], alike, self.labels[kept], said)

    def similar(self, request: int, chosen: Ints) -> tuple[Floats, Floats]:
        """Return the cosines of one with those that are ``chosen``, by words and by meaning."""
        return self.words[request, chosen], self.vectors[chosen] @ self.vectors[request]

    def past(self, chosen: Sequence[int] | None = None) -> Past:
        """Count their orders and links, or only of those that are ``chosen``."""
        kept = range(len(self.plans)) if chosen is None else chosen
        plans, links = [self.plans[k] for k in kept], [self.links[k] for k in kept]
        return Past.of(plans, links, self.labels.shape[1])


@dataclass(kw_only=True)
class _Gathered:
    rows: list[Floats] = field(default_factory=list[Floats])
    answers: list[Floats] = field(default_factory=list[Floats])
    candidates: list[Ints] = field(default_factory=list[Ints])
    known: list[Floats] = field(default_factory=list[Floats])
    fold: list[int] = field(default_factory=list[int])
    request: list[int] = field(default_factory=list[int])


def train(
    samples: Sequence[Sample],
    tools: Sequence[Tool],
    embedder: Embedder,
    *,
    kinds: Mapping[str, Sequence[str]] | None = None,
    groups: Sequence[str] | None = None,
    fingerprint: str = "",
    say: Callable[[str], None] = lambda _: None,
) -> PlanModel:
    """Train a model.

    Args:
        samples: Requests with their plans; one without tools teaches to abstain.
        tools: Every tool that there is, also those that no sample has.
        embedder: What makes vectors, here and whenever the model is used.
        kinds: What is attached to each sample, by its id.
        groups: What samples must not be told apart: wordings of one request. By default each is
            its own.
        fingerprint: Of the registry that the model is made for.
        say: Where progress goes.

    Raises:
        ConfigError: There are too few requests, or none of them has a tool that there is.
        MissingExtra: scikit-learn is not installed.
    """
    lessons = _lessons(samples, tools, embedder, kinds or {})
    if len(samples) < LEAST or not lessons.labels.any():
        raise ConfigError(
            f"{len(samples)} requests with {int(lessons.labels.any(axis=0).sum())} of "
            f"{len(tools)} tools cannot train a router. Expected at least {LEAST} requests, with "
            "tools that are there. Collect more approved runs, or use a set in TaskBench form."
        )
    cards = Cards.of(tools, embedder)
    fold = _folds(groups or [str(k) for k in range(len(samples))])
    say(f"read {len(samples)} requests")
    known, pairs = _gather_known(lessons, cards, fold, say)
    unknown = _gather_unknown(lessons, cards, say)
    weighing = Weighing(known=_grow(known), unknown=_grow(unknown, small=True))
    say("trained the trees")
    weights = _set_weights(lessons, known)
    turned, scale = order.fit(pairs)
    return PlanModel(
        tools=tuple(each.name for each in tools),
        embedder=embedder.name,
        memory=lessons.memory(),
        weighing=weighing,
        sets=weights,
        order=Order(past=lessons.past(), weights=turned, scale=scale),
        habits=Habits.of(samples, kinds or {}, [each.name for each in tools]),
        fingerprint=fingerprint,
    )


def _lessons(
    samples: Sequence[Sample],
    tools: Sequence[Tool],
    embedder: Embedder,
    kinds: Mapping[str, Sequence[str]],
) -> Lessons:
    import numpy as np

    at = {each.name: place for place, each in enumerate(tools)}
    labels = np.zeros((len(samples), len(tools)), dtype=np.float32)
    readings: list[Reading] = []
    phrases: list[tuple[tuple[Floats, int], ...]] = []
    for row, sample in zip(labels, samples, strict=True):
        row[[at[each] for each in sample.tools if each in at]] = 1
        reading = read(sample.request, embedder, kinds.get(sample.id, ()))
        readings.append(reading)
        said = [
            (embedder.embed([text])[0], at[tool])
            for text, tool in zip(sample.steps, sample.tools, strict=False)
            if text and tool in at
        ]
        if not said and len(set(sample.tools)) == 1 and sample.tools[0] in at:
            said = [(vector, at[sample.tools[0]]) for vector in (reading.whole, *reading.clauses)]
        phrases.append(tuple(said))
    return Lessons(
        samples=tuple(samples),
        readings=tuple(readings),
        labels=labels,
        plans=tuple(tuple(at[t] for t in each.tools if t in at) for each in samples),
        links=tuple(
            tuple((at[a], at[b]) for a, b in each.links if a in at and b in at) for each in samples
        ),
        phrases=tuple(phrases),
    )


def _folds(groups: Sequence[str]) -> Ints:
    """Return a fold for each sample; what is of one group is in one fold."""
    import numpy as np

    names = sorted(set(groups))
    drawn = np.random.default_rng(7).permutation(len(names))
    of = {name: int(place) % FOLDS for name, place in zip(names, drawn, strict=True)}
    return np.array([of[each] for each in groups], dtype=np.int32)


def _gather_known(
    lessons: Lessons, cards: Cards, fold: Ints, say: Callable[[str], None]
) -> tuple[_Gathered, Floats]:
    """Return rows for the trees of known tools, and pairs of tools in their order."""
    import numpy as np

    known = _Gathered()
    pairs: list[Floats] = [np.zeros((0, len(order.PAIR_FEATURES)), dtype=np.float32)]
    everywhere = np.arange(lessons.labels.shape[1], dtype=np.int32)
    for number in range(FOLDS):
        others, held = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        if not len(held) or not lessons.labels[others].any():
            continue
        memory, past = lessons.memory(others), lessons.past(others.tolist())
        for request in held:
            reading = lessons.readings[request]
            similar = lessons.similar(int(request), others)
            evidence = nodes.gather(reading, memory, cards, everywhere, similar)
            _take(known, evidence, lessons, int(request), number)
            plan = list(dict.fromkeys(lessons.plans[request]))
            if len(plan) > 1:
                said = evidence.clause_scores[:, plan] + evidence.near_cards[:, plan] / 2
                pairs.append(order.pair_features(past, plan, (similar[0] + similar[1]) / 2, said))
        say(f"weighed part {number + 1} of {FOLDS}")
    return known, np.concatenate(pairs)


def _gather_unknown(lessons: Lessons, cards: Cards, say: Callable[[str], None]) -> _Gathered:
    """Return rows for the trees of unknown tools: some are hidden, again and again.

    A hidden tool brings only so many of its requests, or the most frequent ones would be all that the
    trees see of being unknown.
    """
    import numpy as np

    unknown = _Gathered()
    count = lessons.labels.shape[1]
    generator = np.random.default_rng(11)
    for number in range(ROUNDS):
        hidden = generator.permutation(count)[: max(1, round(HIDDEN * count))]
        theirs: list[int] = []
        for tool in hidden:
            held = np.flatnonzero(lessons.labels[:, tool])
            theirs += generator.permutation(held)[:MOST_HIDDEN].tolist()
        without = np.flatnonzero(~lessons.labels[:, hidden].any(axis=1))
        beside = generator.permutation(without)[: max(5, len(theirs) // 3)]
        left = np.setdiff1d(without, beside)
        if len(left) < LEAST // 2:
            continue
        memory = lessons.memory(left)
        place = np.arange(count, dtype=np.int32)
        place[hidden] = -1
        for request in sorted({*theirs, *beside.tolist()}):
            similar = lessons.similar(request, left)
            evidence = nodes.gather(lessons.readings[request], memory, cards, place, similar)
            _take(unknown, evidence, lessons, request, number, only_new=True)
    say("weighed what is unknown")
    return unknown


def _take(
    into: _Gathered,
    evidence: Evidence,
    lessons: Lessons,
    request: int,
    fold: int,
    *,
    only_new: bool = False,
) -> None:
    chosen = nodes.candidates(evidence)
    if only_new:
        chosen = chosen[evidence.known[chosen] == 0]
    if not len(chosen):
        return
    into.rows.append(nodes.features(evidence, chosen, lessons.readings[request]))
    into.answers.append(lessons.labels[request, chosen])
    into.candidates.append(chosen)
    into.known.append(evidence.known[chosen])
    into.fold.append(fold)
    into.request.append(request)


def _grow(given: _Gathered, *, small: bool = False, without: int | None = None) -> Forest:
    import numpy as np

    kept = [k for k in range(len(given.rows)) if without is None or given.fold[k] % 3 != without]
    if not kept:
        return grow(np.zeros((0, len(nodes.FEATURES)), np.float32), np.zeros(0, np.float32))
    rows = np.concatenate([given.rows[k] for k in kept])
    answers = np.concatenate([given.answers[k] for k in kept])
    return grow(rows, answers, trees=80, leaves=8) if small else grow(rows, answers)


def _set_weights(lessons: Lessons, known: _Gathered) -> Floats:
    """Fit the weights of sets on probabilities that trees gave to requests they had not seen."""
    import numpy as np

    pairwise = lift(lessons.labels, np.arange(lessons.labels.shape[1], dtype=np.int32))
    seen = _seen(lessons)
    given: list[sets.Options] = []
    wanted: list[frozenset[int]] = []
    for third in range(3):
        forest = _grow(known, without=third)
        for k in range(len(known.rows)):
            if known.fold[k] % 3 != third:
                continue
            chosen = known.candidates[k]
            request = known.request[k]
            want = frozenset(lessons.plans[request])
            # What this very plan adds to what is remembered is taken back.
            less = {**seen, want: seen.get(want, 0) - 1}
            given.append(
                sets.options(
                    chosen.tolist(),
                    forest.probability(known.rows[k]),
                    pairwise[chosen][:, chosen],
                    less,
                    chosen.tolist(),
                )
            )
            wanted.append(want)
    return sets.fit(given, wanted)


def _seen(lessons: Lessons) -> dict[frozenset[int], int]:
    found: dict[frozenset[int], int] = {}
    for plan in lessons.plans:
        held = frozenset(plan)
        found[held] = found.get(held, 0) + 1
    return found
