"""What people say around a question: *hey, I'm making a list and I need to know …, if you don't mind*.

Only phrases that ask nothing are left out, and a sentence of its own only where no word of the table
stands in it: whatever else is not understood is refused by the reader, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts, stem
from .numerals import UNITS

_KNOW = (
    r"(?:to know|to see|to find out|to learn|to check|to understand|to look up|know|see|find out)"
)
_OPENERS = re.compile(
    r"^\W*(?:"
    r"(?:hey|hi|hello|hiya|ok|okay|so|well|please|pls|plz|right|now|and|also|then|but|oh|um|dear \w+|good (?:morning|afternoon|evening|day))(?: there| again| all| team)?\b[\s,!.:-]*"
    r"|(?:can|could|would|will) (?:you|u|we)(?: please| kindly| maybe| possibly| just| quickly)*(?: (?:tell|show|give) (?:me|us)| let me know| look up| look| find out| check| work out| figure out| calculate| compute| say| help me (?:find|see|with))(?: for me| for us| please)?\b[\s,:]*(?:and (?:tell me|say|see)\b\s*)?"
    r"|(?:do you know|any idea|any chance you know|tell me|tell us|let me know|remind me|look up|find out|work out|figure out)(?: for me| please)?\b[\s,:]*"
    r"|know (?=the |how |what |which |who )"
    r"|i(?:'ve| have)? (?:forgotten|forgot|lost track of|can't remember|cannot remember|don't remember|don't know|do not know|have no idea|wonder|was wondering|am wondering|'m wondering)\b[\s,:]*"
    r"|i(?:'m| am) (?:curious|wondering|interested|not sure|unsure)(?: (?:about|in|to know|to see|for))?\b[\s,:]*"
    rf"|(?:i|we)(?: just| only| really| also|'d| would)* (?:need|want|like|love|have|wanted|needed|wish)(?: {_KNOW})?(?: from you)?\b[\s,:]*(?=(?:who|which|what|how|when|where|the|a list|average|total|to know|if|whether)\b)"
    rf"|for (?:the|my|our|a|an|this|tomorrow's|today's|next) [^,?.!]{{1,40}}?,? (?=(?:i|we|can|could|please|what|how|which|who|give|show|list)\b)"
    r")",
    re.IGNORECASE,
)
_CLOSERS = re.compile(
    r"[\s,;.!-]*(?:\b(?:please|pls|plz|thanks?(?: (?:you|a lot|in advance|so much))?|thx|cheers|many thanks|if you (?:don't|do not|wouldn't) mind|if you (?:can|could|would|please)|for me|that is|that's all"
    r"|(?:that|it|this)(?:'d| would| will)? be (?:great|nice|lovely|good|helpful)|would be (?:great|nice)|do you know|can you (?:tell me|list them|show me|look it up)|could you (?:tell me|list them|show me|look it up)"
    r"|i mean|asap|quickly|by the way|btw|just curious|i wonder|any idea)\b|[:;]-?\))[\s.!?,]*$",
    re.IGNORECASE,
)
_JOINTS = re.compile(
    r"(?:,|\s)\s*(?:and|so|but|because)\s+(?=(?:i|we)(?: just| only| really|'d| would| now)* (?:need|want|wonder|was wondering|would like|'d like|like to)\b)",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_])|\s+-+\s+|;\s+")
_STATEMENT = re.compile(
    r"^\W*(?:(?:hey|hi|hello|ok|so|well|dear \w+)\b[\s,!]*)*(?:i|i'm|i've|we|we're|we've|my|our|this|these|here|it|it's|attached|the attached|the (?:boss|file|table))\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\s*\b(?:of|in|for|at|from|over|across|throughout) (?:our|my|the|this|that|these|those) (?:own |whole |entire )?(?P<what>club|company|firm|team|shop|class|school|group|family|business|office|week|month|year|period|file|table|list|sheet|spreadsheet|data)\b"
    r"|\s*\b(?:over|across|through|during|for|in) (?:all(?: of)?(?: the| these| those)?|the|these|those) (?P<n>(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+) )?(?P<times>days|weeks|months|quarters|years)\b(?! (?:of|in|before|after|since)\b)"
    r"|\s*\b(?:of|out of|among|between|on|in|for|from|across|over) (?:all )?(?:the|these|those|our|my) (?P<m>two|three|four|five|six|seven|eight|nine|ten) (?P<things>[a-z]+)(?=\W|$)"
    r"|\s*\bof (?:the|our|this|that) (?:day|night|evening|season|meet|competition|tournament)(?=\W*$| and\b)"
    r"|\s*\bin here\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"\b(?P<verb>did|does|do|has|have) (?:the|our|my)(?: whole| entire)? (?P<who>class|team|group|club|school|company|firm|shop|family|household|business|office)\b(?= [a-z]+\b)",
    re.IGNORECASE,
)
"""*What mark did the class get?*: all that the table holds."""
_SOLD = re.compile(r"\b(?:went over the counter|moved|shifted|flogged|got rid of)\b", re.IGNORECASE)
_BROUGHT = re.compile(
    r"\bwhat (?:did |does |do |has |have )?(?P<who>(?!(?:we|i|they|you)\b)[^,?;.]{1,40}?) (?P<verb>brought|bring|brings|made|make|makes|earned|earn|took|take|takes|cost|costs)(?: us)?(?: in)?(?=\W*$| in\b| during\b)",
    re.IGNORECASE,
)
_COME_TO = re.compile(r"\b(?:what|how much) (?:do|does|did|will|would) (?P<what>.{1,60}?) (?:come|add up|amount|sum up|total)(?: up)?(?: to)?(?: altogether| in all| in total)?(?=\W*$|\W+and (?:what|how)\b)", re.IGNORECASE)  # fmt: skip


def without_chatter(question: str, columns: Sequence[Column]) -> str:
    """Return a question without what is said around it.

    Args:
        question: In English.
        columns: Of the table, none of whose words is left out.
    """
    held = _held(columns)
    parts = [each for each in _SENTENCES.split(question.strip()) if re.search(r"\w", each)]
    asked = [
        each for at, each in enumerate(parts)
        if not (len(parts) > 1 and _STATEMENT.match(each) and not each.rstrip().endswith("?") and (at < len(parts) - 1) and not _tells(each, held))
    ]  # fmt: skip
    text = " ".join(asked or parts)
    head = _JOINTS.search(text)
    if head and _STATEMENT.match(text) and not _tells_values(text[: head.start()], columns):
        text = text[head.end() :]
    for _ in range(6):
        made = _OPENERS.sub("", text, count=1)
        made = _CLOSERS.sub(lambda found: "?" if "?" in found.group() else "", made)
        if made == text or not re.search(r"\w", made):
            break
        text = made
    text = _SUBJECT.sub(
        lambda found: found.group() if stem(found["who"]) in held else f"{found['verb']} we", text
    )
    text = _ASIDE.sub(lambda found: _aside(found, columns, held), text)
    text = _BROUGHT.sub(r"how much \g<who> \g<verb>", text) if not _named_verbs(held) else text
    text = _COME_TO.sub(r"what is the total \g<what>", text)
    if not {"moved", "shifted"} & held:
        text = _SOLD.sub("sold", text)
    return " ".join(text.split()) or question


def _held(columns: Sequence[Column]) -> set[str]:
    held = {stem(part) for each in columns for part in name_parts(each.name)}
    return held | {
        stem(part) for each in columns for value in each.values
        for part in re.findall(r"[^\W_]+", value.lower())
    }  # fmt: skip


def _named_verbs(held: set[str]) -> bool:
    return bool({"made", "take", "took", "brought"} & held)


def _tells(sentence: str, held: set[str]) -> bool:
    spoken = re.findall(r"[^\W_]+", sentence.lower())
    return any(stem(each) in held or each.isdigit() for each in spoken if len(each) > 2)


def _tells_values(text: str, columns: Sequence[Column]) -> bool:
    low = text.casefold()
    return any(
        re.search(rf"(?<!\w){re.escape(value.casefold())}(?!\w)", low)
        for each in columns if not each.is_flag for value in each.values if len(value) > 2
    )  # fmt: skip


def _aside(found: re.Match[str], columns: Sequence[Column], held: set[str]) -> str:
    """Leave out *of our club* and *over the three months*, where that is all that the table holds."""
    what, times, things = found["what"], found["times"], found["things"]
    if what:
        return (
            found.group()
            if stem(what) in held and what.lower() not in {"week", "month", "year"}
            else ""
        )
    if times:
        said = (found["n"] or "").strip().lower()
        if not said:
            return ""
        count = UNITS.get(said) or int(said)
        many = [len(each.values) for each in columns if each.calendar] + [
            e.months for e in columns if e.kind == "date"
        ]
        many += [len(e.values) for e in columns if e.is_monthly]
        return "" if count in many else found.group()
    if things:
        count = UNITS[found["m"].lower()]
        named = [e for e in columns if stem(things) in {stem(p) for p in name_parts(e.name)}]
        fits = named and len(named[0].values) == count
        return f" {things}" if fits else found.group()
    return ""
