"""Where a router or an aggregator stands: the nine axes of the MoErging survey, as types.

Yadav et al., *A Survey on Model MoErging* (arXiv 2408.07057), table 1, whose nine columns are kept
with their values: three about how experts come to be, four about routing and aggregation, two about
use. A HERD router declares its place as ``taxonomy``; ``herd routers list`` prints it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, cast

from pydantic import BaseModel, ConfigDict


class ExpertTraining(StrEnum):
    """How the experts have to be trained."""

    STANDARD = "standard"
    CUSTOM = "custom"
    """A procedure of the method's own."""
    MULTIPLE = "multiple"


class ExpertData(StrEnum):
    """Who sees the data that experts were trained on."""

    PRIVATE = "private"
    SHARED = "shared"
    MULTIPLE = "multiple"


class RoutingData(StrEnum):
    """What the router is trained on."""

    NONE = "none"
    EXPERT = "expert"
    """The experts' own training data."""
    TARGET = "target"
    """Data of the task that is asked for."""
    GENERAL = "general"
    MULTIPLE = "multiple"


class InputGranularity(StrEnum):
    """For what a decision holds."""

    TASK = "task"
    EXAMPLE = "example"
    STEP = "step"
    """A token, in language models; here a step of a plan."""
    NOT_APPLICABLE = "n/a"
    """A front of merged models has no inputs."""


class DepthGranularity(StrEnum):
    """Where in a model decisions are made."""

    MODEL = "model"
    MODULE = "module"
    NOT_APPLICABLE = "n/a"


class ExpertSelection(StrEnum):
    """How many experts are used at once."""

    DENSE = "dense"
    SPARSE = "sparse"
    NONE = "none"


class ExpertAggregation(StrEnum):
    """What is put together."""

    OUTPUT = "output"
    PARAMETER = "parameter"
    NONE = "none"
    MULTIPLE = "multiple"


class Generalisation(StrEnum):
    """What it is meant for."""

    IN_DISTRIBUTION = "in-distribution"
    OUT_OF_DISTRIBUTION = "out-of-distribution"
    MULTIPLE = "multiple"


class UserData(StrEnum):
    """What its user has to bring."""

    ZERO_SHOT = "zero-shot"
    FEW_SHOT = "few-shot"
    FULL = "full"
    MULTIPLE = "multiple"


class Taxonomy(BaseModel):
    """A place on the nine axes.

    Example:
        >>> Taxonomy(routing_data=RoutingData.TARGET).differs(Taxonomy())
        {'routing_data': ('target', 'none')}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    # The defaults are what the house is built for: experts that were made elsewhere, by anybody,
    # on data that nobody shows, chosen anew for each request.
    expert_training: ExpertTraining = ExpertTraining.STANDARD
    expert_data: ExpertData = ExpertData.PRIVATE
    routing_data: RoutingData = RoutingData.NONE
    input_granularity: InputGranularity = InputGranularity.EXAMPLE
    depth_granularity: DepthGranularity = DepthGranularity.MODEL
    selection: ExpertSelection = ExpertSelection.SPARSE
    aggregation: ExpertAggregation = ExpertAggregation.NONE
    generalisation: Generalisation = Generalisation.MULTIPLE
    user_data: UserData = UserData.ZERO_SHOT

    def differs(self, other: Taxonomy) -> dict[str, tuple[str, str]]:
        """Return the axes on which two stand apart, with both values."""
        return {
            axis: (str(mine), str(getattr(other, axis)))
            for axis, mine in self
            if mine != getattr(other, axis)
        }

    def __str__(self) -> str:
        return " · ".join(str(value) for _, value in self)


AXES = tuple(Taxonomy.model_fields)
"""The names of the nine axes, in the survey's order."""

_PLANS = InputGranularity.STEP
"""A planner decides for each step of the plan that it writes."""

BUILT_IN: dict[str, Taxonomy] = {
    "neural": Taxonomy(routing_data=RoutingData.TARGET, input_granularity=_PLANS),
    "semantic": Taxonomy(input_granularity=_PLANS),
    "llm": Taxonomy(
        routing_data=RoutingData.GENERAL,  # what its model was trained on
        input_granularity=_PLANS,
    ),
    "cascade": Taxonomy(
        routing_data=RoutingData.MULTIPLE,
        input_granularity=_PLANS,
    ),
    "learned": Taxonomy(
        routing_data=RoutingData.TARGET, input_granularity=_PLANS, user_data=UserData.FULL
    ),
    "quality": Taxonomy(
        routing_data=RoutingData.TARGET,
        generalisation=Generalisation.IN_DISTRIBUTION,
        user_data=UserData.FEW_SHOT,  # 50 to 100 scored anchors for a newcomer
    ),
    "bandit": Taxonomy(
        routing_data=RoutingData.TARGET,
        generalisation=Generalisation.MULTIPLE,
        user_data=UserData.FEW_SHOT,
    ),
    "familiarity": Taxonomy(
        routing_data=RoutingData.EXPERT,
        generalisation=Generalisation.MULTIPLE,  # it abstains on what no expert knows
    ),
    "rules": Taxonomy(input_granularity=InputGranularity.TASK),
}
"""Where the built-in routers stand. One that declares ``taxonomy`` itself is believed instead."""

AGGREGATORS: dict[str, Taxonomy] = {
    "parts": Taxonomy(
        input_granularity=_PLANS,
        aggregation=ExpertAggregation.OUTPUT,
    ),
    "replan": Taxonomy(input_granularity=_PLANS, selection=ExpertSelection.SPARSE),
}
"""Where the built-in ways of putting results together stand: answers in parts, and replanning."""


def declared(router: object, name: str = "") -> Taxonomy | None:
    """Return where a router (or its class) says that it stands; None where nothing is known."""
    own = getattr(router, "taxonomy", None)
    if isinstance(own, Taxonomy):
        return own
    return BUILT_IN.get(name or str(getattr(router, "name", "")))


def matching(places: Iterable[tuple[str, Taxonomy]], **wanted: Any) -> list[str]:
    """Return the names of those that stand where it is wanted, on every axis that is named.

    Example:
        >>> matching(BUILT_IN.items(), routing_data="expert")
        ['familiarity']
    """
    held = cast("dict[str, object]", wanted)
    return [
        name
        for name, place in places
        if all(str(getattr(place, axis)) == str(value) for axis, value in held.items())
    ]


__all__ = (
    "AGGREGATORS",
    "AXES",
    "BUILT_IN",
    "DepthGranularity",
    "ExpertAggregation",
    "ExpertData",
    "ExpertSelection",
    "ExpertTraining",
    "Generalisation",
    "InputGranularity",
    "RoutingData",
    "Taxonomy",
    "UserData",
    "declared",
    "matching",
)
