"""What is shipped: the wheel has everything, and nothing lands beside the package."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import herd_graph
from herd_graph import _bundled

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TORCH = re.compile(r"^(torch|torchvision|torchaudio|tensorflow|jax)\b")

needs_checkout = pytest.mark.skipif(not (ROOT / "herd_graph").is_dir(), reason="no checkout")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Build the wheel with the build backend itself, as pip does, and without the network."""
    if find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed")
    folder = tmp_path_factory.mktemp("wheel")
    program = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return zipfile.ZipFile(folder / done.stdout.splitlines()[-1])


def test_the_wheel_holds_the_package_alone(wheel: zipfile.ZipFile) -> None:
    tops = {name.split("/")[0] for name in wheel.namelist()}

    assert {top for top in tops if not top.endswith(".dist-info")} == {"herd_graph"}


def test_the_wheel_holds_what_is_bundled(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())

    assert {
        "herd_graph/py.typed",
        "herd_graph/__init__.pyi",
        "herd_graph/_bundled/tools/models.toml",
        "herd_graph/_bundled/tools/__init__.py",
        "herd_graph/_bundled/prompts/chat.md",
        "herd_graph/_bundled/graphs/samples/letter.txt",
    } <= names
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_wheel_carries_every_module(wheel: zipfile.ZipFile) -> None:
    here = {str(path.relative_to(ROOT)) for path in (ROOT / "herd_graph").rglob("*.py")}

    assert here <= set(wheel.namelist())


def test_the_wheel_says_what_it_is(wheel: zipfile.ZipFile) -> None:
    name = next(each for each in wheel.namelist() if each.endswith(".dist-info/METADATA"))
    said = email.message_from_bytes(wheel.read(name))

    assert said["Name"] == "herd-graph"
    assert said["License-Expression"] == "Apache-2.0"
    assert said["Requires-Python"] == "<3.14,>=3.11"
    extras = PROJECT["project"]["optional-dependencies"]
    assert sorted(said.get_all("Provides-Extra") or []) == sorted(extras)
    licence = next(each for each in wheel.namelist() if each.endswith("licenses/LICENSE"))
    assert b"Apache License" in wheel.read(licence)


def test_the_wheel_works_without_its_checkout(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    program = (
        "import herd_graph, herd_graph._bundled as bundled\n"
        "import herd_graph._bundled.tools as tools\n"
        "print(herd_graph.__file__, bundled.folder('prompts'), tools.__file__)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )

    assert all(each.startswith(str(tmp_path)) for each in done.stdout.split())


def test_the_bundled_folders_are_found() -> None:
    assert (_bundled.folder("prompts") / "chat.md").is_file()
    assert (_bundled.folder("tools") / "models.toml").is_file()
    assert (_bundled.folder("graphs") / "samples").is_dir()


def test_the_name_tools_is_left_to_others() -> None:
    import herd_graph._bundled.tools as bundled

    assert bundled.__name__ == "herd_graph._bundled.tools"


@needs_checkout
def test_an_editable_install_leaves_no_copy() -> None:
    places = [Path(each) for each in sys.path if each.endswith("site-packages")]
    copies = [each / "herd_graph" for each in places if (each / "herd_graph").exists()]
    package = Path(herd_graph.__file__ or "").parent

    assert [each for each in copies if each != package] == []


def test_nothing_but_the_extra_for_it_brings_torch() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    named = [
        *PROJECT["project"]["dependencies"],
        *(each for name, extra in extras.items() if name not in {"hf", "zoo"} for each in extra),
        *PROJECT["dependency-groups"]["dev"],
    ]

    assert [each for each in named if TORCH.match(each)] == []
    # A release, and no range: what is newest elsewhere brings gigabytes of CUDA.
    for name in ("hf", "zoo"):
        assert [each for each in extras[name] if TORCH.match(each)] == ["torch==2.13.0"]


def test_the_compromised_releases_are_refused() -> None:
    from packaging.requirements import Requirement

    named = next(each for each in PROJECT["project"]["dependencies"] if each.startswith("litellm"))
    allowed = Requirement(named).specifier

    assert not [each for each in ("1.82.7", "1.82.8", "1.107.0") if allowed.contains(each)]


def test_langgraph_is_pinned_below_the_next_minor() -> None:
    from packaging.requirements import Requirement

    named = next(
        each for each in PROJECT["project"]["dependencies"] if each.startswith("langgraph>")
    )

    assert not Requirement(named).specifier.contains("1.3.0")


@needs_checkout
def test_every_module_has_its_layer() -> None:
    layers = {
        part.strip(" ()").removeprefix("herd_graph.").partition(".")[0]
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        for layer in contract.get("layers", ())
        for part in layer.replace(":", "|").split("|")
    }
    modules = {
        path.stem
        for path in (ROOT / "herd_graph").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }

    assert modules - layers - {"__init__", "_bundled", "testing", "pytest_plugin"} == set()


@needs_checkout
def test_the_makefile_names_no_index() -> None:
    text = (ROOT / "Makefile").read_text() + (ROOT / ".ci" / "run").read_text()

    assert "index-url" not in text
    assert "http" not in text


@needs_checkout
def test_the_makefile_explains_itself() -> None:
    clean = {name: each for name, each in os.environ.items() if not name.startswith("MAKE")}

    done = subprocess.run(
        ["make", "help"], cwd=ROOT, env=clean, capture_output=True, text=True, check=True
    )

    named = re.findall(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert [line.split()[1] for line in done.stdout.splitlines()] == named
    assert {"help", "demo", "test", "check", "fix", "bench", "clean"} <= set(named)
