"""A run that was killed goes on where it stood: nothing committed is called again, nothing is lost."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from dags import NOTHING, Crew, Dag, Node, dags, herd_of, statuses_of, texts_of
from hypothesis import example, given, settings

from herd_graph.graph import build
from herd_graph.herd import Herd
from herd_graph.runs import Run
from herd_graph.saver import HerdSaver
from herd_graph.state import records_of
from herd_graph.store import FolderStore, MemoryStore
from herd_graph.testing import FakeRouter, echo, run_virtual


class Photographs(HerdSaver):
    """A checkpointer that keeps a copy of the database after every commit."""

    def __init__(self, herd: Herd, store: MemoryStore) -> None:
        assert herd.engine.leases is not None
        super().__init__(herd._database, herd.runs, herd.engine.leases)
        self.store = store
        self.taken: list[tuple[bytes, dict[str, bytes]]] = []

    def _take(self) -> None:
        self.taken.append((self.conn.serialize(), dict(self.store._content)))

    def put(self, *args: Any) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        written = super().put(*args)
        self._take()
        return written

    def put_writes(self, *args: Any, **more: Any) -> None:
        super().put_writes(*args, **more)
        self._take()


def restore(home: Path, database: bytes, content: dict[str, bytes]) -> MemoryStore:
    """Put a photograph back, as it would be found after the process was killed then."""
    home.mkdir(parents=True)
    path = home / "herd.sqlite"
    path.write_bytes(database)
    dead = f"{os.uname().nodename}:1:1#dead"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as found:
        found.execute("UPDATE leases SET owner = ? WHERE owner != ''", (dead,))
    store = MemoryStore()
    store._content.update(content)
    return store


def committed(herd: Herd, run: Run) -> set[str]:
    """Return the steps whose records are in the newest checkpoint."""
    state = herd.graph.get_state({"configurable": {"thread_id": run.thread}})
    return set(records_of(state.values, run.id))


DIAMOND = Dag(
    (
        Node(name="a", seconds=1),
        Node(name="b", needs=("a",), seconds=2),
        Node(name="c", needs=("a",), seconds=1, fails=1),
        Node(name="d", needs=("b", "c"), seconds=1),
        Node(name="e", seconds=3, fails=2),
        Node(name="f", needs=("e", "d")),
    )
)


@example(dag=DIAMOND)
@settings(max_examples=8)
@given(dag=dags(most=6, least=2, failing=True))
def test_killed_at_every_commit_it_ends_the_same(dag: Dag, tmp_path_factory: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("kills")
    store, first = MemoryStore(), Crew(dag=dag)
    herd = herd_of(first, checkpoints="sqlite", home=folder / "first", store=store)
    herd._graph = build(herd.engine, camera := Photographs(herd, store))
    whole, _ = run_virtual(herd.arun(dag.plan))
    assert texts_of(whole) == dag.texts()

    for number, (database, content) in enumerate(camera.taken):
        home = folder / str(number)
        crew = Crew(dag=dag)
        with herd_of(
            crew, checkpoints="sqlite", home=home, store=restore(home, database, content)
        ) as again:
            kept = committed(again, whole)
            resumed, _ = run_virtual(again.aresume(whole.id))

            assert texts_of(resumed) == dag.texts()
            assert statuses_of(resumed) == dag.statuses
            assert resumed.answer.text == whole.answer.text
            assert resumed.status == whole.status
            if resumed.status == "done":  # else it tries once more what had failed for good
                called = {name: count for name, count in dag.calls.items() if name not in kept}
                assert crew.calls == called
    herd.close()


@pytest.mark.parametrize("commits", [3, 4, 5])
def test_killed_again_and_again_it_gets_to_the_end(commits: int, tmp_path: Path) -> None:
    """Each process lives for a few commits only: enough for a little, and all of it counts."""
    dag = Dag(tuple(Node(name=f"n{i}", needs=(f"n{i - 1}",) if i else ()) for i in range(6)))
    store, database, lives = MemoryStore(), b"", 0
    run: Run | None = None
    while lives < 20:
        home = tmp_path / str(lives)
        if database:
            store = restore(home, database, dict(store._content))
        herd = herd_of(Crew(dag=dag), checkpoints="sqlite", home=home, store=store)
        herd._graph = build(herd.engine, camera := Photographs(herd, store))
        run, _ = run_virtual(herd.aresume(run.id) if run else herd.arun(dag.plan))
        herd.close()
        if not camera.taken:
            break
        lives += 1
        database = camera.taken[min(commits, len(camera.taken)) - 1][0]

    assert run is not None
    assert run.status == "done"
    assert texts_of(run) == dag.texts()
    assert lives > 27 // (commits + 1)


CHILD = """
    import asyncio, os, sys
    from pathlib import Path
    from herd_graph import Herd, Plan, expert
    from herd_graph.testing import FakeRouter

    log = os.open(sys.argv[1], os.O_CREAT | os.O_APPEND | os.O_WRONLY)

    @expert
    async def work(name: str, parts: list[str] = []) -> str:
        '''Work for a moment; wait to be killed when so many were called.'''
        os.write(log, f"+{name}\\n".encode())
        called = {each for each in Path(sys.argv[1]).read_text().split() if each[0] == "+"}
        if len(called) >= float(os.environ.get("TARGET", "inf")):
            await asyncio.sleep(3600)
        await asyncio.sleep(0.02)
        os.write(log, f"-{name}\\n".encode())
        return f"{name}({len(parts)})"

    herd = Herd(work, home=sys.argv[2], router=FakeRouter(Plan()))
    if __name__ == "__main__":
        plan = Plan.parse(Path(sys.argv[3]).read_text())
        herd.run(plan) if len(sys.argv) == 4 else herd.resume(sys.argv[4])
"""


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.parametrize("seed", [1, 2])
def test_kill_nine_in_the_middle(seed: int, tmp_path: Path) -> None:
    """A process is killed twice, at random; a third one ends the run."""
    chance = random.Random(seed)
    names = [f"n{index}" for index in range(30)]
    steps: list[dict[str, Any]] = []
    for index, name in enumerate(names):
        needs = sorted({f"n{chance.randrange(index)}" for _ in range(2)}) if index > 2 else []
        inputs: dict[str, Any] = {"name": {"value": name}}
        if needs:
            inputs["parts"] = {"all": [{"step": each} for each in needs]}
        steps.append({"id": name, "expert": "work", "inputs": inputs})
    script, log, plan = tmp_path / "child.py", tmp_path / "log", tmp_path / "plan.json"
    home = tmp_path / "home"
    script.write_text(textwrap.dedent(CHILD))
    plan.write_text(json.dumps({"steps": steps}))
    command = [sys.executable, str(script), str(log), str(home), str(plan)]

    def look() -> tuple[Run, int]:
        with Herd(home=home, router=FakeRouter(NOTHING)) as herd:
            return herd.get("last"), len(_lines(log))

    def called(lines: list[str]) -> Counter[str]:
        return Counter(line[1:] for line in lines if line[0] == "+")

    kept: list[tuple[set[str], int]] = []
    for kill in (0, 1):
        target = len(called(_lines(log))) + chance.randint(2, 9)
        environment = {**os.environ, "TARGET": str(target)}
        with subprocess.Popen([*command, *(["last"] if kill else [])], env=environment) as child:
            while len(called(_lines(log))) < target:
                assert child.poll() is None, "the child ended before it was killed"
                time.sleep(0.01)  # and leaves it the processor
            child.send_signal(signal.SIGKILL)
        run, written = look()
        assert run.status == "interrupted"
        kept.append((set(run.records), written))
    subprocess.run([*command, "last"], check=True, timeout=300)

    run, _ = look()
    assert run.status == "done"
    assert set(run.records) == set(names)
    assert {step: str(run.output(step)) for step in names} == {
        step["id"]: f"{step['id']}({len(step['inputs'].get('parts', {'all': ()})['all'])})"
        for step in steps
    }
    for committed_steps, written in kept:
        assert not committed_steps & set(called(_lines(log)[written:]))
    assert max(called(_lines(log)).values()) <= 3


def test_an_expert_that_is_gone_does_not_lose_what_it_did(tmp_path: Path) -> None:
    """Killed, upgraded, resumed: what version 1 finished stands; what it had not fails clearly."""
    dag = Dag((Node(name="a"), Node(name="b", needs=("a",), fails=2)))
    store = FolderStore(tmp_path / "store")
    with herd_of(Crew(dag=dag), checkpoints="sqlite", home=tmp_path, store=store) as herd:
        run, _ = run_virtual(herd.arun(dag.plan))
    assert statuses_of(run) == {"a": "done", "b": "failed"}

    with Herd(echo("other"), home=tmp_path, store=store, router=FakeRouter(NOTHING)) as other:
        resumed = other.resume(run.id)

        assert statuses_of(resumed) == {"a": "done", "b": "failed"}
        assert "'work@1' is not registered" in resumed.records["b"].error
        assert texts_of(resumed) == {"a": dag.texts()["a"]}
