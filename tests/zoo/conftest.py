from __future__ import annotations

import pytest
from zoo_base import tiny_base

from herd_graph.zoo.base import Base


@pytest.fixture(scope="session")
def base() -> Base:
    return tiny_base()
