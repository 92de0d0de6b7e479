"""Progress on stderr: a live list on a terminal, plain lines anywhere else."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self

from herd_graph.artifacts.base import printable
from herd_graph.cli.board import Board, Row
from herd_graph.cli.output import cut, dollars, say, seconds, stderr_console
from herd_graph.errors import HerdError
from herd_graph.plans import Plan

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.text import Text

    from herd_graph.recording.events import Event
    from herd_graph.store import ArtifactStore

_MOST_ROWS = 20
_MARKS = {
    "waiting": ("·", "dim"),
    "running": ("▶", "cyan"),
    "asking": ("?", "bold yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "red"),
    "skipped": ("-", "dim"),
    "cancelled": ("-", "yellow"),
    "refused": ("✗", "yellow"),
}


class Progress:
    """Follows a run without showing it: what ``--quiet`` means. The views below draw it."""

    def __init__(self, store: ArtifactStore | None = None) -> None:
        self.board = Board()
        self._store = store

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, event: Event) -> None:
        """Take an event of the run."""
        self.take(event)

    def take(self, event: Event) -> Row | None:
        """Note an event on the board, and list the steps of a plan before they start."""
        if event.kind in {"planned", "replanned"} and self._store is not None:
            # A plan that cannot be read is no reason to stop: its steps are listed as they start.
            with contextlib.suppress(HerdError):
                self.board.expect(Plan.parse(self._store.get(str(event.data.get("plan")))))
        return self.board.take(event)

    @contextmanager
    def paused(self) -> Generator[None]:
        """Keep the terminal free while a person is asked something."""
        yield

    def close(self) -> None:
        """Stop drawing."""


class LineProgress(Progress):
    """One line when a step starts, fails a try, and ends: for logs and pipes."""

    def __init__(self, store: ArtifactStore | None = None) -> None:
        super().__init__(store)
        self._items_told: dict[str, int] = {}

    def __call__(self, event: Event) -> None:
        """Take an event and write its line, if it is worth one."""
        row = self.take(event)
        line = _line(event, row)
        if line and not self._too_many(event):
            say(line)

    def _too_many(self, event: Event) -> bool:
        """A ``foreach`` over a thousand items is told by its first few, and by its step."""
        if "[" not in event.step:
            return False
        bare = event.step.partition("[")[0]
        told = self._items_told[bare] = self._items_told.get(bare, 0) + 1
        return told > _MOST_ROWS


def _line(event: Event, row: Row | None) -> str:
    data = event.data
    if row is None:
        if event.kind == "planned":
            count = data.get("steps")
            return f"planned: {count} step{'' if count == 1 else 's'}"
        if event.kind == "replanned":
            return f"replanned: {data.get('reason') or 'a step failed'}"
        return ""
    if event.kind == "started":
        return f"{event.step} {row.expert}: started"
    if event.kind == "attempt" and not data.get("ok", True):
        return f"{event.step} {data.get('expert', '')}: failed a try: {data.get('error', '')}"
    if event.kind == "asked":
        return f"{event.step} {row.expert}: waits for approval"
    if event.kind == "answered":
        return f"{event.step}: {'approved' if data.get('approved') else 'not approved'}"
    if event.kind == "finished":
        took, usd, error = data.get("seconds"), data.get("usd"), data.get("error")
        spent = seconds(float(took)) if isinstance(took, int | float) else ""
        cost = dollars(float(usd)) if isinstance(usd, int | float) else ""
        tail = ", ".join(filter(None, (spent, cost)))
        why = f": {error}" if error else ""
        return (
            f"{event.step} {row.expert}: {data.get('status', 'done')}"
            + (f" ({tail})" if tail else "")
            + why
        )
    return ""


class LiveProgress(Progress):
    """A list of the steps with their states, times and costs, redrawn in place."""

    def __init__(self, console: Console, store: ArtifactStore | None = None) -> None:
        super().__init__(store)
        self._console = console
        self._live: Live | None = None
        self._closed = False
        self._draw()

    def _draw(self) -> None:
        from rich.live import Live

        # Transient: what stays on the screen is written once more by close().
        self._live = Live(
            get_renderable=self.render,
            console=self._console,
            refresh_per_second=8,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=True,
        )
        self._live.start()

    def render(self) -> RenderableType:
        """Return the list as it is now."""
        from rich.console import Group

        now = time.time()
        rows, hidden = _most_telling(list(self.board.rows.values()))
        lines = [_drawn(row, now, self._console.width) for row in rows]
        return Group(*lines, self._footer(now, hidden))

    def _footer(self, now: float, hidden: int) -> Text:
        from rich.text import Text

        board = self.board
        ended = sum(row.seconds is not None for row in board.rows.values())
        parts = [
            board.phase,
            f"{ended}/{len(board.rows)} steps" if board.rows else "",
            f"{hidden} not shown" if hidden else "",
            seconds(max(0.0, now - board.started)),
            dollars(board.usd),
        ]
        return Text(
            "  " + " · ".join(filter(None, parts)), style="dim", no_wrap=True, overflow="ellipsis"
        )

    @contextmanager
    def paused(self) -> Generator[None]:
        """Stop drawing while a person is asked: the prompt would be painted over."""
        self._stop()
        try:
            yield
        finally:
            if not self._closed:
                self._draw()

    def _stop(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def close(self) -> None:
        """Leave the final list on the screen."""
        if self._closed:
            return
        self._closed = True
        self._stop()
        if self.board.rows:
            self._console.print(self.render())


def _most_telling(rows: list[Row]) -> tuple[list[Row], int]:
    """Return the rows that fit, in their order: what runs or failed first, then the latest."""
    if len(rows) <= _MOST_ROWS:
        return rows, 0

    def rank(place: int) -> tuple[int, int]:
        state = rows[place].state
        urgent = {"asking": 0, "running": 1, "failed": 2, "refused": 2, "waiting": 4}.get(state, 3)
        return urgent, place if state == "waiting" else -place

    chosen = sorted(sorted(range(len(rows)), key=rank)[:_MOST_ROWS])
    return [rows[place] for place in chosen], len(rows) - _MOST_ROWS


def _drawn(row: Row, now: float, cells: int) -> Text:
    from rich.text import Text

    mark, style = _MARKS[row.state]
    took = row.running_for(now)
    facts = [
        row.counted,
        "" if took is None else seconds(took),
        dollars(row.usd),
        f"{row.fraction:.0%}" if row.fraction is not None else "",
    ]
    head = f"{mark} {row.step:<4} {row.expert}"
    tail = "  ".join(filter(None, facts))
    note = " ".join(printable(row.note).split())
    text = Text(head, style=style)
    if tail:
        text.append(f"  {tail}", style="dim")
    if note:
        text.append(f"  {cut(note, max(10, cells - len(head) - len(tail) - 6))}", style="dim")
    text.no_wrap, text.overflow = True, "ellipsis"
    return text


def follow(store: ArtifactStore, *, quiet: bool) -> Progress:
    """Return the view that suits where stderr goes.

    Args:
        store: Where plans can be read.
        quiet: Show nothing.
    """
    if quiet:
        return Progress(store)
    console = stderr_console()
    if console.is_terminal and not console.is_dumb_terminal:
        return LiveProgress(console, store)
    return LineProgress(store)
