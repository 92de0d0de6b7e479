"""Measure the coordinator: ``python -m benchmarks.coordination [PART …] [--json FILE] [--limit N]``.

``speech`` and ``pages`` fuse what recognisers heard and read on the frozen matrices, ``cascade`` asks
the dear recogniser only where the cheap one is in doubt, ``faults`` spoils the results of experts and
counts what the checks catch, ``answers`` carries out the compound set's checkable requests,
``efficiency`` counts what an answer takes. The first three need no model and take a minute together.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

PARTS = ("speech", "pages", "cascade", "faults", "answers", "efficiency")


def main() -> None:
    """Run the parts that were named, or those that need no model."""
    words = argparse.ArgumentParser(prog="python -m benchmarks.coordination", description=__doc__)
    words.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    words.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    words.add_argument("--limit", type=int, default=0, help="faults: so many plans; 0 for all")
    words.add_argument(
        "--folder", type=Path, help="faults, answers: keep files and artifacts there"
    )
    words.add_argument("--only", action="append", default=[], help="faults: these passes alone")
    words.add_argument(
        "--seeds", nargs="*", default=[], help="faults: other faults, for a new herd each"
    )
    words.add_argument(
        "--requests", type=Path, metavar="FILE", help="answers: of this file, not of the test part"
    )
    given = words.parse_args()
    wrong = [each for each in given.parts if each not in PARTS]
    if wrong:
        words.error(f"there is no part {wrong[0]!r}; there are {', '.join(PARTS)}")
    told: dict[str, Any] = {}
    for part in given.parts or PARTS[:3]:
        print(f"\n== {part}")
        told[part] = _run(part, given)
    if given.json is not None:
        given.json.write_text(json.dumps(told, indent=1, default=str) + "\n", encoding="utf-8")


def _run(part: str, given: argparse.Namespace) -> dict[str, Any]:
    say: Callable[[str], None] = print
    if part == "speech":
        from benchmarks.coordination import speech

        return speech.run(say)
    if part == "pages":
        from benchmarks.coordination import pages

        return pages.run(say)
    if part == "cascade":
        from benchmarks.coordination import cascade

        return cascade.run(say)
    if part == "answers":
        from benchmarks.coordination import answered

        return answered.run(
            say,
            limit=given.limit,
            folder=given.folder or Path("answers"),
            requests=given.requests or answered.TEST,
        )
    if part == "efficiency":
        from benchmarks.coordination import efficiency

        return efficiency.run(say, folder=given.folder or Path("efficiency"))
    from benchmarks.coordination import injected

    return injected.run(
        say, limit=given.limit, folder=given.folder, only=given.only, seeds=given.seeds
    )


if __name__ == "__main__":
    main()
