"""One exchange over HTTP: redirects judged one by one, an answer read up to a limit.

A redirect takes no secret to another server, and sends nothing there. What is unpacked is counted
as it is unpacked, so that a small answer cannot become a large one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from herd_graph.adapters.egress import EgressRefused, origin_of
from herd_graph.artifacts.base import decode_text, human_size, printable
from herd_graph.errors import ExpertFailed

if TYPE_CHECKING:
    import httpx

_REDIRECTS = 5
_TOLD_CHARS = 500


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str


async def fetch(
    client: httpx.AsyncClient,
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    limit: int,
    label: str,
    query: list[tuple[str, str]] | None = None,
    **body: Any,
) -> Answer:
    """Make a request and read the answer, up to ``limit`` bytes; see the module for redirects.

    Raises:
        ExpertFailed: The answer is too large, or it redirects too often.
        EgressRefused: A redirect leads inside a network.
    """
    home, sent = origin_of(url), dict(headers)
    for _ in range(_REDIRECTS + 1):
        async with client.stream(
            method, url, headers=sent, params=cast("Any", query or None), **body
        ) as answer:
            target = answer.headers.get("location")
            if answer.status_code in {301, 302, 303, 307, 308} and target:
                url = urljoin(str(answer.url), target)
                if answer.status_code == 303 or (
                    answer.status_code in {301, 302} and method == "POST"
                ):
                    method, body = "GET", {}
                query = None
                if origin_of(url) != home:
                    if method not in {"GET", "HEAD"}:
                        raise EgressRefused(
                            f"{label!r} redirects what is sent to {origin_of(url)[1]!r}, another "
                            "server. Expected it to be taken where it was sent. Use that server's "
                            "own URL."
                        )
                    sent = {"Accept": sent.get("Accept", "*/*")}
                    client.cookies.clear()
                continue
            content = await _bounded(answer, limit, label)
            return Answer(
                status=answer.status_code,
                headers=answer.headers,
                content=content,
                url=str(answer.url),
            )
    failed = ExpertFailed(f"{label!r} redirects more than {_REDIRECTS} times. Use its last URL.")
    failed.retryable = False
    raise failed


async def _bounded(answer: httpx.Response, limit: int, label: str) -> bytes:
    """Read a body; counted once it is unpacked, so that a small zip bomb does not pass."""
    pieces: list[bytes] = []
    size = 0
    async for piece in answer.aiter_bytes(1 << 16):
        size += len(piece)
        if size > limit:
            failed = ExpertFailed(
                f"{label!r} answered with more than {human_size(limit)}. Expected less. Ask for "
                "less, or raise response_limit=…."
            )
            failed.retryable = False
            raise failed
        pieces.append(piece)
    return b"".join(pieces)


def told_by(answer: Answer) -> str:
    """Return what the server says of its refusal, in a line."""
    try:
        text = decode_text(answer.content[:8192])
    except Exception:
        return ""
    try:
        value: Any = json.loads(text)
        for key in ("detail", "message", "error", "title"):
            if isinstance(value, dict) and key in value:
                found = cast("dict[str, Any]", value)[key]
                text = found if isinstance(found, str) else json.dumps(found)
                break
    except ValueError:
        if "<html" in text.lower():
            return ""
    line = printable(" ".join(text.split()))[:_TOLD_CHARS]
    end = "" if line.endswith((".", "!", "?")) else "."
    return f" It said: {line}{end}" if line else ""


def retry_after(answer: Answer) -> float | None:
    given = answer.headers.get("retry-after", "").strip()
    if not given:
        return None
    try:
        return max(0.0, float(given))
    except ValueError:
        pass
    try:
        from datetime import UTC, datetime

        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (TypeError, ValueError):
        return None


__all__ = ("Answer", "fetch", "retry_after", "told_by")
