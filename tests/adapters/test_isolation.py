"""Each adapter imports its own library alone, and none before something of its kind is added."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

LIBRARIES = {
    "fastmcp",
    "mcp",
    "a2a",
    "httpx",
    "langgraph",
    "langchain",
    "litellm",
    "transformers",
    "torch",
    "starlette",
}
PLAIN = ("mcp", "openapi", "a2a", "command", "herd", "herd_remote")
USES = {
    "mcp": (
        "await source_of('%s -c 1' % sys.executable)",
        {"fastmcp", "mcp", "starlette", "httpx"},
    ),
    "openapi": ("await source_of({'openapi': '3.1.0', 'paths': {}})", {"httpx"}),
    "a2a": ("await source_of('http://127.0.0.1:9')", {"a2a", "httpx", "starlette"}),
    "command": ("await source_of('cat {text}')", set[str]()),
    "herd": ("await source_of('http://127.0.0.1:9')", {"httpx"}),
}
BLOCK = """
import asyncio, sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition('.')[0] in {blocked!r}:
            raise ImportError(f'{{name}} is blocked')
sys.meta_path.insert(0, Blocked())
from herd_graph.adapters.{module} import *
from herd_graph.adapters.{module} import source_of
from herd_graph.errors import HerdError
async def main():
    try:
        {act}
    except HerdError as error:
        assert 'cannot be imported' not in str(error), error
asyncio.run(main())
"""


def test_importing_an_adapter_imports_no_library() -> None:
    imports = "; ".join(f"import herd_graph.adapters.{each}" for each in PLAIN)
    code = f"{imports}; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = {each.partition(".")[0] for each in done.stdout.split()}

    assert found & LIBRARIES == set()


@pytest.mark.parametrize("module", sorted(USES))
def test_an_adapter_works_without_the_libraries_of_others(module: str) -> None:
    act, own = USES[module]
    if any(find_spec(each) is None for each in own):
        pytest.skip("its extra is not installed")
    code = BLOCK.format(blocked=LIBRARIES - own, module=module, act=act)

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("module", "blocked", "extra"),
    [("mcp", "fastmcp", "mcp"), ("openapi", "httpx", "openapi"), ("a2a", "a2a", "a2a")],
)
def test_a_library_that_is_missing_is_named_with_its_extra(
    module: str, blocked: str, extra: str
) -> None:
    act, _ = USES[module]
    code = BLOCK.format(blocked={blocked}, module=module, act=act)

    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=300
    )

    assert done.returncode == 1
    assert f"herd-graph[{extra}]" in done.stderr
