"""Between references and payloads: what goes into an expert is opened, what comes out is kept.

Both directions are checked against the card's ports, so that an expert that gives the wrong thing
is found where it happens and not two steps later. Reading and hashing much happens in a thread.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias, TypeVar, cast

from herd_graph.artifacts import Artifact, Data, Text, load
from herd_graph.cards import ExpertCard, Port
from herd_graph.errors import PortViolation, suggest
from herd_graph.experts import Expert, Inputs
from herd_graph.function_experts import FunctionExpert
from herd_graph.slots import _spread, coerce
from herd_graph.store import ArtifactStore
from herd_graph.threads import in_thread
from herd_graph.types import INLINE_BYTES, ArtifactRef, Kind, Provenance

T = TypeVar("T")
Refs: TypeAlias = ArtifactRef | list[ArtifactRef]


async def open_inputs(expert: Expert, refs: Mapping[str, Refs], store: ArtifactStore) -> Inputs:
    """Return the payload for each bound port.

    Raises:
        PortViolation: A port that is missing or unknown, or a payload that it does not take.
    """
    card = expert.card
    for port in card.inputs:
        if port.required and port.name not in refs:
            raise PortViolation(
                f"Expert {card.id!r} got no input {port.name!r}. Expected {card.signature}. Bind "
                "the port to a literal, an attachment or another step."
            )
    opened: dict[str, Artifact | list[Artifact]] = {}
    for name, given in refs.items():
        port = card.input(name)
        if port is None:
            known = suggest(name, (each.name for each in card.inputs), what="Its inputs")
            raise PortViolation(f"Expert {card.id!r} has no input {name!r}. {known}")
        where = f"Input {name!r} of expert {card.id!r}"
        if isinstance(given, list) and not port.many:
            raise PortViolation(
                f"{where} got a list of {len(given)}. Expected one {port.type_name}. Use "
                "each(…) (foreach) to call it once for each item."
            )
        each_ref = given if isinstance(given, list) else [given]
        items = [await _open(ref, port, store, where) for ref in each_ref]
        if not isinstance(expert, FunctionExpert):
            # A function's own types judge its data, more leniently: pydantic takes "3" for 3.
            items = _spread(items, port) if port.many else items
            check = functools.partial(_check_schemas, items, port, where)
            await off_loop(check, *each_ref)
        opened[name] = items if port.many else items[0]
    return opened


async def _open(ref: ArtifactRef, port: Port, store: ArtifactStore, where: str) -> Artifact:
    artifact = load(ref, store)
    if ref.inline is None and ref.kind in {Kind.TEXT, Kind.DATA}:
        # Decoding asks for the bytes, again and again: have them before, off the event loop.
        artifact._content = await in_thread(artifact.bytes, label="read")
    if ref.kind not in port.kinds and Kind.ANY not in port.kinds:
        try:
            artifact = await off_loop(lambda: coerce(artifact, port), ref)
        except PortViolation:
            raise PortViolation(
                f"{where} got {ref.kind.value}. Expected {port.type_name}. Add a step that converts "
                "it."
            ) from None
    if not port.takes_mime(artifact.mime):
        raise PortViolation(
            f"{where} got {artifact.mime!r}. Expected {' or '.join(port.mime)}. Convert it first."
        )
    return artifact


async def keep_outputs(
    card: ExpertCard, outputs: object, store: ArtifactStore, provenance: Provenance
) -> dict[str, Refs]:
    """Check what an expert gave, keep it in the store, and return references.

    Args:
        card: The expert's card.
        outputs: What its ``invoke`` returned.
        store: Where the bytes go.
        provenance: Of the call; the port is filled in.

    Raises:
        PortViolation: A port that is missing or unknown, or a payload that it does not give.
    """
    if not isinstance(outputs, Mapping):
        raise PortViolation(
            f"Expert {card.id!r} gave {type(outputs).__name__}. Expected a dict with a payload for "
            f"each output port: {', '.join(str(port) for port in card.outputs)}. Fix its invoke()."
        )
    named = cast("Mapping[str, Any]", outputs)
    unknown = [name for name in named if card.output(name) is None]
    if unknown:
        known = suggest(str(unknown[0]), (port.name for port in card.outputs), what="Its outputs")
        raise PortViolation(f"Expert {card.id!r} gave an output {unknown[0]!r}. {known}")
    kept: dict[str, Refs] = {}
    for port in card.outputs:
        if port.name not in named:
            if port.required:
                raise PortViolation(
                    f"Expert {card.id!r} gave no output {port.name!r}. Expected {port.type_name}. "
                    "Return every output, or mark the port as not required."
                )
            continue
        given = named[port.name]
        made = provenance.model_copy(update={"port": port.name})
        if isinstance(given, list) != port.many:
            raise PortViolation(_wrong(card, port, given))
        if isinstance(given, list):
            items = cast("list[Any]", given)
            kept[port.name] = [await _keep(card, port, each, store, made) for each in items]
        else:
            kept[port.name] = await _keep(card, port, given, store, made)
    return kept


async def _keep(
    card: ExpertCard, port: Port, given: object, store: ArtifactStore, provenance: Provenance
) -> ArtifactRef:
    if not isinstance(given, Artifact):
        raise PortViolation(_wrong(card, port, given))
    if given.kind not in port.kinds and Kind.ANY not in port.kinds:
        raise PortViolation(_wrong(card, port, given))
    if not port.takes_mime(given.mime):
        raise PortViolation(
            f"Output {port.name!r} of expert {card.id!r} is {given.mime!r}. Expected "
            f"{' or '.join(port.mime)}. Fix what the expert returns."
        )

    where = f"Output {port.name!r} of expert {card.id!r}"

    def keep() -> ArtifactRef:
        _check_schema(given, port, where)
        return given.put(store, provenance)

    inline = isinstance(given, Text | Data) and given._path is None and given.size <= INLINE_BYTES
    try:  # what is inline travels in its reference: nothing is written
        return keep() if inline else await in_thread(keep, label="keep")
    except FileNotFoundError as error:
        raise PortViolation(
            f"{where} is a file that is not there: {error.filename!r}. Expected it to exist when "
            "the expert returns. Do not delete it, or return its bytes."
        ) from error


async def off_loop(work: Callable[[], T], *refs: ArtifactRef) -> T:
    """Do what reads ``refs``: here when they are inline, in a thread when they are in the store."""
    inline = all(ref.inline is not None for ref in refs)
    return work() if inline else await in_thread(work, label="payload")


def _wrong(card: ExpertCard, port: Port, given: object) -> str:
    if isinstance(given, list):
        shown = f"a list of {len(cast('list[Any]', given))}"
    else:
        shown = given.kind.value if isinstance(given, Artifact) else type(given).__name__
    return (
        f"Output {port.name!r} of expert {card.id!r} is {shown}. Expected {port.type_name}. Fix "
        "what the expert returns."
    )


def _check_schemas(items: list[Artifact], port: Port, where: str) -> None:
    for item in items:
        _check_schema(item, port, where)


def _check_schema(item: Artifact, port: Port, where: str) -> None:
    if not isinstance(item, Data) or not port.json_schema:
        return
    value: Any = cast("Data[Any]", item).value
    problem = schema_problem(json.dumps(port.json_schema, sort_keys=True), value)
    if problem:
        raise PortViolation(
            f"{where} does not match its schema: {problem}. Expected {port.type_name}."
        )


@functools.lru_cache(maxsize=512)
def _validator(schema: str) -> Any:
    jsonschema: Any = import_module("jsonschema")
    referencing: Any = import_module("referencing")
    parsed = json.loads(schema)
    kind = jsonschema.validators.validator_for(parsed, jsonschema.Draft202012Validator)
    # An empty registry: a "$ref" to somewhere in the network is an error, not a download.
    return kind(parsed, registry=referencing.Registry())


def schema_problem(schema: str, value: Any) -> str:
    """Return what is wrong with a value, in one line; empty when nothing is."""
    jsonschema: Any = import_module("jsonschema")
    try:
        error: Any = jsonschema.exceptions.best_match(_validator(schema).iter_errors(value))
    except Exception as broken:
        return f"the schema itself cannot be used ({type(broken).__name__}: {broken})"
    if error is None:
        return ""
    at = error.json_path.removeprefix("$").removeprefix(".")
    message = str(error.message)
    message = message if len(message) <= 200 else f"{message[:199]}…"
    return f"{at}: {message}" if at else message
