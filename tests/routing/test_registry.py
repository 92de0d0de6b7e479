"""Routers are found by name, and a wrong name says what there is."""

from __future__ import annotations

import pytest

from herd_graph import Herd
from herd_graph.errors import ConfigError
from herd_graph.routing.planner import SemanticPlanner
from herd_graph.routing.registry import BUILT_IN, make_router, routers


def test_every_built_in_router_can_be_imported() -> None:
    offers = routers()

    assert all(callable(offers[name].load()) for name in BUILT_IN)


def test_a_router_is_made_by_its_name() -> None:
    assert isinstance(make_router("semantic"), SemanticPlanner)


def test_a_herd_takes_a_routers_name() -> None:
    with Herd(router="semantic", checkpoints="memory") as herd:
        assert herd.engine.router.name == "semantic"


def test_an_unknown_name_says_which_there_are() -> None:
    with pytest.raises(
        ConfigError, match=r"Router 'semantc' is not there.*Did you mean 'semantic'"
    ):
        make_router("semantc")


def test_settings_that_a_factory_does_not_take_are_an_error_of_ours() -> None:
    with pytest.raises(ConfigError, match="cannot be made: TypeError"):
        make_router("semantic", colour="red")
