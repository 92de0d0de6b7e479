"""Each adapter is tested where its extra is installed, alone or with others."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from herd_graph import Herd

if TYPE_CHECKING:
    from model_server import ModelServer

_NEEDS = {
    "test_mcp.py": "fastmcp",
    "mcp_server.py": "fastmcp",
    "test_a2a.py": "a2a",
    "test_openapi.py": "fastapi",
    "test_egress.py": "uvicorn",
    "test_herd_in_herd.py": "sse_starlette",
}
collect_ignore = [name for name, library in _NEEDS.items() if find_spec(library) is None]


@pytest.fixture
def herd() -> Iterator[Herd]:
    """Give an empty herd in memory."""
    with Herd(checkpoints="memory") as made:
        yield made


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    """Serve a model on loopback, once for a file of tests."""
    from model_server import model_server

    with model_server() as made:
        yield made


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    """Give the model's server, which says "ok" until it is told otherwise."""
    running.says("ok")
    return running


@pytest.fixture(scope="module")
def one_thread() -> Iterator[None]:
    """Compute on one thread, with the same random weights each time."""
    torch: Any = pytest.importorskip("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.manual_seed(7)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for models."""
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def classifier(folder: Path, one_thread: None) -> str:
    """Save a classifier of texts with a handful of random weights."""
    from tiny_models import moods

    return moods(folder)
