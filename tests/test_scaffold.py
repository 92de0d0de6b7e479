"""A new project passes its own test, works in LangGraph and as a plugin; names are guarded."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from herd_graph.cli import main
from herd_graph.errors import ConfigError
from herd_graph.scaffold import new_project


def python(
    folder: Path, *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "HERD_HOME": str(folder.parent / "home"), **(environment or {})}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_new_project_passes_its_own_tests(tmp_path: Path) -> None:
    made = new_project(tmp_path / "my-experts")

    done = python(made.folder, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "3 passed" in done.stdout


def test_its_graph_is_where_langgraph_json_says(tmp_path: Path) -> None:
    made = new_project(tmp_path / "my-experts")
    named = json.loads((made.folder / "langgraph.json").read_text())["graphs"]["follow_up"]
    path, variable = named.split(":")
    program = (
        f"import runpy; graph = runpy.run_path({path!r})[{variable!r}]\n"
        "print(graph.invoke({'note': 'TODO: order chairs', 'name': 'Ann'})['result'])"
    )

    done = python(made.folder, "-c", program, environment={"PYTHONPATH": str(made.folder)})

    assert "Hello Ann" in done.stdout, done.stderr
    assert "- order chairs" in done.stdout


def test_every_herd_finds_its_experts_once_it_is_installed(tmp_path: Path) -> None:
    """What pip writes is written by hand: it would ask the network for the build backend."""
    made = new_project(tmp_path / "my-experts")
    info = made.folder / "my_experts-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-experts\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[herd.experts]\nmy_experts = my_experts:EXPERTS\n")

    done = python(
        made.folder,
        *("-m", "herd_graph.cli", "run", "Which to-dos are open?", "-a", "note.txt", "--quiet"),
        environment={"PYTHONPATH": str(made.folder)},
    )

    assert done.returncode == 0, done.stderr
    assert "order twelve chairs" in done.stdout


def test_an_empty_folder_is_filled_and_a_link_to_one_followed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "experts-here").symlink_to(tmp_path / "empty")

    made = new_project(tmp_path / "experts-here")

    assert made.package == "experts_here"
    assert sorted(
        str(each.relative_to(tmp_path / "empty"))
        for each in (tmp_path / "empty").rglob("*")
        if each.is_file()
    ) == list(made.files)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["empty", "experts-here"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")

    with pytest.raises(ConfigError, match=r"is not empty: it holds 'thesis.txt'"):
        new_project(tmp_path / "mine")

    assert [each.name for each in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("a file")

    for place in (tmp_path / "mine", tmp_path / "mine" / "inside"):
        with pytest.raises(ConfigError, match="lies at a file"):
            new_project(place)

    assert (tmp_path / "mine").read_text() == "a file"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("My Experts!", "cannot name a project.* Try 'my-experts'"),
        ("3d-models", "cannot name a project.* Try 'd-models'"),
        ("-x", "cannot name a project.* Try 'x'"),
        ("née", "cannot name a project"),
        ("a" * 61, "at most 60 characters"),
        ("experts\n", "cannot name a project"),
        ("..", "cannot name a project|is not empty"),
        ("import", "is a word of the Python language"),
        ("json", "is the name of a module that Python or HERD needs"),
        ("herd-graph", "is the name of a module that Python or HERD needs"),
        ("numpy", "is the name of an installed package"),
    ],
)
def test_a_name_that_python_could_not_import_is_refused(
    name: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=said):
        new_project(tmp_path / name)

    assert not list(tmp_path.iterdir())


@given(st.text(max_size=20).filter(lambda name: "/" not in name and "\0" not in name))
def test_whatever_is_typed_makes_a_project_or_says_why_not(
    tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    folder = tmp_path_factory.mktemp("typed")
    (folder / "kept").touch()
    said, made = "", None
    try:
        made = new_project(folder / name)
    except ConfigError as error:
        said = str(error)

    if made is None:
        assert "Expected" in said
        assert [each.name for each in folder.iterdir()] == ["kept"]
    else:
        assert made.package.isidentifier()
        assert (made.folder / made.package / "experts.py").is_file()


def test_the_command_prints_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["new", "tickets"]) == 0

    out = capsys.readouterr().out
    assert "  tickets/experts.py" in out
    assert out.splitlines()[-3:] == [
        "  cd tickets && python -m pytest",
        "  python -m pip install -e .",
        '  herd run "Which to-dos are open?" -a note.txt',
    ]


def test_the_command_writes_json_and_ends_with_2_where_the_name_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / "tickets"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["package"] == "tickets"

    assert main(["new", str(tmp_path / "tickets"), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["type"] == "ConfigError"
