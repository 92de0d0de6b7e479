"""Words of a question that are spelt nearly as the table, or the language of questions, spells them."""

from __future__ import annotations

import difflib
import re

from .asking import name_parts, root, singular, stem
from .asking_idle import ABOUT, DONE, PAID, THINGS, TONE
from .asking_lexicon import ADJECTIVES, INCOMING, OPPOSITES, OUTGOING, PEOPLE, RINGS, VERBS
from .asking_likeness import comparative, likeness, superlative
from .asking_vocabulary import AGGREGATES, FILLERS, MONTHS, UNITS, WEEKDAYS
from .asking_words import Words, is_operator

SPELLED = 0.84
_MISSPELT = {"wich": "which", "whitch": "which", "wat": "what", "waht": "what", "hwo": "how"}
_KNOWN = frozenset(
    {each for ring in RINGS for each in ring}
    | OUTGOING
    | ABOUT
    | DONE
    | PAID
    | THINGS
    | TONE
    | {"difference", "differences"}
    | INCOMING
    | {*ADJECTIVES, *VERBS, *OPPOSITES, *PEOPLE, *MONTHS, *UNITS, *WEEKDAYS, *FILLERS}
)


def correct(question: Words) -> None:
    """Spell the words as the table does, before they are looked up."""
    targets = {part for each in question.columns for part in name_parts(each.name)}
    targets |= {
        part for each in question.columns for value in each.values
        for part in re.findall(r"[^\W\d_]+", value.lower())
    }  # fmt: skip
    known = targets | _KNOWN | question.nouns
    targets |= {each for words in AGGREGATES.values() for each in words}
    targets |= {"expensive", "cheapest", "between", "department", "percentage", "different"}
    long = [each for each in targets if len(each) >= 5]
    for at, word in enumerate(question.words):
        low = word.low
        if low in _MISSPELT:
            word.text = _MISSPELT[low]
        if (
            len(low) < 5 or not low.isalpha() or low in known or is_operator(low)
            or any(form in known for form in (stem(low), root(low), singular(low)))
            or superlative(low) or comparative(low)
        ):  # fmt: skip
            continue
        if any(likeness(each, low) for each in question.columns):
            continue
        same = [each for each in long if each[0] == low[0]]
        near = difflib.get_close_matches(low, same, 1, SPELLED)
        if near:
            question.note(at, near[0])
            word.text = near[0]
