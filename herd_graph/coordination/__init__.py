"""The coordinator: checks what experts give, fuses it, and composes the answer."""

from __future__ import annotations

from herd_graph.coordination.answers import Answer, AnswerPart, compose
from herd_graph.coordination.checks import (
    Checked,
    Checking,
    Checks,
    StepChecks,
    check_outputs,
    run_checks,
)
from herd_graph.coordination.evidence import Conflict, Evidence
from herd_graph.coordination.fusion import fuse

__all__ = (
    "Answer",
    "AnswerPart",
    "Checked",
    "Checking",
    "Checks",
    "Conflict",
    "Evidence",
    "StepChecks",
    "check_outputs",
    "compose",
    "fuse",
    "run_checks",
)
