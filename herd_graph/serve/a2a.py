"""The A2A door: a card at ``/.well-known/agent-card.json``, tasks at ``/a2a`` (JSON-RPC, streams).

Without a skill a message is a task for the whole herd; with ``metadata: {"skill": NAME}`` it is for
one expert. A context is a thread: later tasks may refer to what earlier ones made. What an expert
with side effects would do is asked by the state *input required*: ``yes`` lets it, anything else
does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from herd_graph.extras import need

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from herd_graph.cards import ExpertCard, Port
    from herd_graph.serve.host import Host

RPC_PATH = "/a2a"
CARD_PATH = "/.well-known/agent-card.json"
_ANY = "*/*"
_MODES: dict[str, str] = {
    "text": "text/plain",
    "image": "image/*",
    "audio": "audio/*",
    "video": "video/*",
    "table": "text/csv",
    "document": "application/pdf",
    "data": "application/json",
    "any": _ANY,
}
"""MIME types of ports that name none themselves."""


def routes(host: Host) -> list[BaseRoute]:
    """Return the door's routes. Raises ``MissingExtra``."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    need("a2a.server.routes", "a2a")
    tasks: Any = need("herd_graph.serve.a2a_tasks", "a2a")

    async def card(request: Request) -> Response:
        base = str(request.base_url).rstrip("/")
        return JSONResponse(card_of(host, f"{base}{RPC_PATH}"))

    return [
        Route(CARD_PATH, endpoint=card, methods=["GET"]),
        *tasks.rpc_routes(host, RPC_PATH, described(host, RPC_PATH)),
    ]


def card_of(host: Host, url: str) -> dict[str, Any]:
    """Return the agent card as JSON: the herd itself, and a skill for each expert."""
    return need("a2a.server.request_handlers.response_helpers", "a2a").agent_card_to_dict(
        described(host, url)
    )


def described(host: Host, url: str) -> Any:
    """Return the agent card as A2A's SDK has it."""
    import herd_graph

    types: Any = need("a2a.types", "a2a")
    cards = host.herd.snapshot().latest
    secured: dict[str, Any] = {}
    if host.need_key:
        bearer = types.HTTPAuthSecurityScheme(scheme="bearer")
        needs = types.SecurityRequirement(schemes={"key": types.StringList(list=[])})
        secured = {
            "security_schemes": {"key": types.SecurityScheme(http_auth_security_scheme=bearer)},
            "security_requirements": [needs],
        }
    return types.AgentCard(
        name="herd",
        description="A herd of expert models: a task over text, pictures, recordings, tables or "
        "documents is planned, worked on and answered, each part with where it comes from.",
        version=herd_graph.__version__,
        supported_interfaces=[
            types.AgentInterface(url=url, protocol_binding="JSONRPC", protocol_version="1.0")
        ],
        capabilities=types.AgentCapabilities(streaming=True, push_notifications=False),
        default_input_modes=_default_modes(p for c in cards for p in c.inputs),
        default_output_modes=_default_modes(p for c in cards for p in c.outputs),
        skills=[skill_of(each, types) for each in cards],
        **secured,
    )


def skill_of(card: ExpertCard, types: Any) -> Any:
    """Return an expert as a skill."""
    caution = f" ({card.caution})" if card.caution else ""
    return types.AgentSkill(
        id=card.name,
        name=card.name.replace("_", " "),
        description=f"{card.description.strip()}{caution}",
        tags=list(card.tags) or [card.name],
        examples=list(card.examples),
        input_modes=modes(card.inputs),
        output_modes=modes(card.outputs),
    )


def _default_modes(ports: Iterable[Port]) -> list[str]:
    """Return the MIME types of all experts; words are taken and given in any case."""
    return list(dict.fromkeys(["text/plain", *modes(list(ports))]))


def modes(ports: Sequence[Port]) -> list[str]:
    """Return the MIME types that ports take or give."""
    found: dict[str, None] = {}
    for port in ports:
        named = port.mime or tuple(_MODES[kind.value] for kind in port.kinds)
        found.update(dict.fromkeys(named))
    return list(found)


def skill_named(metadata: Mapping[str, Any]) -> str:
    """Return the skill that a message or its request asks for; nothing for the whole herd."""
    for key in ("skill", "skillId", "skill_id"):
        if metadata.get(key):
            return str(metadata[key])
    return ""


__all__ = ("CARD_PATH", "RPC_PATH", "card_of", "described", "modes", "routes", "skill_named")
