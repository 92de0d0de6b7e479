"""Who wrote a letter, and to whom: read off its greeting, its closing and its header."""

from __future__ import annotations

import re

_CLOSING = re.compile(
    r"(?:(?:with )?(?:kind|best|warm|kindest|warmest)? ?(?:regards|wishes)|yours(?: \w+)?|sincerely|(?:(?:with|lots of|much|all my) )?love(?: from| to (?:all|you all|everyone))?|hugs|greetings(?: from \w+)?|see you soon|cheers|"
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
_TOP = 12
"""Lines at the top of a mail that may be its header."""
_WRITTEN = re.compile(r"[^\W\d_][\w.'’ -]{1,60}")


def closes(line: str) -> bool:
    """Say whether a line closes a letter: *Kind regards,*."""
    return bool(_CLOSING.fullmatch(line.strip()))


def signed_by(question: str, material: str) -> str:
    """Return the name under a letter, where its writer is asked for; empty otherwise."""
    if not _WRITER.search(question.lower()):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    for at, line in enumerate(lines[:-1]):
        if _CLOSING.fullmatch(line) and _WRITTEN.match(lines[at + 1]):
            return lines[at + 1].rstrip(".")
    if name := _headed(_FROM, lines):
        return name
    last = lines[-1] if len(lines) > 1 else ""
    return last if _BARE_NAME.fullmatch(last) and lines[-2].endswith((".", "!", "?", ",")) else ""


def addressed_to(question: str, material: str) -> str:
    """Return the name that a letter begins with, where it is asked whom it is for; empty otherwise."""
    if not _FOR_WHOM.search(question.lower()):
        return ""
    lines = [each.strip() for each in material.splitlines() if each.strip()]
    found = next((hit for line in lines if (hit := _SALUTATION.fullmatch(line))), None)
    return found[1].strip() if found else _headed(_TO, lines)


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
