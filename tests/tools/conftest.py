"""The first-party experts, loaded once for each test module and closed behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from herd_graph._bundled import folder
from herd_graph._bundled.tools import first_party
from herd_graph.experts import Expert


@pytest.fixture(scope="module")
def experts() -> Iterator[dict[str, Expert]]:
    found = {each.name: each for each in first_party()}
    yield found
    for each in found.values():
        asyncio.run(each.close())


@pytest.fixture(scope="module")
def call(experts: dict[str, Expert]) -> Callable[..., Any]:
    """Call an expert by name, as a Python function."""

    def made(name: str, *args: Any, **kwargs: Any) -> Any:
        return experts[name](*args, **kwargs)

    return made


@pytest.fixture(scope="session")
def samples() -> Path:
    return folder("graphs") / "samples"
