"""See to it that every wish of a request is served once, or named as not served.

A plan that was written for a whole request may have lost a wish on the way, or serve one twice. Its wishes
are read alone, too: a wish that no part of the plan is about is added, with what it came to alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from herd_graph.cards import ExpertCard
from herd_graph.discovery.words import words
from herd_graph.routing.going_on import adds_up
from herd_graph.routing.golds import Tree, Wanted, inputs_of
from herd_graph.routing.neural.asking import asks_table, is_lister, reader_of, takes_words
from herd_graph.routing.neural.chaining import chained
from herd_graph.routing.neural.claims import (
    SURE_ALONE,
    Part,
    alike,
    claim_said,
    claimed,
    cut_short,
    grounded,
    holds,
    is_plain,
    left_open,
    one_each,
    put_right,
    put_to_text,
    told_apart,
    worded_alike,
)
from herd_graph.routing.neural.decoding import Parsed
from herd_graph.routing.neural.gapping import filled_in
from herd_graph.routing.neural.hearing import as_speech
from herd_graph.routing.neural.looking import Words, led_off
from herd_graph.routing.neural.stepwise import HOW_MANY, Served

SURE_OF_ALL = 0.8
"""A whole that is likelier than this seldom loses a wish: only what is plain alone is added to it."""
_ADDED_TO_SURE, _ADDED, _IN_DOUBT = 0.7, 0.6, 0.5
"""How likely the plan of a wish alone must be to be added: beside a whole that is sure, one that is likely,
and one that is doubted itself."""
_LIKELY = 0.6
_MOST_ADDED = 4
"""Words that a question may have beside those of another and still be that one: *and by how much*."""
_NUMBER = re.compile(r"\d")
_HALF_A = re.compile(
    r"\b(?:half|quarter|third|dozen|one|two|three|four|five|six|seven|eight|nine|ten|twelve|an?) (?:an? |of an? )?[a-z]+",
    re.IGNORECASE,
)
"""*How many grams is half a pound?* has a figure of its own."""
_AND = re.compile(r"^(?:and|also|then)\b\s*", re.IGNORECASE)


def covered(
    whole: Parsed, said: Words, served: Sequence[Served], cards: Mapping[str, ExpertCard]
) -> tuple[Parsed, Words] | None:
    """Return the plan of a whole request with the wishes that it lacks; None where it lacks none.

    Args:
        whole: What was written about the request as a whole.
        said: Whose words its parts serve.
        served: What its wishes came to, each read alone.
        cards: Who is there, by name.
    """
    if len(served) < 2 or any(part[0] == "if" for part in whole.wanted.parts):
        return None
    parts = claimed(whole, said, served, cards)
    righted = put_right(parts, served, whole.probability, cards)
    righted = grounded(parts, cards) or righted
    open_ = left_open(parts, served)
    served = put_to_text(served, open_, parts, cards)
    open_ = [k for k in open_ if not claim_said(parts, k, served[k])]
    sure = whole.probability >= SURE_OF_ALL
    if sure:
        # What a sure whole lost is plain: all it has is another wish's, and this one is a clause of its own.
        known = all(each.wishes for each in parts)
        open_ = [k for k in open_ if known and is_plain(served[k].said)]
        open_ = [k for k in open_ if _is_about(served[k], cards)]
    needed = _ADDED if whole.probability >= _LIKELY else _IN_DOUBT
    needed = _ADDED_TO_SURE if sure else needed
    able = [k for k in open_ if served[k].parts and not (sure and served[k].partly)]
    added = [k for k in able if served[k].probability >= needed]
    split = told_apart(parts, served, cards)
    unmet = [k for k in open_ if not served[k].parts and served[k].probability >= SURE_ALONE]
    if not whole.wanted.partly:
        # A whole that is likely knows better than one wish alone what cannot be done.
        unmet = unmet if whole.probability < _LIKELY else []
    added += split
    told = all(k in added for k in left_open(parts, served))
    # What a sure whole knows to be left stays left, unless alone that is plainly done.
    left = [words(led_off(each)) for each in said.rest[:1]]
    done = any(words(led_off(each.said)) in left and _is_done(each) for each in served)
    told = told and (not sure or len(added) > len(split) or done)
    partly = bool(unmet) or (whole.wanted.partly and not told)
    clean = righted or one_each(parts) or cut_short(parts, served, cards)
    if not added and partly == whole.wanted.partly and not unmet and not clean:
        return None
    return _put_together(whole, said, parts, served, added, unmet, partly=partly)


def _is_done(wish: Served) -> bool:
    return bool(wish.parts) and not wish.partly and wish.probability >= _ADDED_TO_SURE


def _is_about(wish: Served, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether what a wish came to is about something: a file, a result, figures of its own."""
    if any(inputs_of(each) for each in wish.parts):
        return True
    chats = any(each[1] == reader_of(cards) for each in wish.parts)
    return _NUMBER.search(wish.said) is not None and not chats


def _put_together(
    whole: Parsed,
    said: Words,
    parts: Sequence[Part],
    served: Sequence[Served],
    added: Sequence[int],
    unmet: Sequence[int],
    *,
    partly: bool,
) -> tuple[Parsed, Words]:
    """Return the parts in the order in which their wishes were said."""
    found: list[tuple[float, Tree, str]] = []
    for number, part in enumerate(parts):
        place = part.wishes[0] if part.wishes else number / len(parts) * len(served)
        alone = len(part.wishes) == 1 and len(parts) + len(added) > 1
        said_ = led_off(served[part.wishes[0]].said) if alone else part.said
        found.append((place, part.tree, said_))
    found += [(k, tree, led_off(served[k].said)) for k in added for tree in served[k].parts]
    found.sort(key=lambda each: each[0])
    wanted = Wanted(parts=tuple(tree for _, tree, _ in found), partly=partly)
    named = tuple(led_off(served[k].said) for k in unmet)
    made = Words(parts=tuple(each for _, _, each in found), rest=said.rest, unmet=named)
    return replace(whole, wanted=wanted, looks=()), made


def settled(
    parsed: Parsed, said: Words, cards: Mapping[str, ExpertCard], clauses: Sequence[str]
) -> tuple[Parsed, Words]:
    """Return a plan with its parts tied to each other, what their words leave out filled in, and none twice.

    Args:
        parsed: What was written.
        said: Whose words its parts serve.
        cards: Who is there, by name.
        clauses: The wishes of the request.
    """
    if parsed.wanted.abstains or not parsed.wanted.parts:
        return parsed, said
    parts, told = chained(as_speech(parsed.wanted.parts, said.parts, cards), said.parts, cards)
    parts = _of_the_text(parts, told, cards)
    parts, told = _with_figures(parts, told, cards)
    parts, told = _distinct(parts, told, cards, clauses)
    told = _own_words(told, clauses)
    told = _of_each(parts, told, clauses)
    parts, told = _leaning(parts, told, cards)
    told = _in_full(parts, told, cards)
    wanted = replace(parsed.wanted, parts=tuple(parts))
    return replace(parsed, wanted=wanted), replace(said, parts=tuple(told))


_CALL = 4
"""How many things a call of an expert holds before what it is given."""
_ANSWERED = re.compile(r"\b(?:answer|reply|that sentence|result)\b", re.IGNORECASE)
_BARE = re.compile(
    r"(?:(?:at|by|from|until) )?(?:when|where|why|how|who|what time)\W*", re.IGNORECASE
)
_LEANS = re.compile(
    r"\b(?:they|them|their|he|she|him|his|her|those|these|it|its|that (?!table\b|file\b|sheet\b|list\b|many\b|much\b)\w+)\b",
    re.IGNORECASE,
)
_OF_ALL = re.compile(
    r"\b(?:it|they|them|these|those) (?:have|has|all|in all|contain)\b", re.IGNORECASE
)
_ASKED = re.compile(
    r"^(?:(?:and|also) )?(?:who|what|which|when|where|how|whose|is|are|was|were|do|does|did|has|have)\b",
    re.IGNORECASE,
)


def _of_the_text(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> list[Tree]:
    """Return the parts, with *it* as the text that was asked, and not the answer to another question.

    *Who wrote it, and is there a phone number in it?* looks for the number in the mail.
    """
    reader = reader_of(cards)
    asked_ = [
        each for each in parts if each[0] == "call" and each[1] == reader and len(each) > _CALL
    ]
    found: list[Tree] = []
    for part, words_ in zip(parts, said, strict=True):
        inner = cast("Tree", part[4]) if part[0] == "call" and len(part) > _CALL else part
        card = cards.get(str(part[1])) if part[0] == "call" else None
        looks = card is not None and (is_lister(card) or "sentiment" in card.tags)
        if looks and inner in asked_ and not _ANSWERED.search(words_):
            found.append((*part[:4], inner[4], *part[5:]))
        else:
            found.append(part)
    return found


def _leaning(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> tuple[list[Tree], list[str]]:
    """Ask a table's question that leans on the one before together with it: *and who sings it?*.

    Only who was asked the first knows which row, month or people the second speaks of.
    """
    found: list[Tree] = []
    told: list[str] = []
    for part, words_ in zip(parts, said, strict=True):
        last = found[-1] if found else None
        table = last is not None and _is_of_table(last, cards) and _same_table(part, last, cards)
        leans = _ASKED.search(words_) and _LEANS.search(words_) and not _OF_ALL.search(words_)
        counts = last is not None and alike(part, last) and HOW_MANY.fullmatch(words_)
        if (table and leans) or counts:
            told[-1] = f"{told[-1].rstrip(' .,;?!')}, and {_AND.sub('', words_)}"
        else:
            found.append(part)
            told.append(words_)
    return found, told


def _is_of_table(part: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether a part is a question to an attached table, and nothing more."""
    known = part[0] == "call" and part[1] in cards and not part[2] and not part[3]
    return known and asks_table(cards[str(part[1])]) and part[4][0] == "input"


def _same_table(part: Tree, last: Tree, cards: Mapping[str, ExpertCard]) -> bool:
    """Say whether a part asks the same table, or asks someone of what the table answered."""
    if _is_of_table(part, cards):
        return part[4] == last[4]
    inner = next((each for each in part[4:] if each[0] == "call"), None)
    asks = part[0] == "call" and not part[3] and takes_words(part, cards)
    return bool(asks and inner is not None and alike(inner, last) and _is_of_table(inner, cards))


def _of_each(parts: Sequence[Tree], said: Sequence[str], clauses: Sequence[str]) -> list[str]:
    """Return the words of parts that do one thing with each of several files: all of the one wish."""
    shapes = {worded_alike(each) for each in parts}
    bare = all(_BARE.fullmatch(each) for each in clauses[1:])
    if not clauses or not bare or len(parts) < 2 or len(shapes) < 2:
        return list(said)
    if len({_unnamed(each) for each in shapes}) != 1:
        return list(said)
    whole = " and ".join(clauses)
    mine = words(whole)
    short = all(holds(mine, words(each)) and words(each) != mine for each in said)
    return [whole] * len(said) if short and len(set(said)) == 1 else list(said)


def _unnamed(tree: Tree) -> Tree:
    return tuple(
        _unnamed(cast("Tree", each)) if isinstance(each, tuple) else each
        for each in (tree[:1] if tree[0] == "input" else tree)
    )


def _own_words(said: Sequence[str], clauses: Sequence[str]) -> list[str]:
    """Return the words of parts without the clauses that are another part's."""
    spoken = [words(each) for each in said]
    found: list[str] = []
    for place, mine in enumerate(spoken):
        others = [each for k, each in enumerate(spoken) if k != place and each != mine]
        held = [each for each in clauses if holds(mine, words(each)) and words(each) != mine]
        left = [each for each in held if not any(holds(theirs, words(each)) for theirs in others)]
        found.append(left[0] if len(held) > 1 and len(left) == 1 else said[place])
    return found


def _with_figures(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> tuple[list[Tree], list[str]]:
    """Ask questions about figures together with the figures: *a loan of 900, what do I pay?*, say."""
    found: list[Tree] = []
    told: list[str] = []
    for part, words_ in zip(parts, said, strict=True):
        card = cards.get(str(part[1]))  # none where a part is made of others: a choice, an order
        bare = not inputs_of(part) and takes_words(part, cards)
        bare = bare and card is not None and not adds_up(card)
        last = found[-1] if found else None
        leans = bare and last is not None and alike(last, part) and _NUMBER.search(told[-1])
        counted = card is not None and "units" in card.tags and _HALF_A.search(words_)
        if leans and not _NUMBER.search(words_) and not counted:
            if not holds(words(told[-1]), words(words_)):
                told[-1] = f"{told[-1].rstrip(' .,;')}, {words_}"
        else:
            found.append(part)
            told.append(words_)
    return found, told


def _in_full(
    parts: Sequence[Tree], said: Sequence[str], cards: Mapping[str, ExpertCard]
) -> list[str]:
    """Return the words of parts, with those that go to one expert after another filled in."""
    found: list[str] = []
    for place, words_ in enumerate(said):
        follows = (
            place > 0 and takes_words(parts[place], cards) and alike(parts[place], parts[place - 1])
        )
        found.append(filled_in([found[-1], words_])[1] if follows else words_)
    return found


def _value(part: Tree) -> str:
    """Return the words that a part was written with; empty where it was written with none."""
    return next((str(e[1]) for e in part[4:] if e[0] == "value" and isinstance(e[1], str)), "")


def _differ(one: Tree, other: Tree) -> bool:
    """Say whether two parts were written with different words: neither holds the other's."""
    mine, theirs = words(_value(one)), words(_value(other))
    return bool(mine and theirs) and not holds(mine, theirs) and not holds(theirs, mine)


def _distinct(
    parts: Sequence[Tree],
    said: Sequence[str],
    cards: Mapping[str, ExpertCard],
    clauses: Sequence[str],
) -> tuple[list[Tree], list[str]]:
    """Leave out a part whose wish another one serves with more of the words."""
    kept: list[int] = []
    told = list(said)
    for place, part in enumerate(parts):
        mine = words(said[place])
        own = takes_words(part, cards)
        served = False
        for k, other in enumerate(parts):
            if k == place or not (alike(part, other) if own else part == other):
                continue
            theirs = words(said[k])
            if own and _differ(part, other) and (holds(mine, theirs) or holds(theirs, mine)):
                told[place] = _value(part)  # what the network itself took for the question
            elif mine == theirs or not own:
                served = served or k in kept
            elif holds(theirs, mine):
                left = [
                    each
                    for each in clauses
                    if words(each) not in (mine, theirs) and holds(theirs, words(each))
                ]
                if left:
                    told[k] = left[-1]
                elif len(theirs) - len(mine) <= _MOST_ADDED:
                    served = True
        if not served:
            kept.append(place)
    return [parts[k] for k in kept], [told[k] for k in kept]


__all__ = ("SURE_OF_ALL", "covered", "settled")
