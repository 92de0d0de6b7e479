"""What differs between a call that was recorded and one that is asked for, in words."""

from __future__ import annotations

from collections.abc import Mapping

from herd_graph.recording.files import RecordedCall, Refs
from herd_graph.types import ArtifactRef

_SHOWN = 60


def ids(value: Refs) -> list[str]:
    """Return the artifact ids of a port's value."""
    return [each.id for each in value] if isinstance(value, list) else [value.id]


def differences(recorded: RecordedCall, expert: str, inputs: Mapping[str, Refs]) -> list[str]:
    """Return a line for each port: what was recorded, and what is asked for.

    Args:
        recorded: The call in the recording.
        expert: The ``name@version`` that is asked for.
        inputs: What it is asked with.
    """
    lines: list[str] = []
    if recorded.expert != expert:
        lines.append(f"expert: recorded {recorded.expert}, asked {expert}")
    for name in sorted({*recorded.inputs, *inputs}):
        then, now = recorded.inputs.get(name), inputs.get(name)
        if then is None or now is None:
            lines.append(f"{name}: recorded {_show(then)}, asked {_show(now)}")
        elif isinstance(then, list) != isinstance(now, list) or ids(then) != ids(now):
            lines.extend(_apart(name, then, now))
        else:
            lines.append(f"{name}: equal")
    return lines


def _apart(name: str, then: Refs, now: Refs) -> list[str]:
    """Show two values from where they begin to differ."""
    if isinstance(then, list) and isinstance(now, list):
        at = next(
            (n for n, (a, b) in enumerate(zip(then, now, strict=False)) if a.id != b.id),
            min(len(then), len(now)),
        )
        left, right = (_show(each[at] if at < len(each) else None) for each in (then, now))
        sizes = f"{len(then)} items recorded, {len(now)} asked"
        return [f"{name}: {sizes}; number {at + 1}: recorded {left}, asked {right}"]
    if isinstance(then, ArtifactRef) and isinstance(now, ArtifactRef):
        a, b = then.inline, now.inline
        if a is not None and b is not None and max(len(a), len(b)) > _SHOWN:
            equal = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
            start = max(0, min(equal, len(a), len(b)) - 10)
            cut = f"from character {start}: " if start else ""
            return [f"{name}: {cut}recorded {_cut(a[start:])}, asked {_cut(b[start:])}"]
    return [f"{name}: recorded {_show(then)}, asked {_show(now)}"]


def _show(value: Refs | None) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if value.inline is not None:
        return _cut(value.inline)
    return f"{value.kind.value} {value.id[:12]} ({value.size} bytes)"


def _cut(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
