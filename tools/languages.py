"""Tell the few languages apart that matter for translation, by their commonest words."""

from __future__ import annotations

import re
from collections import Counter

_COMMON = {
    "en": "the of and to in is that it for was on are with as his they be at this have from or had by "
    "but not what all were we when your can said there use an each which she do how their if will up "
    "about out many then them these so some her would make like him into time has look more write go "
    "see no way could people my than been who its now find you he i me our please hello thanks where a "
    "open closed every only must should after before per or off until between",
    "pt": "o os as um uma uns umas do da dos das no na nos nas em ao à aos às pelo pela não você vocês "
    "eu ele ela eles elas nós meu minha seu sua isso isto este esta está estão são foi ser ter tem têm "
    "com sem por para que se mais mas muito também já quando onde fica como ou e é bom dia obrigado "
    "obrigada olá amanhã hoje até então há depois antes reunião vai vem pode favor às de a nossa nossas "
    "nosso nossos era tão dizer mesmo ainda só cada entre foram fomos somos estava estamos aberto aberta "
    "fechado fechada encerrado proibido proibida proibidos saída rua segunda terça quarta quinta sexta "
    "feira sábado domingo custa custam férias livre ligue janeiro fevereiro março "
    "maio junho julho setembro outubro novembro dezembro",
    "es": "el los las una unos unas del al y en es son fue con sin por para que se más pero muy también "
    "ya cuando donde dónde está cómo o yo él ella ellos usted ustedes mi su esto este esta hola gracias "
    "mañana hoy hasta entonces hay después antes qué lo le no un la de nos tiene buenos días",
    "fr": "le les la une des du au aux et en est sont avec sans pour que qui ne pas plus mais très aussi "
    "quand où comme ou je tu il elle nous vous ils elles mon ma mes son sa ses ce cette c'est bonjour "
    "merci demain aujourd'hui dans sur être avoir a un de",
    "de": "der die das den dem des ein eine einen einem und ist sind war mit ohne für dass nicht mehr aber "
    "sehr auch wenn wo wie oder ich du er sie es wir ihr mein sein dies diese hallo danke morgen heute "
    "auf im in zu von bei nach haben werden",
    "it": "il lo gli i le la una uno del della dei delle al alla e è sono con senza per che non più ma molto "
    "anche quando dove come o io tu lui lei noi voi loro mio suo questo questa ciao grazie domani oggi "
    "nel nella di a da in un si",
}
_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}
_LETTERS = {"pt": "ãõ", "es": "ñ¿¡", "de": "ßäöü", "fr": "œëï"}
_PORTUGUESE = re.compile(r"\b(?:[^\W\d_]+[nl]h[aoe]s?|[^\W\d_]+-se)\b")
"""Of the languages here, only Portuguese writes *bolinho* and *vende-se*."""
NAMES = {
    "en": "English",
    "pt": "Portuguese",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "it": "Italian",
}


def language(text: str) -> str:
    """Return the code of the language that a text is plainly in; empty when that is not plain.

    It counts common words and letters that only one of them has. A single word that several share
    says nothing, and neither does a list of names or prices.
    """
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.lower()[:20_000])
    scores: Counter[str] = Counter()
    for word in words:
        for code, common in _WORDS.items():
            if word in common:
                scores[code] += 2
    for code, letters in _LETTERS.items():
        scores[code] += 2 * sum(text.lower()[:20_000].count(letter) for letter in letters)
    scores["pt"] += 2 * len(_PORTUGUESE.findall(text.lower()[:20_000]))
    (first, best), (_, second) = scores.most_common(2) if len(scores) > 1 else (("", 0), ("", 0))
    return first if best >= 4 and best >= 1.3 * second else ""
