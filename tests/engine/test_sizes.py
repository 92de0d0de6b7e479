"""How large the database gets: bytes stay out of it, and records do not pile up in every row."""

from __future__ import annotations

import io
import random
import sqlite3
from pathlib import Path

from dags import NOTHING, Crew, Dag, Node, herd_of
from PIL import Image as pil

from herd_graph.artifacts import Image, Text
from herd_graph.herd import Herd
from herd_graph.plans import Plan
from herd_graph.steps import Patience
from herd_graph.store import FolderStore
from herd_graph.testing import FakeRouter, run_virtual, scripted
from herd_graph.types import Kind

MB = 1 << 20


def size_of(home: Path) -> int:
    """Return the bytes of the database, once its log is folded in."""
    with sqlite3.connect(home / "herd.sqlite") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return (home / "herd.sqlite").stat().st_size


def test_ten_megabytes_through_fifty_steps(tmp_path: Path) -> None:
    side = 1850
    noise = pil.frombytes("RGB", (side, side), random.Random(1).randbytes(3 * side * side))
    written = io.BytesIO()
    noise.save(written, "PNG", compress_level=0)

    def same(image: Image) -> Image:
        return image

    steps = [
        {
            "id": f"s{i}",
            "expert": "look",
            "inputs": {"image": {"step": f"s{i - 1}"} if i else {"input": "a1"}},
        }
        for i in range(50)
    ]
    look = scripted("look", Kind.IMAGE, Kind.IMAGE, same)
    patience = Patience(repairs=0)  # a picture that comes back as it was looks like a failure
    with Herd(look, home=tmp_path, router=FakeRouter(NOTHING), patience=patience) as herd:
        run, _ = run_virtual(herd.arun(Plan.parse({"steps": steps}), Image(written.getvalue())))
        assert run.status == "done"

    assert len(look.calls) == 50
    assert size_of(tmp_path) < MB
    kept = sum(path.stat().st_size for path in (tmp_path / "artifacts").glob("??/*"))
    assert 10 * MB < kept + MB // 2 < 11 * MB  # one picture, kept once


def test_the_database_grows_with_the_steps_and_no_faster(tmp_path: Path) -> None:
    """2,000 steps stay under 30 MB; doubling the steps at most triples it."""
    sizes: list[int] = []
    for count in (1000, 2000):
        home = tmp_path / str(count)
        dag = Dag(
            tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(count))
        )
        with herd_of(
            Crew(dag=dag),
            checkpoints="sqlite",
            home=home,
        ) as herd:
            run, _ = run_virtual(herd.arun(dag.plan))
            assert run.status == "done"
        sizes.append(size_of(home))

    assert sizes[1] < 30 * MB
    assert sizes[1] < 3 * sizes[0]


def test_long_texts_and_a_long_request_are_not_in_every_row(tmp_path: Path) -> None:
    dag = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(50)))
    long = Text("x" * 3 * MB)
    with herd_of(
        Crew(dag=dag), checkpoints="sqlite", home=tmp_path, store=FolderStore(tmp_path / "store")
    ) as herd:
        plan = dag.plan.model_copy(update={"author": "w" * 50_000})
        run, _ = run_virtual(herd.arun(plan, long))
        assert run.status == "done"

    assert size_of(tmp_path) < MB
