"""More of what people say of daily things: *what was left*, *how often*, *our top scorer*, *by name*.

As in ``asking_idioms``, every phrase asks for a column that makes sense of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, stem
from .asking_derived import derived_days, derived_gain
from .asking_likeness import choose, likeness
from .asking_scales import in_other_unit
from .clock_times import OF_DAY
from .numerals import UNITS

_LEFT = re.compile(
    r"\b(?:what|how much)(?: money)?(?: did| do| have|['’]ve)?(?: i| we)?(?: is| was|['’]s| have| had)?(?: there)? (?:left|left over|remaining|remained|remains)(?: over)?(?: (?:at|by|in) (?:the )?end(?: of (?:the |this |that )?\w+)?| now| over| after (?:all )?(?:that|everything|this))*(?=\W*$)",
    re.IGNORECASE,
)
_SPENT_BY = re.compile(
    r"\bwhat (?:has|have|did|does|do) (?P<who>(?!(?:we|i|they|you|it|that)\b)[^,?;.]{1,40}?) (?P<verb>spent|spend)(?: (?:with|to) (?:us|me))?(?= (?:in|on|for|during|altogether|in total|so far)\b|\W*$)",
    re.IGNORECASE,
)
_OFTEN = re.compile(r"\bhow often (?=(?:was|were|is|are|did|do|does|has|have)\b)", re.IGNORECASE)
_SCORER = re.compile(
    r"\b(?P<lead>(?:is|are|was|were)(?: (?:our|the|my|your))? )?(?:our |the |my )?(?P<edge>top|best|leading|highest|lowest|worst)[- ](?P<goal>goal[- ]?)?scorer(?P<s>s?)\b",
    re.IGNORECASE,
)
_THEIR_PEOPLE = re.compile(
    r"\bwhose (?:parents?|family|mum|mother|dad|father|carers?|families) (?=(?:have|has|had|haven['’]t|hasn['’]t|did|do|are|is)\b)",
    re.IGNORECASE,
)
_BRACKETS = re.compile(
    r"\b(?:have|has|had|with|got) (?:an? |the )?(?P<what>[a-z]+(?: [a-z]+)?) \((?P<said>(?:i\.e\. )?(?:over|under|above|below|more|less|at least|at most|[<>]=?)[^()]{1,40})\)",
    re.IGNORECASE,
)
_BY_NAME = re.compile(
    r"\b(?P<how>(?:sort(?:ed)?|order(?:ed)?|arranged?|in order)(?: them| it| these)?) (?:of|by)(?: the| their)? names?\b",
    re.IGNORECASE,
)
_THAT = re.compile(
    r"(?P<lead>\b(?:and |, |; |\. |\? )+(?:so )?(?:what|how much)(?:['’]s| is| was| would be| does that make| makes?)? (?:that|it|this)?(?: total| sum| amount)?) ?(?:"
    r"(?:(?:if )?(?:divided|split|shared)(?: equally| evenly)? (?:by|between|among|over|into) |per (?P<per>\w+) (?:over|for|with|if there are) |each (?:for|between|if there are) |for each of (?:the )?)(?P<n>\d+(?:\.\d+)?|[a-z]+)"
    r"|(?:times|multiplied by) (?P<m>\d+(?:\.\d+)?|[a-z]+))(?: [a-z]+)?(?=\W*$)"
    r"|(?:\b(?:and|then) |[,;.?] (?:and |then )*)(?:(?:divide|split|share) (?:it|that|this|the (?:total|sum|result|answer))(?: equally)? (?:by|between|among|into) (?P<k>\d+(?:\.\d+)?|[a-z]+)|multiply (?:it|that|this|the (?:total|sum|result|answer)) by (?P<l>\d+(?:\.\d+)?|[a-z]+))(?: [a-z]+)?(?=\W*$)",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?P<one>\w+) and (?P<two>\w+) (?:(?:put|added|taken) )?(?:together|combined|added up|summed up)(?= (?:for|per|by|of) (?:each|every|\w+)\b)",
    re.IGNORECASE,
)
_BY_WHOM = re.compile(r"\s*[?.;,]\s*(?:and )?(?=(?:by|for|to|from|with) whom\b)", re.IGNORECASE)
_REORDER = re.compile(
    r"\b(?:(?:do|should|must|does) (?:i|we|they) )?(?:(?:need|needs|have|has|ought|ready|due|want) )*(?:to be |to |being )?(?:(?:re-?order|restock|order more of|buy more of|stock up on|top up)(?:ed|ing)?|(?:running|run|is|are|getting) (?:running )?low(?: on| in)?(?: stock)?)(?: (?:again|soon|now))*(?=\W*$)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\b(?:what|how much)(?: money)?(?:['’]s| is| was| do we have| have we got| remains)?(?: left| left over| over| remaining)* (?:after|without|once) (?:all )?(?:the |our |my )?(?P<cost>[a-z]+)(?: (?:is|are|have been|were) (?:paid|taken off|deducted))?(?=\W*$|[,;])",
    re.IGNORECASE,
)
_PROFIT = re.compile(
    r"\b(?:profit|margin|mark-?up)(?: (?:do|did|does|can) (?:i|we|they) (?:make|get|have|earn))?(?: is there| is)? (?:on|for|from|per|with) (?:each|one|an?|every|a single) (?=[a-z])",
    re.IGNORECASE,
)
_OVER_ALL = re.compile(
    r"\b(?:over|across|in|for|of) (?:all|all of|every one of) (?:the |their |his |her |our )?(?P<what>[a-z]+s)(?=\W*$|[,;?.]| and\b)",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"\b(?:behind (?:with|on|in) (?:the |their |his |her )?[a-z]+|in arrears|in debt)(?=\W|$)|\b(?P<owes>owes?|owing)(?= (?:more|less|over|under|above|below|at least)\b)",
    re.IGNORECASE,
)
_MONTHS = re.compile(r"\b(?:a|one|the) month['’]?s (?=[a-z])", re.IGNORECASE)
_CAME_FOR = re.compile(
    r"\bwhat (?:did|does|do) (?P<who>he|she|they|it|[a-z]+(?: [a-z]+)?) (?:come|came|visit|call|ring|go)(?: in)? (?:for|about)(?=\W|$)",
    re.IGNORECASE,
)
_HOW_LONG = re.compile(
    r"\bhow long (?:did|does|do|has|have|was|is) (?P<what>[^?.,;]{1,40}?) (?:take|taken|last|lasted|go on)(?: (?:me|us))?(?=\W*$|[,;]| and\b)",
    re.IGNORECASE,
)
_GAINED = re.compile(
    r"\bhow much (?P<what>[a-z]+) (?:did|has|have) [a-z]+ (?:put on|gained?|lost|lose|grown?|added?) (?:between|from) (?P<one>[^?.,;]{1,25}?) (?:and|to|till|until) (?P<two>[^?.,;]{1,25}?)(?=\W*$)",
    re.IGNORECASE,
)
_MORE_IN = re.compile(
    r"\bhow (?P<much>many|much) (?P<what>[a-z]+) (?P<way>more|fewer|less)(?: [a-z]+)? (?P<in>in|on|at) (?P<one>[^?.,;]{1,25}?) than (?:in |on |at )?(?P<two>[^?.,;]{1,25}?)(?=\W*$)",
    re.IGNORECASE,
)
_COLLECTED = re.compile(
    r"\bwhat (?:did|have|has|do) (?:we|i|they|the \w+) (?P<verb>collect|collected|receive|received|take|taken|took|get|got|make|made|earn|earned|raise|raised|spend|spent|pay|paid)(?: in)? (?:in|for|on) (?P<what>[a-z]+)(?=\W*$)",
    re.IGNORECASE,
)
_ANYTHING = re.compile(
    r"^\W*(?:is|are|was|were) (?:anything|something|any of (?:them|these)) ", re.IGNORECASE
)
_NEXT_AFTER = re.compile(r"\bnext (?=[a-z]+ (?:after|from|since) )", re.IGNORECASE)
_DELIVERY = re.compile(
    r"\b(?:delivery|transit|shipping|waiting|processing|turnaround|lead|response|repair|travel) times?\b",
    re.IGNORECASE,
)
_TOOK = re.compile(
    r"\b(?:took|takes?|taken|needed|was|were|been|is) (?:the )?(?P<edge>longest|shortest|slowest|quickest|fastest)(?: time)? (?:to (?:arrive|come|be [a-z]+|get [a-z]+|[a-z]+)|on the way|under way|in transit)(?=\W*$|[,;]| and\b)",
    re.IGNORECASE,
)
_A_WEEK = re.compile(
    r"\s*\b(?:(?:in|during|over) (?:a|one|the|this)|a|per|each) (?:whole )?week\b|\bweekly\b",
    re.IGNORECASE,
)
_GLOSS = re.compile(
    r"\b(?P<in>in|into|to) (?P<unit>[a-z]+) \((?P<short>[a-z]{1,5})\)", re.IGNORECASE
)
_CONVERT = re.compile(
    r"(?:\b(?:and|then) |[,;.?] (?:and |then )*)(?:please )?(?:(?:convert|turn|change|put|express|give|tell) (?:me )?(?:that|it|this|the (?:total|sum|result|answer))(?: in)?to|(?:express|give|tell|put) (?:me )?(?:that|it|this) in|(?:what|how much|how many)(?: is|['’]s| are) (?:that|it|this) in) (?P<unit>[a-z]+)(?=\W*$)",
    re.IGNORECASE,
)
_LEVEL = frozenset("reorder minimum min level threshold".split())  # noqa: SIM905
_HELD = frozenset("name names".split())  # noqa: SIM905


def daily(question: str, columns: Sequence[Column]) -> str:
    """Return a question without these phrases.

    Args:
        question: In English.
        columns: Of the table.
    """
    text = _THEIR_PEOPLE.sub("who ", _reckoned(question))
    text = _BY_WHOM.sub(" and ", text)
    days_of = [e for e in columns if e.calendar and any("day" in v.lower() for v in e.values)]
    if days_of and not any(e.kind == "date" or "week" in name_parts(e.name) for e in columns):
        text = _A_WEEK.sub("", text)  # the days of one week
    text = _GAINED.sub(r"change in \g<what> from \g<one> to \g<two>", text)
    text = _MORE_IN.sub(r"how \g<much> \g<way> \g<what> \g<in> \g<one> than \g<in> \g<two>", text)
    text = _COLLECTED.sub(lambda found: _collected(found, columns), text)
    text = _ANYTHING.sub("are there any ", text)
    if sum(each.kind == "date" for each in columns) == 1:
        text = _NEXT_AFTER.sub("earliest ", text)
    days = derived_days(columns)
    if days is not None:
        text = _TOOK.sub(lambda found: _lasted(found, days), text)
    if days is not None and days.name == "days":
        text = _DELIVERY.sub(lambda found: _days(found, columns), text)
    late = [
        e for e in columns if e.is_measure and {"arrears", "debt", "owed"} & set(name_parts(e.name))
    ]
    if len(late) == 1:
        name = late[0].name
        text = _BEHIND.sub(lambda found: name if found["owes"] else f"with {name} above 0", text)
        text = _MONTHS.sub("", text)
    clocks = [each for each in columns if each.unit == OF_DAY]
    lasting = any(likeness(e, "duration") > 1 and e.unit != OF_DAY for e in columns if e.is_measure)
    if len(clocks) == 1 and name_parts(clocks[0].name) == ["time"] and not lasting:
        text = _HOW_LONG.sub(r"what is the time of \g<what>", text)
    why = [
        e for e in columns if {"reason", "purpose", "cause", "complaint"} & set(name_parts(e.name))
    ]
    if len(why) == 1:
        text = _CAME_FOR.sub(rf"what is the {why[0].name} of \g<who>", text)
    text = _OVER_ALL.sub(lambda found: _over_all(found, columns), text)
    for each in columns:
        text = _rated(text, each)
    text = _GLOSS.sub(lambda found: _short(found, columns), text)
    text = _CONVERT.sub(lambda found: _in_unit(found, columns), text)
    text = _BRACKETS.sub(lambda found: _glossed(found, columns), text)
    signed = [each for each in columns if each.signed and each.is_summed]
    if len(signed) == 1 and not any("balance" in name_parts(each.name) for each in columns):
        text = _LEFT.sub(f"what is the total {signed[0].name}", text)
    text = _AFTER.sub(lambda found: _net(found, columns), text)
    if any(each.name == "margin" for each in derived_gain(columns)):
        text = _PROFIT.sub("margin of ", text)
    text = _ordering(text, columns)
    text = _SPENT_BY.sub(r"how much did \g<who> \g<verb>", text)
    text = _OFTEN.sub("how many times ", text)
    text = _SCORER.sub(lambda found: _scored(found, columns), text)
    text = _TOGETHER.sub(lambda found: _added(found, columns), text)
    return _BY_NAME.sub(lambda found: _named(found, columns), text)


def _number(said: str) -> str:
    low = said.lower()
    return low if low[:1].isdigit() else str(UNITS.get(low, ""))


def _reckoned(question: str) -> str:
    """Read *and what is that divided by 9* in the signs of sums, which go on with the answer before."""

    def sign(found: re.Match[str]) -> str:
        parted = found["n"] or found["k"]
        number = _number(parted or found["m"] or found["l"])
        if not number:
            return found.group()
        return f", and what is that {'/' if parted else '*'} {number}"

    return _THAT.sub(sign, question)


def _rated(text: str, column: Column) -> str:
    """Read *the nightly rate* as the column *price per night*."""
    parts = name_parts(column.name)
    if len(parts) != 3 or parts[1] not in {"per", "a", "each"} or not column.is_measure:
        return text
    unit = stem(parts[2])
    return re.sub(
        rf"\b(?:{unit}|{unit}ly)[- ](?:rate|price|fee|charge|cost)s?\b|\b(?:rate|price|fee|charge|cost)s? (?:per|a|each) {unit}\b",
        column.name,
        text,
        flags=re.IGNORECASE,
    )


def _over_all(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Leave out *over all subjects*, where those stand in one column: that is what the table holds."""
    repeated = [each for each in columns if each.kind == "text" and not each.unique]
    return "" if any(stem(each.name) == stem(found["what"]) for each in repeated) else found.group()


def _collected(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *what did we collect in fees* as the total of what was paid of them."""
    measures = [e for e in columns if e.is_summed]
    named = [e for e in measures if stem(found["what"]) in {stem(p) for p in name_parts(e.name)}]
    paid = [each for each in measures if {"paid", "received"} & set(name_parts(each.name))]
    if len(named) != 1:
        return found.group()
    received = found["verb"].lower()[:4] in {"coll", "rece", "take", "took", "get", "got"}
    column = paid[0] if received and len(paid) == 1 else named[0]
    return f"what is the total {column.name}"


def _lasted(found: re.Match[str], days: Column) -> str:
    """Read *took the longest to arrive* as the most days between two dates."""
    long = found["edge"].lower() in {"longest", "slowest"}
    return f"has the {'highest' if long else 'lowest'} {days.name}"


def _days(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *delivery time* as the days between two dates, where no column is called so."""
    own = {part for each in columns for part in name_parts(each.name)}
    return found.group() if "time" in own or "times" in own else "days"


def _net(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *what's left after expenses* as what came in without what went out."""
    measures = [each for each in columns if each.is_summed]
    out = [e for e in measures if stem(found["cost"]) in {stem(p) for p in name_parts(e.name)}]
    income = choose([e for e in measures if e not in out], "revenue sales amount total fee", "max")
    if len(out) != 1 or income is None:
        return found.group()
    return f"what is the total {income[0].name} minus {out[0].name}"


def _ordering(text: str, columns: Sequence[Column]) -> str:
    """Read *what do I need to reorder* as less in stock than the number to order at."""
    at = [e for e in columns if e.is_measure and _LEVEL & set(name_parts(e.name))]
    held = [e for e in columns if e.is_measure and e not in at and likeness(e, "stock") > 1]
    if len(at) != 1 or len(held) != 1:
        return text
    return _REORDER.sub(f"has {held[0].name} below {at[0].name}", text)


def _fits(unit: str, columns: Sequence[Column]) -> bool:
    return any(in_other_unit(each.name, unit) for each in columns if each.is_measure)


def _short(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *in pounds (lb)* as the unit that the brackets say."""
    return f"{found['in']} {found['short']}" if _fits(found["short"], columns) else found.group()


def _in_unit(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *convert that into hours* as what goes on with the answer before."""
    if not _fits(found["unit"], columns):
        return found.group()
    return f", and what is that → {found['unit']}"


def _glossed(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *have a fever (over 38)* as what the brackets say, where no column is called a fever."""
    own = {stem(part) for each in columns for part in name_parts(each.name)}
    if any(stem(each) in own for each in found["what"].split()):
        return found.group()
    return f"with {found['said'].removeprefix('i.e. ')}"


def _scored(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *our top scorer* as who has the most goals."""
    chosen = choose([e for e in columns if e.is_measure], "goals points score runs", "max")
    if chosen is None:
        return found.group()
    edge = "lowest" if found["edge"].lower() in {"lowest", "worst"} else "highest"
    verb = "has" if found["lead"] else "with"
    return f"{verb} the {edge} {chosen[0].name}"


def _added(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *goals and assists together for each player* as the sum of two columns."""
    measures = {stem(each.name) for each in columns if each.is_measure}
    if {stem(found["one"]), stem(found["two"])} <= measures:
        return f"{found['one']} plus {found['two']}"
    return found.group()


def _named(found: re.Match[str], columns: Sequence[Column]) -> str:
    """Read *sort them by name* as by the column that names the rows, whatever it is called."""
    if any(_HELD & set(name_parts(each.name)) for each in columns):
        return found.group()
    texts = [each for each in columns if each.kind == "text" and not each.is_flag]
    called = [each for each in texts if each.unique] or texts[:1]
    return f"sorted by {called[0].name}" if called else found.group()
