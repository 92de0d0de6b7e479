"""``python -m herd_graph.cli``: the command ``herd``, where its script is not on the path."""

from __future__ import annotations

import sys

from herd_graph.cli import main

if __name__ == "__main__":
    sys.exit(main())
