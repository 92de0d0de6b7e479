# ruff: noqa: SIM905 - word lists are read and mended as words
"""How slips are written and asked about: the forms of dates, totals, taxes, and of questions."""

from __future__ import annotations

import re

from herd_graph.discovery.words import stem

DATE = re.compile(
    r"\b\d{4}-\d{1,2}-\d{1,2}\b|\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b"
    r"|\b\d{1,2}(?:st|nd|rd|th|\.)? (?:de )?(?:jan|feb|fev|mar|m[äa]r|apr|abr|may|mai|jun|jul|aug|ago|sep|set|oct|out|okt|nov|dec|dez)[a-zç]*\.?,? (?:de )?\d{4}\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}\b",
    re.IGNORECASE,
)
CLOCK = re.compile(
    r"(?<![\d:.])(?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\.?)?(?![\d:])", re.IGNORECASE
)
COUNT = re.compile(
    r"^\s*(\d{1,3})\s*(?:x|×|\*)\s+|^\s*(\d{1,2})\s+(?=[^\W\d_]{3})|\b(\d{1,3})\s*(?:x|×|\*)\s*(?:[$€£]?\s*\d|$)|[x×]\s?(\d{1,3})\b",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\b(?:invoice|receipt|bill|order|rechnung|fatura|factura|recibo)\b[^\n\d]{0,20}?((?:[A-Z]{1,4}[-/ ]?)?\d[\w/-]*)",
    re.IGNORECASE,
)
KINDS = r"receipt|invoice|tax invoice|bill|menu|fatura(?: simplificada)?|factura|rechnung|quittung|recibo|ticket|copy|original|customer copy|welcome(?: to)?"
TITLE = re.compile(rf"^\W*(?:{KINDS})\b[^\n]{{0,24}}$", re.IGNORECASE)
FURNITURE = re.compile(
    r"\b(?:table|tel|phone|vat (?:no|id|reg)|nif|tax id|date|due|cashier|server|waiter|till|order|bill to|invoice to|customer|www|thank)\b",
    re.IGNORECASE,
)
STREET = re.compile(
    r"\b(?:rua|avenida|av\.|praça|street|st\.|road|rd\.|lane|avenue|square|straße|strasse|platz|weg)\b|stra(?:ß|ss)e\b|\b\d{4}-\d{3}\b|\b\d{5} [A-Z]",
    re.IGNORECASE,
)
TOTAL = re.compile(
    r"(?<!sub)(?<!sub[- ])\btotal\b|\b(?:amount due|to pay|balance due|grand total|a pagar|summe|gesamt(?:betrag)?|total a pagar)\b",
    re.IGNORECASE,
)
SUBTOTAL = re.compile(r"\bsub-?\s?total\b|\bnet\b|\bnetto\b", re.IGNORECASE)
TAX = re.compile(r"\b(?:vat|tax|iva|mwst|ust|gst)\b", re.IGNORECASE)
EXTRA = re.compile(
    r"\b(?:tip|gratuity|service(?: charge)?|shipping|delivery|postage|discount|rebate|desconto|rabatt|deposit|pfand|"
    r"vouchers?|coupons?|loyalty|promo\w*|multi-?buy|savings?|reductions?|cover charge|serviço|gorjeta|portes)\b",
    re.IGNORECASE,
)
CUTS = re.compile(
    r"\b(?:discounts?|rebate|desconto|rabatt|vouchers?|coupons?|loyalty|promo\w*|multi-?buy|savings?|reductions?|off)\b",
    re.IGNORECASE,
)
"""What is taken off, whichever sign it is printed with."""
CHANGE = re.compile(r"\bchange\b|\btroco\b|\brückgeld\b", re.IGNORECASE)
DUE = re.compile(
    r"\b(?:balance(?: due)?|amount (?:due|owed|outstanding)|(?:left|remaining|still|rest) to (?:be )?pa(?:y|id)|to pay|outstanding|remaining|"
    r"remainder|restante|a pagar|em falta|saldo|restbetrag)\b",
    re.IGNORECASE,
)
"""A line that says what is still to pay."""
PREPAID = re.compile(
    r"\b(?:deposit paid|paid deposit|deposit received|advance(?: payment)?|prepaid|pre-?payment|down ?payment|already paid|paid (?:in advance|already|so far|online)|less deposit|"
    r"part payment|instal+ment paid|sinal|adiantamento|anzahlung)\b",
    re.IGNORECASE,
)
"""A line that says what was paid before."""
LEFT = re.compile(
    r"\b(?:still|left|remain\w*|outstanding|balance|more)\b.{0,40}\b(?:pay|paid|owe|owed|owing|due)\b|\b(?:pay|owe|owed|owing|due)\b.{0,20}\b(?:still|left|remain\w*)\b"
    r"|\b(?:what|how much)(?:'s| is| was)? (?:the )?(?:still |left )?(?:outstanding|owing|balance|remaining)\b|\bstill (?:outstanding|owing|open)\b|\b(?:quanto|o que) (?:ainda )?(?:falta|resta)\b",
    re.IGNORECASE,
)
SAVED = re.compile(
    r"\b(?:save[ds]?|savings?|taken off|knocked off)\b(?! (?:it|this|that|them|as|to|the (?:list|items|table|receipt))\b)"
    r"|\bdiscounts?\b.*\b(?:total|altogether|in all|all)\b|\b(?:all|total|sum of) (?:the )?(?:discounts?|reductions)\b"
    r"|\b(?:without|before|excluding) (?:the |any |all )?(?:\w+ )?(?:discounts?|reductions?|vouchers?|coupons?|savings?)\b",
    re.IGNORECASE,
)
PAID = re.compile(
    r"\b(?:cash|card|visa|mastercard|maestro|debit|credit|paypal|mbway|multibanco|contactless|dinheiro|cartão|bar|karte|amex)\b",
    re.IGNORECASE,
)
CHECKS = re.compile(
    r"\b(?:total|sum|receipt|bill|invoice|it|this|calculation|maths?|arithmetic)\b.{0,30}\b(?:right|correct|add(?:s|ed)? up|wrong|match(?:es)?|true|ok)\b|\b(?:check|verify)\b.{0,30}\b(?:total|sum|receipt|bill|invoice|maths?|arithmetic)\b|\b(?:is|are) (?:there|they|we) .{0,20}\b(?:overcharged|mistake|error)\b",
    re.IGNORECASE,
)
MONEY_ASKED = re.compile(
    r"\b(?:owe|owed|owing)\b|\bhow much\b|\bprices?\b|\bcosts?\b|\bwhat did (?:i|we|he|she|they) (?:pay|spend)\b|\bpaid\b|\bpay\b|\bspen[dt]\b|\bamount\b|\btotal\b",
    re.IGNORECASE,
)
WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:date|day|time)\b|\bwhich (?:date|day)\b|\bdate\b|\bdated\b|\bissued\b|\bat what time\b|\bquando\b",
    re.IGNORECASE,
)
WHO = re.compile(
    r"\b(?:which|what) (?:shop|store|restaurant|caf[eé]|supermarket|company|business|place|pharmacy|firm|vendor|seller|supplier|merchant)\b|\bwho (?:issued|sent|wrote|is (?:it|this|the \w+) from|sold|made)\b|\bwhere\b|\bname of the (?:shop|store|restaurant|company|caf[eé]|place)\b|\bwhose\b",
    re.IGNORECASE,
)
LISTED = re.compile(
    r"\b(?:what|which) (?:items?|things|products|goods|articles|dishes|did (?:i|we|they|he|she) (?:buy|order|get|purchase|eat|have)|was (?:bought|ordered|purchased)|has been bought)\b|\b(?:list|name|show|give)\b.{0,20}\b(?:items?|products|things|lines|dishes|articles)\b|\bwhat(?:'s| is| are| was)? (?:there )?on (?:it|(?:the|this|my) (?:receipt|bill|invoice|menu|list))\b|\bwhat do they (?:sell|have|offer|serve)\b",
    re.IGNORECASE,
)
_THINGS = r"(?:(?:line )?items?|things?|products?|goods|articles?|dishes|purchases?|groceries|shopping|prices?)"
ITEMISED = re.compile(
    rf"\bitemi[sz]ed?\b|\b(?:each|every|all|single)(?: of)?(?: the)? {_THINGS}\b.*\b(?:costs?|prices?)\b|\b(?:costs?|prices?) of (?:each|every|all)\b"
    rf"|\b(?:list|name|show|give|write|table|extract|print)\b.{{0,30}}\b{_THINGS}(?![^\W\d_])"
    r"|\b(?:list|show|table|tell)\b.{0,20}\b(?:what|everything|all)\b.{0,12}\b(?:bought|purchased|ordered|paid for|got)\b"
    r"|\bwhat (?:did (?:i|we|he|she|they) (?:buy|order|get|purchase)|(?:have|has) (?:i|we|he|she|they) (?:bought|ordered|got|purchased)|(?:was|were|has been|got) (?:bought|ordered|purchased))\b"
    rf"|\b(?:what|which) {_THINGS} (?:(?:did|have|do) (?:i|we|he|she|they)|(?:was|were|are|is|have been)) ?(?:bought|buy|order|ordered|purchased?|get|got|listed|there|on)?\b",
    re.IGNORECASE,
)
SUMMED = re.compile(
    r"\btotal\b|\bsum\b|\btogether\b|\badd(?:ed|ing)?\b|\bin all\b|\bhow many\b|\bnumber of\b|\baverage\b|\bmost\b|\bleast\b|\w{3,}est\b|"
    r"\b(?:under|below|less|over|above|more|cheaper|dearer|except|excluding|without|at least|at most)\b|\bonly\b|\bcount\b|\bfirst\b|\blast\b|\btax\b|\bvat\b|\bdiscount\b",
    re.IGNORECASE,
)
"""What is asked of the items, or of some of them, and is no list."""
MANY = re.compile(r"\bhow many\b|\bnumber of (?:items|products|things|articles)\b", re.IGNORECASE)
EDGE = re.compile(
    r"\b(?:(second|third|2nd|3rd) )?(most expensive|dearest|priciest|costliest|highest|biggest|largest|cheapest|least expensive|lowest|smallest|best value)\b|\bcost(?:s|ed|ing)?(?: me| us)? (?:the )?(most|least)\b(?! of)|\b(most|least) (?:money )?(?:spent|cost)\b",
    re.IGNORECASE,
)
BOUND = re.compile(
    r"\b(under|below|less than|cheaper than|up to|at most|over|above|more than|dearer than|at least)\s*[$€£]?\s*(\d+(?:[.,]\d{1,2})?)",
    re.IGNORECASE,
)
HAD = re.compile(
    r"^\W*(?:did|do|does|is|are|was|were|have|has|can)\b.{0,30}?\b(?:buy|bought|have|order|sell|serve|offer|get|there|include|included|on (?:it|the))\b",
    re.IGNORECASE,
)
PAYING = re.compile(
    r"\b(?:how|what) (?:did|was|have) .{0,20}\b(?:pay|paid|payment)\b(?! (?:in|for|on|at)\b)|\bpa(?:y|id) (?:by|with|in) (?:cash|card)\b|\bcash or card\b|\b(?:did|was|have|has) (?:i|we|it|he|she|they|this)\b.{0,12}\b(?:pay|paid)\b.{0,12}\b(?:cash|card|contactless|debit|credit)\b|\bpayment method\b",
    re.IGNORECASE,
)
PART = re.compile(
    r"(\b\d+(?:[.,]\d+)? ?(?:%|per ?cent)|\bhalf|\ba (?:third|quarter)) of (?:the |this |its |my |our )?(?:[\w'’]+ )?(?:total|bill|receipt|sum|whole|invoice|amount)",
    re.IGNORECASE,
)
SHARED = re.compile(
    r"\b(?:per|a) (?:person|head|capita)\b|\bpor pessoa\b|\beach\b|\beverybody\b|\beveryone\b|\bapiece\b|\b(?:split|share[ds]?|divide[ds]?|sharing|dividir|dividido)\b",
    re.IGNORECASE,
)
SPENT = re.compile(
    r"\b(?:how much|what)\b.*\b(?:spen[dt]|paid?|pay|cost)\b(?: \w+)? (?:on|for) (?:the |my |our |all |this |these )*([^\W\d_]{3,})(?! (?:of us|people|persons|each))",
    re.IGNORECASE,
)
"""*How much did I spend on drinks*"""
PEOPLE = re.compile(
    r"\b(\d{1,2}) (?:people|persons|of us|friends|guests|colleagues|ways|pessoas|amigos)\b|\b(?:between|among|amongst|by|into|for|we are|we were|are|entre|por) (?:the )?(\d{1,2})\b(?! ?(?:%|euros?|dollars?|pounds?))",
    re.IGNORECASE,
)
"""Among how many a sum is shared."""
FEW = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}  # fmt: skip
LATE = re.compile(
    r"\b(?:due|pay(?:ment)? by|deadline|payable|(?:until|till|by|before) (?:when|(?:what|which) (?:date|day))|at the latest|when do (?:i|we) pay|when .{0,20}(?:have to|must|should|need to) .{0,12}pa(?:y|id))\b",
    re.IGNORECASE,
)
LATEST = re.compile(
    r"\bdue\b|\b(?:pay|paid|payment|payable) (?:\w+ )?(?:by|before|until|till|no later than)\b|\bpayable\b|\bdeadline\b|\bvencimento\b|\bpagar até\b|\bpagamento até\b|\bdata limite\b|fällig",
    re.IGNORECASE,
)
"""What stands before the last day of a payment."""
OWED = re.compile(
    r"\bow(?:e|ed|ing)\b|\bto pay\b|\b(?:must|should|do|will) (?:i|we) pay\b|\bis due\b",
    re.IGNORECASE,
)
NOT_NAMES = frozenset(
    "owe owed owing much many price prices cost costs costed costing pay paid spend spent item items receipt bill invoice menu total "
    "sum amount euro euros eur dollar dollars pound pounds money one ones thing things product products buy bought order "
    "ordered altogether together many did was were what which list number line lines shop store restaurant get got each "
    "it this that them these those everything single per unit piece picture photo image text scan alone only just please tell thanks charged charge".split()
)
WHOLE = frozenset(
    stem(each)
    for each in "total due whole final grand overall everything meal food dinner lunch breakfast shopping groceries purchase there "
    "here night today card cash visit all".split()
)
"""What the whole of a slip may be called."""
GOODS = tuple(
    frozenset(stem(each) for each in ring.split())
    for ring in (
        "coffee espresso café cafe bica kaffee", "bread pão pao brot", "milk leite milch", "cheese queijo käse", "water água agua wasser",
        "beer cerveja bier", "wine vinho wein", "rice arroz reis", "apple maçã maca apfel äpfel", "egg ovo eier", "meat carne fleisch",
        "fish peixe fisch", "chicken frango hähnchen", "butter manteiga", "sugar açúcar acucar zucker", "tomato tomate", "potato batata kartoffel",
        "orange laranja", "juice sumo suco saft", "soup sopa suppe", "ham fiambre presunto schinken", "cake bolo kuchen", "tea chá cha tee",
        "salad salada salat", "yogurt yoghurt iogurte joghurt", "salt sal salz", "oil azeite öl", "sandwich sandes tosta", "vitamin vitamina",
        "dessert sobremesa", "fries batatas chips pommes", "pear pera birne", "banana bananen", "fruit fruta obst", "pastry pastel nata",
        "paper papel papier", "pencil lápis lapis", "book livro buch", "soap sabonete seife", "bag saco tüte",
    )
)  # fmt: skip
"""Goods in the languages of receipts."""
ISSUED = re.compile(r"\b(?:issued|dated?|ausgestellt|emitid[ao])\b", re.IGNORECASE)
SORTS = {
    frozenset(stem(each) for each in sort.split()): frozenset(stem(each) for each in ring.split())
    for sort, ring in (
        ("drink beverage", "coffee café cafe espresso cappuccino latte tea chá milk water água agua beer cerveja wine vinho juice sumo lemonade cola coke soda galão prosecco gin whisky cider mocha smoothie"),
        ("dessert sweet cake", "cake bolo pie cheesecake tart brownie pudding mousse tiramisu gelado pastel muffin cookie"),
        ("pastry", "pastel croissant nata muffin bun tart donut"),
        ("fruit", "apple maçã banana orange laranja pear pera grape uva lemon limão melon melão strawberry morango kiwi mango"),
        ("vegetable veg", "carrot cenoura potato batata onion cebola tomato tomate lettuce alface cucumber pepino pepper pimento cabbage couve garlic alho"),
        ("dairy", "milk leite cheese queijo butter manteiga yogurt iogurte cream nata"),
        ("meat", "beef vaca pork porco chicken frango ham fiambre bacon sausage salsicha steak bife lamb turkey peru burger"),
        ("fish seafood", "salmon salmão tuna atum cod bacalhau prawn shrimp camarão sardine sardinha trout hake"),
    )
}  # fmt: skip
"""Sorts of goods, and what is one."""
