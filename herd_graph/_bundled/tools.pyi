# The folder tools/ at the top of the repository, which only an import at run time finds here.
from herd_graph.experts import Expert
from herd_graph.function_experts import FunctionExpert
from herd_graph.weights import Manifest

Calculate: FunctionExpert
Chat: FunctionExpert
ConvertTable: FunctionExpert
ConvertUnits: FunctionExpert
CountObjects: FunctionExpert
DescribeImage: FunctionExpert
DetectObjects: FunctionExpert
DrawChart: FunctionExpert
Finance: FunctionExpert
FindEntities: FunctionExpert
IdentifyFile: FunctionExpert
IdentifyLanguage: FunctionExpert
JudgeSentiment: FunctionExpert
QueryTable: FunctionExpert
ReadPdf: FunctionExpert
ReadText: FunctionExpert
RunPython: FunctionExpert
SampleFrames: FunctionExpert
SearchText: FunctionExpert
Speak: FunctionExpert
Summarize: FunctionExpert
Transcribe: FunctionExpert
TranscribeFast: FunctionExpert
TranscribeMusic: FunctionExpert
TranscribeVideo: FunctionExpert
Translate: FunctionExpert
WriteTitle: FunctionExpert

def first_party(*, run_python: bool | None = None) -> list[Expert]: ...
def manifest() -> Manifest: ...
def missing() -> dict[str, str]: ...
