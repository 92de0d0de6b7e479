"""The ``herd.toml``: whether it can be read, and whether the experts that it names are there."""

from __future__ import annotations

from collections.abc import Iterable

from herd_graph.config import Config
from herd_graph.doctor.findings import Finding
from herd_graph.errors import ConfigError
from herd_graph.settings import Settings, fill, read
from herd_graph.threads import wait


def settings(config: Config) -> Iterable[Finding]:
    """Check the file by adding its experts to a herd that is thrown away."""
    del config
    try:
        said = read()
        left_out = {} if said is None else wait(_try(said))
    except ConfigError as error:
        yield Finding(
            name="herd.toml",
            level="fail",
            detail=str(error),
            fix="Correct the file, or set HERD_CONFIG to nothing to go without.",
        )
        return
    if said is None:
        return
    count = len(said.experts) - len(left_out)
    yield Finding(name="herd.toml", level="ok", detail=f"{said.path}: {count} entries work")
    for name, reason in left_out.items():
        yield Finding(
            name="herd.toml",
            level="warn",
            detail=f"{name!r} is left out: {reason}",
            fix="See that it runs and can be reached, or take it out of the file.",
        )


async def _try(said: Settings) -> dict[str, str]:
    from herd_graph.herd import Herd

    async with Herd(checkpoints="memory") as herd:
        await fill(herd, said)
        return dict(herd.unavailable)
