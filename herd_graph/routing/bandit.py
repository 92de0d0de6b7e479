"""Learn from feedback which expert to call: only the called one is ever scored.

A linear bandit over what a warm start predicts: Thompson sampling (or LinUCB, Li et al., arXiv
1003.0146) with discounting, so that old feedback fades, and a drift detector for each expert
(Page-Hinkley on the residuals): the expert that has changed forgets, the others do not. Below a
number of scored prompts a contextual bandit loses to the best single expert, so until then the
warm start decides and exploration is rare.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from herd_graph.cards import ExpertCard
from herd_graph.config import home
from herd_graph.errors import ConfigError
from herd_graph.plans import Step
from herd_graph.routing.base import Route, Router, Situation
from herd_graph.routing.matrices import Floats
from herd_graph.routing.policy import Bounds, Estimate, Tradeoff, choose
from herd_graph.routing.rebinding import rebind
from herd_graph.routing.taxonomy import RoutingData, Taxonomy, UserData
from herd_graph.tasks import Task

FORM = 1
DRAWS = 64
"""Samples by which the propensity of a Thompson choice is estimated."""
NO_PRIOR = 0.5
"""What is expected of an expert that no warm start knows."""
FLOOR = 0.04
"""The probability that all candidates share at least: without it, logs say nothing of what was never
tried."""


@dataclass(kw_only=True)
class PageHinkley:
    """Tells when the mean of a stream has fallen (Page 1954), after a few bad answers.

    Args:
        tolerance: Drops smaller than this are no drift.
        threshold: How much must have piled up.
    """

    tolerance: float = 0.05
    threshold: float = 6.0
    fallen: float = 0.0
    risen: float = 0.0

    def seen(self, residual: float) -> bool:
        """Take one residual (reward minus expectation) and say whether the mean has moved."""
        self.fallen = max(0.0, self.fallen - residual - self.tolerance)
        self.risen = max(0.0, self.risen + residual - self.tolerance)
        if max(self.fallen, self.risen) <= self.threshold:
            return False
        self.fallen = self.risen = 0.0
        return True


@dataclass(kw_only=True)
class Arm:
    """What is known of one expert: a discounted ridge regression of reward on context."""

    gram: Floats
    """Of shape (contexts, contexts), the prior in it."""
    moment: Floats
    pulls: float = 0.0
    """Discounted."""
    drifts: int = 0
    detector: PageHinkley = field(default_factory=PageHinkley)

    def weights(self) -> tuple[Floats, Floats]:
        """Return the posterior mean and the inverse of the gram."""
        import numpy as np

        inverse = np.linalg.inv(self.gram)
        return inverse @ self.moment, inverse


@dataclass(kw_only=True)
class Bandit:
    """Linear Thompson sampling, or LinUCB, over experts that come and go.

    Args:
        dimensions: Of a context.
        method: ``thompson`` draws from the posterior, ``linucb`` adds a bonus.
        explore: How wide: standard deviations of a reward for Thompson, the bonus for LinUCB.
        discount: What older feedback of an expert counts at each new one of it; 1 never forgets.
        prior: How many scored prompts the warm start is worth.
        seed: Two bandits with one seed and one history decide alike.
    """

    dimensions: int
    method: Literal["thompson", "linucb"] = "thompson"
    explore: float = 0.15
    discount: float = 0.998
    prior: float = 20.0
    seed: int = 0
    arms: dict[str, Arm] = field(default_factory=dict[str, Arm])

    def __post_init__(self) -> None:
        import numpy as np

        self._draw = np.random.default_rng(self.seed)

    def add(self, expert: str, expected: Floats | None = None) -> None:
        """Add an expert, with the weights that a warm start gives it; harmless if it is there."""
        import numpy as np

        if expert not in self.arms:
            weights = np.zeros(self.dimensions) if expected is None else np.asarray(expected)
            gram = self.prior * np.eye(self.dimensions)
            self.arms[expert] = Arm(gram=gram, moment=gram @ weights)

    def remove(self, expert: str) -> None:
        """Forget an expert."""
        self.arms.pop(expert, None)

    def expect(self, context: Floats, experts: Sequence[str]) -> list[tuple[float, float]]:
        """Return the mean reward of each expert in a context, and its standard error."""
        import numpy as np

        made: list[tuple[float, float]] = []
        for name in experts:
            self.add(name)
            mean, inverse = self.arms[name].weights()
            variance = max(0.0, float(context @ inverse @ context))
            made.append((float(context @ mean), float(np.sqrt(variance))))
        return made

    def propensities(self, expected: Sequence[tuple[float, float]]) -> Floats:
        """Return the probability of each expert, given means and errors; none is ever 0."""
        import numpy as np

        means = np.array([mean for mean, _ in expected])
        errors = self.explore * np.array([error for _, error in expected])
        if self.method == "linucb":
            share = np.zeros(len(means))
            share[(means + errors).argmax()] = 1.0
        else:
            drawn = means + errors * self._draw.normal(size=(DRAWS, len(means)))
            share = np.bincount(drawn.argmax(axis=1), minlength=len(means)) / DRAWS
        floor = FLOOR / len(means)
        return share * (1 - floor * len(means)) + floor

    def choose(self, context: Floats, experts: Sequence[str]) -> tuple[str, float]:
        """Draw an expert; return it and its propensity."""
        chances, at = self.draw(self.expect(context, experts))
        return experts[at], chances[at]

    def draw(self, expected: Sequence[tuple[float, float]]) -> tuple[list[float], int]:
        """Return the probability of each expert, and the place of the one that is drawn.

        The place is -1 where there are none.
        """
        if not expected:
            return [], -1
        chances = self.propensities(expected)
        chances = chances / chances.sum()
        return [float(p) for p in chances], int(self._draw.choice(len(chances), p=chances))

    def learn(self, expert: str, context: Floats, reward: float) -> bool:
        """Take one piece of feedback; say whether the expert was found to have changed."""
        import numpy as np

        self.add(expert)
        arm = self.arms[expert]
        mean, _ = arm.weights()
        moved = arm.detector.seen(reward - float(context @ mean))
        keep = self.discount
        if moved:
            # What was known is worth little now: a tenth stays, the next feedback decides.
            keep, arm.drifts = 0.1, arm.drifts + 1
        floor = (1 - keep) * 0.05 * self.prior * np.eye(self.dimensions)
        arm.gram = keep * arm.gram + floor + np.outer(context, context)
        arm.moment = keep * arm.moment + reward * context
        arm.pulls = keep * arm.pulls + 1
        return moved

    def state(self) -> dict[str, Any]:
        """Return everything as JSON."""
        return {
            "form": FORM,
            "dimensions": self.dimensions,
            "method": self.method,
            "explore": self.explore,
            "discount": self.discount,
            "prior": self.prior,
            "seed": self.seed,
            "arms": {
                name: {
                    "gram": arm.gram.tolist(),
                    "moment": arm.moment.tolist(),
                    "pulls": arm.pulls,
                    "drifts": arm.drifts,
                    "fallen": arm.detector.fallen,
                    "risen": arm.detector.risen,
                }
                for name, arm in self.arms.items()
            },
        }

    @classmethod
    def restore(cls, state: Mapping[str, Any]) -> Bandit:
        """Read what ``state`` gave. Raises ``ConfigError``."""
        import numpy as np

        try:
            names = ("dimensions", "method", "explore", "discount", "prior", "seed")
            made = cls(**{name: state[name] for name in names})
            for name, arm in state["arms"].items():
                made.arms[name] = Arm(
                    gram=np.array(arm["gram"], dtype=np.float64),
                    moment=np.array(arm["moment"], dtype=np.float64),
                    pulls=float(arm["pulls"]),
                    drifts=int(arm["drifts"]),
                    detector=PageHinkley(fallen=arm["fallen"], risen=arm["risen"]),
                )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ConfigError(
                f"The state of a bandit cannot be read: {type(error).__name__}: {error}. Expected "
                "what it wrote. Delete the file to start afresh."
            ) from None
        return made


class BanditRouter:
    """Learns from feedback which expert to take, among those that do the same job.

    Args:
        argument: A folder of a trained quality router, whose predictions are the warm start.
        inner: Who writes plans; the planner without a model by default.
        experts: The experts for one job, by name; those of the quality router without it.
        method: ``thompson`` or ``linucb``.
        explore: How wide it explores.
        discount: What older feedback counts.
        state: Where it keeps what it learnt; ``routers/bandit.json`` in HERD's home.
    """

    name = "bandit"
    taxonomy = Taxonomy(routing_data=RoutingData.TARGET, user_data=UserData.FEW_SHOT)

    def __init__(
        self,
        argument: str = "",
        *,
        inner: Router | str = "semantic",
        experts: Sequence[str] = (),
        method: Literal["thompson", "linucb"] = "thompson",
        explore: float = 0.15,
        discount: float = 0.998,
        state: Path | str | None = None,
    ) -> None:
        from herd_graph.routing.quality.model import QualityModel
        from herd_graph.routing.registry import make_router

        self.inner = make_router(inner) if isinstance(inner, str) else inner
        self.warm = QualityModel.load(Path(argument)) if argument else None
        self.experts = tuple(experts) or (self.warm.names if self.warm else ())
        if not self.experts:
            raise ConfigError(
                "A bandit was made without experts. Expected the experts that do one job: "
                "BanditRouter(experts=['small', 'large']), or 'bandit:FOLDER' with a quality router."
            )
        self.path = Path(state) if state else default_state()
        self._lock = threading.Lock()
        self._read_at = 0
        self.bandit = self._load(method, explore, discount)

    def _refreshed(self) -> None:
        """Read what another process, such as ``herd feedback``, has taught meanwhile."""
        if not self.path.exists():
            return
        written = self.path.stat().st_mtime_ns
        if written != self._read_at:
            self._read_at = written
            self.bandit = self._load(self.bandit.method, self.bandit.explore, self.bandit.discount)

    def _load(self, method: Any, explore: float, discount: float) -> Bandit:
        if self.path.exists():
            found = restore(self.path)
            if found.dimensions == self._dimensions:
                found.method, found.explore, found.discount = method, explore, discount
                return found
        return Bandit(
            dimensions=self._dimensions, method=method, explore=explore, discount=discount
        )

    @property
    def _dimensions(self) -> int:
        return 2  # what the warm start expects (or one half), and a constant

    def prior(self, text: str, embed: Callable[[str], Floats]) -> dict[str, float]:
        """Return what the warm start expects of each expert; nothing without one."""
        return self.warm.quality_of(text, embed(text)) if self.warm is not None else {}

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return the inner router's plan, with experts drawn by what feedback taught."""
        route = await self.inner.route(task, situation)
        known = dict.fromkeys(self.experts)

        def judge(step: Step, cards: Sequence[ExpertCard], text: str) -> list[Estimate]:
            del step
            return self.estimates(text, cards, lambda t: situation.index.embedder.embed([t])[0])

        return rebind(
            route,
            task,
            situation,
            router=self.name,
            known=known,
            judge=judge,
            trade=Tradeoff(caution=0.0),
        )

    def estimates(
        self,
        text: str,
        cards: Sequence[ExpertCard],
        embed: Callable[[str], Floats],
        bounds: Bounds | None = None,
    ) -> list[Estimate]:
        """Draw one of the candidates and return all, with propensities; the drawn one is ahead."""
        import numpy as np

        with self._lock:
            self._refreshed()
            for card in cards:
                self.bandit.add(card.name, np.array([1.0, 0.0]))
            # A draw among what may not be called would be logged with a wrong propensity.
            held = [Estimate(expert=c.id, quality=0.5, usd=c.cost_usd) for c in cards]
            open_ = {e.expert for e in choose(held, bounds, cards=cards).ranked if e.eligible}
            able = [card for card in cards if card.id in open_]
            said = self.prior(text, embed)
            prior = {c.id: said.get(c.name, NO_PRIOR) for c in cards}
            expected = {
                c.id: self.bandit.expect(np.array([prior[c.id], 1.0]), [c.name])[0] for c in cards
            }
            chances, taken = self.bandit.draw([expected[c.id] for c in able])
        chance = {c.id: p for c, p in zip(able, chances, strict=True)}
        top = max((mean for mean, _ in expected.values()), default=0.0)
        return [
            Estimate(
                expert=card.id,
                # What was drawn comes first; the rest keep their order as fallbacks.
                quality=max(top, expected[card.id][0]) + 1.0
                if able and card.id == able[taken].id
                else expected[card.id][0],
                spread=expected[card.id][1],
                usd=card.cost_usd,
                seconds=card.latency_s,
                propensity=chance.get(card.id, 0.0),
                evidence={"prior": prior[card.id]},
                reasons=(self._told(card.name, *expected[card.id]),),
            )
            for card in cards
        ]

    def _told(self, expert: str, mean: float, error: float) -> str:
        pulls = self.bandit.arms[expert].pulls
        return f"expects {mean:.3f} ± {error:.3f} after {pulls:.0f} scored calls"

    def learn(self, expert: str, prior: float, reward: float) -> bool:
        """Take feedback on one call and keep it; say whether the expert has changed.

        Args:
            expert: Its name, or ``name@version``.
            prior: What the warm start expected, as the trace has it.
            reward: From 0 to 1.
        """
        with self._lock:
            self._refreshed()
            return learn(self.bandit, self.path, expert, prior, reward)


def default_state() -> Path:
    """Return where a bandit keeps what it learnt, unless it is told otherwise."""
    return home() / "routers" / "bandit.json"


def restore(path: Path) -> Bandit:
    """Read what a bandit learnt. Raises ``ConfigError``."""
    try:
        kept = cast("dict[str, Any]", json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError) as error:
        raise ConfigError(
            f"The bandit's memory {str(path)!r} cannot be read: {error}. Expected the JSON that it "
            "wrote. Move the file away to start afresh."
        ) from None
    return Bandit.restore(kept)


def learn(bandit: Bandit, path: Path, expert: str, prior: float, reward: float) -> bool:
    """Teach a bandit one reward and write it down; say whether the expert has changed."""
    import numpy as np

    name = expert.partition("@")[0]
    bandit.add(name, np.array([1.0, 0.0]))
    moved = bandit.learn(name, np.array([prior, 1.0]), reward)
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(json.dumps(bandit.state()), encoding="utf-8")
    aside.replace(path)
    return moved


__all__ = (
    "Arm",
    "Bandit",
    "BanditRouter",
    "PageHinkley",
    "default_state",
    "learn",
    "restore",
)
