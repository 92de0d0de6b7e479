"""Who wrote a letter, and to whom: read off its greeting, its closing and its header."""

from __future__ import annotations

import re

_CLOSING = re.compile(
    r"(?:(?:with )?(?:my |our )?(?:kind|best|warm|kindest|warmest|many|sincere)? ?(?:regards|wishes|thanks|greetings)|yours(?: \w+)?|sincerely|(?:(?:with|lots of|much|all my) )?love(?: from| to (?:all|you all|everyone))?|hugs|greetings(?: from \w+)?|see you soon|cheers|"
    r"all the best|best|many thanks|thanks|thank you|(?:com os (?:meus )?|os )?melhores cumprimentos|cumprimentos|"
    r"atenciosamente|com estima|um (?:grande )?abraço|abraços|beijinhos|obrigad[oa])[,.!]?",
    re.IGNORECASE,
)

_FOR_WHOM = re.compile(
    r"^\W*(?:and |e )?(?:to|for) whom(?: (?:is|was))?(?: (?:wrote|written|sent|signed|addressed|it|this|the (?:letter|e?-?mail|message|note))\b.*)?\W*$"
    r"|^\W*(?:e )?(?:para|a) quem(?: (?:é|foi|se destina|escreveu|enviou|mandou|assinou|(?:est[ae]|[ao]) (?:carta|e-?mail|mensagem))\b.*)?\W*$"
    r"|\bwho(?:m)? (?:is|was) (?:it|this|(?:the|this) (?:letter|e?-?mail|message|note)) (?:written |sent |addressed )?(?:to|for)\W*$"
    r"|\bwho (?:is|was) the (?:recipient|addressee)\b|\bdestinat[aá]ri[oa]\b"
)
_SALUTATION = re.compile(
    r"(?:dear|hi|hello|car[oa]s?|querid[oa]s?|olá|exm[oa]\.?) ((?:[^\W\d_][\w.'’-]*[ ]?){1,6})[,:!]?",
    re.IGNORECASE,
)


_WRITER = re.compile(
    r"\bwho (?:(?:wrote|writes|sent|sends|signed)(?! (?:the|a|an|my|our|that) (?!letter|e-?mail|mail|message|note|text|review|complaint|document|invitation|announcement|notice|card|post|report|minutes|contract|memo|reply|answer))|is (?:it|this|(?:the|this) [\w-]+) (?:from|by|written by|signed by))\b|\bwho is the (?:sender|author|writer)\b"
    r"|\bfrom whom\b|\bwho (?:is )?complain(?:s|ed|ing)\b|\bquem (?:[ao] )?(?:escreveu|assin(?:ou|a)|enviou|mandou)\b|\b(?:remetente|autor[a]?) d[ao]\b"
)
_FROM = re.compile(
    r"(?:From|De|Von|Sender)\s*:\s*(?P<name>[^<\n]+?)\s*(?:<[^>\n]*>)?", re.IGNORECASE
)
_TO = re.compile(r"(?:To|Para|An)\s*:\s*(?P<name>[^<\n]+?)\s*(?:<[^>\n]*>)?", re.IGNORECASE)
_BARE_NAME = re.compile(r"[A-ZÀ-Ý][\w'’-]+(?: (?:[A-ZÀ-Ý][\w'’.-]*|d[aeo]s?|van|von)){0,3}")
_LETTER, _LONG = 3, 80
"""Lines of a letter, and letters of its longest, from which a name alone at its end signs it."""
_TOP = 12
"""Lines at the top of a mail that may be its header."""
_WRITTEN = re.compile(r"[^\W\d_][\w.'’ -]{1,60}")


_NAME = r"(?!(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|January|February|March|April|May|June|July|August|September|October|November|December|The|A|My|Not|So|Very)\b)(?-i:[A-ZÀ-Ý][\w'’-]+(?:[ \t]+(?:(?:d[aeo]s?|van|von|de)[ \t]+)?[A-ZÀ-Ý][\w'’-]+){0,3})"
_SELF = re.compile(
    rf"(?i)\b(?:my name is|my name['’]s|i am called|chamo-me|o meu nome é|meu nome é|this is|here is|aqui é (?:a |o )?)(?P<one>{_NAME})|\b(?:my name is|my name['’]s|chamo-me|(?:o )?meu nome é) (?P<name>{_NAME})"
    rf"|(?:^|[.!?,]\s)(?:(?:hello|hi|hey|good \w+),? )?(?P<here>{_NAME}) (?:here|speaking|calling)\b"
    rf"|(?:^|[.!?,]\s|\b(?:hello|hi|hey|mum|dad|everyone|everybody|morning|afternoon|evening)\b,?\s)(?:i am|i['’]m|sou (?:o|a)|eu sou (?:o|a)|it['’]s(?: me,?)?|it is(?: me,?)?|this is|here is) (?P<me>{_NAME})(?! (?:is|was|will|has)\b)"
)
_WHO_SPEAKS = re.compile(
    r"^\W*(?:and |so |e )?who(?:['’]s| is| was)? (?:the |this |that )?(?:it|this|that|she|he|writing|speaking|calling|talking|phoning|ringing|the (?:caller|speaker|writer|sender|author|person (?:who (?:is |was )?)?(?:writing|calling|speaking)|(?:mother|father|mum|mom|dad|parent|woman|man|lady|girl|boy|guy|person)))(?: (?:writing|speaking|calling|on the phone|here))?(?: (?:to|in|on) .*)?\W*$"
    r"|^\W*(?:and )?who (?:called|phoned|rang|is on the (?:phone|line|recording)|speaks|calls|talks|left (?:it|this|that|(?:the|this|that) (?:message|note|voicemail|voice mail)))\b[^,]*$|^\W*(?:and |so )?who (?:she|he|it|this|that) is\W*$|\bwhat(?:['’]s| is| was)(?: the (?:name|names) of)? (?:the )?(?:caller|writer|sender|speaker|author)(?:['’]s name)?\W*$|\bwhat(?:['’]s| is) (?:his|her|their|the (?:caller|speaker|writer|sender)['’]s) name\W*$"
    r"|^\W*(?:e )?quem (?:é (?:ela|ele|que (?:escreve|fala|telefona|liga))|escreve|fala|está a (?:escrever|falar|ligar)|ligou|telefonou)\b[^,]*$"
)
_KIN = (
    r"mother|father|mum|mom|dad|parent|daughter|son|sister|brother|wife|husband|aunt|uncle|grandmother|grandfather|grandma|grandpa|granny|neighbour|owner|teacher|landlord|landlady|tenant|boss|"
    r"mãe|pai|filha|filho|irmã|irmão|mulher|marido|tia|tio|avó|avô|vizinha|vizinho|professora|professor"
)
_WHOSE = re.compile(
    rf"\bwho is (?P<of>[\w'’-]+?)['’]s (?P<kin>{_KIN})\b|\bwho is the (?P<kin2>{_KIN}) of (?P<of2>[\w'’-]+)|\bquem é (?:a|o) (?P<kin3>{_KIN}) d[aoe] (?P<of3>[\w'’-]+)"
    rf"|\bwhat is (?P<of4>[\w'’-]+?)['’]s (?P<kin4>{_KIN}) called|\bcomo se chama (?:a|o) (?P<kin5>{_KIN}) d[aoe] (?P<of5>[\w'’-]+)|\bwhat is (?:the )?name of (?P<of6>[\w'’-]+?)['’]s (?P<kin6>{_KIN})"
)
_SAME_KIN = (
    ("mother", "mum", "mom", "mãe", "parent"), ("father", "dad", "pai", "parent"), ("daughter", "filha"), ("son", "filho"), ("sister", "irmã"), ("brother", "irmão"),
    ("wife", "mulher"), ("husband", "marido"), ("aunt", "tia"), ("uncle", "tio"), ("grandmother", "grandma", "granny", "avó"), ("grandfather", "grandpa", "avô"),
    ("neighbour", "vizinha", "vizinho"), ("teacher", "professora", "professor"),
)  # fmt: skip


def closes(line: str) -> bool:
    """Say whether a line closes a letter: *Kind regards,*."""
    return bool(_CLOSING.fullmatch(line.strip()))


def signed_by(question: str, material: str) -> str:
    """Return the name under a letter, where its writer is asked for; empty otherwise."""
    low = question.lower()
    if not _WRITER.search(low) and not _WHO_SPEAKS.search(low):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    for at, line in enumerate(lines[:-1]):
        if _CLOSING.fullmatch(line) and _WRITTEN.match(lines[at + 1]):
            return lines[at + 1].rstrip(".")
    if name := _headed(_FROM, lines):
        return name
    last = lines[-1] if len(lines) > 1 else ""
    if _BARE_NAME.fullmatch(last) and lines[-2].endswith((".", "!", "?", ",")):
        return last
    if (
        len(lines) > _LETTER
        and " " in last
        and _BARE_NAME.fullmatch(last)
        and max(map(len, lines)) > _LONG
    ):
        return last
    return introduced(material)


def introduced(material: str) -> str:
    """Return the name by which somebody says who they are: *My name is …*, *it's Ellie*; empty without one."""
    hit = _SELF.search(" ".join(material.split()))
    return next((each for each in hit.groups() if each), "") if hit else ""


def mail_of(question: str, material: str) -> str:
    """Return the e-mail address that a question asks for; empty where there is none, or no telling which."""
    if not _MAIL_ASKED.search(question.lower()):
        return ""
    given = list(dict.fromkeys(_MAIL.findall(material)))
    words = set(re.findall(r"[^\W\d_]{3,}", question.lower()))
    own = [
        each
        for each in given
        if words & set(re.findall(r"[^\W\d_]{3,}", each.lower().partition("@")[0]))
    ]
    if not own and len(given) == 1:
        named = re.search(r"\b([A-ZÀ-Ý]\w+)['’]s\b|\bof ([A-ZÀ-Ý]\w+)", question)
        near = next(line for line in material.splitlines() if given[0] in line)
        one = next((each for each in named.groups() if each), "") if named else ""
        own = given if not one or one.lower() in near.lower() else []
    return own[0] if len(own) == 1 else ""


_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MAIL_ASKED = re.compile(
    r"\b(?:what|which|where|whose|qual)\b.*\b(?:e-?mail address|mail address|e-?mail|endereço (?:de )?(?:e-?mail|eletr[oó]nico))\b(?! (?:say|about|from|is about|mean|ask|want))"
)


def related(question: str, material: str) -> str:
    """Return who says that they are what somebody of a name is asked to be; empty otherwise.

    *I am the mother of Rafael* says who Rafael's mother is: who signs the letter.
    """
    asked = _WHOSE.search(question.lower())
    if not asked:
        return ""
    kin, of = (
        next(v for k, v in asked.groupdict().items() if k.startswith(n) and v)
        for n in ("kin", "of")
    )
    kinds = {kin, *(each for ring in _SAME_KIN if kin in ring for each in ring)}
    words = "|".join(map(re.escape, kinds))
    said = re.compile(
        rf"(?i)\b(?:i am|i['’]m|sou|as|and|who is)(?: (?:the|a|o))? (?:proud |single )?(?:{words}) (?:of|d[aoe]s?)(?: (?:the|o|a))? (?:little |young )?{re.escape(of)}\b"
        rf"|\b(?:i am|i['’]m|as|sou) {re.escape(of)}['’]s (?:{words})\b"
    )
    return signed_by("who wrote it", material) if said.search(" ".join(material.split())) else ""


def addressed_to(question: str, material: str) -> str:
    """Return the name that a letter begins with, where it is asked whom it is for; empty otherwise."""
    if not _FOR_WHOM.search(question.lower()):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    found = next((hit for line in lines if (hit := _SALUTATION.fullmatch(line))), None)
    if found:
        return found[1].strip()
    spoken = _SPOKEN_TO.match(" ".join(lines))
    return _headed(_TO, lines) or (spoken["name"].strip() if spoken else "")


_SPOKEN_TO = re.compile(
    r"(?i)(?:dear|hi|hello|hey|good (?:morning|afternoon|evening)|olá|bom dia|boa tarde),? (?P<name>(?:(?:mr|mrs|ms|dr|sr|sra|dona|senhora?)\.? )?(?-i:[A-ZÀ-Ý][\w’'-]+)|mum|dad|grandma|grandpa)\b(?![’'])"
)


def dated(question: str, material: str) -> str:
    """Return the day that a letter or a mail bears, where it is asked when it was written; empty otherwise."""
    if not _WHEN_WRITTEN.search(question.lower()):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()][:_TOP]
    if header := _headed(_DATE, lines):
        return header
    hits = [hit for line in lines if (hit := _DATE_LINE.fullmatch(line))]
    return hits[0]["name"] if hits else ""


_WHEN_WRITTEN = re.compile(
    r"\b(?:when|on (?:what|which) (?:day|date)) (?:was|is|did) .*\b(?:written|write|sent|send|dated|posted|from)\W*$|\b(?:what|which) (?:is the )?date (?:is (?:on )?|of |does )?(?:the |this )?(?:letter|e?-?mail|message|it)\b|\bquando foi (?:escrit|enviad)[oa]\b|\bqual é a data d[ao] (?:carta|e?-?mail|mensagem)\b"
)
_DATE = re.compile(r"(?:Date|Data|Sent|Enviado)\s*:\s*(?P<name>.*\d.*)", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"(?:[A-ZÀ-Ý][\w ]{2,25}, )?(?:(?:\w+day|\w+-feira),? )?(?P<name>\d{1,2}(?:st|nd|rd|th)? (?:de )?[A-Za-zç]{3,}(?: de)?,? \d{4}|[A-Z][a-z]+ \d{1,2},? \d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d{2}-\d{2})\.?"
)


def office(question: str, material: str) -> str:
    """Return what stands under the name of who signs, where it is asked who that is: *Tenancy manager*."""
    asked = _WHO_IS.match(question)
    if not asked:
        return ""
    lines = [each.strip() for each in material.splitlines()]
    at = next((at for at, each in enumerate(lines) if each.lower() == asked["name"].lower()), -1)
    under = lines[at + 1] if 0 <= at < len(lines) - 1 else ""
    fits = bool(_WRITTEN.fullmatch(under)) and len(under.split()) <= 6
    return f"{lines[at]}, {under}" if fits else ""


_WHO_IS = re.compile(r"(?i)\W*(?:and )?(?:who is|who['’]s|quem é) (?:a |o )?(?P<name>[^?]+?)\W*$")


def caller(material: str) -> str:
    """Return who says at the beginning of a message that it is them: *Hi Greta, it's Oskar*."""
    found = _ITS_ME.search(" ".join(material[:160].split()))
    return found["name"] if found else ""


_ITS_ME = re.compile(
    r"(?i)^(?:(?:hi|hello|hey|good (?:morning|afternoon|evening))\b,? ?(?:\w+,? ){0,3})?(?:this is|it['’]s|it is|here is|my name is) (?-i:(?P<name>[A-ZÀ-Ý][\w'’-]+(?: [A-ZÀ-Ý][\w'’-]+)?))"
)


def _headed(form: re.Pattern[str], lines: list[str]) -> str:
    """Return a name out of a mail's header."""
    return next((hit["name"] for line in lines[:_TOP] if (hit := form.fullmatch(line))), "")
