"""Four tasks with accuracies, and 200 items of what the base could do before: is anything lost?

    python -m benchmarks.zoo.tasks --folder /tmp/zoo --json tasks.json      # after benchmarks.zoo.grid

An item is the beginning of a text with two ways to go on, one its own: whichever is likelier is the
answer. The other one comes from a text of another *language*, another *section* of the manual, from
*code* where the text is prose and the other way round, or (*cloze*) from the same domain. *Base* are
cloze items of the five domains that no adapter was trained on: what a zoo must not unlearn.

Every member scores every item once. Example gates see the beginning alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from benchmarks.zoo.ground import APART, GENERAL, Ground, kept, options, table_of
from herd_graph.zoo.examples import Whitening, example_gate
from herd_graph.zoo.gates import Arrow, Phatgoose
from herd_graph.zoo.merging import average
from herd_graph.zoo.posterior import mix
from herd_graph.zoo.scores import BASE, ScoreTable
from herd_graph.zoo.zoo import ExpertZoo, Route

BEGIN, GO_ON = 48, 24
"""Tokens of a beginning, and of each way to go on."""
LANGUAGES = ("man_de", "man_fr", "man_es", "man_it", "man_user")
SECTIONS = ("man_user", "man_dev", "man_admin", "pydoc")
CODE = ("python_code", "c_headers", "cpp_headers", "cython", "perl_code")
PROSE = ("man_user", "man_admin", "pydoc", "changelogs", "perl_doc")
CLOZE = ("man_dev", "man_de", "man_it", "python_code", "c_headers", "perl_doc", "changelogs")
ITEMS = 60
BASE_ITEMS = 200


def items(chunks: Mapping[str, Any]) -> tuple[list[list[int]], list[str]]:
    """Return rows in pairs, the right one first, and the task of each pair."""
    draw = np.random.default_rng(7)
    rows: list[list[int]] = []
    tasks: list[str] = []

    def one(domain: str) -> list[int]:
        held = chunks[domain]["test"]
        return held[int(draw.integers(len(held)))]

    def add(task: str, domain: str, other: str) -> None:
        own, wrong = one(domain), one(other)
        while wrong[BEGIN : BEGIN + GO_ON] == own[BEGIN : BEGIN + GO_ON]:
            wrong = one(other)
        rows.append(own[: BEGIN + GO_ON])
        rows.append([*own[:BEGIN], *wrong[BEGIN : BEGIN + GO_ON]])
        tasks.append(task)

    def two(of: Sequence[str]) -> tuple[str, str]:
        first, second = draw.choice(len(of), size=2, replace=False)
        return of[int(first)], of[int(second)]

    for at in range(ITEMS):
        add("language", *two(LANGUAGES))
        add("section", *two(SECTIONS))
        code, prose = CODE[int(draw.integers(len(CODE)))], PROSE[int(draw.integers(len(PROSE)))]
        add("code or prose", *((code, prose) if at % 2 else (prose, code)))
        same = CLOZE[int(draw.integers(len(CLOZE)))]
        add("cloze", same, same)
    for at in range(BASE_ITEMS):
        add("base", APART[at % len(APART)], APART[at % len(APART)])
    return rows, tasks


def right(scored: Sequence[Any], tasks: Sequence[str]) -> dict[str, list[float]]:
    """Return for each task its accuracy and the standard error of it."""
    ends = np.array([float(np.sum(each[-GO_ON:])) for each in scored]).reshape(-1, 2)
    hits = ends[:, 0] > ends[:, 1]
    found: dict[str, list[float]] = {}
    for task in dict.fromkeys(tasks):
        own = hits[np.array(tasks) == task]
        found[task] = [round(float(own.mean()), 4), round(float(own.std() / len(own) ** 0.5), 4)]
    return found


def routers(
    zoo: ExpertZoo, chunks: Mapping[str, Any], table: ScoreTable, rows: Sequence[Any]
) -> dict[str, Callable[[], Sequence[Any]]]:
    """Return for each router what scores the rows."""
    begun = zoo.embed([row[:BEGIN] for row in rows], batch=16)
    calm = [row for n in GENERAL if n in chunks for row in chunks[n]["dev"][:24]]
    white = Whitening.fit(np.concatenate(zoo.embed(calm, batch=16, window=16)), shrink=0.1)
    own = {
        each.name: zoo.embed([row[:BEGIN] for row in chunks[each.name]["train"][:160]], batch=16)
        for each in zoo
    }

    def by_example(kind: str, **options: Any) -> Sequence[Any]:
        gate = example_gate(kind, zoo.base.width, whitening=white, **options)
        for name, vectors in own.items():
            gate.fit(name, vectors)
        return table.by_example(gate.weights(begun, zoo.names).__getitem__)

    def primed() -> Sequence[Any]:
        gate = example_gate("cluster", zoo.base.width, whitening=white)
        for name, vectors in own.items():
            gate.fit(name, vectors)
        priors = gate.prior(begun, zoo.names)
        return [mix(table.text(at), prior, decay=0.95).logprobs for at, prior in enumerate(priors)]

    def running(use: Route, held: ExpertZoo = zoo) -> Sequence[Any]:
        return [each.logprobs for each in held.score(rows, use=use, batch=16)]

    merged = ExpertZoo(zoo.base, [average(list(zoo), "merged")])
    quantile: dict[str, Any] = {"abstain_below": 0.05, "scale": "quantile"}
    return {
        "base": partial(table.always, BASE),
        "best single": lambda: table.always(table.best_single()),
        "BTM posterior": partial(table.posterior, decay=1.0),
        "posterior, decay .95": table.posterior,
        "posterior, decay .95, cluster's prior": primed,
        "cluster": partial(by_example, "cluster"),
        "rnd": partial(by_example, "rnd"),
        "rnd, abstains": partial(by_example, "rnd", **quantile),
        "PHATGOOSE top 2": partial(running, Phatgoose(top_k=2)),
        "Arrow top 4": partial(running, Arrow(top_k=4, normalise=True)),
        "merged, exact mean": partial(running, "merged", merged),
    }


def main() -> None:
    """Score what has not been scored, and print the table."""
    told = options(__doc__).parse_args()
    ground = Ground.of(told)
    zoo = ExpertZoo(ground.base, list(ground.adapters.values()))
    rows, tasks = items(ground.chunks)
    twice = [task for task in tasks for _ in range(2)]
    table = table_of(ground.folder / f"scores-tasks-{ground.mark}.npz", zoo, rows, twice)
    counts = {task: tasks.count(task) for task in dict.fromkeys(tasks)}
    print(f"{'':38s} " + "  ".join(f"{task:>14s}" for task in counts))
    found: dict[str, Any] = {}
    for name, score in routers(zoo, ground.chunks, table, rows).items():
        place = ground.folder / f"tasks-{ground.mark}.json"
        found[name] = row = kept(place, name, lambda score=score: right(score(), tasks))
        cells = "  ".join(f"{row[t][0]:8.1%} ±{row[t][1]:4.1%}" for t in counts)
        print(f"{name:38s} {cells}", flush=True)
    if told.json:
        told.json.write_text(json.dumps({"items": counts, "routers": found}, indent=1))


if __name__ == "__main__":
    main()
