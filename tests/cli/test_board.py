"""The board: what the events of a run add up to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from herd_graph.cli.board import ENDED, Board
from herd_graph.plans import FromStep, Plan, Step
from herd_graph.recording.events import Event, EventKind
from herd_graph.types import JSON, StepId


def event(kind: EventKind, step: str = "", at: float = 100.0, **data: JSON) -> Event:
    return Event(kind=kind, run="r1", step=step, at=at, data=data)


def two_steps() -> Plan:
    second = Step(id=StepId("s2"), expert="b@1", inputs={"text": FromStep(step=StepId("s1"))})
    return Plan(steps=(Step(id=StepId("s1"), expert="a@1"), second))


def test_the_steps_of_a_plan_wait_in_its_order() -> None:
    board = Board()
    board.expect(two_steps())

    assert [(row.step, row.expert, row.state) for row in board.rows.values()] == [
        ("s1", "a@1", "waiting"),
        ("s2", "b@1", "waiting"),
    ]


def test_a_step_starts_and_ends_with_its_time_and_cost() -> None:
    board = Board()
    board.take(event("started", "s1", at=100.0, expert="a@1"))
    running = board.rows["s1"].running_for(103.5)
    board.take(
        event("finished", "s1", at=104.0, status="done", expert="a@2", seconds=4.0, usd=0.02)
    )

    row = board.rows["s1"]
    assert (
        running,
        row.state,
        row.expert,
        row.seconds,
        row.usd,
    ) == (3.5, "done", "a@2", 4.0, 0.02)


def test_a_step_that_was_reused_ends_without_having_started() -> None:
    board = Board()
    board.take(event("finished", "s1", status="skipped", expert="a@1"))

    assert (board.rows["s1"].state, board.rows["s1"].running_for(500.0)) == ("skipped", 0.0)


def test_items_of_a_foreach_are_counted_on_their_step() -> None:
    board = Board()
    for item in range(3):
        board.take(event("started", f"s1[{item}]", expert="a@1"))
    board.take(event("finished", "s1[0]", status="done", usd=0.1, seconds=1.0))
    board.take(event("finished", "s1[2]", status="failed", usd=0.2, error="no"))

    assert list(board.rows) == ["s1"]
    assert board.rows["s1"].counted == "2/3"
    assert board.rows["s1"].state == "running"
    assert round(board.usd, 6) == 0.3


def test_the_sum_of_a_foreach_is_not_counted_twice() -> None:
    board = Board()
    board.take(event("finished", "s1[0]", status="done", usd=0.1))
    board.take(event("finished", "s1", status="done", usd=0.1, seconds=2.0))

    assert board.usd == 0.1


def test_a_failed_try_a_question_and_a_message_are_noted() -> None:
    board = Board()
    board.take(event("started", "s1", expert="a@1"))
    board.take(event("attempt", "s1", expert="a@1", ok=False, error="timeout"))
    tried = board.rows["s1"].note
    board.take(event("asked", "s1", question="Send it?", expert="a@1"))
    asked = (board.rows["s1"].state, board.rows["s1"].note)
    board.take(event("answered", "s1", approved=True))
    board.take(event("progress", "s1", fraction=0.5, message="half"))

    assert tried == "a@1: timeout"
    assert asked == ("asking", "Send it?")
    assert (
        board.rows["s1"].state,
        board.rows["s1"].note,
        board.rows["s1"].fraction,
    ) == ("running", "half", 0.5)


def test_streamed_text_shows_its_end() -> None:
    board = Board()
    board.take(event("started", "s1", expert="a@1"))
    for number in range(50):
        board.take(event("token", "s1", text=f"word{number} "))

    assert board.rows["s1"].note.endswith("word49 ")
    assert len(board.rows["s1"].note) <= 60


def test_a_new_plan_drops_what_had_not_begun() -> None:
    board = Board()
    board.expect(two_steps())
    board.take(event("finished", "s1", status="done", seconds=1.0))
    board.expect(Plan(steps=(Step(id=StepId("s3"), expert="c@1"),)))

    assert list(board.rows) == ["s1", "s3"]


KINDS: list[EventKind] = ["started", "attempt", "token", "progress", "asked", "finished", "checked"]
values = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(KINDS),
            st.sampled_from(["s1", "s2", "s1[0]", "s1[1]"]),
            st.dictionaries(
                st.sampled_from(["expert", "ok", "seconds", "usd", "error", "status", "text"]),
                values,
            ),
        )
    )
)
def test_no_event_breaks_the_board(events: list[tuple[EventKind, str, dict[str, JSON]]]) -> None:
    """A view must never end a run: whatever an event holds, the board takes it."""
    board = Board()
    for kind, step, data in events:
        board.take(Event(kind=kind, run="r1", step=step, data=data))

    assert set(board.rows) <= {"s1", "s2"}
    assert all(row.state in {"waiting", "running", "asking", *ENDED} for row in board.rows.values())
