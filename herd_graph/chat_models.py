"""A herd as a LangChain chat model: for chains, agents and applications that expect a model.

    model = herd.as_chat_model()
    model.invoke("What does the sign say in Portuguese?")

The last message of a person, with its pictures and recordings, is the task; earlier messages are
the turns before it. What comes back is a message with the answer, its files as content blocks, and
the run, the plan and the cost in ``response_metadata["herd"]``. Imported lazily.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Protocol, cast

from langchain_core.caches import BaseCache
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from herd_graph.artifacts import load
from herd_graph.budgets import Budget
from herd_graph.chat_content import Conversation, Media, answer_message, read_messages
from herd_graph.config import Config
from herd_graph.engine import Approve
from herd_graph.errors import DeclarationError
from herd_graph.plans import FromStep, Plan
from herd_graph.recording.events import Event
from herd_graph.runs import Run, RunHandle
from herd_graph.store import ArtifactStore
from herd_graph.threads import engine_loop, in_thread

_CHARS_A_TOKEN = 4
"""What LangChain's and OpenAI's own estimates go by: experts count no tokens."""


class Answering(Protocol):
    """What a chat model needs of a herd."""

    @property
    def config(self) -> Config:
        """Limits of what is attached."""
        ...

    store: ArtifactStore

    async def astart(self, what: Any, *attachments: Any, **options: Any) -> RunHandle:
        """Start a run."""
        ...


class ChatHerd(BaseChatModel):
    """A herd that is spoken to like a language model; see ``Herd.as_chat_model``.

    It calls no tools that it is given: it plans over its own experts. An agent that it is the model
    of therefore answers in one turn.
    """

    herd: Any
    """The herd that answers."""
    thread: str = ""
    """A conversation that the herd keeps; without it the messages say what was before."""
    budget: Budget | None = None
    approve: Approve | None = None
    """Asked before calls with side effects; without it the run stops and the message says so."""
    media: Media = "inline"
    """Whether pictures and recordings go along as base64, or as ``herd://artifact/ID``."""
    cache: BaseCache | bool | None = False
    """Off, whatever LangChain's global cache: a run is more than its words."""

    @property
    def _llm_type(self) -> str:
        return "herd"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": "herd", "thread": self.thread}

    # LangChain's four ways to ask -----------------------------------------------------------------

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del stop, run_manager
        handle, asked = await self._start(messages, kwargs)
        message = await self._message(await handle, asked)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        del run_manager
        return engine_loop.wait(self._agenerate(messages, stop, None, **kwargs))

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        del stop, run_manager
        handle, asked = await self._start(messages, kwargs)
        telling = _Telling(self._herd.store)
        try:
            async for event in handle.events():
                chunk = await telling.told(event)
                if chunk is not None:
                    yield ChatGenerationChunk(message=chunk)
            message = await self._message(await handle, asked)
            for chunk in _rest(message, telling.streamed):
                yield ChatGenerationChunk(message=chunk)
        finally:
            if not handle.done:
                handle.cancel()
                with contextlib.suppress(BaseException):
                    await handle

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        del run_manager
        parts = cast("Any", self._astream(messages, stop, None, **kwargs))
        try:
            while (part := engine_loop.wait(_next(parts))) is not None:
                yield part
        finally:
            engine_loop.wait(parts.aclose())

    # What it does not do --------------------------------------------------------------------------

    def bind_tools(
        self,
        tools: Sequence[Any],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """Refuse: the experts of a herd are its tools. Raises ``DeclarationError``."""
        del tool_choice, kwargs
        named = ", ".join(repr(getattr(each, "name", each))[:60] for each in tools) or "none"
        raise DeclarationError(
            f"A herd was given tools to call ({named}), and it calls none: it plans over its own "
            "experts. Expected no tools. Make experts of them, herd.add(tool), or give the herd to "
            "another model as a tool, herd.as_tool()."
        )

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Any:
        """Refuse: what an expert gives has its own type. Raises ``DeclarationError``."""
        del kwargs
        raise DeclarationError(
            f"A herd cannot be made to answer in the form of {schema!r:.120}. Expected an expert "
            "that gives it. Write one that returns that type, or a @workflow, and run that."
        )

    # The work ---------------------------------------------------------------------------------------

    @property
    def _herd(self) -> Answering:
        return self.herd

    async def _start(
        self, messages: list[BaseMessage], given: dict[str, Any]
    ) -> tuple[RunHandle, Conversation]:
        herd = self._herd
        asked = await in_thread(
            lambda: read_messages(messages, herd.store, herd.config), label="messages"
        )
        thread = str(given.get("thread") or self.thread)
        files = [load(ref, herd.store) for ref in asked.attachments]
        handle = await herd.astart(
            asked.text,
            *files,
            thread=thread or None,
            history=None if thread else asked.history,
            budget=given.get("budget") or self.budget,
            approve=given.get("approve") or self.approve,
        )
        return handle, asked

    async def _message(self, run: Run, asked: Conversation) -> AIMessage:
        store, media = self._herd.store, self.media
        told: dict[str, Any] = {
            "thread": run.thread,
            "plan": run.plan.public(),
            "usd": run.usd,
            "seconds": run.seconds,
            "warnings": list(run.warnings),
        }
        message = await in_thread(
            lambda: answer_message(run.answer, store, run=run.id, media=media, told=told),
            label="answer",
        )
        heard, said = _tokens(asked.text), _tokens(cast("str", message.text))
        message.usage_metadata = UsageMetadata(
            input_tokens=heard, output_tokens=said, total_tokens=heard + said
        )
        return message


class _Telling:
    """Turns what happens into chunks: progress as reasoning, tokens of the answer as its text."""

    def __init__(self, store: ArtifactStore) -> None:
        self._store = store
        self._answering = ""
        self.streamed = ""
        """What was given of the answer so far."""

    async def told(self, event: Event) -> AIMessageChunk | None:
        """Return the chunk that tells of an event; None where it is nothing to people."""
        if event.kind == "planned":
            key = str(event.data.get("plan", ""))
            plan = await in_thread(lambda: Plan.parse(self._store.get(key)), label="plan")
            self._answering = _only_answer(plan)
            return _progress(f"{plan}\n" if plan.steps else "")
        if event.kind == "token" and event.step == self._answering:
            text = str(event.data.get("text", ""))
            self.streamed += text
            return AIMessageChunk(content=text) if text else None
        tell = _TOLD.get(event.kind)
        return None if tell is None else _progress(tell(event))


def _only_answer(plan: Plan) -> str:
    """Return the step whose text is the whole answer; nothing where several make it up."""
    asks = plan.asks
    source = asks[0].source if len(asks) == 1 and not plan.unmet else None
    return str(source.step) if isinstance(source, FromStep) else ""


_TOLD: dict[str, Callable[[Event], str]] = {
    "started": lambda each: f"{each.step}: {each.data.get('expert', '')} …\n",
    "finished": lambda each: f"{each.step}: {each.data.get('status', '')}\n",
    "asked": lambda each: f"{each.step}: {each.data.get('question', '')}\n",
    "replanned": lambda _: "planning again\n",
}


def _progress(text: str) -> AIMessageChunk | None:
    """Return progress where reasoning models put their thoughts: beside the answer."""
    if not text:
        return None
    return AIMessageChunk(content="", additional_kwargs={"reasoning_content": text})


def _rest(message: AIMessage, streamed: str) -> Iterator[AIMessageChunk]:
    """Give what is left to say: the rest of the text, then the files and what is known of the run."""
    content: Any = message.content
    words, files = (content, "") if isinstance(content, str) else (content[0]["text"], content[1:])
    rest = words.removeprefix(streamed) if words.startswith(streamed) else f"\n\n{words}"
    yield AIMessageChunk(content=rest)
    yield AIMessageChunk(
        content=files,
        id=message.id,
        response_metadata=message.response_metadata,
        usage_metadata=message.usage_metadata,
        chunk_position="last",
    )


async def _next(parts: AsyncIterator[ChatGenerationChunk]) -> ChatGenerationChunk | None:
    return await anext(parts, None)


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARS_A_TOKEN)


__all__ = ("Answering", "ChatHerd")
