"""The full-screen debugger: a view of one session, and of the forks that are made of it.

The plan stands on the left, what a step holds on the right, the commands of the plain prompt below.
A call goes on beside the drawing: the states in the tree follow the run's events.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, ClassVar, cast

from rich.console import RenderableType
from rich.text import Text
from textual import on, work
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.suggester import Suggester
from textual.widgets import Footer, Input, RichLog, Static, TabbedContent, TabPane, Tree

from herd_graph.artifacts.base import decode_text, printable
from herd_graph.debug.commands import Commands
from herd_graph.debug.session import DebugSession
from herd_graph.debug.tui import panes
from herd_graph.debug.tui.editing import EditScreen
from herd_graph.debug.tui.tree import PlanTree
from herd_graph.debug.views import around
from herd_graph.errors import HerdError, RunError
from herd_graph.recording.events import TRANSIENT, Event
from herd_graph.threads import in_thread
from herd_graph.types import Kind

_EDITED = frozenset({Kind.TEXT, Kind.DATA, Kind.TABLE})
"""Kinds that are edited in place; of others a file is put in."""
_MOST_EDITED = 200_000
"""Bytes."""


class _Completes(Suggester):
    """Suggests how a command goes on, as the prompt's tab key does."""

    def __init__(self, commands: Commands) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._commands = commands

    async def get_suggestion(self, value: str) -> str | None:
        found = self._commands.complete(value) if value else []
        word = value.rpartition(" ")[2]
        return printable(f"{value}{found[0][len(word) :]}") if found and word else None


class DebugApp(App[None]):
    """Steps through a session over the whole terminal.

    Args:
        session: An open session.
    """

    TITLE = "herd debug"
    ENABLE_COMMAND_PALETTE = False
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (90, "-wide")]  # noqa: RUF012 - as Textual has it
    CSS = """
    #panes { height: 1fr; }
    #plan { width: 2fr; min-width: 24; border-right: solid $primary-darken-2; }
    #shown { width: 3fr; }
    .-narrow #panes { layout: vertical; }
    .-narrow #plan { width: 100%; height: 2fr; border-right: none; }
    .-narrow #shown { width: 100%; height: 3fr; }
    #below { height: auto; }
    #stop { height: auto; max-height: 3; padding: 0 1; background: $primary-background; }
    #console { height: 7; border-top: solid $primary-darken-2; padding: 0 1; }
    #command { border: none; height: 1; padding: 0 1; background: $surface-lighten-1; }
    TabPane { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "line('next')", "next"),
        Binding("s", "line('step')", "step"),
        Binding("O", "line('out')", "out"),
        Binding("c", "line('continue')", "continue"),
        Binding("u", "on_step('until')", "until", show=False),
        Binding("b", "breakpoint", "break"),
        Binding("p", "tab('result')", "print"),
        Binding("i", "tab('inputs')", "inputs", show=False),
        Binding("w", "tab('why')", "why"),
        Binding("k", "tab('checks')", "checks", show=False),
        Binding("o", "tab('cost')", "cost", show=False),
        Binding("l", "tab('log')", "log", show=False),
        Binding("e", "edit", "edit"),
        Binding("r", "on_step('rerun')", "rerun", show=False),
        Binding("a", "begin('answer')", "answer", show=False),
        Binding("x", "begin('swap')", "swap", show=False),
        Binding("B", "line('back')", "back"),
        Binding("f", "line('fork')", "fork"),
        Binding("d", "compare", "diff", show=False),
        Binding("v", "other", "other fork", show=False),
        Binding("space", "pause", "pause", show=False, priority=False),
        Binding("colon,slash", "command", "command", key_display=":"),
        Binding("question_mark,h", "line('help')", "help", key_display="?"),
        Binding("q", "leave", "quit"),
        Binding("escape", "plan", "plan", show=False),
    ]

    def __init__(self, session: DebugSession) -> None:
        super().__init__()
        self.commands = Commands(session)
        self.busy = ""
        """The line that is carried out now."""
        self._typed: list[str] = []
        self._place = 0

    @property
    def session(self) -> DebugSession:
        """The session that is shown; a fork takes its place."""
        return self.commands.session

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key means anything now: ``out`` does inside a call alone."""
        return action != "line" or parameters != ("out",) or self.session.outside is not None

    def compose(self) -> ComposeResult:
        with Horizontal(id="panes"):
            yield PlanTree(id="plan")
            with TabbedContent(id="shown", initial="result"):
                for name in ("result", "inputs", "why", "checks", "cost"):
                    with TabPane(name, id=name), VerticalScroll(can_focus=True):
                        yield Static(id=f"{name}-text", markup=False, expand=True)
                with TabPane("log", id="log"):
                    yield RichLog(id="events", max_lines=2000, wrap=True, markup=False)
        with Vertical(id="below"):
            yield Static(id="stop", markup=False)
            yield RichLog(id="console", max_lines=2000, wrap=True, markup=False)
            yield Input(
                id="command",
                placeholder=": a command, as at the prompt; help lists them",
                suggester=_Completes(self.commands),
            )
        yield Footer()

    def on_mount(self) -> None:
        """Show where the session stands, and listen to it."""
        self._listen()
        self._refresh()
        self.query_one(PlanTree).focus()

    # Carrying out -----------------------------------------------------------------------------

    def action_line(self, line: str) -> None:
        """Carry out a line, as if it had been typed."""
        self.carry_out(line)

    def action_on_step(self, command: str) -> None:
        """Carry out a command on the step under the cursor."""
        name = self.query_one(PlanTree).chosen
        self.carry_out(f"{command} {name}".strip())

    def action_breakpoint(self) -> None:
        """Set a breakpoint at the step under the cursor, or take it away."""
        name = self.query_one(PlanTree).chosen
        there = next((each for each in self.session.breakpoints if each.target == name), None)
        self.carry_out(f"break {name}" if there is None else f"clear {there.number}")

    def action_compare(self) -> None:
        """Compare with the fork that this one was made of, or ask with which run."""
        others = [each.run for each in self.commands.sessions if each is not self.session]
        self.carry_out(f"diff {others[-1]}") if others else self.action_begin("diff")

    def action_other(self) -> None:
        """Show the next fork in place of this one."""
        every = self.commands.sessions
        if self.busy or len(every) < 2:
            return
        self.commands.session = every[(every.index(self.session) + 1) % len(every)]
        self._say(f"This is run {self.session.run} now.")
        self._listen()
        self._refresh()

    def action_pause(self) -> None:
        """Stop a ``continue`` after the call that goes on now."""
        if self.busy:
            self.session.pause()
            self._say("It stops after this call.")

    def action_begin(self, command: str) -> None:
        """Put the beginning of a command into the line below."""
        name = self.query_one(PlanTree).chosen
        line = self.query_one("#command", Input)
        line.value = (
            f"{command} {name} " if command in {"swap", "answer", "edit"} else f"{command} "
        )
        line.focus()
        line.cursor_position = len(line.value)

    def action_command(self) -> None:
        """Go to the command line."""
        self.query_one("#command", Input).focus()

    def action_plan(self) -> None:
        """Go to the plan."""
        self.query_one(PlanTree).focus()

    def action_tab(self, name: str) -> None:
        """Show a tab."""
        self.query_one("#shown", TabbedContent).active = name
        self._show()

    async def action_leave(self) -> None:
        """Quit; a call that goes on is cancelled, and the run can be resumed."""
        cast("Any", self.workers).cancel_group(self, "command")
        await self.commands.do("quit")
        self.exit()

    @on(Input.Submitted, "#command")
    def _submitted(self, message: Input.Submitted) -> None:
        line = message.value
        message.input.value = ""
        if line.strip():
            self._typed.append(line)
        self._place = len(self._typed)
        self.carry_out(line)

    def on_key(self, event: Any) -> None:
        """Go through what was typed before, in the command line."""
        line = self.query_one("#command", Input)
        if event.key in {"up", "down"} and line.has_focus and self._typed:
            step = -1 if event.key == "up" else 1
            self._place = max(0, min(self._place + step, len(self._typed)))
            line.value = self._typed[self._place] if self._place < len(self._typed) else ""
            line.cursor_position = len(line.value)
            event.stop()

    def carry_out(self, line: str) -> None:
        """Carry out a line beside the drawing; one at a time."""
        if self.busy:
            self._say(f"{self.busy!r} goes on: space stops it after this call.", style="yellow")
            return
        self.busy = line.strip() or "again"
        self._carry_out(line)

    @work(group="command", exit_on_error=False)
    async def _carry_out(self, line: str) -> None:
        self._stop_line()
        try:
            shown = await self.commands.do(line)
        except HerdError as error:
            self._say(f"*** {error}", style="red")
        except Exception as error:  # a defect must not take the whole screen with it
            self._say(f"*** {type(error).__name__}: {error}", style="red")
        else:
            self._say(shown)
        finally:
            self.busy = ""
            self.query_one(PlanTree).running.clear()
        if self.commands.is_over:
            self.exit()
            return
        self._listen()
        self._refresh()

    # Editing in place -------------------------------------------------------------------------

    @work(group="edit", exclusive=True)
    async def action_edit(self) -> None:
        """Edit what the step under the cursor holds, in place; of media, put in a file."""
        name = self.query_one(PlanTree).chosen
        refs = panes.refs_of(self.session, name)
        if self.busy:
            return
        if len(refs) != 1 or refs[0].kind not in _EDITED or refs[0].size > _MOST_EDITED:
            self.action_begin("edit")
            return
        store, ref = self.session.driver.store, refs[0]
        content = ref.inline
        if content is None:
            content = decode_text(await in_thread(lambda: store.get(ref.id), label="edit"))
        shown = printable(content)
        if shown != content:
            self._say("Control characters are shown as \N{REPLACEMENT CHARACTER}.", style="yellow")
        value = await self.push_screen_wait(EditScreen(name, shown))
        if value is None or self.busy:
            return
        self.busy = f"edit {name}"
        try:
            stop = await self.session.edit(name, _value(value, ref.kind))
            self._say(str(stop))
        except (HerdError, ValueError) as error:
            self._say(f"*** {error}", style="red")
        finally:
            self.busy = ""
        self._refresh()

    # Showing ----------------------------------------------------------------------------------

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        for each in self.commands.sessions:
            each.listener = None
        self.session.listener = lambda event: cast(
            "None", loop.call_soon_threadsafe(self._hear, event)
        )

    def _hear(self, event: Event) -> None:
        """Take note of what happens while a call goes on."""
        if not self.is_running:
            return
        if event.kind in TRANSIENT:
            if event.kind == "progress":
                self._stop_line(f"{event.step}: {event.data.get('message') or 'goes on'}")
            return
        tree = self.query_one(PlanTree)
        if event.kind == "started":
            tree.mark(self.session, event.step, "running")
        elif event.kind == "finished":
            tree.mark(self.session, event.step, str(event.data.get("status", "done")))
        told = json.dumps(event.data, ensure_ascii=False)[:400]
        line = Text(printable(f"{event.kind:<10}{event.step:<8} {told}"))
        self._write("#events", line)

    def _refresh(self) -> None:
        """Bring everything up to where the session stands."""
        self.sub_title = self.session.run
        self.refresh_bindings()
        tree = self.query_one(PlanTree)
        tree.show_session(self.session)
        if self.session.stop.next:
            tree.choose(self.session.stop.step or self.session.stop.next)
        self._stop_line()
        self._show()

    def _stop_line(self, progress: str = "") -> None:
        stop = self.session.stop
        doing = f"   … {self.busy}" if self.busy else ""
        facts = f"   ${stop.usd:.4f}, {stop.seconds:.2f} s"
        where = "".join(f"{each} " for each in around(self.session))
        text = Text(f"{where}{stop}{facts}{doing}{f'   {printable(progress)}' if progress else ''}")
        self.query_one("#stop", Static).update(text)

    def _say(self, text: str, *, style: str = "") -> None:
        if text:
            self._write("#console", Text(printable(text), style=style))

    def _write(self, where: str, text: Text) -> None:
        log = self.query_one(where, RichLog)
        log.write(text, width=log.scrollable_content_region.width or None)

    @on(Tree.NodeHighlighted)
    @on(TabbedContent.TabActivated)
    def _looked(self) -> None:
        self._show()

    def on_resize(self) -> None:
        """Draw pictures for the new width."""
        self._show()

    @work(group="show", exclusive=True)
    async def _show(self) -> None:
        """Fill the tab that is seen; what is large is read beside the drawing."""
        name = self.query_one(PlanTree).chosen
        tab = self.query_one("#shown", TabbedContent).active
        if tab == "log" or not tab or (not name and tab != "cost"):
            return
        place = self.query_one(f"#{tab}-text", Static)
        size = self.query_one("#shown").size
        columns, rows = max(20, size.width - 6), max(8, size.height - 8)
        session = self.session

        def made() -> RenderableType:
            if tab == "result":
                return panes.result_pane(session, name, columns, rows)
            if tab == "inputs":
                return panes.inputs_pane(session, name, columns, rows)
            if tab == "why":
                return panes.why_pane(session, name)
            return panes.cost_pane(session) if tab == "cost" else panes.checks_pane(session, name)

        try:
            place.update(await in_thread(made, label="show"))
        except HerdError as error:
            place.update(Text(printable(str(error)), style="red"))


def _value(text: str, kind: Kind) -> Any:
    """Read what was typed into the window. Raises ``RunError`` where it is no JSON and has to be."""
    if kind is not Kind.DATA:
        return text
    try:
        return json.loads(text)
    except ValueError as error:
        raise RunError(
            f"What was typed is no JSON: {error}. Expected data, as it was before. Edit it again; "
            "nothing was changed."
        ) from None


__all__ = ("DebugApp",)
