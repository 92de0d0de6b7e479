"""What a text has several of: who has to do what, what was decided, what is open, what is on a list."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .alike import held, terms
from .passages import Passage
from .reading import asks_for_list
from .whereabouts import bands

MOST = 12
"""Sentences that are given for one question."""
_MEASURED = re.compile(r"\W*(?:how (?:much|many|long|old|often)|quant[oa]s?)\b")
_DUTIES = re.compile(
    r"\bwho (?:has|have|needs?|is|will|must|should|does|is going) (?:to )?(?:do(?:es|ing)? )?what\b|\bwho does what\b|\bwho (?:took|takes) on what\b"
    r"|\b(?:the )?(?:tasks?|to-?dos?|action (?:items?|points?)|duties|next steps|assignments?)\b"
    r"|\bwhat (?:(?:do|does|must|should|shall|has|have|will|is|are) )(?P<who>(?:the )?[\w’' -]{1,40}?) ?(?:(?:have|need|has|needs|supposed|asked|going) to|to) do\b"
    r"|^\W*(?:and )?what (?P<whose>(?:the )?[\w’']{1,20}) (?:has|have|needs?|is|are) to do\b|\bwhat (?:must|should|shall) (?P<whom>(?:the )?[\w’' -]{1,40}?) do\b(?! (?:if|when|in case|after|before|with)\b)"
    r"|\bquem (?:tem de|tem que|deve|vai|faz|ficou de)(?: fazer)? o qu[eê]\b|\b(?:tarefas|próximos passos)\b|\bo que (?:(?P<quem>\w+) )?(?:tenho|temos|tem|devo|devemos) (?:de|que)? ?fazer\b"
)
_DECIDED = re.compile(
    r"\bwhat (?:(?:was|were|has been|have|did|had) )?(?:[\w ]{1,30} )?(?:decide[ds]?|agree[ds]?|agreed (?:on|upon|to)|resolved?|settle[ds]?)\b|\bdecisions?\b"
    r"|\bo que (?:é que )?(?:se |foi |ficou )?(?:decidi\w+|combinad\w+|aprovad\w+)\b|\bdecis(?:ão|ões)\b"
)
_OPEN = re.compile(
    r"\bwhat(?:'s| is| are| was| remains?)?(?: the)?(?: \w+)? ?(?:still |yet |left |remaining )*(?:open|undecided|unresolved|unsettled|pending|unclear|missing|outstanding)\b"
    r"|\b(?:not|still|yet) (?:been )?(?:settled|decided|agreed|resolved|clear)\b|\bopen (?:questions?|points?|issues?|matters?)\b"
    r"|\b(?:em aberto|por decidir|pendentes?)\b|\bo que (?:é que )?(?:ainda )?falta\b(?! pagar)"
)
_ABSENT = re.compile(
    r"\bwho (?:was|were|is|did|could)(?:n't| not)\b.{0,25}\b(?:there|present|here|attend\w*|come|make it|meeting)\b|\bwho (?:was|were|is) (?:absent|missing|away|excused)\b"
    r"|\bwho (?:missed|sent (?:their |his |her )?apologies)\b|\bquem (?:faltou|não (?:esteve|veio|foi))\b"
)
_PRESENT = re.compile(
    r"\bwho (?:was|were|is) (?:there|present|here|at the meeting|in the meeting)\b|\bwho (?:attended|came|took part|participated)\b|\bquem (?:esteve|participou|veio)\b"
)
_PLAYS = re.compile(
    r"\b(?:who|which (?:bands?|groups?|musicians?|artists?)|what bands?)\b.{0,20}\b(?:play(?:s|ing)?|perform\w*|sing(?:s|ing)?|on stage|performer|band)\b|\bquem (?:toca|canta|atua)\b"
)
_WANTS = re.compile(
    r"\bwhat (?:do|does|did|is|are|am) (?P<who>[\w ]{1,30}?) (?:want|wants|wanted|ask|asks|asked|asking|request|expect|demand|need)(?:ed|ing|s)?(?: (?:for|from|of))?(?: (?:me|us|him|her|them|you))?(?: to (?:do|know|have|find out|ask|tell (?:me|us)))?\W*$"
    r"|\bo que (?:é que )?(?:\w+ )?(?:quer|pede|querem|pedem|pretende)\b"
)
_WRONG = re.compile(
    r"^\W*(?:please )?(?:list|name|what are) (?:all )?(?:his|her|their|the) (?:complaints?|problems?)\b|\bwhat(?:'s| is| was| went| are| were)? (?:the )?(?:wrong|matter|problems?|complaints?|trouble)\b|\bwhat (?:\w+ ){0,3}?(?:complain\w*|problems?|complaints?)\b|\bwhy (?:is|was) (?:he|she|the \w+) (?:so )?(?:angry|unhappy|disappointed|upset|annoyed)\b"
    r"|\b(?:o que|qual) (?:\w+ ){0,3}(?:problemas?|queixas?|errado|mal)\b|\bde que se queixa"
)
_IS_WRONG = re.compile(
    r"(?i)\b(?:not work\w*|doesn['’]t|don['’]t work|didn['’]t|won['’]t|broken?|broke|scratched|torn|cracked|faulty|defective|damaged|dirty|filthy|cold|rude|missing|nobody|never|leak(?:s|ed|ing)?|smell\w*|noisy|noise|stain\w*|"
    r"wrong|stopped|fail(?:s|ed)|too (?:late|small|big|loud|hot|slow)|still (?:not|no|do not|does not)|does not|do not|did not|avariad\w+|partid\w+|não funciona|suj[oa]s?|fri[oa]s?|barulho|atraso|nunca|ninguém)\b"
)
_IS_POOR = re.compile(
    r"(?i)\b(?:worn|flat|loose|empty|old|dead|stuck|rusty|hot|weak|slow|bent|lost|sore|ill|hurts?|blocked|closed|out of order|crooked|ripped|rotten|mould\w*|wet|late|unhappy|only|too|but|however|problem|fault|gast[oa]s?|velh[oa]s?)\b"
)
_COMPLAINED = re.compile(r"(?i)\b(?:complain\w*|queix\w+|reclam\w+)\b")
_WANTED = re.compile(
    r"(?i)\b(?:want|wants|would like(?! to (?:offer|thank|confirm|inform|tell|apologi[sz]e|invite))|(?:we|they|i) need|i demand|i expect|i ask|asks?|request|hope you|quero|gostaria|peço|pedimos|exijo)\b"
)
_ASKS = re.compile(r"(?i)^\W*(?:if|in case|should you)\b|\bplease (?:do not|don['’]t)\b")
"""*Please do not feed her*: nothing is wrong."""
_OTHERS = re.compile(
    r"(?P<who>(?!\b(?:I|We)\b)[\w’']+(?: [\w’']+)?) (?:wants|asks|wanted|asked|needs|expects|requests|quer|pede)\b"
)
_BY_ITSELF = re.compile(
    r"(?i)^(?!.*\bplease\b)(?!\W*(?:can|could|would|will) you).*\b(?:must|have to|has to|had to) be\b"
)
"""*The pump has to be replaced*: nobody is asked to do it."""
_CHANGES = re.compile(
    r"^\W*(?:and |so )?what(?:['’]s| is| was| has| have| will| are| were)? (?:been |be |going to )?(?:(?:new|different|changed?s?|changing)\b|(?:the |all )?changes?\b)[^,]*$|\bwhat (?:changes|changed) (?:are|is|do|does|for|in|on|to|with|about|from)\b|\b(?:o que|que) (?:é que )?(?:mudou|muda|se alterou|há de novo)\b"
)
_HAS_CHANGED = re.compile(
    r"(?i)\b(?:no longer|instead of|rather than|until further notice|from now on|(?:is|are|was|were|has been|have been) (?:now )?(?:moved|changed|cancelled|canceled|closed|postponed|put (?:off|back|forward)|brought forward|replaced|raised|increased|reduced|lowered|extended|shortened|renamed|rescheduled)|"
    r"will not|not at|now (?!and\b)\w+|(?:goes|go|went|going) up|new (?!year)\w+|changes? (?:to|from)|em vez de|já não|passa(?:m|rá)? a|foi (?:adiad|cancelad|alterad|mudad)\w+|a partir de)\b"
)
_MENTIONED = re.compile(
    r"\b(?:which|what) sentences? (?:mentions?|names?|says?|contains?|is about|are about|talks? about|speaks? of)\b|\bwhat (?:does it|is|does the \w+) (?:say|said|written)? ?about (?P<what>.+?)\W*$|\bo que (?:se )?diz (?:sobre|de) (?P<que>.+?)\W*$"
)
_LISTED = re.compile(
    r"^\W*(?:and |so |please |can you |could you )*(?:what|which|list|name|give|make|write|prepare|create)\b.*\b(?:need|buy|get|bring|ingredients?|items?|things|conditions?|rules?|points?|topics?|requirements?|steps?|documents?|reasons|list)\b"
    r"|^\W*(?:o )?(?:que|quais)\b.*\b(?:preciso|comprar|trazer|levar|ingredientes|condições|regras|pontos|passos|documentos)\b"
)
_WARES = re.compile(
    r"(?i)\b(?:ingredients?|shopping|to buy|to bring|you(?:'ll| will)? need|needed|materials?|ingredientes|compras|material|levar|trazer)\b"
)
_VERBS = (
    r"(?:will|'ll|has to|have to|must|shall|should|needs? to|is going to|is to|are to|agreed to|offered to|promised to|volunteered to|"
    r"takes? care of|looks? after|is responsible for|handles?|brings?|organi[sz]es?|sorts? out|"
    r"vai|fica de|ficou de|deve|tem de|tem que|trata|leva|envia|compra|prepara|faz|contacta|telefona|marca|traz|organiza)"
)
_BY_NAME = re.compile(
    rf"(?<![\w-])(?P<name>(?:Mr|Mrs|Ms|Dr)?\.? ?[A-ZÀ-Ý][\w’'-]+(?: [A-ZÀ-Ý][\w’'-]+)?(?: (?:and|e) [A-ZÀ-Ý][\w’'-]+)?)(?: {_VERBS}| to [a-z]{{2,}})\b"
)
_NOBODY = re.compile(
    r"(?i)^(?:the|it|he|she|they|we|i|you|there|this|that|these|those|rent|meeting|delivery|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|customers|repairs|everyone|everybody|nobody|one|each|all|half|"
    r"quem|isto|ele|ela|eles|elas|não|but|and|if|when|welcome|thanks?|from|due|subject|according|next|work|please|prices?|doors?|tickets?|water|guests)\b"
)
_LATER = re.compile(r"^[A-ZÀ-Ý][\w’'-]+ \w+.*\b(?:he|she|they) (?:will|has to|must)\b")
_SPOKEN = re.compile(
    r"(?:^|\b(?:and|but|so|then|great|okay) )(?P<name>[a-zà-ÿ]{3,}) (?:will|'ll|has to|must|takes? care of|brings?|looks? after|handles?|organi[sz]es?)\b|\b(?P<asked>[a-zà-ÿ]{3,}) you (?:said|will|can)\b"
)
_PLEASE = re.compile(
    r"(?i)^\W*(?:(?:can|could|would|will) you |please|kindly|remember to|don't forget|do not forget|make sure|be sure|por favor|to-?do\b|action\b|ask |check |call |send |bring |book |order |write |return |confirm |sign |pay |let me |let us |tragam |traga |envie |contacte |confirme )"
    r"|\bplease (?!find|see|note|feel|accept)|\b(?:you (?:must|have to|need to|should|are asked to)|must be|have to be|has to be)\b|\bpor favor\b|\b(?:to-?do|action):"
)
_OWN = re.compile(
    r"(?i)\b(?:i|we)(?: will|'ll|’ll| must| have to| need to| shall| promised to| agreed to)\b(?! (?:be|see|meet|arrive|have|need|like)\b)"
)
_STEPS = re.compile(
    r"(?i)\b(?:what (?:to|you (?:should|must|have to|need to)) do|to-?dos?|tasks|next steps|instructions|action items|please|o que fazer)\b"
)
_WAS_DECIDED = re.compile(
    r"(?i)(?<!not )(?<!not yet )\b(?:agreed|decided|resolved|approved|carried|accepted|rejected|adopted|decision|voted|unanimous\w*|decidi\w+|aprovad[oa]s?|aprovou|ficou (?:decidido|combinado|marcado|acordado)|deliberou|acordou-se)\b"
)
_IS_OPEN = re.compile(
    r"(?i)\b(?:left|remains?|still|is|are|was) (?:open|undecided|unclear|unresolved|pending|outstanding)\b|\bopen(?: questions?| points?)?:|\b(?:not|nothing|nobody|no one)\b.{0,25}\b(?:yet|decided|settled|volunteered|clear)\b"
    r"|\bto be (?:decided|confirmed|agreed|clarified|discussed|determined)\b|\bt\.?b\.?[cda]\b|\bstill (?:need|needs|have to|has to|looking|missing|waiting|wait)\b"
    r"|\b(?:postponed|adjourned|deferred)\b|\b(?:em aberto|por decidir|pendente|ainda não|ainda falta|falta (?:saber|decidir|confirmar))\b"
)
_ARE_ABSENT = re.compile(
    r"(?i)^\W*(?:apologies|absent|excused|regrets|not present|ausentes?|faltas?)\b|\b(?:could not|couldn't|was unable to|were unable to) (?:come|attend|be there)\b|\bsent (?:his|her|their) apologies\b|\b(?:faltou|faltaram|não pôde|não puderam)\b"
)
_ARE_PRESENT = re.compile(
    r"(?i)^\W*(?:present|attend(?:ees|ing|ance|ed)|participants|in attendance|presentes|participantes)\b|\b(?:was|were) present\b|\battended\b|\besti?veram presentes\b"
)
_EMPTY = frozenset(
    terms(
        "decided decide agreed agree open undecided still task tasks person list settled missing pending meeting resolved "
        "unresolved end decision decisions question questions points point action items next steps outcome outcomes yet conclusion "
        "decidido decidiu reunião aberto tarefas change changes changed changing new different mudou muda"
    )
)


def gathered(question: str, given: Sequence[Passage]) -> list[str]:
    """Return every sentence of a text that answers a question for all of a kind; empty for other questions.

    Args:
        question: *Who has to do what?*, *What is still open?*, *What do I have to buy?*
        given: The text's pieces.
    """
    low = question.lower()
    if _MEASURED.match(low):
        return []
    told = [each for each in given if not each.is_aside]
    for asks, form in (
        (_ABSENT, _ARE_ABSENT),
        (_PRESENT, _ARE_PRESENT),
        (_OPEN, _IS_OPEN),
        (_DECIDED, _WAS_DECIDED),
        (_CHANGES, _HAS_CHANGED),
    ):
        if asks.search(low):
            return _about(low, [each for each in told if form.search(each.text)])
    if _PLAYS.search(low):
        found = [name for *_, name in _on_stage("\n".join(each.text for each in given))]
        return _texts([e for e in given if any(name in e.text for name in found)])
    if wrong := _WRONG.search(low):
        bad = [e for e in told if _IS_WRONG.search(e.text) and not _ASKS.search(e.text)]
        if "complain" in low and (said := [e for e in told if _COMPLAINED.search(e.text)]):
            return _texts(said)
        of = re.match(r"\W*(?:with|about|at|in) (.+)", low[wrong.end() :])
        topic = frozenset(terms(of[1])) - _EMPTY if of else frozenset[str]()
        near = [e for e in told if any(held(one, frozenset(terms(e.text))) for one in topic)]
        bad = bad or [e for e in near if _IS_POOR.search(e.text)]
        return _texts(bad)
    if _WANTS.search(low):
        return _wishes(_WANTS.search(low), told)
    if about := _MENTIONED.search(low):
        named = terms(next((each for each in about.groups() if each), low[about.end() :]))
        bags = [(each, frozenset(terms(each.text))) for each in told]
        return _texts([e for e, bag in bags if named and all(held(one, bag) for one in named)])
    if asked := _DUTIES.search(low):
        found = _duties(next((each for each in asked.groups() if each), ""), told)
        topic = [each for each in terms(low[asked.end() :]) if each not in _EMPTY]
        if not topic or not any(asked.groups()) or asks_for_list(question):
            return found
        return [e for e in found if all(held(each, frozenset(terms(e))) for each in topic)]
    if _LISTED.search(low):
        return _under(low, told)
    return []


def _wishes(asked: re.Match[str] | None, told: Sequence[Passage]) -> list[str]:
    """Return what a writer asks for; what he says of others' wishes, and of what must be, is none."""
    who = frozenset(terms((asked and asked.groupdict().get("who")) or ""))
    kept = [
        each
        for each in told
        if _PLEASE.search(each.text)
        or (_WANTED.search(each.text) and not _of_others(each.text, who))
    ]
    plain = [each for each in kept if not _BY_ITSELF.search(each.text) or _WANTED.search(each.text)]
    return _texts(plain or kept)


def _of_others(text: str, who: frozenset[str]) -> bool:
    """Say whether somebody else wants something: *Clara's father wants to teach us*."""
    wants = _OTHERS.search(text)
    return wants is not None and not who & frozenset(terms(wants["who"]))


def _on_stage(text: str) -> list[tuple[int, int, str]]:
    return [(start, end, text[start:end]) for start, end, _ in bands(text)]


def _about(low: str, having: list[Passage]) -> list[str]:
    """Keep those that are about what the question names, where some are."""
    topic = [each for each in terms(low) if each not in _EMPTY]
    near = [
        each
        for each in having
        if any(held(term, frozenset(terms(f"{each.heading} {each.text}"))) for term in topic)
    ]
    if topic and not near:
        return []
    return _texts(near or having)


def _duties(who: str, told: Sequence[Passage]) -> list[str]:
    """Return what somebody has to do: whoever is named, the reader, or everybody by name."""
    who = who.strip().removeprefix("the ")
    named = [each for each in told if _names(each.text)]
    asked = [each for each in told if _PLEASE.search(each.text)]
    if not who:
        own = [each for each in told if _OWN.search(each.text)]
        kept = [each for each in told if each in named or each in own or each in asked]
        return _texts(kept)
    steps = [each for each in told if each.is_item and _STEPS.search(each.heading)]
    if who in {"i", "we", "you", "one"} and steps:
        return _texts(steps)
    if who in {"i", "we", "you", "one", "eu", "nós", "tenants", "residents", "everyone", "people"}:
        return _texts(asked)
    of = [each for each in named if any(who.lower() in name.lower() for name in _names(each.text))]
    if of:
        return _texts(of)
    if any(
        re.match(
            rf"(?i)(?:dear|hi|hello|hey|(?:good )?(?:morning|afternoon|evening)|olá|bom dia|boa tarde),? {re.escape(who)}\b",
            each.text,
        )
        for each in told
    ):
        return _texts(asked)  # who is greeted is the reader
    known = any(who.lower() in each.text.lower() for each in told)
    return [] if known else _texts(asked)  # *the doctor*, in a letter to one


def asks_reader(sentence: str) -> bool:
    """Say whether a sentence tells its reader to do something."""
    return bool(_PLEASE.search(sentence))


def _names(text: str) -> list[str]:
    found = [each["name"] for each in _BY_NAME.finditer(text)]
    found = [each for each in found if not _NOBODY.match(each)]
    if not found and _LATER.search(text):
        found.append(text.split(maxsplit=1)[0])
    if not any(each.isupper() for each in text):  # speech that was written down without capitals
        found += [
            name
            for each in _SPOKEN.finditer(text)
            if (name := each["name"] or each["asked"]) and not _NOBODY.match(name)
        ]
    return found


def _under(low: str, told: Sequence[Passage]) -> list[str]:
    """Return the items of the list whose heading says what was asked for."""
    asked = terms(low)
    direct = [
        each
        for each in told
        if not each.is_item and any(held(term, frozenset(terms(each.text))) for term in asked)
    ]
    wares = bool(
        re.search(
            r"\b(?:buy|need|get|bring|shopping|packing|groceries|ingredients?|preciso|comprar|levar|trazer|ingredientes)\b",
            low,
        )
    )
    headings = list(dict.fromkeys(each.heading for each in told if each.is_item and each.heading))
    for each in headings:
        items = [one.text for one in told if one.is_item and one.heading == each]
        bag = frozenset(terms(each))
        fits = any(held(term, bag) for term in asked) or (wares and bool(_WARES.search(each)))
        covered = [one for one in items if any(held(t, frozenset(terms(one))) for t in asked)]
        if fits and len(items) > 1 and not covered and not (direct and not wares):
            return items[:40]
    return []


def _texts(kept: Sequence[Passage]) -> list[str]:
    return list(dict.fromkeys(each.text for each in kept))[:MOST]


__all__ = ("gathered",)
