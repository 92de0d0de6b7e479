"""A matrix is read as it was written, and what is wrong with a file is said with its place."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from routing_worlds import matrix

from herd_graph.errors import ConfigError
from herd_graph.routing.matrices import load


@pytest.mark.parametrize("name", ["m.csv", "m.csv.gz"])
def test_a_matrix_comes_back_as_it_was_saved(tmp_path: Path, name: str) -> None:
    made = matrix(30)
    made.quality[3, 1] = np.nan

    made.save(tmp_path / name)
    back = load(tmp_path / name)

    assert back.experts == made.experts
    assert back.prompts == made.prompts
    assert back.tasks == made.tasks
    np.testing.assert_array_equal(back.quality, made.quality)
    np.testing.assert_allclose(back.cost, made.cost, rtol=1e-6)
    assert len(back.complete) == 29


def test_saving_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    matrix(20).save(tmp_path / "a.csv.gz")
    matrix(20).save(tmp_path / "b.csv.gz")

    assert (tmp_path / "a.csv.gz").read_bytes() == (tmp_path / "b.csv.gz").read_bytes()


HEAD = "task,split,prompt,q:a,q:b,c:a,c:b\n"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("task,prompt,q:a,c:a\nt,p,1,1\n", "1 'q:' columns"),
        ("task,prompt,q:a,q:b,c:a\nt,p,1,1,1\n", "no column 'c:b'"),
        (HEAD, "has no rows"),
        (HEAD + "t,s,p,1,x,0,0\n", r"Line 2 .* 'x' in column 'q:b'"),
        (HEAD + "t,s,p,1,inf,0,0\n", "'inf' in column 'q:b'"),
        (HEAD + "t,s,p,1,7,0,0\n", r"quality 7 for 'b'"),
        (HEAD + "t,s,p,1\n", "has 4 cells"),
        ("", "no column 'prompt'"),
    ],
)
def test_a_bad_file_says_where(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content)

    with pytest.raises(ConfigError, match=says):
        load(path)


def test_a_file_that_is_not_there_or_cut_short_is_an_error_of_ours(tmp_path: Path) -> None:
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(HEAD.encode() * 50)[:40])

    for path in (tmp_path / "none.csv", cut):
        with pytest.raises(ConfigError, match="cannot be read"):
            load(path)


def test_an_unknown_expert_is_named() -> None:
    with pytest.raises(ConfigError, match="no expert 'cok'"):
        matrix(20).only(["cok"])
