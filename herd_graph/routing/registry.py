"""Routers by name: the built-in ones, and those that installed packages offer.

``Herd(router="semantic")``, ``[herd] router`` in herd.toml and ``herd run --router NAME`` all ask
here. Nothing is imported before a router is made: a name costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeAlias

from herd_graph.errors import ConfigError, HerdError, suggest

if TYPE_CHECKING:
    from herd_graph.routing.base import Router

RouterFactory: TypeAlias = "Callable[..., Router]"
"""A class, or a function: called with what follows the name's colon, if anything, and settings."""

GROUP = "herd.routers"
"""The entry point group of plugins: ``NAME = "package.module:factory"``."""

BUILT_IN: dict[str, str] = {
    "semantic": "herd_graph.routing.planner:SemanticPlanner",
    "neural": "herd_graph.routing.neural.planner:NeuralPlanner",
    "learned": "herd_graph.routing.learned.planner:LearnedPlanner",
    "llm": "herd_graph.routing.llm:LLMPlanner",
    "cascade": "herd_graph.routing.registry:cascade",
    "quality": "herd_graph.routing.quality.router:QualityRouter",
    "bandit": "herd_graph.routing.bandit:BanditRouter",
    "familiarity": "herd_graph.routing.familiarity:FamiliarityRouter",
    "rules": "herd_graph.routing.rules:RuleRouter",
}
"""Where each built-in router's factory lives, by name."""


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A router that is there to be made."""

    name: str
    origin: str
    """The distribution that brings it."""
    point: EntryPoint

    def load(self) -> RouterFactory:
        """Import its factory. Raises ``ConfigError``."""
        try:
            made: Any = self.point.load()
        except Exception as error:
            raise ConfigError(
                f"Router {self.name!r} of {self.origin!r} cannot be loaded: {type(error).__name__}: "
                f"{error}. Expected {self.point.value!r} to be there. Update or remove that package."
            ) from error
        return made


def routers() -> dict[str, Offer]:
    """Return every router that can be made, by name; a built-in name cannot be taken."""
    found = {
        name: Offer(name=name, origin="herd-graph", point=EntryPoint(name, value, GROUP))
        for name, value in BUILT_IN.items()
    }
    for point in sorted(entry_points(group=GROUP), key=lambda each: each.name):
        origin = point.dist.name if point.dist is not None else "?"
        found.setdefault(point.name, Offer(name=point.name, origin=origin, point=point))
    return found


def make_router(spec: str, **settings: Any) -> Router:
    """Make a router by its name.

    Args:
        spec: ``NAME``, or ``NAME:ARGUMENT``, such as ``learned:./router`` for one in a folder.
        settings: What its factory takes by keyword.

    Raises:
        ConfigError: No router has that name, or it cannot be made.
    """
    name, colon, argument = spec.partition(":")
    offers = routers()
    if name not in offers:
        raise ConfigError(
            f"Router {name!r} is not there. {suggest(name, offers)} A package brings its own by an "
            f"entry point of the group {GROUP!r}."
        )
    offer = offers[name]
    factory = offer.load()
    try:
        made: Any = factory(*([argument] if colon else []), **settings)
    except HerdError:
        raise
    except Exception as error:
        raise ConfigError(
            f"Router {spec!r} of {offer.origin!r} cannot be made: {type(error).__name__}: {error}. "
            "Expected a factory that takes these settings. See the router's own documentation."
        ) from error
    if not (
        callable(getattr(made, "route", None)) and isinstance(getattr(made, "name", None), str)
    ):
        raise ConfigError(
            f"Router {name!r} of {offer.origin!r} gave {made!r:.120}, which is no router. Expected an "
            "object with 'name' and 'async def route(task, situation)'."
        )
    return made


def default_router() -> str:
    """Return the router of a herd that names none: ``neural`` where its network can run."""
    from herd_graph.routing.neural import is_there

    return "neural" if is_there() else "semantic"


def cascade(model: str, *, sure: float = 0.7, **settings: Any) -> Router:
    """Make the cascade of the planner without a model and one that asks ``model`` when in doubt."""
    from herd_graph.routing.cascade import CascadePlanner
    from herd_graph.routing.llm import LLMPlanner

    first = make_router(default_router())
    return CascadePlanner(first, LLMPlanner(model, **settings), sure=sure)


__all__ = (
    "BUILT_IN",
    "GROUP",
    "Offer",
    "RouterFactory",
    "cascade",
    "default_router",
    "make_router",
    "routers",
)
