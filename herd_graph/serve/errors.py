"""What goes wrong, as OpenAI's clients expect it: a status, and ``{"error": {…}}``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from herd_graph.errors import (
    ArtifactError,
    ArtifactNotFound,
    ArtifactTooLarge,
    BudgetExceeded,
    ExpertNotRegistered,
    HerdError,
    PlanError,
    RunNotFound,
    RunOwned,
)
from herd_graph.run_logs import logger

_log = logger("herd_graph.serve")
FINAL = {"x-should-retry": "false"}
"""OpenAI's clients repeat what failed with 409, 429 or 5xx, unless they are told that it is vain."""


class Refusal(Exception):
    """A request that is answered with an error.

    Args:
        status: The HTTP status.
        message: For people: what happened, what was expected, what to do.
        code: For programs, such as ``model_not_found``.
        param: The field of the request that is to blame.
        kind: OpenAI's ``type``; by the status where it is not given.
        headers: Headers besides.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.kind = kind or ("server_error" if status >= 500 else "invalid_request_error")
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """The response's JSON."""
        told = {"message": str(self), "type": self.kind, "param": self.param, "code": self.code}
        return {"error": told}


_STATUSES: tuple[tuple[type[HerdError], int, str, str | None], ...] = (
    (RunNotFound, 404, "run_not_found", None),
    (RunOwned, 409, "run_in_progress", None),
    (ExpertNotRegistered, 404, "model_not_found", "model"),
    (ArtifactNotFound, 404, "file_not_found", "messages"),
    (ArtifactTooLarge, 413, "too_large", "messages"),
    (ArtifactError, 400, "bad_attachment", "messages"),
    (PlanError, 400, "bad_plan", "messages"),
)


def refusal_of(error: Exception) -> Refusal:
    """Return the refusal that an exception is answered with; an unforeseen one is logged."""
    if isinstance(error, Refusal):
        return error
    for kind, status, code, param in _STATUSES:
        if isinstance(error, kind):
            headers = {"retry-after": "1"} if status == 409 else {}
            return Refusal(status, str(error), code=code, param=param, headers=headers)
    if isinstance(error, BudgetExceeded):
        return Refusal(429, str(error), code="insufficient_quota", kind="insufficient_quota")
    if isinstance(error, HerdError):
        return Refusal(500, str(error), code="run_failed", headers=FINAL)
    _log.error("a request broke the server", exc_info=error)
    return Refusal(
        500,
        "The server failed at this request. Expected an answer. The server's log says more.",
        code="internal_error",
        headers=FINAL,
    )


def not_allowed(message: str, param: str) -> Refusal:
    """Return the refusal of a parameter that is not supported."""
    return Refusal(400, message, code="unsupported_parameter", param=param)


__all__ = ("FINAL", "Refusal", "not_allowed", "refusal_of")
