"""Hold a recorded run against the code of today: no expert is called, nothing is spent."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from herd_graph.herd import Herd
    from herd_graph.runs import Run


def assert_replays(path: str | os.PathLike[str], herd: Herd | None = None) -> Run:
    """Replay a recording, and fail where the answer is another than the recorded one.

    Args:
        path: The ``*.herdrun`` file.
        herd: Whose experts are known; by default none but those of the recording's own cards.

    Returns:
        The replayed run.

    Raises:
        AssertionError: The answer differs; the message shows where.
        ReplayMiss: A call that the recording does not hold: the plan or an input is another.
    """
    import difflib

    from herd_graph.herd import Herd
    from herd_graph.recording.files import Recording
    from herd_graph.store import MemoryStore

    with Recording(path) as recording:
        documents = recording.documents
    recorded: Any = documents.get("run") or {}
    made = (herd or Herd(checkpoints="memory", store=MemoryStore())).replay(path)
    before, after = _texts(recorded.get("answer")), _texts(made.answer.dump())
    if before != after:
        shown = "\n".join(difflib.unified_diff(before, after, "recorded", "replayed", lineterm=""))
        raise AssertionError(
            f"{os.fspath(path)} gives another answer than it was recorded with:\n{shown}"
        )
    return made


def _texts(answer: Any) -> list[str]:
    """Return what an answer says: each part's request, status and text, and its artifacts."""
    held: dict[str, Any] = answer or {}
    parts: list[dict[str, Any]] = held.get("parts") or []
    lines: list[str] = []
    for part in parts:
        lines.append(f"{part.get('ask')} [{part.get('status')}]")
        lines += str(part.get("text") or "").splitlines()
        artifacts: list[dict[str, Any]] = part.get("artifacts") or []
        lines += [str(each["id"]) for each in artifacts]
    return lines


__all__ = ("assert_replays",)
