"""Experts out of an MCP server: each of its tools is one.

    herd.add("mcp:https://example.org/mcp", headers={"Authorization": "Bearer env:TOKEN"})
    herd.add("mcp:python server.py --flag", prefix="files_")
    herd.add(FastMCP("in this process"))

A program is started without a shell. What a server says of its tools is data: see ``strangers``.
"""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

from herd_graph.adapters.credentials import secret, secrets
from herd_graph.adapters.egress import is_local, origin_of
from herd_graph.adapters.mcp_connection import Connection, Lost, stdio
from herd_graph.adapters.mcp_content import Gives, error_text, gives_of
from herd_graph.adapters.said import Said, read_options
from herd_graph.adapters.schemas import Field, arguments, fields_of
from herd_graph.adapters.sources import Changed, Source
from herd_graph.adapters.strangers import clean, expert_name
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import ConfigError, DeclarationError, ExpertFailed, HerdError, suggest
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.extras import need
from herd_graph.threads import in_thread
from herd_graph.types import Kind

OPTIONS = frozenset(
    [
        "prefix",
        "only",
        "without",
        "headers",
        "auth",
        "env",
        "cwd",
        "connect_timeout_s",
        "ask",
        "sampler",
    ]
)
CONNECT_TIMEOUT_S = 60.0
"""A program may have to be fetched by its launcher first (npx, uvx)."""


class ToolExpert(Expert):
    """One tool of an MCP server."""

    def __init__(
        self,
        card: ExpertCard,
        connection: Connection,
        tool: str,
        fields: tuple[Field, ...],
        gives: Gives,
        *,
        is_repeatable: bool,
    ) -> None:
        super().__init__(card)
        self.connection = connection
        self.tool = tool
        self.fields = fields
        self.gives = gives
        self.is_repeatable = is_repeatable
        self.experts = connection.answers.lent

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Call the tool. Its own errors, a server that died and a refusal are told apart."""
        given = await in_thread(lambda: arguments(self.fields, inputs), label=self.card.id)
        try:
            result, linked = await self.connection.call(self.tool, given, context)
        except Lost as error:
            raise self._failed(
                f"The connection to {self.connection.label!r} broke during the call ({error})."
                f"{self.connection.tail()}",
                "Expected an answer. The next call connects again"
                + (
                    "."
                    if self.is_repeatable
                    else "; nobody knows whether this one was served, so "
                    "it is not repeated by itself."
                ),
            ) from error
        except HerdError:
            raise
        except Exception as error:
            todo = self.connection.answers.refused(error)
            raise self._failed(
                f"{self.connection.label!r} refused the call of {self.tool!r}: {error}.",
                todo
                or "Expected arguments and a tool that it knows. Add the server again if it changed.",
                retryable=False,
            ) from error
        if result.is_error:
            said = error_text(result)
            raise self._failed(
                f"Tool {self.tool!r} of {self.connection.label!r} failed: {said}.",
                self.connection.answers.refused(RuntimeError(said))
                or "Expected a result. Check what it was given.",
            )
        return await in_thread(lambda: self.gives.read(result, linked), label=self.card.id)

    def _failed(self, what: str, todo: str, *, retryable: bool | None = None) -> ExpertFailed:
        error = ExpertFailed(f"Expert {self.card.id!r}: {what} {todo}")
        error.retryable = self.is_repeatable if retryable is None else retryable
        return error


async def source_of(given: object, **options: Any) -> Source:
    """Connect to an MCP server and return its tools as experts.

    Args:
        given: A URL, a command line, a ``FastMCP`` server, or a ``fastmcp`` client.
        options: ``prefix`` stands before each name; ``only`` and ``without`` choose tools by their
            names; ``headers`` and ``auth`` (a bearer token) go to a URL, ``env`` and ``cwd`` to a
            program; ``connect_timeout_s`` bounds the wait for it (60); ``gives`` says what every
            tool gives; ``ask`` answers what a server asks a person in the middle of a call, and
            ``sampler`` is the expert whose words it may ask for. What a card can say is said of each.

    Raises:
        ExpertUnavailable: The server cannot be reached.
        DeclarationError: An option that is not known, or a tool that is not there.
        MissingExtra: ``fastmcp`` is not installed.
    """
    label = given if isinstance(given, str) else str(getattr(given, "name", type(given).__name__))
    reference = f"mcp:{label}"
    said, own = read_options(reference, options, OPTIONS)
    for fact in ("name", "description"):
        if fact in said.facts:
            raise DeclarationError(
                f"{fact}= was passed with {reference!r}, whose tools each have their own. Expected "
                "prefix='…', or only='…' tools. Leave it out."
            )
    make, remote, stderr = _maker(given, own)
    ask, sampler = own.get("ask"), own.get("sampler")
    connection = Connection(make, _short(label), stderr, ask=ask, sampler=sampler)
    tools = _Tools(connection, said, own, remote=remote)
    try:
        experts = await tools.read(chosen=True)
    except BaseException:
        await connection.close()
        raise
    return Source(name=reference, experts=experts, follow=tools.follow, close=connection.close)


class _Tools:
    """The experts of one server, as its tools come and go."""

    def __init__(
        self, connection: Connection, said: Said, own: Mapping[str, Any], *, remote: bool
    ) -> None:
        self.connection = connection
        self.said = said
        self.prefix = str(own.get("prefix") or "")
        self.only = _names(own.get("only"))
        self.without = _names(own.get("without"))
        self.remote = remote
        sampler = own.get("sampler")
        lent = isinstance(sampler, Expert) and sampler.card.locality == "remote"
        self.leaves = remote or lent
        """Whether what a tool is given may leave this machine."""
        self.experts: tuple[ToolExpert, ...] = ()

    async def read(self, *, chosen: bool = False) -> tuple[Expert, ...]:
        """Return the experts for what the server offers now; the same ones for the same tools.

        Args:
            chosen: Insist that the tools that were named are there.
        """
        offered = await self.connection.tools()
        if chosen:
            known = [each.name for each in offered]
            for name in sorted(self.only | self.without):
                if name not in known:
                    raise DeclarationError(
                        f"{self.connection.label!r} offers no tool {name!r}. "
                        f"{suggest(name, known, what='It offers')}"
                    )
        before = {each.card.id: each for each in self.experts}
        taken: set[str] = set()
        made: list[ToolExpert] = []
        for tool in sorted(offered, key=lambda each: each.name):
            if (self.only and tool.name not in self.only) or tool.name in self.without:
                continue
            expert = self._expert(tool, taken)
            taken.add(expert.card.name)
            there = before.get(expert.card.id)
            same = there is not None and (there.card, there.tool) == (expert.card, expert.tool)
            made.append(there if same and there is not None else expert)
        self.experts = tuple(made)
        return self.experts

    def follow(self, changed: Changed) -> None:
        """Tell ``changed`` of other experts, when the server's tools become others."""
        from herd_graph.threads import engine_loop

        async def again() -> None:
            before = self.experts
            now = await self.read()
            if len(now) != len(before) or any(a is not b for a, b in zip(now, before, strict=True)):
                changed(now)

        engine_loop.start(self.connection.follow(again))

    def _expert(self, tool: Any, taken: Collection[str]) -> ToolExpert:
        hints = tool.annotations
        title = clean(tool.title or "", most=100).text
        about = clean(tool.description or "")
        reads = bool(hints and hints.read_only_hint)
        destroys = bool(hints and hints.destructive_hint) and not reads
        is_repeatable = reads or bool(hints and hints.idempotent_hint)
        caution = about.caution
        try:
            fields = tuple(self._placed(each) for each in fields_of(tool.input_schema))
        except DeclarationError as error:
            fields, caution = (), f"its inputs cannot be read ({error})"
        name = expert_name(tool.name, taken, prefix=self.prefix)
        gives = gives_of(tool.output_schema, self.said.gives[0] if self.said.gives else None)
        said = Said(reference=f"{self.said.reference} {tool.name}", facts=self.said.facts)
        card = said.card(
            name=name,
            description=about.text or title or f"Tool {tool.name} of {self.connection.label}.",
            inputs=tuple(each.port for each in fields),
            outputs=gives.ports,
            tags=("mcp",),
            locality="remote" if self.leaves or bool(hints and hints.open_world_hint) else "local",
            approve=destroys,
            deterministic=False,
            caution=caution,
        )
        return ToolExpert(
            card, self.connection, tool.name, fields, gives, is_repeatable=is_repeatable
        )

    def _placed(self, field: Field) -> Field:
        """A path means nothing to a server elsewhere: there it is text, as somebody wrote it."""
        if field.form != "path" or not self.remote:
            return field
        port = field.port.model_copy(update={"kind": Kind.TEXT, "also": (), "mime": ()})
        return Field(key=field.key, port=port)


def _maker(given: object, own: Mapping[str, Any]) -> tuple[Callable[..., Any], bool, int | None]:
    """Return what makes a client, whether its server is elsewhere, and a program's errors."""
    lib = need("fastmcp.client", "mcp")
    target: Callable[[], Any]
    remote, stderr = False, None
    mode = "auto"
    if not isinstance(given, str):
        _unused(own, {"headers", "auth", "env", "cwd"}, "an object, which is set up already")
        transport: Any = given
        if isinstance(given, lib.Client):
            client = cast("Any", given)
            transport, mode = client.transport, client.mode
        url = str(getattr(transport, "url", ""))
        target, remote = (lambda: transport), bool(url) and not is_local(url)
    elif given.startswith(("http://", "https://")):
        _unused(own, {"env", "cwd"}, "a URL")
        origin_of(given)
        transports = need("fastmcp.client.transports", "mcp")
        headers = secrets(own.get("headers"), "Header")
        auth = own.get("auth")
        token = secret(auth, "The token (auth=)") if isinstance(auth, str) else auth
        url, remote = given, not is_local(given)
        target = lambda: transports.StreamableHttpTransport(url, headers=headers, auth=token)  # noqa: E731
    else:
        _unused(own, {"headers", "auth"}, "a program")
        env = secrets(own.get("env"), "Variable") or None
        target, stderr = stdio(_argv(given), env, own.get("cwd"))

    seconds = float(own.get("connect_timeout_s") or CONNECT_TIMEOUT_S)

    def make(**handlers: Any) -> Any:
        return lib.Client(target(), init_timeout=seconds, mode=mode, **handlers)

    return make, remote, stderr


def _argv(command: str) -> list[str]:
    try:
        argv = shlex.split(command)
    except ValueError as error:
        raise DeclarationError(
            f"'mcp:{command}' cannot be read: {error}. Expected a URL or a command line: "
            "'mcp:python server.py --flag'."
        ) from None
    if not argv:
        raise DeclarationError("'mcp:' names no server. Expected a URL or a command line after it.")
    program = shutil.which(argv[0])
    if program is None and argv[0] in {"python", "python3"}:
        program = sys.executable
    if program is None:
        raise ConfigError(
            f"The program {argv[0]!r} of 'mcp:{command}' is not found. Expected a program on PATH, "
            "or the path of one. Install it, or write its whole path."
        )
    return [program, *argv[1:]]


def _unused(own: Mapping[str, Any], names: Collection[str], what: str) -> None:
    for name in sorted(names):
        if own.get(name):
            raise DeclarationError(
                f"{name}= was passed with {what}, which has no use for it. Leave it out."
            )


def _names(given: Any) -> set[str]:
    if given is None:
        return set()
    return {given} if isinstance(given, str) else {str(each) for each in given}


def _short(label: str) -> str:
    plain = label.partition("?")[0]
    return plain if len(plain) <= 80 else f"{plain[:79]}…"


__all__ = ("OPTIONS", "ToolExpert", "source_of")
