"""What the page asks for: runs, steps, artifacts, commands, and what happens meanwhile.

Every answer is JSON but artifacts and the event stream; every error is JSON with one sentence for
people. Commands are the prompt's, with its names.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from herd_graph.artifacts.attach import attach_bytes
from herd_graph.artifacts.base import human_size, printable
from herd_graph.debug.web.desk import Desk, Live
from herd_graph.debug.web.looks import breakpoint_json, stop_json
from herd_graph.debug.web.payloads import (
    as_json,
    content,
    content_headers,
    described,
    preview,
    thumbnail,
)
from herd_graph.debug.web.steps import event_json, step_json, swaps
from herd_graph.errors import (
    ArtifactNotFound,
    ArtifactTooLarge,
    HerdError,
    PlanMalformed,
    RunError,
    RunNotFound,
)
from herd_graph.plans import Plan
from herd_graph.run_logs import in_step, logger
from herd_graph.threads import in_thread
from herd_graph.types import JSON

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact

_log = logger(__name__)
_BODY_BYTES = 4 << 20
_UPLOAD_BYTES = 256 << 20
_RECORDING_BYTES = 2 << 30
_EVENTS = 1000
Endpoint = Callable[[Request], Awaitable[Response]]


def routes() -> list[BaseRoute]:
    """Return the routes of the page's data; ``server`` adds the page itself."""
    table: list[tuple[str, str, Endpoint]] = [
        ("GET", "/api/runs", runs),
        ("POST", "/api/runs", start),
        ("GET", "/api/stream", stream),
        ("POST", "/api/uploads", upload),
        ("POST", "/api/recordings", open_recording),
        ("GET", "/api/runs/{run}", run),
        ("GET", "/api/runs/{run}/stream", stream),
        ("GET", "/api/runs/{run}/steps/{step}", step),
        ("GET", "/api/runs/{run}/steps/{step}/experts", experts),
        ("GET", "/api/runs/{run}/events", events),
        ("GET", "/api/runs/{run}/plan", plan),
        ("GET", "/api/runs/{run}/file", save),
        ("POST", "/api/runs/{run}/do", command),
        ("POST", "/api/runs/{run}/fork", fork),
        ("POST", "/api/runs/{run}/pause", pause),
        ("POST", "/api/runs/{run}/edit", edit_bytes),
        ("GET", "/api/compare", compared),
        ("GET", "/api/artifacts/{id}", artifact),
        ("GET", "/api/artifacts/{id}/content", artifact_content),
        ("GET", "/api/artifacts/{id}/thumbnail", artifact_thumbnail),
    ]
    return [Route(path, _told(does), methods=[method]) for method, path, does in table]


def _told(endpoint: Endpoint) -> Endpoint:
    """Return an endpoint whose errors are JSON; a session stands as it stood."""

    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (RunNotFound, ArtifactNotFound) as error:
            return _json({"error": str(error)}, 404)
        except HerdError as error:
            return _json({"error": str(error), "kind": type(error).__name__}, 409)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise  # the server ends
            return _json({"error": "The call was given up."}, 409)
        except (HTTPException, ClientDisconnect):
            raise  # Starlette's own: it answers them, or nobody is there to be answered
        except Exception as error:
            with in_step(str(request.path_params.get("run", "")), ""):
                _log.exception("The debugger's page failed at %s", request.url.path)
            kind = type(error).__name__
            told = (
                f"HERD itself failed: {kind}: {printable(str(error))[:500]}. Expected an answer. The "
                "run stands as it stood; the whole error is in the terminal that serves the page."
            )
            return _json({"error": told, "kind": kind}, 500)

    return answer


def _json(value: object, status: int = 200) -> Response:
    body = as_json(value).encode("utf-8", "replace")
    return Response(body, status, media_type="application/json")


def _desk(request: Request) -> Desk:
    return cast("Desk", request.app.state.desk)


def _run(request: Request) -> str:
    return str(request.path_params["run"])


def _number(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 8 else None


async def _body(request: Request) -> Mapping[str, Any]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > _BODY_BYTES:
            raise ArtifactTooLarge(
                f"The request is larger than {human_size(_BODY_BYTES)}. Expected less. Choose the "
                "value as a file."
            )
    try:
        value: Any = json.loads(bytes(content) or b"{}")
    except (ValueError, RecursionError) as error:
        raise PlanMalformed(f"The request is not JSON: {error}. Expected an object.") from None
    if not isinstance(value, dict):
        raise PlanMalformed("The request is not an object. Expected {…}.")
    return cast("Mapping[str, Any]", value)


# Looking ------------------------------------------------------------------------------------------


async def runs(request: Request) -> Response:
    """Return the list of runs."""
    desk = _desk(request)
    return _json({"runs": await desk.listed(), "starts": desk.opens is not None})


async def run(request: Request) -> Response:
    """Return a run, as it stands or as it stood at a stop."""
    desk = _desk(request)
    look = await desk.look(_run(request), _number(request, "stop"))
    told = await in_thread(lambda: look.dump(desk.payloads), label="debug")
    if look.source == "session":
        live = desk.live(look.row.id)
        told |= {"busy": live.busy, "running": cast("JSON", dict(live.running))}
    return _json(told)


async def step(request: Request) -> Response:
    """Return one step, or one item of its list."""
    desk, name = _desk(request), str(request.path_params["step"])
    look = await desk.look(_run(request), _number(request, "stop"))
    happened = await desk.events(look, name)
    return _json(
        await in_thread(lambda: step_json(look, name, desk.payloads, happened), label="debug")
    )


async def experts(request: Request) -> Response:
    """Return the experts that could do a step instead."""
    look = await _desk(request).look(_run(request))
    name = str(request.path_params["step"])
    return _json({"experts": await in_thread(lambda: swaps(look, name), label="debug")})


async def events(request: Request) -> Response:
    """Return the last events of a run."""
    desk = _desk(request)
    happened = await desk.events(await desk.look(_run(request)), None)
    return _json(
        {"total": len(happened), "events": [event_json(each) for each in happened[-_EVENTS:]]}
    )


async def plan(request: Request) -> Response:
    """Return the plan as it is edited: JSON."""
    look = await _desk(request).look(_run(request), _number(request, "stop"))
    return _json(look.standing.plan.dump())


async def compared(request: Request) -> Response:
    """Compare two runs."""
    from herd_graph.comparing import compare

    desk = _desk(request)
    left, right = (request.query_params.get(each, "") for each in ("left", "right"))
    one, two = await desk.result(left), await desk.result(right)
    return _json((await in_thread(lambda: compare(one, two), label="debug")).dump())


async def stream(request: Request) -> Response:
    """Send what happens, as server-sent events."""
    desk, name = _desk(request), str(request.path_params.get("run", ""))
    if name:
        await desk.look(name)  # says so where there is no such run

    async def lines() -> AsyncGenerator[str]:
        async for message in desk.listen(name):
            yield f"data: {as_json(message)}\n\n" if message else ": \n\n"

    return StreamingResponse(
        lines(), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
    )


# Artifacts ----------------------------------------------------------------------------------------


async def artifact(request: Request) -> Response:
    """Return what can be shown of an artifact."""
    held = _desk(request).payloads.get(str(request.path_params["id"]))
    return _json(await in_thread(lambda: preview(held), label="preview"))


async def artifact_content(request: Request) -> Response:
    """Return an artifact's bytes, in ranges where they are asked for."""
    held = _desk(request).payloads.get(str(request.path_params["id"]))
    where = await in_thread(lambda: content(held), label="artifact")
    headers = content_headers(held.ref)
    if isinstance(where, bytes):
        return Response(where, headers=headers)
    return FileResponse(where, headers=headers, media_type=headers["content-type"])


async def artifact_thumbnail(request: Request) -> Response:
    """Return a picture as a PNG that is not too large."""
    held = _desk(request).payloads.get(str(request.path_params["id"]))
    made = await in_thread(lambda: thumbnail(held), label="thumbnail")
    kept = {k: v for k, v in content_headers(held.ref).items() if k != "content-disposition"}
    return Response(made, headers={**kept, "content-type": "image/png"})


# Opening and saving -------------------------------------------------------------------------------


async def _received(request: Request, most: int) -> Path:
    """Write a body to a file of its own."""
    desk, size = _desk(request), 0  # its folder goes away with it, and so does what is too large
    with tempfile.NamedTemporaryFile(dir=desk.folder, prefix="upload-", delete=False) as file:
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise ArtifactTooLarge(
                    f"The file is larger than {human_size(most)}. Expected less. Attach it with "
                    "herd debug -a FILE."
                )
            await in_thread(lambda: file.write(chunk), label="upload")  # noqa: B023 - awaited here
    return Path(file.name)


def _name(request: Request) -> str:
    """Return the name that a file came with; it is shown, and never opened."""
    from urllib.parse import unquote

    given = unquote(request.headers.get("x-file-name", ""))
    return given.replace("\\", "/").rpartition("/")[2][:200]


async def _attached(request: Request) -> Artifact:
    config = _desk(request).driver.engine.config
    path, name = await _received(request, _UPLOAD_BYTES), _name(request)
    try:
        return await in_thread(
            lambda: attach_bytes(path.read_bytes(), name=name, config=config), label="attach"
        )
    finally:
        path.unlink(missing_ok=True)


async def upload(request: Request) -> Response:
    """Take a file that a new request will attach."""
    desk = _desk(request)
    given = await _attached(request)
    ref = await in_thread(lambda: given.put(desk.driver.store), label="attach")
    desk.payloads.note([ref], desk.driver.store)
    return _json(described(ref))


async def start(request: Request) -> Response:
    """Begin a session: plan a request, and stop before anything is called."""
    desk, body = _desk(request), await _body(request)
    task = body.get("task")
    if not isinstance(task, str) or not task.strip():
        raise PlanMalformed("A request in words is missing. Expected what you want to know.")
    files: object = body.get("files") or []
    if not isinstance(files, list):
        raise PlanMalformed(f"'files' is {files!r:.40}. Expected a list of what was uploaded.")
    held = [desk.payloads.get(str(each)) for each in cast("list[object]", files)]
    live = await desk.start(task, [each.artifact for each in held])
    return _json({"run": live.session.run})


async def open_recording(request: Request) -> Response:
    """Open a ``*.herdrun`` file."""
    desk = _desk(request)
    path = await _received(request, _RECORDING_BYTES)
    try:
        return _json({"run": await desk.open_file(path, _name(request))})
    finally:
        path.unlink(missing_ok=True)


async def save(request: Request) -> Response:
    """Return a run as a ``*.herdrun`` file."""
    desk = _desk(request)
    made = await desk.result(_run(request))
    path = desk.folder / f"{made.id}.herdrun"
    await in_thread(lambda: made.save(path), label="recording")
    headers = {"content-disposition": f'attachment; filename="{made.id}.herdrun"'}
    return FileResponse(path, headers=headers, media_type="application/octet-stream")


# Commands -----------------------------------------------------------------------------------------


async def command(request: Request) -> Response:
    """Carry out one of the prompt's commands; answer when it has ended."""
    desk = _desk(request)
    live, body = desk.live(_run(request)), await _body(request)
    name = str(body.get("command", ""))
    does = _COMMANDS.get(name)
    shown = live
    if does is None and name != "out":
        raise RunError(f"{name!r} is no command. Expected one of {', '.join(_COMMANDS)}, out.")
    if does is None:
        await desk.out(live)
        outside = live.session.outside
        if outside is not None and outside.inside is not live.session:
            shown = desk.live(outside.run)
    elif name in {"break", "tbreak", "clear"}:  # these do not touch the run: also while it goes on
        await does(live, body)
        live.tell({"type": "breakpoints"})
    else:
        await desk.carry_out(live, name, lambda: does(live, body))
        if name == "step":
            shown = desk.enter(live) or live
    return _json(
        {
            "run": shown.session.run,
            "stop": stop_json(live.session.stop),
            "breakpoints": [breakpoint_json(each) for each in live.session.breakpoints],
        }
    )


async def _edit(live: Live, body: Mapping[str, Any]) -> object:
    from herd_graph.artifacts import Table

    value, form = body.get("value"), body.get("form")
    if form == "json" and isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise PlanMalformed(
                f'That is not JSON: {error}. Expected a value such as 3, "text", [1, 2] or {{…}}.'
            ) from None
    if form == "csv" and isinstance(value, str):
        value = Table(value.encode(), mime="text/csv")
    return await live.session.edit(_text(body, "name"), cast("Any", value))


async def _replan(live: Live, body: Mapping[str, Any]) -> object:
    return await live.session.replan(Plan.parse(_text(body, "plan")))


async def _break(live: Live, body: Mapping[str, Any]) -> object:
    return await live.session.break_(_text(body, "where"))


async def _tbreak(live: Live, body: Mapping[str, Any]) -> object:
    return await live.session.break_(_text(body, "where"), temporary=True)


async def _clear(live: Live, body: Mapping[str, Any]) -> object:
    number = body.get("number")
    return live.session.clear(number if isinstance(number, int) else None)


async def _answer(live: Live, body: Mapping[str, Any]) -> object:
    return await live.session.answer(_text(body, "step"), approved=body.get("approved") is True)


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise RunError(f"The command lacks {name!r}. Expected it as text.")
    return value


def _whole(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int):
        raise RunError(f"{name!r} is {value!r:.40}. Expected a number.")
    return value


_COMMANDS: Mapping[str, Callable[[Live, Mapping[str, Any]], Awaitable[object]]] = {
    "next": lambda live, _: live.session.next(),
    "step": lambda live, _: live.session.step(),
    "continue": lambda live, _: live.session.continue_(),
    "until": lambda live, body: live.session.until(_text(body, "step")),
    "back": lambda live, body: live.session.back(_whole(body, "count", 1)),
    "goto": lambda live, body: live.session.goto(_whole(body, "stop", 1)),
    "rerun": lambda live, body: live.session.rerun(_text(body, "step")),
    "swap": lambda live, body: live.session.swap(_text(body, "step"), _text(body, "expert")),
    "edit": _edit,
    "replan": _replan,
    "break": _break,
    "tbreak": _tbreak,
    "clear": _clear,
    "answer": _answer,
}


async def edit_bytes(request: Request) -> Response:
    """Set what an input or a step holds to a file."""
    live, name = _desk(request).live(_run(request)), request.query_params.get("name", "")
    given = await _attached(request)
    await live.do("edit", lambda: live.session.edit(name, given))
    return _json({"stop": stop_json(live.session.stop)})


async def fork(request: Request) -> Response:
    """Begin a run of its own where this one stands, or stood."""
    body = await _body(request)
    at = body.get("stop")
    live = await _desk(request).fork(_run(request), at if isinstance(at, int) else None)
    return _json({"run": live.session.run})


async def pause(request: Request) -> Response:
    """Have what goes on stop after its call; with ``now``, give the call up."""
    body = await _body(request)
    _desk(request).live(_run(request)).pause(now=body.get("now") is True)
    return _json({})


__all__ = ("routes",)
