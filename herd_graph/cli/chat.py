"""``herd chat``: a conversation on the terminal, with attachments, live steps and history."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from herd_graph.cli.failures import DONE, INTERRUPTED, Interrupted, exit_code_for, report
from herd_graph.cli.lines import Lines, paths_in
from herd_graph.cli.options import (
    ApproveOption,
    AttachOption,
    BudgetOption,
    JsonOption,
    OutOption,
    QuietOption,
)
from herd_graph.cli.output import emit, finish, say, write

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.budgets import Budget
    from herd_graph.herd import Herd
    from herd_graph.runs import Run

MOST_TURNS = 100
COMMANDS = {
    "/attach": "attach files to the next message: /attach FILE …",
    "/files": "what is attached, and what answers have made",
    "/plan": "the plan of the last answer",
    "/why": "why it was answered like this: /why [STEP]",
    "/history": "this conversation so far",
    "/help": "these commands",
    "/quit": "leave; so does Ctrl-D",
}


def chat(
    attach: AttachOption = None,
    thread: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="Go on with this conversation; without it a new one begins.",
            show_default=False,
        ),
    ] = None,
    budget: BudgetOption = None,
    out: OutOption = None,
    approve: ApproveOption = None,
    as_json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Hold a conversation: each message may refer to what earlier ones attached and made.

    Type a message and press Enter. A path that is typed or dragged into the line attaches the file.
    /help lists the commands. With a pipe, every line is a message; with --json, every answer is one
    line of JSON. The exit code is that of the last message that was not wholly answered.

    Example: herd chat -a note.wav
    """
    from herd_graph.budgets import Budget
    from herd_graph.cli.request import read_attachments
    from herd_graph.cli.session import open_herd

    limits = Budget.parse(budget) if budget is not None else None
    attached = read_attachments(attach or [])
    with open_herd() as herd, asyncio.Runner() as runner:
        talk = Conversation(
            herd=herd,
            runner=runner,
            thread=thread or f"chat-{secrets.token_hex(3)}",
            pending=list(attached),
            budget=limits,
            out=out,
            approve=approve,
            as_json=as_json,
            quiet=quiet,
        )
        raise typer.Exit(talk.hold())


@dataclass(kw_only=True)
class Conversation:
    """One conversation: lines in, answers out."""

    herd: Herd
    runner: asyncio.Runner
    thread: str
    pending: list[Artifact]
    """What goes with the next message."""
    budget: Budget | None = None
    out: Path | None = None
    approve: bool | None = None
    as_json: bool = False
    quiet: bool = False
    last: str = ""
    """The id of the run that answered last."""
    code: int = DONE
    _commands: dict[str, Callable[[str], None]] = field(init=False)

    def __post_init__(self) -> None:
        self._commands = {
            "/attach": self._attach,
            "/files": self._files,
            "/plan": self._plan,
            "/why": self._why,
            "/history": self._history,
            "/help": self._help,
        }

    def hold(self) -> int:
        """Take lines until there are no more; return the exit code."""
        lines = Lines(self.herd.home / "chat_history", tuple(COMMANDS), self.runner)
        if lines.interactive and not self.quiet:
            say("Type a message; drag files into it. /help lists commands, /quit ends.", "dim")
        going_on = True
        while going_on:
            with self._surviving():
                line = lines.read(self._prompt())
                going_on = line is not None and line.strip() not in {"/quit", "/exit", "/q"}
                if line is not None and going_on:
                    self.take(line.strip())
        if lines.interactive and self.last and not self.quiet:
            say(f"Go on later with: herd chat --thread {self.thread}", "dim")
        return DONE if lines.interactive else self.code

    def take(self, line: str) -> None:
        """Do what one line says."""
        name, _, rest = line.partition(" ")
        if not line:
            return
        if name in self._commands:
            self._commands[name](rest.strip())
        elif name.startswith("/") and not Path(name).exists() and "/" not in name[1:]:
            say(f"There is no command {name!r}.", "yellow")
            self._help("")
        else:
            self._send(line)

    def _prompt(self) -> str:
        names = ", ".join(each.name or each.kind.value for each in self.pending)
        return f"[{names}] > " if names else "> "

    def _send(self, line: str) -> None:
        from herd_graph.cli.request import read_attachments
        from herd_graph.routing.courtesies import owes_nothing

        text, paths = paths_in(line)
        self.pending += read_attachments(paths)
        if not text:
            if paths:
                self._say_pending()
            return
        attached, self.pending = self.pending, []
        try:
            run = self._ask(text, attached)
        except Exception:
            self.pending = attached  # nothing was run: it is still to be sent
            raise
        self.last = run.id
        self._show(run, asked=not owes_nothing(text))

    def _ask(self, text: str, attached: list[Artifact]) -> Run:
        from herd_graph.cli.approvals import approver
        from herd_graph.cli.progress import follow
        from herd_graph.cli.session import run_until_done

        with follow(self.herd.store, quiet=self.quiet) as progress:
            return run_until_done(
                self.herd.arun(
                    text,
                    *attached,
                    thread=self.thread,
                    budget=self.budget,
                    approve=approver(progress, answer=self.approve),
                    on_event=progress,
                ),
                lambda: progress.board.run,
                runner=self.runner,
            )

    def _show(self, run: Run, *, asked: bool) -> None:
        from herd_graph.cli.files import produced

        code = exit_code_for(run.status) if asked else DONE  # nothing was owed to small talk
        self.code = code if code != DONE else self.code
        files = produced(run.answer.artifacts, self.herd.store, self.out)
        if self.as_json:
            shown = {**run.dump(), "files": [each.dump() for each in files]}
            write(json.dumps(shown, ensure_ascii=False, default=str) + "\n")
        else:
            emit("\n".join([str(run.answer), *(f"- {each.name}: {each}" for each in files)]))
        if finish() != DONE:
            raise Interrupted(1, run.id)  # nobody hears what is said
        for warning in run.warnings:
            say(f"Warning: {warning}", style="yellow")
        if run.status == "waiting":
            say(
                f"It waits for approval. Go on with: herd resume {run.id} --yes (or --no)", "yellow"
            )

    @contextmanager
    def _surviving(self) -> Generator[None]:
        """Tell about what went wrong with one message, and go on with the next."""
        from herd_graph.errors import HerdError

        try:
            yield
        except Interrupted as stopped:
            if stopped.exit_code != INTERRUPTED:  # terminated, or the terminal was closed
                raise
            say("Stopped. What is finished is kept.", "yellow")
            self.last = stopped.run_id or self.last
            self.code = stopped.exit_code
        except KeyboardInterrupt:  # between two things that take care of it themselves
            say("Stopped.", "yellow")
        except (HerdError, typer.BadParameter) as error:
            self.code = report(error, as_json=self.as_json, debug=False)

    def _attach(self, rest: str) -> None:
        from herd_graph.cli.request import read_attachments

        text, paths = paths_in(rest)
        if text or not paths:
            # Not a file: let reading it say why.
            paths = [*paths, *(Path(each) for each in text.split())]
        if not paths:
            say("Name a file: /attach FILE …", "yellow")
            return
        self.pending += read_attachments(paths)
        self._say_pending()

    def _say_pending(self) -> None:
        say("With the next message: " + ", ".join(each.name for each in self.pending), "dim")

    def _files(self, _: str) -> None:
        from herd_graph.tasks import Task

        rows = [f"next: {each.name} ({each.kind.value})" for each in self.pending]
        for row in reversed(self.herd.runs.list(thread=self.thread, limit=MOST_TURNS)):
            task = Task.model_validate(row.details.get("task") or {"text": row.task})
            rows += [
                f"attached: {ref.name or name} ({ref.kind.value})"
                for name, value in task.attachments.items()
                for ref in (value if isinstance(value, list) else [value])
            ]
            rows += [
                f"made: {ref.name or part.ask} ({ref.kind.value}) by {part.expert}"
                for part in self.herd.get(row.id).answer.parts
                for ref in part.artifacts
            ]
        emit("\n".join(dict.fromkeys(rows)) if rows else "No files yet.")

    def _plan(self, _: str) -> None:
        if self._has_run():
            emit(str(self.herd.get(self.last).plan))

    def _why(self, rest: str) -> None:
        if self._has_run():
            emit(str(self.herd.get(self.last).why(rest or None)))

    def _has_run(self) -> bool:
        if not self.last:
            rows = self.herd.runs.list(thread=self.thread, limit=1)
            self.last = rows[0].id if rows else ""
        if not self.last:
            say("Nothing was asked yet.", "yellow")
        return bool(self.last)

    def _history(self, _: str) -> None:
        rows = list(reversed(self.herd.runs.list(thread=self.thread, limit=MOST_TURNS)))
        blocks = [f"> {row.task}\n{self.herd.get(row.id).answer}" for row in rows]
        emit("\n\n".join(blocks) if blocks else "Nothing was said yet.")

    def _help(self, _: str) -> None:
        for name, what in COMMANDS.items():
            say(f"{name:<9} {what}")
