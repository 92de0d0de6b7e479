"""A herd that is served, for each file of tests that asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from served import EXPERTS, Served, Slow, serving

from herd_graph import Herd


@pytest.fixture(scope="module")
def slow() -> Slow:
    return Slow()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, slow: Slow) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with Herd(*EXPERTS, slow.expert, home=home) as herd, serving(herd) as running:
        yield running
