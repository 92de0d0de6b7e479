"""Experts in processes of their own, with real processes, kills and limits."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar, cast

import isolated_experts as there
import pytest

from herd_graph.artifacts import Data, Text, load
from herd_graph.calling import Call, CallResult, Live
from herd_graph.errors import (
    CallError,
    ExpertFailed,
    ExpertTimeout,
    ExpertUnavailable,
    PortViolation,
)
from herd_graph.experts import Expert
from herd_graph.function_experts import expert
from herd_graph.isolation import Processes
from herd_graph.store import ArtifactStore, FolderStore, MemoryStore
from herd_graph.threads import left_running
from herd_graph.types import JSON, ArtifactRef, Provenance, RunId, StepId

T = TypeVar("T")


def ask(target: Expert, store: ArtifactStore, value: str | int = "x") -> Call:
    (port,) = target.card.inputs
    payload = Text(value) if isinstance(value, str) else Data(value)
    return Call(
        expert=target, inputs={port.name: payload.put(store)}, run=RunId("r1"), step=StepId("s1")
    )


def run(work: Callable[[Live], Awaitable[T]], store: ArtifactStore, **options: Any) -> T:
    """Run ``work`` with a caller, and see that it leaves no process."""

    async def main() -> T:
        processes = Processes(**options)
        caller = Live(store, processes=processes)
        try:
            return await work(caller)
        finally:
            pids = list(processes.pids())
            await caller.close()
            assert processes.pids() == {}
            assert not any(map(is_running, pids))

    return asyncio.run(main())


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        threads = len(list(Path(f"/proc/{pid}/task").iterdir()))
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX" or threads > 1  # its main thread may end before the others


def children() -> list[int]:
    found: list[int] = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == os.getpid():
            found.append(int(stat.parent.name))
    return found


def gone(pid: int) -> bool:
    """Wait for a killed process to be gone."""
    end = time.monotonic() + 60
    while is_running(pid) and time.monotonic() < end:
        time.sleep(0.01)
    return not is_running(pid)


async def value(caller: Live, call: Call) -> Any:
    ref = (await caller.call(call)).outputs["result"]
    assert isinstance(ref, ArtifactRef)
    return read(ref, caller.store)


def read(ref: ArtifactRef, store: ArtifactStore) -> Any:
    artifact = load(ref, store)
    return cast("Data[Any]", artifact).value if isinstance(artifact, Data) else str(artifact)


async def failure(caller: Live, call: Call) -> CallError:
    with pytest.raises(CallError) as caught:
        await caller.call(call)
    return caught.value


@pytest.mark.parametrize("target", [there.pid, there.pid_async], ids=["sync", "async"])
def test_it_runs_elsewhere_and_the_worker_is_kept(store: FolderStore, target: Expert) -> None:
    async def work(caller: Live) -> list[int]:
        return [await value(caller, ask(target, store)) for _ in range(3)]

    pids = run(work, store)

    assert os.getpid() not in pids
    assert len(set(pids)) == 1


def test_context_cost_and_provenance_cross_the_boundary(store: FolderStore) -> None:
    async def work(caller: Live) -> tuple[CallResult, Call]:
        deadline = asyncio.get_running_loop().time() + 100
        call = replace(
            ask(there.whoami, store, "y" * 1000),
            idempotency_key="k",
            attempt=2,
            deadline=deadline,
        )
        return await caller.call(call), call

    result, call = run(work, store)

    ref, source = result.outputs["result"], call.inputs["text"]
    assert isinstance(ref, ArtifactRef)
    assert isinstance(source, ArtifactRef)
    told = read(ref, store)
    assert told | {"seconds": 0} == {
        "run": "r1",
        "step": "s1",
        "attempt": 2,
        "key": "k",
        "text": "y" * 1000,
        "seconds": 0,
    }
    assert 90 <= told["seconds"] <= 100
    assert (result.usd, result.usage) == (0.25, {"tokens": 3})
    assert ref.provenance == Provenance(
        run="r1", step="s1", expert="whoami@1", port="result", sources=(source.id,)
    )


def test_tokens_are_streamed_out_of_the_process(store: FolderStore) -> None:
    seen: list[tuple[str, JSON]] = []

    def emit(kind: str, data: dict[str, JSON]) -> None:
        seen.append((kind, data["text"]))

    async def work(caller: Live) -> str:
        return str(await value(caller, replace(ask(there.counts, store), emit=emit)))

    text = run(work, store)

    assert seen == [("token", f"{n} ") for n in range(20)]
    assert text == "".join(f"{n} " for n in range(20))


def test_a_model_is_loaded_once_in_its_worker(store: FolderStore) -> None:
    async def work(caller: Live) -> list[str]:
        return [await value(caller, ask(there.Model, store)) for _ in range(3)]

    answers = [each.split() for each in run(work, store)]

    assert [each[1] for each in answers] == ["1", "2", "3"]
    assert len({each[0] for each in answers}) == 1


def test_a_hanging_expert_is_killed_with_its_children_and_its_neighbour_is_not(
    store: FolderStore, tmp_path: Path
) -> None:
    pids = tmp_path / "pids"

    async def work(caller: Live) -> tuple[CallError, float, int, int]:
        before = await value(caller, ask(there.pid, store))
        call, patience = ask(there.hangs, store, str(pids)), 0.5
        error = await failure(caller, call)
        while not pids.exists():  # on a busy machine it had no time to begin
            patience *= 4
            error = await failure(caller, replace(call, timeout_s=patience))
        return error, patience, before, await value(caller, ask(there.pid, store))

    error, patience, before, after = run(work, store)

    assert isinstance(error, ExpertTimeout)
    assert f"'hangs@1' gave no result within {patience:g} s. Its process was killed." in str(error)
    assert all(gone(int(each)) for each in pids.read_text().split())
    assert before == after
    assert "hangs@1" not in left_running()


def test_cancelling_a_call_kills_its_process(store: FolderStore, tmp_path: Path) -> None:
    pids = tmp_path / "pids"

    async def work(caller: Live) -> None:
        call = replace(ask(there.hangs, store, str(pids)), timeout_s=3600)
        task = asyncio.create_task(caller.call(call))
        while not (pids.exists() and " " in pids.read_text()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task})
        assert task.cancelled()
        assert caller.processes.pids() == {}

    run(work, store)

    assert all(gone(int(each)) for each in pids.read_text().split())
    assert "hangs@1" not in left_running()


@pytest.mark.parametrize("after_s", [0.0, 0.002, 0.01, 0.05, 0.15])
def test_cancelling_while_a_worker_starts_loses_none(store: FolderStore, after_s: float) -> None:
    others = set(children())  # of tests before this one

    async def work(caller: Live) -> None:
        call = asyncio.create_task(caller.call(ask(there.Model, store)))
        await asyncio.sleep(after_s)
        call.cancel()
        await asyncio.wait({call})

    run(work, store)

    assert all(gone(each) for each in set(children()) - others)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ("segfault", "killed by SIGSEGV"),
        ("exit", "exit status 7"),
        ("kill", "killed by SIGKILL, perhaps because the machine ran out of memory"),
    ],
)
def test_a_process_that_dies_fails_its_call_alone(
    store: FolderStore, how: str, message: str
) -> None:
    async def work(caller: Live) -> tuple[CallError, str, list[int]]:
        neighbours = asyncio.gather(
            *(value(caller, ask(there.pid, store, str(n))) for n in range(3))
        )
        error = await failure(caller, ask(there.dies, store, how))
        return error, await value(caller, ask(there.dies, store, "not")), await neighbours

    error, again, neighbours = run(work, store, limit=3)

    assert isinstance(error, ExpertFailed)
    assert "Expert 'dies@1' died: its process (pid " in str(error)
    assert message in str(error)
    assert error.retryable
    if how == "segfault":
        assert "isolated_experts.py" in error.__notes__[0]  # where it happened
    assert again == "alive"
    assert len(neighbours) == 3


def test_a_process_that_dies_leaves_no_orphans(store: FolderStore, tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    async def work(caller: Live) -> CallError:
        return await failure(caller, ask(there.orphans, store, str(pid)))

    assert "exit status 1" in str(run(work, store))
    assert gone(int(pid.read_text()))


def test_two_event_loops_share_the_workers(store: FolderStore) -> None:
    processes = Processes(limit=2)
    caller = Live(store, processes=processes)
    found: list[int] = []

    async def crowd() -> None:
        calls = (value(caller, ask(there.pid, store, str(n))) for n in range(10))
        found.extend(await asyncio.gather(*calls))

    threads = [threading.Thread(target=lambda: asyncio.run(crowd())) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=120)
    asyncio.run(caller.close())

    assert len(found) == 20
    assert len(set(found)) == 2


def test_a_worker_that_is_killed_from_outside_while_idle_is_replaced(store: FolderStore) -> None:
    async def work(caller: Live) -> tuple[int, int]:
        first = await value(caller, ask(there.pid, store))
        os.kill(first, signal.SIGKILL)
        assert gone(first)
        return first, await value(caller, ask(there.pid, store))

    first, second = run(work, store)

    assert first != second


def test_memory_is_limited(store: FolderStore) -> None:
    async def work(caller: Live) -> tuple[int, CallError, int]:
        modest = await value(caller, ask(there.floods, store, "20"))
        error = await failure(caller, ask(there.floods, store, "100000"))
        return modest, error, await value(caller, ask(there.floods, store, "20"))

    modest, error, again = run(work, store)

    assert isinstance(error, ExpertFailed)
    assert "'floods@1' went over its memory limit of 67.1 MB" in str(error)
    assert not error.retryable
    assert (modest, again) == (20, 20)


def test_noise_does_not_disturb(store: FolderStore, capfd: pytest.CaptureFixture[str]) -> None:
    async def work(caller: Live) -> list[str]:
        return [await value(caller, ask(there.noisy, store)) for _ in range(2)]

    assert run(work, store) == ["quiet", "quiet"]
    assert "noise" not in "".join(capfd.readouterr())


def test_errors_cross_the_boundary_with_their_place(store: FolderStore) -> None:
    async def work(caller: Live) -> tuple[CallError, CallError, CallError, CallError]:
        broken = await failure(caller, ask(there.Broken, store))
        left = await failure(caller, ask(there.dies, store, "sys.exit"))
        number = Call(expert=there.pid, inputs={"number": Data(1).put(store)})
        raised = await failure(caller, ask(there.raises, store, "luck"))
        return raised, broken, left, await failure(caller, number)

    raised, broken, left, wrong = run(work, store)

    assert "Expert 'raises@1' raised LookupError: no luck." in str(raised)
    assert raised.about_input
    assert "raise LookupError" in raised.__notes__[0]
    assert isinstance(broken, ExpertUnavailable)
    assert "'broken@1' could not be loaded: OSError: weights.bin is truncated" in str(broken)
    assert "SystemExit: 3" in str(left)
    assert isinstance(wrong, PortViolation)


def test_a_store_in_memory_is_bridged() -> None:
    store = MemoryStore()

    async def work(caller: Live) -> tuple[Any, Any]:
        told = await value(caller, ask(there.whoami, store, "z" * 5000))
        made = (await caller.call(ask(there.makes, store, 3000))).outputs["result"]
        return told, made

    told, made = run(work, store)

    assert told["text"] == "z" * 5000
    assert len(store.get(made.id)) == 3008


def test_what_a_new_process_cannot_import_is_refused_with_the_way_out(store: FolderStore) -> None:
    @expert(isolate="process")
    def local(text: str) -> str:
        """Be local."""
        return text

    async def work(caller: Live) -> list[CallError]:
        targets = [local, cast("Expert", there.held[0])]
        return [await failure(caller, ask(each, store)) for each in targets]

    for error in run(work, store):
        assert isinstance(error, ExpertUnavailable)
        assert "Move it to the top level of a module" in str(error)


def test_a_name_at_the_top_of_a_module_is_enough(store: FolderStore) -> None:
    async def work(caller: Live) -> str:
        target = there.hidden_in_a_function
        assert isinstance(target, Expert)
        return await value(caller, ask(target, store, "found"))

    assert run(work, store) == "found"


def test_no_more_processes_than_the_limit(store: FolderStore) -> None:
    async def work(caller: Live) -> int:
        targets = [there.pid, there.pid_async, there.Model, there.counts]
        most = 0

        async def watch() -> None:
            nonlocal most
            while True:
                most = max(most, len(caller.processes.pids()))
                await asyncio.sleep(0.002)

        watching = asyncio.create_task(watch())
        await asyncio.gather(*(value(caller, ask(each, store)) for each in targets * 2))
        watching.cancel()
        return most

    assert run(work, store, limit=2) == 2


def test_dropping_an_expert_ends_its_workers(store: FolderStore) -> None:
    async def work(caller: Live) -> dict[int, str]:
        await value(caller, ask(there.pid, store))
        await value(caller, ask(there.counts, store))
        await caller.drop(there.pid)
        return caller.processes.pids()

    assert list(run(work, store, limit=4).values()) == ["counts@1"]


def test_a_parent_that_is_killed_leaves_no_worker(tmp_path: Path) -> None:
    import subprocess

    script = tmp_path / "parent.py"
    script.write_text(
        "import asyncio, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import isolated_experts as there\n"
        "from herd_graph.artifacts import Text\n"
        "from herd_graph.calling import Call, Live\n"
        "from herd_graph.store import FolderStore\n"
        f"store = FolderStore({str(tmp_path / 'store')!r})\n"
        f"text = Text({str(tmp_path / 'pids')!r}).put(store)\n"
        # No __main__ guard: a worker must not run this script again.
        f"open({str(tmp_path / 'runs')!r}, 'a').write('run ')\n"
        "call = Call(expert=there.hangs, inputs={'text': text}, timeout_s=3600)\n"
        "asyncio.run(Live(store).call(call))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)])
    pids = tmp_path / "pids"
    end = time.monotonic() + 120
    while not (pids.exists() and " " in pids.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    parent.kill()
    parent.wait()

    assert all(gone(int(each)) for each in pids.read_text().split())
    assert (tmp_path / "runs").read_text() == "run "


def test_an_expert_of_a_script_is_refused_where_it_is_declared(tmp_path: Path) -> None:
    import subprocess

    script = tmp_path / "script.py"
    script.write_text(
        "from herd_graph import expert\n"
        "@expert(isolate='process')\n"
        "def shout(text: str) -> str:\n"
        "    'Shout.'\n"
        "    return text.upper()\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False
    )

    assert "DeclarationError: Expert 'shout' is declared in a script or notebook" in ended.stderr


def test_a_script_ends_though_workers_are_idle_or_busy(tmp_path: Path) -> None:
    import subprocess

    script = tmp_path / "script.py"
    script.write_text(
        "import asyncio, sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import isolated_experts as there\n"
        "from herd_graph.artifacts import Text\n"
        "from herd_graph.calling import Call, Live\n"
        "from herd_graph.store import FolderStore\n"
        f"store = FolderStore({str(tmp_path / 'store')!r})\n"
        "text = Text('x').put(store)\n"
        "calls = [Call(expert=each, inputs={'text': text})\n"
        "         for each in (there.pid, there.leaves_a_thread)]\n"
        "live = Live(store)\n"
        "async def main():\n"
        "    for call in calls:\n"
        "        await live.call(call)\n"
        "    print(*live.processes.pids())\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=True
    )

    pids = [int(each) for each in ended.stdout.split()]
    assert len(pids) == 2
    assert all(gone(each) for each in pids)
