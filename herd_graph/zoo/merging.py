"""Merge adapters where they add up: in ``ΔW``, not in their factors.

Adding A and B factors of LoRAs apart gives cross terms: ``(Σ w_i B_i)(Σ w_j A_j)`` has N² products
where ``Σ w_i B_i A_i`` has N. Libraries do it all the same. Here a weighted sum stacks factors
(exact, rank Σ r_i), and whatever is not a sum works on the matrices. Cutting the rank afterwards is
a step of its own, with its error reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.extras import need
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.modules import Dense, Lora, Module, Tensor, matrix

torch: Any = need("torch", "zoo")


def combine(adapters: Sequence[Adapter], weights: Sequence[float], name: str) -> Adapter:
    """Return ``Σ w_i ΔW_i``, exactly: LoRA factors are stacked, and nothing is multiplied out.

    With ``w_i = 1/N`` the average of adapters; with one scale λ for all, task arithmetic (Ilharco
    et al., arXiv 2212.04089, section 2); with weights from a router, Arrow's parameter form (arXiv
    2405.11157, equation 5) without its cross terms.

    Raises:
        ModelCorrupt: A module is not linear in its layer's input.
        DeclarationError: Another number of weights than of adapters.
    """
    if len(weights) != len(adapters) or not adapters:
        raise DeclarationError(
            f"{len(weights)} weights were given for {len(adapters)} adapters. Expected one for each, "
            "and at least one. Pass as many weights as adapters."
        )
    sites = list(dict.fromkeys(site for each in adapters for site in each.modules))
    modules: dict[str, Module] = {}
    for site in sites:
        there = [
            (each, each.modules[site], float(w))
            for each, w in zip(adapters, weights, strict=True)
            if site in each.modules and w
        ]
        if not there:
            continue
        for adapter, module, _ in there:
            _linear(adapter, site, module)
        if all(isinstance(module, Lora) for _, module, _ in there):
            factors = [(module.tensors(), w) for _, module, w in there]
            modules[site] = Lora(
                a=torch.cat([each["a"] for each, _ in factors]),
                b=torch.cat([each["b"] * w for each, w in factors], dim=1),
            )
        else:
            modules[site] = Dense(weight=sum(w * matrix(module) for _, module, w in there))
    return _merged(adapters, modules, name, {"method": "sum", "weights": list(map(float, weights))})


def average(adapters: Sequence[Adapter], name: str) -> Adapter:
    """Return the mean of the ``ΔW`` (PHATGOOSE's "merged experts", arXiv 2402.05859, section 4.2)."""
    return combine(adapters, [1 / len(adapters)] * len(adapters), name)


def task_arithmetic(adapters: Sequence[Adapter], name: str, *, scale: float = 0.3) -> Adapter:
    """Return ``λ Σ ΔW_i`` (Ilharco et al., arXiv 2212.04089)."""
    return combine(adapters, [scale] * len(adapters), name)


def ties(
    adapters: Sequence[Adapter],
    name: str,
    *,
    density: float = 0.2,
    scale: float = 1.0,
    elect: Literal["total", "count"] = "total",
) -> Adapter:
    """Trim, elect signs, and average what agrees (Yadav et al., TIES, arXiv 2306.01708, section 4).

    Args:
        adapters: At least one.
        name: Of the result.
        density: The share of entries of each ``ΔW`` that is kept, by absolute value.
        scale: λ.
        elect: By the sum of values, or by the count of signs.
    """
    return _by_matrix(
        adapters,
        name,
        lambda deltas: scale * _agree([_trim(each, density) for each in deltas], elect),
        {"method": "ties", "density": density, "scale": scale},
    )


def dare(
    adapters: Sequence[Adapter],
    name: str,
    *,
    density: float = 0.2,
    scale: float | None = None,
    seed: int = 0,
    then: Literal["sum", "ties"] = "sum",
) -> Adapter:
    """Drop entries at random, rescale the rest by ``1/density`` (Yu et al., arXiv 2311.03099, eq. 4).

    Args:
        adapters: At least one.
        name: Of the result.
        density: The share of entries that is kept.
        scale: λ; by default 1/N for a sum, 1 for TIES.
        seed: Of the dropping.
        then: Sum up, or elect signs as TIES does.
    """
    draw = torch.Generator().manual_seed(seed)
    factor = scale if scale is not None else (1.0 if then == "ties" else 1 / len(adapters))

    def merged(deltas: list[Tensor]) -> Tensor:
        kept = [(torch.rand(d.shape, generator=draw) < density) * d / density for d in deltas]
        return factor * (_agree(kept, "total") if then == "ties" else sum(kept))

    return _by_matrix(adapters, name, merged, {"method": "dare", "density": density, "seed": seed})


@dataclass(frozen=True, kw_only=True)
class Truncated:
    """An adapter of a lower rank, and what that cost."""

    adapter: Adapter
    error: float
    """``‖ΔW − ΔW_r‖ / ‖ΔW‖`` over all layers (Frobenius)."""


def truncate(adapter: Adapter, rank: int) -> Truncated:
    """Return the best approximation of that rank in every layer (Eckart & Young, by SVD)."""
    modules: dict[str, Module] = {}
    lost = whole = 0.0
    for site, module in adapter.modules.items():
        _linear(adapter, site, module)
        delta = matrix(module)
        u, s, v = torch.linalg.svd(delta, full_matrices=False)
        kept = min(rank, int(s.shape[0]))
        root = s[:kept].sqrt()
        modules[site] = Lora(a=root[:, None] * v[:kept], b=u[:, :kept] * root)
        lost += float((s[kept:] ** 2).sum())
        whole += float((s**2).sum())
    error = (lost / whole) ** 0.5 if whole else 0.0
    facts = {**adapter.facts, "rank": rank, "truncation_error": round(error, 6)}
    return Truncated(adapter=replace(adapter, modules=modules, keys={}, facts=facts), error=error)


def factors_apart(adapters: Sequence[Adapter], weights: Sequence[float], name: str) -> Adapter:
    """Merge A and B factors apart, as others do: **wrong**, and here to be measured against.

    ``(Σ √w_i B_i)(Σ √w_j A_j)`` is LoraHub's algebra (arXiv 2307.13269, equation 1) and that of
    peft's linear mode. Ranks must be equal.
    """
    modules: dict[str, Module] = {}
    for site in adapters[0].modules:
        parts = [
            (each.modules[site].tensors(), w**0.5)
            for each, w in zip(adapters, weights, strict=True)
        ]
        modules[site] = Lora(
            a=sum(w * each["a"] for each, w in parts), b=sum(w * each["b"] for each, w in parts)
        )
    return _merged(adapters, modules, name, {"method": "factors apart"})


def lorahub(
    adapters: Sequence[Adapter],
    loss: Callable[[Adapter], float],
    name: str,
    *,
    budget: int = 40,
    bound: float = 1.5,
    penalty: float = 0.05,
    seed: int = 0,
    told: Callable[[int, float], None] | None = None,
) -> Adapter:
    """Search weights on a few examples without gradients (Huang et al., LoraHub, arXiv 2307.13269).

    Minimises ``loss + penalty · mean|w|`` over ``w ∈ [−bound, bound]^N`` from zero (section 3.3), by
    a (1+1) evolution strategy with the one-fifth rule, on exact sums instead of factors apart.

    Args:
        adapters: The candidates.
        loss: The loss of a merged adapter on the examples.
        name: Of the result.
        budget: How often ``loss`` is called.
        bound: Of each weight.
        penalty: On the mean absolute weight.
        seed: Of the search.
        told: Told each trial's number and the best value so far.
    """
    draw = torch.Generator().manual_seed(seed)
    best = torch.full((len(adapters),), 1 / len(adapters), dtype=torch.float64)

    def value(weights: Tensor) -> float:
        merged = combine(adapters, [float(w) or 1e-12 for w in weights], name)
        return loss(merged) + penalty * float(weights.abs().mean())

    least, width = value(best), 0.3
    for trial in range(1, budget):
        step = width * torch.randn(len(adapters), generator=draw, dtype=torch.float64)
        tried = (best + step).clamp(-bound, bound)
        found = value(tried)
        if found < least:
            best, least, width = tried, found, width * 1.5
        else:
            width *= 1.5**-0.25
        if told is not None:
            told(trial + 1, least)
    merged = combine(adapters, [float(w) or 1e-12 for w in best], name)
    return replace(merged, facts={**merged.facts, "method": "lorahub", "objective": least})


def relative_error(found: Adapter, exact: Adapter) -> float:
    """Return ``‖ΔW_found − ΔW_exact‖ / ‖ΔW_exact‖`` over all layers (Frobenius)."""
    lost = whole = 0.0
    for site, module in exact.modules.items():
        wanted = matrix(module)
        have = matrix(found.modules[site]) if site in found.modules else None
        lost += float(((wanted if have is None else have - wanted) ** 2).sum())
        whole += float((wanted**2).sum())
    return (lost / whole) ** 0.5


METHODS: tuple[str, ...] = ("average", "arithmetic", "ties", "dare")
"""Those that need no data; ``lorahub`` needs some."""


def merge(method: str, adapters: Sequence[Adapter], name: str) -> Adapter:
    """Merge by a method's name, with its paper's defaults."""
    from herd_graph.errors import suggest

    made: Mapping[str, Callable[[Sequence[Adapter], str], Adapter]] = {
        "average": average,
        "arithmetic": task_arithmetic,
        "ties": ties,
        "dare": dare,
    }
    if method not in made:
        raise DeclarationError(
            f"There is no way to merge named {method!r}. {suggest(method, made)}"
        )
    return made[method](adapters, name)


def _by_matrix(
    adapters: Sequence[Adapter],
    name: str,
    merged: Callable[[list[Tensor]], Tensor],
    facts: dict[str, Any],
) -> Adapter:
    sites = list(dict.fromkeys(site for each in adapters for site in each.modules))
    modules: dict[str, Module] = {}
    for site in sites:
        there = [(each, each.modules[site]) for each in adapters if site in each.modules]
        for adapter, module in there:
            _linear(adapter, site, module)
        deltas = [matrix(module) for _, module in there]
        # Who has nothing there votes with zeros: the sum is over all adapters.
        deltas += [torch.zeros_like(deltas[0])] * (len(adapters) - len(deltas))
        modules[site] = Dense(weight=merged(deltas))
    return _merged(adapters, modules, name, facts)


def _trim(delta: Tensor, density: float) -> Tensor:
    kept = max(1, round(density * delta.numel()))
    least = delta.abs().reshape(-1).topk(kept).values[-1]
    return torch.where(delta.abs() >= least, delta, torch.zeros_like(delta))


def _agree(deltas: Sequence[Tensor], elect: str) -> Tensor:
    stacked = torch.stack(list(deltas))
    votes = stacked if elect == "total" else stacked.sign()
    sign = votes.sum(0).sign()
    agreeing = (stacked.sign() == sign) & (stacked != 0)
    return (stacked * agreeing).sum(0) / agreeing.sum(0).clamp(min=1)


def _linear(adapter: Adapter, site: str, module: Module) -> None:
    if matrix(module) is None:
        raise ModelCorrupt(
            f"Adapter {adapter.name!r} has a {module.kind} module at {site!r}, which is no matrix. "
            "Expected LoRA (or a merged one): only what is linear can be merged. Route among these "
            "adapters instead."
        )


def _merged(
    adapters: Sequence[Adapter], modules: Mapping[str, Module], name: str, facts: dict[str, Any]
) -> Adapter:
    bases = {each.base for each in adapters if each.base}
    if len(bases) > 1:
        raise ModelCorrupt(
            f"The adapters {[each.name for each in adapters]} stand on {len(bases)} different bases. "
            "Expected one. Merge adapters of the same base."
        )
    named = [each.name for each in adapters]
    return Adapter(
        name=name,
        modules=modules,
        description=f"{facts['method']} of {', '.join(named)}",
        base=next(iter(bases), ""),
        vocabulary=next((each.vocabulary for each in adapters if each.vocabulary), ""),
        facts={"merged": list(named), **facts},
    )


__all__ = (
    "METHODS",
    "Truncated",
    "average",
    "combine",
    "dare",
    "factors_apart",
    "lorahub",
    "merge",
    "relative_error",
    "task_arithmetic",
    "ties",
    "truncate",
)
