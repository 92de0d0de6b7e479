"""``/v1/runs``: look at a run, answer its questions, go on with it, stop it. Not OpenAI's: HERD's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.serve.bodies import caller, host_of, parsed
from herd_graph.serve.chat import public_base
from herd_graph.serve.errors import Refusal
from herd_graph.serve.host import Live
from herd_graph.serve.replies import Teller, completion, questions
from herd_graph.serve.schemas import Answers
from herd_graph.serve.streams import while_connected
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from herd_graph.runs import Run
    from herd_graph.serve.host import Host
    from herd_graph.serve.keys import Key


def routes(host: Host) -> list[BaseRoute]:
    """Return the routes of this part."""
    del host
    return [
        Route("/v1/runs/{id}", look, methods=["GET"]),
        Route("/v1/runs/{id}/answers", answer, methods=["POST"]),
        Route("/v1/runs/{id}/resume", resume, methods=["POST"]),
        Route("/v1/runs/{id}/cancel", cancel, methods=["POST"]),
    ]


async def look(request: Request) -> Response:
    """Tell where a run stands, its plan, and why it went as it did."""
    host, key = host_of(request), caller(request)
    name, run = await host.find(str(request.path_params["id"]), key)

    def told() -> dict[str, Any]:
        return {
            "id": run.id,
            "object": "herd.run",
            "created_at": int(run.started),
            "herd": name,
            "task": run.task,
            "status": "running" if run.id in host.live else run.status,
            "plan": run.plan.public(),
            "steps": {
                step: record.model_dump(
                    mode="json", include={"status", "expert", "seconds", "usd", "error"}
                )
                for step, record in run.records.items()
            },
            "answer": str(run.answer),
            "why": str(run.why()) if run.plan.steps else run.plan.reason,
            "questions": questions(run),
            "usd": run.usd,
            "seconds": run.seconds,
        }

    return JSONResponse(await in_thread(told, label="serve:run"))


async def answer(request: Request) -> Response:
    """Take a person's answers and go on: the response is the completion that was waited for."""
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    given = await parsed(request, Answers)
    _, run = await host.find(identity, key)
    open_steps = {
        each["step"] for each in await in_thread(lambda: questions(run), label="serve:run")
    }
    unknown = sorted(set(given.answers) - open_steps)
    if unknown:
        waits = (
            f"It waits for {', '.join(sorted(open_steps))}" if open_steps else "It waits for none"
        )
        raise Refusal(
            409,
            f"Run {identity!r} does not wait for an answer about {unknown[0]!r:.80}. {waits}. "
            f"GET /v1/runs/{identity} tells what it asks.",
            code="not_waiting",
            param="answers",
            headers={"x-should-retry": "false"},
        )
    return await _go_on(request, host, key, identity, given.answers)


async def resume(request: Request) -> Response:
    """Go on with a run that was interrupted, or try again what failed."""
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    return await _go_on(request, host, key, identity, None)


async def _go_on(
    request: Request, host: Host, key: Key, identity: str, answers: dict[str, bool] | None
) -> Response:
    base = public_base(request, host)

    async def work() -> Response:
        live = await host.resume(identity, key=key, answers=answers)
        run = await host.finish(live)
        return JSONResponse(await _completed(host, run, live, base), headers={"x-herd-run": run.id})

    return await while_connected(request, work)


async def _completed(host: Host, run: Run, live: Live, base: str) -> dict[str, Any]:
    teller = Teller(files=host.files, base=base)
    reply = await in_thread(lambda: teller.reply(run, live, asked=run.task), label="serve:reply")
    return completion(reply, live.target.model)


async def cancel(request: Request) -> Response:
    """Stop a run; what is finished is kept, and it can be resumed."""
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    live = host.live.get(identity)
    if live is None or live.key.id != key.id:
        _, run = await host.find(identity, key)  # says so where it is somebody else's, or none
        return JSONResponse({"id": run.id, "object": "herd.run", "status": run.status})
    live.stop("asked")
    return JSONResponse({"id": live.id, "object": "herd.run", "status": "cancelling"}, 202)


__all__ = ("routes",)
