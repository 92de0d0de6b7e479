"""What stands on signs, menus and bills in words that never change: the translator's models know sentences.

*PROIBIDO ESTACIONAR* is no sentence, and a network that was trained on sentences makes *prohibited
parking* of it. A line that is one of these phrases is put over by hand, both ways.
"""

from __future__ import annotations

import re

_PHRASES = """
no parking = proibido estacionar / estacionamento proibido / proibido o estacionamento / não estacionar
no entry = entrada proibida / sentido proibido / proibida a entrada / acesso proibido / proibido entrar
no smoking = proibido fumar / não fumar / é proibido fumar
no swimming = proibido nadar / proibido tomar banho
no dogs = proibida a entrada a cães / proibido a cães / cães não
no dogs allowed = não são permitidos cães
no photography / no photos = proibido fotografar / não fotografar / proibido tirar fotografias
no littering / do not litter = proibido deitar lixo / não deite lixo no chão
no trespassing = proibida a passagem / passagem proibida
no exit = sem saída
dead end = rua sem saída
keep out = mantenha-se afastado
keep off the grass = não pisar a relva / não pise a relva / proibido pisar a relva
keep clear = não obstruir / manter livre / não bloquear
keep right = circule pela direita
keep left = circule pela esquerda
keep this door closed / keep door closed = mantenha esta porta fechada / manter a porta fechada
do not disturb = não incomodar / não perturbe
do not touch = não tocar / não mexer
do not feed the animals = não alimente os animais / não dar comida aos animais
do not lean out = não se debruce
vehicle exit = saída de viaturas / saída de veículos
garage exit = saída de garagem
emergency exit = saída de emergência
fire exit = saída de incêndio
way out = saída
exit = saída
entrance = entrada
entry = entrada
free entry / free admission / admission free = entrada livre / entrada gratuita / entrada grátis
ticket office = bilheteira
tickets = bilhetes
private property = propriedade privada
private entrance = entrada privada
road closed = estrada cortada / rua cortada / estrada fechada / via cortada / rua fechada
road works / roadworks = obras na via / obras / trabalhos na via
road closed to traffic = rua cortada ao trânsito / trânsito proibido
one way / one-way street = sentido único
give way = ceda a passagem / cedência de passagem
slow down / reduce speed = abrande / reduza a velocidade / reduzir a velocidade
caution = cuidado
warning = aviso
attention = atenção
notice = aviso
danger = perigo
danger of death = perigo de morte
high voltage = alta tensão
wet floor / caution wet floor = piso molhado
slippery floor = piso escorregadio / pavimento escorregadio
wet paint = pintado de fresco / tinta fresca
beware of the dog = cuidado com o cão / atenção ao cão
mind the step = cuidado com o degrau / atenção ao degrau
mind the gap = atenção ao intervalo
mind your head = cuidado com a cabeça
out of order = fora de serviço / avariado
closed for holidays / closed for the holidays = encerrado para férias / fechado para férias
closed for works = encerrado para obras / fechado para obras
closed = fechado / encerrado
open = aberto
opening hours = horário de funcionamento / horário / horário de abertura
opening times = horário de abertura
timetable = horários
push = empurre / empurrar
pull = puxe / puxar
press = prima / pressione
stop = pare
staff only = acesso reservado / reservado ao pessoal / só pessoal autorizado
authorised personnel only / authorized personnel only = só pessoal autorizado / acesso restrito a pessoal autorizado
reserved for customers / customers only / customer parking = reservado a clientes / estacionamento para clientes / só para clientes
reserved = reservado
lost cat = gato perdido / gato desaparecido
lost dog = cão perdido / cão desaparecido
volunteers wanted / volunteers needed = procuram-se voluntários / precisa-se de voluntários
sandpaper = lixa / folha de lixa
thank you for your understanding / thanks for your understanding = obrigado pela compreensão / agradecemos a compreensão / agradecemos a sua compreensão / obrigado pela sua compreensão
thank you for your visit = obrigado pela visita / obrigado pela sua visita
thank you for your preference = obrigado pela preferência
the text says = o texto diz
the text does not say that = o texto não diz isso
the text does not say anything about that = o texto não diz nada sobre isso
nearest to it is = o mais próximo é
residents only = só moradores / reservado a moradores
for sale = vende-se / à venda
for rent / to let = aluga-se / arrenda-se / para alugar
lost and found / lost property = perdidos e achados
information = informações / informação
help wanted / staff wanted = precisa-se de empregado / admite-se pessoal
queue here / please queue here = forme fila aqui
wait here = espere aqui / aguarde aqui
please wait = aguarde por favor
pay here = pague aqui
cash only = só dinheiro / só aceitamos dinheiro
please ring the bell = toque à campainha
ladies = senhoras
gentlemen / gents = homens / cavalheiros
toilets / restrooms = casas de banho / lavabos / sanitários
lift / elevator = elevador
ground floor = rés-do-chão / rés do chão
menu = ementa / carta
set menu = menu do dia
dish of the day / today's special = prato do dia
soup of the day = sopa do dia
starters = entradas
main courses = pratos principais
desserts = sobremesas
drinks = bebidas
red wine = vinho tinto
white wine = vinho branco
still water = água sem gás
sparkling water = água com gás
cover charge = couvert
vat included = iva incluído / iva incluído à taxa em vigor
subtotal = subtotal
total = total
total to pay = total a pagar
amount due = valor a pagar / montante a pagar
due date = data de vencimento / data limite de pagamento
receipt = recibo
invoice = fatura
change = troco
agenda = ordem de trabalhos
minutes of the meeting = ata da reunião
"""
_EDGES = re.compile(r"^(?P<before>[\W\d_]*)(?P<said>.*?)(?P<after>[\W\d_]*)$", re.DOTALL)
_BESIDE = re.compile(r"(?P<first>[^:]{3,24})(?P<mark>: )(?P<rest>\S.*)")


def _books() -> dict[str, dict[str, str]]:
    to_portuguese: dict[str, str] = {}
    to_english: dict[str, str] = {}
    for line in _PHRASES.strip().splitlines():
        english, portuguese = ([each.strip() for each in side.split("/")] for side in line.split(" = "))  # fmt: skip
        for each in english:
            to_portuguese.setdefault(each, portuguese[0])
        for each in portuguese:
            to_english.setdefault(each, english[0])
    return {"pt": to_portuguese, "en": to_english}


_BOOKS = _books()


def phrase(line: str, to: str) -> str | None:
    """Return a set phrase in the other language, in the case and with the marks that it had; None for all else.

    Args:
        line: A line, or a sentence: *PROIBIDO ESTACIONAR!*
        to: The language wanted: pt or en.
    """
    edges = _EDGES.match(line)
    assert edges is not None
    said = " ".join(edges["said"].split())
    made = _BOOKS[to].get(said.lower())
    return None if made is None else f"{edges['before']}{cased(made, said)}{edges['after']}"


def opening(line: str, to: str) -> tuple[str, str] | None:
    """Return the phrase before a colon, put over, and what stands behind it: *ATENÇÃO: PISO MOLHADO*."""
    found = _BESIDE.fullmatch(line)
    made = phrase(found["first"], to) if found else None
    return None if found is None or made is None else (f"{made}{found['mark']}", found["rest"])


def cased(made: str, like: str) -> str:
    """Write words in the case of others: all capitals, or a capital first."""
    if like.isupper() and len(like) > 1:
        return made.upper()
    return made[:1].upper() + made[1:] if like[:1].isupper() else made


__all__ = ("cased", "opening", "phrase")
