"""Months and weekdays that stand in cells as words, and the order that they have."""

from __future__ import annotations

from collections.abc import Sequence

from .asking_vocabulary import MONTHS, WEEKDAYS

_OTHERS = (
    "janeiro,enero,januar,janvier fevereiro,febrero,februar,février março,marzo,märz,mars abril,avril "
    "maio,mayo,mai junho,junio,juni,juin julho,julio,juli,juillet agosto,août setembro,septiembre,septembre "
    "outubro,octubre,oktober,octobre novembro,noviembre,novembre dezembro,diciembre,dezember,décembre"
)
_DAYS = (
    "sunday,sun,sonntag,so,domingo,dom,dimanche monday,mon,montag,mo,segunda,segunda-feira,seg,lunes,lundi "
    "tuesday,tue,tues,dienstag,di,terça,terça-feira,ter,martes,mardi wednesday,wed,mittwoch,mi,quarta,quarta-feira,qua,miércoles,mercredi "
    "thursday,thu,thur,thurs,donnerstag,do,quinta,quinta-feira,qui,jueves,jeudi friday,fri,freitag,fr,sexta,sexta-feira,sex,viernes,vendredi "
    "saturday,sat,samstag,sa,sábado,sáb,sabado,samedi"
)
_MONTH_PLACES = dict(MONTHS) | {
    name: place for place, names in enumerate(_OTHERS.split(), 1) for name in names.split(",")
}
_DAY_PLACES = {
    name: place or 7 for place, names in enumerate(_DAYS.split()) for name in names.split(",")
} | {name: place or 7 for name, place in WEEKDAYS.items()}
"""A week begins with Monday."""
_SATURDAY = 6
_QUARTERS = {f"q{at}": at for at in range(1, 5)}


def places(values: Sequence[str]) -> dict[str, int]:
    """Return the place of each cell in the year or in the week; nothing where they are no such names.

    Args:
        values: The different cells of a column.
    """
    if len(values) < 2:
        return {}
    for known in (_MONTH_PLACES, _DAY_PLACES, _QUARTERS):
        found = {each: known.get(each.strip().strip(".").casefold(), 0) for each in values}
        if all(found.values()):
            return found
    return {}


def said_alike(word: str, value: str) -> bool:
    """Say whether a word is another way to write the month or the day in a cell: *feb*, *mon*."""
    low, cell = word.casefold().strip("."), value.casefold().strip(".")
    if low in {"weekend", "weekends"}:
        return _DAY_PLACES.get(cell, 0) >= _SATURDAY
    for known in (_MONTH_PLACES, _DAY_PLACES):
        if low in known and cell in known:
            return len(low) > 2 and known[low] == known[cell]
    return False
