"""Train whole small language models: seeds, dense baselines, and the experts of an ensemble.

Branch-Train-Merge (arXiv 2208.03306) and HDEE (arXiv 2502.19385) branch experts from a seed and go
on training each on its own data. Cost is counted in floating-point operations, so that ensembles of
models of different sizes can be given equal budgets.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from herd_graph.errors import DeclarationError, ExpertFailed
from herd_graph.extras import need
from herd_graph.zoo.base import Base
from herd_graph.zoo.training import Rows, Told, batch_at

torch: Any = need("torch", "zoo")


@dataclass(frozen=True, kw_only=True)
class Size:
    """The size of a small Llama.

    HDEE's own ratio of feed-forward widths is 3 : 4 : 5 for S, M and L.
    """

    vocabulary: int
    width: int = 96
    layers: int = 3
    heads: int = 4
    inner: int = 384
    length: int = 256

    @property
    def parameters(self) -> int:
        """Parameters without embeddings: four square matrices and three of the feed-forward."""
        return self.layers * (4 * self.width**2 + 3 * self.width * self.inner)

    def flops(self, tokens: int) -> float:
        """Operations of training on so many tokens: 6 for each parameter, the output layer's too."""
        return 6.0 * tokens * (self.parameters + self.vocabulary * self.width)

    def make(self, seed: int = 0) -> Any:
        """Return a model of this size with random weights."""
        library = need("transformers", "zoo")
        config = library.LlamaConfig(
            vocab_size=self.vocabulary,
            hidden_size=self.width,
            intermediate_size=self.inner,
            num_hidden_layers=self.layers,
            num_attention_heads=self.heads,
            num_key_value_heads=self.heads,
            max_position_embeddings=self.length,
            tie_word_embeddings=True,
        )
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return library.LlamaForCausalLM(config)


def pretrain(
    model: Any,
    rows: Rows,
    *,
    steps: int,
    batch: int = 16,
    rate: float = 3e-3,
    floor: float = 0.1,
    warm_up: float = 0.05,
    seed: int = 0,
    told: Told | None = None,
) -> Any:
    """Train all parameters: AdamW, a warm-up, then a cosine that really ends where training does.

    (The released code of HDEE reads checkpoints off a longer cosine, which was never annealed.)

    Args:
        model: A transformers causal LM; changed in place.
        rows: Token ids, equally long.
        steps: How many.
        batch: Rows in each.
        rate: The highest rate.
        floor: The last rate, as a share of it.
        warm_up: The share of steps with a rising rate.
        seed: Of the order.
        told: Told every step.

    Returns:
        The model, frozen.

    Raises:
        ExpertFailed: It diverged.
        DeclarationError: There is nothing to learn from.
    """
    if not rows:
        raise DeclarationError(
            "A model was to be trained on no rows. Expected token ids. Give it texts."
        )
    model.train()
    model.requires_grad_(requires_grad=True)
    weights = list(model.parameters())
    optimiser = torch.optim.AdamW(weights, lr=rate, weight_decay=0.1, betas=(0.9, 0.95))
    rising = max(1, round(warm_up * steps))
    for step in range(steps):
        ids = torch.tensor([list(row) for row in batch_at(rows, batch, step, seed)])
        logits = model(input_ids=ids).logits[:, :-1]
        loss = torch.nn.functional.cross_entropy(
            logits.reshape(-1, logits.shape[-1]).float(), ids[:, 1:].reshape(-1)
        )
        number = float(loss.detach())
        if math.isnan(number):
            raise ExpertFailed(
                f"Training gave a loss of NaN at step {step}. Expected a number. Lower the rate "
                f"(it was {rate:g})."
            )
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        done = max(0.0, (step + 1 - rising) / max(1, steps - rising))
        shape = floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * done))
        for group in optimiser.param_groups:
            group["lr"] = rate * min((step + 1) / rising, shape)
        optimiser.step()
        if told is not None:
            told(step + 1, number)
    model.eval()
    model.requires_grad_(requires_grad=False)
    return model


def branch(model: Any) -> Any:
    """Return a copy of a model to go on training from: the "branch" of Branch-Train-Merge."""
    return copy.deepcopy(model)


def score_rows(model: Any, rows: Rows, *, batch: int = 16) -> list[Any]:
    """Return the log-probability of each token but the first, for each row, as numpy."""
    from herd_graph.zoo.zoo import logprobs_of

    found: list[Any] = []
    for start in range(0, len(rows), batch):
        part: Sequence[Sequence[int]] = rows[start : start + batch]
        ids, mask = Base.pad(part)
        with torch.inference_mode():
            scored = logprobs_of(model(input_ids=ids, attention_mask=mask).logits, ids)
        found += [scored[at, : len(row) - 1].double().numpy() for at, row in enumerate(part)]
    return found


__all__ = ("Size", "branch", "pretrain", "score_rows")
