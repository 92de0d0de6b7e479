"""The one chart: what routers gain as experts become more, and what the best of it costs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

SHOWN = {
    "posterior, decay .95, cluster's prior": "#08306b",
    "posterior, decay .95": "#2b7bba",
    "posterior, decay .95, over rnd's 3": "#7fc4e8",
    "BTM posterior, without base": "#8c564b",
    "Co-LLM, soft": "#9467bd",
    "rnd": "#2a9d4a",
    "rnd, abstains": "#98c379",
    "cluster": "#e08b0a",
    "PHATGOOSE top 2": "#d62728",
    "Arrow top 4": "#e377c2",
    "average activation top 2": "#7f7f7f",
    "learned (X-LoRA)": "#bcbd22",
    "merged, exact mean": "#333333",
}
"""The routers that have a line, and its colour; all stand in the table."""


def draw(counts: Mapping[str, Any], path: Path) -> None:
    """Draw gap, mixed text and held-out text against the number of experts, and gap against cost.

    Args:
        counts: Means and ranges of figures, by number of experts and router.
        path: A PNG.
    """
    library: Any = import_module("matplotlib")
    library.use("Agg")
    figures: Any = import_module("matplotlib.pyplot")
    figure, axes = figures.subplots(1, 4, figsize=(17, 4.6))
    numbers = sorted(map(int, counts))
    for axis, key, title in (
        (axes[0], "gap_closed", "in domain: share of the oracle's gain"),
        (axes[1], "held_out", "held-out text: perplexity / base's"),
        (axes[2], "mixed", "topic changes midway: perplexity / oracle per example"),
    ):
        for name, colour in SHOWN.items():
            known = [n for n in numbers if name in counts[str(n)]]
            line = [_value(counts[str(n)], name, key) for n in known]
            axis.plot(
                known, line, marker="o", markersize=3, linewidth=1.3, color=colour, label=name
            )
        if key != "gap_closed":
            axis.axhline(1, color="black", linewidth=0.8, linestyle=":")
        else:
            axis.axhline(0.98, color="black", linewidth=0.8, linestyle=":")
            axis.set_ylim(-0.1, 1.05)
        axis.set_xscale("log", base=2)
        axis.set_xticks(numbers, [str(n) for n in numbers])
        axis.set_xlabel("experts")
        axis.set_title(title, fontsize=9)
    last = counts[str(numbers[-1])]
    for name, colour in SHOWN.items():
        if name in last:
            cost, gain = last[name]["ms_per_token"]["mean"], last[name]["gap_closed"]["mean"]
            regresses = last[name]["regression"]["mean"] > 0
            axes[3].scatter([cost], [gain], color=colour, marker="x" if regresses else "o", s=34)
    costs = [last[name]["ms_per_token"]["mean"] for name in SHOWN if name in last]
    ticks = [min(costs) * (max(costs) / min(costs)) ** (at / 4) for at in range(5)]
    axes[3].set_xscale("log")
    axes[3].minorticks_off()
    axes[3].set_xticks(ticks, [f"{each:.2g}" for each in ticks])
    axes[3].set_ylim(-0.1, 1.05)
    axes[3].set_xlabel("processor ms for a token (x: regresses on held-out text)")
    axes[3].set_title(f"experts: {numbers[-1]}; gain against cost", fontsize=9)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="lower center", ncols=6, fontsize=8)
    figure.tight_layout(rect=(0, 0.12, 1, 1))
    figure.savefig(path, dpi=100)
    figures.close(figure)


def _value(routers: Mapping[str, Any], name: str, key: str) -> float:
    own = float(routers[name][key]["mean"])
    if key == "held_out":
        return own / float(routers["base"][key]["mean"])
    if key == "mixed":
        return own / float(routers["oracle per example"][key]["mean"])
    return own


__all__ = ("SHOWN", "draw")
