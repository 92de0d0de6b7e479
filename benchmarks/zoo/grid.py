"""The Zoo's questions on a small base of our own: how many experts, and which router?

    python -m benchmarks.zoo.grid --folder /tmp/zoo            # resumable
    python -m benchmarks.zoo.grid --folder /tmp/zoo --json grid.json --plot grid.png

A base is trained on ten of 21 real domains, then an adapter and a PHATGOOSE gate on each. Every
member scores every test text once; routers on whole models are arithmetic on that table, routers on
modules run. *Mixed* texts change their domain midway; *held out* are domains that no adapter of the
subset was trained on.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.domains import SOURCES, documents, split
from herd_graph.zoo.base import Base
from herd_graph.zoo.deferral import fit_head
from herd_graph.zoo.examples import ExampleGate, Whitening, example_gate
from herd_graph.zoo.files import load, save
from herd_graph.zoo.gates import Arrow, AverageActivation, KeyGate, Phatgoose, Spectral
from herd_graph.zoo.merging import average
from herd_graph.zoo.pretraining import Size, pretrain
from herd_graph.zoo.scores import BASE, ScoreTable
from herd_graph.zoo.training import Recipe, mean_activation, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo

LENGTH = 128
GENERAL = tuple(SOURCES)[::2][:10]
"""The domains of the base's own mix."""
TARGETS = ("q_proj", "v_proj", "up_proj", "down_proj")


def prepare(folder: Path) -> dict[str, Any]:
    """Read the domains, train a tokenizer, cut into chunks; kept in the folder."""
    kept = folder / "chunks.json"
    tokens = folder / "tokenizer.json"
    if kept.is_file() and tokens.is_file():
        return json.loads(kept.read_text())
    tokenizers: Any = import_module("tokenizers")
    decoders: Any = import_module("tokenizers.decoders")
    models: Any = import_module("tokenizers.models")
    pre_tokenizers: Any = import_module("tokenizers.pre_tokenizers")
    trainers: Any = import_module("tokenizers.trainers")

    texts = {name: split(documents(name)) for name in SOURCES}
    texts = {name: parts for name, parts in texts.items() if all(parts.values())}
    made: Any = tokenizers.Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=2048,
        special_tokens=["<eos>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator((t for parts in texts.values() for t in parts["train"]), trainer)
    made.save(str(tokens))
    chunks: dict[str, dict[str, list[list[int]]]] = {}
    for name, parts in texts.items():
        chunks[name] = {}
        for part, documents_ in parts.items():
            rows = [ids.ids for ids in made.encode_batch(documents_)]
            cut = [r[a : a + LENGTH] for r in rows for a in range(0, len(r) - LENGTH + 1, LENGTH)]
            step = max(1, len(cut) // (400 if part == "train" else 24))
            chunks[name][part] = cut[::step][: 400 if part == "train" else 24]
    kept.write_text(json.dumps(chunks))
    return chunks


def base_of(folder: Path, chunks: dict[str, Any], *, steps: int, seed: int) -> Base:
    """Train the base, or read it."""
    stored: Any = import_module("safetensors.torch")
    transformers: Any = import_module("transformers")

    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_file=str(folder / "tokenizer.json"), eos_token="<eos>"
    )
    size = Size(vocabulary=2048)
    path = folder / f"base-{steps}-{seed}.safetensors"
    model = size.make(seed)
    if path.is_file():
        model.load_state_dict(stored.load_file(str(path)), strict=False)
        model.tie_weights()
    else:
        rows = [row for name in GENERAL if name in chunks for row in chunks[name]["train"]]
        model = pretrain(model, rows, steps=steps, seed=seed, told=_told("base", steps))
        state = {n: t for n, t in model.state_dict().items() if n != "lm_head.weight"}
        stored.save_file(state, str(path))
    return Base(model=model, tokenizer=tokenizer, name="own 0.6M")


def adapters_of(
    folder: Path, base: Base, chunks: dict[str, Any], *, steps: int, seed: int
) -> list[Any]:
    """Train an adapter with its keys on each domain, or read it."""
    made: list[Any] = []
    for name, parts in chunks.items():
        place = folder / f"adapters-{steps}-{seed}" / name
        if not place.is_dir():
            recipe = Recipe(targets=TARGETS, rank=8, steps=steps, batch=8, rate=5e-3, seed=seed)
            adapter = train(base, parts["train"], name, recipe)
            adapter = train_gate(
                base, adapter, parts["train"], steps=20, batch=8, rate=2e-2, seed=seed
            )
            adapter = mean_activation(base, adapter, parts["train"][:64])
            save(adapter, place)
            print(
                f"  adapter {name}: {adapter.facts['first_loss']} -> {adapter.facts['last_loss']}",
                flush=True,
            )
        made.append(load(place))
    return made


def table_of(path: Path, zoo: ExpertZoo, rows: Sequence[Any], domains: Sequence[str]) -> ScoreTable:
    """Let every member score every row once, or read what they said."""
    if path.is_file():
        return ScoreTable.load(path)
    scores: dict[str, Any] = {}
    for name in (None, *zoo.names):
        scores[name or BASE] = [each.logprobs for each in zoo.score(rows, use=name, batch=16)]
    table = ScoreTable.of(scores, domains, zoo.embed(rows, batch=16))
    table.save(path)
    return ScoreTable.load(path)  # in the precision in which it is kept, at once and later alike


def mixed_rows(chunks: dict[str, Any], count: int, seed: int) -> list[list[int]]:
    """Return rows whose second half is of another domain."""
    draw = np.random.default_rng(seed)
    names = list(chunks)
    rows: list[list[int]] = []
    for _ in range(count):
        one, other = draw.choice(len(names), size=2, replace=False)
        first = chunks[names[one]]["test"][draw.integers(len(chunks[names[one]]["test"]))]
        second = chunks[names[other]]["test"][draw.integers(len(chunks[names[other]]["test"]))]
        rows.append([*first[: LENGTH // 2], *second[: LENGTH // 2]])
    return rows


def measure(
    zoo: ExpertZoo,
    chunks: dict[str, Any],
    tables: dict[str, ScoreTable],
    rows: dict[str, Any],
    members: Sequence[str],
) -> dict[str, Any]:
    """Return each router's figures with these adapters alone."""
    from herd_graph.zoo.posterior import ema_prior

    inside = list(members)
    outside = [name for name in chunks if name not in members]
    part = {kind: table.only([BASE, *inside]) for kind, table in tables.items()}
    test, mixed = part["test"], part["mixed"]
    sub = ExpertZoo(zoo.base, [zoo[name] for name in inside])
    general = sub.embed([r for n in GENERAL if n in chunks for r in chunks[n]["dev"][:8]], batch=16)
    own = {name: sub.embed(chunks[name]["train"][:160], batch=16) for name in inside}
    dev = part["dev"]
    prior = ema_prior([dev.text(i) for i in range(len(dev)) if dev.domains[i] in inside])
    found: dict[str, Any] = {}

    def note(name: str, place: str, passes: float, scored: dict[str, Any], seconds: float) -> None:
        t, m = scored["test"], scored["mixed"]
        found[name] = {
            "place": place,
            "passes": round(passes, 2),
            "in_domain": round(test.perplexity(t, inside), 3),
            "gap_closed": round(test.gap_closed(t, "example", inside), 4),
            "held_out": round(test.perplexity(t, outside), 3) if outside else None,
            "mixed": round(mixed.perplexity(m), 3),
            "ms_per_token": round(1000 * seconds / max(1, sum(map(len, t))), 4),
        }

    def both(make: Callable[[ScoreTable], Any]) -> tuple[dict[str, Any], float]:
        began = time.process_time()
        return {kind: make(part[kind]) for kind in ("test", "mixed")}, time.process_time() - began

    count = len(inside)
    note("base", "none", 1, *both(lambda t: t.always(BASE)))
    note("best single", "task", 1, *both(lambda t: t.always(test.best_single())))
    for grain in ("domain", "example", "token"):
        if grain != "domain":
            note(f"oracle per {grain}", grain, count + 1, *both(partial(_oracle, grain)))
    for label, options in {
        "BTM posterior": {"decay": 1.0, "members": inside},
        "posterior, decay .95": {"decay": 0.95},
        "posterior, decay .9": {"decay": 0.9},
        "posterior, share .02": {"decay": 1.0, "share": 0.02},
        "posterior, decay .95, EMA prior": {"decay": 0.95, "prior": prior},
        "posterior, decay .95, top 2": {"decay": 0.95, "top_k": 2},
    }.items():
        wanted = dict(options)
        kept = wanted.pop("members", None)
        note(
            label,
            "step/model/dense/output",
            count + (kept is None),
            *both(partial(_posterior, kept is not None, wanted)),
        )
    for kind, options in {
        "cluster": {"centres": 1},
        "cluster, 4 centres": {"centres": 4},
        "rnd": {},
        "rnd, ratio": {"scale": "ratio"},
        "rnd, abstains": {"abstain_below": 0.02, "scale": "quantile"},
        "cluster, abstains": {"abstain_below": 0.02, "scale": "quantile"},
    }.items():
        gate = example_gate(
            kind.partition(",")[0], sub.base.width, whitening=Whitening.fit(general), **options
        )
        for name, vectors in own.items():
            gate.fit(name, vectors)
        note(
            kind,
            "example/model/sparse/none",
            2,
            *both(partial(_by_example, gate, inside)),
        )
    gates: list[tuple[str, Any]] = [
        ("PHATGOOSE top 1", Phatgoose(top_k=1)),
        ("PHATGOOSE top 2", Phatgoose(top_k=2)),
        ("Arrow top 4", Arrow(top_k=4, normalise=True)),
        ("SpectR top 2", Spectral(top_k=2, normalise=True)),
        ("average activation top 2", AverageActivation(top_k=2)),
    ]
    for label, gate in gates:
        scored, seconds = _by_gate(sub, gate, rows)
        note(label, "step/module/sparse/output", 1, scored, seconds)
    if count > 1:
        merged = sub.add(average([zoo[name] for name in inside], "merged"))
        scored, seconds = _by_gate(sub, merged.name, rows)
        note("merged, exact mean", "task/model/dense/parameter", 1, scored, seconds)
        sub.drop("merged")
    hidden = {kind: _states(sub, rows[kind]) for kind in ("dev", "test", "mixed")}
    best = dev.logprobs[:, 1:].max(axis=1)
    head = fit_head(hidden["dev"], dev.logprobs[:, 0], best)
    soft = {
        kind: _cut(
            part[kind],
            head.soft(
                hidden[kind],
                part[kind].logprobs[:, 0],
                np.concatenate(_without_base(part[kind]).posterior(decay=0.95)),
            ),
        )
        for kind in ("test", "mixed")
    }
    note("Co-LLM head over the posterior", "step/model/dense/output", count + 1, soft, 0.0)
    return found


def _oracle(grain: str, table: ScoreTable) -> Any:
    return table.oracle(grain)


def _posterior(bare: bool, options: dict[str, Any], table: ScoreTable) -> Any:
    return (_without_base(table) if bare else table).posterior(**options)


def _by_example(gate: ExampleGate, names: Sequence[str], table: ScoreTable) -> Any:
    return table.by_example(lambda at: gate.weights(table.embeddings[at][None], names)[0])


def _without_base(table: ScoreTable) -> Any:
    class Bare:
        def posterior(self, **options: Any) -> Any:
            from herd_graph.zoo.posterior import mix

            return [mix(table.text(i)[:, 1:], **options).logprobs for i in range(len(table))]

    return Bare()


def _cut(table: ScoreTable, flat: Any) -> list[Any]:
    return [flat[a:b] for a, b in zip(table.starts[:-1], table.starts[1:], strict=True)]


def _states(zoo: ExpertZoo, rows: Sequence[Any]) -> Any:
    found: list[Any] = []
    for start in range(0, len(rows), 16):
        ids, mask = zoo.base.pad(rows[start : start + 16])
        states = zoo.hidden(ids, mask, layer=-1)
        found += [
            states[at, : len(row) - 1].numpy() for at, row in enumerate(rows[start : start + 16])
        ]
    return np.concatenate(found)


def _by_gate(
    zoo: ExpertZoo, use: KeyGate | str, rows: dict[str, Any]
) -> tuple[dict[str, Any], float]:
    began = time.process_time()
    scored = {
        kind: [each.logprobs for each in zoo.score(rows[kind], use=use, batch=16)]
        for kind in ("test", "mixed")
    }
    return scored, time.process_time() - began


def _told(what: str, steps: int) -> Any:
    def told(step: int, loss: float) -> None:
        if step % max(1, steps // 5) == 0:
            print(f"  {what}: step {step}, loss {loss:.3f}", flush=True)

    return told


def show(counts: dict[str, Any]) -> None:
    """Print a table for each number of experts."""
    for count, routers in counts.items():
        print(f"\n{count} experts")
        print(
            f"{'router':34s} {'in domain':>9s} {'gap':>6s} {'held out':>8s} {'mixed':>7s} {'passes':>6s}"
        )
        for name, row in routers.items():
            held = "-" if row["held_out"] is None else f"{row['held_out']:.2f}"
            print(
                f"{name:34s} {row['in_domain']:9.2f} {row['gap_closed']:6.1%} {held:>8s} "
                f"{row['mixed']:7.2f} {row['passes']:6.1f}"
            )


def plot(counts: dict[str, Any], path: Path) -> None:
    """Draw perplexity in domain against the number of experts, a line for each router."""
    library: Any = import_module("matplotlib")
    library.use("Agg")
    figures: Any = import_module("matplotlib.pyplot")
    figure, axes = figures.subplots(1, 2, figsize=(12, 5))
    numbers = [int(count) for count in counts]
    names = [n for n in next(reversed(counts.values())) if not n.startswith("oracle per token")]
    for axis, key in zip(axes, ("gap_closed", "mixed"), strict=True):
        for name in names:
            line = [counts[str(n)].get(name, {}).get(key) for n in numbers]
            axis.plot(numbers, line, marker="o", markersize=3, linewidth=1, label=name)
        axis.set_xscale("log", base=2)
        axis.set_xlabel("experts")
        axis.set_ylabel(
            {"gap_closed": "share of the oracle's gain", "mixed": "perplexity, mixed"}[key]
        )
    axes[0].set_ylim(-0.3, 1.05)
    axes[1].legend(fontsize=6)
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Run what is left to do, and show the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="where everything is kept")
    parser.add_argument("--counts", type=int, nargs="+", default=[1, 2, 4, 8, 16, 21])
    parser.add_argument("--base-steps", type=int, default=350)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    told = parser.parse_args()
    told.folder.mkdir(parents=True, exist_ok=True)
    chunks = prepare(told.folder)
    base = base_of(told.folder, chunks, steps=told.base_steps, seed=told.seed)
    zoo = ExpertZoo(base, adapters_of(told.folder, base, chunks, steps=told.steps, seed=told.seed))
    rows: dict[str, Any] = {
        part: [row for name in chunks for row in chunks[name][part]] for part in ("dev", "test")
    }
    domains = {part: [n for n in chunks for _ in chunks[n][part]] for part in ("dev", "test")}
    rows["mixed"] = mixed_rows(chunks, 96, told.seed)
    domains["mixed"] = ["mixed"] * len(rows["mixed"])
    mark = f"{told.base_steps}-{told.steps}-{told.seed}"
    tables = {
        kind: table_of(told.folder / f"scores-{kind}-{mark}.npz", zoo, rows[kind], domains[kind])
        for kind in ("dev", "test", "mixed")
    }
    order: list[int] = np.random.default_rng(told.seed).permutation(len(zoo.names)).tolist()
    counts: dict[str, Any] = {}
    for count in told.counts:
        if count > len(zoo):
            continue
        path = told.folder / f"routers-{count}-{mark}.json"
        if not path.is_file():
            members = [zoo.names[at] for at in sorted(order[:count])]
            path.write_text(json.dumps(measure(zoo, chunks, tables, rows, members), indent=1))
            print(f"  measured {count} experts", flush=True)
        counts[str(count)] = json.loads(path.read_text())
    show(counts)
    if told.json:
        told.json.write_text(json.dumps({"seed": told.seed, "counts": counts}, indent=1))
    if told.plot:
        plot(counts, told.plot)


if __name__ == "__main__":
    main()
