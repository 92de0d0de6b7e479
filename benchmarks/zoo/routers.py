"""Every router on one set of adapters: in domain, held out, on mixed text, and what a token costs.

Routers on whole models are arithmetic on the table of scores; routers on modules run. Example gates
see a whole text before they choose, which flatters them; the rows "from 32 tokens" choose as early
as a request would have them choose, from the first quarter of a text. The *walking* prior has no
hindsight at all: for each token it has seen what came before it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.ground import GENERAL
from herd_graph.zoo.deferral import fit_head
from herd_graph.zoo.examples import ExampleGate, Whitening, example_gate
from herd_graph.zoo.gates import Arrow, AverageActivation, Phatgoose, Spectral
from herd_graph.zoo.learned import train_router
from herd_graph.zoo.merging import average, ties
from herd_graph.zoo.posterior import ema_prior, mix
from herd_graph.zoo.scores import BASE, ScoreTable
from herd_graph.zoo.zoo import ExpertZoo, Route

EARLY = 32
"""Tokens after which "early" example gates choose."""
STRIDE = 4
"""Tokens after which a prior that walks along looks again."""
JUDGED = ("test", "mixed")
Scored = Mapping[str, Sequence[Any]]


@dataclass(kw_only=True, eq=False)
class Field:
    """One set of adapters, the texts, and what every member said of them.

    Args:
        zoo: These adapters alone.
        chunks: Rows of token ids by domain and part.
        tables: Scores of the base and of these adapters, by part.
        rows: The rows that the tables are of, by part.
        early: Embeddings of the first ``EARLY`` tokens of each row, by part.
        kept: Where each router's figures are written at once, so that a run that was broken off
            goes on with the next one.
        without: Routers that are not measured here: on a large base each of those that run costs
            minutes.
    """

    zoo: ExpertZoo
    chunks: Mapping[str, Any]
    tables: Mapping[str, ScoreTable]
    rows: Mapping[str, Any]
    early: Mapping[str, Any]
    kept: Path | None = None
    without: frozenset[str] = frozenset()
    found: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    pass_ms: float = 0.0
    """Processor time of one pass of one adapter, for each token."""

    def __post_init__(self) -> None:
        if self.kept is not None and self.kept.is_file():
            held = json.loads(self.kept.read_text())
            self.found, self.pass_ms = held["routers"], held["pass_ms"]

    @property
    def inside(self) -> list[str]:
        """The domains that have an adapter here."""
        return list(self.zoo.names)

    @property
    def outside(self) -> list[str]:
        """The domains that have none."""
        return [name for name in self.chunks if name not in self.zoo]

    def note(self, name: str, place: str, passes: float, scored: Scored, ms: float) -> None:
        """Keep one router's figures."""
        test, mixed = self.tables["test"], self.tables["mixed"]
        held: dict[str, float] = {}
        if self.outside:
            held_out = test.perplexity(scored["test"], self.outside)
            base = test.perplexity(test.always(BASE), self.outside)
            held = {"held_out": round(held_out, 3), "regression": round(held_out / base - 1, 4)}
        self.found[name] = {
            "place": place,
            "passes": round(passes, 2),
            "in_domain": round(test.perplexity(scored["test"], self.inside), 3),
            "gap_closed": round(test.gap_closed(scored["test"], "example", self.inside), 4),
            **held,
            "mixed": round(mixed.perplexity(scored["mixed"]), 3),
            "ms_per_token": round(ms, 4),
        }
        if self.kept is not None:
            draft = self.kept.with_suffix(".draft")
            draft.write_text(json.dumps({"pass_ms": self.pass_ms, "routers": self.found}))
            draft.replace(self.kept)

    def arithmetic(
        self, name: str, place: str, passes: float, make: Callable[[str], Sequence[Any]]
    ) -> None:
        """Measure a router that is arithmetic: its passes cost what they would have to run for."""
        if name in self.found:
            return
        began = time.process_time()
        scored = {part: make(part) for part in JUDGED}
        tokens = sum(len(each) for part in JUDGED for each in scored[part])
        own = 1000 * (time.process_time() - began) / tokens
        self.note(name, place, passes, scored, passes * self.pass_ms + own)

    def run(self, name: str, place: str, use: Route, zoo: ExpertZoo | None = None) -> None:
        """Measure a router that has to run, in another zoo if need be."""
        if name in self.found or name in self.without:
            return
        held = self.zoo if zoo is None else zoo
        began = time.process_time()
        scored = {
            part: [each.logprobs for each in held.score(self.rows[part], use=use, batch=16)]
            for part in JUDGED
        }
        tokens = sum(len(each) for part in JUDGED for each in scored[part])
        ms = 1000 * (time.process_time() - began) / tokens
        self.note(name, place, 1, scored, ms)

    def time_a_pass(self) -> None:
        """Measure what a pass costs."""
        if self.pass_ms:
            return
        rows, name = self.rows["test"][:96], self.inside[0]
        self.zoo.score(rows[:16], use=name, batch=16)
        began = time.process_time()
        self.zoo.score(rows, use=name, batch=16)
        self.pass_ms = 1000 * (time.process_time() - began) / sum(len(row) - 1 for row in rows)


def measure(here: Field) -> dict[str, dict[str, Any]]:
    """Return each router's figures."""
    here.time_a_pass()
    _limits(here)
    _example_gates(here)
    _posteriors(here)
    _module_gates(here)
    _merged(here)
    _deferral(here)
    return here.found


def does_all(routers: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Return the routers that close 98 % of the gap, do not regress, and beat the oracle on mixed text."""
    limit = routers["oracle per example"]["mixed"]
    return [
        name
        for name, row in routers.items()
        if not name.startswith("oracle")
        and row["gap_closed"] >= 0.98
        and row.get("regression", 0.0) <= 0
        and row["mixed"] < limit
    ]


def _limits(here: Field) -> None:
    tables = here.tables
    count = len(here.zoo)
    best = tables["test"].best_single()
    here.arithmetic("base", "none", 1, lambda part: tables[part].always(BASE))
    here.arithmetic("best single", "task", 1, lambda part: tables[part].always(best))
    for grain in ("example", "token"):
        name = f"oracle per {grain}"
        here.arithmetic(name, grain, count + 1, partial(_oracle, tables, grain))


def _oracle(tables: Mapping[str, ScoreTable], grain: str, part: str) -> Sequence[Any]:
    return tables[part].oracle(grain)


def _posteriors(here: Field) -> None:
    tables = here.tables
    count = len(here.zoo)
    dev = tables["dev"]
    # Shuffled: a moving average over texts that are sorted by domain remembers the last domains.
    order: list[int] = np.random.default_rng(0).permutation(len(dev)).tolist()
    prior = ema_prior([dev.text(i) for i in order if dev.domains[i] in here.zoo])
    place = "step/model/dense/output"
    here.arithmetic(
        "BTM posterior, without base",
        place,
        count,
        lambda part: [mix(each[:, 1:], decay=1.0).logprobs for each in _texts(tables[part])],
    )
    wanted: dict[str, dict[str, Any]] = {
        "BTM posterior": {"decay": 1.0},
        "posterior, decay .98": {"decay": 0.98},
        "posterior, decay .95": {"decay": 0.95},
        "posterior, decay .9": {"decay": 0.9},
        "posterior, share .02": {"decay": 1.0, "share": 0.02},
        "posterior, decay .95, EMA prior": {"decay": 0.95, "prior": prior},
        "posterior, decay .95, top 2": {"decay": 0.95, "top_k": 2},
        "simple average": {"decay": 1e-9},
    }
    for name, options in wanted.items():
        here.arithmetic(name, place, count + 1, partial(_posterior, tables, options))


def _posterior(tables: Mapping[str, ScoreTable], options: Any, part: str) -> Sequence[Any]:
    return tables[part].posterior(**options)


def _example_gates(here: Field) -> None:
    zoo, chunks = here.zoo, here.chunks
    calm = [row for n in GENERAL if n in chunks for row in chunks[n]["dev"][:24]]
    general = np.concatenate(zoo.embed(calm, batch=16, window=16))
    white = Whitening.fit(general, shrink=0.1)
    whole: dict[str, Any] = {}
    early: dict[str, Any] = {}
    for name in here.inside:
        whole[name] = zoo.embed(chunks[name]["train"][:48], batch=16)
        early[name] = zoo.embed([row[:EARLY] for row in chunks[name]["train"][:48]], batch=16)
    full = {part: here.tables[part].embeddings for part in JUDGED}
    wanted: dict[str, dict[str, Any]] = {
        "cluster": {},
        "cluster, channels whitened": {"whitening": Whitening.fit(zoo.embed(calm, batch=16))},
        "cluster, 4 centres": {"centres": 4},
        "cluster, abstains": {"abstain_below": 0.05, "scale": "quantile"},
        "retrieval": {},
        "rnd": {},
        "rnd, z": {"scale": "z"},
        "rnd, ratio": {"scale": "ratio"},
        "rnd, abstains": {"abstain_below": 0.05, "scale": "quantile"},
    }
    place = "example/model/sparse/none"
    count = len(here.zoo)
    for name, options in wanted.items():
        gate = _fitted(here, name, whole, {"whitening": white, **options})
        here.arithmetic(name, place, 2, partial(_by_example, here, gate, full))
    gate = _fitted(here, "cluster", whole, {"whitening": white})
    here.arithmetic(
        "posterior, share .01, cluster's walking prior",
        "step/model/dense/output",
        count + 1,
        partial(_walking, here, gate),
    )
    for kind in ("cluster", "rnd"):
        scale: dict[str, Any] = {"whitening": white}
        scale |= {"scale": "ratio"} if kind == "rnd" else {}
        for label, own, vectors in (
            (f"posterior, decay .95, {kind}'s prior", whole, full),
            (f"the same, {kind} from {EARLY} tokens", early, here.early),
        ):
            gate = _fitted(here, kind, own, scale)
            here.arithmetic(
                label, "step/model/dense/output", count + 1, partial(_primed, here, gate, vectors)
            )
        gate = _fitted(here, kind, early, {"whitening": white})
        name = f"{kind}, from {EARLY} tokens"
        here.arithmetic(name, place, 2, partial(_by_example, here, gate, here.early))
        if len(here.zoo) > 3:  # the base, three adapters, and the pass that embeds
            gate = _fitted(here, kind, whole, {"whitening": white, "top_k": 3})
            name = f"posterior, decay .95, over {kind}'s 3"
            place_ = "step/model/sparse/output"
            here.arithmetic(name, place_, 5, partial(_narrowed, here, gate, full))


def _walking(here: Field, gate: ExampleGate, part: str) -> Sequence[Any]:
    """Mix with a prior that walks along: a token's comes from the text before it, and no more.

    What it looks at are the base's own states, which the base as a member has made anyway.
    """
    found: list[Any] = []
    table, rows = here.tables[part], here.rows[part]
    for start in range(0, len(rows), 16):
        batch = rows[start : start + 16]
        states = here.zoo.hidden(*here.zoo.base.pad(batch)).numpy()
        for at, row in enumerate(batch):
            ends = np.arange(0, len(row) - 1, STRIDE)
            means = states[at].cumsum(axis=0)[ends] / (ends + 1)[:, None]
            priors = gate.prior(means, here.inside).repeat(STRIDE, axis=0)[: len(row) - 1]
            text = table.text(start + at)
            found.append(mix(text, priors=priors, decay=1.0, share=0.01).logprobs)
    return found


def _fitted(here: Field, name: str, own: Mapping[str, Any], options: Any) -> ExampleGate:
    kind = name.partition(",")[0]
    gate = example_gate(kind, here.zoo.base.width, **options)
    for each in here.inside:
        gate.fit(each, own[each])
    return gate


def _by_example(
    here: Field, gate: ExampleGate, vectors: Mapping[str, Any], part: str
) -> Sequence[Any]:
    chosen = gate.weights(vectors[part], here.inside)
    return here.tables[part].by_example(lambda at: chosen[at])


def _primed(here: Field, gate: ExampleGate, vectors: Mapping[str, Any], part: str) -> Sequence[Any]:
    table = here.tables[part]
    priors = gate.prior(vectors[part], here.inside)
    return [
        mix(each, prior, decay=0.95).logprobs
        for each, prior in zip(_texts(table), priors, strict=True)
    ]


def _narrowed(
    here: Field, gate: ExampleGate, vectors: Mapping[str, Any], part: str
) -> Sequence[Any]:
    table = here.tables[part]
    chosen = gate.weights(vectors[part], here.inside)
    columns = [[table.members.index(name) for name in (BASE, *each)] for each in chosen]
    return [
        mix(each[:, wanted], decay=0.95).logprobs
        for each, wanted in zip(_texts(table), columns, strict=True)
    ]


def _module_gates(here: Field) -> None:
    place = "step/module/sparse/output"
    here.run("PHATGOOSE top 1", place, Phatgoose(top_k=1))
    here.run("PHATGOOSE top 2", place, Phatgoose(top_k=2))
    here.run("Arrow top 4", place, Arrow(top_k=4, normalise=True))
    here.run("SpectR top 2", place, Spectral(top_k=2, normalise=True))
    here.run("average activation top 2", place, AverageActivation(top_k=2))
    if len(here.zoo) > 1 and "learned (X-LoRA)" not in {*here.found, *here.without}:
        target = [row for name in here.inside for row in here.chunks[name]["dev"][:8]]
        gate = train_router(here.zoo, target, steps=10, batch=8, rate=2e-2)
        here.run("learned (X-LoRA)", "step/module/dense/output", gate)


def _merged(here: Field) -> None:
    if len(here.zoo) < 2:
        return
    adapters = [here.zoo[name] for name in here.inside]
    place = "task/model/dense/parameter"
    for name, made in (
        ("merged, exact mean", average(adapters, "merged")),
        ("merged, TIES", ties(adapters, "merged")),
    ):
        here.run(name, place, "merged", ExpertZoo(here.zoo.base, [made]))


def _deferral(here: Field) -> None:
    """Co-LLM: the base asks the others for single tokens; who they are is the posterior's to say.

    The head learns from development texts of these adapters' own domains, never of others.
    """
    if "Co-LLM, hard" in here.found:
        return
    tables = here.tables
    dev = tables["dev"]
    own = [at for at in range(len(dev)) if dev.domains[at] in here.zoo]
    seen = [_states(here.zoo, [here.rows["dev"][at] for at in own])]
    scores = np.concatenate([dev.text(at) for at in own])
    head = fit_head(np.concatenate(seen), scores[:, 0], scores[:, 1:].max(axis=1))
    hidden = {part: _states(here.zoo, here.rows[part]) for part in JUDGED}

    def deferred(soft: bool, part: str) -> Sequence[Any]:
        table = tables[part]
        others = np.concatenate([mix(each[:, 1:], decay=0.95).logprobs for each in _texts(table)])
        small = table.logprobs[:, 0]
        if soft:
            return _cut(table, head.soft(hidden[part], small, others))
        return _cut(table, np.where(head.probability(hidden[part]) > 0.5, others, small))

    count = len(here.zoo)
    place = "step/model/dense/output"
    here.arithmetic("Co-LLM, soft", place, count + 1, partial(deferred, True))
    here.arithmetic("Co-LLM, hard", "step/model/sparse/none", count + 1, partial(deferred, False))


def _texts(table: ScoreTable) -> Iterator[Any]:
    return (table.text(at) for at in range(len(table)))


def _cut(table: ScoreTable, flat: Any) -> list[Any]:
    return [flat[a:b] for a, b in zip(table.starts[:-1], table.starts[1:], strict=True)]


def _states(zoo: ExpertZoo, rows: Sequence[Any]) -> Any:
    """Return the base's last hidden state before each token that is predicted."""
    found: list[Any] = []
    for start in range(0, len(rows), 16):
        part = rows[start : start + 16]
        ids, mask = zoo.base.pad(part)
        states = zoo.hidden(ids, mask, layer=-1)
        found += [states[at, : len(row) - 1].numpy() for at, row in enumerate(part)]
    return np.concatenate(found)
