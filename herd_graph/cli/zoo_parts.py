"""What the commands of ``herd zoo`` share: bars, texts of files, figures, the zoo that is meant."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import typer

if TYPE_CHECKING:
    from herd_graph.zoo.base import Base
    from herd_graph.zoo.folder import ZooFolder


class Bar:
    """A bar on a terminal's stderr; nothing anywhere else."""

    def __init__(self, what: str, steps: int, *, quiet: bool) -> None:
        from rich.progress import Progress

        from herd_graph.cli.output import stderr_console

        console = stderr_console()
        shown = console.is_terminal and not quiet
        self._bar = Progress(console=console, disable=not shown, transient=True)
        self._task = self._bar.add_task(what, total=steps)
        self.done = 0

    def told(self, step: int, loss: float) -> None:
        """Move the bar."""
        self.done = step
        self._bar.update(self._task, completed=step)
        del loss

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


def stacked(rows: list[Any]) -> Any:
    """Return scores side by side, one column for each."""
    import numpy as np

    return np.stack(rows, axis=1)


def perplexity_of(rows: list[Any]) -> float:
    """Return the perplexity of texts whose tokens' log-probabilities these are."""
    import math

    count = sum(len(each) for each in rows)
    return round(math.exp(-sum(float(each.sum()) for each in rows) / max(1, count)), 3)


def folder_of(zoo: Path | None) -> ZooFolder:
    """Return the zoo that is meant."""
    from herd_graph.zoo.folder import ZooFolder, default_folder

    return ZooFolder(path=default_folder() if zoo is None else zoo)


def some_adapter(folder: ZooFolder, gate: str) -> None:
    """Raise ``RoutingError`` where there is nothing to route among: before a model is loaded for it."""
    from herd_graph.errors import RoutingError

    if gate != "base" and not folder.names:
        raise RoutingError(
            f"The zoo {str(folder.path)!r} is empty, and a text was to be routed by {gate!r}. "
            "Expected one adapter at least. Train one: herd zoo train NAME FILE…, or add one: herd "
            "zoo add FOLDER"
        )


def example_options(base: Base, abstain: float, general: list[Path] | None) -> dict[str, Any]:
    """Return what example gates are told by ``--abstain`` and ``--general``."""
    from herd_graph.zoo.folder import whitened_by

    whitening = whitened_by(base, texts_of(general)) if general else None
    return {"abstain_below": abstain, "whitening": whitening}


def leave_out(name: str, error: Exception) -> None:
    """Tell of an adapter that cannot be used."""
    from herd_graph.cli.output import say

    say(f"Warning: {name} is left out. {error} Remove it: herd zoo drop {name}", style="yellow")


def kind_of(kind: str) -> Any:
    """Return a kind of adapter. Raises ``BadParameter`` with those that there are."""
    from herd_graph.errors import suggest

    kinds = ("lora", "ia3", "bottleneck")
    if kind not in kinds:
        raise typer.BadParameter(f"{kind!r} is no kind. {suggest(kind, kinds, what='There are')}")
    return kind


def read_files(files: list[Path]) -> list[tuple[Path, str]]:
    """Return texts with their files. Raises ``BadParameter`` for what is no UTF-8 text."""
    found: list[tuple[Path, str]] = []
    for path in files:
        try:
            found.append((path, path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise typer.BadParameter(
                f"{str(path)!r} cannot be read: {error}. Expected a UTF-8 text file."
            ) from error
    return found


def long_enough(path: Path, rows: list[list[int]]) -> list[list[int]]:
    """Return rows to be judged by. Raises ``BadParameter`` where there are none."""
    if not rows:
        raise typer.BadParameter(
            f"{str(path)!r} has too little text to judge by. Expected eight tokens at least. Leave it "
            "out, or give a longer one."
        )
    return rows


def texts_of(files: list[Path]) -> list[str]:
    """Return the texts of files."""
    return [text for _, text in read_files(files)]


def holds_words(text: str, words: list[str]) -> bool:
    """Say whether a text has all of some words."""
    return all(each.casefold() in text.casefold() for each in words)


def public_facts(adapter: Any) -> dict[str, Any]:
    """Return what is told of an adapter."""
    return {
        "name": adapter.name,
        "version": adapter.version,
        "kinds": list(adapter.kinds),
        "parameters": adapter.parameters,
        "bytes": adapter.bytes,
        "gates": list(adapter.keys),
        "description": adapter.description,
        "facts": dict(adapter.facts),
    }
