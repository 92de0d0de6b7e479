"""What sparse dispatch costs: time per token with 16 experts, against the base alone and peft.

    python -m benchmarks.zoo.speed                     # SmolLM2, prefill at batch 8
    python -m benchmarks.zoo.speed --base FOLDER --json speed.json
    python -m benchmarks.zoo.speed --own /tmp/zoo      # the small base of benchmarks.zoo.grid

All contestants take turns; the figure is the median of their processor seconds, and its ratio to
the base's of the same turn. peft has the same adapters on a copy of the same base: its batches with
an adapter for each row, and its Arrow, which computes all adapters for each token.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.zoo.ground import base_of, prepare
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.files import export_peft
from herd_graph.zoo.gates import Arrow
from herd_graph.zoo.members import CausalSession
from herd_graph.zoo.modules import Lora, Module
from herd_graph.zoo.zoo import ExpertZoo, logprobs_of

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


class Peft:
    """The same adapters in peft, on a copy of the base."""

    def __init__(self, base: Base, adapters: Sequence[Adapter], folder: Path) -> None:
        library: Any = import_module("peft")
        self._paths = [str(export_peft(each, folder / each.name)) for each in adapters]
        self._names = [each.name for each in adapters]
        self._mixed = library.PeftModel.from_pretrained(
            copied(base), self._paths[0], adapter_name=self._names[0]
        )
        for path, name in zip(self._paths[1:], self._names[1:], strict=True):
            self._mixed.load_adapter(path, adapter_name=name)
        self._mixed.eval()
        arrow: Any = import_module("peft.tuners.lora.config").ArrowConfig(top_k=2)
        self._arrow = import_module("peft.tuners.lora.arrow").create_arrow_model(
            copied(base), self._paths, arrow
        )
        self._arrow.eval()

    def mixed(self, rows: Sequence[Sequence[int]], names: Sequence[str]) -> Any:
        """Score rows, each with an adapter of its own."""
        return self._score(self._mixed, rows, adapter_names=list(names))

    def arrow(self, rows: Sequence[Sequence[int]]) -> Any:
        """Score rows through its Arrow."""
        return self._score(self._arrow, rows)

    @staticmethod
    def _score(model: Any, rows: Sequence[Sequence[int]], **options: Any) -> Any:
        ids, mask = Base.pad(rows)
        with torch.inference_mode():
            return logprobs_of(model(input_ids=ids, attention_mask=mask, **options).logits, ids)


def copied(base: Base) -> Any:
    """Return the base's model again: peft writes its layers into the one that it is given."""
    kept = base.model.config.to_dict()
    kept.pop("quantization_config", None)  # of the file that it was read from
    made = type(base.model)(type(base.model.config)(**kept))
    made.load_state_dict(base.model.state_dict())
    return made.to(base.dtype).eval().requires_grad_(requires_grad=False)


def opened(told: argparse.Namespace) -> Base:
    """Return the base that is asked for."""
    if told.own is None:
        return Base.open(told.base)
    return base_of(told.own, prepare(told.own), steps=told.base_steps, seed=0)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--base", default="smollm2")
    parser.add_argument("--own", type=Path, help="the grid's folder, for its base")
    parser.add_argument("--base-steps", type=int, default=800)
    parser.add_argument("--experts", type=int, default=16)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--length", type=int, default=128)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--json", type=Path)
    told = parser.parse_args()
    torch.set_num_threads(1)
    base = opened(told)
    adapters = [adapter(base, f"e{at}", at) for at in range(told.experts)]
    zoo = ExpertZoo(base, adapters)
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

    place = tempfile.TemporaryDirectory()
    theirs = Peft(base, adapters, Path(place.name))
    work: dict[str, tuple[Callable[[], object], int]] = {
        "prefill, base": (prefill(None), told.batch * told.length),
        "prefill, one adapter": (prefill("e0"), told.batch * told.length),
        "prefill, an adapter for each row": (prefill(each), told.batch * told.length),
        "prefill, Arrow top 2": (prefill(Arrow(top_k=2)), told.batch * told.length),
        "prefill, peft, an adapter for each row": (
            lambda: theirs.mixed(rows, each),
            told.batch * told.length,
        ),
        "prefill, peft's Arrow top 2": (lambda: theirs.arrow(rows), told.batch * told.length),
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
    found: dict[str, Any] = {}
    for name, times in spent.items():
        own = spent.get(f"{name.partition(',')[0]}, base", times)
        ratios = sorted(a / b for a, b in zip(times, own, strict=True))
        found[name] = {
            "ms": 1000 * median(times) / work[name][1],
            "of_base": median(ratios),
            "range": [ratios[0], ratios[-1]],
        }
        row = found[name]
        print(
            f"{name:40s} {row['ms']:9.3f} ms  {row['of_base']:5.2f} x base "
            f"({ratios[0]:.2f} to {ratios[-1]:.2f})"
        )
    place.cleanup()
    if told.json:
        told.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
