"""Takes the expert that is expected to do best, among those that do the same job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from herd_graph.cards import ExpertCard
from herd_graph.config import home
from herd_graph.errors import ConfigError, HerdError
from herd_graph.plans import FromInput, Step
from herd_graph.routing.base import Route, Router, Situation
from herd_graph.routing.features import features_of
from herd_graph.routing.matrices import Floats
from herd_graph.routing.policy import Bounds, Choice, Estimate, Tradeoff
from herd_graph.routing.quality.model import QualityModel
from herd_graph.routing.rebinding import rebind
from herd_graph.routing.taxonomy import Generalisation, RoutingData, Taxonomy, UserData
from herd_graph.tasks import Task
from herd_graph.threads import in_thread


class QualityRouter:
    """Lets another router write the plan, and chooses anew who does each step that was scored.

    Only experts of the matrix that it was trained on, and newcomers, stand in for one another, and
    only where their ports allow it. The runners-up become the step's fallbacks.

    Args:
        argument: The folder that training wrote: ``quality:./router``.
        model: A model, in place of a folder.
        inner: Who writes plans; the planner without a model by default.
        bounds: Hard limits besides the budget.
        trade: What quality is worth. The margin is the model's own, unless one is set here.
    """

    name = "quality"
    taxonomy = Taxonomy(
        routing_data=RoutingData.TARGET,
        generalisation=Generalisation.IN_DISTRIBUTION,
        user_data=UserData.FEW_SHOT,
    )

    def __init__(
        self,
        argument: str = "",
        *,
        model: QualityModel | None = None,
        inner: Router | str = "semantic",
        bounds: Bounds | Mapping[str, Any] | None = None,
        trade: Tradeoff | Mapping[str, Any] | None = None,
    ) -> None:
        from herd_graph.routing.registry import make_router

        self.model = model or QualityModel.load(Path(argument or home() / "routers" / "quality"))
        self.inner = make_router(inner) if isinstance(inner, str) else inner
        self.bounds = Bounds.model_validate(bounds or {})
        set_ = Tradeoff.model_validate(trade or {})
        own = "margin" in set_.model_fields_set
        self.trade = set_ if own else set_.model_copy(update={"margin": self.model.margin})

    async def route(self, task: Task, situation: Situation) -> Route:
        """Return the inner router's plan, each scored step with the expert that promises most.

        Raises:
            ConfigError: The index uses other vectors than training did.
            RoutingError: The inner router cannot answer.
        """
        embedder = situation.index.embedder
        if embedder.name != self.model.embedder:
            raise ConfigError(
                f"This quality router was trained on vectors of {self.model.embedder!r}, and the "
                f"herd uses {embedder.name!r}. Expected the same. Train it anew: herd train quality."
            )
        route = await self.inner.route(task, situation)
        return await in_thread(lambda: self._rebound(route, task, situation), label="quality")

    def _rebound(self, route: Route, task: Task, situation: Situation) -> Route:
        return rebind(
            route,
            task,
            situation,
            router=self.name,
            known=dict.fromkeys(self.model.names),
            judge=lambda step, cards, text: self._judge(step, cards, text, task, situation),
            trade=self.trade,
            bounds=self.bounds,
            best_single=self.model.best_single,
            confidence=self._confidence,
        )

    def _judge(
        self,
        step: Step,
        cards: Sequence[ExpertCard],
        text: str,
        task: Task,
        situation: Situation,
    ) -> list[Estimate]:
        vector = situation.index.embedder.embed([text])[0]
        attached = self._features(step, task, situation) if self.model.feature_names else None
        said = {each.expert: each for each in self.model.estimates(text, vector, attached)}
        made: list[Estimate] = []
        for card in cards:
            found = said.get(card.id) or said[card.name]
            made.append(
                found.model_copy(
                    update={
                        "expert": card.id,
                        "usd": max(found.usd, card.cost_usd),
                        "seconds": found.seconds if found.seconds is not None else card.latency_s,
                    }
                )
            )
        return made

    def _features(self, step: Step, task: Task, situation: Situation) -> Floats:
        """Return the features of what the step is given, as far as it is attached."""
        import numpy as np

        found: dict[str, float] = {}
        for binding in step.inputs.values():
            value = task.attachments.get(binding.input) if isinstance(binding, FromInput) else None
            for ref in value if isinstance(value, list) else [value] if value else []:
                try:
                    found = {**features_of(ref, situation.store), **found}
                except HerdError:
                    continue  # an unreadable file is the expert's to tell of
        return np.array(
            [found.get(name, float("nan")) for name in self.model.feature_names], dtype=np.float32
        )

    def _confidence(self, choice: Choice) -> float:
        return self.model.promise(choice.ranked[0].quality)


__all__ = ("QualityRouter",)
