"""``herd doctor``: is everything there, and does it work?"""

from __future__ import annotations

import typer

from herd_graph.cli.failures import DONE, FAILED
from herd_graph.cli.options import JsonOption

_MARKS = {"ok": "ok  ", "note": "-   ", "warn": "warn", "fail": "FAIL"}


def doctor(as_json: JsonOption = False) -> None:
    """Check this installation: packages, models, folders, stored runs, disk and memory.

    Each finding that is not ok says what to do. Exit code 1 when something does not work.

    Example: herd doctor --json
    """
    from herd_graph.cli.output import claim_stdout, emit, emit_json
    from herd_graph.doctor import examine

    claim_stdout()
    findings = examine()
    failed = any(each.level == "fail" for each in findings)
    if as_json:
        emit_json({"ok": not failed, "findings": [each.dump() for each in findings]})
    else:
        broad = max(len(each.name) for each in findings)
        lines: list[str] = []
        for each in findings:
            lines.append(f"{_MARKS[each.level]}  {each.name:<{broad}}  {each.detail}")
            if each.fix:
                lines.append(f"{'':{broad + 8}}→ {each.fix}")
        emit("\n".join(lines))
    raise typer.Exit(FAILED if failed else DONE)
