"""Tell which of several attached files a clause names: by its name, in any language, or by what it is.

*The letter* is carta.txt, *the sign* is placa.png, and beside one picture *the mail* is the one text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from herd_graph.cards import Port
from herd_graph.discovery.words import stem, words
from herd_graph.routing.lexicon import MATERIAL
from herd_graph.routing.neural.reading import Given
from herd_graph.types import Kind

_ALIKE = (
    "letter carta lettre brief",
    "mail email correio message mensagem nachricht courriel",
    "receipt recibo talao kassenbon quittung ticket slip cupom",
    "invoice fatura factura rechnung facture bill conta",
    "sign placa schild panneau",
    "notice aviso anuncio hinweis announcement",
    "poster cartaz plakat affiche flyer folheto",
    "menu ementa cardapio speisekarte",
    "contract contrato vertrag contrat agreement lease",
    "report relatorio bericht rapport",
    "minutes ata protokoll",
    "rules regras regulamento hausordnung",
    "review critica avaliacao rezension comentario",
    "complaint reclamacao queixa beschwerde",
    "recipe receita rezept recette",
    "list lista liste",
    "note nota notiz bilhete",
    "story historia conto geschichte",
    "photo foto fotografia picture image imagem bild",
)
"""Nouns for one sort of thing, as files are called in the languages around."""
_SORTS: Mapping[str, frozenset[str]] = {
    stem(word): frozenset(map(stem, each.split())) for each in _ALIKE for word in each.split()
}
_WRITTEN = frozenset(
    map(stem, "letter mail email complaint review essay article minutes rules story report".split())  # noqa: SIM905
)
_SEEN = frozenset(
    map(stem, "sign poster receipt menu placard photo picture image screenshot flyer logo label".split())  # noqa: SIM905
)  # fmt: skip
_HEARD = frozenset(
    map(stem, "voicemail recording memo podcast dictation interview announcement".split())  # noqa: SIM905
)
_POSSESSIVE = re.compile(r"['’]s\b")


def named(clause: str, files: Sequence[tuple[Given, Port]]) -> list[tuple[Given, Port]]:
    """Return the files that a clause names; all where it names none.

    Args:
        clause: What is asked.
        files: What is attached, with its port.
    """
    said = {stem(each) for each in words(_POSSESSIVE.sub("", clause))}
    own = {each for given, _ in files for each in said & called(given)}
    alike = {other for each in said - own for other in _SORTS.get(each, frozenset())}
    met = [each for each in files if (own | alike) & called(each[0])]
    return met or _of_sort(said, files) or list(files)


def called(given: Given) -> set[str]:
    """Return the words of a file's name."""
    name = given.about.partition(" ")[2].rpartition(".")[0].lower()
    return {stem(each) for each in re.split(r"[\W\d_]+", name) if len(each) > 2}


def _of_sort(said: set[str], files: Sequence[tuple[Given, Port]]) -> list[tuple[Given, Port]]:
    """Return the one file that is what a noun says, where no other one is."""
    kinds = {MATERIAL[each] for each in said if each in MATERIAL}
    for nouns, kind in ((_WRITTEN, Kind.TEXT), (_SEEN, Kind.IMAGE), (_HEARD, Kind.AUDIO)):
        kinds |= {kind} if said & nouns else set()
    found = [each for each in files if each[1].kind in kinds]
    return found if len(found) == 1 and len(kinds) == 1 else []


__all__ = ("called", "named")
