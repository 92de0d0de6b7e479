"""The first experts: real models that run here, without a key and without a network.

Importing this folder (as ``herd_graph._bundled.tools``) loads no model and no heavy library. An
expert whose packages are missing is registered all the same: its ``load`` says what to install.
"""

from __future__ import annotations

from herd_graph.experts import Expert
from herd_graph.function_experts import FunctionExpert

from .charts import DrawChart
from .chat import Chat
from .converting import ConvertTable
from .describing import DescribeImage
from .detection import CountObjects, DetectObjects
from .dictation import TranscribeFast
from .entities import FindEntities
from .files import IdentifyFile
from .finance import Finance
from .identifying import IdentifyLanguage
from .maths import Calculate
from .moods import JudgeSentiment
from .music import TranscribeMusic
from .needs import manifest, missing
from .ocr import ReadText
from .pdf import ReadPdf
from .python_code import RunPython, is_enabled
from .querying import QueryTable
from .searching import SearchText
from .speech import Speak, Transcribe
from .summaries import Summarize
from .titling import WriteTitle
from .translation import Translate
from .units import ConvertUnits
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
    IdentifyLanguage,
    JudgeSentiment,
    Summarize,
    WriteTitle,
    ConvertTable,
    QueryTable,
    SearchText,
    ReadPdf,
    Finance,
    DrawChart,
    ConvertUnits,
)

_CHEAP = frozenset(
    {
        "calculate", "convert_table", "convert_units", "finance", "find_entities", "identify_file",
        "identify_language", "query_table", "sentiment", "summarize",
    }
)  # fmt: skip
"""A second call of these costs next to nothing: the coordinator may make one, and compare. The others
are called again where their result is in doubt."""


def first_party(*, run_python: bool | None = None) -> list[Expert]:
    """Return the experts of this folder, whether or not their models are installed.

    Each call makes new ones: two herds in one process never share a model, so that neither closes
    what the other is using. ``missing()`` names those that cannot run here, and why.

    Args:
        run_python: Whether ``run_python`` is among them, which runs code that it is given. By
            default only where ``HERD_ENABLE_RUN_PYTHON=1`` asks for it.
    """
    wanted = is_enabled() if run_python is None else run_python
    return [
        FunctionExpert(
            each.card,
            each.signature,
            each.target,
            each.factory,
            each.checks or (("again",) if each.name in _CHEAP else ("in doubt",)),
        )
        for each in (*_DECLARED, *((RunPython,) if wanted else ()))
    ]
