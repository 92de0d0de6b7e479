"""The command ``herd``: results on stdout, everything else on stderr.

Nothing heavy is imported before a command needs it, so that ``herd --help`` answers at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    0 done; 1 failed; 2 wrong usage, a bad attachment or a bad plan; 3 a partial answer or none;
    130 interrupted.
    """
    from herd_graph.cli.app import run

    return run(list(sys.argv[1:] if argv is None else argv))
