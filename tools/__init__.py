"""The first experts: real models that run here, without a key and without a network.

Importing this folder (as ``herd_graph._bundled.tools``) loads no model and no heavy library. An
expert whose packages are missing is registered all the same: its ``load`` says what to install.
"""

from __future__ import annotations

from herd_graph.experts import Expert

from .chat import Chat
from .entities import FindEntities
from .files import IdentifyFile
from .maths import Calculate
from .needs import manifest, missing
from .ocr import ReadText
from .speech import Speak, Transcribe
from .translation import Translate

__all__ = ("first_party", "manifest", "missing")


def first_party() -> list[Expert]:
    """Return the experts of this folder, whether or not their models are installed.

    ``missing()`` names those that cannot run here, and why.
    """
    return [
        Transcribe,
        Translate,
        ReadText,
        Calculate,
        IdentifyFile,
        FindEntities,
        Speak,
        Chat,
    ]
