"""Branch-Train-MiX: models that were trained apart become one, with a router at each layer.

Sukhbaatar et al. (arXiv 2403.07816): the feed-forward blocks of the experts stand side by side in a
mixture, everything else is averaged, and a router is finetuned. One pass per token serves what an
ensemble of N needs N passes for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from herd_graph.errors import DeclarationError
from herd_graph.zoo.adapters import Adapter
from herd_graph.zoo.base import Base
from herd_graph.zoo.learned import LearnedGate, train_router
from herd_graph.zoo.modules import FeedForward
from herd_graph.zoo.pretraining import branch
from herd_graph.zoo.training import Rows, Told
from herd_graph.zoo.zoo import ExpertZoo, Scored

_BLOCK = ("gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, kw_only=True, eq=False)
class Mixture:
    """One model made of several.

    Attributes:
        zoo: The averaged model, with each expert's feed-forward blocks as an adapter.
        gate: The router that was finetuned.
    """

    zoo: ExpertZoo
    gate: LearnedGate

    def score(self, texts: Sequence[str] | Sequence[Sequence[int]], **options: Any) -> list[Scored]:
        """Score texts, each token through the blocks that the router chooses."""
        return self.zoo.score(texts, use=self.gate, **options)

    @property
    def passes(self) -> dict[str, float]:
        """Passes per token: of the mixture, and of an ensemble of the same experts.

        A block is counted by its share of a model's parameters: ``top_k`` of them run, and the rest
        of the model once.
        """
        base = self.zoo.base.model
        whole = sum(int(each.numel()) for each in base.parameters())
        count = len(self.zoo)
        adapter = next(iter(self.zoo))
        blocks = adapter.parameters
        active = self.gate.top_k if 0 < self.gate.top_k < count else count
        # The averaged block runs too: its output is what the chosen blocks replace.
        return {"mixture": 1 + active * blocks / whole, "ensemble": float(count)}


def branch_train_mix(
    models: Mapping[str, Any],
    rows: Rows,
    *,
    tokenizer: Any = None,
    top_k: int = 2,
    steps: int = 60,
    balance: float = 0.01,
    rate: float = 1e-2,
    batch: int = 8,
    seed: int = 0,
    told: Told | None = None,
) -> Mixture:
    """Mix models of one size into one (Branch-Train-MiX, arXiv 2403.07816, section 2.2).

    Args:
        models: The experts by name: transformers causal LMs with gated feed-forward blocks, all
            branched from one seed (averages of unrelated models mean nothing).
        rows: Token ids of all domains, to finetune the router on.
        tokenizer: Of all.
        top_k: Blocks for each token.
        steps: Of finetuning.
        balance: See ``learned.train_router``.
        rate: Of Adam.
        batch: Rows in each step.
        seed: Of the order.
        told: Told every step.

    Raises:
        DeclarationError: The models differ in shape, or have no gated feed-forward blocks.
    """
    states = {name: dict(model.state_dict()) for name, model in models.items()}
    shapes = {
        name: {key: tuple(each.shape) for key, each in state.items()}
        for name, state in states.items()
    }
    if not states or any(each != next(iter(shapes.values())) for each in shapes.values()):
        raise DeclarationError(
            f"The models {list(models)} cannot be mixed: they differ in shape, or there are none. "
            "Expected branches of one seed. Ensemble models of different sizes instead: "
            "PosteriorEnsembleExpert."
        )
    merged = branch(next(iter(models.values())))
    merged.load_state_dict(
        {
            key: sum(state[key].float() for state in states.values()) / len(states)
            for key in next(iter(states.values()))
        }
    )
    base = Base(model=merged, tokenizer=tokenizer, name="mixture")
    sites = [
        site
        for site in base.sites("mlp")
        if all(f"{site}.{part}.weight" in next(iter(states.values())) for part in _BLOCK)
    ]
    if not sites:
        raise DeclarationError(
            "The models have no gated feed-forward blocks named 'mlp'. Expected Llama-like models "
            f"with {', '.join(_BLOCK)}. Mix adapters instead: learned.train_router."
        )
    zoo = ExpertZoo(base)
    for name, state in states.items():
        blocks = {
            site: FeedForward(
                **{part[:-5]: state[f"{site}.{part}.weight"].clone() for part in _BLOCK}
            )
            for site in sites
        }
        zoo.add(Adapter(name=name, modules=blocks, base=base.fingerprint))
    gate = train_router(
        zoo,
        rows,
        steps=steps,
        batch=batch,
        rate=rate,
        top_k=top_k,
        balance=balance,
        seed=seed,
        told=told,
    )
    return Mixture(zoo=zoo, gate=gate)


__all__ = ("Mixture", "branch_train_mix")
