"""What sparse dispatch costs: time per token with 16 experts, against the base alone and peft.

    python -m benchmarks.zoo.speed                     # SmolLM2, prefill at batch 8
    python -m benchmarks.zoo.speed --base FOLDER --json speed.json

All contestants take turns; the figure is the median of their processor seconds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.gates import Arrow
from herd_graph.zoo.members import CausalSession
from herd_graph.zoo.modules import Lora, Module
from herd_graph.zoo.zoo import ExpertZoo

torch: Any = import_module("torch")

TARGETS = ("q_proj", "v_proj", "up_proj", "down_proj")


def adapter(base: Base, name: str, seed: int, rank: int = 8) -> Adapter:
    """Return a LoRA with random weights: time does not depend on them."""
    draw = torch.Generator().manual_seed(seed)
    modules: dict[str, Module] = {}
    for site in base.sites(*TARGETS):
        into, out = base.widths(site)
        modules[site] = Lora(
            a=torch.randn(rank, into or 1, generator=draw) / 100,
            b=torch.randn(out or 1, rank, generator=draw) / 100,
        )
    return Adapter(name=name, modules=modules, base=base.fingerprint)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", default="smollm2")
    parser.add_argument("--experts", type=int, default=16)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    torch.set_num_threads(1)
    base = Base.open(told.base)
    zoo = ExpertZoo(base, [adapter(base, f"e{at}", at) for at in range(told.experts)])
    size = int(base.model.config.vocab_size)
    rows = torch.randint(3, size, (told.batch, told.length)).tolist()
    each: list[Any] = [f"e{at % told.experts}" for at in range(told.batch)]

    def prefill(use: Any) -> Callable[[], object]:
        return lambda: zoo.score(rows, use=use, batch=told.batch)

    def decode(use: Any) -> Callable[[], object]:
        session = CausalSession(zoo, rows[0][:16], use)
        return lambda: [session.feed([5]) for _ in range(8)]

    def newcomer() -> None:
        zoo.add(adapter(base, "new", 99))
        zoo.drop("new")

    work: dict[str, tuple[Callable[[], object], int]] = {
        "prefill, base": (prefill(None), told.batch * told.length),
        "prefill, one adapter": (prefill("e0"), told.batch * told.length),
        "prefill, an adapter for each row": (prefill(each), told.batch * told.length),
        "prefill, Arrow top 2": (prefill(Arrow(top_k=2)), told.batch * told.length),
        "decode, base": (decode(None), 8),
        "decode, one adapter": (decode("e0"), 8),
        "decode, Arrow top 2": (decode(Arrow(top_k=2)), 8),
        "add and drop an expert": (newcomer, 1),
    }
    spent: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(told.times + 1):
        for name, (call, _) in work.items():
            began = time.process_time()
            call()
            if turn:  # the first is for warming up
                spent[name].append(time.process_time() - began)
    found = {name: {"ms": 1000 * median(times) / work[name][1]} for name, times in spent.items()}
    for name, row in found.items():
        kind = name.partition(",")[0]
        row["of_base"] = row["ms"] / found.get(f"{kind}, base", row)["ms"]
        print(f"{name:36s} {row['ms']:9.3f} ms per token  {row['of_base']:5.2f} x base")
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
