"""The translation engine breaks when the thread that imported it has ended."""

from __future__ import annotations

import subprocess
import sys

LOADED_IN_A_THREAD_THAT_ENDS = """
import threading
from importlib import import_module

from herd_graph import Text

tool = import_module("herd_graph._bundled.tools.translation").Translate.factory()

def in_a_thread(work):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

in_a_thread(tool.load)
for _ in range(3):
    in_a_thread(lambda: tool(Text("Where is the library?"), "pt"))
    in_a_thread(lambda: tool(Text("Onde fica a biblioteca e a cozinha?"), "en"))
print("alive")
"""


def test_a_model_that_was_loaded_in_another_thread_translates() -> None:
    for _ in range(3):  # without its own thread, most processes died
        done = subprocess.run(
            [sys.executable, "-c", LOADED_IN_A_THREAD_THAT_ENDS],
            capture_output=True,
            text=True,
            check=False,
        )

        assert (done.returncode, done.stdout) == (0, "alive\n")
