"""Where an OpenAPI description comes from, and what credentials its operations ask for."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from herd_graph.adapters.credentials import secret, secrets
from herd_graph.adapters.egress import http_client, origin_of
from herd_graph.adapters.http_wire import fetch
from herd_graph.adapters.loops import on_engine_loop
from herd_graph.adapters.schema_refs import resolve
from herd_graph.config import MIB
from herd_graph.errors import ConfigError, DeclarationError
from herd_graph.threads import in_thread

_DESCRIPTION_BYTES = 32 * MIB


async def read_document(given: object, own: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    """Return the description, and the URL that it came from; empty where that is none.

    Raises:
        ConfigError: It cannot be read.
        DeclarationError: It is no description.
    """
    if isinstance(given, Mapping):
        return dict(cast("Mapping[str, Any]", given)), ""
    if not isinstance(given, str) or not given:
        raise DeclarationError(
            f"{given!r:.80} is no OpenAPI description. Expected a URL, a file, or a dict."
        )
    if given.startswith(("http://", "https://")):
        headers = secrets(own.get("headers"), "Header")
        origin = origin_of(given)

        async def get() -> bytes:
            async with http_client({origin}, timeout_s=30) as client:
                answer = await fetch(
                    client, "GET", given, headers=headers, limit=_DESCRIPTION_BYTES, label=given
                )
                if answer.status >= 400:
                    raise ConfigError(
                        f"{given!r} answered {answer.status}. Expected an OpenAPI description. Open "
                        "it in a browser; a header may be missing (headers=…)."
                    )
                return answer.content

        return _parsed(await on_engine_loop(get()), given), given
    try:
        content = await in_thread(lambda: Path(given).expanduser().read_bytes(), label="openapi")
    except OSError as error:
        raise ConfigError(
            f"{given!r} cannot be read: {error.strerror or error}. Expected a file or an "
            "http(s):// URL with an OpenAPI description. Check the path."
        ) from error
    return _parsed(content, given), ""


def _parsed(content: bytes, label: str) -> dict[str, Any]:
    try:
        value: Any = json.loads(content)
    except ValueError:
        yaml: Any = import_module("yaml")
        try:
            value = yaml.safe_load(content)
        except Exception as error:
            raise DeclarationError(
                f"{label!r} is neither JSON nor YAML: {str(error).splitlines()[0]}. Expected an "
                "OpenAPI description."
            ) from None
    if not isinstance(value, dict):
        raise DeclarationError(f"{label!r} holds no object. Expected an OpenAPI description.")
    return cast("dict[str, Any]", value)


def credentials(
    document: Mapping[str, Any], operation: Mapping[str, Any], auth: Any
) -> Callable[[str], dict[str, str]]:
    """Return what gives the credentials for a place (header, query, cookie), when a call is made.

    Args:
        document: The description, with its security schemes.
        operation: What it is asked for; its own wishes come before the document's.
        auth: A token, a user with a password, or one of these for each scheme by name.
    """
    components: Any = document.get("components") or {}
    schemes: Any = components.get("securitySchemes") or {}
    wanted: Any = operation.get("security", document.get("security"))
    names: list[str] = (
        [str(each) for each in schemes]
        if wanted is None
        else [str(name) for each in wanted for name in each]
    )
    chosen: dict[str, dict[str, Any]] = {
        name: resolve(schemes[name], document) for name in names if name in schemes
    }

    def give(place: str) -> dict[str, str]:
        made: dict[str, str] = {}
        if auth is None:
            return made
        if not schemes and not isinstance(auth, Mapping):
            return {"Authorization": _authorization({}, auth)} if place == "header" else {}
        for name, scheme in chosen.items():
            value = cast("Any", auth).get(name) if isinstance(auth, Mapping) else auth
            if value is None:
                continue
            if scheme.get("type") == "apiKey":
                if scheme.get("in") == place:
                    made[str(scheme["name"])] = secret(str(value), f"The key {name!r}")
            elif place == "header":
                made["Authorization"] = _authorization(scheme, value)
        return made

    return give


def _authorization(scheme: Mapping[str, Any], value: Any) -> str:
    if isinstance(value, tuple | list):
        pair = cast("tuple[str, str]", tuple(cast("Any", value)))
        user, password = pair[0], secret(pair[1], "The password (auth=)")
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    kind = str(scheme.get("scheme") or "bearer").lower()
    token = secret(str(value), "The token (auth=)")
    if kind == "basic":
        return "Basic " + base64.b64encode(token.encode()).decode()
    return f"Bearer {token}" if kind == "bearer" else f"{kind.capitalize()} {token}"


__all__ = ("credentials", "read_document")
