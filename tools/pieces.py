"""The piece of a sentence that was asked for: the day, the name, the sum, the reason."""

from __future__ import annotations

import re

from .alike import held, repaired, terms
from .gazetteer import is_place
from .names import is_given

_MONTH = (
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    r"|janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)\b"
)
_DAY = r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:segunda|terça|quarta|quinta|sexta)-feira|sábado|domingo)\b"
_NTH = (
    r"(?:\d{1,2}(?:st|nd|rd|th|º)?|(?:twenty[- ]|thirty[- ])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth)"
    r"|tenth|eleventh|twelfth|thirteenth|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_CLOCK = (
    r"(?:(?:a )?(?:(?:half past|quarter (?:past|to)|(?:ten|twenty|five) (?:past|to)|[1-5]?\d (?:minutes )?past|[1-5]?\d minutes to) (?:\d{1,2}|[a-z]+))"
    r"|\d{1,2}[:.]\d{2} ?(?:[ap]\.?m\b\.?)?|\d{1,2} ?[ap]\.?m\b\.?|\d{1,2}h\d{0,2}\b|(?:\d{1,2}|[a-z]+) o.clock|\d{1,2} horas\b|noon\b|midnight\b|meio-dia\b"
    r"|(?<=\bat )(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! \w+s\b)|(?:around|about) (?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! \w+s\b|[- ](?:hundred|thousand|people|per))"
    r"|(?:around|about) \d{1,2}(?= (?:in the|on|tomorrow|today|tonight)\b))"
)
_YEAR = r"(?:1[5-9]|20)\d{2}\b"
_DATED = (
    rf"(?:(?:the )?{_NTH} (?:of |de )?{_MONTH}(?:,? (?:de )?{_YEAR})?|{_MONTH} (?:the )?{_NTH}(?:,? {_YEAR})?(?![\w:])|{_MONTH}(?: de)? {_YEAR}"
    r"|\d{4}-\d{2}-\d{2}|[\dO]{1,2}[./][\dO]{1,2}(?:[./]\d{2,4})?(?![\d/])"
    rf"|(?:between |from |entre |de )?{_NTH} (?:and|to|e|a) {_NTH} (?:of |de )?{_MONTH})"
)
_JOIN = r"(?:,? (?:o dia |dia |on |the |at |às |a partir das |in the |no dia )?| of )"
_LATER = r"(?:(?:in|within|after|for|every|each|next|last|this|once a|twice a|until|till|by|before|em|dentro de|daqui a|todos os|até) )"
_TEENS = (
    r"(?:dez\w*|onze|doze|treze|catorze|quinze|vinte\w*(?: e \w+)?|(?:trinta|quarenta|cinquenta|sessenta|setenta|oitenta|noventa)(?: e \w+)?|(?:thir|four|fif|six|seven|eigh|nine)teen|eleven|twelve"
    r"|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:[- ]\w+)?|two|three|four|five|six|seven|eight|nine|ten)"
)
_SPAN = (
    r"(?:(?:about |around |up to |at least |nearly |cerca de )?(?:\d+(?:[.,]\d+)?|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|fifteen|twenty|thirty|"
    r"half an|um|uma|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|doze|quinze)(?:[ -](?:and a half|working|business|full|more|calendar))?[ -]"
    r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|noites?|segundos?|minutos?|horas?|dias?|semanas?|m[eê]s(?:es)?|anos?)\b)"
)
WHEN = re.compile(
    rf"(?:from |between |das |de |by |until |till |before |até |antes de )?(?:{_DAY}(?:{_JOIN}(?:{_DATED}|{_NTH}\b(?! [a-z])|{_CLOCK}|morning|evening|afternoon))*|{_DATED}(?:{_JOIN}(?:{_CLOCK}))*|{_CLOCK}(?:{_JOIN}{_DAY})?)"
    rf"(?:,? (?:to|until|till|and|às|até|a|from|at|between) (?:the )?(?:{_CLOCK}|{_DATED}|{_DAY}))*"
    rf"|{_LATER}(?:{_SPAN}|week|month|year|spring|summer|autumn|winter|day|morning|evening|weekend|semana|mês|ano)s?\b"
    rf"|\b(?:in|at|over|during|after|before|until) (?:the )?(?:easter|christmas|summer|autumn|winter|spring|half-term|school)(?: (?:holidays?|break|term|time))?\b|\b(?:n[ao]s?|durante as?) (?:férias (?:da|de|do) \w+|páscoa|natal|verão|inverno)\b"
    rf"|\b(?:first|second|third|last) (?:\w+ )?(?:weeks?|days?|half|weekend|{_DAY}) (?:of|in) {_MONTH}"
    rf"|\b(?:in|until|till|by|since|before|after|em|até|desde) (?:early |late |mid-|the end of |o fim de )?{_MONTH}"
    rf"|\b(?:tomorrow|today|tonight|yesterday|amanhã|hoje|ontem)\b(?: (?:morning|evening|afternoon|at {_CLOCK}))?|\b{_YEAR}",
    re.IGNORECASE,
)
LONG = re.compile(_SPAN, re.IGNORECASE)
_FROM_TO = re.compile(
    rf"(?:(?:from|between|das|de|entre) )?{_CLOCK} ?(?:to|until|till|and|às|até|a|e|[-–]) ?{_CLOCK}",
    re.IGNORECASE,
)
"""*08:00 to 13:00* says how long as well."""
MONEY = re.compile(
    r"[$€£]\s?\d[\d.,]*\d|[$€£]\s?\d+|\d[\d.,]*\s?(?:million|thousand|mil|milhões)?\s?(?:de )?(?:[$€£]|euros?\b|eur\b|pounds?\b|gbp\b|dollars?\b|usd\b|reais\b|cents?\b|pence\b)"
    r"|(?<![\w.,])\d{1,3}p\b(?!\.m)|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|fifty) (?:euros|pounds|dollars)\b|(?<![\d.,:])\d+\.\d{2}(?![\d.%])",
    re.IGNORECASE,
)
UNMARKED = re.compile(
    r"(?i)\b(?:pays?|costs?|fee of|price of|rent of|fine of)[^.;\d€£$]{0,12}\b\d+\b(?! ?(?:people|persons|days?|weeks?|hours?|%))|\bfree\b(?! (?:to|time|day|at|on|seat|place|range|from))|\bno charge\b|\bgratuit[oa]s?\b|\bgrátis\b"
)
"""A price without a sign: *adults pay 140*; and none at all: *free of charge*."""
_NAME = re.compile(
    r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sr|Sra|D|Dona|Senhor|Senhora)\.? )?[A-ZÀ-Ý][\w’'-]+(?: (?:(?:da|de|do|dos|van|von|of) )?[A-ZÀ-Ý][\w’'-]+)*|(?<![\w.])(?:[A-Z]\. )+[A-ZÀ-Ý][\w’'-]+"
)
_NO_NAME = re.compile(
    rf"(?i)^(?:{_MONTH}|{_DAY}|the|a|an|i|we|you|he|she|it|they|our|my|this|that|from|half|after|before|if|please|in|on|at|for|o|os|as|um|uma|quem|durante|dear|to|no|not|all)\b"
)
MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(
    r"(?<![\w.,/-])\+?(?:\(?\d{2,5}\)?[ -]){1,4}\d{2,5}(?![\w/-])|(?<![\d-])\+?\d{9,13}(?![\d-])"
)
LINK = re.compile(r"(?:https?://|www\.)\S+[\w/]")
_COLOUR = re.compile(
    r"(?i)\b(?:(?:light|dark|pale|bright) )?(?:black|white|red|blue|green|yellow|orange|brown|grey|gray|pink|purple|violet|silver|golden|beige|turquoise|cream|navy|"
    r"pret[oa]|branc[oa]|vermelh[oa]|azul|verde|amarel[oa]|laranja|castanh[oa]|cinzent[oa]|rosa|rox[oa])s?\b"
)
_HEAT = re.compile(
    r"(?i)(?:gas mark )?\d+(?:\s?(?:°|º)\s?[CF]?\b|\s?(?:°|º)|\s?(?:degrees|graus)(?: (?:celsius|fahrenheit|C|F)\b)?)|\bgas mark \d"
)
_NO_LONGER = re.compile(r"(?i)\d (?:\w+ )?(?:instead of|rather than|and not|em vez de)\b")
_THING = re.compile(r"[^\W_][\w-]*")
_FOR_WHAT = re.compile(
    r",? (?:for|per|por|para|each) (?P<what>[\w' -]{1,40}?)(?=,| and | but | e |[.;)]|$)"
)
_SMALL = frozenset({"a", "an", "the", "each", "every", "o", "um", "uma", "cada", "and", "of"})
_WHY = re.compile(
    r"(?i)\b(?:because|since(?! (?:\w+ )?(?:\d|january|february|march|april|may|june|july|august|september|october|november|december|last|monday|then))"
    r"|as(?= (?:a|the|it|we|he|she|they|i|our|there) )|so that|due to|owing to|in order to|for (?:repairs?|lack|building work|maintenance|holidays|want) ?|para (?:obras|férias|reparaç\w+|manutenção)|por (?:causa|motivo|falta)|porque|pois|devido a|já que|para que|uma vez que)\b.*"
)
_OPENS = re.compile(r"(?:^|[.:!?][\"”’]?\s+|[\"“(])$")
_STREET = re.compile(
    r"\b(?:Street|Road|Lane|Avenue|Square|Park|Hall|Station|Church|Bridge|Rua|Avenida|Praça|Largo)\b"
)
_AT = re.compile(
    r"(?i)\b(?:in|at|near|outside|inside|behind|opposite|into|em|no|na)(?: the| our| o| a)?$"
)
_BEGINS = re.compile(
    r"[A-ZÀ-Ý][\w’'-]+ (?:will|is|was|has|had|can|would|should|must|to|and|\w+[^s]s|\w+ed|made|brought|took|gave|wrote|said|came|went|got|bought|paid|found|sang|won|told|built|did|sent|ran|led|lost|sold|taught|drew|drove|chose|broke|began)\b"
)
_WHO_IS = re.compile(
    r"(?i:\b(?:who (?:is|was|are)|quem é)) (?:(?i:mr|mrs|ms|dr|sr|senhora?)\.? )?[A-ZÀ-Ý]"
)
_WHO_WHAT = re.compile(r"(?i)\bwho\b.*\b(?:what|whom|which)\b|\bquem\b.*\b(?:o qu[eê]|qual)\b")
_REST = re.compile(r"(?i)\b(?:still|remaining|left|outstanding|rest|owe\w*|falta|resta|restante)\b")
_REST_OF = re.compile(
    r"(?i)\b(?:remaining|remainder|rest|balance|outstanding|still|owe|restante|falta(?:m)?|resto)\b[^\d.;]{0,40}(?=[$€£]?\d)"
)
CLEARLY = 0.5
"""How much more of a question one clause must say than the next for its piece to be the answer."""
_AGE = re.compile(
    rf"(?i)\b(?:aged? )?(?:\d{{1,3}}|{_TEENS})[ -]?(?:years?|anos)\b(?:[ -]old)?|\baged? \d{{1,3}}\b|(?<=, )\d{{2,3}}(?=,|\b)|\b(?:children|kids|boys|girls|people|ages?|aged|crianças) (?:of |from |dos )?\d{{1,2}} ?(?:-|–|to|and|a|aos) ?\d{{1,2}}\b|\b(?:is|turned|turns|was|fez|faz|tem) (?:\d{{1,3}}|{_TEENS})\b|\bborn\b.*\d{{4}}"
)
_AFTER = re.compile(r"(?i)\b(?:after|when|for|by|to)\b|[:–-]|\b(?:após|depois|para|por)\b")
_SOMEBODY = re.compile(
    r"(?i)\b(?:tenants?|landlord|landlady|owners?|council|committee|customers?|residents?|members?|guests?|parents?|children|students?|pupils?|staff|team|compan(?:y|ies)|"
    r"police|doctors?|nurses?|patients?|people|persons?|anybody|anyone|everybody|everyone|nobody|somebody|visitors?|neighbours?|volunteers?|drivers?|teachers?|adults?|seller|buyer|employer|employees?|"
    r"manager|director|supplier|donors?|government|bank|insurance|mum|mom|mummy|dad|daddy|grandma|grandpa|granny|grandmother|grandfather|uncle|aunt|cousins?|(?:my|our|his|her|your) (?:brother|sister|mother|father|son|daughter|friend|boss|wife|husband|uncle|aunt|colleague|neighbour)s?|"
    r"condóminos?|administração|inquilino|senhorio|sócios?|alunos?|pais|clientes?|vizinh[oa]s?|empresa|câmara|toda a gente|ninguém|we|they|i|you)\b"
)
_CLAUSE = re.compile(r",? (?:and|but|while|e|mas) (?=[\w’']+ )|; |, ")
_VERB = re.compile(
    r"(?i)\b\w+ (?:is|are|was|were|will|has|have|had|must|can|does|do|did|é|são|foi|está|estão|vai|vão|fica)\b"
)
_ASKED = (
    ("phone", r"\b(?:phone|telephone|mobile|telefone|telemóvel)\b|\bnumber\b.*\b(?:call|ring|dial)\b"),
    ("mail", r"\be-?mail(?: address(?:es)?)?\b|\bendereço eletrónico\b"),
    ("link", r"\b(?:website|web ?site|url|web address|link)\b"),
    ("heat", r"\b(?:what|which|at what) temperature\b|\bhow (?:hot|warm)\b|\bwhat is the temperature\b|\bque temperatura\b|\bquantos graus\b"),
    ("colour", r"\b(?:what|which) colou?rs?\b|\b(?:de )?que cor\b|\bqual (?:é|era) a cor\b"),
    ("why", r"^\W*(?:and |e )?(?:why|porqu[eê]|por que)\b"),
    ("old", r"\bhow old\b|\bwhat age\b|\bque idade\b|\bquantos anos\b"),
    ("long", r"\bhow long\b|\bquanto tempo\b|\bhow many (?:days|weeks|months|hours|minutes|years)\b"),
    ("when", r"\bwhen\b|\b(?:what|which) (?:time|day|date|year)\b|\bquando\b|\ba que horas?\b|\b(?:que|qual) (?:o )?(?:dia|data|ano)\b|\bwhat is the (?:date|time)\b|\bhow often\b"),
    ("money", r"\bhow much (?:is|are|was|were|does|do|did|will|would|has|have|can|must|should|money|it|we|i|to|rent|for|of the)\b|\bhow much\W*$|^\W*what(?:'s| is| was| are| were|ever)? .*\b(?:price|cost|fee|rent|amount)\b|\bwhat (?:does|do|did|will|would) .*\bcost\b|\bquanto (?:custa|custou|é|pag\w+|vale|(?:tenho|temos|tem) (?:de|que) pagar)\b|\bpreço\b"),
    ("who", r"\bwho(?:m|se)?\b|\bquem\b|\bwhich (?:teachers?|people|persons?|colleagues?|members|players|customers?|doctors?|employees?)\b"),
)  # fmt: skip


def asked_for(question: str) -> str:
    """Return the kind of piece that a question asks for: ``when``, ``who``, ``money``; empty for no one kind."""
    low = question.lower()
    return next((name for name, form in _ASKED if re.search(form, low)), "")


def answers(kind: str, sentence: str) -> bool:
    """Say whether a sentence can answer a question of a kind, by its form."""
    if not kind:
        return True
    plain = repaired(sentence)
    if kind == "who":
        return bool(
            found(kind, plain)
            or _SOMEBODY.search(plain)
            or _BEGINS.match(plain)
            or plain == plain.lower()
        )
    if kind == "why":
        return bool(found(kind, plain) or _AFTER.search(plain))
    if kind == "when":
        return bool(found(kind, plain) or LONG.search(plain))
    if kind == "money" and UNMARKED.search(plain):
        return True
    if kind == "long":  # of two times it is only sure where the line is known to be about it
        return bool(LONG.search(plain))
    return bool(found(kind, plain))


def found(kind: str, text: str) -> list[str]:
    """Return the pieces of a kind in a text, in their order."""
    if kind == "who":
        named = [
            each.group()
            for each in _NAME.finditer(text)
            if text[max(0, each.start() - 1) : each.start()] not in {'"', "“", "«"}
            and (
                " " in each.group()
                or is_given(each.group())
                or not _OPENS.search(text[: each.start()])
            )
        ]
        named = [_NO_NAME.sub("", each).strip() for each in named]
        return [
            each
            for each in dict.fromkeys(named)
            if each and not _NO_NAME.match(each) and not _is_place(each, text)
        ]
    if kind == "why":
        return [hit.group().rstrip(" .!,;)") for hit in _WHY.finditer(text)]
    if kind == "long" and not LONG.search(text):
        return [hit.group().strip(" .") for hit in _FROM_TO.finditer(text)]
    form = {
        "when": WHEN,
        "long": LONG,
        "old": _AGE,
        "money": MONEY,
        "mail": MAIL,
        "phone": PHONE,
        "link": LINK,
        "colour": _COLOUR,
        "heat": _HEAT,
    }[kind]
    return list(dict.fromkeys(hit.group().strip(" ,;.").strip() for hit in form.finditer(text)))


def _is_place(name: str, text: str) -> bool:
    """Say whether a name is a street's, or stands where a place does: *outside the Co-op*."""
    if _STREET.search(name) or is_place(name):
        return True
    before = text[: text.find(name)].rstrip()
    return bool(_AT.search(before)) and not is_given(name.split(maxsplit=1)[0])


def piece(question: str, sentence: str) -> str:
    """Return what was asked for in a sentence, where there is one such piece; empty where that is open.

    Of several, the one in the clause that says most of what was asked: *we get the keys on Monday,
    and the movers come on Thursday*.
    """
    kind = asked_for(question)
    if not kind or _WHO_WHAT.search(question):
        return ""
    asked = terms(question)
    whole = [each for each in found(kind, repaired(sentence)) if not _given(each, question)]
    if kind == "who" and (len(whole) != 1 or _WHO_IS.search(question) or whole[0][1:2] == "."):
        return ""
    if kind == "money" and _NO_LONGER.search(sentence):
        return ""  # 640 instead of 400 euros
    if kind == "money" and _REST.search(question):
        rest = _REST_OF.search(sentence)
        paid = MONEY.search(sentence[rest.end() :]) if rest else None
        return paid.group().strip() if paid else ""
    if kind == "money" and len(whole) > 1 and (own := _of_thing(question, sentence)):
        return own
    parts = _CLAUSE.split(sentence)
    if len(whole) <= 1:
        if not whole or (kind == "when" and _is_of_another(whole[0], parts, asked)):
            return ""
        return _shown(whole[0], sentence)
    scored = [
        (sum(held(each, frozenset(terms(part))) for each in asked), found(kind, part))
        for part in parts
    ]
    ranked = sorted(((score, one) for score, one in scored if one), key=lambda pair: -pair[0])
    clear = len(ranked) == 1 or ranked[0][0] >= ranked[1][0] + CLEARLY
    return ranked[0][1][0] if clear and ranked[0][0] > 0 and len(ranked[0][1]) == 1 else ""


def _of_thing(question: str, sentence: str) -> str:
    """Return the amount that is said to be for the thing asked about: *120 euros for an e-bike*."""
    low = set(_THING.findall(question.lower()))
    pairs = [
        (each.group().strip(), set(_THING.findall(what["what"].lower())) - _SMALL)
        for each in MONEY.finditer(sentence)
        if (what := _FOR_WHAT.match(sentence, each.end()))
    ]
    if len(pairs) < 2:
        return ""
    shared = pairs[0][1].intersection(*(what for _, what in pairs[1:]))
    fit = [said for said, what in pairs if what - shared and what - shared <= low]
    return fit[0] if len(fit) == 1 else ""


def _is_of_another(said: str, parts: list[str], asked: list[str]) -> bool:
    """Say whether a day belongs to another clause than the one that says what was asked about.

    *Tomorrow the road is closed, buses leave from the school*: that is not when they leave. A day
    that opens a sentence, without a verb of its own, is of the whole: *On Monday, buses leave …*.
    """
    own = next((each for each in parts if said in each), "")
    if not _VERB.search(own.replace(said, "")):
        return False
    bags = [frozenset(terms(each)) for each in parts if each != own]
    held_by_own = any(held(each, frozenset(terms(own))) for each in asked)
    return not held_by_own and any(all(held(each, bag) for each in asked) for bag in bags)


def _given(found_: str, question: str) -> bool:
    """Say whether the question names the piece itself."""
    low = question.lower()
    return found_.lower() in low or (
        bool(terms(found_)) and set(terms(found_)) <= set(terms(question))
    )


def _shown(said: str, sentence: str) -> str:
    return "" if len(said) > 0.85 * len(repaired(sentence)) else said
