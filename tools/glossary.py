"""Words that the translator's models do not know, in words that they do; and what they spell wrongly."""

from __future__ import annotations

import re
from collections.abc import Callable

_DAYS = {"mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
         "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
         "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta", "sex": "sexta", "sáb": "sábado",
         "dom": "domingo"}  # fmt: skip
_DAY = {
    "pt": r"mon|tues?|wed|thu(?:r|rs)?|fri|sat|sun",
    "en": r"seg|ter|qua|qui|sex|sáb|dom",
}
_RANGE = {
    to: re.compile(rf"\b({days})\.? ?(?:-|–|to|a|à) ?({days})\b\.?", re.IGNORECASE)
    for to, days in _DAY.items()
}
_ALONE = {
    to: re.compile(
        rf"(?:^|(?<=[,;/] ))({days})\.?(?=, |$| [-–/&]| and | e )|\b({days})\.?,? (?=\d)",
        re.IGNORECASE,
    )
    for to, days in _DAY.items()
}
_ORDINALS = {
    "eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16,
    "seventeenth": 17, "eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "sixtieth": 60, "seventieth": 70, "eightieth": 80, "ninetieth": 90,
}  # fmt: skip
_ORDINAL = re.compile(rf"\b(?:{'|'.join(_ORDINALS)})(?= [a-z])", re.IGNORECASE)
_BIRTHDAYS = {
    "faz": "tem o seu aniversário", "fazem": "têm o seu aniversário", "faço": "tenho o meu aniversário",
    "fez": "teve o seu aniversário", "fizeram": "tiveram o seu aniversário", "fiz": "tive o meu aniversário",
}  # fmt: skip
_WORDS: dict[str, tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...]] = {
    "pt": (
        (r"\bon (?:a|the) lead\b", "on a leash"),
        (r"\bappointment (?=(?:with|at) (?:the )?(?:[Dd]r|[Dd]octor|[Dd]entist|[Cc]linic|[Hh]ospital))", "medical appointment "),
        (r"\b[Ee]-?bike(s?)\b", r"electric bicycle\1"),
        (r"(?<!-)\b([Bb])ike(s?)\b", r"\1icycle\2"),
        (r"\bBIKE(S?)\b", r"BICYCLE\1"),
        (r"\bon leads\b", "on leashes"),
        (r"\bhalf in advance\b", "half of it in advance"),
        (r"\b(?:at|to) ([A-Z][a-z]+)'s(?= ?(?:[.,;!?]|$))", r"at the home of \1"),
        (r"\bchang(e|ed|ing) the sheets\b", r"chang\1 the bed sheets"),
        (r"\bCollection only\b", "Must be picked up"),
        (r"\b[Rr]ing (?=[A-Z][a-z]+ (?:on|at|after|before)\b)", "Call "),
        (r"\b(do not|don't|please|to|can|must) bin (?=(?:it|them|this|that|the|your|any)\b)", r"\1 throw away "),
        (r"\b[Tt]his is (?=[A-Z][a-z]+(?: [A-Z][a-z]+)?(?:[.,!]| from\b| at\b| here\b| speaking\b| calling\b))", "I am "),
        (r"\bor nearest offer\b|\bo\.?n\.?o\.?\b", "or the best offer"),
    ),
    "en": (
        (r"\b[Vv]enho(?: por este meio)? (?=(?:informar|comunicar|solicitar|pedir|agradecer|confirmar)\b)", "Escrevo para "),
        (r"\b(?:fazer|dar) uma? (?=telefonema\b)", "fazer uma "),
        (r"(?<=[,.] )dia (?=\d)", ""),
        (r"\b[Ll]evantá-l([oa])s?\b", r"recolhê-l\1"),
        (r"\b[Pp]agar um sinal\b", "pagar um depósito"),
        (r"\bàs (\d{1,2}) horas\b", r"às \1:00"),
        (r"\b[Mm]arcação (?=com (?:o|a) Dr|no (?:médico|dentista|hospital))", "consulta "),
        (r"\b(faz|fazem|fez|fizeram|faço|fiz) anos\b(?! (?:que|de)\b)", lambda found: _BIRTHDAYS[found[1].lower()]),
        (r"\b(lâmina|janela|porta|cadeira|perna|mesa|peça|loiça|vidro|copo|prato|braço|ecrã|espelho|jarra|chávena|garrafa|vaso) partid([oa])\b", r"\1 quebrad\2"),
        (r"\b([Ss])ou [ao] (?=[A-ZÀ-Ý][a-zà-ÿ]+)", r"\1ou "),
        (r"\bda relva\b", "do gramado"),
        (r"\ba relva\b", "o gramado"),
        (r"\bCoima\b", "Multa"),
        (r"\bcoima\b", "multa"),
    ),
}  # fmt: skip
_COMPILED = {
    to: tuple((re.compile(each), said) for each, said in pairs) for to, pairs in _WORDS.items()
}
_SIGNS = {
    "pt": {"£": ("pound", "pounds"), "€": ("euro", "euros"), "$": ("dollar", "dollars")},
    "en": {"£": ("libra", "libras"), "€": ("euro", "euros"), "$": ("dólar", "dólares")},
}
_SIGNED = re.compile(
    r"(?<![\w$£€])(?P<sign>[£€$]) ?(?P<after>\d+(?:[.,]\d+)*)(?! ?(?:[kKmM]|mil|million|thousand|milh\w+)\b)"
    r"|(?<![\w.,$£€])(?P<before>\d+(?:[.,]\d+)*) ?(?P<behind>[£€])(?![\w$£€])"
)
"""The models put one sign for another: £85 became 85 euros, and €30 reais."""
_NTH = re.compile(r"\b\d+(?:st|nd|rd|th)\b")
_WRITTEN_NTH = re.compile(r"\b(\d+)([oa])\b")
_AT_TO = re.compile(r"\bàs (\d{1,2}h\d{0,2}) às (?=\d{1,2}h)")

_MEMBER = re.compile(r"\b(senhora?) deputad[oa](?= [A-ZÀ-Ý])", re.IGNORECASE)
"""The models learned from debates of a parliament: every Mrs is a member of it."""
_POUNDS = re.compile(r"\bpounds?\b", re.IGNORECASE)
_KILOS = re.compile(r"\bk(?:ilo(?:gram(?:me)?)?s?|gs?)\b", re.IGNORECASE)
_FROM = re.compile(r"(\bdas \d{1,2}h\d{0,2}) (?=\d{1,2}h)")


def by_hand(line: str, to: str) -> str:
    """Write what the model of a direction does not know as something that it does.

    *Mon-Fri* is Monday to Friday, *on a lead* on a leash, *the fiftieth birthday* the 50th, *£85*
    is 85 pounds.

    Args:
        line: A line in the other language.
        to: The language that it will be put into: pt or en.
    """
    if to not in _DAY:
        return line
    line = _RANGE[to].sub(lambda found: _days(found[1], found[2], to), line)
    line = _ALONE[to].sub(_day, line)
    if to == "pt":
        line = _ORDINAL.sub(lambda found: f"{_ORDINALS[found[0].lower()]}th", line)
    for form, said in _COMPILED[to]:
        line = form.sub(said, line)
    return _SIGNED.sub(lambda found: _money(found, to), line)


def _money(found: re.Match[str], to: str) -> str:
    """Return a sum with its currency in a word: £85 is 85 pounds."""
    amount = found["after"] or found["before"]
    one, many = _SIGNS[to][found["sign"] or found["behind"]]
    return f"{amount} {one if amount == '1' else many}"


def _day(found: re.Match[str]) -> str:
    return _DAYS[found[1].lower()] if found[1] else f"{_DAYS[found[2].lower()]} "


def _days(first: str, last: str, to: str) -> str:
    between = "to" if to == "pt" else "a"
    return f"{_DAYS[first.lower()]} {between} {_DAYS[last.lower()]}"


def finished(source: str, made: str) -> str:
    """Mend what a model spells wrongly: *50o* for *50.º*, *às 10h às 16h* for *das 10h às 16h*."""
    if _NTH.search(source):
        made = _WRITTEN_NTH.sub(lambda found: f"{found[1]}.{'º' if found[2] == 'o' else 'ª'}", made)
    made = _MEMBER.sub(lambda found: "Sra." if found[1].lower() == "senhora" else "Sr.", made)
    if _POUNDS.search(source) and not _KILOS.search(source):
        made = re.sub(r"\bquilos?\b", "libras", made)
    return _FROM.sub("\\1 às ", _AT_TO.sub(r"das \1 às ", made))


__all__ = ("by_hand", "finished")
