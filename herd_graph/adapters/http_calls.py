"""One HTTP call as an expert: a request out of artifacts, artifacts out of an answer.

The status of an answer becomes an error that says whether another try may help.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import quote

from herd_graph.adapters.egress import EgressRefused, Origin, http_client, origin_of
from herd_graph.adapters.http_wire import Answer, fetch, retry_after, told_by
from herd_graph.adapters.loops import on_engine_loop
from herd_graph.adapters.schemas import Field, from_bytes, read_result
from herd_graph.artifacts import Artifact, Text
from herd_graph.artifacts.base import decode_text, printable
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ExpertFailed, PortViolation
from herd_graph.experts import Expert, Inputs, Outputs, Payload
from herd_graph.slots import Slot
from herd_graph.threads import in_thread
from herd_graph.types import JSON, Kind

_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_SENT = frozenset({425, 429, 503})
"""Refused before anything was done: also what is not idempotent may be tried again."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True, kw_only=True)
class Slotted:
    """One input, and where in the request it stands."""

    field: Field
    where: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    style: str = ""
    """Of a parameter, as OpenAPI names it; of a body, its MIME type, or ``whole`` for JSON."""
    explode: bool = True
    needs_body: bool = False


@dataclass(frozen=True, kw_only=True)
class Access:
    """What goes with each call, read when it is made: secrets stand nowhere else."""

    headers: Callable[[], dict[str, str]]
    query: Callable[[], dict[str, str]]
    cookies: Callable[[], dict[str, str]]
    origins: frozenset[Origin]
    """Servers that the user named."""
    limit: int
    """Bytes of an answer."""


@dataclass(kw_only=True)
class _Request:
    url: str
    query: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    headers: dict[str, str] = field(default_factory=dict[str, str])
    cookies: dict[str, str] = field(default_factory=dict[str, str])
    body: dict[str, Any] = field(default_factory=dict[str, Any])


class HttpExpert(Expert):
    """One operation of an HTTP service."""

    def __init__(
        self,
        card: ExpertCard,
        *,
        method: str,
        url: str,
        slotted: tuple[Slotted, ...],
        result: Field,
        access: Access,
        accept: str = "*/*",
        said: Slot | None = None,
    ) -> None:
        super().__init__(card)
        self.method = method
        self.url = url
        self.slotted = slotted
        self.result = result
        self.access = access
        self.accept = accept
        self.said = said

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Make the request and read the answer."""
        request = await in_thread(lambda: self._request(inputs), label=self.card.id)
        if context.idempotency_key and self.method not in {"GET", "HEAD"}:
            request.headers.setdefault("Idempotency-Key", context.idempotency_key)
        answer = await on_engine_loop(self._send(request))
        if answer.status >= 300:
            raise self._refused(answer)
        made = await in_thread(lambda: self._read(answer), label=self.card.id)
        return {self.card.outputs[0].name: made}

    def _request(self, inputs: Inputs) -> _Request:
        made = _Request(url=self.url)
        for each in self.slotted:
            name = each.field.port.name
            if name not in inputs:
                continue
            given = inputs[name]
            if each.where == "body":
                _into_body(made, each, given)
                continue
            value = each.field.write(given)
            key = each.field.key
            if each.where == "path":
                text = quote(_flat(value), safe="")
                if text in {"", ".", ".."}:
                    raise PortViolation(
                        f"Input {name!r} of {self.card.id!r} is {value!r}, which would be another "
                        "address. Expected a value for one segment of the path."
                    )
                made.url = made.url.replace(f"{{{key}}}", text)
            elif each.where == "query":
                made.query.extend(_query(key, value, each))
            elif each.where == "header":
                made.headers[key] = _one_line(_flat(value), name)
            else:
                made.cookies[key] = _one_line(_flat(value), name)
        if "{" in made.url:
            raise PortViolation(f"The path {made.url!r} of {self.card.id!r} is not filled in.")
        return made

    async def _send(self, request: _Request) -> Answer:
        headers = {"Accept": self.accept, **request.headers, **self.access.headers()}
        query = [*request.query, *self.access.query().items()]
        cookies = {**request.cookies, **self.access.cookies()}
        async with http_client(self.access.origins, cookies=cookies) as client:
            try:
                return await fetch(
                    client,
                    self.method,
                    request.url,
                    headers=headers,
                    query=query,
                    limit=self.access.limit,
                    label=self.card.id,
                    **request.body,
                )
            except (ExpertFailed, EgressRefused):
                raise
            except Exception as error:  # what httpx raises: no connection, no answer, no HTTP
                told = printable(str(error)) or type(error).__name__
                failed = ExpertFailed(
                    f"Expert {self.card.id!r}: {origin_of(request.url)[1]!r} cannot be reached or "
                    f"broke off ({type(error).__name__}: {told}). Expected an answer. Check that "
                    "the server runs."
                )
                connecting = "Connect" in type(error).__name__
                failed.retryable = connecting or self.method in _SAFE
                raise failed from error

    def _refused(self, answer: Answer) -> ExpertFailed:
        told = told_by(answer)
        status = answer.status
        wait = retry_after(answer)
        hint = f" It asks to wait for {wait:g} s." if wait else ""
        todo = {
            401: "Expected credentials. Pass auth=… or headers=….",
            403: "Expected credentials that may do this. Check auth=….",
            404: "Expected something that is there. Check what it was asked for.",
            429: "Expected fewer calls. Make them later.",
        }.get(status, "Expected a success. Check what it was given.")
        failed = ExpertFailed(
            f"Expert {self.card.id!r}: {self.method} {self.url} answered {status}."
            f"{told}{hint} {todo}"
        )
        may_repeat = self.method in _SAFE or status in _NOT_SENT
        failed.retryable = status in _RETRY and may_repeat
        failed.about_input = status in {400, 404, 406, 409, 410, 413, 415, 422}
        if wait is not None:
            failed.retry_after_s = wait  # the step runner decides how long is too long
        return failed

    def _read(self, answer: Answer) -> Payload:
        mime = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_json = mime == "application/json" or mime.endswith("+json")
        if self.said is not None:
            return _as_said(answer, mime, self.said, is_json=is_json)
        port = self.result.port
        if not answer.content:
            if Kind.TEXT in port.kinds or Kind.ANY in port.kinds:
                return Text(f"done ({answer.status})")
            if port.kind is Kind.DATA and not port.json_schema:
                return read_result(None, self.result)
            raise PortViolation(
                f"{self.url} answered {answer.status} with nothing. Expected {port.type_name}."
            )
        if is_json and (Kind.DATA in port.kinds or Kind.TEXT in port.kinds or port.many):
            return read_result(_parsed(answer), self.result)
        return from_bytes(answer.content, mime, _file_name(answer), limits=None)


def _into_body(made: _Request, each: Slotted, given: Payload) -> None:
    key, style = each.field.key, each.style
    if style == "whole":
        made.body["json"] = each.field.write(given)
    elif not key:
        if isinstance(given, list):
            raise PortViolation("The body is a list of files. Expected one.")
        made.body["content"] = given.bytes()
        made.headers["Content-Type"] = given.mime if "*" in style or "octet" in style else style
    elif style == "multipart/form-data":
        for item in given if isinstance(given, list) else [given]:
            made.body.setdefault("files", []).append((key, _part(each.field, item)))
    elif style == "application/x-www-form-urlencoded":
        value = each.field.write(given)
        made.body.setdefault("data", {})[key] = (
            [_flat(one) for one in value] if isinstance(value, list) else _flat(value)
        )
    else:
        made.body.setdefault("json", {})[key] = each.field.write(given)


def _part(field: Field, item: Artifact) -> tuple[str | None, bytes, str]:
    if field.form in {"bytes", "base64"}:
        name = item.name.rpartition("/")[2] or f"file{_ending(item.mime)}"
        return _one_line(name, field.key), item.bytes(), item.mime
    value = field.write_one(item)
    if isinstance(value, dict | list):
        return None, json.dumps(value).encode(), "application/json"
    return None, _flat(value).encode(), "text/plain"


def _ending(mime: str) -> str:
    import mimetypes

    return mimetypes.guess_extension(mime) or ""


def _query(key: str, value: JSON, each: Slotted) -> list[tuple[str, str]]:
    if each.style == "json":
        return [(key, json.dumps(value))]
    if isinstance(value, list):
        if each.explode:
            return [(key, _flat(one)) for one in value]
        joint = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(each.style, ",")
        return [(key, joint.join(_flat(one) for one in value))]
    if isinstance(value, dict):
        if each.style == "deepObject":
            return [(f"{key}[{name}]", _flat(one)) for name, one in value.items()]
        if each.explode:
            return [(name, _flat(one)) for name, one in value.items()]
    return [(key, _flat(value))]


def _flat(value: JSON) -> str:
    """Write a value as it stands in a URL, a header or a form."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return ""
    if isinstance(value, list):
        return ",".join(_flat(each) for each in value)
    if isinstance(value, dict):
        return ",".join(f"{name},{_flat(each)}" for name, each in value.items())
    return str(value)


def _one_line(text: str, name: str) -> str:
    if any(char in text for char in "\r\n\0"):
        raise PortViolation(
            f"The value of {name!r} has several lines, and stands in a header. Expected one line."
        )
    return text


def _parsed(answer: Answer) -> JSON:
    try:
        return cast("JSON", json.loads(answer.content))
    except (ValueError, RecursionError) as error:
        raise PortViolation(
            f"{answer.url} says that it answers in JSON, and does not ({error}). Tell who runs it."
        ) from None


def _as_said(answer: Answer, mime: str, slot: Slot, *, is_json: bool) -> Payload:
    port = slot.port
    if is_json and (port.kind is Kind.DATA or port.many):
        return slot.encode(_parsed(answer))
    if port.kind is Kind.TEXT and not port.also:
        return Text(decode_text(answer.content, answer.url))
    found = from_bytes(answer.content, mime, _file_name(answer), limits=None)
    return [found] if port.many else found


def _file_name(answer: Answer) -> str:
    path = answer.url.partition("?")[0].rstrip("/")
    name = path.rpartition("/")[2]
    return name if "." in name else ""


__all__ = ("Access", "HttpExpert", "Slotted")
