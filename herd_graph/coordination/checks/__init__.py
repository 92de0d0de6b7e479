"""Checks of what experts give: small, composable, each with a cost and a level."""

from __future__ import annotations

from herd_graph.coordination.checks.base import (
    Check,
    CheckInput,
    CheckLevel,
    FunctionCheck,
    Level,
    check,
    combine,
)
from herd_graph.coordination.checks.ports import check_outputs
from herd_graph.coordination.checks.running import Checked, run_checks
from herd_graph.coordination.checks.steps import Checking, Checks, StepChecks

__all__ = (
    "Check",
    "CheckInput",
    "CheckLevel",
    "Checked",
    "Checking",
    "Checks",
    "FunctionCheck",
    "Level",
    "StepChecks",
    "check",
    "check_outputs",
    "combine",
    "run_checks",
)
