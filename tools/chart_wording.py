"""The words of a request for a chart: its kind, its title, how it looks, and what is only about drawing."""

from __future__ import annotations

import re
from typing import Literal

Kind = Literal["bar", "line", "pie", "scatter"]
_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\bscatter\b|\bdots?\b|\bcorrelation\b|\bagainst\b|\bversus\b|\bvs\b", "scatter"),
    (r"\bpies?\b|\bdonut\b|\bdoughnut\b|\bshares?\b|\bproportions?\b|\bpercentages?\b|\bpercent\b", "pie"),
    (r"\blines?\b|\btrend\b|\bcurve\b|\bover time\b|\bdevelop\w*\b|\btimeline\b|\btime series\b", "line"),
    (r"\bbars?\b|\bcolumns? chart\b|\bhistogram\b", "bar"),
)  # fmt: skip
_NAMED_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"\bscatter\b", "scatter"),
    (r"\bpies?\b|\bdonut\b|\bdoughnut\b", "pie"),
    (r"\blines?(?: (?:charts?|graphs?|plots?|diagrams?))?\b|\bcurves?\b", "line"),
    (r"\bbars?\b|\bcolumns? (?:chart|diagram|graph)\b|\bhistogram\b", "bar"),
)
"""What a kind is called: it counts, whatever else the request may sound like."""
HISTOGRAM = re.compile(r"(?i)\bhistograms?\b|\bdistribution of\b")
BESIDES = re.compile(
    r"(?i)\bhistograms?\b|\bdistribution of\b|,?\s*(?:and |but )?(?:with|showing|show|put|write|print) (?:me )?(?:the |its |their |all )?(?:exact |actual )?(?:amounts?|values?|numbers?|figures?|percentages?|labels?|sums?|euros?)(?: (?:on|in|at|above|next to|beside|written)\b(?: (?:it|them|the|top|of|each|every|bars?|slices?|pieces?|on))*)?(?=\W*$|,)"
    r"|,?\s*\b(?:and )?(?:call(?:ed)?|titled?|name(?:d)?|entitled|headed|with the (?:title|heading)|title it|call it)\b (?:it |the (?:chart|picture) )?[\"“'\u2018].+?[\"”'\u2019]|\bin (?:one|the same|a single) (?:chart|picture|graph|diagram|plot)\b|\b(?:side by side|in total|altogether|in comparison)\b"
)
"""What is said of how it looks, and not of what is drawn."""
_TITLE = re.compile(
    r"(?i)\b(?:call(?:ed)?|titled?|named?|entitled|headed|heading|title it|call it)\b (?:it |is |the (?:chart|picture) )?[\"“'\u2018](?P<title>.+?)[\"”'\u2019]"
)
_SHOWS_AMOUNTS = re.compile(
    r"(?i)\b(?:with|show\w*|put|write|print)\b[\w ]{0,24}\b(?:amounts?|values?|numbers?|figures?|sums?|euros?)\b"
)
MONTHLY = re.compile(
    r"(?i)\b(?:per|by|for each|each|every|over the|through the|across the|in every) (?:months?|year)\b|\bmonthly\b|\bover time\b|\bfrom month to month\b|\bmonth by month\b"
)
MONEY = re.compile(
    r"(?i)\b(?:my |our |the )?(?:spending|spend|spent|expenses?|expenditures?|costs?|money|revenues?|income|earnings|takings|turnover|sales|outgoings|payments?|donations?|contributions?|fees|takings|wages|savings|withdrawals|refunds|purchases|profits?|tips)\b"
)
COUNTS = re.compile(r"(?i)\bhow many\b|\bnumber of\b|\bcounts?\b|\bhow often\b|\bfrequency\b")
EACH = re.compile(
    r"(?i)\b(?:in|of|for|across|among|between) (?:all|each|every|each of|all of) (?:the )?"
)
HARMLESS = re.compile(
    r"(?i)instead|rather|went|goes|moved|wall|cover|slides?|presentation|nice|simple|pretty|quick|colou?rful|small|big|clear|plain|neat|overview|everything|numbers?|values?|data|results?|figures?|use|usage|consumption|budget|look|looks|like|put|see|want|development|developed|changed|change|rows?|marks?|items?|please|pls|kindly|too|also|well"
)
ABOUT_DRAWING = re.compile(
    r"\b(?:instead of (?:the |a )?(?:bars?|lines?|pies?|columns?|curve|dots)(?: chart)?|(?:can|could|would) you|i(?:['’]d| would) like(?: to see)?|would be (?:nice|great|good)|please|draw|plot|make|create|show|display|visuali[sz]e|chart|charts|graph|graphs|diagram|"
    r"picture|image|figure|horizontal|vertical|bars?|lines?|pies?|donut|doughnut|curve|scatter|histogram|"
    r"as an?|as|in a|with an?|using an?|me|of the (?:table|spreadsheet|data|csv|file)|from the (?:table|"
    r"spreadsheet|data|csv|file)|the (?:table|spreadsheet|csv)|columns? (?=chart)|comparing|compare|"
    r"breakdown of|distribution of|trend of|trend in|development of|evolution of|i want|i need|for me|"
    r"shares? of|the shares?|proportions? of|percentages? of)\b",
    re.IGNORECASE,
)
OVER_TIME = re.compile(
    r"\b(?:over time|through time|(?:over|through|throughout|during) the (?:whole )?(?:days|weeks?|months|quarter|year|season|period)|trend|timeline|time series)\b",
    re.IGNORECASE,
)


_AS_LAST = re.compile(
    r"(?i),[^,]*\b(?:as|into|to) (?:an? )?(pie|donut|doughnut|bars?|lines?|curve|scatter|histogram|column chart)(?: (?:charts?|graphs?|plots?|diagrams?))?\W*$"
)


def kind_of(request: str, given: Kind) -> Kind:
    """Return the kind that a request names; the given one where it names none."""
    named: list[Kind] = [kind for form, kind in _NAMED_KINDS if re.search(form, request.lower())]
    last = _AS_LAST.search(request)
    if last and len(named) > 1:  # *the nights as bars, as a pie chart*: it was drawn once before
        return next(kind for form, kind in _NAMED_KINDS if re.search(form, last[1].lower()))
    if given in named:
        return given
    if len(named) == 1:
        return named[0]
    if given not in {"bar", "line"} or named:
        return given
    for form, kind in _KINDS:
        if (given == "bar" or kind == "scatter") and re.search(form, request.lower()):
            return kind
    return given


def says_line(request: str) -> bool:
    """Say whether a request itself asks for a line, or for something over time."""
    said = request.lower()
    return any(re.search(form, said) for form, kind in _KINDS if kind == "line")


def title_of(request: str) -> str:
    """Return what the chart is to be called, where the request says so."""
    said = _TITLE.search(request)
    return said["title"].strip() if said else ""


def shows_amounts(request: str) -> bool:
    """Say whether the numbers are to be written beside what shows them."""
    return _SHOWS_AMOUNTS.search(request) is not None
