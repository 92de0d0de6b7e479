"""Make one result of several experts' results for the same step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from herd_graph.state import Verdict
from herd_graph.types import ArtifactRef

Outputs: TypeAlias = Mapping[str, ArtifactRef | list[ArtifactRef]]


def fuse(candidates: Sequence[tuple[str, Outputs]]) -> tuple[int, Verdict]:
    """Choose the result that most experts agree on; between equals, the earlier candidate.

    Args:
        candidates: Expert id and outputs, in the order of the router's preference; not empty.

    Returns:
        The index of the chosen candidate, and a verdict that names who disagreed.
    """
    signatures = [_signature(outputs) for _, outputs in candidates]
    votes = Counter(signatures)
    best = max(range(len(candidates)), key=lambda index: (votes[signatures[index]], -index))
    agreed = votes[signatures[best]]
    others = [
        expert
        for (expert, _), signature in zip(candidates, signatures, strict=True)
        if signature != signatures[best]
    ]
    if not others:
        return best, Verdict(check="agreement", level="pass", reason=f"{agreed} of {agreed} agree")
    return best, Verdict(
        check="agreement",
        level="doubt",
        score=agreed / len(candidates),
        reason=f"{agreed} of {len(candidates)} agree; another result came from {', '.join(others)}",
        evidence=list(others),
    )


def _signature(outputs: Outputs) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple(
        (
            name,
            tuple(ref.id for ref in value) if isinstance(value, list) else (value.id,),
        )
        for name, value in sorted(outputs.items())
    )
