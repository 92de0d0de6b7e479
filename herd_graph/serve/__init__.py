"""Herds out: one HTTP application with the OpenAI-compatible, MCP and A2A doors.

    from herd_graph import Herd
    from herd_graph.serve import create_app

    app = create_app(Herd.default())

The extra ``serve`` brings what it needs; nothing of that is imported before it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from herd_graph.extras import need
from herd_graph.serve.settings import Settings

if TYPE_CHECKING:
    from herd_graph.serve.app import create_app


def __getattr__(name: str) -> object:
    if name == "create_app":
        for module in ("starlette", "python_multipart", "prometheus_client"):
            need(module, "serve")
        from herd_graph.serve.app import create_app

        return create_app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ("Settings", "create_app")
