# ruff: noqa: SIM905 - word lists are read and mended as words
"""Names that a small model does not know: given names, and the names in Portuguese text."""

from __future__ import annotations

import re
from collections.abc import Iterator

GIVEN = frozenset(
    "adam adriana afonso alan albert alberto alessandra alex alexandra alexandre alexandria alfred alice "
    "alicia alison amanda amelia amy ana andre andrea andreia andrew angela ann anna anne antonia antonio "
    "arthur artur augusto barbara beatriz ben benjamin bernardo bianca bob brenda brian bruna bruno camila "
    "carl carla carlos carol carolina caroline catarina catherine cecilia celia charles charlotte chloe "
    "chris christina christine christopher clara claire claudia claudio cristiana cristiano cristina daniel "
    "daniela david debora debra dennis diana diego dinis diogo dominic donald donna dorothy duarte edgar "
    "edith edmund eduarda eduardo edward elena elisa elisabete elizabeth ella ellen emily emma eric erica "
    "ernesto ethan eva evelyn fabio fatima felipe felix fernanda fernando filipa filipe fiona flavia flavio "
    "florence frances francisca francisco frank fred frederico gabriel gabriela george george gerald gilberto "
    "gloria goncalo grace graham gregory guilherme gustavo hannah harold harry heitor helen helena henrique "
    "henry hugo ian ines ingrid irene isabel isabella ivan jack jacob jaime james jamie jane janet jason "
    "jean jeff jennifer jeremy jessica joana joao joaquim joe joel john jonathan jorge jose joseph joshua "
    "joyce juan judith julia juliana julie julio karen karl kate katherine kathleen keith kelly kenneth kevin "
    "kim larissa laura lauren leandro leonardo leonor leticia liam lidia lily linda lisa lorena louis louise "
    "lourdes lucas lucia luciana lucy luis luisa luiz luiza luke madalena mafalda manuel manuela marcelo "
    "marcia marco marcos margarida maria mariana marie marina mario mark marta martha martim martin mary "
    "mateus matilde matheus matthew mauricio megan melissa michael michelle miguel monica murilo nancy natalia "
    "nathan nelson nicholas nicole nina noah nuno oliver olivia oscar otavio pamela patricia patrick paul "
    "paula paulo pedro peter philip rachel rafael rafaela ralph raquel raul rebecca regina renata renato "
    "ricardo richard rita robert roberta roberto robin rodrigo roger ronald rosa rosario rose rui ruth ryan "
    "salvador samantha samuel sandra santiago sara sarah scott sebastiao sergio silvia simao simon simone "
    "sofia sonia sophia sophie stephanie stephen steven stuart susan susana tania tatiana telmo teresa "
    "theresa thiago thomas tiago tim timothy tom tomas vanessa vasco vera veronica victor victoria vinicius "
    "virginia vitor walter wayne wendy william xavier yara yasmin zoe".split()
)
"""Without accents. May, June, April, Will and such are left out: they are words as well."""
_PLACES = frozenset(
    "portugal brasil espanha frança alemanha itália inglaterra angola moçambique lisboa porto braga coimbra "
    "faro évora aveiro setúbal leiria viseu guimarães sintra cascais funchal almada amadora madeira açores "
    "algarve alentejo minho douro londres paris madrid roma berlim europa áfrica américa brasília salvador "
    "recife curitiba fortaleza manaus belém goiânia campinas luanda maputo".split()
)
_COMPANY = re.compile(
    r"\b(?:Lda|Ltda|S\.?A|SA|Unipessoal|& Filhos|Inc|GmbH|Ltd)\b|^(?:Banco|Câmara|Universidade|Instituto|Hospital|"
    r"Escola|Ministério|Associação|Grupo|Companhia|Empresa|Clube|Fundação|Editora|Restaurante|Café|Hotel|Farmácia)\b"
)
_INSTITUTION = re.compile(
    r"^(?:Centro|Junta|Conservatória|Igreja|Paróquia|Biblioteca|Museu|Clínica|Colégio|Creche|Santa Casa|Mercado|Supermercado|"
    r"Padaria|Queijaria|Livraria|Oficina|Serviços?|Direção|Secretaria|Agência|Cooperativa|Sociedade|Federação|Sindicato|"
    r"Tribunal|Polícia|Bombeiros|Correios|Loja|Drogaria|Águas) \S"
)
"""Common words that begin the name of a house, and only with the rest of it."""
_WRAPPED = re.compile(r"(?<=[^\n]{50})\n(?=\S)")
"""A line break within a sentence: below a short line, the next one is another thing."""
_DATELINE = re.compile(r",\s+(?:em |aos )?\d{1,2}º?\s+de\s+[^\W\d_]{4,}")
_TITLE = r"(?:Sr\.?ª?|Sra\.?|Srª|Dr\.?ª?|Dra\.?|Drª|Dona|Dom|D\.|Prof\.?ª?|Eng\.?º?|Senhora?|Doutora?|Tia|Tio|Avó|Avô)"
_WORD = r"[A-ZÀ-Ý][a-zà-ÿ'’]+|[A-ZÀ-Ý]{2,}"
_NAME = re.compile(
    rf"(?:(?P<title>{_TITLE})[ \t]+)?(?P<name>(?:{_WORD})(?:[ \t]+(?:(?:d[aeo]s?|e)[ \t]+)?(?:{_WORD}|[A-Z]\.))*"
    r"(?:,?[ \t]+(?:Lda|Ltda|S\.A|SA)\b)?)"
)
_BEFORE_PLACE = re.compile(
    r"\b(?:em|no|na|nos|nas|para|até|desde|de|do|da|ao|à|perto de)\s+$", re.IGNORECASE
)
_NO_NAMES = frozenset(
    "segunda terça quarta quinta sexta sábado domingo janeiro fevereiro março abril maio junho julho agosto "
    "setembro outubro novembro dezembro olá caro cara prezado prezada estimado estimada bom boa obrigado "
    "obrigada atenciosamente cumprimentos não sim eu ele ela nós vós eles elas o a os as um uma este esta "
    "no na nos nas em ao para com pelo pela isso isto aqui quando onde como porque mas se por favor também já hoje amanhã ontem senhor senhora "
    "deus natal páscoa total iva nif data fatura recibo euros reais".split()
)
_DATE = re.compile(
    r"\b\d{1,2}º?\s+de\s+(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|"
    r"dezembro)(?:\s+de\s+\d{4})?|\b(?:(?:segunda|terça|quarta|quinta|sexta)-feira|sábado|domingo|amanhã|ontem|"
    r"hoje)\b|\b(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)"
    r"\s+de\s+\d{4}|\b(?:janeiro|fevereiro|março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)\b",
    re.IGNORECASE,
)
_TIME = re.compile(r"\b(?:às?|pelas)\s+(\d{1,2}(?:h\d{0,2}|:\d{2})?(?: horas)?)\b", re.IGNORECASE)
_TITLES = frozenset({"dona", "dom", "doutor", "doutora", "senhor", "senhora"})
Found = tuple[int, int, str]


def plain(word: str) -> str:
    """Return a word in lower case without its accents."""
    import unicodedata

    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(each for each in apart if not unicodedata.combining(each))


def is_given(word: str) -> bool:
    """Say whether a word is a given name."""
    return plain(word) in GIVEN


def in_portuguese(text: str) -> Iterator[Found]:
    """Iterate over what Portuguese text names: where it stands, and its label."""
    text = _WRAPPED.sub(" ", text)  # as long as it was
    for each in _DATE.finditer(text):
        yield each.start(), each.end(), "date"
    for each in _TIME.finditer(text):
        yield each.start(1), each.end(1), "time"
    for each in _NAME.finditer(text):
        start, end = each.span("name")
        parts = each["name"].split()
        titled = bool(each["title"])
        while parts and parts[0].strip(".,").lower() in _NO_NAMES | _TITLES:
            titled = titled or parts[0].lower() in _TITLES
            start += len(parts[0])
            start += len(text[start:end]) - len(text[start:end].lstrip())
            parts = parts[1:]
        while parts and parts[-1].lower() in {"e", "de", "da", "do", "das", "dos"}:
            end -= len(parts[-1]) + 1
            parts = parts[:-1]
        if not parts:
            continue
        label = _label(text, start, parts, titled=titled)
        if not label and _DATELINE.match(text, end):
            label = "place"  # *Penedo, 12 de novembro*
        if label:
            yield start, end, label


def _label(text: str, start: int, parts: list[str], *, titled: bool) -> str:
    name = " ".join(parts)
    if name.isupper() and len(parts) > 1 and not is_given(parts[0]):
        return "organisation" if _COMPANY.search(name) else ""  # a heading
    if titled or is_given(parts[0]):
        return "organisation" if _COMPANY.search(name) else "person"
    if _COMPANY.search(name) or _INSTITUTION.match(name):
        return "organisation"
    before = text[max(0, start - 14) : start]
    if plain(parts[0]) in {plain(each) for each in _PLACES}:
        return "place"
    opens = not before.strip() or bool(re.search(r"[.!?:\n]\s*$", before))
    if opens and len(parts) == 1:
        return ""  # a word that begins a sentence
    if _BEFORE_PLACE.search(before) and len(parts) <= 3:
        return "place"
    return "person" if len(parts) > 1 else "name"
