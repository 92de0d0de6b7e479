"""Importing is cheap: every name is there, and nothing heavy comes along."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import herd_graph

EXPORTS: dict[str, str] = vars(herd_graph)["_EXPORTS"]
HEAVY = {
    "chromadb",
    "faster_whisper",
    "huggingface_hub",
    "langchain_core",
    "langgraph",
    "litellm",
    "numpy",
    "onnxruntime",
    "PIL",
    "sklearn",
    "spacy",
    "sympy",
    "tokenizers",
    "torch",
    "transformers",
}


def loaded_by(code: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after running ``code``."""
    program = f"{code}\nimport sys\nprint(*{{each.partition('.')[0] for each in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=300
    )
    return set(done.stdout.splitlines()[-1].split())


def test_importing_the_package_imports_nothing_else() -> None:
    assert not (HEAVY | {"pydantic", "typer", "rich"}) & loaded_by("import herd_graph")


@pytest.mark.parametrize("name", ["expert", "Plan", "Budget", "workflow", "Text", "Image", "Audio"])
def test_declaring_experts_needs_nothing_heavy(name: str) -> None:
    assert not HEAVY & loaded_by(f"from herd_graph import {name}")


def test_the_facade_needs_no_model_library() -> None:
    heavy = HEAVY - {"numpy"}

    assert not heavy & loaded_by("from herd_graph import Herd")


def test_asking_the_command_for_help_needs_nothing_heavy() -> None:
    program = "import sys; from herd_graph.cli import main\nsys.argv = ['herd', '--help']\n"

    assert not HEAVY & loaded_by(f"{program}try: main()\nexcept SystemExit: pass")


@pytest.mark.parametrize("name", EXPORTS)
def test_every_exported_name_is_there(name: str) -> None:
    exported = getattr(herd_graph, name)

    assert exported.__module__.startswith("herd_graph.")
    assert getattr(herd_graph, name) is exported
    assert name in dir(herd_graph)


def test_the_stub_lists_the_same_names() -> None:
    stub = Path(herd_graph.__file__ or "").with_suffix(".pyi").read_text()
    imported = {
        (alias.asname, node.module)
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }

    assert imported == set(EXPORTS.items())


def test_the_version_is_the_installed_one() -> None:
    from importlib.metadata import version

    assert herd_graph.__version__ == version("herd-graph")


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Shepherd'"):
        getattr(herd_graph, "Shepherd")  # noqa: B009 - the stub has no such name
