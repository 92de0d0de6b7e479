"""Train adapters and their gates on a frozen base. What was done is kept, so that it can go on.

Progress is written as safetensors every few steps: parameters, Adam's moments, the step. The order
of batches is a function of the seed and the step, so that a resumed training ends bit for bit where
an unbroken one does.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from herd_graph.errors import DeclarationError, ExpertFailed
from herd_graph.extras import need
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.hosting import Dispatch, Here, Share, dispatching, install
from herd_graph.zoo.modules import KINDS, Tensor
from herd_graph.zoo.progress import Progress

torch: Any = need("torch", "zoo")
Kind = Literal["lora", "ia3", "bottleneck"]
Rows = Sequence[Sequence[int]]
Told = Callable[[int, float], None]
"""Told each step's number and loss."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How an adapter is trained.

    The defaults are those that were measured on SmolLM2 with 36 steps: much more learns by heart.
    """

    kind: Kind = "lora"
    targets: tuple[str, ...] = ("q_proj", "v_proj", "up_proj", "down_proj")
    """The last parts of layers' names. A bottleneck sits beside ``mlp``, whatever is named."""
    rank: int = 8
    """Of a LoRA, or the width of a bottleneck."""
    steps: int = 36
    batch: int = 4
    rate: float = 3e-3
    warm_up: float = 0.06
    seed: int = 0
    keep_every: int = 20
    """Steps between two writes of the progress."""

    def sites(self, base: Base) -> list[str]:
        """Return the layers that get a module.

        Raises:
            DeclarationError: The base has none of that name.
        """
        named = ("mlp",) if self.kind == "bottleneck" else self.targets
        found = base.sites(*named)
        if not found:
            raise DeclarationError(
                f"Base {base.name!r} has no layer named {', '.join(map(repr, named))}. Expected ends "
                "of its layers' names, such as 'q_proj'. Pass targets=…."
            )
        return found


def train(
    base: Base,
    rows: Rows,
    name: str,
    recipe: Recipe | None = None,
    *,
    folder: Path | None = None,
    told: Told | None = None,
    description: str = "",
) -> Adapter:
    """Train an adapter on rows of token ids, with the base frozen.

    LoRA: arXiv 2106.09685; (IA)³: arXiv 2205.05638; bottleneck: arXiv 2110.04366. All start as the
    base itself: what is added is zero.

    Args:
        base: The base.
        rows: Token ids, about equally long.
        name: The adapter's.
        recipe: How.
        folder: Where progress is kept; a training that was broken off there goes on.
        told: Told every step.
        description: What it will be good at.

    Raises:
        ExpertFailed: It diverged.
    """
    how = recipe or Recipe()
    _some(rows, name)
    leaves = _start(base, how)
    modules = {site: KINDS[_kind(how, site)](**tensors) for site, tensors in leaves.items()}
    install(base, list(modules))
    here = {site: {name: module} for site, module in modules.items()}
    only = _Everywhere(name)
    flat = {f"{site}.{part}": t for site, ts in leaves.items() for part, t in ts.items()}
    losses = _descend(
        flat,
        how,
        lambda batch: _loss(base, batch, here, only),
        rows,
        folder,
        told,
        what=name,
    )
    return Adapter(
        name=name,
        modules={
            site: KINDS[module.kind](**{p: t.detach() for p, t in module.tensors().items()})
            for site, module in modules.items()
        },
        description=description,
        base=base.fingerprint,
        vocabulary=base.vocabulary,
        facts={
            "kind": how.kind,
            "rank": how.rank,
            "steps": how.steps,
            "rows": len(rows),
            "first_loss": round(losses[0], 4) if losses else None,
            "last_loss": round(losses[-1], 4) if losses else None,
        },
    )


def train_gate(
    base: Base,
    adapter: Adapter,
    rows: Rows,
    *,
    steps: int = 15,
    rate: float = 1e-2,
    batch: int = 4,
    seed: int = 0,
    folder: Path | None = None,
    told: Told | None = None,
) -> Adapter:
    """Train a PHATGOOSE gate: a sigmoid before each module, everything else frozen.

    ``y = W u + sigmoid(vᵀu) · B A u`` (arXiv 2402.05859, equation 2), ``v`` from zero, on the adapter's
    own data. The gate is a key for routing alone: the sigmoid is gone when the adapter serves.

    Returns:
        The adapter with ``keys["phatgoose"]``.
    """
    _some(rows, adapter.name)
    fitted = adapter.fit(base)
    widths = {site: base.widths(site)[0] for site in fitted.modules}
    keys = {site: torch.zeros(width, requires_grad=True) for site, width in widths.items()}
    install(base, list(keys))
    here = {site: {adapter.name: module} for site, module in fitted.modules.items()}
    how = Recipe(steps=steps, rate=rate, batch=batch, seed=seed)
    _descend(
        keys,
        how,
        lambda batch: _loss(base, batch, here, _Sigmoid(adapter.name, keys)),
        rows,
        folder,
        told,
        what=f"gate of {adapter.name}",
    )
    found = {site: key.detach() for site, key in keys.items()}
    return replace(adapter, keys={**adapter.keys, "phatgoose": found})


def mean_activation(base: Base, adapter: Adapter, rows: Rows, *, batch: int = 8) -> Adapter:
    """Note the mean input of each layer on an adapter's data (PHATGOOSE's baseline, section 4.2).

    Returns:
        The adapter with ``keys["activation"]``.

    Raises:
        DeclarationError: There are no rows, or some are too short.
    """
    _some(rows, adapter.name)
    fitted = adapter.fit(base)
    install(base, list(fitted.modules))
    seen = _Watching({site: torch.zeros(base.widths(site)[0] or 0) for site in fitted.modules})
    here = {site: {adapter.name: module} for site, module in fitted.modules.items()}
    for start in range(0, len(rows), batch):
        ids, mask = base.pad(rows[start : start + batch])
        seen.mask = mask.reshape(-1, 1).float()
        with (
            torch.inference_mode(),
            dispatching(Dispatch(modules=here, chooser=seen)),
        ):
            base.model(input_ids=ids, attention_mask=mask)
        seen.count += float(mask.sum())
    means = {site: (total / seen.count).clone() for site, total in seen.totals.items()}
    return replace(adapter, keys={**adapter.keys, "activation": means})


@dataclass(frozen=True, eq=False)
class _Everywhere:
    name: str

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        del site, given, here
        return (Share(name=self.name),)


@dataclass(frozen=True, eq=False)
class _Sigmoid:
    name: str
    keys: Mapping[str, Tensor]

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        del here
        flat = given.reshape(-1, given.shape[-1]).float()
        return (Share(name=self.name, weight=torch.sigmoid(flat @ self.keys[site])),)


class _Watching:
    """Sums up inputs, and lets nothing compute."""

    def __init__(self, totals: dict[str, Tensor]) -> None:
        self.totals = totals
        self.mask: Tensor = None
        self.count = 0.0

    def choose(self, site: str, given: Tensor, here: Here) -> Sequence[Share]:
        del here
        self.totals[site] += (given.reshape(-1, given.shape[-1]).float() * self.mask).sum(0)
        return ()


def _kind(how: Recipe, site: str) -> str:
    inner = how.kind == "ia3" and site.endswith(("down_proj", "c_proj", "fc2"))
    return "ia3_inner" if inner else how.kind


def _start(base: Base, how: Recipe) -> dict[str, dict[str, Tensor]]:
    """Return the parameters at the start, in float32: bfloat16 loses small steps."""
    draw = torch.Generator().manual_seed(how.seed)
    made: dict[str, dict[str, Tensor]] = {}
    for site in how.sites(base):
        into, out = base.widths(site)
        first = torch.randn(how.rank, into, generator=draw) / (into or 1) ** 0.5
        second = torch.zeros(out, how.rank)
        if how.kind == "lora":
            parts = {"a": first, "b": second}
        elif how.kind == "bottleneck":
            parts = {"down": first, "up": second}
        else:
            parts = {"scale": torch.ones(into if _kind(how, site) == "ia3_inner" else out)}
        made[site] = {part: each.requires_grad_() for part, each in parts.items()}
    return made


def _loss(base: Base, batch: Rows, here: Mapping[str, Here], chooser: Any) -> Tensor:
    ids, mask = base.pad(batch)
    with dispatching(Dispatch(modules=here, chooser=chooser)):
        logits = base.model(input_ids=ids, attention_mask=mask).logits
    labels = ids[:, 1:].masked_fill(mask[:, 1:] == 0, -100)
    return torch.nn.functional.cross_entropy(
        logits[:, :-1].reshape(-1, logits.shape[-1]).float(), labels.reshape(-1)
    )


def _descend(
    leaves: Mapping[str, Tensor],
    how: Recipe,
    loss_of: Callable[[Rows], Tensor],
    rows: Rows,
    folder: Path | None,
    told: Told | None,
    *,
    what: str,
) -> list[float]:
    """Descend with AdamW: constant rate after a warm-up, gradients clipped to 1."""
    names = sorted(leaves)
    optimiser = torch.optim.AdamW([leaves[n] for n in names], lr=how.rate, weight_decay=0.0)
    progress = Progress(
        leaves=leaves, optimiser=optimiser, signature=_signature(how), folder=folder
    )
    losses = progress.resume()
    rising = max(1, round(how.warm_up * how.steps))
    for step in range(len(losses), how.steps):
        loss = loss_of(batch_at(rows, how.batch, step, how.seed))
        number = float(loss.detach())
        if math.isnan(number):
            raise ExpertFailed(
                f"Training of {what!r} gave a loss of NaN at step {step}. Expected a number. Lower "
                f"the rate (it was {how.rate:g}), or look for damaged texts."
            )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([leaves[n] for n in names], 1.0)
        for group in optimiser.param_groups:
            group["lr"] = how.rate * min(1.0, (step + 1) / rising)
        optimiser.step()
        losses.append(number)
        if told is not None:
            told(step + 1, number)
        if (step + 1) % how.keep_every == 0 or step + 1 == how.steps:
            progress.keep(losses)
    return losses


def batch_at(rows: Rows, size: int, step: int, seed: int) -> list[Sequence[int]]:
    """Return the rows of one step: a shuffled pass over all, then another."""
    chosen: list[Sequence[int]] = []
    for index in range(step * size, (step + 1) * size):
        lap, place = divmod(index, len(rows))
        draw = torch.Generator().manual_seed(seed * 1_000_003 + lap)
        chosen.append(rows[int(torch.randperm(len(rows), generator=draw)[place])])
    return chosen


def _signature(how: Recipe) -> str:
    return json.dumps({**how.__dict__, "keep_every": 0}, sort_keys=True, default=list)


def _some(rows: Rows, name: str) -> None:
    if not rows or any(len(row) < 2 for row in rows):
        raise DeclarationError(
            f"{name!r} was given {len(rows)} rows of token ids to learn from, some shorter than two "
            "tokens or none at all. Expected rows of at least two. Give longer texts."
        )


__all__ = ("Kind", "Recipe", "Rows", "Told", "batch_at", "mean_activation", "train", "train_gate")
