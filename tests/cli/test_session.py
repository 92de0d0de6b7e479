"""One command's event loop: signals cancel what runs and wait for it."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys

import pytest

from herd_graph.cli.failures import Interrupted
from herd_graph.cli.session import run_until_done


def test_a_result_comes_back() -> None:
    async def work() -> int:
        return 7

    assert run_until_done(work()) == 7


def test_an_error_comes_back_as_it_is() -> None:
    async def work() -> None:
        raise KeyError("gone")

    with pytest.raises(KeyError, match="gone"):
        run_until_done(work())


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_a_signal_cancels_and_waits_for_the_end(number: signal.Signals, code: int) -> None:
    ended: list[str] = []

    async def work() -> None:
        os.kill(os.getpid(), number)
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("tidied up")

    with pytest.raises(Interrupted) as caught:
        run_until_done(work(), lambda: "r1")

    assert (code, "r1", ["tidied up"]) == (caught.value.exit_code, caught.value.run_id, ended)


def test_handlers_are_gone_afterwards() -> None:
    before = signal.getsignal(signal.SIGINT)

    run_until_done(asyncio.sleep(0))

    assert before == signal.getsignal(signal.SIGINT)


IGNORES_CANCELLATION = """
import asyncio
from herd_graph.cli.session import run_until_done

async def work():
    print("ready", flush=True)
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            print("ignored", flush=True)

run_until_done(work())
"""


def test_a_second_ctrl_c_ends_the_process_at_once() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", IGNORES_CANCELLATION], stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "ignored\n"
        process.send_signal(signal.SIGINT)

        assert process.wait(timeout=120) == 130
