"""A pytest plugin, loaded wherever HERD and pytest are installed; it imports nothing until it is used.

Fixtures: ``herd`` (in memory, with a router that answers from a script), ``make_herd``,
``herd_router``, ``herd_expert``, ``herd_home`` and ``herd_offline``. Tests that use one of the
first two call no models and keep to a home of their own, unless they are marked
``@pytest.mark.herd_models``. With ``herd_models = forbid`` in pytest's ini that holds for every
test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.testing import FakeRouter, ScriptedExpert

MARK = "herd_models"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option that forbids model calls everywhere."""
    parser.addini(
        MARK,
        "Whether tests may call models through HERD: 'forbid' allows it only to those that are "
        "marked herd_models.",
        default="allow",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line("markers", f"{MARK}: this test may call models through HERD")


@pytest.fixture(autouse=True)
def _herd_models(request: pytest.FixtureRequest) -> Iterator[None]:
    """Forbid model calls where the ini says so."""
    if request.config.getini(MARK) == "forbid":
        with _guarded(request):
            yield
    else:
        yield


def _guarded(request: pytest.FixtureRequest) -> ExitStack:
    stack = ExitStack()
    if request.node.get_closest_marker(MARK) is None:
        from herd_graph.testing import no_model_calls

        stack.enter_context(no_model_calls())
    return stack


@pytest.fixture
def herd_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty ``HERD_HOME``, and none of the user's settings."""
    home = tmp_path / "herd-home"
    monkeypatch.setenv("HERD_HOME", str(home))
    for name in ("HERD_FOLDERS", "HERD_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def herd_offline() -> Iterator[None]:
    """Refuse the network but for loopback, and fail the test that tried it."""
    from herd_graph.testing import no_network

    with no_network():
        yield


@pytest.fixture
def herd_router() -> FakeRouter:
    """Give the router of ``herd``: ``herd_router.give("a request", plan)`` is its script."""
    from herd_graph.testing import FakeRouter

    return FakeRouter({})


@pytest.fixture
def herd_expert() -> Callable[..., ScriptedExpert]:
    """Make experts with a script; see ``herd_graph.testing.scripted``."""
    from herd_graph.testing import scripted

    return scripted


@pytest.fixture
def make_herd(
    request: pytest.FixtureRequest, herd_home: Path, herd_router: FakeRouter
) -> Iterator[Callable[..., Herd]]:
    """Make herds in memory, closed when the test ends.

    Takes what ``Herd`` takes. By default nothing is kept, and ``herd_router`` writes the plans.
    """
    del herd_home
    from herd_graph.herd import Herd

    with ExitStack() as stack:
        stack.enter_context(_guarded(request))

        def make(*experts: Any, **settings: Any) -> Herd:
            settings = {"checkpoints": "memory", "router": herd_router, **settings}
            return stack.enter_context(Herd(*experts, **settings))

        yield make


@pytest.fixture
def herd(make_herd: Callable[..., Herd]) -> Herd:
    """Give a herd in memory, without experts: add those that the test is about."""
    return make_herd()
