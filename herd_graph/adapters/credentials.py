"""Secrets by name: ``env:GITHUB_TOKEN`` is read when it is used, and stands nowhere else."""

from __future__ import annotations

import os
from collections.abc import Mapping

from herd_graph.errors import ConfigError

_PREFIX = "env:"


def secret(value: str, what: str) -> str:
    """Return a secret: what an environment variable holds for ``env:NAME``, else the value.

    Args:
        value: The secret, or where it is.
        what: What it is for, in errors. The value itself is never shown.

    Raises:
        ConfigError: The variable is not set.
    """
    if not value.startswith(_PREFIX):
        return value
    name = value.removeprefix(_PREFIX)
    found = os.environ.get(name)
    if not found:
        raise ConfigError(
            f"{what} is to be read from the environment variable {name!r}, which is not set. "
            f"Expected it to hold the secret. Run: export {name}=…"
        )
    return found


def secrets(values: Mapping[str, str] | None, what: str) -> dict[str, str]:
    """Return a mapping with each ``env:NAME`` (also ``Bearer env:NAME``) in it read."""
    made: dict[str, str] = {}
    for key, value in (values or {}).items():
        head, space, rest = value.rpartition(" ")
        made[key] = f"{head}{space}{secret(rest, f'{what} {key!r}')}"
    return made


__all__ = ("secret", "secrets")
