"""What a docstring says: the text before its sections, and each argument."""

from __future__ import annotations

import inspect
import re
from typing import Any

_SECTION = re.compile(r"^(Args|Arguments|Returns|Yields|Raises|Example|Examples|Note|Notes):\s*$")
_ARGUMENT = re.compile(r"^(\w+)\s*(?:\([^)]*\))?:\s*(.*)$")


def describe(target: Any) -> tuple[str, dict[str, str]]:
    """Return a docstring's text up to its first section, and what it says of each argument."""
    lines = (inspect.getdoc(target) or "").splitlines()
    if isinstance(target, type) and target.__doc__ is None:
        lines = []
    text: list[str] = []
    arguments: dict[str, str] = {}
    section, current = "", ""
    for line in lines:
        found = _SECTION.match(line)
        if found:
            section = found.group(1)
        elif not section:
            text.append(line.strip())
        elif section.startswith("Arg") and line.strip():
            argument = _ARGUMENT.match(line.strip())
            indent = len(line) - len(line.lstrip())
            if argument and indent <= 4:
                current = argument.group(1)
                arguments[current] = argument.group(2).strip()
            elif current:
                arguments[current] += f" {line.strip()}"
    return " ".join(" ".join(text).split()), arguments
