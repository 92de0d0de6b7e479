"""Experts out of an A2A agent: each skill on its card is one.

    herd.add("a2a:https://agents.example.org", auth="env:AGENT_KEY", only=["translate"])

An agent is sent one message with the text and the files, and the name of the skill in its metadata
(``{"skill": id}``). It is waited for by its stream, or by asking again where it has none. An agent
that wants to know more fails with its question; leaving the call cancels its task.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, cast
from urllib.parse import urlsplit

from herd_graph.adapters.a2a_task import Agent, Ended
from herd_graph.adapters.credentials import secret, secrets
from herd_graph.adapters.egress import http_client, is_local, origin_of
from herd_graph.adapters.loops import on_engine_loop
from herd_graph.adapters.results import ANYTHING, result_ports, sorted_results
from herd_graph.adapters.said import Said, read_options
from herd_graph.adapters.sources import Source
from herd_graph.adapters.strangers import clean, expert_name
from herd_graph.artifacts import Artifact, Text, kind_of_mime
from herd_graph.artifacts.base import printable
from herd_graph.cards import ExpertCard, Port
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, ExpertUnavailable, suggest
from herd_graph.experts import Expert, Inputs, Outputs
from herd_graph.extras import need
from herd_graph.threads import in_thread
from herd_graph.types import Kind

OPTIONS = frozenset({"prefix", "only", "without", "headers", "auth"})
_DONE = "TASK_STATE_COMPLETED"
_WANTS_MORE = frozenset({"TASK_STATE_INPUT_REQUIRED", "TASK_STATE_AUTH_REQUIRED"})


class SkillExpert(Expert):
    """One skill of an agent."""

    def __init__(self, card: ExpertCard, agent: Agent, skill: str, modes: tuple[str, ...]) -> None:
        super().__init__(card)
        self.agent = agent
        self.skill = skill
        self.modes = modes

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Send the message and wait for the task to end."""
        given = [item for name in ("message", "files") for item in _listed(inputs.get(name))]
        parts = await in_thread(lambda: self.agent.parts(given), label=self.card.id)
        ended = await on_engine_loop(
            self.agent.ask(self.skill, parts, self.modes, context, self.card.id)
        )
        if ended.state and ended.state != _DONE:
            raise self._failed(ended)
        if not ended.found:
            return {self.card.outputs[0].name: Text(ended.said or "done")}
        outputs = sorted_results(ended.found, self.card.outputs[0].kinds)
        if len(self.card.outputs) == 1:
            outputs = {self.card.outputs[0].name: outputs["result"]}
        return outputs

    def _failed(self, ended: Ended) -> ExpertFailed:
        said = printable(ended.said)[:1000] or "it gave no reason"
        state = ended.state.removeprefix("TASK_STATE_").lower().replace("_", " ")
        if ended.state in _WANTS_MORE:
            what = f"the agent wants to know more ({state}): {said}"
            todo = "Expected an answer to one message. Say it in the message"
        else:
            what = f"the agent's task ended as {state}: {said}"
            todo = "Expected a result. Check what it was given"
        error = ExpertFailed(f"Expert {self.card.id!r}: {what}. {todo}.")
        error.retryable = False  # it was served; nobody knows what a repetition would do
        return error


async def source_of(given: object, **options: Any) -> Source:
    """Read an agent's card and return its skills as experts.

    Args:
        given: The agent's URL, or that of its card.
        options: ``prefix``, ``only`` and ``without`` name and choose skills by their ids; ``headers``
            and ``auth`` (a bearer token) go with each call and may be ``env:NAME``. What a card can
            say is said of each.

    Raises:
        ExpertUnavailable: There is no card.
        DeclarationError: An option is not known, or a skill is not there.
        MissingExtra: ``a2a-sdk`` is not installed.
    """
    if not isinstance(given, str):
        raise DeclarationError(f"{given!r:.80} is no agent. Expected 'a2a:https://host'.")
    reference = f"a2a:{given}"
    said, own = read_options(reference, options, OPTIONS)
    for fact in ("name", "description"):
        if fact in said.facts:
            raise DeclarationError(
                f"{fact}= was passed with {reference!r}, whose skills each have their own. Expected "
                "prefix='…', or only='…' skills. Leave it out."
            )
    need("a2a.client", "a2a")
    card = await on_engine_loop(_card(given, own))
    home = origin_of(given)
    target = _target(card, reference)
    trusted = origin_of(target) == home
    agent = Agent(
        card,
        # A card may name another server; what is meant for this one is not sent there.
        headers=(lambda: _headers(own)) if trusted else dict[str, str],
        origin=home,
        label=printable(str(card.name)) or given,
    )
    experts = _experts(card, agent, said, own, remote=not is_local(target))
    return Source(name=reference, experts=tuple(experts))


def _experts(
    card: Any, agent: Agent, said: Said, own: Mapping[str, Any], *, remote: bool
) -> list[SkillExpert]:
    only, without = _names(own.get("only")), _names(own.get("without"))
    known = [str(each.id) for each in card.skills]
    for name in sorted(only | without):
        if name not in known:
            raise DeclarationError(
                f"{said.reference!r} has no skill {name!r}. {suggest(name, known, what='It has')}"
            )
    made: list[SkillExpert] = []
    for skill in card.skills:
        if (only and skill.id not in only) or skill.id in without:
            continue
        taken = {each.card.name for each in made}
        made.append(_expert(card, skill, agent, said, own, taken, remote=remote))
    if not card.skills:
        made.append(_expert(card, None, agent, said, own, set(), remote=remote))
    return made


def _expert(
    card: Any,
    skill: Any,
    agent: Agent,
    said: Said,
    own: Mapping[str, Any],
    taken: Collection[str],
    *,
    remote: bool,
) -> SkillExpert:
    """Return the expert for a skill; for the agent as a whole where it names none."""
    about = clean(str((skill or card).description))
    title = clean(str((skill or card).name), most=100)
    takes = tuple(skill.input_modes if skill else ()) or tuple(card.default_input_modes)
    gives = tuple(skill.output_modes if skill else ()) or tuple(card.default_output_modes)
    identity = str(skill.id if skill else card.name)
    outputs = (said.gives and (said.gives[0].port,)) or result_ports(_kinds(gives) or ANYTHING)
    examples = (clean(str(each), most=150) for each in (skill.examples if skill else ()))
    tags = (clean(str(each), most=40).text for each in (skill.tags if skill else ()))
    expert_card = Said(reference=f"{said.reference} {identity}", facts=said.facts).card(
        name=expert_name(identity, taken, prefix=str(own.get("prefix") or "")),
        description=about.text or title.text or f"A skill of {agent.label}.",
        tags=tuple(dict.fromkeys(["a2a", *filter(None, tags)]))[:20],
        examples=tuple(each.text for each in examples if each.text and not each.caution)[:12],
        inputs=_inputs(takes),
        outputs=outputs,
        locality="remote" if remote else "local",
        deterministic=False,
        streams=bool(card.capabilities.streaming),
        caution=about.caution or title.caution,
    )
    return SkillExpert(expert_card, agent, str(skill.id) if skill else "", gives)


def _inputs(modes: Collection[str]) -> tuple[Port, ...]:
    kinds = _kinds(modes)
    takes_text = not kinds or Kind.TEXT in kinds
    files = tuple(kind for kind in kinds if kind is not Kind.TEXT)
    ports: list[Port] = []
    if takes_text:
        ports.append(Port(name="message", kind=Kind.TEXT, description="What is wanted, in words."))
    if files:
        ports.append(
            Port(
                name="files",
                kind=files[0],
                also=files[1:],
                many=True,
                required=not takes_text,
                description="What the message is about.",
            )
        )
    return tuple(ports)


def _kinds(modes: Collection[str]) -> tuple[Kind, ...]:
    """Return the kinds of MIME types; ``image/*`` and ``image`` are pictures too."""
    found: list[Kind] = []
    for mode in modes:
        mime = mode.partition(";")[0].strip().lower()
        if mime in {"*/*", "*", "application/octet-stream", "file"}:
            found.extend(ANYTHING)
            continue
        family = mime.partition("/")[0]
        if mime.endswith("/*") or "/" not in mime:
            found.extend([Kind(family)] if family in {k.value for k in ANYTHING} else [])
            continue
        found.append(kind_of_mime(mime))
    return tuple(dict.fromkeys(found))


async def _card(url: str, own: Mapping[str, Any]) -> Any:
    lib = need("a2a.client", "a2a")
    origin = origin_of(url)
    parts = urlsplit(url)
    path = parts.path if parts.path.endswith(".json") else None
    base = f"{parts.scheme}://{parts.netloc}" if path else url.rstrip("/")
    async with http_client({origin}, timeout_s=30, headers=_headers(own)) as client:
        try:
            return await lib.A2ACardResolver(client, base).get_agent_card(relative_card_path=path)
        except Exception as error:
            told = printable(str(error)) or type(error).__name__
            raise ExpertUnavailable(
                f"The agent at {url!r} shows no card: {told[:500]}. Expected one at "
                "/.well-known/agent-card.json. Check the URL, and whether it wants credentials "
                "(auth='env:NAME')."
            ) from error


def _target(card: Any, reference: str) -> str:
    """Return where the agent's calls go."""
    for each in card.supported_interfaces:
        if each.protocol_binding in {"JSONRPC", "HTTP+JSON"}:
            return str(each.url)
    spoken = ", ".join(str(each.protocol_binding) for each in card.supported_interfaces) or "none"
    raise DeclarationError(
        f"{reference!r} speaks {spoken}. Expected JSONRPC or HTTP+JSON. Use another of its addresses."
    )


def _headers(own: Mapping[str, Any]) -> dict[str, str]:
    made = secrets(cast("Mapping[str, str] | None", own.get("headers")), "Header")
    if own.get("auth"):
        made["Authorization"] = f"Bearer {secret(str(own['auth']), 'The token (auth=)')}"
    return made


def _listed(given: Artifact | list[Artifact] | None) -> list[Artifact]:
    if given is None:
        return []
    return given if isinstance(given, list) else [given]


def _names(given: Any) -> set[str]:
    if given is None:
        return set()
    return {given} if isinstance(given, str) else {str(each) for each in given}


__all__ = ("OPTIONS", "SkillExpert", "source_of")
