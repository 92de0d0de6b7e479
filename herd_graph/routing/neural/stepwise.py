"""Plan a request of several wishes one wish at a time, as if each were a turn of a conversation.

A whole request is read at once first, and mostly that is right. Where it is doubted, or a wish is lost on
the way, each clause is read alone: what the clauses before it made is there as an earlier turn's answers are,
so that *it* and *the summary* are found. What comes of the clauses is put together to one plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from herd_graph.cards import ExpertCard, Port
from herd_graph.conversions import carries
from herd_graph.discovery.words import words
from herd_graph.routing.clauses import is_verb, split
from herd_graph.routing.content import MARK, protect
from herd_graph.routing.courtesies import is_courtesy
from herd_graph.routing.followups import ON_A_NUMBER
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.golds import Tree, Wanted, inputs_of
from herd_graph.routing.lexicon import (
    ALL_OF_IT,
    AUXILIARIES,
    PRONOUN,
    QUESTION_WORDS,
    RESULT_NOUNS,
)
from herd_graph.routing.neural.asking import asked, asks_one, maker, source_of, takes_words
from herd_graph.routing.neural.calling import named
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import Words
from herd_graph.routing.neural.reading import Given, Reading, read
from herd_graph.routing.neural.verbs import righted
from herd_graph.routing.neural.writing import Crew, Roles
from herd_graph.routing.parameters import context_port
from herd_graph.routing.ranking import verbs_of
from herd_graph.types import Kind

MOST_STEPS = 8
"""Clauses of a request that are read alone; of more, the whole is left as it is."""
DOUBTED, COVERED = 0.5, 0.9
"""A whole that is less likely than the first gives way to its wishes read alone, where all of them are
clear; one that is less likely than the second, where it also answers fewer."""
CLEAR, CLEAR_PIECE = 0.7, 0.8
"""How likely the plan of each wish must be for that, where it is a clause and where it is a mere phrase."""
_RULED = 0.6
"""The same where a rule says what one of the wishes is."""
_LIKELY = 0.5
"""A clause that is read with more probability than this is not read in another way."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """What one clause came to."""

    said: str
    parts: tuple[Tree, ...]
    """Empty where nothing here does it."""
    probability: float
    partly: bool = False
    ruled: bool = False
    """Its words leave no doubt: the network was not asked."""


@dataclass(kw_only=True)
class Stepwise:
    """Reads the clauses of a request, one after the other.

    Args:
        parse: What the network writes about a reading, the likeliest plan first.
        roles: The experts.
        files: What is attached, with its port; what earlier turns left stands before it.
        earlier: What earlier turns left.
    """

    parse: Callable[[Reading, Crew], Sequence[Parsed]]
    roles: Roles
    files: Sequence[tuple[Given, Port]]
    earlier: Sequence[tuple[Given, Port]] = ()
    served: list[Served] = field(default_factory=list[Served])

    def read(self, clauses: Sequence[str]) -> list[Served]:
        """Return what each clause comes to."""
        for clause in clauses[:MOST_STEPS]:
            self.served.append(self._best(clause))
        return self.served

    def _best(self, clause: str) -> Served:
        made = [part for each in self.served for part in each.parts]
        cards = self.roles.cards
        adds = next((name for name, card in cards.items() if adds_up(card)), "")
        if made and adds and ON_A_NUMBER.search(clause):
            # "20% of the total" after a question for the dearest item: of what is on the slip.
            text = source_of(made[-1], cards) if _OF_TOTAL.search(clause) else None
            summed = made[-1][0] == "call" and adds_up(cards[str(made[-1][1])])
            further = ("call", adds, "", False, made[-1] if summed or text is None else text)
            return Served(said=clause, parts=(further,), probability=1.0, ruled=True)
        if made and (read := self._read_in_stills(clause, made[-1])) is not None:
            return Served(said=clause, parts=(read,), probability=1.0, ruled=True)
        if (stills := self._stills(clause)) is not None:
            return Served(said=clause, parts=(stills,), probability=CLEAR, ruled=True)
        if made and (said := self._of_its_texts(clause)):
            return Served(said=clause, parts=said, probability=CLEAR_PIECE)
        if made and _BARE.fullmatch(clause):
            shown, means = self._recalled(clause)
            served = self._serve(f"{clause} it", shown, means)  # "transcribe and translate"
            return replace(served, said=clause)
        afresh = self._serve(clause, [*self.earlier, *named(clause, self.files)], {})
        if not afresh.parts and (source := self._text(clause)) is not None:
            part = asked(clause, source, self.roles.cards)
            afresh = Served(said=clause, parts=(part,), probability=CLEAR_PIECE) if part else afresh
        if not made or (afresh.probability > _LIKELY and not _points_back(clause)):
            return afresh
        shown, means = self._recalled(clause)
        goes_on = self._of_the_whole(self._serve(clause, shown, means))
        points = _points_back(clause)
        return goes_on if points or goes_on.probability > afresh.probability else afresh

    def _stills(self, clause: str) -> Tree | None:
        """Return the pictures of the one film that a clause asks for: *the last frame of the video*."""
        films = [given for given, port in self.files if port.kind is Kind.VIDEO]
        takes = maker(self.roles.cards, Kind.VIDEO, Kind.IMAGE, many=True)
        if not takes or len(films) != 1 or not _STILL.match(clause):
            return None
        return ("call", takes, "", False, ("input", films[0].symbol))

    def _of_its_texts(self, clause: str) -> tuple[Tree, ...]:
        """Return a question put to what the ones before it were put to: to each of several texts, too."""
        last = next(each.parts for each in reversed(self.served) if each.parts)
        found = [self._of_its_text(clause, each) for each in last]
        if len(last) > 1 and _OF_SEVERAL.search(clause):
            put = tuple(dict.fromkeys(each for each in found if each is not None))
            if len(put) > 1:
                return put
        return () if not found or found[-1] is None else (found[-1],)

    def _of_its_text(self, clause: str, last: Tree) -> Tree | None:
        """Return a question put to the text that the one before it was put to: *and what do they want?*."""
        cards = self.roles.cards
        source = source_of(last, cards) if asks_one(clause) and last[0] == "call" else None
        if source is None or context_port(cards[str(last[1])]) is None:
            return None
        if source[0] == "input":
            port = next((p for given, p in self.files if given.symbol == source[1]), None)
            fits = port is not None and port.kind is Kind.TEXT
        else:
            fits = source[0] == "call" and carries(cards[str(source[1])]) == "certain"
        return asked(clause, source, cards) if fits else None

    def _read_in_stills(self, clause: str, last: Tree) -> Tree | None:
        """Return what is written in the pictures that were just made: *what do they say?*."""
        made = _call(last)
        if not _SAY.search(clause) or made[0] != "call":
            return None
        card = self.roles.cards[str(made[1])]
        reads = maker(self.roles.cards, Kind.IMAGE, Kind.TEXT, carries_=True)
        pictures = card.outputs[0].kind is Kind.IMAGE and card.outputs[0].many
        return ("call", reads, "", True, made) if pictures and reads else None

    def _text(self, clause: str) -> Tree | None:
        """Return the one text that a question may be about."""
        texts = [each for each, port in named(clause, self.files) if port.kind is Kind.TEXT]
        return ("input", texts[0].symbol) if len(texts) == 1 else None

    def _of_the_whole(self, served: Served) -> Served:
        """Return what is done with all of a document, where the clause before was about one page of it."""
        if not ALL_OF_IT.search(served.said):
            return served
        whole = tuple(_unpaged(each, self.roles.cards) for each in served.parts)
        return replace(served, parts=whole)

    def _referents(self, parts: Sequence[Tree], clause: str) -> list[Tree]:
        """Return what *it* may mean of what was made: the text that was asked, and not what it answered."""
        if _ANSWER.search(clause):
            return list(parts)
        cards, found = self.roles.cards, list[Tree]()
        for part in parts:
            card = cards.get(str(part[1])) if part[0] == "call" else None
            judges = card is not None and "sentiment" in card.tags
            asks = card is not None and (judges or context_port(card) is not None)
            source = source_of(part, cards) if asks else part
            found.append(source if source is not None else part)
        return [each for each in dict.fromkeys(found) if each[0] != "input"]

    def _recalled(self, clause: str) -> tuple[list[tuple[Given, Port]], dict[str, Tree]]:
        """Return what is there for a later clause: files and results, as of earlier turns."""
        shown: list[tuple[Given, Port]] = []
        means: dict[str, Tree] = {}
        held = [each for each in self.earlier if each[0].symbol.startswith(_newest(self.earlier))]
        turns = [each.parts for each in self.served if each.parts]
        first = [part for parts in turns[:-1] for part in parts] if not held else []
        last = list(turns[-1]) if not held else [part for parts in turns for part in parts]
        for given, port in held:
            symbol = f"h1.{given.symbol.partition('.')[2]}"
            shown.append((Given(symbol, given.about), port))
            means[symbol] = ("input", given.symbol)
        number = 1 if not held and not first else 2
        for place, (given, port) in enumerate(self.files, start=1):
            symbol = f"h{number if held else 1}.a{place}"
            shown.append((Given(symbol, given.about), port))
            means[symbol] = ("input", given.symbol)
        for turn, parts in ((1, first), (number, last)):
            for place, part in enumerate(self._referents(parts, clause), start=1):
                symbol = f"h{turn}.{place}"
                shown.append((Given(symbol, self._about(part)), self._port(part)))
                means[symbol] = part
        return shown, means

    def _serve(
        self, clause: str, shown: Sequence[tuple[Given, Port]], means: Mapping[str, Tree]
    ) -> Served:
        reading = read(clause, [given for given, _ in shown])
        seen = {symbol for symbol, _ in reading.inputs}
        inputs = {given.symbol: port for given, port in shown if given.symbol in seen}
        parsed = self.parse(reading, Crew(self.roles, inputs))
        if not parsed or parsed[0].wanted.abstains:
            sure = parsed[0].probability if parsed else 0.0
            return Served(said=clause, parts=(), probability=sure)
        best = parsed[0]
        parts = tuple(_meant(each, means) for each in best.wanted.parts)
        told = tuple(righted(each, clause, self.roles.cards) for each in parts)
        # What a question asks for is plain, however the network doubts who should be asked.
        least = CLEAR_PIECE if told != parts or (parts and asks_one(clause)) else 0.0
        return Served(
            said=clause,
            parts=told,
            probability=max(best.probability, least),
            partly=best.wanted.partly,
        )

    def _port(self, part: Tree) -> Port:
        _, name, output, over, *_ = _call(part)
        card = self.roles.cards[name]
        port = card.output(output or None) or card.outputs[0]
        return port.model_copy(update={"many": True}) if over else port

    def _about(self, part: Tree) -> str:
        port = self._port(part)
        kind = "any" if port.kind is Kind.DOCUMENT else port.kind.value
        names = {given.symbol: given.about.partition(" ")[2] for given, _ in self.files}
        used = " ".join(names[each] for each in inputs_of(part) if each in names)
        return f"{kind}{' list' if port.many else ''} {_call(part)[1].replace('_', ' ')} {used}"


_STILL = re.compile(
    r"\W*(?:(?:and|then|please|can you|could you) )*(?:(?:give|take|get|show|extract|grab|save|pull)(?: me)? |what(?:['’]?s| is) )?(?:the |a )?(?:very )?(?:last|first|final|opening|middle) "
    r"(?:frame|still|picture|image|shot)(?: (?:of|from|in) (?:the|this|my) (?:\w+ )?(?:video|film|clip|movie|recording))?\W*$",
    re.IGNORECASE,
)
_OF_SEVERAL = re.compile(
    r"\b(?:they|them|their|both|each|either|all of (?:them|these|those)|the two)\b", re.IGNORECASE
)
_ANSWER = re.compile(
    r"\b(?:answers?|repl(?:y|ies)|results?|that|this|these|those|them|both|sentences?|passages?|number|figure|sum|total)\b",
    re.IGNORECASE,
)
"""*Read the answer out*, *translate that*: what was answered is meant, and not the text that was asked."""
_OF_TOTAL = re.compile(
    r"\b(?:of|split|divide|share|halve|double) (?:the|our|this) (?:total|sum|bill|whole)\b",
    re.IGNORECASE,
)
_SAY = re.compile(
    r"\bwhat do (?:they|these|those|the (?:pictures|stills|frames|images)) say\b"
    r"|\b(?:read|written|printed|text|words|stands?)\b.{0,20}\b(?:them|each|these|those|the (?:pictures|stills|frames|images))\b"
    r"|\bread (?:them|these|those)\b(?!.*\b(?:aloud|out)\b)"
    r"|\b(?:written|printed|stands|says?) (?:in|on) (?:it|that|this|that one)\b|\bwhat does it say\b|\bread the (?:text|words|writing) (?:in|on|off) (?:it|that)\b",
    re.IGNORECASE,
)
"""*What do they say?*: pictures say what is written in them."""
HOW_MANY = re.compile(
    r"(?:if (?:so|yes|there (?:is|are)),? )?(?:and )?how many(?: (?:are there|is that|of them))?\W*",
    re.IGNORECASE,
)
_BARE = re.compile(r"(?:then |and |also |finally )*[^\W\d_]+[.!]?", re.IGNORECASE)
_JOINTS = re.compile(
    r"\s*[,;]\s*(?:and|then|plus|also)\s+|\s*[,;+&]\s+|\s+(?:and|plus|as well as)\s+"
)


_MODIFIES = re.compile(
    r"(?:(?:the )?(?:highest|lowest|biggest|smallest|largest|newest|oldest|latest|earliest|longest|shortest|cheapest|dearest|best|worst|most|least"
    r"|fewest|last|first|top|alphabetically)(?: \w+){0,2} (?:first|last|on top|at the top)|(?:sorted|ordered|ranked|grouped|arranged|in) .*\b(?:by|order|descending|ascending)\b.*"
    r"|(?:in )?(?:descending|ascending|alphabetical)(?: order)?|alphabetically|as (?:a|an) (?:table|list|chart)|by how (?:much|many)|(?:\w+ )?\w+ or \w+(?: \w+)?|per \w+|by \w+)\W*",
    re.IGNORECASE,
)
"""What tells how the piece before it is wanted: *highest first*, *as a table*."""
_HOLDS_TEXT = re.compile(r"[`:\n(]")


def pieces(text: str) -> list[str]:
    """Return what stands between commas and *and*: each may be a wish without a verb of its own."""
    if _HOLDS_TEXT.search(text):
        return []
    protected = protect(text)

    def typed(mark: re.Match[str]) -> str:
        return f'"{protected.contents[int(mark[1])]}"'

    found: list[str] = []
    for each in _JOINTS.split(protected.text):
        said = " ".join(MARK.sub(typed, each).split()).strip(" .")
        if found and _MODIFIES.fullmatch(said):
            found[-1] = f"{found[-1]}, {said}"
        elif said and not is_courtesy(said) and not _GREETS.fullmatch(said):
            found.append(said)
    return found


_PORTUGUESE = re.compile(
    r"\s*,?\s+e\s+(?:(?:depois|também)\s+)?(?=(?:tradu[zc]\w*|lê|leia|ler|di(?:z|ga|zer|gam)\b|resum[aeio]\w*|transcrev\w+|escrev\w+|faz|faça|fazer|mostr\w+|som[ae]\b|somar"
    r"|calcul\w+|cont[ae]\b|contar|list[ae]\b|listar|guard\w+|grav[ae]\w*|desenh\w+|convert\w+|quem|quando|onde|quant[oa]s?|qua(?:l|is)|como|porqu[eê]|a que|o que|de que)\b)",
    re.IGNORECASE,
)
"""Where a second order or question begins in Portuguese, whose verbs the clauses do not know."""
_GREETS = re.compile(
    r"(?:hi+|hello|hey|hiya|dear \w+|good (?:morning|afternoon|evening|day)|greetings|olá|oi|bom dia|boa (?:tarde|noite))(?: (?:there|all|everyone|herd))?\W*",
    re.IGNORECASE,
)
_NOT_WANTED = re.compile(
    r"\b(?:(?:does|do|is|are)(?: not|n['’]t) (?:matter|needed|wanted|of interest|important|relevant|to be (?:used|read|touched))|(?:please )?forget(?: (?:it|them|the)\b.*)?$"
    r"|^ignore\b|(?:be )?left out|need(?:n['’]t| not)\b|never ?mind|no action|by (?:accident|mistake)|is (?:just|only) (?:for|so|the|an?)"
    r"|for your (?:orientation|information)|fyi)",
    re.IGNORECASE,
)
"""*The other two, please forget*: said of something, and asks for nothing."""


def wishes(text: str, cards: Sequence[ExpertCard]) -> list[str]:
    """Return the clauses of a request that ask for something, in the words that were typed."""
    protected = protect(text)

    def typed(found: re.Match[str]) -> str:
        return f'"{protected.contents[int(found[1])]}"'

    said = [each.said for each in split(protected.text, verbs_of(cards)) if each.request]
    said = [part for each in said for part in _PORTUGUESE.split(each)]
    asked = [
        each
        for each in said
        if not (is_courtesy(each) or _GREETS.fullmatch(each) or _NOT_WANTED.search(each))
    ]
    told = [" ".join(MARK.sub(typed, each).split()) for each in asked]
    return _with_their_figures(_led_by(told))


def _led_by(clauses: Sequence[str]) -> list[str]:
    """Return clauses with what asks for nothing alone joined to its like: *who, and which places*; *…, how many?*."""
    found: list[str] = []
    for each in clauses:
        if found and _BARE_QUESTION.fullmatch(found[-1]):
            found[-1] = f"{found[-1]} and {_AND.sub('', each)}"
        elif found and any(
            (HOW_MANY.fullmatch(each), _LOOKS.fullmatch(each), _LOOKS.fullmatch(found[-1]))
        ):
            found[-1] = f"{found[-1].rstrip(' ,;.')}, {each}"
        else:
            found.append(each)
    return found


_BARE_QUESTION = re.compile(r"(?:and )?(?:who|when|where|what)", re.IGNORECASE)
_LOOKS = re.compile(
    r"look (?:in|into|at|through) (?:the|this|that|these|my|our|all)(?: \w+){1,3}\W*", re.IGNORECASE
)
"""*Look in the rules*: where, and not what."""
_AND = re.compile(r"^(?:and|also)\s+", re.IGNORECASE)
_DIGIT = re.compile(r"\d[\d.,]*")


def _with_their_figures(clauses: Sequence[str]) -> list[str]:
    """Return clauses with questions joined to the figures that stand before them: *a loan of 900 at 4%: …?*."""
    found: list[str] = []
    for each in clauses:
        first = next(iter(words(each)), "")
        asks = first in QUESTION_WORDS | AUXILIARIES and not _DIGIT.search(each)
        if found and asks and len(_DIGIT.findall(found[-1])) > 1 and not orders(found[-1]):
            found[-1] = f"{found[-1]}, {each}"
        else:
            found.append(each)
    return found


def orders(said: str) -> bool:
    """Say whether words open as a question or an order does."""
    first, second, *_ = [*words(said), "", ""]
    return first in QUESTION_WORDS | AUXILIARIES or is_verb(first, second)


def together(
    served: Sequence[Served],
    whole: Parsed | None,
    cards: Mapping[str, ExpertCard],
    *,
    clear: float = CLEAR,
) -> tuple[Parsed, Words] | None:
    """Return one plan of what the wishes came to, and whose words it serves.

    None where the plan of the whole is to be kept: it is likely, or a wish alone is not clear.

    Args:
        served: The wishes.
        whole: What was written about the request as a whole, if anything.
        cards: Who is there, by name.
        clear: How likely the plan of each wish must be.
    """
    if len(served) < 2 or any(not each.parts or each.partly for each in served):
        return None
    ruled = any(each.ruled for each in served)
    sure = min(each.probability for each in served)
    clear = min(clear, _RULED) if ruled else clear
    parts: dict[tuple[Tree, str], str] = {}
    for each in served:
        for part in each.parts:
            # An expert that is given the words themselves is asked once for each wish.
            own = each.said if takes_words(part, cards) else ""
            parts.setdefault((part, own), each.said)
    likely = whole.probability if whole is not None else 0.0
    held = len(whole.wanted.parts) if whole is not None else 0
    gives_way = likely < DOUBTED or (likely < COVERED and (ruled or len(parts) > held))
    if sure < clear or not gives_way:
        return None
    made = Parsed(
        wanted=Wanted(parts=tuple(part for part, _ in parts)),
        probability=max(sure * CLEAR, likely),
        looks=(),
    )
    return made, Words(parts=tuple(parts.values()), rest=())


def _points_back(clause: str) -> bool:
    return bool(PRONOUN.search(clause) or RESULT_NOUNS.search(clause))


def _newest(earlier: Sequence[tuple[Given, Port]]) -> str:
    return max((given.symbol.partition(".")[0] for given, _ in earlier), default="") + "."


def _call(part: Tree) -> Tree:
    return cast("Tree", part[1]) if part[0] == "if" else part


def _unpaged(tree: Tree, cards: Mapping[str, ExpertCard]) -> Tree:
    """Return an expression whose documents are read from the first page to the last."""
    if tree[0] != "call":
        return tree
    inner = tuple(_unpaged(cast("Tree", e), cards) if isinstance(e, tuple) else e for e in tree)
    card = cards[str(tree[1])]
    reads = carries(card) == "certain" and any(Kind.DOCUMENT in p.kinds for p in card.inputs)
    return inner[:5] if reads else inner


def _meant(tree: Tree, means: Mapping[str, Tree]) -> Tree:
    """Return an expression with what its inputs stand for in their place."""
    if tree[0] == "input":
        held = means.get(str(tree[1]), tree)
        return _call(held) if held[0] == "if" else held
    return tuple(
        _meant(cast("Tree", each), means) if isinstance(each, tuple) else each for each in tree
    )


__all__ = (
    "CLEAR",
    "CLEAR_PIECE",
    "COVERED",
    "HOW_MANY",
    "MOST_STEPS",
    "Served",
    "Stepwise",
    "orders",
    "pieces",
    "together",
    "wishes",
)
