"""A herd behind a URL: spoken to as OpenAI's chat completions, streamed, within what is left.

What happens there is told here, under the expert's name. Leaving the call closes the connection,
and the server stops its run.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urljoin

from herd_graph.adapters.credentials import secret
from herd_graph.adapters.egress import EgressRefused, http_client, is_local, origin_of
from herd_graph.adapters.herd import Teller, budget_of, outputs_of, ports, task_of
from herd_graph.adapters.http_wire import fetch, told_by
from herd_graph.adapters.loops import on_engine_loop
from herd_graph.adapters.said import Said
from herd_graph.adapters.schemas import from_bytes
from herd_graph.adapters.sources import Source
from herd_graph.adapters.strangers import clean
from herd_graph.artifacts import Artifact, Audio, Image, Text
from herd_graph.artifacts.base import printable
from herd_graph.cards import ExpertCard
from herd_graph.config import MIB
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, ExpertUnavailable, suggest
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.recording.events import Event
from herd_graph.threads import in_thread
from herd_graph.types import RunId

if TYPE_CHECKING:
    import httpx

_LIMIT = 64 * MIB
_NOT_STARTED = frozenset({429, 502, 503, 504})


class RemoteHerd(Expert):
    """A herd on a server."""

    def __init__(self, card: ExpertCard, url: str, model: str, auth: str | None) -> None:
        super().__init__(card)
        self.url = url
        self.model = model
        self.auth = auth

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Send the task, and read the answer as it comes."""
        body = await in_thread(lambda: self._body(inputs, context), label=self.card.id)
        return await on_engine_loop(self._asked(body, context))

    def _body(self, inputs: Inputs, context: ExpertContext) -> dict[str, Any]:
        request, files = task_of(inputs)
        budget = budget_of(context).model_dump(exclude_none=True)
        content: Any = [{"type": "text", "text": request}, *(_part(each) for each in files)]
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "user", "content": content if files else request}],
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        if budget:
            body["herd_budget"] = budget
        return body

    async def _asked(self, body: dict[str, Any], context: ExpertContext) -> Outputs:
        teller = Teller(self.card.name, context)
        said: list[str] = []
        ours: dict[str, Any] = {}
        async with http_client({origin_of(self.url)}, headers=headers_of(self.auth)) as client:
            try:
                async for chunk in _chunks(client, f"{self.url}/chat/completions", body):
                    self._take(chunk, said, ours, teller, context)
            except _Refused as refusal:
                raise self._failed(
                    f"{self.url} answered {refusal.status}.{refusal.told}",
                    retryable=refusal.status in _NOT_STARTED,
                ) from refusal
            except EgressRefused:
                raise
            except Exception as error:
                if isinstance(error, ExpertFailed):
                    raise
                told = printable(str(error)) or type(error).__name__
                connecting = "Connect" in type(error).__name__
                raise self._failed(
                    f"{self.url} cannot be reached or broke off ({told})", retryable=connecting
                ) from error
            files = await self._files(client, ours)
        if ours.get("status") in {"failed", "abstained", "waiting"}:
            raise self._failed("".join(said).strip() or str(ours["status"]), retryable=False)
        parts = [each.get("text") for each in ours.get("parts") or () if each.get("text")]
        whole = ours.get("status") == "done" and parts
        return outputs_of("\n\n".join(parts) if whole else "".join(said).strip(), files)

    def _take(
        self,
        chunk: dict[str, Any],
        said: list[str],
        ours: dict[str, Any],
        teller: Teller,
        context: ExpertContext,
    ) -> None:
        """Take one chunk of the stream: words, what happened, what it cost, or what went wrong."""
        if chunk.get("error"):
            error: Any = chunk["error"]
            message = error.get("message") if isinstance(error, dict) else error  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
            raise self._failed(printable(str(message)), retryable=False)  # pyright: ignore[reportUnknownArgumentType]
        for choice in chunk.get("choices") or ():
            delta: dict[str, Any] = choice.get("delta") or {}
            words: Any = delta.get("content")
            if isinstance(words, str) and words:
                said.append(words)
                context.token(words)
        herd: Any = chunk.get("herd")
        if isinstance(herd, dict):
            found = cast("dict[str, Any]", herd)
            if "event" in found:
                if found["event"] in {"planned", "progress", "finished"}:
                    teller(_event(found))
            else:
                ours.update(found)
        usage: Any = chunk.get("usage")
        if isinstance(usage, dict):
            counted = cast("dict[str, Any]", usage)
            cost: Any = counted.get("cost_usd")
            spent = float(cost) if isinstance(cost, int | float) and cost >= 0 else 0.0
            context.spend(spent, calls=counted.get("calls"))

    async def _files(self, client: httpx.AsyncClient, ours: Mapping[str, Any]) -> list[Artifact]:
        """Fetch the files that the answer names: from this server alone."""
        found: list[Artifact] = []
        listed: list[dict[str, Any]] = [
            each for part in ours.get("parts") or () for each in part.get("files") or ()
        ]
        for each in listed:
            target = urljoin(f"{self.url}/", str(each.get("url") or ""))
            if origin_of(target) != origin_of(self.url):
                continue
            answer = await fetch(
                client, "GET", target, headers={}, limit=_LIMIT, label=self.card.id
            )
            if answer.status < 300:
                mime = answer.headers.get("content-type", "")
                name = str(each.get("filename") or each.get("name") or "")
                found.append(from_bytes(answer.content, mime, name, limits=None))
        return found

    def _failed(self, what: str, *, retryable: bool) -> ExpertFailed:
        error = ExpertFailed(
            f"Herd {self.card.id!r}: {what.rstrip('.')}. Expected an answer. Check the server, and "
            "what it was asked."
        )
        error.retryable = retryable
        return error


async def remote_source(given: str, said: Said, own: Mapping[str, Any]) -> Source:
    """Return the expert for the URL of a server, ``http://host:port[/v1][#model]``.

    Raises:
        DeclarationError: It serves no such herd.
        ExpertUnavailable: It cannot be reached.
    """
    base, _, model = given.partition("#")
    base = base.rstrip("/")
    origin_of(base)
    url = base if base.endswith("/v1") else f"{base}/v1"
    auth = cast("str | None", own.get("auth"))
    served = await on_engine_loop(_models(url, auth))
    wanted = str(own.get("model") or model or "")
    herds = [each for each in served if "/" not in str(each.get("id"))]
    chosen = wanted or (str(herds[0]["id"]) if len(herds) == 1 else "herd")
    named = {str(each.get("id")): each for each in served}
    if chosen not in named:
        raise DeclarationError(
            f"{url!r} serves no {chosen!r}. {suggest(chosen, named, what='It serves')} Name one of "
            f"them: 'herd:{base}#NAME'."
        )
    about = clean(str(named[chosen].get("description") or ""))
    takes, gives = ports()
    experts = sorted(each.partition("/")[2] for each in named if each.startswith(f"{chosen}/"))
    shown = f" Its experts: {', '.join(experts[:20])}." if experts else ""
    card = said.card(
        name="herd_remote" if chosen == "herd" else chosen,
        description=about.text or f"Do a whole task with the experts of another herd.{shown}",
        tags=("herd",),
        inputs=takes,
        outputs=gives,
        locality="local" if is_local(url) else "remote",
        deterministic=False,
        streams=True,
        caution=about.caution,
    )
    return Source(name=said.reference, experts=(RemoteHerd(card, url, chosen, auth),))


async def _models(url: str, auth: str | None) -> list[dict[str, Any]]:
    async with http_client({origin_of(url)}, timeout_s=20) as client:
        try:
            answer = await fetch(
                client, "GET", f"{url}/models", headers=headers_of(auth), limit=MIB, label=url
            )
        except Exception as error:
            raise ExpertUnavailable(
                f"Herd server {url!r} cannot be reached: {printable(str(error)) or type(error).__name__}. "
                "Expected `herd serve` to run there. Check the URL."
            ) from error
    if answer.status >= 400:
        raise ExpertUnavailable(
            f"Herd server {url!r} answered {answer.status}.{told_by(answer)} Expected its list of "
            "models. Check the URL, and the key (auth='env:NAME')."
        )
    try:
        found: Any = json.loads(answer.content)
        return [each for each in found["data"] if isinstance(each, dict)]
    except (ValueError, KeyError, TypeError):
        raise ExpertUnavailable(
            f"{url!r} is no herd server: its list of models cannot be read. Check the URL."
        ) from None


def headers_of(auth: str | None) -> dict[str, str]:
    """Return the header with the key, where there is one."""
    return {"Authorization": f"Bearer {secret(auth, 'The key (auth=)')}"} if auth else {}


class _Refused(Exception):
    def __init__(self, status: int, told: str) -> None:
        self.status = status
        self.told = told
        super().__init__(told)


async def _chunks(
    client: httpx.AsyncClient, url: str, body: dict[str, Any]
) -> AsyncIterator[dict[str, Any]]:
    """Iterate over the events of a stream (``data: {…}``)."""
    async with client.stream("POST", url, json=body, timeout=None) as answer:
        if answer.status_code >= 300:
            content = (await answer.aread())[:8192]
            raise _Refused(answer.status_code, _said_by(content))
        async for line in answer.aiter_lines():
            if not line.startswith("data:"):
                continue
            text = line[5:].strip()
            if text == "[DONE]":
                return
            try:
                chunk: Any = json.loads(text)
            except ValueError:
                continue
            if isinstance(chunk, dict):
                yield cast("dict[str, Any]", chunk)
            await asyncio.sleep(0)


def _said_by(content: bytes) -> str:
    try:
        error: Any = json.loads(content)["error"]
        text = str(error["message"])
    except (ValueError, KeyError, TypeError):
        text = content.decode("utf-8", "replace")
    return f" It said: {printable(' '.join(text.split()))[:500]}"


def _event(found: dict[str, Any]) -> Event:
    data = found.get("data")
    return Event(
        kind=found["event"],
        run=RunId(""),
        step=str(found.get("step") or ""),
        data=cast("dict[str, Any]", data) if isinstance(data, dict) else {},
    )


def _part(item: Artifact) -> dict[str, Any]:
    """Return a file as a part of a chat message."""
    if isinstance(item, Text) and not item.name:
        return {"type": "text", "text": item.text}
    content = base64.b64encode(item.bytes()).decode()
    if isinstance(item, Image):
        return {"type": "image_url", "image_url": {"url": f"data:{item.mime};base64,{content}"}}
    if isinstance(item, Audio):
        form = item.mime.partition("/")[2].removeprefix("x-")
        return {"type": "input_audio", "input_audio": {"data": content, "format": form}}
    url = f"data:{item.mime};base64,{content}"
    return {"type": "file", "file": {"file_data": url, "filename": item.name or "file"}}


__all__ = ("RemoteHerd", "remote_source")
