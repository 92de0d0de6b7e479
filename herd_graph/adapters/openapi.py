"""Experts out of an OpenAPI description: each operation is one.

    herd.add("openapi:https://example.org/openapi.json", auth="env:TOKEN", only=["getPet"])
    herd.add("openapi:./petstore.yaml", server="http://127.0.0.1:8000", approve=False)

What only reads (GET, HEAD) is called as planned; anything else asks a person first, unless
``approve=False`` says otherwise. Nothing is fetched but the description that was named.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast
from urllib.parse import urljoin

from herd_graph.adapters.credentials import secrets
from herd_graph.adapters.egress import Origin, is_local, origin_of
from herd_graph.adapters.http_calls import Access, HttpExpert, Slotted
from herd_graph.adapters.openapi_document import credentials, read_document
from herd_graph.adapters.said import Said, read_options
from herd_graph.adapters.schema_refs import resolve
from herd_graph.adapters.schemas import Field, field_of, fields_of, result_field
from herd_graph.adapters.sources import Source
from herd_graph.adapters.strangers import clean, expert_name
from herd_graph.artifacts import kind_of_mime
from herd_graph.cards import Port
from herd_graph.config import parse_size
from herd_graph.errors import DeclarationError, suggest
from herd_graph.extras import need
from herd_graph.run_logs import logger
from herd_graph.types import Kind

log = logger(__name__)
OPTIONS = frozenset(
    {"prefix", "only", "without", "server", "headers", "auth", "query", "response_limit"}
)
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
_READS = frozenset({"get", "head", "options"})
_JSON = "application/json"
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def source_of(given: object, **options: Any) -> Source:
    """Read an OpenAPI description (3.0 or 3.1) and return its operations as experts.

    Args:
        given: A URL, a file (JSON or YAML), or the description as a dict.
        options: ``server`` is where the calls go, in place of what the description says;
            ``headers``, ``query`` and ``auth`` (a token, a ``(user, password)`` pair, or a dict
            with a value for each security scheme) go with each call, and may be ``env:NAME``;
            ``prefix``, ``only`` and ``without`` name and choose operations (by id, or
            ``"GET /pets"``); ``response_limit`` bounds an answer (by default 32 MiB).

    Raises:
        DeclarationError: It is no such description, or an option is not known.
    """
    label = given if isinstance(given, str) else "a description"
    said, own = read_options(f"openapi:{label}", options, OPTIONS)
    for fact in ("name", "description"):
        if fact in said.facts:
            raise DeclarationError(
                f"{fact}= was passed with {said.reference!r}, whose operations each have their own. "
                "Expected prefix='…', or only='…' operations. Leave it out."
            )
    need("httpx", "openapi")
    document, base = await read_document(given, own)
    if not str(document.get("openapi") or "").startswith("3."):
        found = document.get("swagger") or document.get("openapi")
        raise DeclarationError(
            f"{said.reference!r} is no OpenAPI 3 description (it says version {found!r}). Expected "
            "'openapi': '3.0.…' or '3.1.…'. Convert it first."
        )
    reading = _Reading(document, base, said, own)
    return Source(name=said.reference, experts=tuple(reading.experts()))


class _Reading:
    """The operations of one description."""

    def __init__(
        self, document: Mapping[str, Any], base: str, said: Said, own: Mapping[str, Any]
    ) -> None:
        self.document = document
        self.said = said
        self.prefix = str(own.get("prefix") or "")
        self.only, self.without = _names(own.get("only")), _names(own.get("without"))
        self.server = own.get("server")
        self.base = base
        self.limit = parse_size(own.get("response_limit") or "32 MiB")
        self.headers: Mapping[str, str] = own.get("headers") or {}
        self.query: Mapping[str, str] = own.get("query") or {}
        self.auth = own.get("auth")

    def experts(self) -> Iterator[HttpExpert]:
        """Return an expert for each operation that was chosen."""
        found = list(self._operations())
        known = [
            each
            for name, method, path, _, _ in found
            for each in (name, f"{method.upper()} {path}")
        ]
        for name in sorted(self.only | self.without):
            if name not in known:
                raise DeclarationError(
                    f"{self.said.reference!r} has no operation {name!r}. "
                    f"{suggest(name, known, what='It has')}"
                )
        taken: set[str] = set()
        for name, method, path, item, operation in found:
            names = {name, f"{method.upper()} {path}"}
            if (self.only and not names & self.only) or names & self.without:
                continue
            base = self._base(item, operation)
            try:
                expert = self._expert(name, method, path, base, (item, operation), taken)
            except DeclarationError as error:
                if names & self.only:
                    raise
                log.warning("%s: operation %r is left out: %s", self.said.reference, name, error)
                continue
            taken.add(expert.card.name)
            yield expert

    def _operations(self) -> Iterator[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
        paths: Any = self.document.get("paths") or {}
        for path, given in cast("Mapping[str, Any]", paths).items():
            item = resolve(given, self.document)
            for method in METHODS:
                if isinstance(item.get(method), Mapping):
                    operation = cast("dict[str, Any]", item[method])
                    name = str(operation.get("operationId") or f"{method} {path}")
                    yield name, method, path, item, operation

    def _expert(
        self,
        name: str,
        method: str,
        path: str,
        base: str,
        described: tuple[Mapping[str, Any], Mapping[str, Any]],
        taken: Collection[str],
    ) -> HttpExpert:
        item, operation = described
        title = clean(str(operation.get("summary") or ""), most=150)
        about = clean(str(operation.get("description") or ""))
        caution = about.caution or title.caution
        words = " ".join(dict.fromkeys(filter(None, (_sentence(title.text), about.text))))
        slotted = self._slotted(item, operation)
        result, mimes = self._result(operation)
        reads = method in _READS
        secured = credentials(self.document, operation, self.auth)
        notes = "It is deprecated." if operation.get("deprecated") else ""
        card = Said(
            reference=f"{self.said.reference} {name}",
            facts=self.said.facts,
            gives=self.said.gives,
        ).card(
            name=expert_name(name, taken, prefix=self.prefix),
            description=words or f"{method.upper()} {path}.",
            inputs=tuple(each.field.port for each in slotted),
            outputs=(self.said.gives[0].port if self.said.gives else result.port,),
            tags=("openapi", *(str(each) for each in operation.get("tags") or ())),
            locality="local" if is_local(base) else "remote",
            approve=not reads,
            deterministic=False,
            caution=caution,
            notes=notes,
        )
        origins: frozenset[Origin] = frozenset({origin_of(base)})
        return HttpExpert(
            card,
            method=method.upper(),
            url=base.rstrip("/") + path,
            slotted=slotted,
            result=result,
            said=self.said.gives[0] if self.said.gives else None,
            accept=", ".join(dict.fromkeys([*mimes, "*/*;q=0.1"])),
            access=Access(
                headers=lambda: secrets(self.headers, "Header") | secured("header"),
                query=lambda: secrets(self.query, "Query parameter") | secured("query"),
                cookies=lambda: secured("cookie"),
                origins=origins,
                limit=self.limit,
            ),
        )

    def _base(self, item: Mapping[str, Any], operation: Mapping[str, Any]) -> str:
        """Return where the calls go: what the user says, else the description's first server."""
        if self.server:
            origin_of(str(self.server))
            return str(self.server)
        servers: Any = (
            operation.get("servers") or item.get("servers") or self.document.get("servers") or [{}]
        )
        first = cast("Mapping[str, Any]", servers[0])
        url = str(first.get("url") or "/")
        variables: Any = first.get("variables") or {}
        for name, each in variables.items():
            url = url.replace(f"{{{name}}}", str(each.get("default", "")))
        url = urljoin(self.base, url) if self.base else url
        if not url.startswith(("http://", "https://")):
            raise DeclarationError(
                f"{self.said.reference!r} does not say where its server is ({url!r}). Expected a "
                "whole URL. Pass server='https://…'."
            )
        origin = origin_of(url)
        if (
            self.base
            and origin != origin_of(self.base)
            and is_local(url)
            and not is_local(self.base)
        ):
            raise DeclarationError(
                f"{self.said.reference!r} names a server on this machine, {url!r}. Expected one "
                f"where the description came from. If you want that, pass server={url!r}."
            )
        return url

    def _slotted(
        self, item: Mapping[str, Any], operation: Mapping[str, Any]
    ) -> tuple[Slotted, ...]:
        """Return the inputs, and where in a request each stands."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for each in [*(item.get("parameters") or ()), *(operation.get("parameters") or ())]:
            parameter = resolve(each, self.document)
            found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        made: list[Slotted] = []
        taken: set[str] = set()
        for (where, key), parameter in found.items():
            if where not in {"path", "query", "header", "cookie"}:
                continue
            if where == "header" and key.lower() in {"accept", "content-type", "authorization"}:
                continue
            schema, style = _parameter_schema(parameter)
            said = {"description": parameter["description"]} if parameter.get("description") else {}
            field = field_of(
                key,
                {**schema, **said}
                if "$ref" not in schema
                else {**resolve(schema, self.document), **said},
                self.document,
                required=bool(parameter.get("required")) or where == "path",
                taken=taken,
            )
            taken.add(field.port.name)
            explode = parameter.get("explode", where in {"query", "cookie"})
            made.append(Slotted(field=field, where=where, style=style, explode=bool(explode)))
        made.extend(self._body(operation, taken))
        return tuple(made)

    def _body(self, operation: Mapping[str, Any], taken: set[str]) -> list[Slotted]:
        if not operation.get("requestBody"):
            return []
        body = resolve(operation["requestBody"], self.document)
        content: Mapping[str, Any] = body.get("content") or {}
        if not content:
            return []
        mime = next(
            (each for each in content if _is_json(each)),
            next((each for each in (*_FORMS[::-1],) if each in content), next(iter(content))),
        )
        schema = resolve(content[mime].get("schema") or {}, self.document)
        required = bool(body.get("required"))
        if mime in _FORMS or _is_json(mime):
            try:
                fields = fields_of(schema, root=self.document, taken=taken)
            except DeclarationError:
                fields = ()
            if fields:
                return [
                    Slotted(field=each, where="body", style=mime, needs_body=required)
                    for each in fields
                ]
        said = str(body.get("description") or schema.get("description") or "")
        if not _is_json(mime):
            family = mime.partition("/")[0]
            kinds = (
                (kind_of_mime(mime),)
                if "*" not in mime and mime != "application/octet-stream"
                else ()
            )
            if "*" in mime and family in {"image", "audio", "video", "text"}:
                kinds = (Kind(family),)
            port = Port(
                name=_free("body", taken),
                kind=kinds[0] if kinds else Kind.ANY,
                required=required,
                description=clean(said, most=300).text,
            )
            return [Slotted(field=Field(key="", port=port), where="body", style=mime)]
        field = field_of(_free("body", taken), schema, self.document, required=required)
        return [Slotted(field=field, where="body", style="whole")]

    def _result(self, operation: Mapping[str, Any]) -> tuple[Field, list[str]]:
        """Return the field of the result, and the MIME types that an answer may have."""
        responses: Any = operation.get("responses") or {}
        chosen: Any = next(
            (responses[code] for code in sorted(responses) if str(code).startswith("2")),
            responses.get("default") or cast("dict[str, Any]", {}),
        )
        content: Mapping[str, Any] = resolve(chosen, self.document).get("content") or {}
        mimes = [str(each) for each in content]
        mime = next((each for each in mimes if _is_json(each)), mimes[0] if mimes else "")
        anything = (
            Kind.TEXT,
            Kind.DATA,
            *(k for k in Kind if k not in {Kind.TEXT, Kind.DATA, Kind.ANY}),
        )
        if mime and _is_json(mime):
            schema: Any = content[mime].get("schema") or {}
            return result_field(schema, self.document), mimes
        if mime and "*" not in mime and mime != "application/octet-stream":
            return Field(key="result", port=Port(name="result", kind=kind_of_mime(mime))), mimes
        family = mime.partition("/")[0]
        if family in {"image", "audio", "video", "text"}:
            return Field(key="result", port=Port(name="result", kind=Kind(family))), mimes
        port = Port(name="result", kind=anything[0], also=anything[1:])
        return Field(key="result", port=port), mimes


def _parameter_schema(parameter: Mapping[str, Any]) -> tuple[dict[str, Any], str]:
    content: Mapping[str, Any] = parameter.get("content") or {}
    if content:
        return dict(next(iter(content.values())).get("schema") or {}), "json"
    return dict(parameter.get("schema") or {}), str(parameter.get("style") or "")


def _is_json(mime: str) -> bool:
    bare = mime.partition(";")[0].strip().lower()
    return bare == _JSON or bare.endswith("+json")


def _sentence(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", "…")) else f"{text}."


def _free(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _names(given: Any) -> set[str]:
    if given is None:
        return set()
    return {given} if isinstance(given, str) else {str(each) for each in given}


__all__ = ("METHODS", "OPTIONS", "source_of")
