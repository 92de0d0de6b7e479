"""Which run and step a log line belongs to.

    handler.addFilter(RunFilter())      # an expert's own lines, and everybody else's on this handler

HERD's own loggers have the filter: their lines end with ``[run … step …]``, whatever the format is.
Threads that an expert's call runs in know its run too: context variables go with the call.
"""

from __future__ import annotations

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

from herd_graph.redaction import redactor

_run: ContextVar[str] = ContextVar("herd_run", default="")
_step: ContextVar[str] = ContextVar("herd_step", default="")


class RunFilter(logging.Filter):
    """Adds ``herd_run`` and ``herd_step`` to each record, for formats and for JSON logs.

    Args:
        tells: Also write them at the end of the message, and take secrets out of it.
    """

    def __init__(self, *, tells: bool = False) -> None:
        super().__init__()
        self.tells = tells

    def filter(self, record: logging.LogRecord) -> bool:
        """Add what is known; nothing is left out."""
        run, step = _run.get(), _step.get()
        if not hasattr(record, "herd_run"):
            record.herd_run, record.herd_step = run, step
            if self.tells:
                told = f" [run {run} step {step}]" if step else f" [run {run}]" if run else ""
                record.msg, record.args = redactor().text(f"{record.getMessage()}{told}"), None
        return True


def current_run() -> str:
    """Return the id of the run that is worked on here; empty outside one."""
    return _run.get()


def enter_run(run: str) -> None:
    """Say that what follows in this context is done for a run."""
    if run and _run.get() != run:
        _run.set(run)


@contextmanager
def in_step(run: str, step: str) -> Generator[None]:
    """Say that the block is done for a step of a run."""
    before, other = _run.set(run), _step.set(step)
    try:
        yield
    finally:
        _step.reset(other)
        _run.reset(before)


def logger(name: str) -> logging.Logger:
    """Return a logger whose lines say which run they are about."""
    found = logging.getLogger(name)
    if not any(isinstance(each, RunFilter) for each in found.filters):
        found.addFilter(RunFilter(tells=True))
    return found


__all__ = ("RunFilter", "current_run", "enter_run", "in_step", "logger")
