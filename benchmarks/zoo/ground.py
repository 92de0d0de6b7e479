"""The ground that all measurements of the zoo stand on: domains, a small base, adapters, scores.

Everything is kept in one folder, so that a run that was broken off goes on, and so that one
measurement finds what another has trained.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.zoo.domains import SOURCES, documents, split
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.files import load, save
from herd_graph.zoo.pretraining import Size, pretrain
from herd_graph.zoo.scores import BASE, ScoreTable
from herd_graph.zoo.training import Recipe, mean_activation, train, train_gate
from herd_graph.zoo.zoo import ExpertZoo

LENGTH = 128
GENERAL = tuple(SOURCES)[::2][:10]
"""The domains of the base's own mix."""
APART = ("man_pt", "man_pl", "man_nl", "licences", "javascript")
"""Domains that never get an adapter: two the base was trained on, three that nobody has seen."""
ROWS = {"dev": 8, "test": 12}
"""Of each domain at most."""
TARGETS = ("q_proj", "v_proj", "up_proj", "down_proj")


@dataclass(frozen=True, kw_only=True, eq=False)
class Ground:
    """What the measurements after ``benchmarks.zoo.grid`` stand on.

    Args:
        folder: Where everything is kept.
        chunks: Rows of token ids by domain and part.
        base: The small base.
        adapters: Those of the grid, by name.
        mark: Tells files of this base and these adapters from others.
    """

    folder: Path
    chunks: dict[str, Any]
    base: Base
    adapters: dict[str, Adapter]
    mark: str

    @classmethod
    def of(cls, told: argparse.Namespace) -> Ground:
        """Read what ``options`` asked for; what is not there yet is trained."""
        told.folder.mkdir(parents=True, exist_ok=True)
        chunks = prepare(told.folder)
        base = base_of(told.folder, chunks, steps=told.base_steps, seed=0)
        adapters = adapters_of(told.folder, base, chunks, steps=told.steps, seed=told.seed)
        return cls(
            folder=told.folder,
            chunks=chunks,
            base=base,
            adapters={each.name: each for each in adapters},
            mark=f"{told.base_steps}-{told.steps}-{told.seed}",
        )


def options(about: str | None) -> argparse.ArgumentParser:
    """Return a parser of what all of those measurements can be told."""
    parser = argparse.ArgumentParser(description=(about or "").partition("\n")[0])
    parser.add_argument("--folder", type=Path, required=True, help="the grid's folder")
    parser.add_argument("--base-steps", type=int, default=800, help="of the grid's base")
    parser.add_argument("--steps", type=int, default=60, help="of the grid's adapters")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    return parser


def kept(path: Path, name: str, make: Callable[[], Any]) -> Any:
    """Return what a file has under a name, or make it and put it there at once."""
    held: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    if name not in held:
        held[name] = make()
        draft = path.with_suffix(".draft")
        draft.write_text(json.dumps(held, indent=1))
        draft.replace(path)
    return held[name]


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
    folder: Path,
    base: Base,
    chunks: dict[str, Any],
    *,
    steps: int,
    seed: int,
    apart: Sequence[str] = APART,
) -> list[Adapter]:
    """Train an adapter with its keys on each domain that is not kept apart, or read it."""
    made: list[Adapter] = []
    for name, parts in chunks.items():
        if name in apart:
            continue
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


def _told(what: str, steps: int) -> Any:
    def told(step: int, loss: float) -> None:
        if step % max(1, steps // 5) == 0:
            print(f"  {what}: step {step}, loss {loss:.3f}", flush=True)

    return told
