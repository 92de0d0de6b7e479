"""What the engine costs and what eagerness buys, beside plain LangGraph in the same run.

    python -m benchmarks.engine [--quick] [--json FILE] [--only NAME]

Every measurement is repeated, the contestants taking turns so that a noisy machine hurts them all
alike. Medians are printed with the spread between the quartiles; ratios are of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.engine import dags, overhead
from benchmarks.engine.measuring import Row

MEASURES = {
    "two-chains": dags.two_chains,
    "random-dags": dags.random_dags,
    "chain": overhead.chain,
    "wide": overhead.wide,
    "start": overhead.start,
}


def main() -> None:
    """Measure, print a table, and write JSON where it was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller and fewer: half a minute")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what was measured")
    parser.add_argument("--only", choices=MEASURES, action="append", help="measure this alone")
    args = parser.parse_args()
    about: dict[str, Any] = {
        "python": platform.python_version(),
        "langgraph": version("langgraph"),
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    print("  ".join(f"{name} {value}" for name, value in about.items()), flush=True)
    rows: list[Row] = []
    for name in args.only or MEASURES:
        began = time.perf_counter()
        found = MEASURES[name](quick=args.quick)
        rows.extend(found)
        print(f"\n{name}  ({time.perf_counter() - began:.0f} s)")
        for row in found:
            print(f"  {row}", flush=True)
    if args.json:
        args.json.write_text(
            json.dumps({"about": about, "rows": [row.dump() for row in rows]}, indent=1) + "\n"
        )


if __name__ == "__main__":
    sys.exit(main())
