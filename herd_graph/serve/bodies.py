"""What endpoints read of a request: who calls, and a checked body."""

from __future__ import annotations

from typing import TypeVar, cast

from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect, Request

from herd_graph.serve.errors import Refusal
from herd_graph.serve.host import Host
from herd_graph.serve.keys import NOBODY, Key
from herd_graph.serve.streams import Gone

M = TypeVar("M", bound=BaseModel)


def host_of(request: Request) -> Host:
    """Return the server's parts."""
    return cast("Host", request.app.state.host)


def caller(request: Request) -> Key:
    """Return who calls, as the guard found out."""
    return cast("dict[str, Key]", request.scope.get("state", {})).get("key", NOBODY)


async def body_of(request: Request) -> bytes:
    """Return the whole body, which the guard holds to its limit. Raises ``Gone``."""
    try:
        return await request.body()
    except ClientDisconnect:
        raise Gone from None


async def parsed(request: Request, form: type[M]) -> M:
    """Return the body as what it has to be.

    Raises:
        Refusal: It is no JSON, or not of this form; the first thing that is wrong is named.
    """
    told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if told != "application/json" and not (
        told.startswith("application/") and told.endswith("+json")
    ):
        raise Refusal(
            415,
            f"The body is {told or 'of no type'!r}. Expected JSON. Set the header Content-Type: "
            "application/json.",
            code="unsupported_media_type",
        )
    content = await body_of(request)
    try:
        return form.model_validate_json(content)
    except ValidationError as error:
        raise _wrong(error) from None


def only_query(request: Request, *names: str) -> None:
    """Refuse parameters of a query that are not known: a misspelt one would do nothing, silently."""
    unknown = [each for each in request.query_params if each not in names]
    if unknown:
        raise Refusal(
            400,
            f"There is no query parameter {unknown[0]!r:.80} here. Expected any of "
            f"{', '.join(names)}.",
            code="unknown_parameter",
            param=unknown[0][:80],
        )


def _wrong(error: ValidationError) -> Refusal:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    if first["type"] == "json_invalid":
        return Refusal(
            400,
            f"The body is not JSON: {first['msg']}. Expected one object. Check the quotes and "
            "brackets.",
            code="invalid_json",
        )
    place = ""
    for each in first["loc"]:
        place += f"[{each}]" if isinstance(each, int) else f".{each}"
    param = place.lstrip(".") or None
    more = error.error_count() - 1
    others = f" ({more} more like it)" if more else ""
    return Refusal(
        400,
        f"{param or 'The body'} is wrong: {first['msg']}{others}. Expected the form that "
        "/openapi.json describes.",
        code="invalid_value",
        param=param,
    )


__all__ = ("body_of", "caller", "host_of", "only_query", "parsed")
