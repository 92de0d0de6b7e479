"""Run experts for one job on a set of requests, and write what each was worth, cost and took.

Every answer is scored as it comes, and the matrix is written again after every few requests: what
was stopped goes on where it was.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from herd_graph.artifacts import Artifact, Data, Text, attach, load
from herd_graph.calling import Call, Caller
from herd_graph.cards import ExpertCard
from herd_graph.coordination.checks import check_outputs
from herd_graph.errors import CallError, ConfigError, HerdError
from herd_graph.experts import Expert
from herd_graph.registry import Snapshot
from herd_graph.routing import matrices
from herd_graph.routing.features import features_of, names_of
from herd_graph.routing.matrices import Matrix
from herd_graph.routing.scoring import by_name
from herd_graph.store import ArtifactStore
from herd_graph.types import ArtifactRef, Kind, RunId, StepId

SAVED_EVERY = 20
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of a set."""

    prompt: str = ""
    files: tuple[Path, ...] = ()
    expect: str = ""
    task: str = ""
    split: str = ""
    """The part of the set that it belongs to, such as ``test``."""
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """Inputs by the name of their port, such as a target language."""

    @property
    def label(self) -> str:
        """What the matrix calls it: its words, else the names of its files."""
        return self.prompt or " ".join(each.name for each in self.files)


def read_requests(path: Path, *, limit: int = 0) -> list[Request]:
    """Read JSON lines. Files are relative to the set. Raises ``ConfigError`` with the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"The requests {str(path)!r} cannot be read: {error}. Expected JSON lines in UTF-8. "
            "Check the path."
        ) from error
    found: list[Request] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = cast("dict[str, Any]", json.loads(line))
            request = Request(
                prompt=str(row.get("prompt") or ""),
                files=tuple(path.parent / str(each) for each in row.get("files") or ()),
                expect=_expected(row.get("expect")),
                task=str(row.get("task") or ""),
                split=str(row.get("split") or ""),
                values=dict(row.get("inputs") or {}),
            )
        except (ValueError, TypeError, AttributeError) as error:
            raise ConfigError(
                f"Line {number} of {str(path)!r} cannot be read: {error}. Expected an object with "
                '"prompt" or "files", and "expect". Correct the line.'
            ) from None
        if not request.label:
            raise ConfigError(
                f'Line {number} of {str(path)!r} has neither "prompt" nor "files". Expected one of '
                "them. Correct the line."
            )
        found.append(request)
    if not found:
        raise ConfigError(f"{str(path)!r} holds no requests. Expected a JSON object on each line.")
    return found[:limit] if limit else found


def _expected(value: Any) -> str:
    if isinstance(value, list):
        return "|".join(str(each) for each in cast("list[object]", value))
    return "" if value is None else str(value)


@dataclass(kw_only=True)
class Collection:
    """Who is run on what, and how it is scored."""

    caller: Caller
    store: ArtifactStore
    experts: Snapshot
    names: tuple[str, ...] = ()
    """One stands for all that do its job; none is an error, for a herd has many jobs."""
    score: str = "contains"
    say: Callable[[str], None] = lambda _: None

    async def run(self, requests: Sequence[Request], to: Path) -> Matrix:
        """Fill a matrix, and return it.

        Raises:
            ConfigError: There are fewer than two experts for the job, or the score is unknown.
        """
        import numpy as np

        chosen = self.candidates()
        judge = self._judge()
        kept = self._kept(to, chosen)
        rows: list[tuple[Request, list[tuple[float, float, float]], dict[str, float]]] = []
        for number, request in enumerate(requests, start=1):
            held = kept.get((request.task, request.label))
            if held is not None:
                rows.append((request, *held))
                continue
            given = [attach(each) for each in request.files]
            looks = [features_of(each) for each in given[:1]]
            cells = [await self._cell(each, request, given, judge) for each in chosen]
            rows.append((request, cells, looks[0] if looks else {}))
            self.say(
                f"{number} of {len(requests)}: "
                + ", ".join(f"{e.card.name} {c[0]:.2f}" for e, c in zip(chosen, cells, strict=True))
            )
            if number % SAVED_EVERY == 0:
                self._matrix(chosen, rows).save(to)
        matrix = self._matrix(chosen, rows)
        matrix.save(to)
        if not np.isfinite(matrix.quality).any():
            raise ConfigError(
                f"No expert could be called on any of the {len(requests)} requests. Expected at "
                "least one score. See why with one of them: herd run."
            )
        return matrix

    def candidates(self) -> list[Expert]:
        """Return the experts that are run: those named, or all that do the job of the one named."""
        if not self.names:
            raise ConfigError(
                "No expert was named. Expected one whose job is to be compared, or several. Say: "
                "herd collect REQUESTS --expert NAME."
            )
        named = [self.experts.find(each) for each in self.names]
        if len(named) == 1:
            own = named[0].card
            named = [
                self.experts.find(card.id)
                for card in self.experts.latest
                if card.name == own.name or _same_job(own, card)
            ]
        if len(named) < 2:
            raise ConfigError(
                f"{self.names[0]!r} is the only expert for its job. Expected two or more to compare. "
                "Name them: --expert A --expert B."
            )
        return named

    def _judge(self) -> Callable[[str, str], float] | Expert:
        kind, colon, name = self.score.partition(":")
        return self.experts.find(name) if colon and kind == "judge" else by_name(self.score)

    async def _cell(
        self,
        expert: Expert,
        request: Request,
        given: Sequence[Artifact],
        judge: Callable[[str, str], float] | Expert,
    ) -> tuple[float, float, float]:
        """Return quality, USD and seconds; a failed call is worth 0, and an impossible one NaN."""
        inputs = self._inputs(expert.card, request, given)
        if inputs is None:
            return float("nan"), float("nan"), float("nan")
        call = Call(expert=expert, inputs=inputs, run=RunId("collect"), step=StepId("s1"))
        try:
            result = await self.caller.call(call)
        except CallError as error:
            self.say(f"{expert.card.name} failed: {error}")
            return 0.0, error.usd, float("nan")
        verdicts = await check_outputs(expert.card, result.outputs, self.store)
        if any(each.level == "fail" for each in verdicts):
            return 0.0, result.usd, result.seconds
        answer = self._said(result.outputs)
        if isinstance(judge, Expert):
            quality = await self._judged(judge, request, answer)
        else:
            quality = judge(answer, request.expect)
        return quality, result.usd, result.seconds

    def _inputs(
        self, card: ExpertCard, request: Request, given: Sequence[Artifact]
    ) -> dict[str, ArtifactRef | list[ArtifactRef]] | None:
        """Bind what is given to an expert's ports; None where it cannot take it."""
        left = [each.put(self.store) for each in given]
        bound: dict[str, ArtifactRef | list[ArtifactRef]] = {}
        text_used = False
        for port in card.inputs:
            if port.name in request.values:
                bound[port.name] = _artifact(request.values[port.name], port.kind).put(self.store)
                continue
            fit = next(
                (
                    r
                    for r in left
                    if {r.kind, Kind.ANY} & set(port.kinds) and port.takes_mime(r.mime)
                ),
                None,
            )
            if fit is not None:
                bound[port.name] = [fit] if port.many else fit
                left.remove(fit)
            elif port.required and Kind.TEXT in port.kinds and request.prompt and not text_used:
                made = Text(request.prompt).put(self.store)
                bound[port.name] = [made] if port.many else made
                text_used = True
            elif port.required and port.default is None:
                return None
        return bound

    def _said(self, outputs: Mapping[str, ArtifactRef | list[ArtifactRef]]) -> str:
        """Return the first output as text."""
        value = next(iter(outputs.values()), None)
        refs = value if isinstance(value, list) else [value] if value is not None else []
        told: list[str] = []
        for ref in refs:
            found = load(ref, self.store)
            if isinstance(found, Text):
                told.append(found.text)
            elif isinstance(found, Data):
                told.append(json.dumps(cast("Any", found).value, ensure_ascii=False))
            else:
                told.append(found.summary)
        return "\n".join(told)

    async def _judged(self, judge: Expert, request: Request, answer: str) -> float:
        port = next((p for p in judge.card.inputs if Kind.TEXT in p.kinds), None)
        if port is None:
            raise ConfigError(
                f"Judge {judge.card.id!r} takes no text. Expected an expert that reads a request, an "
                "answer and what was expected. Name another: --score judge:EXPERT."
            )
        question = (
            f"Request:\n{request.label}\n\nAnswer:\n{answer}\n\nExpected:\n{request.expect}\n\n"
            "How good is the answer, from 0 (useless) to 1 (all that was expected)? Say the number "
            "alone."
        )
        call = Call(expert=judge, inputs={port.name: Text(question).put(self.store)})
        said = self._said((await self.caller.call(call)).outputs)
        found = _NUMBER.search(said)
        if found is None or not 0 <= float(found.group()) <= 1:
            raise ConfigError(
                f"Judge {judge.card.id!r} said {said[:60]!r}. Expected a number from 0 to 1. Name "
                "another: --score judge:EXPERT."
            )
        return float(found.group())

    def _kept(self, to: Path, chosen: Sequence[Expert]) -> dict[tuple[str, str], Any]:
        """Return the rows of an earlier, stopped collection of the same experts."""
        if not to.exists():
            return {}
        before = matrices.load(to)
        if before.experts != tuple(each.card.name for each in chosen):
            raise ConfigError(
                f"{str(to)!r} holds other experts: {', '.join(before.experts)}. Expected those of "
                "this collection. Give another file: --to FILE."
            )
        seconds = before.seconds if before.seconds is not None else before.cost * float("nan")
        looks = before.features
        return {
            (before.tasks[row], before.prompts[row]): (
                [
                    (float(q), float(c), float(s))
                    for q, c, s in zip(
                        before.quality[row], before.cost[row], seconds[row], strict=True
                    )
                ],
                {}
                if looks is None
                else dict(zip(before.feature_names, map(float, looks[row]), strict=True)),
            )
            for row in range(len(before))
        }

    def _matrix(self, chosen: Sequence[Expert], rows: Sequence[Any]) -> Matrix:
        import numpy as np

        cells = np.array([cells for _, cells, _ in rows], dtype=np.float32)
        kinds = (Kind.IMAGE, Kind.AUDIO)
        named = tuple(
            name for kind in kinds for name in names_of(kind) if any(name in r[2] for r in rows)
        )
        looks = [[look.get(name, float("nan")) for name in named] for _, _, look in rows]
        return Matrix(
            name="collected",
            experts=tuple(each.card.name for each in chosen),
            prompts=tuple(request.label for request, _, _ in rows),
            tasks=tuple(request.task for request, _, _ in rows),
            splits=tuple(request.split for request, _, _ in rows),
            quality=cells[:, :, 0],
            cost=cells[:, :, 1],
            seconds=cells[:, :, 2],
            features=np.array(looks, dtype=np.float32) if named else None,
            feature_names=named,
        )


def _same_job(own: ExpertCard, other: ExpertCard) -> bool:
    """Say whether two cards take and give the same, and share a tag."""
    return (
        own.takes == other.takes
        and own.gives == other.gives
        and bool(set(own.tags) & set(other.tags))
    )


def _artifact(value: Any, kind: Kind) -> Artifact:
    if kind is Kind.TEXT and isinstance(value, str):
        return Text(value)
    try:
        return Data(value)
    except HerdError:
        return Text(str(value))


__all__ = ("Collection", "Request", "read_requests")
