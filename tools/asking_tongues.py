"""Questions about tables in Portuguese, in the English that their reader knows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .asking import Column, name_parts

_MARKS = re.compile(
    r"\b(?:teve|tiveram|vale|valem|tudo|qual|quais|quant[oa]s?|quem|onde|quando|mostr[ae]|mostra-me|list[ae]|ordena[r]?|m[êe]s|por|em|n[oa]s?|"
    r"d[oa]s?|maior(?:es)?|menor(?:es)?|mais|menos|média|médio|soma|entre|acima|abaixo|cada|para|com|os|dois|duas|três|uma|são|é|foi|foram)\b",
    re.IGNORECASE,
)
"""Words that a question in Portuguese has, and one in English has not."""
_ENGLISH_TOO = frozenset({"no", "do", "dos", "com", "para", "media"})
_PHRASES = (
    (r"quant[oa]s vezes|quantas vendas", "how many rows"),
    (r"quant[oa]s", "how many"),
    (r"(?:quanto|qual foi o valor)", "how much"),
    (r"(?:qual|quais)(?: é| são| foi| foram| era| eram)?(?: a| o| as| os)? (?=(?:soma|total|média))", "what is the "),
    (r"(?:qual|quais|que)(?: é| são| foi| foram| era| eram)?", "which"),
    (r"teve|tiveram|tinha|tinham", "had"), (r"vale|valem|valia", "is worth"), (r"tudo(?: junto)?", "in total"),
    (r"quem", "who"), (r"onde", "where"), (r"quando", "when"),
    (r"(?:mostr[ae]|list[ae]|d[áê])(?:-me|-nos)?", "show"),
    (r"(?:ordena[r]?|ordene|classifica[r]?)", "sort"),
    (r"vende(?:u|mos|ram)? mais|mais vendid[oa]s?", "sold most"),
    (r"vende(?:u|mos|ram)? menos|menos vendid[oa]s?", "sold least"),
    (r"(?:foram |foi )?vendid[oa]s?|vende(?:u|mos|ram)", "sold"),
    (r"(?:houve|há|existem|temos|tem|têm|foram|foi|são|é|era|eram|está|estão)", "are"),
    (r"maior(?:es)? (?:d[oe] )?que|(?:acima|mais) d[eoa]s?|superior(?:es)? a", "over"),
    (r"menor(?:es)? (?:d[oe] )?que|(?:abaixo|menos) d[eoa]s?|inferior(?:es)? a", "under"),
    (r"pelo menos|no mínimo", "at least"), (r"no máximo|até", "at most"),
    (r"mais (?:car[oa]s?|dispendios[oa]s?)", "most expensive"), (r"mais barat[oa]s?", "cheapest"),
    (r"mais (?:antig[oa]s?|velh[oa]s?)", "oldest"), (r"mais (?:recentes?|nov[oa]s?)", "newest"),
    (r"mais (?:alt[oa]s?|elevad[oa]s?)", "highest"), (r"mais baix[oa]s?", "lowest"),
    (r"mais long[oa]s?", "longest"), (r"mais curt[oa]s?", "shortest"), (r"mais pesad[oa]s?", "heaviest"),
    (r"melhor(?:es)?", "best"), (r"pior(?:es)?", "worst"),
    (r"maior(?:es)?", "highest"), (r"menor(?:es)?", "lowest"),
    (r"(?:o |a )?que tem mais|com mais", "with the most"), (r"com menos", "with the fewest"),
    (r"(?:a )?médi[ao]s?", "average"), (r"medianas?", "median"), (r"(?:a )?soma", "sum"),
    (r"(?:o )?total", "total"), (r"(?:o )?número de", "number of"), (r"percentagem|porcentagem", "percentage"),
    (r"por ordem (?:de|do|da)", "sorted by"), (r"decrescente", "descending"), (r"crescente", "ascending"),
    (r"(?:para |em )?cada", "each"), (r"por", "by"), (r"entre", "between"),
    (r"antes d[eoa]", "before"), (r"depois d[eoa]|após|desde", "after"), (r"exceto|sem ser|salvo", "except"),
    (r"não", "not"), (r"ou", "or"), (r"e", "and"), (r"com", "with"), (r"para", "to"),
    (r"em|n[oa]s?|num|numa", "in"), (r"d[eoa]s?|dum|duma", "of"), (r"os|as|o|a|um|uma|uns|umas|ao|à|às|aos", "the"),
    (r"do ano|anos?", "year"), (r"m[êe]s|meses", "month"), (r"dias?", "day"), (r"semanas?", "week"),
    (r"primeir[oa]s?", "first"), (r"últim[oa]s?", "last"), (r"segund[oa]", "second"), (r"terceir[oa]", "third"),
    (r"duas|dois", "two"), (r"três", "three"), (r"quatro", "four"), (r"cinco", "five"), (r"seis", "six"), (r"dez", "ten"),
    (r"janeiro", "January"), (r"fevereiro", "February"), (r"março", "March"), (r"abril", "April"), (r"maio", "May"),
    (r"junho", "June"), (r"julho", "July"), (r"agosto", "August"), (r"setembro", "September"), (r"outubro", "October"),
    (r"novembro", "November"), (r"dezembro", "December"),
    (r"(?:as )?vendas (?=em |in |of |de |d[oa] )", "rows "), (r"linhas|registos|registros", "rows"),
    (r"receita|faturação|faturamento", "revenue"), (r"lucro", "profit"), (r"custa[m]?|custou|custaram", "cost"),
    (r"ganha[m]?", "earn"), (r"tod[oa]s", "all"), (r"pessoas", "people"),
)  # fmt: skip
"""The longest first, where one begins with another."""
_MIXED = re.compile(
    "|".join(rf"(?P<p{at}>\b(?:{form})(?!\w))" for at, (form, _) in enumerate(_PHRASES)),
    re.IGNORECASE,
)
_LEAST = 2
"""Words of Portuguese that make a question one; one of three in a short question."""


def in_english(question: str, columns: Sequence[Column]) -> str:
    """Return a question with its Portuguese words in English, and what the table says as it is.

    Names of columns and what stands in cells are kept, so that *vendas em Lisboa* asks for Lisboa.
    A question that is not in Portuguese is returned unchanged.
    """
    held = _held(columns)
    spoken = [each.lower() for each in re.findall(r"[^\W\d_]+", question)]
    marks = [
        each for each in spoken
        if _MARKS.fullmatch(each) and each not in held and each not in _ENGLISH_TOO
    ]  # fmt: skip
    if not marks or (len(marks) < _LEAST and len(spoken) > 4):
        return question
    for each in columns:  # *valor médio*, though a cell may say *médio*
        if each.is_measure and not each.is_made:
            name = re.escape(each.name)
            question = re.sub(
                rf"\b{name} m[ée]di[oa]\b", f"average {each.name}", question, flags=re.IGNORECASE
            )
    kept = re.compile(
        "|".join(rf"\b{re.escape(each)}\b" for each in sorted(held, key=len, reverse=True))
        or r"(?!)",
        re.IGNORECASE,
    )
    made: list[str] = []
    end = 0
    for found in kept.finditer(question):
        made += [_MIXED.sub(_word, question[end : found.start()]), found.group()]
        end = found.end()
    return "".join([*made, _MIXED.sub(_word, question[end:])])


def _word(found: re.Match[str]) -> str:
    return _PHRASES[int(str(found.lastgroup)[1:])][1]


def _held(columns: Sequence[Column]) -> set[str]:
    """Return what the table itself says, in lower case: longer than articles and prepositions."""
    held = {" ".join(name_parts(each.name)) for each in columns}
    held |= {part for each in columns for part in name_parts(each.name)}
    held |= {value.lower() for each in columns for value in each.values if len(value) <= 60}
    return {each for each in held if len(each) > 3}
