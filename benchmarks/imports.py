"""How long it takes to import HERD, and to ask its command for help.

Run it: python benchmarks/imports.py. Expected on an idle machine: ``import herd_graph`` under
0.3 s, ``herd --help`` under 0.5 s. Each figure is the best of several fresh processes: what is
measured is the work, not what else the machine does.
"""

from __future__ import annotations

import subprocess
import sys
import time

CASES = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import herd_graph": [sys.executable, "-c", "import herd_graph"],
    "from herd_graph import expert": [sys.executable, "-c", "from herd_graph import expert"],
    "from herd_graph import Herd": [sys.executable, "-c", "from herd_graph import Herd"],
    "herd --help": [sys.executable, "-m", "herd_graph.cli", "--help"],
}


def best_of(argv: list[str], times: int = 5) -> float:
    """Return the fewest seconds that a process took."""
    taken: list[float] = []
    for _ in range(times):
        started = time.perf_counter()
        subprocess.run(argv, check=True, capture_output=True)
        taken.append(time.perf_counter() - started)
    return min(taken)


def main() -> None:
    for name, argv in CASES.items():
        print(f"{best_of(argv):6.3f} s  {name}")


if __name__ == "__main__":
    main()
