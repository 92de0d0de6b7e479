"""What the tests of routing share."""

from __future__ import annotations

import pytest

from herd_graph._bundled.tools import first_party
from herd_graph.registry import Registry, Snapshot


@pytest.fixture(scope="session")
def experts() -> Snapshot:
    """The experts that come with the package."""
    registry = Registry()
    for each in first_party():
        registry.add(each)
    return registry.snapshot()
