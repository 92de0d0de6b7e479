"""Experts out of the OpenAPI description of a real FastAPI service on loopback."""

from __future__ import annotations

import dataclasses
import io
import json
import time
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import PIL.Image
import pytest
import yaml
from fastapi import (
    Body,
    FastAPI,
    File,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    Security,
    UploadFile,
)
from fastapi.responses import PlainTextResponse, RedirectResponse, Response, StreamingResponse
from fastapi.security import APIKeyHeader, HTTPBearer
from foreign import ask, ask_all, run_one, why_not
from pydantic import BaseModel
from web_server import served

from herd_graph import Data, Herd, Image, Text
from herd_graph.adapters.egress import origin_of
from herd_graph.adapters.openapi import source_of
from herd_graph.errors import ConfigError, DeclarationError
from herd_graph.steps import Patience
from herd_graph.types import Kind

app = FastAPI(title="A shop")
state: dict[str, Any] = {}


class Size(StrEnum):
    """How large."""

    SMALL = "small"
    LARGE = "large"


class Part(BaseModel):
    """A part of an item."""

    name: str
    parts: list[Part] = []


class Item(BaseModel):
    """A thing that is sold."""

    name: str
    price: float
    size: Size = Size.SMALL
    part: Part | None = None


@app.get("/items/{item_id}", operation_id="getItem", summary="Look an item up")
def get_item(item_id: int, verbose: bool = False) -> Item:
    if item_id > 100:
        raise HTTPException(404, f"there is no item {item_id}")
    return Item(name=f"item {item_id}", price=1.5 if verbose else 1.0)


@app.get("/search", operation_id="search")
def search(
    words: Annotated[list[str], Query()],
    size: Size | None = None,
    x_trace: Annotated[str | None, Header()] = None,
) -> list[str]:
    """Search for items."""
    return [*words, str(size and size.value), str(x_trace)]


@app.post("/items", operation_id="createItem", status_code=201)
def create(item: Item, request: Request) -> Item:
    """Create an item."""
    state["key"] = request.headers.get("idempotency-key")
    return item


@app.get(
    "/picture.png",
    operation_id="picture",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}}},
)
def picture(width: int = 2) -> Response:
    """Give a picture."""
    kept = io.BytesIO()
    PIL.Image.new("RGB", (width, 1)).save(kept, "PNG")
    return Response(kept.getvalue(), media_type="image/png")


@app.post("/upload", operation_id="upload")
async def upload(
    file: Annotated[UploadFile, File()], note: Annotated[str, Form()]
) -> dict[str, Any]:
    """Take a file."""
    content = await file.read()
    return {"size": len(content), "type": file.content_type, "name": file.filename, "note": note}


@app.post(
    "/measure",
    operation_id="measure",
    openapi_extra={
        "requestBody": {
            "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
            "required": True,
        }
    },
)
async def measure(request: Request) -> int:
    """Count the bytes of a picture."""
    state["content-type"] = request.headers["content-type"]
    return len(await request.body())


@app.post("/free", operation_id="free")
def free(values: Annotated[list[int], Body()]) -> int:
    """Add numbers."""
    return sum(values)


@app.get("/plain", operation_id="plain", response_class=PlainTextResponse)
def plain() -> str:
    """Say something."""
    return "plain words"


@app.delete("/items/{item_id}", operation_id="deleteItem", status_code=204)
def delete(item_id: int) -> None:
    """Delete an item."""
    state["deleted"] = item_id


@app.get("/busy", operation_id="busy")
def busy() -> str:
    """Be busy for the first call."""
    state["busy"] = state.get("busy", 0) + 1
    if state["busy"] == 1:
        raise HTTPException(429, "slow down", headers={"Retry-After": "0.3"})
    return "free now"


@app.get("/broken", operation_id="broken")
def broken(status: int = 500) -> str:
    """Fail."""
    state["broken"] = state.get("broken", 0) + 1
    raise HTTPException(status, "out of order\x1b[31m")


@app.post("/charge", operation_id="charge")
def charge() -> str:
    """Fail after charging."""
    state["charged"] = state.get("charged", 0) + 1
    raise HTTPException(500, "charged, and then broke")


@app.get("/much", operation_id="much", response_class=PlainTextResponse)
def much() -> StreamingResponse:
    """Give far too much."""
    return StreamingResponse((b"x" * 65536 for _ in range(100_000)), media_type="text/plain")


@app.get("/away", operation_id="away")
def away(to: str) -> RedirectResponse:
    """Send the caller elsewhere."""
    return RedirectResponse(to)


@app.get("/secret", operation_id="secret")
def secret(request: Request) -> dict[str, str | None]:
    """Tell who asks."""
    found = request.headers
    return {
        "auth": found.get("authorization"),
        "key": found.get("x-api-key"),
        "own": found.get("x-own"),
    }


@app.get(
    "/keyed",
    operation_id="keyed",
    dependencies=[Security(APIKeyHeader(name="X-Api-Key"))],
)
def keyed(request: Request) -> str:
    """Want a key."""
    return request.headers["x-api-key"]


@app.get("/borne", operation_id="borne", dependencies=[Security(HTTPBearer())])
def borne(request: Request) -> str:
    """Want a token."""
    return request.headers["authorization"]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(app) as found:
        yield found


@pytest.fixture(scope="module")
def herd(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Herd]:
    home = tmp_path_factory.mktemp("herd")
    patience = Patience(attempts=2, wait_s=0.001)
    with Herd(home=home, checkpoints="memory", patience=patience) as made:
        made.add(f"openapi:{url}/openapi.json", approve=False, response_limit="4 MiB")
        yield made


def test_each_operation_is_an_expert_with_typed_ports(herd: Herd) -> None:
    cards = {each.name: each for each in herd.snapshot().latest}

    assert cards["get_item"].signature == (
        "get_item(item_id: Data[integer], verbose: Data[boolean] = …) -> Data[Item]"
    )
    assert cards["get_item"].description == "Look an item up. A thing." or cards[
        "get_item"
    ].description.startswith("Look an item up.")
    words, size, _ = cards["search"].inputs
    assert (words.name, words.many) == ("words", True)
    assert size.choices == ("small", "large")
    assert [each.name for each in cards["create_item"].inputs] == ["name", "price", "size", "part"]
    assert cards["picture"].outputs[0].kind is Kind.IMAGE
    assert cards["get_item"].locality == "local"


def test_values_go_where_the_description_says(herd: Herd) -> None:
    found: Any = ask(herd, "get_item", item_id=3, verbose=True)
    assert isinstance(found, Data)
    assert json.loads(found.bytes()) == {
        "name": "item 3",
        "price": 1.5,
        "size": "small",
        "part": None,
    }
    listed = ask_all(herd, "search", words=["a b", "c&d=é"], size="large", x_trace="t1")
    assert [str(each) for each in listed] == ["a b", "c&d=é", "large", "t1"]
    assert str(ask(herd, "plain")) == "plain words"


def test_a_body_is_made_of_its_properties(herd: Herd) -> None:
    made = ask(herd, "create_item", name="box", price=2.5, part={"name": "lid", "parts": []})

    assert json.loads(made.bytes())["part"] == {"name": "lid", "parts": []}
    assert state["key"]  # the same for each try of this very call
    assert str(ask(herd, "free", body=[1, 2, 3])) == "6"
    assert "does not match its schema" in why_not(
        herd, "create_item", name="box", price=1.0, part={"parts": []}
    )


def test_pictures_go_both_ways(herd: Herd, tmp_path: Path) -> None:
    picture = ask(herd, "picture", width=5)
    assert isinstance(picture, Image)
    assert picture.pil().size == (5, 1)
    assert picture.name == "picture.png"

    told = json.loads(ask(herd, "upload", file=picture, note="hello").bytes())
    assert told == {
        "size": picture.size,
        "type": "image/png",
        "name": "picture.png",
        "note": "hello",
    }
    assert str(ask(herd, "measure", body=picture)) == str(picture.size)
    assert state["content-type"] == "image/png"


def test_a_refusal_says_what_the_server_said(herd: Herd) -> None:
    run = run_one(herd, "get_item", item_id=404)

    assert "answered 404. It said: there is no item 404." in "\n".join(run.answer.missing)
    assert len(run.records["s1"].attempts) == 1


def test_what_passes_is_tried_again_when_the_server_asks(herd: Herd) -> None:
    began = time.monotonic()

    assert str(ask(herd, "busy")) == "free now"
    assert time.monotonic() - began >= 0.3
    assert "\x1b" not in why_not(herd, "broken")
    assert state.pop("broken") == 2
    why_not(herd, "broken", status=418)
    assert state.pop("broken") == 1


def test_what_may_have_happened_is_not_repeated(herd: Herd) -> None:
    assert "charged, and then broke" in why_not(herd, "charge")
    assert state["charged"] == 1


def test_an_answer_that_is_too_large_is_cut_off(herd: Herd) -> None:
    assert "more than 4.2 MB" in why_not(herd, "much")


def test_redirects_reach_no_other_machine_inside(herd: Herd, url: str) -> None:
    assert str(ask(herd, "away", to=f"{url}/plain")) == "plain words"
    for target in (
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/",
        "http://[::1]:2/",
    ):
        assert "inside a network" in why_not(herd, "away", to=target)
    assert "cannot be fetched" in why_not(herd, "away", to="file:///etc/passwd")


def test_a_path_segment_stays_one(url: str, tmp_path: Path) -> None:
    description = {
        "openapi": "3.0.3",
        "servers": [{"url": url}],
        "paths": {
            "/items/{name}": {
                "get": {
                    "parameters": [
                        {
                            "name": "name",
                            "in": "path",
                            "required": True,
                            "schema": {"type": "string"},
                        }
                    ],
                    "responses": {"200": {"description": "ok"}},
                }
            }
        },
    }
    path = tmp_path / "shop.yaml"
    path.write_text(yaml.safe_dump(description))
    with Herd(home=tmp_path / "h", checkpoints="memory") as herd:
        herd.add(f"openapi:{path}")

        (name,) = (each.name for each in herd.snapshot().latest)
        assert name == "get_items_name"
        assert "another address" in why_not(herd, name, name="..")
        assert "answered 4" in why_not(herd, name, name="../plain")


def test_what_changes_something_asks_a_person(url: str, tmp_path: Path) -> None:
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(f"openapi:{url}/openapi.json", only=["deleteItem", "GET /plain"], prefix="shop_")

        assert [each.name for each in herd.snapshot().latest] == ["shop_delete_item", "shop_plain"]
        assert run_one(herd, "shop_delete_item", item_id=7).status == "waiting"
        assert "deleted" not in state
        done = run_one(herd, "shop_delete_item", approve=_yes, item_id=7)
        assert (done.answer.text, state["deleted"]) == ("done (204)", 7)


def _yes(_: object) -> bool:
    return True


def test_credentials_go_with_the_call_and_nowhere_else(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "t0ken")
    only = ["secret", "keyed", "borne", "away"]
    with Herd(home=tmp_path, checkpoints="memory") as herd:
        herd.add(
            f"openapi:{url}/openapi.json",
            only=only,
            auth="env:SHOP_TOKEN",
            headers={"X-Own": "env:SHOP_TOKEN"},
        )

        assert str(ask(herd, "keyed")) == "t0ken"
        assert str(ask(herd, "borne")) == "Bearer t0ken"
        assert json.loads(ask(herd, "secret").bytes())["own"] == "t0ken"
        assert not any("t0ken" in each.model_dump_json() for each in herd.snapshot().cards)
        with served(app) as elsewhere:
            away: Any = herd.registry.find("away")
            origins = frozenset(origin_of(each) for each in (url, elsewhere))
            away.access = dataclasses.replace(away.access, origins=origins)
            told = json.loads(ask(herd, "away", to=f"{elsewhere}/secret").bytes())
        assert told == {"auth": None, "key": None, "own": None}
        monkeypatch.delenv("SHOP_TOKEN")
        assert "'SHOP_TOKEN', which is not set" in why_not(herd, "secret")


def test_a_server_that_is_gone_is_said(tmp_path: Path) -> None:
    with (
        served(app) as url,
        Herd(home=tmp_path, checkpoints="memory", patience=Patience(attempts=1)) as herd,
    ):
        herd.add(f"openapi:{url}/openapi.json", only="plain")
        herd_kept = herd
        herd_kept.add(
            f"openapi:{url}/openapi.json",
            only="plain",
            prefix="other_",
            server="http://127.0.0.1:9",
        )

        assert "cannot be reached" in why_not(herd, "other_plain")


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"swagger": "2.0", "paths": {}}, "is no OpenAPI 3 description"),
        ({"openapi": "3.1.0", "paths": {"/x": {"get": {}}}}, "does not say where its server is"),
        (
            {"openapi": "3.1.0", "servers": [{"url": "file:///etc"}], "paths": {"/x": {"get": {}}}},
            "whole URL",
        ),
        (
            {
                "openapi": "3.1.0",
                "servers": [{"url": "http://x.test"}],
                "paths": {"/x": {"$ref": "http://evil.test/x.json"}},
            },
            "leads out of the description",
        ),
        (
            {
                "openapi": "3.1.0",
                "servers": [{"url": "http://x.test"}],
                "paths": {"/x": {"$ref": "#/components/x"}},
                "components": {"x": {"$ref": "#/components/x"}},
            },
            "in a circle",
        ),
    ],
)
def test_a_description_that_cannot_be_says_why(
    given: dict[str, Any], problem: str, tmp_path: Path
) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps(given))
    with (
        Herd(home=tmp_path / "h", checkpoints="memory") as herd,
        pytest.raises(DeclarationError, match=problem),
    ):
        herd.add(f"openapi:{path}")


def test_what_cannot_be_read_says_why(url: str, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{]")
    with Herd(home=tmp_path / "h", checkpoints="memory") as herd:
        with pytest.raises(ConfigError, match="cannot be read"):
            herd.add("openapi:no-such-file.json")
        with pytest.raises(DeclarationError, match="neither JSON nor YAML"):
            herd.add(f"openapi:{bad}")
        with pytest.raises(ConfigError, match="answered 404"):
            herd.add(f"openapi:{url}/nothing.json")
        with pytest.raises(DeclarationError, match=r"no operation 'serch'.*Did you mean 'search'"):
            herd.add(f"openapi:{url}/openapi.json", only="serch")


def test_a_dict_is_a_description_too(url: str) -> None:
    import asyncio

    source = asyncio.run(source_of(app.openapi(), server=url, only="plain"))

    assert [each.name for each in source.experts] == ["plain"]
    assert source.close is None
    assert Text("x").kind is Kind.TEXT
