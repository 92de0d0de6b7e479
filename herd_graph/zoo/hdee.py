"""HDEE: ensembles of domain experts that differ in size or in training (arXiv 2502.19385).

Three configurations under one budget, section 3: models and iterations alike (MHo-IHo), iterations
by difficulty (MHo-IHe), sizes by difficulty (MHe-IHo). Two ways to train: *chains*, in which each
expert goes from domain to domain as in the paper, and one expert for each domain.

Six things in the released code are done otherwise here, and all matter for what it reports: each
size has a seed of its own and never continues another's checkpoint; every iteration follows its own
configuration; the prior comes from development texts and never from those that are scored; it is a
moving average; probabilities are averaged and not their logarithms; each training ends its cosine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from herd_graph.errors import DeclarationError
from herd_graph.extras import need
from herd_graph.zoo.posterior import Vector, ema_prior, mix
from herd_graph.zoo.pretraining import Size, branch, pretrain, score_rows
from herd_graph.zoo.training import Rows

Difficulty = Literal["easy", "moderate", "hard"]
Mode = Literal["chains", "per-domain"]
Score = Callable[[Any, Rows], list[Vector]]
"""Returns a model's log-probabilities of each row; ``pretraining.score_rows`` does."""
DIFFICULTIES: tuple[Difficulty, ...] = ("easy", "moderate", "hard")


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Which size and how many steps an expert of each difficulty gets.

    Args:
        name: As in the paper.
        sizes: A letter for each difficulty.
        steps: For each difficulty, per domain.
    """

    name: str
    sizes: Mapping[Difficulty, str]
    steps: Mapping[Difficulty, int]


def configurations(steps: int) -> tuple[Configuration, ...]:
    """Return the paper's three, around so many steps (its ratio is 3 : 4 : 5, around 400)."""
    even: dict[Difficulty, int] = dict.fromkeys(DIFFICULTIES, steps)
    graded: dict[Difficulty, int] = {
        "easy": round(0.75 * steps),
        "moderate": steps,
        "hard": 2 * steps - round(0.75 * steps),
    }
    middle: dict[Difficulty, str] = dict.fromkeys(DIFFICULTIES, "M")
    by_size: dict[Difficulty, str] = {"easy": "S", "moderate": "M", "hard": "L"}
    return (
        Configuration(name="MHo-IHo", sizes=middle, steps=even),
        Configuration(name="MHo-IHe", sizes=middle, steps=graded),
        Configuration(name="MHe-IHo", sizes=by_size, steps=even),
    )


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What an ensemble's training took."""

    flops: float
    exchanged_bytes: int
    """What its experts had to exchange while they were trained: nothing. Kept for the table."""
    data_parallel_bytes: int
    """What a dense model of the middle size would exchange over as many steps and workers."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Ensemble:
    """The experts of one configuration."""

    configuration: str
    mode: Mode
    experts: Mapping[str, Any]
    budget: Budget


@dataclass(kw_only=True, eq=False)
class Laboratory:
    """Seeds, domains and sizes that all configurations share.

    Args:
        sizes: By letter.
        domains: For each difficulty its domains, in the order of a chain.
        rows: Training rows of each domain.
        general: Rows of the seeds' own mix.
        seed_steps: Steps of each seed; half of all compute is the paper's regime.
        batch: Rows in each step.
        rate: Of the seeds.
        expert_rate: Of the experts.
        seed: Of everything that is drawn.
        folder: Where trained models are kept, so that what was broken off goes on.
        told: Told what is being trained.

    Configurations share what they have in common: an expert of one size that has seen one sequence
    of domains for equally many steps is trained once. Budgets count it for each of them.
    """

    sizes: Mapping[str, Size]
    domains: Mapping[Difficulty, Sequence[str]]
    rows: Mapping[str, Rows]
    general: Rows
    seed_steps: int = 350
    batch: int = 16
    rate: float = 3e-3
    expert_rate: float = 1.5e-3
    seed: int = 0
    folder: Path | None = None
    told: Callable[[str], None] = print
    _made: dict[str, Any] = field(default_factory=dict[str, Any])

    def __post_init__(self) -> None:
        missing = [d for names in self.domains.values() for d in names if not self.rows.get(d)]
        lengths = {len(names) for names in self.domains.values()}
        if missing or set(self.domains) != set(DIFFICULTIES) or len(lengths) != 1:
            raise DeclarationError(
                f"The domains {dict(self.domains)} cannot be trained on: {missing or 'uneven'}. "
                "Expected equally many domains, with rows, for easy, moderate and hard. Add rows, or "
                "leave a domain out."
            )

    def seed_model(self, size: str) -> Any:
        """Return the seed of a size, trained once."""
        return self._once(
            f"seed {size} {self.seed_steps}",
            self.sizes[size],
            lambda: pretrain(
                self.sizes[size].make(self.seed),
                self.general,
                steps=self.seed_steps,
                batch=self.batch,
                rate=self.rate,
                seed=self.seed,
            ),
        )

    def train(self, configuration: Configuration, mode: Mode) -> Ensemble:
        """Train one configuration's experts."""
        experts: dict[str, Any] = {}
        flops = 0.0
        total = 0
        for level in DIFFICULTIES:
            letter, steps = configuration.sizes[level], configuration.steps[level]
            model, path = self.seed_model(letter), f"{letter} {self.seed_steps}"
            for turn, domain in enumerate(self.domains[level]):
                path += f" {domain} {steps}"
                model = self._once(
                    path, self.sizes[letter], partial(self._continue, model, domain, steps, turn)
                )
                flops += self.sizes[letter].flops(steps * self.batch * self._length(domain))
                total += steps
                if mode == "per-domain":
                    experts[domain] = model
                    model, path = self.seed_model(letter), f"{letter} {self.seed_steps}"
            if mode == "chains":
                experts[level] = model
        middle = self.sizes["M"]
        weights = middle.parameters + middle.vocabulary * middle.width
        budget = Budget(
            flops=flops,
            exchanged_bytes=0,
            # A ring all-reduce moves twice the gradient for each worker and step, in float32.
            data_parallel_bytes=2 * 4 * weights * total * len(experts),
        )
        return Ensemble(configuration=configuration.name, mode=mode, experts=experts, budget=budget)

    def dense(self, steps: int) -> Any:
        """Return the baseline that HDEE left out: one middle model, the same steps on everything."""
        mixed = [
            row for names in self.domains.values() for name in names for row in self.rows[name]
        ]
        return self._once(
            f"dense {self.seed_steps} {steps}",
            self.sizes["M"],
            lambda: pretrain(
                branch(self.seed_model("M")),
                mixed,
                steps=steps,
                batch=self.batch,
                rate=self.expert_rate,
                seed=self.seed,
            ),
        )

    def _once(self, what: str, size: Size, make: Callable[[], Any]) -> Any:
        """Return a model that was made before, in this process or in the folder; else make it."""
        if what in self._made:
            return self._made[what]
        stored: Any = need("safetensors.torch", "zoo")
        recipe = repr((what, size, self.batch, self.rate, self.expert_rate, self.seed))
        name = hashlib.sha256(recipe.encode()).hexdigest()[:24]
        path = None if self.folder is None else self.folder / f"{name}.safetensors"
        if path is not None and path.is_file():
            model = size.make(self.seed)
            model.load_state_dict(stored.load_file(str(path)), strict=False)
            model.tie_weights()
            model.eval().requires_grad_(requires_grad=False)
        else:
            self.told(what)
            model = make()
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                state = {k: t for k, t in model.state_dict().items() if k != "lm_head.weight"}
                stored.save_file(state, str(path.with_suffix(".draft")))
                path.with_suffix(".draft").replace(path)
        self._made[what] = model
        return model

    def _continue(self, model: Any, domain: str, steps: int, turn: int) -> Any:
        return pretrain(
            branch(model),
            self.rows[domain],
            steps=steps,
            batch=self.batch,
            rate=self.expert_rate,
            seed=self.seed + turn,
        )

    def _length(self, domain: str) -> int:
        return len(self.rows[domain][0])


def evaluate(
    ensemble: Ensemble,
    test: Mapping[str, Rows],
    dev: Mapping[str, Rows],
    *,
    seed_model: Any = None,
    score: Score = score_rows,
) -> dict[str, Vector]:
    """Return an ensemble's log-probabilities of each domain's tokens, all rows one after the other.

    The prior is estimated on ``dev`` (BTM's moving average), the posterior over the whole prefix.

    Args:
        ensemble: The experts.
        test: Rows of each domain.
        dev: Rows of each domain that are not scored.
        seed_model: A further member with a tenth of the prior: it repairs what experts forget.
        score: Scores a model's rows; one that remembers saves time where ensembles share members.
    """
    members = [*ensemble.experts.values(), *([] if seed_model is None else [seed_model])]
    found: dict[str, Vector] = {}
    for domain, rows in test.items():
        prior = ema_prior(_scores(members, dev[domain], score))
        if seed_model is not None:
            prior = np.concatenate([0.9 * prior[:-1] / prior[:-1].sum(), [0.1]])
        found[domain] = np.concatenate(
            [mix(each, prior, decay=1.0).logprobs for each in _scores(members, rows, score)]
        )
    return found


def _scores(members: Sequence[Any], rows: Rows, score: Score = score_rows) -> list[Vector]:
    each = [score(model, rows) for model in members]
    return [np.stack(columns, axis=1) for columns in zip(*each, strict=True)]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One configuration against the homogeneous one."""

    wins: int
    domains: int
    certain: int
    """Wins whose paired bootstrap interval does not reach zero."""
    null: tuple[int, int]
    """Between how many wins 95 % of the permutations lie, in which the two have changed places."""
    chance: float
    """The share of permutations with at least so many wins."""


def compare(
    mine: Mapping[str, Vector], baseline: Mapping[str, Vector], *, draws: int = 400, seed: int = 0
) -> Comparison:
    """Compare two ensembles domain by domain, paired by token.

    With two heterogeneous configurations against one, taking the better of both wins 14 of 21 by
    chance alone: so each is held against the baseline by itself. The null is of permutations: in
    each block of 64 tokens a coin says which of the two is which. Where two ensembles say the same,
    as they do where they share an expert, nobody wins.
    """
    draw = np.random.default_rng(seed)
    wins = certain = 0
    nulls = np.zeros(2000, dtype=int)
    for domain, scores in mine.items():
        gain = scores - baseline[domain]
        wins += int(gain.mean() > 0)
        blocks = np.array([part.mean() for part in np.array_split(gain, max(2, len(gain) // 64))])
        means = draw.choice(blocks, size=(draws, len(blocks))).mean(axis=1)
        certain += int(np.quantile(means, 0.025) > 0)
        signs = draw.choice((-1.0, 1.0), size=(len(nulls), len(blocks)))
        nulls += (signs @ blocks > 0).astype(int)
    low, high = np.quantile(nulls, (0.025, 0.975))
    return Comparison(
        wins=wins,
        domains=len(mine),
        certain=certain,
        null=(int(low), int(high)),
        chance=float((nulls >= wins).mean()),
    )


def error_correlation(members: Sequence[Any], rows: Rows) -> float:
    """Return the mean correlation of the members' losses: how alike their errors are."""
    columns = np.concatenate(_scores(members, rows))
    if columns.shape[1] < 2:
        return 1.0
    found = np.corrcoef(columns, rowvar=False)
    return float(found[np.triu_indices(len(found), 1)].mean())


__all__ = (
    "DIFFICULTIES",
    "Budget",
    "Comparison",
    "Configuration",
    "Ensemble",
    "Laboratory",
    "compare",
    "configurations",
    "error_correlation",
    "evaluate",
)
