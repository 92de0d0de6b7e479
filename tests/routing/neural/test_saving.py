"""What lies where a plan network should be: each damage is told of, with what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from herd_graph.errors import ModelCorrupt, ModelMissing
from herd_graph.routing.neural.saving import FACTS, WEIGHTS, load


@pytest.mark.parametrize("facts", ["[]", "null", "{", '{"format": 0}', '{"format": 1}'])
def test_facts_that_say_nothing_are_damage(tmp_path: Path, facts: str) -> None:
    (tmp_path / FACTS).write_text(facts)
    (tmp_path / WEIGHTS).write_bytes(b"")

    with pytest.raises(ModelCorrupt, match="router='semantic'"):
        load(tmp_path)


def test_a_folder_where_the_facts_should_be_is_damage(tmp_path: Path) -> None:
    (tmp_path / FACTS).mkdir()

    with pytest.raises(ModelCorrupt, match="cannot be read"):
        load(tmp_path)


def test_an_empty_folder_holds_no_network(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="There is no plan network"):
        load(tmp_path)
