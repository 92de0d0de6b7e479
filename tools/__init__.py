"""The first experts: real models that run here, without a key and without a network.

Importing this folder (as ``herd_graph._bundled.tools``) loads no model and no heavy library. An
expert whose packages are missing is registered all the same: its ``load`` says what to install.
"""

from __future__ import annotations

from herd_graph.experts import Expert, FunctionExpert

from .chat import Chat
from .describing import DescribeImage
from .detection import CountObjects, DetectObjects
from .dictation import TranscribeFast
from .entities import FindEntities
from .files import IdentifyFile
from .maths import Calculate
from .music import TranscribeMusic
from .needs import manifest, missing
from .ocr import ReadText
from .speech import Speak, Transcribe
from .translation import Translate
from .video import SampleFrames, TranscribeVideo

__all__ = ("first_party", "manifest", "missing")


_DECLARED = (
    Transcribe,
    Translate,
    ReadText,
    Calculate,
    IdentifyFile,
    FindEntities,
    Speak,
    Chat,
    TranscribeFast,
    TranscribeVideo,
    SampleFrames,
    DetectObjects,
    CountObjects,
    DescribeImage,
    TranscribeMusic,
)


def first_party() -> list[Expert]:
    """Return the experts of this folder, whether or not their models are installed.

    Each call makes new ones: two herds in one process never share a model, so that neither closes
    what the other is using. ``missing()`` names those that cannot run here, and why.
    """
    return [
        FunctionExpert(each.card, each.signature, each.target, each.factory) for each in _DECLARED
    ]
