"""Four tasks with accuracies, and 200 items of what the base could do before: is anything lost?

    python -m benchmarks.zoo.tasks --folder /tmp/zoo --json tasks.json      # after benchmarks.zoo.grid

An item is the beginning of a text with two ways to go on, one its own: whichever is likelier is the
answer. The other one comes from a text of another *language*, another *section* of the manual, from
*code* where the text is prose and the other way round, or (*cloze*) from the same domain. *Base* are
cloze items of the five domains that no adapter was trained on: what a zoo must not unlearn.

Every member scores every item once. Example gates see the beginning alone.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.ground import APART, GENERAL, adapters_of, base_of, prepare, table_of
from herd_graph.zoo.examples import Whitening, example_gate
from herd_graph.zoo.gates import Arrow, Phatgoose
from herd_graph.zoo.merging import average
from herd_graph.zoo.scores import BASE, ScoreTable
from herd_graph.zoo.zoo import ExpertZoo

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


def measure(zoo: ExpertZoo, chunks: Mapping[str, Any], table: ScoreTable, rows: Any) -> Any:
    """Return each router's accuracies."""
    tasks = list(table.domains[::2])
    found = {
        "base": right(table.always(BASE), tasks),
        "best single": right(table.always(table.best_single()), tasks),
        "BTM posterior": right(table.posterior(decay=1.0), tasks),
        "posterior, decay .95": right(table.posterior(), tasks),
    }
    begun = zoo.embed([row[:BEGIN] for row in rows], batch=16)
    calm = zoo.embed(
        [row[:BEGIN] for n in GENERAL if n in chunks for row in chunks[n]["dev"][:8]], batch=16
    )
    own = {
        each.name: zoo.embed([row[:BEGIN] for row in chunks[each.name]["train"][:160]], batch=16)
        for each in zoo
    }
    for kind, options in {
        "cluster": {},
        "rnd": {},
        "rnd, abstains": {"abstain_below": 0.05, "scale": "quantile"},
    }.items():
        gate = example_gate(
            kind.partition(",")[0], zoo.base.width, whitening=Whitening.fit(calm), **dict(options)
        )
        for name, vectors in own.items():
            gate.fit(name, vectors)
        chosen = gate.weights(begun, zoo.names)
        found[kind] = right(table.by_example(chosen.__getitem__), tasks)
    for name, use in (
        ("PHATGOOSE top 2", Phatgoose(top_k=2)),
        ("Arrow top 4", Arrow(top_k=4, normalise=True)),
    ):
        found[name] = right([s.logprobs for s in zoo.score(rows, use=use, batch=16)], tasks)
    merged = ExpertZoo(zoo.base, [average(list(zoo), "merged")])
    scored = merged.score(rows, use="merged", batch=16)
    found["merged, exact mean"] = right([each.logprobs for each in scored], tasks)
    return found


def main() -> None:
    """Score what has not been scored, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="the grid's folder")
    parser.add_argument("--base-steps", type=int, default=800)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    chunks = prepare(told.folder)
    base = base_of(told.folder, chunks, steps=told.base_steps, seed=0)
    adapters = adapters_of(told.folder, base, chunks, steps=told.steps, seed=told.seed)
    zoo = ExpertZoo(base, adapters)
    rows, tasks = items(chunks)
    mark = f"{told.base_steps}-{told.steps}-{told.seed}"
    twice = [task for task in tasks for _ in range(2)]
    table = table_of(told.folder / f"scores-tasks-{mark}.npz", zoo, rows, twice)
    found = measure(zoo, chunks, table, rows)
    counts = {task: tasks.count(task) for task in dict.fromkeys(tasks)}
    print(f"{'':22s} " + "  ".join(f"{task:>14s}" for task in counts))
    for name, row in found.items():
        print(f"{name:22s} " + "  ".join(f"{row[t][0]:8.1%} ±{row[t][1]:4.1%}" for t in counts))
    if told.json:
        told.json.write_text(json.dumps({"items": counts, "routers": found}, indent=1))


if __name__ == "__main__":
    main()
