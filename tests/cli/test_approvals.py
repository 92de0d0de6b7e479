"""Approvals: asked on a real terminal, one at a time, while the loop goes on."""

from __future__ import annotations

import asyncio
import os
import pty
from collections.abc import Iterator

import pytest

from herd_graph.cli.approvals import Terminal, approver
from herd_graph.cli.progress import Progress
from herd_graph.engine import Question

QUESTION = Question(
    run="r1", step="s1", expert="send@1", question="Step 's1' wants to call 'send@1'. Allow it?"
)


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """Give the two ends of a pseudo terminal: the person's and the program's."""
    person, program = pty.openpty()
    yield person, program
    os.close(person)
    os.close(program)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [(b"y\n", True), (b"YES\n", True), (b"n\n", False), (b"\n", False), (b"maybe\n", False)],
)
def test_only_yes_means_yes(
    terminal: tuple[int, int], typed: bytes, expected: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    person, program = terminal
    os.write(person, typed)

    assert expected is asyncio.run(Terminal(program, Progress()).ask(QUESTION))

    out, err = capsys.readouterr()
    assert out == ""
    assert "Step 's1' wants to call 'send@1'. Allow it?" in err


def test_the_end_of_input_means_no(terminal: tuple[int, int]) -> None:
    person, program = terminal
    os.write(person, b"\x04")  # Ctrl-D

    assert asyncio.run(Terminal(program, Progress()).ask(QUESTION)) is False


def test_other_work_goes_on_and_questions_take_turns(terminal: tuple[int, int]) -> None:
    person, program = terminal
    asked = Terminal(program, Progress())

    async def story() -> tuple[bool, bool]:
        first, second = (asyncio.create_task(asked.ask(QUESTION)) for _ in range(2))
        for _ in range(50):  # the loop turns: nothing blocks it
            await asyncio.sleep(0)
        assert not first.done()
        os.write(person, b"y\n")
        answer = await first
        assert not second.done()
        os.write(person, b"n\n")
        return answer, await second

    assert asyncio.run(story()) == (True, False)


def test_a_cancelled_question_lets_go_of_the_terminal(terminal: tuple[int, int]) -> None:
    person, program = terminal
    asked = Terminal(program, Progress())

    async def story() -> bool:
        first = asyncio.create_task(asked.ask(QUESTION))
        for _ in range(10):
            await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        os.write(person, b"y\n")
        return await asked.ask(QUESTION)

    assert asyncio.run(story()) is True


@pytest.mark.parametrize("answer", [True, False])
def test_a_fixed_answer_asks_nobody(answer: bool, capsys: pytest.CaptureFixture[str]) -> None:
    approve = approver(Progress(), answer=answer)

    assert approve is not None
    assert answer is approve(QUESTION)
    assert f"--{'yes' if answer else 'no'}" in capsys.readouterr().err


def test_without_a_terminal_nobody_is_asked() -> None:
    assert approver(Progress(), answer=None) is None
