# The folder tools/ at the top of the repository, which only an import at run time finds here.
from herd_graph.experts import Expert, FunctionExpert
from herd_graph.weights import Manifest

Calculate: FunctionExpert
Chat: FunctionExpert
FindEntities: FunctionExpert
IdentifyFile: FunctionExpert
ReadText: FunctionExpert
Speak: FunctionExpert
Transcribe: FunctionExpert
Translate: FunctionExpert

def first_party() -> list[Expert]: ...
def manifest() -> Manifest: ...
def missing() -> dict[str, str]: ...
