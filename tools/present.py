"""Questions about the present, which nothing on this machine can answer."""

from __future__ import annotations

import re

_NOW = (
    r"today|tonight|tomorrow|yesterday|right now|now|currently|at the moment|this (?:week|weekend|morning|"
    r"afternoon|evening|month|year)|next week|latest|last night|recent(?:ly)?|current|up to date"
)
_TOPICS = {
    "the weather": (
        r"\b(?:weather|forecast|rain(?:ing)?|snow(?:ing)?|umbrella|sunny|degrees outside)\b"
        r"|\bhow (?:hot|cold|warm) is it\b"
    ),
    "the time or the date": (
        r"\bwhat (?:time|day|date|year|month) (?:is it|is today|do we have|are we)\b|\btime is it\b"
        r"|\bwhat(?:'s| is) (?:the (?:current )?(?:time|date)|today'?s date)\b"
    ),
    "the prices and rates of today": (
        r"\b(?:share|stock)s? (?:price|quote|market)s?\b|\bexchange rates?\b"
        r"|\b(?:price|value|rate|worth) of (?:bitcoin|ethereum|gold|oil|silver|the (?:dollar|euro|pound|yen))\b"
        r"|\bhow much is (?:a |one |the )?(?:bitcoin|dollar|euro|\w+ shares?|shares?)\b"
        r"|\b(?:stock|share|bitcoin) (?:price|worth)\b|\bshares? of \w+ (?:trading|worth|cost)\b"
    ),
    "the news": r"\b(?:news|headlines?)\b",
    "the results and schedules of today": (
        r"\b(?:who (?:won|is winning)|what(?:'s| was| is) the score)\b"
        r".*\b(?:game|match|election|race|yesterday|last night|today|tonight)\b"
        r"|\b(?:next|upcoming) (?:train|bus|flight|match|game|election|holiday)\b"
        r"|\bopen (?:now|today)\b|\btraffic\b"
    ),
    "what belongs to you": (
        r"\b(?:my|our) (?:calendar|schedule|appointments?|e-?mails?|inbox|bank (?:account|balance)|location"
        r"|next meeting|passwords?|contacts?)\b|\bwhere am i\b|\bwho am i\b"
    ),
}
_ROLES = re.compile(
    r"\b(?:who is|who's|what is|what's|how much|how many|which)\b.*\b(?:president|prime minister|ceo|"
    r"champion|population|price|cost|record|king|chancellor|mayor)\b"
)
_ASKS = re.compile(
    r"\?|^\W*(?:what|who|when|where|how|is|are|will|does|do|did|has|can|should|tell me|give me|show me|check|look up|find|get)\b",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"\b(?:poem|story|song|joke|write|draft|explain|meaning|definition|define|translate|essay|example|"
    r"how does|how do|why (?:is|are|do|does)|what (?:is|are) (?:a |an )?(?:weather|news|traffic|stock market|exchange rates?)\b)",
    re.IGNORECASE,
)  # fmt: skip


def asks_about_now(message: str) -> str:
    """Return what of the present a message asks for; empty for everything else."""
    if not _ASKS.search(message) or _GENERAL.search(message) or len(message) > 400:
        return ""
    low = message.lower()
    for topic, form in _TOPICS.items():
        if re.search(form, low):
            return topic
    timed = re.search(rf"\b(?:{_NOW})\b", low)
    return "what is so today" if timed and _ROLES.search(low) else ""
