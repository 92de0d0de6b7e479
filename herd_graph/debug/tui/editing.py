"""A value that is edited in place, in a window over the others."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Footer, Static, TextArea


class EditScreen(ModalScreen[str | None]):
    """Asks for another text; gives it, or None where it was left or is the same.

    Args:
        name: What is edited.
        text: What it holds, without what could drive the terminal.
    """

    BINDINGS = [  # noqa: RUF012 - Textual's own declaration
        Binding("ctrl+s", "save", "Take it", priority=True),
        Binding("escape", "leave", "Leave it", priority=True),
    ]
    CSS = """
    EditScreen { align: center middle; }
    #edit { width: 90%; height: 80%; border: round $accent; background: $surface; }
    #edit-head { height: 1; padding: 0 1; }
    """

    def __init__(self, name: str, text: str) -> None:
        super().__init__()
        self._what, self._before = name, text

    def compose(self) -> ComposeResult:
        with Vertical(id="edit"):
            head = f"{self._what}: what depends on it runs again (ctrl+s takes it)"
            yield Static(head, id="edit-head", markup=False)
            yield TextArea(self._before, id="edit-text", soft_wrap=True)
        yield Footer()

    def on_mount(self) -> None:
        """Put the cursor into the text."""
        self.query_one(TextArea).focus()

    def action_save(self) -> None:
        """Give the text."""
        text = self.query_one(TextArea).text
        self.dismiss(None if text == self._before else text)

    def action_leave(self) -> None:
        """Give nothing."""
        self.dismiss(None)


__all__ = ("EditScreen",)
