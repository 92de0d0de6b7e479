"""Other ways to ask the same of a table, in the words that its reader knows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, stem
from .asking_added import added
from .asking_apart import apart
from .asking_chatter import without_chatter
from .asking_daily import daily
from .asking_derived import derived_days
from .asking_idioms import plainly
from .asking_lexicon import WHO
from .asking_likeness import comparative
from .asking_settled import settled
from .asking_terse import spelled_out
from .asking_tongues import in_english
from .asking_units import named_by_unit
from .asking_vacant import told_by_gaps
from .clock_times import told_in_seconds

_COUNT = "one|two|three|four|five|six|seven|eight|nine|ten|[0-9]+"
_SAME = (
    (r"\b(?:lost|loses?|losing) money\b|\bmade (?:a|some) loss(?:es)?\b|\bin the red\b", "had negative numbers"),
    (r"\bvs\.?(?!\w)|\bversus\b|\bcompared (?:to|with)\b", " and "),
    (r"\bdifference (.{0,60}?)\bbetween\b", r"difference \1of"),
    (r"\bhow much (?:more|less) ([a-z]+) (is|are|was|were)\b(?! than \d)(.{1,80}?)\bthan\b(?! \d)", r"difference how \1 \2\3 and "),
    (r"\bhow (much|many) (?:more|less|fewer|higher|lower)\b(?! than \d)(.{1,80}?)\bthan\b(?! \d)", r"difference how \1\2 and "),
    (r"\b(and|,)\s+(?:and )?how (?:many|much)(?: of them)? (?=(?:in|on|for|at|from|during|with|by|to)\b)", r"\1 "),
    (r"\b(?:square|sq\.?) ?met(?:er|re)s?\b|\bm²", "m2"),
    (rf"\b({_COUNT})-([a-z]+)\b", r"\1 \2"),
    (r"\bneither\b(.{1,40}?)\bnor\b", r"not from\1or"),
    (r"\boutside(?: of)?\b|\bother than\b|\bapart from\b", "except"),
    (r"^\W*((?:please |can you |could you )?)(?:sort|arrange|order|rank|list|show)\b (.{2,40}?) (?:sorted |ordered )?by\b(?= )",
     r"\1show \2 sorted by"),
    (r"\b(?:sort|arrange|rank) (?:them|it|these|this)?\s*by\b", "sorted by"),
    (r"\bwhose (?=\w+ (?:contains?|includ|mention|starts?|begins?|ends?)\b)", "with "),
    (r"\b(?:in|by) (?:order of|descending order of)\b", "sorted by"),
    (r"\b(?:from|starting with) (?:the )?cheapest(?: (?:to|up to|down to) (?:the )?(?:most expensive|dearest|priciest))?\b",
     "cheapest first"),
    (r"\b(?:from|starting with) (?:the )?(?:most expensive|dearest|priciest)(?: to (?:the )?cheapest)?\b", "highest price first"),
    (r"\b(?:from )?(?:the )?(\w+est) to (?:the )?\w+est\b", r"\1 first"),
    (r"\b(?:(?:from|in) )?(?:low|small) to (?:high|large|big)\b", "lowest first"),
    (r"\b(?:(?:from|in) )?(?:high|large|big) to (?:low|small)\b", "highest first"),
    (r"\bturnover\b", "revenue"),
    (r"\b(?:failed|passed)\b(?=[^()]*\((?:[<>]|under|over|below|above|less|more))", "in"),
    (r"\bwith (?:the )?(?:word|text|term) (\S+) in (?:their|its|the) (\w+)", r"whose \2 contains \1"),
    (r"\bwith (?:the )?(?:word|text|term) (\S+)(?: in (?:it|them))?", r"containing \1"),
    (r"(?<=\w) ?[*×] ?(?=[a-z_])", " times "),
    (r"(?<=\w) [-−] (?=[a-z_])", " minus "),
    (r"(?<=\w) ?\+ ?(?=[a-z_])", " plus "),
    (r"(?<=\w) [/÷] (?=[a-z_])", " per "),
    (r"\b(?:divided|split) by\b", "per"), (r"\bmultiplied by\b", "times"),
)  # fmt: skip


_BARE_NOT = re.compile(
    r"\b(have|has|had|do|does|did|is|are|was|were|could|would|should)nt\b", re.IGNORECASE
)
_LONGEST = re.compile(
    r"\b(?:(?:has|have|had|'s)\s+(?:been\s+)?|been\s+)?(?:work(?:ed|ing|s)?|employed|served|stayed|been|with us|here|(?:sing|play|train|liv|study|teach|com|runn|danc|row|help|volunteer)ing)\b"
    r"(?P<where>(?: (?:here|with (?:us|me)|there|with the (?:company|firm|team)"
    r"|(?:for|at|in) (?:us|the (?:company|firm|team|office)))){0,2})\s+(?:for )?(?:the )?(?P<edge>longest|shortest)"
    r"(?: (?:time|period))?(?: (?:here|with us))?\b",
    re.IGNORECASE,
)
_SERVING = re.compile(
    r"\b(?P<edge>longest|shortest)[- ](?:serving|standing|employed)\b", re.IGNORECASE
)
_BEGUN = frozenset(
    "start started starts hired hire joined join since entry employed arrived arrival admitted moved".split()  # noqa: SIM905
)
_LASTING = frozenset(
    [
        "tenure",
        "seniority",
        "duration",
        "service",
        "months",
        "days",
        "nights",
        "weeks",
        "years",
        "stay",
    ]
)


def _since(question: str, columns: Sequence[Column]) -> str:
    """Word *who has worked here the longest* as the lowest start, where a table has no length of it."""
    if any(_LASTING & set(name_parts(e.name)) and e.is_measure for e in columns):
        return question
    if derived_days(columns) is not None:
        return question  # from the arrival to the departure
    begun = [
        each for each in columns
        if _BEGUN & set(name_parts(each.name)) and each.kind in {"date", "number"}
    ]  # fmt: skip
    if len(begun) != 1:
        return question
    timed = begun[0].kind == "date" or begun[0].is_key
    ends = ("earliest", "latest") if timed else ("lowest", "highest")
    name = begun[0].name

    def end(found: re.Match[str]) -> str:
        return f"{ends[found['edge'].lower() == 'shortest']} {name}"

    text = _LONGEST.sub(lambda found: f"has the {end(found)}", question)
    return _SERVING.sub(end, text)


_ITS = re.compile(
    r"(?P<first>\b(?:\w+est|most|least)\b[^?.;]{0,60}?),? and (?:what|which)(?:'s| is| was| are| were) "
    r"(?P<whose>its|his|her|their) (?!average|total|mean|median|highest|lowest)(?P<what>\w+(?: \w+)?)\s*\??$",
    re.IGNORECASE,
)


def _with_its(question: str, columns: Sequence[Column]) -> str:
    """Word *which is cheapest and what is its price* as one question, since it is asked of one row."""
    found = _ITS.search(question)
    if found is None:
        return question
    text = f"{question[: found.start()]}{found['first']} and {found['whose']} {found['what']}"
    if not re.search(r"\bwho\b", text, re.IGNORECASE):
        return text
    people = WHO.split()
    texts = [each for each in columns if each.kind == "text" and not each.is_flag]
    named = [each for one in people for each in texts if one in name_parts(each.name)]
    if not named:
        return question
    return re.sub(r"\bwho\b", f"which {named[0].name}", text, count=1, flags=re.IGNORECASE)


def _priced_each(question: str, columns: Sequence[Column]) -> str:
    """Word *price per unit* as what was taken by how many, in a table without prices."""
    measures = [each for each in columns if each.is_measure and not each.is_made]
    if any({"price", "rate", "cost"} & set(name_parts(each.name)) for each in measures):
        return question
    taken = [
        e for e in measures if {"revenue", "sales", "turnover", "amount"} & set(name_parts(e.name))
    ]
    counts = [
        e for e in measures if {"units", "quantity", "qty", "pieces"} & set(name_parts(e.name))
    ]
    if len(taken) != 1 or len(counts) != 1:
        return question
    each = f"{taken[0].name} per {counts[0].name}"
    return re.sub(
        r"\bunit price\b|\bprice (?:per|of (?:one|a|each)) (?:unit|piece|item)\b|\bprice each\b",
        each,
        question,
        flags=re.IGNORECASE,
    )


_LISTED = re.compile(
    r"^\W*(?:show|list|give|get)(?: me)?(?: the| all)* (?P<what>[\w ]{2,40}?) by (?:the )?(?P<by>[\w ]{2,30}?)(?=\W|$)",
    re.IGNORECASE,
)


def _each_of(question: str, columns: Sequence[Column]) -> str:
    """Word *list the kwh by month* as a number for each month: what is told of texts is ordered."""
    found = _LISTED.match(question)
    if found is None:
        return question
    measured = {part for e in columns if e.is_measure for part in name_parts(e.name)}
    named = {part for e in columns if not e.is_measure for part in name_parts(e.name)} | {
        "month",
        "year",
        "day",
        "week",
    }
    what, by = found["what"].lower().split(), found["by"].lower().split()
    if not set(what) & measured or not set(by) <= named:
        return question
    return f"{found['what']} by {found['by']}{question[found.end() :]}"


_ENDS = {"more": "most", "fewer": "fewest", "less": "least", "better": "best", "worse": "worst"}


def higher(question: str) -> str:
    """Word *which of them has the higher total* as the highest: it is asked of all that there are."""
    if not re.match(
        r"\W*(?:(?:in|on|at|for|from|of) )?(?:which|who|what)\b", question, re.IGNORECASE
    ):
        return question
    offered = re.search(r",? [\w ]{1,30} or [\w ]{1,30}\W*$", question) is not None
    if re.search(r"\bthan\b|\bthere\b", question, re.IGNORECASE):
        return question
    if re.search(r"\bor\b", question, re.IGNORECASE) and not offered:
        return question

    def highest(found: re.Match[str]) -> str:
        word = found["word"].lower()
        if word in _ENDS:
            return _ENDS[word]
        return f"{word[:-2]}est" if comparative(word) else found.group()

    return re.sub(
        r"(?<!how )\b(?P<word>more|fewer|less|better|worse|[a-z]{3,}er)\b(?! \d)(?! than\b)",
        highest,
        question,
        flags=re.IGNORECASE,
    )


_FEES = frozenset("fee fees price rent charge dues amount eur euro euros usd gbp cost".split())  # noqa: SIM905
_PAYS = re.compile(
    r"\bpays?\b(?= (?:more|less|over|under|at least|at most|the (?:most|least)))", re.IGNORECASE
)
_WHAT_PAID = re.compile(
    r"\b(?:what|how much) (?:do|does|did|must|should) (?P<who>[^?.,]{1,40}?) (?:have to )?pay(?P<all> (?:altogether|in all|in total|together))?(?=\W*$)",
    re.IGNORECASE,
)
_BILL = re.compile(r"\b(\w+) bills?\b", re.IGNORECASE)


def _paying(text: str, columns: Sequence[Column]) -> str:
    """Read *what do they pay* as the fee, where *paid* is a yes or no beside it."""
    flags = [each for each in columns if each.is_flag and "paid" in name_parts(each.name)]
    fees = [each for each in columns if each.is_measure and _FEES & set(name_parts(each.name))]
    if not flags or len(fees) != 1:
        return text
    text = _PAYS.sub(f"have {fees[0].name}", text)

    def worded(found: re.Match[str]) -> str:
        who = found["who"].casefold()
        whose = "" if who in {"we", "all", "everybody", "you"} else f" of {found['who']}"
        whose = " of them" if who == "they" else whose
        return f"what is the total {fees[0].name}{whose}"

    return _WHAT_PAID.sub(worded, text)


def _billed(text: str, columns: Sequence[Column]) -> str:
    """Read *the water bill* as what water costs, where no column is called a bill."""
    if any("bill" in part for each in columns for part in name_parts(each.name)):
        return text
    named = {stem(part) for each in columns for part in name_parts(each.name)}
    return _BILL.sub(
        lambda found: f"{found[1]} cost" if stem(found[1].casefold()) in named else found[0], text
    )


def reword(question: str, columns: Sequence[Column]) -> str:
    """Return a question as its reader knows it.

    Args:
        question: In English or Portuguese.
        columns: Of the table.
    """
    question = _BARE_NOT.sub(r"\1n't", _paying(_billed(question, columns), columns))
    text = settled(daily(added(in_english(question, columns), columns), columns), columns)
    text = apart(told_by_gaps(text, columns), columns)
    text = named_by_unit(plainly(text, columns), columns)
    text = without_chatter(text, columns)
    text = higher(spelled_out(text, columns))
    text = _with_its(_since(text, columns), columns)
    text = _each_of(_priced_each(text, columns), columns)
    for form, made in _SAME:
        text = re.sub(form, made, text, flags=re.IGNORECASE)
    return told_in_seconds(text, columns)
