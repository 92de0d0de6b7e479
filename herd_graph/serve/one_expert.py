"""From what a message holds to the inputs of one expert, and where its attachments come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from herd_graph.artifacts import Artifact
from herd_graph.cards import ExpertCard, Port
from herd_graph.plans import FromInput, Plan, Step
from herd_graph.serve.conversation import Conversation, attached, decoded
from herd_graph.serve.errors import Refusal
from herd_graph.serve.host import Host
from herd_graph.serve.keys import Key
from herd_graph.serve.replies import MEDIA
from herd_graph.threads import in_thread
from herd_graph.types import JSON, Kind, StepId

if TYPE_CHECKING:
    from herd_graph.herd import Herd

_ATTACHED = {*MEDIA, Kind.TABLE}
_FILE_ID = "file-"


@dataclass(frozen=True)
class RequestSources:
    """Where attachments come from: allowed hosts, and files of the same key."""

    host: Host
    key: Key
    herd: Herd | None
    """Whose experts may take them; None where one expert is named."""

    def usable(self, artifact: Artifact) -> bool:
        """Say whether some expert takes it.

        One that is named answers without what it cannot take, and that is told. What words and
        tables can be made into is the planner's to know.
        """
        if self.herd is None or artifact.kind not in MEDIA:
            return True
        cards = self.herd.snapshot().latest
        return any(_takes(port, artifact) for card in cards for port in card.inputs)

    async def fetch(self, url: str, param: str) -> tuple[bytes, str]:
        """Return what a URL gives, and a name. Raises ``Refusal``."""
        return await self.host.egress.fetch(url, param)

    async def uploaded(self, identity: str, param: str) -> Artifact:
        """Return an uploaded file of the same key. Raises ``Refusal``."""
        files = self.host.files
        try:
            return await in_thread(
                lambda: files.artifact(files.get(identity, self.key)), label="serve:file"
            )
        except Refusal as refusal:
            refusal.param = param
            raise


async def for_expert(
    card: ExpertCard, conversation: Conversation, named: Mapping[str, JSON], sources: RequestSources
) -> tuple[Plan, dict[str, Any], list[str]]:
    """Return a plan of one step, its inputs, and what of the message no input takes.

    Raises:
        Refusal: An input is unknown, missing, or not of its kind.
    """
    ports = {port.name: port for port in card.inputs}
    unknown = [name for name in named if name not in ports]
    if unknown:
        raise Refusal(
            400,
            f"Expert {card.id!r} has no input {unknown[0]!r}. Expected those of {card.signature}.",
            code="unknown_input",
            param="herd_inputs",
        )
    inputs: dict[str, Any] = {
        name: await _named(ports[name], value, card, sources) for name, value in named.items()
    }
    free = [port for port in card.inputs if port.name not in inputs]
    unused: list[str] = []
    for attachment in conversation.request.attachments:
        port = next((each for each in free if _takes(each, attachment)), None)
        if port is None:
            unused.append(f"attachment {attachment.name or attachment.kind.value!r}")
        elif port.many:
            inputs.setdefault(port.name, []).append(attachment)
        else:
            inputs[port.name] = attachment
            free.remove(port)
    words = conversation.request.text
    port = next((each for each in free if each.name not in inputs and _takes_words(each)), None)
    if words and port is None:
        unused.append("the words of the message")
    elif words and port is not None:
        from herd_graph.artifacts import Text

        value: Any = Text(words) if {Kind.TEXT, Kind.ANY} & set(port.kinds) else words
        inputs[port.name] = [value] if port.many else value
    missing = [port for port in free if port.required and port.name not in inputs]
    if missing:
        raise Refusal(
            400,
            f"Expert {card.id!r} needs {', '.join(map(str, missing))}, which the message does not "
            f"hold. Expected {card.signature}. Send words and attachments for it in the last "
            "message, or name the input: herd_inputs={'"
            f"{missing[0].name}': …}} (extra_body in OpenAI's Python client).",
            code="missing_input",
            param="messages",
        )
    step = Step(
        id=StepId("s1"),
        expert=card.id,
        inputs={name: FromInput(input=name) for name in inputs},
        ask=words[:200],
    )
    plan = Plan(
        steps=(step,), inputs={name: ports[name] for name in inputs}, author=f"chat:{card.name}"
    )
    return plan, inputs, unused


def _takes(port: Port, attachment: Artifact) -> bool:
    kinds = set(port.kinds)
    fits = attachment.kind in kinds or Kind.ANY in kinds
    return fits and port.takes_mime(attachment.mime)


def _takes_words(port: Port) -> bool:
    return bool({Kind.TEXT, Kind.ANY} & set(port.kinds)) or port.scalar == "string"


async def _named(port: Port, value: JSON, card: ExpertCard, sources: RequestSources) -> Any:
    """Return the input that a JSON value is. A string is never a path here."""
    if isinstance(value, list) and port.many:
        return [await _named(port, each, card, sources) for each in value]
    where = f"herd_inputs.{port.name}"
    if isinstance(value, str) and set(port.kinds) & {*_ATTACHED, Kind.ANY}:
        if value.startswith(_FILE_ID):
            return await sources.uploaded(value, where)
        if value[:5].lower() == "data:":
            content, config = decoded(value, where), sources.host.herd.config
            return await in_thread(
                lambda: attached(content, where, config=config), label="serve:attach"
            )
        if Kind.TEXT not in port.kinds and Kind.ANY not in port.kinds:
            raise Refusal(
                400,
                f"Input {port.name!r} of expert {card.id!r} is {port.type_name}, and {value!r:.80} "
                "is none. Expected a data: URL, or the id of a file in /v1/files.",
                code="bad_input",
                param=where,
            )
    from herd_graph.artifacts import Data, Text

    if isinstance(value, str) and {Kind.TEXT, Kind.ANY} & set(port.kinds):
        return Text(value)
    return Data(value) if port.kind is Kind.DATA else value


__all__ = ("RequestSources", "for_expert")
