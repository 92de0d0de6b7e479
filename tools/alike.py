# ruff: noqa: SIM905 - word lists are read and mended as words
"""Words that ask for the same: *bought* finds *purchased*, *takes care of* finds *looks after*."""

from __future__ import annotations

import re
from collections.abc import Callable

from herd_graph.discovery.words import STOP_WORDS, stem, words

_RINGS = (
    "buy bought purchase purchased comprar compra comprado comprei",
    "cost costs price prices fee charge pay paid pays payment cheap expensive custo custa custam custar custou custaram preço pagar paga pago pagou pagámos pagamos pagaram paguei",
    "guarantee guaranteed warranty garantia",
    "begin begins start starts commence commences começa começam começar início",
    "end ends finish finishes expire expires expiry terminate termination termina acaba fim",
    "repair repairs mend mended mends fix fixed fixes reparar arranjar reparação",
    "broken faulty damaged damage defective defect avaria avariado",
    "doctor dr gp physician médico",
    "medicine medicines medication medications drug drugs tablet tablets pills remédio medicamento",
    "contract lease agreement tenancy contrato",
    "flat apartment apartamento",
    "meeting meetings appointment appointments seen reunião consulta encontro encontrar encontramo meet",
    "bring brings carry trazer levar leva traga tragam traz levem",
    "phone telephone mobile telefone telemóvel call ring dial ligue ligar liga telefonar telefonou chamar",
    "address street road avenue lane morada rua avenida endereço",
    "deliver delivered delivery deliveries arrive arrives arrival arriving arrived reach reaches entrega chega chegam chegada",
    "discount reduction rebate desconto",
    "late delay delayed postponed overdue atraso atrasado adiada adiado",
    "cancel cancelled cancellation withdraw cancelar cancelado desistir",
    "allowed permitted forbidden prohibited permitido proibido",
    "need needed needs require required requires precisa preciso",
    "child children kids kid crianças criança",
    "decide decided decides agreed agree resolved carried approved decidido decidiu",
    "repay refund returned return reimburse devolver devolve reembolso",
    "born birth birthday nascido nasceu",
    "complaint complaints complain complains symptom symptoms reports suffers queixas sintomas",
    "move moving relocate relocation mudança",
    "car vehicle carro",
    "salary wage wages salário",
    "job position role post emprego",
    "invite invited guests guest convidado convidados",
    "organise organises organize organizes arrange arranges responsible charge trata organiza responsável",
    "garden yard jardim",
    "send sent sends post mail enviar envia envio envie enviado",
    "keep keeps kept store stored lasts last",
    "rent renda",
    "free gratis grátis gratuito charge",
    "question questions query queries unclear dúvida dúvidas doubt doubts",
    "contact reach ring call phone contacte contactar contacto",
    "colour color coloured colored cor",
    "size big large length tamanho",
    "holiday holidays vacation férias",
    "build built construct constructed construído",
    "attend attended attending present presente presentes",
    "absent apologies excused ausente ausentes",
    "note notice notes",
    "shop store loja",
    "close closes closed shut shuts fecha fechado encerra encerrado",
    "turned switched shut off",
    "teacher professor professora teaches",
    "wife husband spouse married mulher marido",
    "money funds proceeds profit dinheiro",
    "fill full",
    "serial série",
    "danger dangerous risk risks overheat burns hazard perigo perigoso",
    "answer reply respond response accept",
    "boss manager supervisor report chief",
    "accompany accompanies accompanied join joins",
    "son daughter child kid pupil",
    "party festa celebration",
    "noise noisy loud barulho",
    "illness ill sick doente",
    "owner landlord landlady proprietário senhorio",
    "total budget quote orçamento cost costs custo",
    "street streets road roads lane lanes rua ruas avenue",
    "freeze freezes froze frozen freezer congelar",
    "break breaks broke broken",
    "choose chooses chose chosen choice",
    "drive drives drove driven driver",
    "eat eats ate eaten food",
    "fly flies flew flown flight",
    "lose loses lost",
    "meet meets met meeting",
    "sell sells sold sale",
    "speak speaks spoke spoken",
    "spend spends spent",
    "steal steals stole stolen",
    "teach teaches taught",
    "win wins won winner",
    "find finds found",
    "grow grows grew grown",
    "leave leaves left departs departure parte",
    "die dies died death dead",
    "fall falls fell fallen",
    "hurt hurts pain pains ache aches injured",
    "test tests tested examination exam result results",
    "vote votes voted",
    "donate donated donation donations donors grant",
    "hospital clinic ward",
    "help assist assistance support",
    "rest balance remaining remainder restante",
    "reason reasons cause caused because motivo",
    "change changes changed new",
    "wear clothes clothing shoes vestir",
    "lunch meal dinner almoço refeição jantar",
    "train bus coach autocarro ônibus comboio transport",
    "return returns returned back volta regressa regressam regresso voltar regressar",
    "lock locks padlock padlocks cadeado cadeados",
    "bike bikes bicycle bicycles cycle bicicleta bicicletas",
    "play plays playing perform performs band toca tocam",
    "free pay grátis",
    "light lights floodlight floodlights lamp lamps luz luzes",
    "lift elevator elevador",
    "toilet toilets loo loos wc bathroom restroom",
    "wifi wi-fi internet wlan",
    "food meal lunch dinner supper snack snacks catering comida refeição",
    "drink drinks beverage beverages bar bebidas",
    "pet pets animal animals animais",
    "girl daughter menina filha",
    "boy son menino filho rapaz",
    "enclosed enclosure enclosures attached attachment anexo anexos",
    "rubbish trash garbage waste bin bins lixo",
    "forget forgets forgot forgotten left lost",
    "more raise raised increase increased rise higher up",
    "visit visits visiting visited visita visitar",
    "allergic allergy allergies alergia alergias alérgico alérgica",
)
_ALIKE: dict[str, frozenset[str]] = {}
for _number, _ring in enumerate(_RINGS):
    for _word in _ring.split():
        _ALIKE[stem(_word)] = _ALIKE.get(stem(_word), frozenset()) | {f"={_number}"}
_SORTS = {
    stem(name): frozenset(map(stem, sorts.split()))
    for name, sorts in (
        ("animal", "dog dogs cat cats horse horses pony ponies bird birds reptile reptiles rabbit rabbits hamster goat chicken chickens fish cão gato"),
        ("pet", "dog dogs cat cats bird birds reptile reptiles rabbit rabbits hamster hamsters"),
        ("instrument", "piano guitar trumpet violin flute drum drums cello clarinet saxophone"),
        ("vehicle", "car cars bike bicycle bicycles van truck bus motorbike lorry"),
        ("fruit", "apple apples pear pears banana bananas cherry cherries plum plums strawberry strawberries orange oranges lemon"),
        ("vegetable", "carrot carrots potato potatoes onion onions tomato tomatoes cabbage bean beans pea peas"),
    )
}  # fmt: skip
"""What something is a sort of: *animals* finds dogs, and no question for dogs finds cats."""
_SLIPS = (
    (re.compile(r"(?<=[A-Za-zÀ-ÿ]{2})0|(?<![\w])0(?=[a-zà-ÿ]{3})|(?<=[A-Za-zÀ-ÿ])0(?=[a-zà-ÿ])"), "o"),
    (re.compile(r"(?<=[a-zà-ÿ]{2})1|(?<=[A-Za-zÀ-ÿ])1(?=[a-zà-ÿ])"), "l"),
    (re.compile(r"(?<=[a-zà-ÿ])5(?=[a-zà-ÿ])"), "s"),
)  # fmt: skip
_LITTLE = frozenset(
    "o a os as um uma uns de do da dos das e em no na nos nas por para com que se ao à aos às é são foi ser "
    "está estão estou tem têm ter tenho há quem qual quais quando onde quanto quanta quantos quantas como porque porquê "
    "eu tu ele ela nós eles elas me te lhe nos meu minha seu sua este esta isto esse essa isso aquele aquela "
    "não sim mais muito já também só ainda até desde sobre entre sem devo deve devem posso pode podem vai vão vou "
    "fazer faz fica ficar dia hora horas data "
    "long often old far tall wide happens happen going go goes come comes say says said tell told know "
    "mean means text letter mail email e document note file message carta texto mensagem documento "
    "along around back again away down want wants wanted ask asks asked tell according supposed expected possible able exactly here there very much many day date time when's what's who's where's how's "
    "else still yet even ever soon together whole actually really must shall has had having does did "
    "mention mentions mentioned mentioning talk talks talked fala falam refere person people somebody someone anybody anyone thing things something anything everything place kind sort "
    "get got gets take takes taken took give gives given gave work works use used s t re ve ll d m".split()
)


def repaired(text: str) -> str:
    """Return a text with the digits that a reader of pictures put into words as letters: *0live*."""
    for form, letter in _SLIPS:
        text = form.sub(_letter(letter), text)
    return text


def terms(text: str) -> list[str]:
    """Return the stems of the words of a text that say what it is about, slips of a scanner mended."""
    return [
        stem(each)
        for each in words(repaired(text))
        if each not in STOP_WORDS and each not in _LITTLE and (len(each) > 1 or each.isdigit())
    ]


def held(term: str, bag: frozenset[str]) -> float:
    """Return how far a term stands in a bag of terms: 1 for itself, less for a word that asks for the same."""
    if term in bag:
        return 1.0
    rings = _ALIKE.get(term)
    if rings and any(rings & _ALIKE.get(each, frozenset()) for each in bag):
        return 0.8
    if any(each in bag for each in _SORTS.get(term, ())):
        return 0.7
    return 0.7 if len(term) > 5 and any(_kin(term, each) for each in bag) else 0.0


def _kin(one: str, two: str) -> bool:
    """Say whether two stems are of one family: *bleed* and *bleeding*, *cardio* and *cardiol*."""
    return len(two) > 4 and (one.startswith(two[:5]) and two.startswith(one[:5]))


def _letter(low: str) -> Callable[[re.Match[str]], str]:
    """Return the letter for a digit: a capital one where it begins a word, as in *0live*."""

    def put(hit: re.Match[str]) -> str:
        text, at = hit.string, hit.start()
        begins = at == 0 or not text[at - 1].isalnum()
        return low.upper() if begins or text[at - 1].isupper() else low

    return put
