"""What every test gets: a home of its own, no network, and a look for what it left running."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from herd_graph.store import FolderStore
from herd_graph.testing import no_network
from herd_graph.threads import engine_loop

# Shared machines stall: what a test may take is pytest's business, not each example's.
settings.register_profile(
    "herd",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
settings.load_profile("herd")

# Set before any library is imported: none of them may look for updates, prices or telemetry.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


@pytest.fixture(autouse=True)
def herd_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test an empty ``HERD_HOME``, and none of the user's settings."""
    home = tmp_path / "herd-home"
    monkeypatch.setenv("HERD_HOME", str(home))
    monkeypatch.setenv("HERD_CONFIG", "")  # no herd.toml of the user's
    for name in ("HERD_FOLDERS", "HERD_ALLOW_MODEL_CALLS"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    """Give the test an empty artifact store."""
    return FolderStore(tmp_path / "store")


@pytest.fixture(autouse=True)
def offline() -> Iterator[None]:
    """Refuse the network, and fail the test that tried it."""
    with no_network():
        yield


@pytest.fixture(autouse=True)
def nothing_left_running() -> Iterator[None]:
    """Fail the test that leaves tasks on the loop where sync calls run."""
    before = _running()
    yield
    left = _running() - before
    until = time.monotonic() + 10
    while left and time.monotonic() < until:  # what ends waits for a thread of its own
        time.sleep(0.02)
        left &= _running()
    assert not left, f"tasks are left on the engine's loop: {left}"


def _running() -> set[asyncio.Task[object]]:
    loop = engine_loop.peek()
    if loop is None:
        return set()

    async def tasks() -> set[asyncio.Task[object]]:
        for _ in range(10):  # what was just cancelled gets its turn to end
            await asyncio.sleep(0)
        return asyncio.all_tasks() - {asyncio.current_task()}  # pyright: ignore[reportReturnType]

    return asyncio.run_coroutine_threadsafe(tasks(), loop).result(timeout=60)
