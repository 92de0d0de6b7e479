# ruff: noqa: SIM905 - word lists are read and mended as words
"""The words that questions about tables are made of, whatever the table is about."""

from __future__ import annotations

FILLERS = frozenset(
    "a an am the of in on at to from for with and or is are was were be been being do does did has have "
    "had having there that this these those it its their them they he she his her him i me my we us "
    "our you your mine please can could would should will may might shall tell show give list find get "
    "what what's which who who's whose whom how much many when where why all table tables spreadsheet "
    "sheet workbook csv file data dataset attached attachment document row rows record records entry "
    "entries line lines item's value values number numbers amount's column columns any each every "
    "everything per by grouped group same only just about using use based according up s as so "
    "than then among within into question answer query calculate compute work display return names "
    "let know want need see like liked think sold sell sells selling ordered bought buy made make makes "
    "went go goes going live lives located based called call come comes came coming happened happen "
    "placed listed contain contains included includes belong belongs exist exists respectively whole "
    "entire also together overall currently current cell cells result still already yet ever now "
    "bring brings brought take takes took taken put got gotten gets cost costs fell fall falls carry "
    "carries carried deliver delivers delivered handle handles handled serve serves served hold holds "
    "held offer offers offered keep keeps kept happen receive receives received stay stayed stays "
    "flew fly flies flown travel travelled traveled exactly roughly approximately around own different "
    "kind type some more most least both either here off down again between during while if "
    "mentioned shown given appear appears appeared booked reserved visited hosted scheduled recorded registered reported said please thanks "
    "whats whos hows hello hi hey and/or etc over under quickly everyone everybody allow allows allowed permit permits permitted used done drove driven driving accept accepts accepted was wasn't isn't aren't across among".split()
)
AGGREGATES = {
    "sum": "total totals sum sums summed altogether combined".split(),
    "avg": "average averages averaged mean avg typical typically".split(),
    "median": ["median"],
    "max": "highest maximum max greatest most top peak".split(),
    "min": "lowest minimum min least fewest bottom".split(),
}
SORT = frozenset("sorted sort ordered order ranked rank arranged arrange".split())
DOWN = frozenset(
    "descending desc highest-first largest-first biggest-first most-first decreasing backwards".split()
)
UP = frozenset("ascending asc increasing alphabetically lowest-first smallest-first".split())
MORE = "over above more greater exceeding exceeds exceed after since later >".split()
LESS = "under below less fewer smaller lower before until earlier <".split()
EDGES = {
    "after": ">", "since": ">=", "from": ">=", "before": "<", "until": "<=", "till": "<=",
    "than": "",
}  # fmt: skip
NOT = frozenset(
    "not except excluding without other never isn't aren't wasn't weren't != didn't don't doesn't won't can't hasn't haven't hadn't couldn't".split()
)
IN = frozenset("in during for of since".split())
DISTINCT = frozenset("different distinct unique".split())
ROWS = frozenset("rows records entries lines row record entry times".split())
PERIODS = {
    "year": "%Y", "month": "%Y-%m", "day": "%Y-%m-%d", "week": "%G-W%V", "weekday": "%A",
    "hour": "%H",
}  # fmt: skip
WEEKDAYS = {
    name: place
    for place, name in enumerate("sunday monday tuesday wednesday thursday friday saturday".split())
}
RELATIVE = frozenset("today yesterday tomorrow ago".split())
SMALL = dict(
    zip(
        "one two three four five six seven eight nine ten eleven twelve".split(),
        range(1, 13),
        strict=True,
    )
)
ORDINALS = {
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5,
    "runner-up": 2,
}  # fmt: skip
UNITS = frozenset(
    "euro euros eur dollars dollar usd pounds gbp cents minutes minute min mins hours hour seconds days "
    "weeks months years year km kilometres kilometers miles metres meters metre meter litre liter gram kilo m cm mm kg grams g tonnes tons "
    "litres liters l degrees celsius c f percent sqm m2 km2 square people points pieces units h kmh mph "
    "kwh mb gb times kilos kilogram kilograms kilogramme kilogrammes gramme grammes hr hrs quid bucks pound".split()
)
KEYS = frozenset(
    "id ids nr no number nummer code key index zip postcode phone sku year room gate floor lane track platform round line route flight bus shelf aisle zone locker desk".split()
)
MONTHS = {
    name: month
    for month, names in enumerate(
        "january,jan february,feb march,mar april,apr may june,jun july,jul august,aug "
        "september,sep,sept october,oct november,nov december,dec".split(),
        1,
    )
    for name in names.split(",")
}
