"""``/v1/files``: upload, list, look at, fetch, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.serve.bodies import caller, host_of, only_query
from herd_graph.serve.errors import Refusal
from herd_graph.serve.files import PURPOSES
from herd_graph.serve.forms import upload_of
from herd_graph.serve.streams import Gone
from herd_graph.threads import in_thread

if TYPE_CHECKING:
    from herd_graph.serve.host import Host

MOST_LISTED = 10_000


def routes(host: Host) -> list[BaseRoute]:
    """Return the routes of this part."""
    del host
    return [
        Route("/v1/files", upload, methods=["POST"]),
        Route("/v1/files", every, methods=["GET"]),
        Route("/v1/files/{id}", one, methods=["GET"]),
        Route("/v1/files/{id}", delete, methods=["DELETE"]),
        Route("/v1/files/{id}/content", content, methods=["GET"]),
    ]


async def upload(request: Request) -> Response:
    """Keep a file; it is typed by its content, whatever it is called."""
    host, key = host_of(request), caller(request)
    files = host.files
    try:
        async with upload_of(request, files.folder) as given:
            purpose = given.fields.get("purpose", "")
            if purpose not in PURPOSES:
                raise Refusal(
                    400,
                    f"purpose {purpose!r:.80} is none. Expected one of {', '.join(PURPOSES)}.",
                    code="invalid_purpose",
                    param="purpose",
                )
            kept = await in_thread(
                lambda: files.keep(given.path, given.name, purpose, key), label="serve:keep"
            )
    except ClientDisconnect:
        raise Gone from None
    return JSONResponse(kept.dump())


async def every(request: Request) -> Response:
    """List files, the newest first."""
    only_query(request, "purpose", "limit", "order", "after")
    host, key = host_of(request), caller(request)
    query = request.query_params
    limit = _number(query.get("limit", "10000"))
    order = query.get("order", "desc")
    if order not in {"asc", "desc"}:
        raise Refusal(400, f"order {order!r:.40} is none. Expected 'asc' or 'desc'.", param="order")
    found, more = await in_thread(
        lambda: host.files.page(
            key,
            purpose=query.get("purpose"),
            limit=limit,
            after=query.get("after"),
            newest=order == "desc",
        ),
        label="serve:files",
    )
    listed: list[Any] = [each.dump() for each in found]
    ends = {"first_id": found[0].id if found else None, "last_id": found[-1].id if found else None}
    return JSONResponse({"object": "list", "data": listed, "has_more": more, **ends})


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 6 and 0 < int(text) <= MOST_LISTED):
        raise Refusal(
            400,
            f"limit {text!r:.40} is none. Expected 1 to {MOST_LISTED}.",
            code="invalid_value",
            param="limit",
        )
    return int(text)


async def one(request: Request) -> Response:
    """Tell about a file."""
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    kept = await in_thread(lambda: host.files.get(identity, key), label="serve:file")
    return JSONResponse(kept.dump())


async def delete(request: Request) -> Response:
    """Forget a file."""
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    await in_thread(lambda: host.files.delete(identity, key), label="serve:file")
    return JSONResponse({"id": identity, "object": "file", "deleted": True})


async def content(request: Request) -> Response:
    """Give a file's bytes: as an attachment, under a type that no browser runs."""
    only_query(request, "sig")
    host, key, identity = host_of(request), caller(request), str(request.path_params["id"])
    files, signature = host.files, request.query_params.get("sig")

    def look() -> Any:
        kept = files.get(identity, key) if signature is None else files.linked(identity, signature)
        return kept, files.path(kept)

    kept, where = await in_thread(look, label="serve:file")
    if isinstance(where, bytes):
        return Response(where, media_type=kept.served_as, headers=kept.headers)
    return FileResponse(where, media_type=kept.served_as, headers=kept.headers)


__all__ = ("routes",)
