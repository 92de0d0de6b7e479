"""The whole herd: a task in words, with files; a router plans who does what.

from herd_graph._bundled.graphs.herd import graph

graph.invoke({"task": "What does the sign say in Portuguese?", "files": ["sign.png"]})
"""

from __future__ import annotations

from herd_graph import Herd

graph = Herd.default().compile()
