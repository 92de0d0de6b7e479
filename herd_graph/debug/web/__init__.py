"""The debugger in the browser: one local page over the same sessions as the prompt.

``server`` puts it together, ``security`` decides who may ask, ``desk`` holds the runs that are open,
``looks`` and ``steps`` say what the page shows of them, ``payloads`` hands out artifacts, ``export``
writes one file that needs no server. ``static`` is the page: plain ES modules, nothing to build.
"""

from __future__ import annotations
