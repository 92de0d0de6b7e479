"""Hugging Face: a model and a pipeline task of transformers 5 as an expert.

    herd.add("hf:distilbert/distilbert-base-uncased-finetuned-sst-2-english#text-classification")
    herd.add("hf:./my-model", device="cuda:0", dtype="float16")

The task says the ports. Nothing is imported or loaded before the first call; the model is unloaded
when memory is short. Code from a model's repository only runs with ``trust_remote_code=True``.
"""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from herd_graph.adapters.said import expert_name, read_options
from herd_graph.adapters.sources import Source
from herd_graph.adapters.transformers_folder import ModelFiles, is_folder, look, place_of
from herd_graph.adapters.transformers_tasks import TASKS, PipelineTask, find_task
from herd_graph.artifacts import Artifact, Text
from herd_graph.cards import ExpertCard
from herd_graph.contexts import ExpertContext
from herd_graph.errors import DeclarationError, ExpertFailed, ExpertUnavailable, HerdError
from herd_graph.experts import Expert, Inputs, Outputs, Payload
from herd_graph.extras import need, present
from herd_graph.threads import in_thread

OPTIONS = frozenset(
    {
        "batch_size",
        "device",
        "dtype",
        "labels",
        "model_kwargs",
        "params",
        "revision",
        "task",
        "trust_remote_code",
    }
)
_MOST_LABELS = 12


async def source_of(given: Any, **options: Any) -> Source:
    """Return the expert that a model or a pipeline is.

    Args:
        given: ``ID#task`` or ``./folder#task``, where the task may be left out if the model's files
            are here and say it; or a transformers ``Pipeline``.
        options: ``name``, ``description`` and the other facts of a card. ``task``, ``device``,
            ``dtype``, ``revision``, ``model_kwargs``: for the pipeline. ``params``: for each call
            (``{"max_new_tokens": 50}``). ``labels``: what to choose from, in place of an input.
            ``batch_size``: how many calls are served in one go (8). ``trust_remote_code``: run code
            from the model's repository.

    Raises:
        DeclarationError: A task that is unknown or gone, or an option that nobody knows.
    """
    if isinstance(given, str):
        model, _, named = given.partition("#")
        reference, pipe = f"hf:{given}", None
    else:
        model, named = str(given.model.name_or_path or type(given.model).__name__), str(given.task)
        reference, pipe = f"Pipeline {named} of {model}", given
    said, own = read_options(reference, options, OPTIONS)
    if said.takes or said.gives:
        raise DeclarationError(
            f"takes= or gives= was passed with {reference!r}, whose task says its ports. Expected "
            "neither. Leave them out, or put an @expert around the pipeline."
        )
    if not model:
        raise DeclarationError(
            f"{reference!r} names no model. Expected hf:ID#task, or hf:./folder#task."
        )
    place = place_of(model)
    found = await in_thread(lambda: look(place, own.get("revision")), label="look:hf")
    if pipe is None and is_folder(model) and not found.here:
        raise DeclarationError(
            f"{reference!r} names a folder that does not exist. Expected the folder of a saved model."
        )
    name = _task_name(named, own, found, reference)
    loading = Loading(
        model=place,
        task=name,
        labels=tuple(map(str, own.get("labels") or ())),
        params={**TASKS[name].defaults, **dict(own.get("params") or {})},
        options={key: own[key] for key in _PASSED if own.get(key) is not None},
    )
    task = TASKS[name]
    size = _size(pipe) if pipe is not None else found.size
    title = Path(model).name if is_folder(model) else model
    facts: dict[str, Any] = {
        "name": expert_name(title, "pipeline"),
        "description": _description(task, title, found, loading),
        "tags": task.tags,
        "memory_bytes": size,
        "weights_licence": found.licence or "not stated",
        "licence": "Apache-2.0 (transformers)",
        "notes": _notes(model, loading, found, loaded=pipe is not None),
        "concurrency": 1,
        "loads": True,
        "streams": task.writes,
    }
    if loading.options.get("trust_remote_code"):
        facts["caution"] = "runs code that came with the model"
    card = said.card(
        **facts,
        inputs=tuple(each for each in task.takes if each.name != "labels" or not loading.labels),
        outputs=task.gives,
    )
    expert = PipelineExpert(card, loading, pipe, batch_size=int(own.get("batch_size") or 8))
    return Source(name=reference, experts=(expert,))


_PASSED = ("device", "dtype", "revision", "trust_remote_code", "model_kwargs")


@dataclass(frozen=True, kw_only=True)
class Loading:
    """How a pipeline is made, and called."""

    model: str
    task: str
    labels: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])


class PipelineExpert(Expert):
    """A transformers pipeline with ports; made by ``source_of``."""

    def __init__(
        self, card: ExpertCard, loading: Loading, pipe: Any = None, *, batch_size: int = 8
    ) -> None:
        super().__init__(card)
        self.loading = loading
        self.batch_size = batch_size
        self._task = TASKS[loading.task]
        self._given = pipe
        """A pipeline of the user's own: it is theirs to unload."""
        self._pipe: Any = pipe

    @property
    def batches(self) -> bool:
        """Whether calls that wait at the same time are served in one go."""
        return self._task.batches and self.batch_size > 1

    async def load(self) -> None:
        """Load the model, in a thread. Raises ``MissingExtra`` without torch."""
        if self._pipe is None:
            self._pipe = await in_thread(self._make, label=f"load:{self.card.id}")

    async def close(self) -> None:
        """Let go of the model."""
        self._pipe = self._given
        if self._given is None:
            await in_thread(_release, label=f"close:{self.card.id}")

    async def invoke(self, inputs: Inputs, context: ExpertContext) -> Outputs:
        """Call the pipeline; text is streamed as it is written.

        Raises:
            ExpertFailed: The pipeline gave nothing that can be used.
        """
        await self.load()
        stopped = threading.Event()
        try:
            return await in_thread(
                lambda: self._one(self._with_labels(inputs), context, stopped), label=self.card.id
            )
        except asyncio.CancelledError:
            stopped.set()  # the thread cannot be killed, but generation asks before each token
            raise

    async def invoke_batch(
        self, calls: list[tuple[Inputs, ExpertContext]]
    ) -> list[Outputs | BaseException]:
        """Serve several calls in one go; each gets its outputs, or what went wrong with it."""
        await self.load()
        return await in_thread(
            lambda: self._several([self._with_labels(inputs) for inputs, _ in calls]),
            label=f"batch:{self.card.id}",
        )

    def _make(self) -> Any:
        need("torch", "hf")
        if self.loading.task == "table-question-answering" and not present("pandas"):
            raise ExpertUnavailable(
                f"Expert {self.card.id!r} needs the Python module 'pandas', which is not installed. "
                "Run: pip install pandas"
            )
        library = need("transformers", "hf")
        loading = self.loading
        return library.pipeline(loading.task, model=loading.model, **loading.options)

    def _with_labels(self, inputs: Inputs) -> Mapping[str, Payload]:
        fixed: list[Artifact] = [Text(each) for each in self.loading.labels]
        return {**inputs, "labels": fixed} if fixed else inputs

    def _one(
        self, given: Mapping[str, Payload], context: ExpertContext, stopped: threading.Event
    ) -> Outputs:
        what, more = self._task.ask(self._pipe, given)
        named = {**self.loading.params, **more}
        if self._task.writes:
            named |= _streaming(self._pipe, context, stopped)
        result = self._pipe(**named) if what is None else self._pipe(what, **named)
        return self._task.read(result)

    def _several(self, given: Sequence[Mapping[str, Payload]]) -> list[Outputs | BaseException]:
        made: list[Outputs | BaseException | None] = []
        asked: list[Any] = []
        for each in given:
            try:
                asked.append(self._task.ask(self._pipe, each)[0])
                made.append(None)
            except HerdError as error:
                made.append(error)
        results: Any = []
        if asked:
            results = self._pipe(asked, batch_size=len(asked), **self.loading.params)
        if len(results) != len(asked):
            raise ExpertFailed(
                f"{self.card.id!r} gave {len(results)} results for {len(asked)} inputs. Expected one "
                "for each. Pass batch_size=1."
            )
        rest = iter(cast("Sequence[Any]", results))
        return [self._task.read(next(rest)) if each is None else each for each in made]


def _streaming(pipe: Any, context: ExpertContext, stopped: threading.Event) -> dict[str, Any]:
    """Return what makes a generation tell its words, and end when nobody waits any more."""
    library = need("transformers", "hf")
    torch = need("torch", "hf")

    class Told(library.TextStreamer):
        """Passes on text as it becomes final."""

        def on_finalized_text(self, text: str, stream_end: bool = False) -> None:
            """Tell a piece."""
            del stream_end
            if text:
                context.token(text)

    class Stopped(library.StoppingCriteria):
        """Ends the generation of a call that was cancelled."""

        def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:
            """Say for each sequence whether it ends."""
            del scores
            return torch.full(
                (input_ids.shape[0],), stopped.is_set(), dtype=torch.bool, device=input_ids.device
            )

    told = Told(pipe.tokenizer, skip_prompt=True, skip_special_tokens=True)
    return {"streamer": told, "stopping_criteria": library.StoppingCriteriaList([Stopped()])}


def _task_name(named: str, own: Mapping[str, Any], found: ModelFiles, reference: str) -> str:
    name = named or str(own.get("task") or "") or found.task
    if not name:
        why = "its files do not say" if found.here else "its files are not on this machine"
        raise DeclarationError(
            f"{reference!r} names no task, and {why}. Expected one of {', '.join(TASKS)}. Add it: "
            f"{reference}#text-classification."
        )
    return find_task(name, reference)


def _description(task: PipelineTask, title: str, found: ModelFiles, loading: Loading) -> str:
    labels = loading.labels or found.labels
    shown = ", ".join(labels[:_MOST_LABELS]) + (" …" if len(labels) > _MOST_LABELS else "")
    chooses = any(port.name == "scores" for port in task.gives)
    choice = f" It chooses among {shown}." if labels and chooses else ""
    return f"{task.says}{choice} Made by the model {title}."


def _notes(model: str, loading: Loading, found: ModelFiles, *, loaded: bool) -> str:
    told = [f"transformers pipeline {loading.task} of {model}."]
    told += [f"{key}: {value}." for key, value in loading.options.items() if key != "model_kwargs"]
    if not found.here and not loaded:
        told.append("Its files are downloaded at the first call, unless they are there by then.")
    if loading.options.get("trust_remote_code"):
        told.append("Code from the model's repository runs in this process.")
    return " ".join(told)


def _size(pipe: Any) -> int:
    return sum(each.numel() * each.element_size() for each in pipe.model.parameters())


def _release() -> None:
    gc.collect()
    torch = need("torch", "hf")
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


__all__ = ("PipelineExpert", "source_of")
