"""The sample package, installed beside HERD as a user would, and found by its entry points."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from herd_graph import Herd
from herd_graph.errors import ConfigError
from herd_graph.routing.registry import make_router, routers

SAMPLE = Path(__file__).parent.parent / "examples" / "plugin"
RECIPE = "250 g flour\n0.5 l milk\n2 eggs\nServes 4\n"

pytestmark = pytest.mark.skipif(
    find_spec("hatchling") is None or not SAMPLE.is_dir(), reason="no checkout, or no hatchling"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the sample package into a folder of its own, without the network."""
    source = tmp_path_factory.mktemp("source") / "plugin"
    shutil.copytree(SAMPLE, source)
    target = tmp_path_factory.mktemp("site")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)],
        check=True,
        capture_output=True,
        text=True,
    )
    return target


def environment(site: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(site)}


def herd(site: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "herd_graph.cli", *arguments],
        env=environment(site),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_installed_expert_is_there(site: Path) -> None:
    shown = herd(site, "experts", "show", "scale_recipe")

    assert "Scale the amounts of a recipe" in shown


def test_it_passes_the_check_that_the_page_names(site: Path) -> None:
    checked = herd(site, "experts", "check", "scale_recipe")

    assert "scale_recipe@1: ok" in checked
    assert "3 eggs, Serves 6" in checked


def test_an_installed_router_writes_the_plan(site: Path, tmp_path: Path) -> None:
    (tmp_path / "pancakes.txt").write_text(RECIPE)

    answer = herd(
        site,
        "run",
        "Scale the recipe to 8 servings",
        "-a",
        str(tmp_path / "pancakes.txt"),
        "--router",
        "first:scale_recipe",
    )

    assert "500 g flour" in answer
    assert "scale_recipe@1" in answer


def test_the_samples_own_tests_pass(site: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLE / "tests", tmp_path / "tests")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *plugin(), "tests"],
        cwd=tmp_path,
        env=environment(site),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout


def plugin() -> list[str]:
    from importlib.metadata import entry_points

    return [] if entry_points(group="pytest11", name="herd") else ["-p", "herd_graph.pytest_plugin"]


# What a plugin may get wrong --------------------------------------------------------------------


def offer(site: Path, group: str, points: str, code: str = "") -> None:
    """Write a distribution by hand, as an installer leaves it."""
    info = site / "broken-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{points}\n")
    (site / f"{points.split()[2].partition(':')[0]}.py").write_text(code)


def test_a_broken_router_is_named_with_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(
        tmp_path,
        "herd.routers",
        "gone = broken_routers:Gone\nodd = broken_routers:odd\nsemantic = broken_routers:odd",
        "odd = list",
    )
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    with pytest.raises(ConfigError, match="'gone' of 'broken' cannot be loaded: AttributeError"):
        make_router("gone")
    with pytest.raises(ConfigError, match=r"'odd' of 'broken' gave .*, which is no router"):
        make_router("odd")
    assert routers()["semantic"].origin == "herd-graph", "a built-in name cannot be taken"


def test_a_broken_expert_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from herd_graph.testing import echo\ngood = echo('good')\n"
    points = "bad = broken_experts:Bad\ngood = broken_experts:good\n"
    offer(tmp_path, "herd.experts", points, code)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    with Herd(checkpoints="memory") as made:
        failed = made.registry.load_plugins()

        assert "good" in made.registry
    assert list(failed) == ["bad (broken)"]
    assert "AttributeError" in failed["bad (broken)"]
