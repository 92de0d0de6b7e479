"""``POST /v1/chat/completions``: a conversation in, an answer out, whole or as a stream."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.artifacts.base import printable
from herd_graph.herd import Herd
from herd_graph.plans import FromStep, Plan
from herd_graph.recording.events import Event
from herd_graph.runs import Run
from herd_graph.serve.asking import Asked, ask
from herd_graph.serve.bodies import caller, host_of, parsed
from herd_graph.serve.conversation import answered_mark
from herd_graph.serve.errors import refusal_of
from herd_graph.serve.host import Host, Live
from herd_graph.serve.replies import Reply, Teller, completion, has_media
from herd_graph.serve.schemas import ChatRequest
from herd_graph.serve.streams import DONE, EventStream, event, while_connected
from herd_graph.threads import in_thread

_log = logging.getLogger("herd_graph")


def routes(host: Host) -> list[BaseRoute]:
    """Return the routes of this door."""
    del host
    return [Route("/v1/chat/completions", complete, methods=["POST"])]


async def complete(request: Request) -> Response:
    """Answer a conversation."""
    host, key = host_of(request), caller(request)
    wanted = await parsed(request, ChatRequest)
    base = public_base(request, host)
    if wanted.stream:
        told = Listening()
        asked = await ask(host, wanted, key, told.put)
        finishing = asyncio.ensure_future(host.finish(asked.live))
        finishing.add_done_callback(told.end)

        async def close() -> None:
            is_heard = finishing.done()
            if not is_heard:
                asked.live.stop("gone")
                await asyncio.wait([finishing])
            # Asked for in any case: asyncio writes a traceback of what nobody has looked at.
            error = None if finishing.cancelled() else finishing.exception()
            if error is not None and not is_heard:
                _log.warning("%s", printable(str(error)).replace("\n", " "))

        return EventStream(
            stream(host, wanted, asked, finishing, told, base),
            headers={"x-herd-run": asked.live.id},
            ping_s=host.settings.ping_s,
            closing=close,
        )

    async def work() -> Response:
        asked = await ask(host, wanted, key)
        run = await host.finish(asked.live)
        reply = await told_of(host, run, asked.live, wanted, asked, base)
        headers = {"x-herd-run": run.id}
        return JSONResponse(completion(reply, wanted.model), headers=headers)

    return await while_connected(request, work)


async def told_of(
    host: Host, run: Run, live: Live, wanted: ChatRequest, asked: Asked, base: str
) -> Reply:
    """Return what is told of a run that ended, and remember which conversation it answered."""
    said = asked.conversation.request
    teller = Teller(
        files=host.files,
        base=base,
        ignored=asked.ignored,
        wants_audio="audio" in (wanted.modalities or ()),
    )
    if run.status in {"done", "abstained"} and not has_media(run):
        reply = teller.reply(run, live, asked=said.text)  # nothing is read or written
    else:
        reply = await in_thread(
            lambda: teller.reply(run, live, asked=said.text), label="serve:reply"
        )
    host.turns.remember(answered_mark(asked.conversation.mark, reply.content), run.id)
    return reply


def public_base(request: Request, host: Host) -> str:
    """Return where clients reach the server, for links."""
    return (host.settings.public_url or str(request.base_url)).rstrip("/")


class Listening:
    """The events of one run, as a stream takes them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()

    def put(self, event: Event) -> None:
        """Take an event, from whatever thread."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, event)

    def end(self, _: object = None) -> None:
        """Say that there are no more."""
        self._loop.call_soon_threadsafe(self._queue.put_nowait, None)

    async def get(self) -> Event | None:
        """Return the next event; None at the end."""
        return await self._queue.get()


async def stream(
    host: Host,
    wanted: ChatRequest,
    asked: Asked,
    finishing: asyncio.Future[Run],
    told: Listening,
    base: str,
) -> AsyncGenerator[bytes, None]:
    """Tell a run as it goes: progress as reasoning, the answer as content, then what came of it.

    The words of the one step that is the answer are passed on as they come. Where that step is
    tried again, or its words were not the answer, the whole answer follows.
    """
    live = asked.live
    writer = _Chunks(live.id, wanted.model)
    progress = _Progress(live.target.herd, quiet=wanted.herd_progress is False)
    yield writer.chunk({"role": "assistant", "content": ""})
    while (happened := await told.get()) is not None:
        words = await progress.words(happened)
        if words:
            progress.sent += words
            yield writer.chunk({"content": words})
        elif not progress.quiet:
            said = progress.line(happened)
            delta = {"reasoning_content": said} if said else {}
            if said or happened.kind == "progress":
                yield writer.chunk(delta, herd=_public(happened))
    try:
        run = await finishing
        reply = await told_of(host, run, live, wanted, asked, base)
    except Exception as error:
        yield event({**refusal_of(error).body, "herd": {"run": live.id}})
        return
    rest = progress.rest(reply.content)
    if rest:
        yield writer.chunk({"content": rest})
    delta = {} if reply.audio is None else {"audio": reply.audio}
    yield writer.chunk(delta, finish="stop", herd=reply.herd)
    if wanted.stream_options is not None and wanted.stream_options.include_usage:
        yield writer.usage(reply.usage)
    yield DONE


def _public(happened: Event) -> dict[str, Any]:
    """Return an event as clients see it: where the store keeps things is none of their business."""
    data = {name: each for name, each in happened.data.items() if name != "plan"}
    return {"event": happened.kind, "step": happened.step, "at": happened.at, "data": data}


class _Chunks:
    """Writes the chunks of one completion."""

    def __init__(self, run: str, model: str) -> None:
        self._head = {
            "id": f"chatcmpl-{run}",
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": model,
        }

    def chunk(self, delta: dict[str, Any], *, finish: str | None = None, herd: Any = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        told = {**self._head, "choices": [choice]}
        return event(told if herd is None else {**told, "herd": herd})

    def usage(self, usage: dict[str, Any]) -> bytes:
        return event({**self._head, "choices": [], "usage": usage})


class _Progress:
    """Turns events into lines, and knows which step's words are the answer."""

    def __init__(self, herd: Herd, *, quiet: bool) -> None:
        self.quiet = quiet
        self.sent = ""
        """The words of the answer that were passed on."""
        self._store = herd.store
        self._step = ""

    async def words(self, happened: Event) -> str:
        """Return the words that a step of its own streams and that are the answer."""
        if happened.kind == "planned":
            reference, store = str(happened.data.get("plan") or ""), self._store
            plan = await in_thread(lambda: Plan.parse(store.get(reference)), label="serve:plan")
            source = plan.asks[0].source if len(plan.asks) == 1 and not plan.unmet else None
            self._step = source.step if isinstance(source, FromStep) else ""
        if happened.kind == "attempt" and not happened.data.get("ok") and self.sent:
            self._step = ""  # what comes now is another try: the whole answer follows at the end
        if happened.kind == "token" and happened.step == self._step:
            return str(happened.data.get("text") or "")
        return ""

    def rest(self, content: str) -> str:
        """Return what is still to be said of the answer."""
        if content.startswith(self.sent):
            return content[len(self.sent) :]
        return "" if content == self.sent.strip() else f"\n\n{content}"

    def line(self, happened: Event) -> str:
        """Return an event in words; nothing for one that people need not see."""
        data, step = happened.data, happened.step
        if happened.kind == "planned":
            steps = data.get("steps")
            return f"Planned {steps} step{'s' if steps != 1 else ''}.\n"
        if happened.kind == "started":
            return f"{step}: {data.get('expert')} …\n"
        if happened.kind == "finished":
            seconds = data.get("seconds")
            took = f" in {seconds:.1f} s" if isinstance(seconds, int | float) else ""
            why = f" ({data.get('error')})" if data.get("error") else ""
            return f"{step}: {data.get('status')}{took}{why}\n"
        if happened.kind == "replanned":
            return f"Planned anew: {data.get('reason') or 'an expert failed'}\n"
        if happened.kind == "asked":
            return f"{step} waits for a person's approval.\n"
        if happened.kind == "progress" and data.get("message"):
            return f"{step}: {data.get('message')}\n"
        return ""


__all__ = ("complete", "public_base", "routes", "stream", "told_of")
