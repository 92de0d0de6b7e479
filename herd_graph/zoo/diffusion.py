"""A diffusion transformer beside a frozen language model: text in, a picture out.

DiT (Peebles & Xie, arXiv 2212.09748): patches as tokens, adaLN-Zero blocks (section 3.2),
classifier-free guidance (section 3.1). It predicts the clean picture and not the noise (Li & He,
arXiv 2511.13720): pictures lie near a surface of few dimensions and noise does not, so that a small
painter learns the one in far fewer steps. Its condition is a projection of the language model's
pooled hidden state, so that the text's expert and the picture's share one understanding. It only
reads that state: the model's own text is what it was, bit for bit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from herd_graph.errors import DeclarationError, ModelCorrupt
from herd_graph.extras import need
from herd_graph.zoo.modules import Tensor
from herd_graph.zoo.progress import Progress

torch: Any = need("torch", "zoo")

MOST = 5.0
"""What an almost clean picture weighs at most: there is little to be learnt from it."""
HEARD = 5.0
"""Spreads from the mean beyond which a channel of a condition is not followed."""


@dataclass(frozen=True, kw_only=True)
class Painting:
    """The shape of a painter.

    Args:
        side: Of the pictures, in pixels; they are grey, from −1 to 1.
        patch: Pixels of a patch's side.
        width: Of a token.
        depth: Blocks.
        heads: Of attention.
        condition: Width of the language model's hidden state.
        steps: T, of the noise schedule (linear, arXiv 2006.11239, section 4).
    """

    side: int = 32
    patch: int = 4
    width: int = 96
    depth: int = 4
    heads: int = 4
    condition: int = 576
    steps: int = 400

    def __post_init__(self) -> None:
        if self.side % self.patch or self.width % self.heads or self.width % 2:
            raise DeclarationError(
                f"A painter cannot have pictures of {self.side} pixels in patches of {self.patch}, and "
                f"{self.width} channels in {self.heads} heads. Expected one to divide the other. "
                "Change one of them."
            )

    @property
    def tokens(self) -> int:
        """Patches of a picture."""
        return (self.side // self.patch) ** 2


class Painter:
    """A DiT; made with random weights, trained by ``fit``, kept as safetensors.

    Args:
        shape: Its shape.
        seed: Of the weights.
    """

    def __init__(self, shape: Painting, *, seed: int = 0) -> None:
        self.shape = shape
        draw = torch.Generator().manual_seed(seed)
        w, p = shape.width, shape.patch**2

        def layer(into: int, out: int, scale: float = 1.0) -> Tensor:
            return torch.randn(out, into, generator=draw) * (scale / into**0.5)

        self.weights: dict[str, Tensor] = {
            "patch": layer(p, w),
            "place": 0.02 * torch.randn(shape.tokens, w, generator=draw),
            "time.0": layer(w, w),
            "time.1": layer(w, w),
            # Zero: what no training text varied in stays unheard, so new wordings do no harm.
            "text": torch.zeros(w, shape.condition),
            "heard.mean": torch.zeros(shape.condition),
            "heard.spread": torch.ones(shape.condition),
            "nothing": 0.02 * torch.randn(w, generator=draw),
            "last.modulate": torch.zeros(2 * w, w),
            "last.out": torch.zeros(p, w),
        }
        for at in range(shape.depth):
            self.weights |= {
                f"{at}.modulate": torch.zeros(
                    6 * w, w
                ),  # adaLN-Zero: each block starts as identity
                f"{at}.qkv": layer(w, 3 * w),
                f"{at}.join": layer(w, w),
                f"{at}.up": layer(w, 4 * w),
                f"{at}.down": layer(4 * w, w),
            }
        betas = torch.linspace(1e-4, 0.02 * 1000 / shape.steps, shape.steps)
        self._kept = torch.cumprod(1 - betas, dim=0)

    @property
    def parameters(self) -> int:
        """How many there are."""
        return sum(int(each.numel()) for each in self.weights.values())

    def clean(self, pictures: Tensor, at: Tensor, condition: Tensor, known: Tensor) -> Tensor:
        """Predict what noisy pictures show.

        Args:
            pictures: Shape (pictures, side, side).
            at: The step of each, shape (pictures,).
            condition: Hidden states, shape (pictures, condition).
            known: Whether each condition is heard, shape (pictures,).
        """
        shape, held = self.shape, self.weights
        function = torch.nn.functional
        side = shape.side // shape.patch
        patches = pictures.reshape(-1, side, shape.patch, side, shape.patch)
        patches = patches.transpose(2, 3).reshape(-1, shape.tokens, shape.patch**2)
        x = patches @ held["patch"].T + held["place"]
        time = function.silu(_waves(at, shape.width) @ held["time.0"].T) @ held["time.1"].T
        said = self._heard(condition) @ held["text"].T
        c = function.silu(time + torch.where(known[:, None], said, held["nothing"]))
        for block in range(shape.depth):
            a, b, g, d, e, h = (c @ held[f"{block}.modulate"].T)[:, None].chunk(6, dim=2)
            x = x + g * self._attend(_modulated(x, a, b), block)
            inner = function.gelu(_modulated(x, d, e) @ held[f"{block}.up"].T)
            x = x + h * (inner @ held[f"{block}.down"].T)
        a, b = (c @ held["last.modulate"].T)[:, None].chunk(2, dim=2)
        made = _modulated(x, a, b) @ held["last.out"].T
        made = made.reshape(-1, side, side, shape.patch, shape.patch).transpose(2, 3)
        return made.reshape(pictures.shape)

    def _heard(self, condition: Tensor) -> Tensor:
        """Return a condition as it differs from what all that were trained on have in common.

        A language model's state is one huge channel and much that any two texts share: of "the letter
        A" and "the letter B" it differs by a hundred-thousandth of its variance. Without this the
        painter is deaf.
        """
        normed = torch.nn.functional.layer_norm(condition, (self.shape.condition,))
        apart = (normed - self.weights["heard.mean"]) / self.weights["heard.spread"]
        return apart.clamp(-HEARD, HEARD)

    def _listen(self, conditions: Tensor) -> None:
        """Measure what the conditions of a training have in common, and how they spread."""
        normed = torch.nn.functional.layer_norm(conditions, (self.shape.condition,))
        spread = normed.std(dim=0, correction=0)
        # A channel that hardly moved here must not deafen all others where it moves.
        least = 0.1 * spread.median() + 1e-6
        self.weights["heard.mean"] = normed.mean(dim=0)
        self.weights["heard.spread"] = spread.clamp_min(least)

    def _attend(self, x: Tensor, block: int) -> Tensor:
        count, tokens, width = x.shape
        heads = self.shape.heads
        parts = (x @ self.weights[f"{block}.qkv"].T).reshape(
            count, tokens, 3, heads, width // heads
        )
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        found = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return found.transpose(1, 2).reshape(count, tokens, width) @ self.weights[f"{block}.join"].T

    def fit(
        self,
        pictures: Tensor,
        conditions: Tensor,
        *,
        steps: int = 2000,
        batch: int = 128,
        rate: float = 1e-3,
        forget: float = 0.1,
        average: float = 0.99,
        precision: Literal["float32", "bfloat16"] = "float32",
        seed: int = 0,
        folder: Path | None = None,
        keep_every: int = 100,
        told: Callable[[int, float], None] | None = None,
    ) -> Painter:
        """Train: ``w_t ‖x − x_θ(x_t, t, c)‖²``, with ``w_t = 1 / (1 − ᾱ_t)``, at most ``MOST``.

        Uncapped, that weighs all steps as the velocity's error does (arXiv 2202.00512, appendix D).

        Args:
            pictures: Shape (pictures, side, side), from −1 to 1.
            conditions: A hidden state for each, shape (pictures, condition).
            steps: How many.
            batch: Pictures in each.
            rate: Of AdamW.
            forget: The share of conditions that is not heard, for guidance.
            average: Of the moving average of the weights, which is what is kept.
            precision: Of the products; weights and averages are float32. A processor that knows
                bfloat16 is twice as fast with it.
            seed: Of everything that is drawn: each step from the seed and its own number.
            folder: Where progress is kept; a training that was broken off there goes on, and ends
                bit for bit where an unbroken one does.
            keep_every: Steps between two writes of the progress.
            told: Told every step.
        """
        if not any(bool(self.weights[name].any()) for name in ("text", "last.out")):
            self._listen(conditions)  # one that has learnt already keeps the ears it learnt with
        trained = {n: each for n, each in self.weights.items() if not n.startswith("heard.")}
        smooth = {name: each.clone() for name, each in trained.items()}
        leaves = [trained[name].requires_grad_() for name in sorted(trained)]
        optimiser = torch.optim.AdamW(leaves, lr=rate, weight_decay=0.0)
        how = [batch, rate, forget, average, precision, seed, "clean"]
        recipe = [asdict(self.shape), len(pictures), *how]
        progress = Progress(
            leaves=trained,
            optimiser=optimiser,
            signature=json.dumps(recipe, sort_keys=True),
            folder=folder,
            beside=smooth,
        )
        losses = progress.resume()
        for step in range(len(losses), steps):
            draw = torch.Generator().manual_seed(seed * 1_000_003 + step)
            chosen = torch.randint(len(pictures), (batch,), generator=draw)
            at = torch.randint(self.shape.steps, (batch,), generator=draw)
            noise = torch.randn(batch, self.shape.side, self.shape.side, generator=draw)
            known = torch.rand(batch, generator=draw) >= forget
            kept = self._kept[at][:, None, None]
            mixed = kept.sqrt() * pictures[chosen] + (1 - kept).sqrt() * noise
            with torch.autocast(
                "cpu", dtype=getattr(torch, precision), enabled=precision != "float32"
            ):
                made = self.clean(mixed, at, conditions[chosen], known)
            weight = (1 / (1 - kept)).clamp(max=MOST)
            loss = (weight * (made.float() - pictures[chosen]) ** 2).mean()
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(leaves, 1.0)
            optimiser.step()
            share = min(average, (1 + step) / (10 + step))
            with torch.no_grad():
                for name, each in trained.items():
                    smooth[name].lerp_(each, 1 - share)
            losses.append(float(loss.detach()))
            if told is not None:
                told(step + 1, losses[-1])
            if (step + 1) % keep_every == 0 or step + 1 == steps:
                progress.keep(losses)
        self.weights |= smooth
        return self

    def paint(
        self, conditions: Tensor, *, steps: int = 50, guidance: float = 1.5, seed: int = 0
    ) -> Tensor:
        """Return a picture for each condition: DDIM (arXiv 2010.02502, equation 12, η = 0).

        Args:
            conditions: Hidden states, shape (pictures, condition).
            steps: Of the T that are walked.
            guidance: ``x_∅ + g (x_c − x_∅)``, of predictions without and with the condition.
            seed: Of the noise that it starts from.
        """
        draw = torch.Generator().manual_seed(seed)
        count = len(conditions)
        x = torch.randn(count, self.shape.side, self.shape.side, generator=draw)
        times = torch.linspace(self.shape.steps - 1, 0, min(steps, self.shape.steps)).long()
        heard, deaf = torch.ones(count, dtype=torch.bool), torch.zeros(count, dtype=torch.bool)
        with torch.inference_mode():
            for place, time in enumerate(times):
                at = time.expand(count)
                free = self.clean(x, at, conditions, deaf)
                clean = free + guidance * (self.clean(x, at, conditions, heard) - free)
                clean = clean.clamp(-1, 1)
                kept = self._kept[time]
                noise = (x - kept.sqrt() * clean) / (1 - kept).sqrt()
                last = place + 1 == len(times)
                after = torch.ones(()) if last else self._kept[times[place + 1]]
                x = after.sqrt() * clean + (1 - after).sqrt() * noise
        return x.clamp(-1, 1)

    def save(self, path: Path) -> None:
        """Write shape and weights to one safetensors file."""
        stored = need("safetensors.torch", "zoo")
        told = {name: str(value) for name, value in asdict(self.shape).items()}
        weights = {name: each.detach().contiguous().clone() for name, each in self.weights.items()}
        stored.save_file(weights, str(path), metadata=told)

    @classmethod
    def load(cls, path: Path) -> Painter:
        """Read a painter. Raises ``ModelCorrupt``."""
        library = need("safetensors", "zoo")
        try:
            with library.safe_open(str(path), framework="pt") as opened:
                told: dict[str, str] = opened.metadata() or {}
                made = cls(Painting(**{name: int(value) for name, value in told.items()}))
                found = {name: opened.get_tensor(name) for name in made.weights}
        except Exception as error:
            raise ModelCorrupt(
                f"{str(path)!r} is no painter: {error}. Expected what Painter.save writes. Train it "
                "again."
            ) from error
        shapes = {name: each.shape for name, each in made.weights.items()}
        if shapes != {name: each.shape for name, each in found.items()} or any(
            not bool(torch.isfinite(each).all()) for each in found.values()
        ):
            raise ModelCorrupt(
                f"{str(path)!r} has weights of other shapes than it says, or NaN among them. Expected "
                "a painter that was trained to its end. Train it again."
            )
        made.weights = found
        return made


def _waves(at: Tensor, width: int) -> Tensor:
    rates = torch.exp(-math.log(10_000) * torch.arange(width // 2) / (width // 2))
    angles = at[:, None].float() * rates
    return torch.cat([angles.cos(), angles.sin()], dim=1)


def _modulated(x: Tensor, shift: Tensor, scale: Tensor) -> Tensor:
    return torch.nn.functional.layer_norm(x, (x.shape[-1],)) * (1 + scale) + shift


def conditions_of(zoo: Any, prompts: Sequence[str]) -> Tensor:
    """Return the frozen language model's pooled hidden state of each prompt."""
    return torch.from_numpy(zoo.embed(list(prompts)))


__all__ = ("Painter", "Painting", "conditions_of")
