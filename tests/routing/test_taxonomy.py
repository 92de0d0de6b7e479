"""Every router that can be named has a place on the survey's nine axes, and says the same itself."""

from __future__ import annotations

from herd_graph.routing import registry, taxonomy
from herd_graph.routing.taxonomy import AXES, Taxonomy, declared, matching


def test_there_are_nine_axes() -> None:
    assert len(AXES) == 9


def test_every_built_in_router_has_a_place_and_does_not_contradict_itself() -> None:
    assert set(taxonomy.BUILT_IN) == set(registry.BUILT_IN)
    for name, offer in registry.routers().items():
        if name in registry.BUILT_IN:
            assert declared(offer.load(), name) == taxonomy.BUILT_IN[name]


def test_routers_are_found_by_where_they_stand() -> None:
    assert matching(taxonomy.BUILT_IN.items(), routing_data="expert") == ["familiarity"]


def test_places_are_compared_axis_by_axis() -> None:
    assert Taxonomy().differs(Taxonomy()) == {}
    assert set(taxonomy.BUILT_IN["quality"].differs(taxonomy.BUILT_IN["semantic"])) == {
        "routing_data",
        "input_granularity",
        "generalisation",
        "user_data",
    }
