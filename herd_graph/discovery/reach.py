"""Which type signatures lie on a way: can these inputs become that output in at most k steps?

It is asked of signatures, of which a registry of ten thousand cards has some dozens, not of cards:
what an expert gives and what each of its ports requires, as bits. A way leads from what is there:
the first expert works on it, each further one on what the one before it made. Its other ports take
what is there too, or text and data, which can always be written down.
"""

from __future__ import annotations

from collections.abc import Collection

from herd_graph.discovery.blocks import Signature, bits
from herd_graph.types import Kind

_ANY = bits([Kind.ANY])
_WRITTEN = bits([Kind.TEXT, Kind.DATA])


def reaching(
    signatures: Collection[Signature], start: Collection[Kind], gives: int, steps: int
) -> frozenset[Signature]:
    """Return the signatures of experts on some way of at most ``steps`` steps.

    Args:
        signatures: What experts give and require.
        start: The kinds that are there; without any, what can be written down.
        gives: What must come out at the end; 0 for anything.
        steps: How many steps a way may have.
    """
    before = _before(signatures, bits(start) or _WRITTEN, steps)
    found: set[Signature] = set()
    for signed, taken in before.items():
        after = _after(signatures, signed, gives, steps - taken - 1)
        if after is not None:
            found.add(signed)
    return frozenset(found)


def _before(signatures: Collection[Signature], there: int, steps: int) -> dict[Signature, int]:
    """Return after how many steps each expert can first be called on what was made of the start."""
    found: dict[Signature, int] = {}
    made = there
    for step in range(steps):
        able = [each for each in signatures if each not in found and _callable(each, made)]
        if not able:
            break
        found.update(dict.fromkeys(able, step))
        for each in able:
            made |= each.gives
    return found


def _callable(signed: Signature, made: int) -> bool:
    """Say whether an expert can work on what was made, its other ports being supplied."""
    works_on = any(_meets(port, made) for port in signed.needs)
    return works_on and all(_meets(port, made | _WRITTEN) for port in signed.needs)


def _meets(port: int, there: int) -> bool:
    return bool(port & there) or bool(port & _ANY) or bool(there & _ANY)


def _after(
    signatures: Collection[Signature], first: Signature, gives: int, steps: int
) -> int | None:
    """Return how many steps after this expert's own the wanted kind is there; None for never."""
    made = first.gives
    for after in range(steps + 1):
        if not gives or made & (gives | _ANY):
            return after
        more = made
        for each in signatures:
            if any(_meets(port, made) for port in each.needs):
                more |= each.gives
        if more == made:
            return None
        made = more
    return None
