"""``/v1/models``: herds, and each expert of theirs, as models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.serve.bodies import host_of

if TYPE_CHECKING:
    from herd_graph.cards import ExpertCard
    from herd_graph.serve.host import Host


def routes(host: Host) -> list[BaseRoute]:
    """Return the routes of this part."""
    del host
    return [
        Route("/v1/models", every, methods=["GET"]),
        Route("/v1/models/{model:path}", one, methods=["GET"]),
    ]


async def every(request: Request) -> Response:
    """List what a request may name as its model."""
    host = host_of(request)
    listed: list[dict[str, Any]] = []
    for name, herd in host.herds.items():
        cards = herd.snapshot().latest
        listed.append(_herd(name, len(cards)))
        listed += [_expert(name, card) for card in cards]
    listed += [{**_herd(alias, 0), "herd": {"is": name}} for alias, name in _aliases(host)]
    return JSONResponse({"object": "list", "data": listed})


async def one(request: Request) -> Response:
    """Return one of them."""
    host = host_of(request)
    target = host.target(str(request.path_params["model"]))
    if target.card is not None:
        return JSONResponse({**_expert(target.herd_name, target.card), "id": target.model})
    return JSONResponse({**_herd(target.herd_name, len(target.herd.registry)), "id": target.model})


def _aliases(host: Host) -> list[tuple[str, str]]:
    return sorted(host.settings.models.items())


def _herd(name: str, experts: int) -> dict[str, Any]:
    about = {"kind": "herd", "experts": experts}
    return {"id": name, "object": "model", "created": 0, "owned_by": "herd", "herd": about}


def _expert(name: str, card: ExpertCard) -> dict[str, Any]:
    return {
        "id": f"{name}/{card.name}",
        "object": "model",
        "created": 0,
        "owned_by": name,
        "herd": {
            "kind": "expert",
            "version": card.version,
            "description": card.description,
            "signature": card.signature,
            "inputs": [port.model_dump(mode="json", exclude_defaults=True) for port in card.inputs],
            "outputs": [
                port.model_dump(mode="json", exclude_defaults=True) for port in card.outputs
            ],
            "locality": card.locality,
            "licence": card.licence,
            "cost_usd": card.cost_usd,
            "latency_s": card.latency_s,
            "approve": card.approve,
        },
    }


__all__ = ("routes",)
