"""The debugger's commands, with pdb's names: what the prompt, the page and a script type alike."""

from __future__ import annotations

import json
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from herd_graph.artifacts.base import printable
from herd_graph.debug.breakpoints import SPECIAL
from herd_graph.debug.conditions import NAMES
from herd_graph.debug.session import DebugSession
from herd_graph.debug.views import costs, shown, where
from herd_graph.errors import RunError, suggest
from herd_graph.plans import Plan
from herd_graph.threads import in_thread
from herd_graph.types import JSON

Do = Callable[["Commands", str], Awaitable[str]]


@dataclass(frozen=True)
class Command:
    """One command."""

    name: str
    short: str
    takes: str
    does: str
    run: Do


class Commands:
    """Carries out typed lines on a session.

    Args:
        session: An open session. ``fork`` puts another one in its place; ``sessions`` holds all.
    """

    def __init__(self, session: DebugSession) -> None:
        self.session = session
        self.sessions = [session]
        self.is_over = False
        """``quit`` was typed."""
        self._last = ""

    async def do(self, line: str) -> str:
        """Carry out one line and return what is to be shown. An empty line repeats the last.

        Raises:
            HerdError: The line means nothing, or cannot be done; the session stands as it stood.
        """
        typed = line.strip() or self._last
        if not typed:
            return ""
        name, _, rest = typed.partition(" ")
        command = _FOUND.get(name)
        if command is None:
            raise RunError(
                f"{name!r} is no command. {suggest(name, [each.name for each in COMMANDS])} "
                "Type help for all."
            )
        self._last = typed if command.name in {"next", "step", "continue"} else ""
        return await command.run(self, rest.strip())

    def look(self, session: DebugSession) -> None:
        """Have what is typed next be carried out on another session."""
        if session not in self.sessions:
            self.sessions.append(session)
        self.session = session

    async def out(self) -> str:
        """Come out of the call that the session is inside of; see ``DebugSession.out``."""
        session, outside = self.session, self.session.outside
        stop = await session.out()
        if outside is None or session.stop is stop:
            return str(stop)
        self.look(outside)
        return f"Back in run {outside.run}. {stop}"

    @property
    def is_through(self) -> bool:
        """Whether the session is the inside of a call, and at its end: going on leads out of it."""
        outside = self.session.outside
        waits = outside is not None and outside.inside is self.session
        return waits and self.session.stop.is_over

    def complete(self, text: str) -> list[str]:
        """Return how a line that was begun may go on: commands, then steps, experts, inputs."""
        name, space, rest = text.partition(" ")
        if not space:
            return sorted(each.name for each in COMMANDS if each.name.startswith(name))
        word = rest.rpartition(" ")[2]
        known = [step.id for step in self.session.plan.steps]
        known += list(self.session.task.attachments)
        known += [each.card.name for each in self.session.experts.values()]
        return sorted({each for each in known if each.startswith(word)})


async def _next(on: Commands, rest: str) -> str:
    del rest
    return await on.out() if on.is_through else str(await on.session.next())


async def _step(on: Commands, rest: str) -> str:
    del rest
    if on.is_through:
        return await on.out()
    stop = await on.session.step()
    inside = on.session.inside
    if inside is not None and stop is inside.stop:
        on.look(inside)
    return str(stop)


async def _out(on: Commands, rest: str) -> str:
    del rest
    return await on.out()


async def _up(on: Commands, rest: str) -> str:
    del rest
    outside = on.session.outside
    if outside is None:
        raise RunError("This run is inside no other. Expected one that was stepped into: step.")
    on.look(outside)
    return await _where(on, "")


async def _down(on: Commands, rest: str) -> str:
    del rest
    inside = on.session.inside
    if inside is None:
        raise RunError(
            "Nothing inside is stepped through here. Expected: step, into the next call."
        )
    on.look(inside)
    return await _where(on, "")


async def _continue(on: Commands, rest: str) -> str:
    del rest
    if on.is_through:
        await on.out()
    return str(await on.session.continue_())


async def _until(on: Commands, rest: str) -> str:
    return str(await on.session.until(_one(rest, "until STEP")))


async def _break(on: Commands, rest: str) -> str:
    if not rest:
        return "\n".join(map(str, on.session.breakpoints)) or "No breakpoints."
    return printable(f"Breakpoint {await on.session.break_(rest)}")


async def _tbreak(on: Commands, rest: str) -> str:
    return printable(f"Breakpoint {await on.session.break_(rest, temporary=True)}")


async def _clear(on: Commands, rest: str) -> str:
    if rest and not rest.isdecimal():
        raise RunError(f"{rest!r} is no number of a breakpoint. Expected: clear [NUMBER].")
    gone = on.session.clear(int(rest) if rest else None)
    return f"Cleared {len(gone)}."


async def _where(on: Commands, rest: str) -> str:
    del rest
    return f"{where(on.session)}\n{on.session.stop}"


async def _list(on: Commands, rest: str) -> str:
    del rest
    return printable(str(on.session.plan))


async def _print(on: Commands, rest: str) -> str:
    return shown(on.session, _one(rest, "print NAME"))


async def _pretty(on: Commands, rest: str) -> str:
    return shown(on.session, _one(rest, "pp NAME"), whole=True)


async def _why(on: Commands, rest: str) -> str:
    return str(on.session.why(rest or None))


async def _edit(on: Commands, rest: str) -> str:
    name, _, value = rest.partition(" ")
    if not name or not value.strip():
        raise RunError("Expected: edit NAME TEXT, edit NAME {json}, or edit NAME @file.")
    return str(await on.session.edit(name, _value(value.strip())))


async def _swap(on: Commands, rest: str) -> str:
    step, _, expert = rest.partition(" ")
    if not expert.strip():
        raise RunError("Expected: swap STEP EXPERT.")
    return str(await on.session.swap(step, expert.strip()))


async def _plan(on: Commands, rest: str) -> str:
    if not rest:
        return json.dumps(on.session.plan.dump(), indent=1, ensure_ascii=False)
    if not rest.startswith("@"):
        raise RunError("Expected: plan (shows it), or plan @FILE with a plan as JSON.")
    path = rest[1:]
    content = await in_thread(lambda: Path(path).expanduser().read_bytes(), label="plan")
    return str(await on.session.replan(Plan.parse(content)))


async def _rerun(on: Commands, rest: str) -> str:
    return str(await on.session.rerun(_one(rest, "rerun STEP")))


async def _back(on: Commands, rest: str) -> str:
    return str(await on.session.back(int(rest) if rest.isdecimal() else 1))


async def _goto(on: Commands, rest: str) -> str:
    if not rest.isdecimal():
        raise RunError("Expected: goto STOP, the number of an earlier stop.")
    return str(await on.session.goto(int(rest)))


async def _fork(on: Commands, rest: str) -> str:
    del rest
    made = await on.session.fork()
    on.sessions.append(made)
    on.session = made
    return f"This is run {made.run} now; the other one stays as it was. {made.stop}"


async def _answer(on: Commands, rest: str) -> str:
    step, _, said = rest.partition(" ")
    if said.strip().lower() not in {"yes", "no", "y", "n"}:
        raise RunError("Expected: answer STEP yes, or answer STEP no.")
    return str(await on.session.answer(step, approved=said.strip().lower().startswith("y")))


async def _diff(on: Commands, rest: str) -> str:
    from herd_graph.comparing import compare

    other = next((each for each in on.sessions if each.run == rest), None)
    if other is not None:
        there = await other.result()
    else:
        there = await on.session.driver.aget(_one(rest, "diff RUN"))
    return str(compare(await on.session.result(), there))


async def _cost(on: Commands, rest: str) -> str:
    del rest
    return costs(on.session)


async def _save(on: Commands, rest: str) -> str:
    path = await on.session.save(_path(rest, "save FILE.herdrun"))
    return f"Saved {path}."


async def _export(on: Commands, rest: str) -> str:
    from herd_graph.replaying import export_test

    folder = _path(rest, "export FOLDER")
    await on.session.save(folder / f"{on.session.run}.herdrun")
    return f"Wrote {export_test(folder / f'{on.session.run}.herdrun')}."


async def _quit(on: Commands, rest: str) -> str:
    del rest
    on.is_over = True
    session = on.session
    row = await in_thread(lambda: session.driver.runs.get(session.run), label="run")
    if session.stop.is_over and row.status in {"done", "abstained"}:
        return f"Run {session.run} has ended. Look back: herd why {session.run}"
    return f"Run {session.run} stays as it is. Go on: herd resume {session.run}"


async def _help(on: Commands, rest: str) -> str:
    del on
    if rest in {"break", "b", "tbreak"}:
        names = "\n".join(f"  {name:<14}{what}" for name, what in NAMES.items())
        return (
            "break STEP | EXPERT | KIND | WORDS of a capability, each perhaps with 'if CONDITION';\n"
            f"break CONDITION; break {' | '.join(SPECIAL)}\nA condition compares these:\n{names}"
        )
    found = _FOUND.get(rest)
    if found is not None:
        return f"{found.name} {found.takes}\n{found.does}"
    return "\n".join(f"{f'{each.name} {each.takes}':<24}{each.does}" for each in COMMANDS)


COMMANDS: tuple[Command, ...] = (
    Command("next", "n", "", "Make one call and stop. An empty line repeats it.", _next),
    Command("step", "s", "", "Go into a herd, workflow or graph that is next; else next.", _step),
    Command("out", "o", "", "Go on to the end in there, and come out of it.", _out),
    Command("up", "", "", "Look at the run around this one; it stays as it stands.", _up),
    Command("down", "", "", "Look inside again.", _down),
    Command("continue", "c", "", "Go on to a breakpoint, a question, or the end.", _continue),
    Command("until", "u", "STEP", "Go on until a step has ended.", _until),
    Command("break", "b", "[WHERE]", "Set a breakpoint, or list them (help break).", _break),
    Command("tbreak", "tb", "WHERE", "Set a breakpoint that stops once.", _tbreak),
    Command("clear", "cl", "[NUMBER]", "Take a breakpoint away, or all.", _clear),
    Command("where", "w", "", "Show the plan and how each step stands.", _where),
    Command("list", "l", "", "Show the plan.", _list),
    Command("print", "p", "NAME", "Show what an input (a1) or a step (s1) holds.", _print),
    Command("pp", "", "NAME", "The same, uncut.", _pretty),
    Command("why", "", "[STEP]", "Say why: candidates, scores, attempts, checks.", _why),
    Command("edit", "e", "NAME VALUE", "Set an input or a result: text, {json}, or @file.", _edit),
    Command("swap", "", "STEP EXPERT", "Have a step done by another expert.", _swap),
    Command("plan", "", "[@FILE]", "Show the plan as JSON, or put another in its place.", _plan),
    Command("rerun", "r", "STEP", "Have a step run again.", _rerun),
    Command("back", "", "[COUNT]", "Go back to an earlier stop.", _back),
    Command("goto", "", "STOP", "Go to a stop by its number.", _goto),
    Command("fork", "f", "", "Go on in a run of its own from here.", _fork),
    Command("answer", "a", "STEP yes|no", "Answer what a person is asked.", _answer),
    Command("diff", "d", "RUN", "Compare with another run or fork.", _diff),
    Command("cost", "", "", "Show what each step took and cost.", _cost),
    Command("save", "", "FILE", "Write a recording that replays.", _save),
    Command("export", "", "FOLDER", "Write a test that replays this run.", _export),
    Command("help", "h", "[COMMAND]", "Show this.", _help),
    Command("quit", "q", "", "Leave; the run can be resumed.", _quit),
)
_FOUND = {name: each for each in COMMANDS for name in (each.name, each.short) if name}


def _path(rest: str, usage: str) -> Path:
    """Return a path as it was typed: spaces are a part of it, and quotes around it are none."""
    quoted = len(rest) > 1 and rest[0] == rest[-1] and rest[0] in "'\""
    text = rest[1:-1] if quoted else rest
    if not text:
        raise RunError(f"Expected: {usage}.")
    return Path(text).expanduser()


def _one(rest: str, usage: str) -> str:
    parts = rest.split()
    if len(parts) != 1:
        raise RunError(f"Expected: {usage}.")
    return parts[0]


def _value(text: str) -> JSON | Path:
    """Read what was typed: a file, JSON, a quoted text, or the words themselves."""
    if text.startswith("@"):
        path = Path(text[1:]).expanduser()
        if not path.is_file():
            raise RunError(f"There is no file {str(path)!r}. Expected: edit NAME @FILE.")
        return path
    if text[0] in '{["' or text in {"true", "false", "null"}:
        try:
            value: JSON = json.loads(text)
        except ValueError:
            return text
        return value
    if text[0] == "'" and text[-1] == "'" and len(text) > 1:
        return shlex.split(text)[0]
    return text


__all__ = ("COMMANDS", "Command", "Commands")
