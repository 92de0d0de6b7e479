# ruff: noqa: SIM905 - word lists are read and mended as words
"""Words of daily life that say nothing of which rows are meant: *average spent on food*.

A word that nothing in the table knows is let go only for what it is: a filler of time or tone, the
thing that a row is, what the table is about, or a verb that says no more than that something was had,
done or paid. What may be a cell, a column or a state (*cancelled*, *broken*, *Lisbon*) never is, and
a question of which nothing else is left is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from .asking import Column, Query, Unmapped, stem
from .asking_likeness import likeness

TONE = frozenset(
    "really actually basically simply very quite rather pretty even indeed maybe perhaps probably right "
    "anyway though well kindly honestly literally say must ought need needs needed to-date far yet "
    "please thank thanks cheers sorry hope wondering wonder guess suppose quick ok okay "
    "truly obviously apparently normally usually generally always sometimes single actual various "
    "particular specific certain individual separate respective complete precise exact proper real "
    "mr mrs ms miss dr herr frau senhor senhora dona senor señor monsieur madame sir "
    "i'm i'd i've i'll we're we'd we've we'll you're they're they've he's she's it's that's there's "
    "here's let's them's ones one's somehow myself ourselves yourself themselves himself herself itself".split()
)
"""How something is said."""
THINGS = frozenset(
    "thing things stuff one ones item items piece pieces entry entries bit bits lot lots "
    "position positions option options example examples possibility".split()
)
"""What any row may be called."""
ABOUT = frozenset(
    "trip holiday holidays vacation journey tour season programme program schedule timetable menu register "
    "log diary playlist setlist album collection catalogue catalog inventory overview summary statement "
    "account accounts books ledger budget event race match game tournament competition contest fair market "
    "festival exhibition conference workshop course party concert show gig meeting survey poll project "
    "household family office shop store club company school class farm garden kitchen restaurant cafe bar "
    "hotel hostel library museum business organisation organization team group place world period time "
    "winter summer spring autumn year sheet tab report records roster rota plan agenda calendar".split()
)
"""What a whole table may be about, where it stands behind a preposition and an article."""
_BEFORE_ABOUT = frozenset(
    "in on at of for during over throughout across from within through".split()
)
_DETERMINERS = frozenset(
    "the our my your this that these those a their his her whole entire full all".split()
)
DONE = frozenset(
    "be been have had has own owns owned get gets got go goes going went gone come comes came stay stays stayed "
    "staying live lives lived living work works worked working attend attends attended visit visits visited "
    "visiting take takes took taking happen happens happened arrive arrives arrived see sees saw seen look looks looked "
    "show shows shown find found play plays played playing perform performs performed sing sings sang sung "
    "eat eats ate eaten drink drinks drank ride rides rode ridden walk walks walked run runs ran running "
    "swim swims swam cycle cycled train trained use uses used using need needs put puts do does did doing "
    "make makes made making know knows knew known serve serves served join joins joined begin starts start "
    "started stand stands stood sit sits sat read reads write writes wrote written teach teaches taught "
    "manage manages managed lead leads led belong belongs travel travels travelled drive drives drove "
    "collect collects collected grow grows grew grown cover covers covered involve involves involved "
    "spread move moves moved include bake bakes baked baking cook cooks cooked prepare prepares prepared deliver delivered pack packed collect pick singing reading writing teaching riding driving walking swimming eating drinking sleeping sleep sleeps slept buying selling studying study studies arriving leaving joining helping offer offers offered provide provides provided give gives gave given picks picked harvest harvests harvested gather gathers gathered yielded pulled".split()
)
"""Verbs that say no more than that a row is there."""
PAID = frozenset(
    "spend spends spent spending pay pays paid paying cost costs costing earn earns earned earning charge charges "
    "charged owe owes owed bring brings brought bringing fetch fetches fetched raise raises raised draw draws drew "
    "drawn attract attracts attracted pull pulled make makes made get got receive receives received "
    "sell sells sold buy buys bought purchase purchased consume consumes consumed burn burns burnt burned "
    "money cash euros euro pounds dollars produce produces produced score scores scored reach reaches reached "
    "achieve achieves achieved total expenditure spending outgoings add adds added amount amounts amounted "
    "cheap expensive last lasts lasted weigh weighs weighed measure measures measured count counts counted "
    "bill bills invoice invoices ticket tickets trip ride journey flight drive swim swam needed donate donates donated contribute contributes contributed hand handed".split()
)
"""What a number of a row was had for: safe beside a measure that is told, and not where rows are counted."""
PERSONS = frozenset(
    "people person persons guest guests customer customers client clients visitor visitors folks "
    "everyone everybody someone anyone user users parent parents family families".split()
)
"""Who has a number of a row: safe where a number is asked for."""
_SEASONS = frozenset("winter summer spring autumn season year".split())
_WHOLE = frozenset({"whole", "entire", "full"})
_SAID_OF_PLACE = frozenset("out back off away along around up down in over home".split())
"""Particles of verbs."""


def idle_words(spoken: Sequence[str], left: Sequence[int], columns: Sequence[Column]) -> list[int]:
    """Return those of the words that are left over which may be let go.

    Args:
        spoken: The question's words, in lower case.
        left: Where those stand that nothing in the table knows.
        columns: Of the table.
    """
    return [at for at in left if _is_idle(spoken, at, columns)]


def _is_idle(spoken: Sequence[str], at: int, columns: Sequence[Column]) -> bool:
    word = spoken[at]
    if word in TONE or word in THINGS or word in DONE or word in PAID or word in PERSONS:
        return not any(each.is_flag and likeness(each, word) > 1 for each in columns)
    before = spoken[at - 1] if at else ""
    if word in _SAID_OF_PLACE:
        return before in DONE or before in PAID or (word == "home" and before == "at")
    if word in _SEASONS and before not in _WHOLE:
        calendar = word != "year"  # the months of a table are those of its year
        dated = any(each.kind == "date" or (calendar and each.calendar) for each in columns)
        return not dated and _is_about(spoken, at)
    if word.endswith(("'s", "’s")) and stem(word) in ABOUT:
        return True  # the whole class's average
    return (word in ABOUT or stem(word) in ABOUT) and _is_about(spoken, at)


def _is_about(spoken: Sequence[str], at: int) -> bool:
    """Whether a word stands behind *in the*, *of our whole*."""
    place = at - 1
    while place >= 0 and spoken[place] in _DETERMINERS:
        place -= 1
    return 0 <= place < at - 1 and spoken[place] in _BEFORE_ABOUT


def check_idle(query: Query, dropped: Sequence[str], *, told: bool, measured: bool) -> None:
    """Refuse what would answer another question than the one with the words that were let go.

    Args:
        query: What was understood without them.
        dropped: The words.
        told: Whether the question says which rows are meant.
        measured: Whether it asks for a number that the table holds, or for the end of an order.

    Raises:
        Unmapped: Rows are listed or counted, and the words may have said which.
    """
    content = [
        each for each in dropped if each not in TONE and each not in THINGS and each not in ABOUT
    ]
    paid = [each for each in content if each in PAID | PERSONS and each not in DONE]
    bare = query.shape in {"count", "rows", "share", "yes"} and not measured
    if bare and (paid or (content and not told)):
        listed = ", ".join(repr(each) for each in (paid or content)[:4])
        raise Unmapped(f"nothing in the table is called {listed}")
