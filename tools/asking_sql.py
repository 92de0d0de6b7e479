# ruff: noqa: S608 - every name and value is quoted
"""Write the SQL for a question that was understood."""

from __future__ import annotations

from dataclasses import replace

from .asking import Column, Query, Unmapped, name_parts, stem
from .asking_conditions import Condition
from .asking_frame import WHICH, Frame, Measure, Understood, aliased, by, grouped, worded
from .asking_growth import growth
from .asking_lexicon import ADJECTIVES
from .asking_likeness import Extreme, choose, likeness
from .asking_pairs import paired
from .asking_ranks import rank_groups, ranked
from .asking_shares import share, yes_or_no
from .asking_words import Words
from .month_columns import MEASURED

_LISTING = frozenset(
    "show list give display get find what what's whats which who return whose where when".split()  # noqa: SIM905
)
_ALL = frozenset("rows records all entries table data lines everything".split())  # noqa: SIM905

_TRADING = frozenset(
    "sell sells sold selling buy buys bought buying order ordered purchase purchased ship shipped "  # noqa: SIM905
    "deliver delivered dispatched go gone went have stock left available".split()
)
_MEASURING = frozenset("minutes hours seconds days weeks years km kg cm eur usd gbp euros age price cost amount total".split())  # noqa: SIM905  # fmt: skip
"""In the name of a column: it says how much, and not how often."""
_PLACED = frozenset("on in at for from during altogether together total".split())  # noqa: SIM905
_DONE = frozenset(
    [
        "shift",
        "visit",
        "lesson",
        "session",
        "match",
        "game",
        "trip",
        "ride",
        "job",
        "appointment",
        "delivery",
        "loan",
        "walk",
        "run",
        "race",
        "class",
        "task",
        "turn",
    ]
)
"""What is done again and again under one name: *how many shifts does Lotte do*."""
_LINKING = frozenset({"and", "or", "how", "many", "the"})
_AUXILIARIES = frozenset(
    "do does did is are was were have has had been be we they i you can".split()  # noqa: SIM905
)


def compose(question: Words, understood: Understood) -> Query:
    """Return the query for what was understood. Raises ``Unmapped``."""
    frame = Frame(question, understood)
    query = _composed(frame)
    alone = query.shape in {"scalar", "count"} and frame.asks("each") and not understood.groups
    if alone and not any(e.low == "each" and e.role for e in question.words):
        raise Unmapped("it does not say of each of what: per city, for each product …")
    return query


def _composed(frame: Frame) -> Query:
    question, understood = frame.question, frame.asked
    if (beside := paired(frame, _composed)) is not None:
        return beside
    if understood.differs and len({each.direction for each in understood.extremes}) < 2:
        raise Unmapped("it does not say the difference between which two things")
    if understood.grows:
        return growth(frame, None)
    if understood.share:
        return share(frame)
    if understood.asks_yes and not understood.extremes:
        return yes_or_no(frame)
    unread = any(
        each.low in {"more", "less", "fewer"} and not each.role and question.low(at + 1) == "than"
        for at, each in enumerate(question.words)
    )
    if unread or any(each.role in {"more", "less"} for each in question.words):
        raise Unmapped("it does not say what is compared with what: give a number")
    if understood.common:
        return _most_common(frame)
    if understood.extremes and _is_popular(frame):
        return _most_common(frame)
    if understood.extremes:
        return ranked(frame)
    if understood.counted and set(understood.folds) <= {"sum"}:
        return _counted(frame)
    if understood.folds:
        return _folded(frame, understood.folds)
    if understood.groups:
        return _of_groups(frame)
    if frame.asks_how_much() and not frame.others:
        return _how_much(frame)
    owed = frame.asks("owe", "pay", "spend", "bring", "earn", "donate") and frame.conditions
    if frame.asks_how_much() and owed and all(e.kind == "text" for e in frame.others):
        return _folded(frame, ["sum"])  # how much do the customers who have not paid owe us
    whole = frame.asks("all") and not frame.conditions and all(e.unique for e in frame.others)
    if frame.asks_how_much() and whole:  # how much did all the plants cost
        return _folded(frame, ["sum"])
    if frame.numeric and frame.numeric[0].folded and frame.asks("do", "does", "did"):
        return _folded(frame, ["avg"])  # what do Germans spend per night
    return _listed(frame)


def _is_popular(frame: Frame) -> bool:
    """Whether *the most popular* is what most rows have: no column says how much it was wanted."""
    extreme = frame.asked.extremes[0]
    if extreme.columns != ADJECTIVES["popular"].columns or frame.numeric or frame.asked.folds:
        return False
    return choose(frame.columns, extreme.columns, "max", beside=frame.spoken) is None


def _of_groups(frame: Frame) -> Query:
    """Write groups of which no measure was named: sums where those mean something."""
    groups = frame.asked.groups
    if not frame.numeric and not frame.asked.verbs and not frame.asks_how_much():
        worth = [each for each in frame.columns if each.is_summed and not each.is_made]
        valued = any(
            each.column.kind == "text" and not each.column.is_flag and each.column not in groups
            for each in frame.conditions
        )
        rows = any(map(frame.question.is_noun, range(len(frame.spoken)))) or frame.asks(*_ALL)
        if len(worth) != 1 or not valued or rows:
            return _count(frame, groups, [])
        return _folded(Frame(frame.question, replace(frame.asked, subject=worth)), ["sum"])
    measured = frame.numeric or [frame.measure()[0]]
    folds = [Measure.of("sum" if each.is_summed else "avg", each) for each in measured]
    about = " and ".join(worded(each) for each in folds)
    return grouped(folds, groups, frame, f"{about}{by(groups)}{frame.said}")


def _how_much(frame: Frame) -> Query:
    column = frame.measure()[0]
    spoken = frame.spoken
    at = spoken.index("much")
    states = bool({*spoken[at : at + 3]} & {"is", "are", "does", "was"})
    valued = any(
        each.column.kind == "text" and not each.column.is_flag for each in frame.conditions
    )
    if not column.is_summed or (states and valued):
        asked = replace(frame.asked, subject=[column])
        return _listed(Frame(frame.question, asked))
    return _folded(frame, ["sum"])


def _counted(frame: Frame) -> Query:
    """Write *how many*: rows, different values, or the sum of what is counted in a column."""
    groups, question = frame.asked.groups, frame.question
    subject = [each for each in frame.asked.subject if each not in groups]
    if (pieces := _traded(frame)) is not None and subject in ([], [pieces]):
        return _folded(Frame(question, replace(frame.asked, subject=[pieces])), ["sum"])
    if _worth(subject) and frame.asks("many"):  # how many orders: rows, whatever they are worth
        subject = [each for each in subject if not _worth([each])]
        question.read[:] = [e for e in question.read if not e.endswith(" as 'sales value'")]
    direct = _directly_counted(frame)
    if direct == "rows" and not subject and not groups and frame.pieces() is not None:
        asked = replace(frame.asked, subject=[frame.pieces()])
        return _folded(Frame(question, asked), ["sum"])  # how many lunches did Oak order
    numeric = [each for each in subject if each.is_measure]
    none = [e.column for e in frame.conditions if e.said.endswith((" = 0", " is 0 or empty"))]
    if (direct is None or direct in none) and numeric and all(each in none for each in numeric):
        numeric, subject = [], [each for each in subject if each not in numeric]
    if numeric and (direct is None or direct in numeric):
        column = numeric[-1]
        if column.is_summed or len(frame.conditions) > 0:
            fold = Measure.of("sum", column)
            if groups:
                return grouped([fold], groups, frame, f"{worded(fold)}{by(groups)}{frame.said}")
            return Query(
                f"SELECT {fold} FROM data{frame.where}", f"{worded(fold)}{frame.said}", "scalar"
            )
    for each in numeric:
        if each is not direct and each not in frame.filtered:
            frame.conditions.append(Condition(f"{each.sql} > 0", f"{each.name} > 0", each, 0))
    if direct is None and frame.asked.verbs and not _names_rows(frame):
        column = frame.measure()[0]
        if column.is_summed and column.whole:
            return _folded(frame, ["sum"])
    return _count(
        frame, groups, [each for each in subject if each not in numeric or each is direct]
    )


def _worth(columns: list[Column]) -> bool:
    return any(each.derived and each.name == "sales value" for each in columns)


def _traded(frame: Frame) -> Column | None:
    """Return the column of pieces for *how many lamps did we sell*: a row may stand for several."""
    words, spoken = frame.question.words, frame.spoken
    at = next((at + 1 for at, each in enumerate(spoken) if each == "many" or spoken[at - 1 : at + 1] == ["number", "of"]), len(words))  # fmt: skip
    while at < len(words) and spoken[at] in {"of", "the", "our"}:
        at += 1
    if at >= len(words) or words[at].role != "value":
        return None
    end = at + 1
    while end < len(words) and (words[end].role in {"value", "value+"} or spoken[end] in _LINKING):
        end += 1
    if end < len(words) and frame.question.is_noun(end) and {"stock", "left"} & set(spoken[end:]):
        end += 1  # how many city bikes are in stock
    placed = frame.quantity() is not None and (end == len(words) or spoken[end] in _PLACED)
    if end < len(words) and spoken[end] not in _TRADING | _AUXILIARIES and not placed:
        return None  # how many Porto orders: rows
    if not set(spoken[end:]) & _TRADING and not placed:
        return None
    counts = [
        (max(likeness(each, "quantity"), likeness(each, "stock")), each)
        for each in frame.columns
        if each.is_summed and each.whole and not each.is_made
    ]
    counts = [(score, each) for score, each in counts if score]
    best = max((score for score, _ in counts), default=0)
    found = [each for score, each in counts if score == best]
    return found[0] if len(found) == 1 else None


def _names_rows(frame: Frame) -> bool:
    return any(
        not each.role and frame.question.is_noun(at) for at, each in enumerate(frame.question.words)
    )


def _directly_counted(frame: Frame) -> Column | str | None:
    """Return what stands behind *how many*: a column, or ``rows`` for a word that means them."""
    spoken = frame.spoken
    start = next(
        (
            at + 1 for at, each in enumerate(spoken)
            if each == "many" or (each == "of" and at and spoken[at - 1] == "number")
        ),
        None,
    )  # fmt: skip
    if start is None:
        return None
    for at in range(start, min(start + 3, len(spoken))):
        word = frame.question.words[at]
        if spoken[at] == "notes" and any(each.name == "midi" for each in frame.columns):
            return "rows"  # the notes of a tune, of which several sound alike
        if word.names() and word.column in frame.asked.subject:
            done = stem(spoken[at]) in _DONE and not frame.asked.distinct
            repeats = word.column.kind == "text"
            return "rows" if done and repeats else word.column
        if word.role.startswith("value"):
            continue
        if frame.question.is_noun(at) and not word.role:
            return "rows"
        if spoken[at] in {"is", "are", "was", "were", "do", "does", "did", "have", "has"}:
            return None
    return None


def _count(frame: Frame, groups: list[Column], subject: list[Column]) -> Query:
    whole = [each for each in subject if not each.unique and not each.derived]
    if _directly_counted(frame) == "rows" and not frame.asked.distinct:
        whole, subject = [], []
    if whole and (frame.asked.distinct or whole[0].kind != "number"):
        counted, what = f"count(DISTINCT {whole[0].sql})", f"different values of {whole[0].name}"
    elif subject and not subject[0].unique:
        counted, what = f"count({subject[0].sql})", f"rows with a {subject[0].name}"
    else:
        counted, what = "count(*)", "rows"
    about = f"number of {what}{by(groups) if groups else ''}{frame.said}"
    if groups:
        return grouped([counted], groups, frame, about)
    return Query(f"SELECT {counted} FROM data{frame.where}", about, "count")


def _most_common(frame: Frame) -> Query:
    subject = [*frame.asked.groups, *frame.others] or frame.numeric
    label = frame.label()
    if not subject and label is not None and label.unique:  # each row has its own: by how often
        counts = [
            each for each in frame.columns
            if each.is_summed and each.whole and not each.is_made
            and not _MEASURING & set(name_parts(each.name))
        ]  # fmt: skip
        if len(counts) == 1:
            edge = Extreme("max", "", 0, "most")
            asked = replace(frame.asked, extremes=[edge], subject=[label, *counts], common=False)
            return ranked(Frame(frame.question, asked))
    if len(subject) > 1:  # which book was lent most often: not the days it was lent on
        subject = [each for each in subject if each.kind != "date"]
    least = any(each.direction == "min" for each in frame.asked.extremes)
    if len(subject) == 1 and (pieces := frame.pieces()) is not None and pieces not in subject:
        return rank_groups(frame, subject, Measure.of("sum", pieces), "min" if least else "max")
    if len(subject) != 1:
        raise Unmapped("it does not say of which column the commonest value is wanted")
    if subject[0].is_measure and subject[0].unique:
        raise Unmapped(f"no value of {subject[0].name!r} is there more than once")
    return rank_groups(frame, subject, "count(*)", "min" if least else "max")


def _folded(frame: Frame, folds: list[str]) -> Query:
    """Write sums and averages: one of many columns, many of one, or one by one."""
    numeric = frame.numeric
    if numeric and len(folds) == 1:
        pairs = [(folds[0], each) for each in numeric]
    elif numeric and len(folds) == len(numeric):
        pairs = list(zip(folds, numeric, strict=True))
    else:
        column = frame.measure()[0]
        pairs = [(each, column) for each in folds]
    measures = [Measure.of(fold, column) for fold, column in pairs]
    about = " and ".join(worded(each) for each in measures)
    groups = frame.asked.groups
    if groups and folds == ["avg"] and len(pairs) == 1 and _is_daily_mean(frame, pairs[0][1]):
        column = pairs[0][1]
        return Query(
            f"SELECT avg(summed) FROM (SELECT sum({column.sql}) AS summed FROM data{frame.where} "
            f"GROUP BY {groups[0].sql})",
            f"average over each {groups[0].name} of the sum of {column.name}{frame.said}",
            "scalar",
        )
    if groups:
        return grouped(measures, groups, frame, f"{about}{by(groups)}{frame.said}")
    listed = ", ".join(aliased(each) for each in measures) if len(measures) > 1 else measures[0]
    shape = "scalar" if len(measures) == 1 else "rows"
    return Query(f"SELECT {listed} FROM data{frame.where}", f"{about}{frame.said}", shape)


def _is_daily_mean(frame: Frame, column: Column) -> bool:
    """Whether *per day on average* asks for one number, made of what each day comes to."""
    groups = frame.asked.groups
    timed = len(groups) == 1 and (groups[0].repeats or groups[0].derived.startswith("strftime"))
    asks = frame.asks("what", "what's", "whats", "how")
    if asks and len(groups) == 1 and column.is_summed and not frame.asks("each", "every"):
        single = groups[0].calendar and (groups[0].unique or column.name == MEASURED)
        dated = groups[0].kind == "date" and not groups[0].repeats
        if single or dated or (groups[0].kind == "text" and groups[0].unique):
            return True  # one number of each day: the mean of each would say it again
    on = any(
        one == "on" and two == "average"
        for one, two in zip(frame.spoken, frame.spoken[1:], strict=False)
    )
    return timed and on and column.is_summed and not frame.asks("each", "every")


def _names(frame: Frame, inferred: list[Column]) -> bool:
    """Whether what was inferred is what was asked for: a row's own name, or the things that are sold."""
    return bool(inferred) and (inferred[0].unique or not frame.asks("what"))


def _is_bare_sum(frame: Frame, subject: list[Column]) -> bool:
    """Whether *units in August* is asked: one number, of rows that are told by what they share."""
    asked = frame.asked
    if len(subject) != 1 or not subject[0].is_summed or not frame.conditions:
        return False
    if asked.ordered or asked.limit or asked.distinct or asked.direction or asked.verbs:
        return False
    if set(frame.spoken) & (_LISTING - {"what", "what's", "whats"}) or frame.asks(*_ALL):
        return False
    rows = any(frame.question.is_noun(at) for at in range(len(frame.spoken)))
    rows = rows or frame.asks("do", "does", "did")
    return not rows and not any(each.unique for each in frame.filtered)


def _listed(frame: Frame) -> Query:
    asked, subject = frame.asked, list(frame.asked.subject)
    ordered, limit = asked.ordered, asked.limit
    spoken = set(frame.spoken)
    if (
        not subject
        and not (asked.verbs and frame.asks("what"))
        and not (
            frame.conditions or ordered or asked.direction or (spoken & _LISTING and spoken & _ALL)
        )
    ):
        raise Unmapped("it names no column, no value and nothing to count or add up")
    if _is_bare_sum(frame, subject):
        return _folded(frame, ["sum"])
    if (
        subject
        and all(e.kind == "date" and e in frame.filtered for e in subject)
        and not asked.distinct
    ) and not (spoken & {"when", "what", "which", "date", "dates", "day", "days"}):
        subject = []  # visits in February are rows
    asks_what = frame.asks("what") and frame.asks("does", "do", "did")
    if asked.verbs and asks_what and not frame.numeric:
        subject.append(frame.measure()[0])
    inferred = frame.subjects() if frame.asks(*WHICH, "what") else []
    if not subject and frame.asks("who", "whose", "whom", "where", "when"):
        subject = inferred
    if len(subject) == 1 and subject[0].is_key and not asked.distinct:
        inferred = [*subject, *frame.telling()]
    elif inferred and inferred[0].is_key:
        inferred = [*inferred, *frame.telling()]  # a number alone tells nobody which loan
    if frame.asks("whom", "who") and [e.kind for e in subject] == ["text"]:
        people = frame.people()[:1] if subject[0] not in frame.people() else []
        if frame.asks("which", "what"):
            subject += people  # and for whom
        elif people and not people[0].unique and frame.spoken[0] == "who":
            subject = [*people, *subject]  # who brought the items
    made = len(subject) == 1 and subject[0].is_measure and bool(subject[0].derived)
    if made and not inferred and (label := frame.label()) is not None:
        texts = [each for each in frame.columns if each.kind != "number" and not each.is_flag]
        inferred = [label] if label.unique else texts[:3] or [label]  # it says of which row it is
    alone = len(subject) == 1 and subject[0].kind == "text" and not ordered
    single = alone or (
        len(subject) == 1 and subject[0].is_measure and not subject[0].is_summed and not made
        and not frame.asks("which", "who")
    )  # fmt: skip
    distinct = (asked.distinct or single) and not (limit and not asked.distinct)
    rows = any(frame.question.is_noun(at) for at in range(len(frame.spoken)))
    if alone and stem(subject[0].name) in _DONE and not subject[0].unique and not asked.distinct:
        subject = [*frame.telling()[:1], *subject, *frame.telling()[1:2]]  # which shifts are open
        subject, distinct = list(dict.fromkeys(subject)), False
    if subject and rows and not asked.distinct and not made:
        named = [each for each in subject if each not in frame.filtered]
        subject = subject if named or inferred else []  # flats that are available in April
    filtered = [each for each in frame.filtered if each not in subject]
    if subject and not distinct and len(subject) == 1:
        shown = [*[each for each in inferred if each not in filtered], *filtered, *subject]
    elif not subject and frame.asks("which", "what") and filtered and _names(frame, inferred):
        shown = [*inferred, *[each for each in filtered if each not in inferred]]
    else:
        shown = subject
    shown = list(dict.fromkeys(shown))
    keys = ", ".join(each.shown for each in shown) or "*"
    down = ordered is not None and (ordered[1] or asked.direction == "max")
    order = f" ORDER BY {ordered[0].sql}{' DESC' if down else ''}" if ordered else ""
    if asked.direction and not ordered:
        measures = [each for each in [*frame.numeric, *frame.filtered] if each.is_measure]
        only = [each for each in frame.columns if each.is_measure and not each.is_made]
        measures = measures or (only if len(only) == 1 else [])
        if measures:
            order = f" ORDER BY {measures[0].sql}{' DESC' if asked.direction == 'max' else ''}"
            distinct = False
            shown = list(dict.fromkeys([*shown, measures[0]])) if shown else shown
            keys = ", ".join(each.shown for each in shown) or "*"
    if distinct and subject and not order:
        order = f" ORDER BY {subject[0].sql}"
    cut = f" LIMIT {limit}" if limit else ""
    which = ", ".join(each.name for each in shown) or "rows"
    by_what = f", by {ordered[0].name}{', highest first' if down else ''}" if ordered else ""
    unique = distinct and bool(subject)
    return Query(
        f"SELECT {'DISTINCT ' if unique else ''}{keys} FROM data{frame.where}{order}{cut}",
        f"{'different values of ' if unique else ''}{which}{frame.said}{by_what}",
        "rows",
    )
