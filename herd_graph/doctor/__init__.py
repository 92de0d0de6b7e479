"""Find out what is wrong with an installation, and with an expert, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from herd_graph.config import Config
from herd_graph.doctor.findings import Finding

if TYPE_CHECKING:
    from herd_graph.herd import Herd

__all__ = ("Finding", "examine")

Check = Callable[[Config], Iterable[Finding]]


def examine(config: Config | None = None, herd: Herd | None = None) -> list[Finding]:
    """Check the installation, the models, the folders and what is stored in them.

    A check that itself goes wrong is a finding, not the end of the others.

    Args:
        config: The settings to check; by default those of ``herd.toml`` and the environment.
        herd: A herd that is at work: its breakers and its loaded models are looked at, too.
    """
    from herd_graph.doctor import configuration, installation, machine, models, stored

    config = config or (herd.config if herd is not None else _configured())
    checks: tuple[Check, ...] = (
        installation.python,
        installation.packages,
        installation.extras,
        installation.plugins,
        configuration.settings,
        models.weights,
        models.experts,
        machine.disk,
        machine.memory,
        stored.home_folder,
        stored.database,
        stored.stuck_runs,
        stored.failing_experts,
        stored.index,
    )
    found: list[Finding] = []
    for check in checks:
        found.extend(_carefully(check, config))
    if herd is not None:
        found.extend(stored.live(herd))
    return found


def _configured() -> Config:
    """Return the settings of ``herd.toml``; those of the environment where it cannot be read."""
    from herd_graph.errors import ConfigError
    from herd_graph.settings import configured

    try:
        return configured()
    except ConfigError:  # a check of its own tells
        return Config.from_environment()


def _carefully(check: Check, config: Config) -> list[Finding]:
    name = check.__name__.replace("_", " ")
    try:
        return list(check(config))
    except Exception as error:
        return [
            Finding(
                name=name,
                level="fail",
                detail=f"could not be checked: {type(error).__name__}: {error}",
            )
        ]
