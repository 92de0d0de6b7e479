# ruff: noqa: SIM905 - word lists are read and mended as words
"""What words about tables mean alike: names of columns, adjectives that measure, verbs that count.

Small on purpose: a word that is not here is compared by meaning (``asking_links``), and what stays
unknown is refused.
"""

from __future__ import annotations

from typing import NamedTuple

RINGS = tuple(
    frozenset(each.split())
    for each in (
        "revenue sale turnover taking income proceeds earning money umsatz erlös receita faturamento venda",
        "amount sum value total betrag summe valor importe montante montant volume",
        "price cost fee rent miete renda aluguel preis kosten preço preco custo precio coste prix tarif charge fare",
        "quantity qty unit piece quantidade qtd menge anzahl stück cantidad unidade copies copy portion serving",
        "salary pay wage earning compensation income gehalt lohn salário salario salaire money",
        "store shop branch outlet loja filiale laden tienda magasin",
        "product article good produto artikel produkt producto produit merchandise",
        "item article piece thing ware",
        "customer client buyer purchaser kunde kundin cliente comprador account",
        "city town stadt cidade ciudad ville municipality place",
        "country nation land state país pais",
        "station site place location",
        "date day datum data fecha tag dia jour when",
        "employee worker name staff mitarbeiter funcionário empleado colleague",
        "name person people nome nombre nom individual",
        "department division section abteilung departamento dept",
        "category type kind sort tipo typ art categoria categoría kategorie class",
        "genre kind type category",
        "class group form",
        "author writer autor wrote written write",
        "title headline titel título book",
        "score mark grade point result note nota punkte punto rating",
        "for scored score made",
        "against conceded concede allowed",
        "rating satisfaction star feedback",
        "student pupil learner child children kid schüler aluno alumno",
        "subject discipline course fach",
        "temperature temp temperatur temperatura heat degree celsius fahrenheit",
        "rain rainfall precipitation rained raining regen chuva lluvia",
        "wind breeze gust",
        "delay lateness late verspätung atraso retraso delayed overdue",
        "passenger traveller traveler flyer",
        "population people inhabitant resident einwohner população populaçao citizen",
        "area size surface fläche flaeche área superficie sqm square m2 km2",
        "supplier vendor provider lieferant fornecedor proveedor manufacturer delivered supplied",
        "warehouse depot storehouse lager armazém almacén",
        "stock inventory bestand estoque stocked available left",
        "address street adresse endereço dirección where",
        "neighbourhood neighborhood district quarter bairro barrio viertel area",
        "bedroom room zimmer quarto habitación",
        "age alter idade edad old aged year",
        "sex gender geschlecht sexo",
        "paid bezahlt pago settled payed",
        "order purchase bestellung pedido sale",
        "invoice bill rechnung fatura factura",
        "weight mass gewicht peso",
        "height altitude höhe altura",
        "length länge comprimento",
        "distance entfernung distância km",
        "speed velocity geschwindigkeit velocidade bpm tempo",
        "duration dauer duração length time minute hour",
        "team club side squad mannschaft equipa equipo",
        "match game spiel jogo partido played",
        "agent handler assignee representative handled",
        "destination arrival",
        "origin departure",
        "job title role position occupation profession",
        "manager boss supervisor chief",
        "loan borrowed lent borrowing checkout loaned",
        "won win victory winning",
        "lost loss lose defeat losing",
        "drawn draw tie",
        "profit gain gewinn lucro beneficio",
        "return yield gain performance rendite rendimento retorno rendement",
        "risk risiko risco riesgo risque",
        "worth value wert valor valeur",
        "project projekt projeto proyecto",
        "month monat mês mes",
        "year jahr ano año",
        "staff employee mitarbeiter funcionário funcionários",
        "quarter quartal trimestre",
        "address adresse morada endereço",
        "hour stunde hora",
        "discount rebate rabatt desconto",
        "tax vat steuer imposto iva",
        "status state condition zustand estado",
        "phone telephone tel telefon telefone mobile",
        "email mail",
        "patient case",
        "diagnosis illness disease condition diagnosed",
        "built constructed construction",
        "published publication released release out appeared year",
        "hired hire joined join started employed start recruited",
        "opened open created reported raised opening",
        "closed close resolved finished solved",
        "passed pass",
        "balance saldo",
        "vote ballot",
        "description text purpose",
        "capacity seat",
        "mileage kilometre kilometer odometer",
        "brand make maker marke marca",
        "colour color farbe cor",
        "attendance people visitor spectator audience crowd turnout viewer",
        "kwh consumption usage energy electricity power",
        "night stay",
        "spent spend spending expense outlay",
        "arrears debt owed owing outstanding backlog",
    )
)  # fmt: skip
"""Words that may stand for one another; the names of columns may be in other languages."""


CELL_RINGS = tuple(
    frozenset(each.split())
    for each in (
        "open unpaid outstanding pending due owed unsettled offen unbezahlt aberto aberta pendente ausstehend",
        "paid settled bezahlt pago paga liquidado beglichen",
        "high hoch alto alta elevado",
        "low niedrig baixo baixa",
        "medium mittel médio média moderate",
        "closed done finished completed geschlossen erledigt fechado concluído abgeschlossen",
        "cancelled canceled storniert cancelado cancelada abgesagt",
        "active aktiv ativo ativa",
        "inactive inaktiv inativo inativa",
        "new neu novo nova",
        "used gebraucht usado usada",
        "late delayed overdue überfällig atrasado verspätet",
        "delivered geliefert entregue",
        "shipped versandt versendet enviado",
    )
)  # fmt: skip
"""Words that may stand in cells, in several languages."""

ATTRIBUTES = frozenset(
    "city town country region state date day year month department category type colour color size shop store "
    "address email phone price cost salary amount age sex gender status rating score team genre supplier "
    "brand role job manager".split()
)
"""What is told of things: where a table has no such column, the names of its rows are no answer."""


class Adjective(NamedTuple):
    """What an adjective says in its superlative."""

    extreme: str
    """``max`` or ``min``."""
    columns: str
    """What it measures: words of columns, the likeliest first."""


ADJECTIVES = {
    "expensive": Adjective("max", "price cost amount value salary rate"),
    "costly": Adjective("max", "price cost amount value rate"),
    "pricey": Adjective("max", "price cost amount value rate"),
    "pricy": Adjective("max", "price cost amount value rate"),
    "high-priced": Adjective("max", "price cost amount value rate"),
    "dear": Adjective("max", "price cost amount value rate"),
    "cheap": Adjective("min", "price cost amount rate"),
    "affordable": Adjective("min", "price cost amount value rate"),
    "old": Adjective("max", "age -year -built -founded -born -date"),
    "young": Adjective("min", "age -year -built -founded -born -date"),
    "new": Adjective("min", "age -year -built -date"),
    "recent": Adjective("min", "-date -year"),
    "early": Adjective("min", "date time year"),
    "big": Adjective("max", "size area amount total value population revenue quantity"),
    "large": Adjective("max", "size area amount total value population revenue quantity"),
    "small": Adjective("min", "size area amount total value population revenue quantity"),
    "tiny": Adjective("min", "size area population"),
    "long": Adjective("max", "duration length days nights delay distance minutes hours pages"),
    "short": Adjective("min", "duration length days nights distance minutes hours height pages"),
    "tall": Adjective("max", "height"),
    "high": Adjective("max", ""),
    "low": Adjective("min", ""),
    "great": Adjective("max", ""),
    "heavy": Adjective("max", "weight"),
    "light": Adjective("min", "weight"),
    "hot": Adjective("max", "temperature"),
    "warm": Adjective("max", "temperature"),
    "cold": Adjective("min", "temperature"),
    "cool": Adjective("min", "temperature"),
    "wet": Adjective("max", "rain"),
    "rainy": Adjective("max", "rain"),
    "dry": Adjective("min", "rain humidity"),
    "windy": Adjective("max", "wind"),
    "fast": Adjective("max", "speed -time -duration -minutes -days"),
    "quick": Adjective("max", "speed -time -duration -days"),
    "slow": Adjective("min", "speed -time -duration -days"),
    "rich": Adjective("max", "gdp wealth income salary balance"),
    "wealthy": Adjective("max", "gdp wealth income salary balance"),
    "poor": Adjective("min", "gdp wealth income salary balance"),
    "populous": Adjective("max", "population"),
    "crowded": Adjective("max", "population passengers density"),
    "popular": Adjective("max", "loans votes sold quantity views orders"),
    "far": Adjective("max", "distance"),
    "near": Adjective("min", "distance"),
    "close": Adjective("min", "distance"),
    "late": Adjective("max", "delay date"),
    "delayed": Adjective("max", "delay"),
    "profitable": Adjective("max", "profit margin revenue"),
    "deep": Adjective("max", "depth"),
    "strong": Adjective("max", "strength wind power"),
    "productive": Adjective("max", "output production quantity"),
    "senior": Adjective("max", "age -date"),
    "spacious": Adjective("max", "size area"),
    "roomy": Adjective("max", "size area"),
    "thick": Adjective("max", "pages thickness width"),
    "thin": Adjective("min", "pages thickness width"),
    "busy": Adjective(
        "max",
        "visits visitors attendance audience customers guests passengers revenue sales quantity",
    ),
    "quiet": Adjective(
        "min",
        "visits visitors attendance audience customers guests passengers revenue sales quantity",
    ),
    "full": Adjective("max", "attendance audience passengers occupancy"),
    "loud": Adjective("max", "volume loudness decibel"),
    "wide": Adjective("max", "width"),
    "narrow": Adjective("min", "width"),
    "steep": Adjective("max", "slope gradient ascent"),
    "bright": Adjective("max", "brightness magnitude"),
    "hard": Adjective("max", "difficulty hardness"),
    "easy": Adjective("min", "difficulty"),
    "spicy": Adjective("max", "spiciness heat"),
    "sweet": Adjective("max", "sugar sweetness"),
    "lucrative": Adjective("max", "profit margin revenue fee amount"),
    "remote": Adjective("max", "distance"),
}
"""A minus before a column: there the order is the other way round (the oldest has the first date)."""

GOOD = Adjective("max", "score rating points grade result")
BAD = Adjective("min", "score rating points grade result")
"""``best`` and ``worst``: of scores and ratings alone; the best price is a matter of taste."""

VERBS = {
    "sell": "revenue quantity amount",
    "sold": "quantity revenue amount",
    "selling": "quantity revenue amount",
    "ordered": "quantity",
    "bought": "quantity",
    "earn": "salary income revenue amount fee",
    "make": "salary revenue amount",
    "made": "revenue salary amount",
    "paid": "salary amount price",
    "pay": "salary amount price cost revenue",
    "bring": "revenue amount",
    "brought": "revenue amount",
    "cost": "cost price amount",
    "feed": "serves servings portions",
    "weigh": "weight",
    "fall": "rain",
    "fell": "rain",
    "rain": "rain",
    "borrow": "loans",
    "come": "visits attendance",
    "comes": "visits attendance",
    "visit": "visits",
    "score": "goals score points",
    "stay": "nights duration days",
    "stayed": "nights duration days",
    "attend": "attendance",
    "attended": "attendance",
    "came": "visits attendance",
    "take": "duration days minutes",
    "took": "duration days minutes time",
    "last": "duration days",
    "spend": "amount cost",
    "spent": "amount cost",
    "live": "population",
    "carry": "passengers",
    "fly": "passengers",
    "flew": "passengers",
    "travel": "passengers distance",
    "consume": "consumption kwh energy",
    "use": "consumption usage",
    "produce": "production output",
    "owe": "amount balance",
    "donate": "amount donation",
    "raise": "amount",
    "run": "distance",
    "ran": "distance",
    "walk": "distance steps",
}
"""Verbs that ask for a number of some column, without naming it."""

OUTGOING = frozenset("spend spent spending expense expenses expenditure outgoings paid pay".split())
INCOMING = frozenset("earn earned earnings income received receive incoming deposits".split())
"""Which side of an account is meant: its amounts carry signs."""

WINNING = frozenset("won win wins winner champion champions".split())

PEOPLE = frozenset(
    "people person persons employees employee staff workers worker colleagues members everyone "
    "everybody anyone anybody someone somebody".split()
)
WHO = (
    "who name borrower tenant singer payer buyer trader holder employee person student pupil patient author customer client agent player member "
    "seller salesperson driver runner rider guest teacher owner volunteer swimmer walker child candidate donor sponsor caller contact resident "
    "lodger reader picker artist applicant helper nurse doctor coach instructor team country company supplier airline"
)
WHERE = "city town station place country location address neighbourhood region store warehouse destination"

TRUE = frozenset("yes true y ja sim si sí oui 1 x".split())
FALSE = frozenset("no false n nein não nao non 0".split())
OPPOSITES = {
    "failed": "passed", "fail": "passed", "failing": "passed", "unpaid": "paid", "unsold": "sold",
    "outstanding": "paid", "overdue": "paid", "owed": "paid", "inactive": "active",
    "absent": "present", "unavailable": "available", "part": "full", "part-time": "full",
    "single": "married", "vacant": "occupied", "empty": "occupied", "unread": "read",
}  # fmt: skip
"""Words that deny a column of yes and no."""

PARTICIPLES = {
    "sell": "sold", "sells": "sold", "give": "given", "gave": "given", "take": "taken", "took": "taken",
    "lend": "lent", "buy": "bought", "pay": "paid", "pays": "paid", "win": "won", "lose": "lost", "make": "made",
    "spend": "spent", "bring": "brought", "eat": "eaten", "ate": "eaten", "drive": "driven", "drove": "driven",
    "write": "written", "wrote": "written", "get": "got", "score": "scored", "hand": "handed",
}  # fmt: skip
"""What a column is called that a verb asks for: *tickets sold*, of *did Rita sell*."""

SEXES = {
    "F": frozenset("woman women female females girl girls lady ladies".split()),
    "M": frozenset("man men male males boy boys gentleman gentlemen".split()),
}

NEVER_SUMMED = frozenset(
    "price fare rate age temp temperature score mark grade rating percent percentage ratio "
    "year min max avg average mean median lat latitude lon lng longitude margin balance reorder level "
    "height speed velocity humidity density preis preço precio prix rank position built tarif "
    "wind kmh pressure target limit threshold".split()
)
"""In the name of a column: its numbers are compared and averaged, and mean nothing as a sum."""
FEES_OF_ONE = frozenset(
    "entry entrance admission ticket hourly daily weekly monthly annual yearly tuition day hour".split()
)
"""Beside a fee: it is a price of a list. Other fees are what people pay, and add up as revenues do."""
EACH = frozenset("unit per each je pro por".split())
"""Beside a price or a cost: that of one."""
