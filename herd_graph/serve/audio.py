"""``/v1/audio``: a recording written down, a text read aloud, as OpenAI's clients ask for them.

Both are a plan of one step. An expert that is named does it; of a herd, the one whose card is nearest
to it among those that take and give the right kinds. What is said is never read as a request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from herd_graph.artifacts import Audio, Text, Video, load
from herd_graph.cards import Port
from herd_graph.plans import Capability, FromInput, Plan, Step
from herd_graph.serve.bodies import caller, host_of, parsed
from herd_graph.serve.conversation import Conversation, Said, attached
from herd_graph.serve.encoding import MIMES, encoded, encodes
from herd_graph.serve.errors import Refusal, not_allowed
from herd_graph.serve.files import clean_name
from herd_graph.serve.forms import Upload, upload_of
from herd_graph.serve.one_expert import RequestSources, for_expert
from herd_graph.serve.replies import refuse_failed
from herd_graph.serve.schemas import SpeechRequest
from herd_graph.serve.streams import Gone, while_connected
from herd_graph.threads import in_thread
from herd_graph.types import Kind, StepId

if TYPE_CHECKING:
    from herd_graph.artifacts import Artifact
    from herd_graph.runs import Run
    from herd_graph.serve.host import Host
    from herd_graph.serve.keys import Key

FORMS = ("json", "text")
_TIMED = ("srt", "vtt", "verbose_json", "diarized_json")
_REFUSED = ("timestamp_granularities", "include", "known_speaker_names", "known_speaker_references")
"""What the answer would have to show. Other fields (``language``, ``prompt`` …) have no effect."""


def routes(host: Host) -> list[BaseRoute]:
    """Return the routes of this part."""
    del host
    return [
        Route("/v1/audio/transcriptions", transcribe, methods=["POST"]),
        Route("/v1/audio/speech", speak, methods=["POST"]),
    ]


async def transcribe(request: Request) -> Response:
    """Write down what is said in a recording."""
    host, key = host_of(request), caller(request)
    host.admit()
    try:
        async with upload_of(request, host.files.folder, beside="model") as given:
            form = _form_of(given)
            recording = await in_thread(lambda: _recording(given, host), label="serve:attach")
    except ClientDisconnect:
        raise Gone from None
    model = given.fields.get("model", "")
    run = await while_connected(
        request,
        lambda: _run(host, key, model, recording, "transcribe speech in a recording", Kind.TEXT),
    )
    made = _made(run, Kind.TEXT, model)
    words = await in_thread(lambda: load(made, run.store).bytes().decode(), label="serve:reply")
    headers = {"x-herd-run": run.id}
    if form == "text":
        return PlainTextResponse(f"{words}\n", headers=headers)
    told = {"run": run.id, "expert": run.answer.parts[0].expert, "usd": run.usd}
    return JSONResponse({"text": words, "herd": told}, headers=headers)


async def speak(request: Request) -> Response:
    """Read a text aloud."""
    host, key = host_of(request), caller(request)
    wanted = await parsed(request, SpeechRequest)
    if wanted.speed not in {None, 1.0}:
        raise not_allowed(
            f"speed {wanted.speed:g} is not supported: experts speak as they do. Expected 1. Leave "
            "it out.",
            "speed",
        )
    if wanted.stream_format == "sse":
        raise not_allowed(
            "stream_format 'sse' is not supported: a recording comes whole. Expected 'audio'. Leave "
            "it out.",
            "stream_format",
        )
    form = wanted.response_format or ("mp3" if encodes("mp3") else "wav")
    run = await while_connected(
        request,
        lambda: _run(
            host, key, wanted.model, Text(wanted.input), "read a text aloud, speech", Kind.AUDIO
        ),
    )
    made = _made(run, Kind.AUDIO, wanted.model)

    def spoken() -> bytes:
        sound = load(made, run.store)
        assert isinstance(sound, Audio)
        return encoded(sound, form)

    content = await in_thread(spoken, label="serve:encode")
    return Response(content, media_type=MIMES[form], headers={"x-herd-run": run.id})


def _form_of(given: Upload) -> str:
    """Return the form of the answer that is wanted. Raises ``Refusal``."""
    fields = given.fields
    form = fields.get("response_format", "json")
    if form in _TIMED:
        raise not_allowed(
            f"response_format {form!r} is not supported: experts do not say when each word is "
            f"spoken. Expected one of {', '.join(FORMS)}.",
            "response_format",
        )
    if form not in FORMS:
        raise Refusal(
            400,
            f"response_format {form!r:.80} is none. Expected one of {', '.join(FORMS)}.",
            code="invalid_value",
            param="response_format",
        )
    if fields.get("stream", "false").lower() == "true":
        raise not_allowed(
            "'stream' is not supported: a transcript comes whole. Expected none. Leave it out.",
            "stream",
        )
    for name in _REFUSED:
        if name in fields or f"{name}[]" in fields:
            raise not_allowed(
                f"{name!r} is not supported: a transcript is words alone. Expected none. Leave it "
                "out.",
                name,
            )
    if not fields.get("model"):
        raise Refusal(
            400,
            "The form has no 'model'. Expected a herd, such as 'herd', or one expert of it, such as "
            "'herd/transcribe'. GET /v1/models lists them.",
            code="missing_required_parameter",
            param="model",
        )
    return form


def _recording(given: Upload, host: Host) -> Audio:
    """Return the sound of a form's file, by its content. Raises ``Refusal``."""
    content = given.path.read_bytes()
    made = attached(content, "file", config=host.herd.config, name=clean_name(given.name))
    if isinstance(made, Video):  # some writers of sound use the brand of a film
        made = Audio(content, mime="audio/mp4", name=made.name)
    if not isinstance(made, Audio):
        raise Refusal(
            400,
            f"The file holds {made.mime}, which is no sound. Expected WAV, MP3, FLAC, OGG or M4A.",
            code="unsupported_media",
            param="file",
        )
    return made


async def _run(host: Host, key: Key, model: str, given: Artifact, doing: str, gives: Kind) -> Run:
    """Have an expert make one thing of another.

    Raises:
        Refusal: There is no such model, or none of its experts does it.
        HerdError: The run could not be started.
    """
    target = host.target(model)
    inputs: dict[str, Any]
    if target.card is not None:
        said = Said(text=given.text) if isinstance(given, Text) else Said(attachments=[given])
        sources = RequestSources(host, key, None)
        try:
            plan, inputs, unused = await for_expert(
                target.card, Conversation(request=said), {}, sources
            )
        except Refusal:
            raise _no_way(model, given.kind, gives) from None
        if unused:
            raise _no_way(model, given.kind, gives)
    else:
        cards = target.herd.snapshot().latest
        if not any(gives in c.gives and _takes_alone(c.inputs, given) for c in cards):
            raise _no_way(model, given.kind, gives)
        need = Capability(query=doing, takes=(given.kind,), gives=gives)
        step = Step(
            id=StepId("s1"), capability=need, inputs={"given": FromInput(input="given")}, ask=doing
        )
        port = Port(name="given", kind=given.kind)
        plan = Plan(steps=(step,), inputs={"given": port}, author="audio")
        inputs = {"given": given}
    live = await host.start(target, plan, (), key=key, inputs=inputs, history=())
    run = await host.finish(live)
    try:
        refuse_failed(run)
    except Refusal as refusal:
        refusal.param = refusal.param and ("input" if given.kind is Kind.TEXT else "file")
        raise
    return run


def _takes_alone(ports: tuple[Port, ...], given: Artifact) -> bool:
    needed = [port for port in ports if port.required]
    return len(needed) == 1 and given.kind in needed[0].kinds


def _made(run: Run, kind: Kind, model: str) -> Any:
    """Return the reference of what a run gave. Raises ``Refusal`` where it gave something else."""
    found = next((ref for ref in run.answer.artifacts if ref.kind is kind), None)
    if found is None:
        why = run.answer.reason or "it gave something else"
        raise Refusal(
            400,
            f"Run {run.id!r} of model {model!r:.80} gave no {kind.value}: {why}. Expected an expert "
            "that does. GET /v1/models lists them.",
            code="unsupported_model",
            param="model",
            headers={"x-herd-run": run.id},
        )
    return found


def _no_way(model: str, takes: Kind, gives: Kind) -> Refusal:
    return Refusal(
        400,
        f"Model {model!r:.80} has no way from {takes.value} to {gives.value}. Expected a herd with an "
        "expert for it, or such an expert. GET /v1/models lists them.",
        code="unsupported_model",
        param="model",
    )


__all__ = ("FORMS", "routes")
