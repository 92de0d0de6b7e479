"""The plan as a tree: inputs, steps in their order, items of lists under their step, all with states."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from herd_graph.artifacts.base import printable
from herd_graph.debug.session import DebugSession
from herd_graph.debug.views import MARKS
from herd_graph.flow import order
from herd_graph.plans import show

COLOURS = {
    "done": "green",
    "failed": "red",
    "refused": "red",
    "skipped": "bright_black",
    "cancelled": "bright_black",
    "waiting": "yellow",
    "running": "yellow",
    "ready": "cyan",
}
MOST_ITEMS = 500


class PlanTree(Tree[str]):
    """Shows how each step of a session stands; a node's data is its name: ``s1``, ``s1[2]``, ``a1``."""

    DEFAULT_CSS = "PlanTree { background: $surface; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("plan", id=id)
        self.show_root = False
        self.guide_depth = 2
        self.running: set[str] = set()
        """Steps whose call goes on now."""
        self._places: dict[str, TreeNode[str]] = {}
        self._shape: tuple[object, ...] = ()
        self._told: dict[str, Text] = {}

    def show_session(self, session: DebugSession) -> None:
        """Bring the tree up to where a session stands; what is selected stays selected."""
        names = [*session.task.attachments, *order(session.plan)]
        statuses = session.standing.statuses
        items = [name for name in statuses if "[" in name]
        shape = (session.run, *names, *items)
        chosen = self.chosen
        if shape != self._shape:
            self._shape = shape
            self._grow(names, items)
        for name in self._places:
            self._relabel(session, name, statuses.get(name, "pending"))
        if chosen not in self._places:
            chosen = session.stop.next or next(iter(order(session.plan)), "")
        self.choose(chosen)

    @property
    def chosen(self) -> str:
        """The name under the cursor; empty where there is none."""
        node = self.cursor_node
        return node.data or "" if node is not None else ""

    def choose(self, name: str) -> None:
        """Put the cursor on a name, where the tree has it."""
        node = self._places.get(name)
        if node is not None and node is not self.cursor_node:
            self.call_after_refresh(self.move_cursor, node)

    def mark(self, session: DebugSession, name: str, status: str) -> None:
        """Show that a step's state changed, while a call goes on."""
        self.running.discard(name)
        if status == "running":
            self.running.add(name)
        if name in self._places:
            self._relabel(session, name, status)

    def _grow(self, names: list[str], items: list[str]) -> None:
        self.clear()
        self._places, self._told = {}, {}
        for name in names:
            mine = [each for each in items if each.partition("[")[0] == name]
            add = self.root.add if mine else self.root.add_leaf
            node = add(name, data=name)
            self._places[name] = node
            for item in mine[:MOST_ITEMS]:
                self._places[item] = node.add_leaf(item, data=item)
            if len(mine) > MOST_ITEMS:
                node.add_leaf(f"… and {len(mine) - MOST_ITEMS} more", data=name)
        self.root.expand()

    def _relabel(self, session: DebugSession, name: str, status: str) -> None:
        made = label(session, name, "running" if name in self.running else status)
        if self._told.get(name) != made:
            self._told[name] = made
            self._places[name].set_label(made)


def label(session: DebugSession, name: str, status: str) -> Text:
    """Return a node's line: a mark, the step, its expert, what it took, a dot for a breakpoint."""
    if name in session.task.attachments:
        value = session.task.attachments[name]
        told = f"{len(value)} given" if isinstance(value, list) else value.name or value.kind.value
        return Text.assemble(("@  ", "blue"), f"{name} ", (printable(told), "dim"))
    step = session.plan.step(name)
    mark = "~>" if status == "running" else MARKS.get(status, "  ")
    if session.stop.next == name and status in {"ready", "pending"}:
        mark = ">>"
    text = Text.assemble((f"{mark} ", COLOURS.get(status, "")), (f"{name} ", "bold"))
    if "[" not in name:
        wanted = step.capability.query if step.capability is not None else ""
        text.append(f"{printable(step.expert or f'<{wanted}>')} ")
        if step.foreach is not None:
            text.append(f"for each {printable(show(step.foreach))} ", "dim")
    record = session.standing.records.get(name)
    if record is not None and record.status in {"done", "failed"}:
        text.append("by hand " if record.pinned else f"{record.seconds:.2f} s ", "dim")
        if any(each.level != "pass" for each in record.verdicts):
            text.append("? ", "yellow")
    if any(each.target == name for each in session.breakpoints):
        text.append("●", "red")
    return text


__all__ = ("COLOURS", "PlanTree", "label")
