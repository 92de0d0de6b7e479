"""From a run to what OpenAI's clients read: a completion, with ours beside it under ``herd``."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from herd_graph.artifacts import load
from herd_graph.coordination.answers import AnswerPart
from herd_graph.errors import HerdError
from herd_graph.runs import Run
from herd_graph.serve.errors import FINAL, Refusal
from herd_graph.serve.files import Files, Kept
from herd_graph.serve.host import Live, thread_name
from herd_graph.types import ArtifactRef, JSONObject, Kind

MEDIA = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})
MOST_AUDIO_BYTES = 25_000_000
"""A longer recording is only linked."""
_BYTES_A_TOKEN = 4
"""The usual rule of thumb, where no expert says what it really used."""
_INPUT_FAULTS = frozenset({"PortViolation", "InputUnusable"})


@dataclass(kw_only=True)
class Reply:
    """What is told of a run."""

    run: Run
    content: str
    files: dict[str, Kept]
    """By artifact id."""
    herd: JSONObject
    audio: JSONObject | None = None
    usage: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, kw_only=True)
class Teller:
    """Tells about runs of one request.

    Args:
        files: Keeps what runs made.
        base: Where clients reach the server.
        ignored: What the request said that had no effect.
        wants_audio: Whether a recording is told as ``message.audio``.
    """

    files: Files
    base: str
    ignored: Sequence[str] = ()
    wants_audio: bool = False

    def reply(self, run: Run, live: Live, *, asked: str = "") -> Reply:
        """Return what is told of a run. It reads the store: call it in a thread.

        Raises:
            Refusal: There is no answer, because something failed.
        """
        refuse_failed(run)
        kept = self._keep(run, live)
        content = "\n\n".join(self._blocks(run, kept))
        herd = self._ours(run, live, kept)
        audio = self._audio(run) if self._tells_audio(run) else None
        usage = usage_of(run, asked, content)
        return Reply(run=run, content=content, files=kept, herd=herd, audio=audio, usage=usage)

    def _keep(self, run: Run, live: Live) -> dict[str, Kept]:
        media = {ref.id: ref for ref in run.answer.artifacts if ref.kind in MEDIA}
        refs = list(media.values())
        made = self.files.keep_made(refs, live.target.herd_name, run.id, live.key)
        return {each.content: each for each in made}

    def url(self, kept: Kept) -> str:
        """Return a link to a file."""
        return f"{self.base}{self.files.link(kept)}"

    def _blocks(self, run: Run, kept: Mapping[str, Kept]) -> list[str]:
        answer = run.answer
        blocks: list[str] = []
        done = [part for part in answer.parts if part.status == "done"]
        for part in done:
            words = self._words(part, kept)
            blocks.append(
                f"**{_heading(part.ask)}**\n\n{words}" if len(answer.parts) > 1 else words
            )
        if answer.missing and answer.status in {"partial", "failed"}:
            blocks.append("Not answered:\n" + "\n".join(f"- {each}" for each in answer.missing))
        if answer.status == "waiting":
            asked = "\n".join(f"- {each['question']}" for each in questions(run))
            blocks.append(
                f"This needs a person's approval first:\n{asked or f'- {answer.reason}'}\n\n"
                f"Run {run.id} waits. Answer with POST /v1/runs/{run.id}/answers."
            )
        elif answer.reason and not blocks:
            blocks.append(answer.reason)
        return blocks

    def _words(self, part: AnswerPart, kept: Mapping[str, Kept]) -> str:
        links = [self._link(ref, kept[ref.id]) for ref in part.artifacts if ref.id in kept]
        if len(links) == len(part.artifacts) and links:
            return "\n".join(links)
        return "\n".join([part.text, *links])

    def _link(self, ref: ArtifactRef, kept: Kept) -> str:
        name = "".join(f"\\{each}" if each in "[]()\\!" else each for each in kept.name)
        return f"{'!' if ref.kind is Kind.IMAGE else ''}[{name}]({self.url(kept)})"

    def _tells_audio(self, run: Run) -> bool:
        alone = len(run.answer.artifacts) == 1 and run.answer.artifacts[0].kind is Kind.AUDIO
        return self.wants_audio or alone

    def _audio(self, run: Run) -> JSONObject | None:
        found = next((each for each in run.answer.artifacts if each.kind is Kind.AUDIO), None)
        if found is None or found.size > MOST_AUDIO_BYTES:
            return None
        try:
            content = load(found, run.store).bytes()
        except HerdError:
            return None
        words = [part.text for part in run.answer.parts if found not in part.artifacts]
        return {
            "id": f"audio_{found.id[:24]}",
            "data": base64.b64encode(content).decode(),
            "expires_at": int(time.time() + self.files.link_s),
            "transcript": "\n".join(each for each in words if each),
            "mime_type": found.mime,
        }

    def _ours(self, run: Run, live: Live, kept: Mapping[str, Kept]) -> JSONObject:
        thread = thread_name(run.thread)
        parts: list[Any] = [
            {
                "ask": part.ask,
                "status": part.status,
                "text": part.text,
                "expert": part.expert,
                "step": part.step,
                "provenance": part.provenance,
                "caution": part.caution,
                "error": part.error,
                "files": [
                    {**kept[ref.id].dump(), "url": self.url(kept[ref.id])}
                    for ref in part.artifacts
                    if ref.id in kept
                ],
            }
            for part in run.answer.parts
        ]
        waiting: Any = questions(run) if run.status == "waiting" else []
        return {
            "run": run.id,
            "thread": thread if thread != run.id else None,
            "herd": live.target.herd_name,
            "status": run.status,
            "parts": parts,
            "missing": list(run.answer.missing),
            "reason": run.answer.reason,
            "questions": waiting,
            "plan": run.plan.public(),
            "seconds": run.seconds,
            "usd": run.usd,
            "warnings": list(run.warnings),
            "ignored": list(self.ignored),
        }


def has_media(run: Run) -> bool:
    """Say whether a run made something that is told as a file."""
    return any(ref.kind in MEDIA for ref in run.answer.artifacts)


def completion(reply: Reply, model: str) -> dict[str, Any]:
    """Return a whole chat completion."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.content, "refusal": None}
    if reply.audio is not None:
        message["audio"] = reply.audio
    return {
        "id": f"chatcmpl-{reply.run.id}",
        "object": "chat.completion",
        "created": int(reply.run.started),
        "model": model,
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}],
        "usage": reply.usage,
        "herd": reply.herd,
    }


def usage_of(run: Run, asked: str, content: str) -> dict[str, Any]:
    """Return the usage of a run: its cost as it was counted, tokens estimated from bytes."""
    prompt, completion_tokens = _tokens(asked), _tokens(content)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt + completion_tokens,
        "cost_usd": run.usd,
        "calls": sum(len(record.attempts) for record in run.records.values()),
        "seconds": run.seconds,
        "estimated": True,
    }


def questions(run: Run) -> list[dict[str, Any]]:
    """Return what a person is asked about a run, by step."""
    if run.status != "waiting":
        return []
    asked: dict[str, dict[str, Any]] = {}
    for event in run.events():
        if event.kind == "asked":
            asked[event.step] = {"step": event.step, **event.data}
        elif event.kind in {"answered", "finished"}:
            asked.pop(event.step, None)
    return list(asked.values())


def refuse_failed(run: Run) -> None:
    """Raise where nothing came of a run: a program must not take the reason for an answer.

    Raises:
        Refusal: With 400 where what was sent is to blame, 429 for a spent budget, 500 for the rest.
    """
    if run.status != "failed":
        return
    records = [record for record in run.records.values() if record.status in {"failed", "refused"}]
    told = "; ".join(run.answer.missing) or run.answer.reason or "no step was done"
    headers = {"x-herd-run": run.id, **FINAL}
    first = {str(step.id) for step in run.plan.steps if not step.needs}
    if records and all(
        each.error_type in _INPUT_FAULTS and each.step.partition("[")[0] in first
        for each in records  # what a later step cannot use, an earlier one made
    ):
        raise Refusal(400, told, code="bad_input", param="messages", headers=headers)
    if any(each.error_type == "BudgetExceeded" for each in records):
        raise Refusal(
            429, told, code="insufficient_quota", kind="insufficient_quota", headers=headers
        )
    raise Refusal(500, f"Run {run.id!r} failed: {told}", code="run_failed", headers=headers)


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_A_TOKEN)


def _heading(ask: str) -> str:
    flat = " ".join(ask.split()).strip().rstrip(".,;:")
    return (f"{flat[:1].upper()}{flat[1:]}" or "Answer").replace("*", r"\*")


__all__ = (
    "MEDIA",
    "Reply",
    "Teller",
    "completion",
    "has_media",
    "questions",
    "refuse_failed",
    "usage_of",
)
