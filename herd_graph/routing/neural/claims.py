"""Tell which part of a plan serves which wish of a request, and which wishes no part serves."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import words
from herd_graph.routing.clauses import is_verb
from herd_graph.routing.golds import Tree, inputs_of
from herd_graph.routing.lexicon import (
    POLITE,
    PRONOUN,
    RESULT_NOUNS,
)
from herd_graph.routing.neural.asking import asked, asks_table, reader_of, source_of, takes_words
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.looking import Words
from herd_graph.routing.neural.stepwise import Served, orders

SURE_ALONE = 0.9
"""A wish whose plan alone is likelier than this is known to be that."""
_FRAGMENT = re.compile(r"^(?:and |or )?(?:in|on|for|at|of|with|from|about)\b", re.IGNORECASE)
_LEADS_IN = re.compile(
    r"^(?:(?:take|have|give (?:it|this)) a (?:\w+ )?look|look (?:at|in|into|through|over)|listen|watch|open|check|go (?:through|over)|examine|use|consider|study|inspect)\b",
    re.IGNORECASE,
)
"""*Look at the photo and tell me …*: the first half asks for nothing that the second does not."""
_OWN_QUESTION = re.compile(
    r"^(?:(?:and|also|then|please) )*(?:(?:can|could) you )?(?:what(?:['’]?s)?|which|who(?:['’]?s)?|how|when|where|whose|list|show|tell|give|count|is|are|does|do|did)\b\W*(?:\w+\W+){2,}",
    re.IGNORECASE,
)

_MODAL = re.compile(
    r"(?:(?:and|also|then) )*(?:may|might|must|shall|should|can|could|is|are|was|were|do|does|did|has|have)\b(?! you\b)(?:\W+\w+){2,}",
    re.IGNORECASE,
)
"""*May small children go up?*, beside another question to the same text."""
_LED = re.compile(r"^(?:(?:and|also|then|plus)\b\W*)+", re.IGNORECASE)
_FEW = 2
_CALL = 5
"""Of how many things a call of an expert with one argument is made."""


@dataclass(kw_only=True)
class Part:
    """One part of the plan of the whole."""

    tree: Tree
    said: str
    wishes: list[int] = field(default_factory=list[int])
    """Which wishes it serves, by place."""


def claimed(
    whole: Parsed, said: Words, served: Sequence[Served], cards: Mapping[str, ExpertCard]
) -> list[Part]:
    """Return the parts of a plan with the wishes that each of them serves.

    Args:
        whole: What was written about the request as a whole.
        said: Whose words its parts serve.
        served: What its wishes came to, each read alone.
        cards: Who is there, by name.
    """
    parts = [
        Part(tree=tree, said=words)
        for tree, words in zip(whole.wanted.parts, said.parts, strict=True)
    ]
    # Who does just what a wish came to serves it, before one that does so on its way.
    rest = [(k, tree) for k, wish in enumerate(served) for tree in wish.parts]
    rest = [(k, tree) for k, tree in rest if not _claim(parts, k, tree, cards)]
    known = [tree for k, wish in enumerate(served) for tree in wish.parts if (k, tree) not in rest]
    for place, tree in rest:
        # One answer on the way to another serves one question, and not every one put to that text.
        shared = takes_words(tree, cards) and tree in known
        if _claim_within(parts, place, tree, served[place], cards, shared=shared):
            known.append(tree)
    for part in parts:
        part.wishes.sort()
        if not part.wishes:
            _claim_by_words(part, parts, served)
    return parts


def left_open(parts: Sequence[Part], served: Sequence[Served]) -> list[int]:
    """Return the wishes that no part serves, by place."""
    taken = {k for each in parts for k in each.wishes}
    return [k for k, wish in enumerate(served) if k not in taken and _asks(wish.said)]


def told_apart(
    parts: Sequence[Part], served: Sequence[Served], cards: Mapping[str, ExpertCard]
) -> list[int]:
    """Take from a question to a table the questions that came to another one alone, and return them.

    Two questions in one make one query, which answers half of each.
    """
    found: list[int] = []
    for part in parts:
        if len(part.wishes) < 2 or part.tree[0] != "call" or not asks_table(_card(part, cards)):
            continue
        alone = [
            k
            for k in part.wishes
            if served[k].probability >= SURE_ALONE
            and len(served[k].parts) == 1
            and alike(served[k].parts[0], part.tree)
            and _OWN_QUESTION.match(served[k].said)
        ]
        if len(alone) == len(part.wishes):
            found += alone[1:]
            del part.wishes[1:]
    return found


def put_right(
    parts: Sequence[Part],
    served: Sequence[Served],
    probability: float,
    cards: Mapping[str, ExpertCard],
) -> bool:
    """Put what a wish surely came to alone in the place of what the whole made of it; say whether any was.

    The whole may save what another wish asks for, or hear a film whose last picture is wanted.
    """
    found = False
    for part in parts:
        place = part.wishes[0] if len(part.wishes) == 1 else _worded(part, parts, served)
        if place is None or len(served[place].parts) != 1:
            continue
        alone, (tree,) = served[place], served[place].parts
        points = PRONOUN.search(alone.said) or RESULT_NOUNS.search(alone.said)
        asked_ = _is_of_answer(tree, part.tree, cards) and alone.probability > probability
        if tree == part.tree or (points and not alone.ruled and not asked_):
            continue
        lost = not part.wishes and alone.probability > probability
        longer = alone.probability >= SURE_ALONE > probability
        longer = longer and _is_shorter(tree, part.tree, cards)
        if lost or longer or asked_ or alone.ruled:
            part.tree, part.wishes, found = tree, [place], True
    return found


def _worded(part: Part, parts: Sequence[Part], served: Sequence[Served]) -> int | None:
    """Return the wish whose very words a part bears that no wish came to alone."""
    if part.wishes:
        return None
    mine = words(part.said)
    own = [k for k, each in enumerate(served) if words(each.said) == mine]
    held = [k for k in own if not any(served[k].parts == (each.tree,) for each in parts)]
    return held[0] if len(held) == 1 else None


def _is_shorter(tree: Tree, other: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether an expression has the same expert do the same, with no question to a table between."""
    if tree[0] != "call" or other[0] != "call" or tree[1:4] != other[1:4]:
        return False
    first, rest = next(iter(tree[4:]), tree), tree[5:]
    inner, others = next(iter(other[4:]), other), other[5:]
    between = first[0] == "input" and inner[0] == "call" and set(inputs_of(inner)) == {first[1]}
    return between and rest == others and asks_table(cards[str(inner[1])])


def _is_of_answer(tree: Tree, other: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether an expression does with a text what the other does with an answer from that text."""
    if tree[0] != "call" or other[0] != "call" or tree[1:4] != other[1:4] or len(other) < _CALL:
        return False
    inner, source = cast("Tree", other[4]), cast("Tree", tree[4])
    reader = reader_of(cards)
    return inner[0] == "call" and inner[1] == reader and source in inner[4:]


def grounded(parts: Sequence[Part], cards: Mapping[str, ExpertCard]) -> bool:
    """Put a question that was asked of nothing to the one text that the other parts are about.

    *Type it up, and tell me what the repair costs*: the recording says so; say whether there was one.
    """
    texts = _texts(parts, cards)
    found = False
    for part in parts:
        alone = part.tree[0] == "call" and part.tree[1] == reader_of(cards)
        if alone and len(texts) == 1 and not inputs_of(part.tree):
            put = asked(part.said, texts[0], cards)
            if put is not None:
                part.tree, found = put, True
    return found


def _texts(parts: Sequence[Part], cards: Mapping[str, ExpertCard]) -> list[Tree]:
    """Return what the parts are about; of a text and what was made of it, the text itself."""
    sources = [each for part in parts if (each := source_of(part.tree, cards)) is not None]
    made = [each for each in sources if any(_is_within(other, each) for other in sources)]
    return [each for each in dict.fromkeys(sources) if each not in made]


def put_to_text(
    served: Sequence[Served],
    open_: Sequence[int],
    parts: Sequence[Part],
    cards: Mapping[str, ExpertCard],
) -> list[Served]:
    """Return the wishes, with questions that nobody took put to the one text that the other parts are about."""
    sources = _texts(parts, cards)
    found = list(served)
    if len(sources) == 1:
        source = sources[0]
        for place in open_:
            said = found[place].said
            part = None if found[place].parts else asked(said, source, cards)
            reads = ("call", reader_of(cards), "", False, source)
            if part is None and not found[place].parts and _MODAL.match(said):
                part = reads if any(each.tree == reads for each in parts) else None
            if part is not None:
                found[place] = replace(found[place], parts=(part,), probability=SURE_ALONE)
    return found


def _asks(said: str) -> bool:
    """Say whether a clause is a question or an order of its own: others may tell of something."""
    bare = POLITE.sub("", said).strip()
    return orders(bare) and not _FRAGMENT.match(said) and not _LEADS_IN.match(bare)


def claim_said(parts: Sequence[Part], place: int, wish: Served) -> bool:
    """Give a wish that was put to a text the part that is asked it in these words; say whether there is one."""
    held = next((e for e in parts if wish.parts == (e.tree,) and _says(e, wish)), None)
    if held is not None:
        held.wishes.append(place)
    return held is not None


def is_plain(said: str) -> bool:
    """Say whether a clause is plainly a question or an order of its own, of several words."""
    bare = POLITE.sub("", _LED.sub("", said)).strip()
    first, *rest = [*words(bare), ""]
    ordered = is_verb(first, rest[0]) and len(rest) > _FEW and rest[0] not in {"and", "or"}
    return ordered or _OWN_QUESTION.match(bare) is not None


def _claim(parts: Sequence[Part], place: int, tree: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Give a wish the part that does what it came to alone; say whether there is one."""
    own = takes_words(tree, cards)
    held = next((e for e in parts if e.tree == tree and not (own and e.wishes)), None) or next(
        (e for e in parts if not e.wishes and alike(e.tree, tree)), None
    )
    if held is not None:
        held.wishes.append(place)
    return held is not None


def _claim_within(
    parts: Sequence[Part],
    place: int,
    tree: Tree,
    wish: Served,
    cards: Mapping[str, ExpertCard],
    *,
    shared: bool,
) -> bool:
    """Give a wish the part that does it beside another one, or on its way; say whether there is one."""
    own = takes_words(tree, cards)
    held = next((e for e in parts if _may_hold(e.tree, tree, own) and _says(e, wish)), None)
    if held is None and not shared:
        held = next((e for e in parts if _is_within(tree, e.tree)), None) or next(
            (e for e in parts if _works_within(tree, e.tree)), None
        )
    if held is not None:
        held.wishes.append(place)
    return held is not None


def alike(one: Tree, other: Tree) -> bool:
    """Say whether two parts have the same expert work on the same things."""
    if one[0] != "call" or other[0] != "call":
        return one == other
    return one[1] == other[1] and set(inputs_of(one)) == set(inputs_of(other))


def _may_hold(held: Tree, tree: Tree, own: bool) -> bool:
    """Say whether a part may serve a wish, too: they differ in no more than words and numbers."""
    return alike(held, tree) and (own or worded_alike(held) == worded_alike(tree))


def worded_alike(tree: Tree) -> Tree:
    """Return an expression without its words and numbers."""
    return tuple(
        worded_alike(cast("Tree", each)) if isinstance(each, tuple) else each
        for each in tree
        if not (isinstance(each, tuple) and cast("Tree", each)[0] == "value")
    )


def _says(part: Part, wish: Served) -> bool:
    """Say whether the words of a part hold those of a wish: it serves that, too."""
    return holds(words(part.said), words(wish.said))


def _inner(whole: Tree) -> list[Tree]:
    return [cast("Tree", each) for each in whole if isinstance(each, tuple)]


def _is_within(tree: Tree, whole: Tree) -> bool:
    """Say whether a part makes on its way what a wish asks for."""
    return any(each == tree or _is_within(tree, each) for each in _inner(whole))


def calls(tree: Tree, name: str) -> bool:
    """Say whether an expert works anywhere in a part."""
    called = tree[0] == "call" and tree[1] == name
    return bool(name) and (called or any(calls(each, name) for each in _inner(tree)))


def _works_within(tree: Tree, whole: Tree) -> bool:
    """Say whether a part has the expert of a wish work on the same thing on its way."""
    return any(
        (each[0] == "call" and alike(each, tree)) or _works_within(tree, each)
        for each in _inner(whole)
    )


def _claim_by_words(part: Part, parts: Sequence[Part], served: Sequence[Served]) -> None:
    """Give a part that no wish came to alone the wish that its words belong to, if that has none."""
    literal = next((words(e[1]) for e in part.tree[2:] if _is_literal(e)), ())
    for place, wish in enumerate(served):
        taken = any(place in each.wishes for each in parts)
        mine, theirs = words(part.said), words(wish.said)
        if literal and not holds(theirs, literal) and _is_named(literal, served):
            continue  # it looks for what another wish names
        if not taken and (holds(mine, theirs) or holds(theirs, mine)):
            part.wishes.append(place)
            return


def _is_literal(argument: object) -> bool:
    if not isinstance(argument, tuple):
        return False
    value = cast("Tree", argument)
    return value[0] == "value" and isinstance(value[1], str)


def _is_named(literal: Sequence[str], served: Sequence[Served]) -> bool:
    return any(holds(words(each.said), literal) for each in served)


def holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    """Say whether words stand in others, in a row."""
    size = len(shorter)
    return bool(shorter) and any(
        list(longer[k : k + size]) == list(shorter) for k in range(len(longer) - size + 1)
    )


def one_each(parts: Sequence[Part]) -> bool:
    """Say whether the words of a part hold those of another, and the wishes tell them apart."""
    told = all(len(each.wishes) == 1 for each in parts)
    mixed = any(
        one is not other and holds(words(one.said), words(other.said))
        for one in parts
        for other in parts
    )
    return told and mixed and len({each.wishes[0] for each in parts}) == len(parts)


def cut_short(
    parts: Sequence[Part], served: Sequence[Served], cards: Mapping[str, ExpertCard]
) -> bool:
    """Say whether a part would be given a piece of the wish that it alone serves: *amounts in it*."""
    known = [each.wishes[0] for each in parts if len(each.wishes) == 1]
    return any(
        len(each.wishes) == 1
        and known.count(each.wishes[0]) == 1
        and takes_words(each.tree, cards)
        and len(words(served[each.wishes[0]].said)) > len(words(each.said))
        and holds(words(served[each.wishes[0]].said), words(each.said))
        for each in parts
    )


def _card(part: Part, cards: Mapping[str, ExpertCard]) -> ExpertCard:
    return cards[str(part.tree[1])]


__all__ = (
    "SURE_ALONE",
    "Part",
    "alike",
    "calls",
    "claim_said",
    "claimed",
    "cut_short",
    "grounded",
    "holds",
    "is_plain",
    "left_open",
    "one_each",
    "put_right",
    "put_to_text",
    "told_apart",
    "worded_alike",
)
