"""What is asked of a text: whether a fact is, of what kind, and which pieces of the text state facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from .numerals import digits
from .sentences import sentences

_TIMES = (
    r"(?i)\b(?:\d{1,2}|half|quarter|twenty|ten|five) (?:minutes )?past (?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b|\b\d{1,2}:\d{2}|\b(?:1[5-9]|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}\b|\d ?[ap]\.?m\b|\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|january|february|march|april|"
    r"may|june|july|august|september|october|november|december|morning|noon|evening|night|week|month|"
    r"year|day|hour|minute|tomorrow|today|segunda|terça|quarta|quinta|sexta|sábado|domingo|janeiro|fevereiro|"
    r"março|abril|maio|junho|julho|agosto|setembro|outubro|novembro|dezembro|dia|hora|semana|mês)s?\b"
)
_CLOCK = r"(?i)\b(?:\d{1,2}|half|quarter|twenty|ten|five) (?:minutes )?(?:past|to) (?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?! (?:people|persons|of|years|times))|\b\d{1,2}(?::\d{2}|h\d{0,2}| ?[ap]\.?m\b| o.clock| horas)"
COUNTS = re.compile(
    r"(?i)\d|[$€£]|\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve|dozen|hundred|thousand|one|both|none|no|dois|duas|três|quatro|cinco|seis|sete|oito|nove|dez|um|uma)\b"
)
_MONEY = (
    r"(?i)[$€£]\s?\d|\d[\d.,]*\s?(?:[$€£]|euros?|eur|pounds?|gbp|dollars?|usd|reais|cents?|pence)\b|(?<![\w.,])\d{1,3}p\b(?!\.m)"
    r"|\b\d+[.,]\d{2}\b(?!\s?%)|\b(?:pays?|costs?|fee of|price of|rent of|fine of) (?:only |just |about )?\d+(?:[.,]\d+)?\b(?! ?(?:people|persons|days?|weeks?|%))"
)
_NAMES = (
    r"(?<![.!?:\"“] )(?<!^)\b(?!(?:January|February|March|April|May|June|July|August|September|October|"
    r"November|December|I)\b)[A-ZÀ-Ý][\w'’-]+"
)
_PHONE = (
    r"(?<![\w.,/-])\+?(?:\(?\d{2,5}\)?[ -]){1,4}\d{2,5}(?![\w/-])|(?<![\d-])\+?\d{9,13}(?![\d-])"
)
_PLACE = (
    r"\b(?:in|at|on|near|behind|under|from|to|em|na|no|à|ao) (?:the |our |o |a )?[A-ZÀ-Ý]|\b(?:Street|Road|Row|Lane|Rua|Avenida|Avenue)\b"
    r"|\b(?:in|at|to|from|behind|opposite|near|outside|inside|beside|next to|under|on|no|na|ao|à) (?:the |our |a |o |my |your )?(?:[a-z]+ ){0,2}(?:hall|school|church|room|house|home|station|park|garden|kitchen|office|"
    r"library|square|centre|center|shop|supermarket|market|yard|cellar|attic|drawer|cupboard|shelf|desk|door|gate|entrance|staircase|lift|bar|street|pub|gym|pool|field|beach|hospital|museum|theatre|escola|igreja|sala|salão|jardim|cave|garagem|portão|armário|estação)s?\b"
)


@dataclass(frozen=True)
class Kind:
    """A kind of answer."""

    asked: str
    """What the question says, in lower case."""
    form: str
    """What an answer has in it."""
    weight: float = 0.25
    """What a sentence that has it gains."""
    alone: float = 0.0
    """The score of the one sentence of a text that has such an answer, at least."""

    def fits(self, sentence: str) -> bool:
        """Say whether a sentence has such an answer in it."""
        return bool(re.search(self.form, sentence))


_KINDS = (
    Kind(r"\b(?:phone|telephone|mobile|telefone|telemóvel)\b|\bnumber\b.*\b(?:call|ring|dial)\b|"
         r"\bnumber (?:do|should|can) (?:i|we) (?:call|ring|dial)\b", _PHONE, 0.4, alone=0.85),
    Kind(r"\be-?mail(?: address)?\b|\bmail address\b|\bendereço eletrónico\b", r"\w@\w", 0.3, alone=0.6),
    Kind(r"\b(?:website|web ?site|url|web address|link)\b", r"https?://|\bwww\.", 0.4, alone=0.85),
    Kind(r"\bwho(?:se|m)?\b|\bquem\b", _NAMES),
    Kind(r"\bwhom?\b.*\b(?:call|contact|phone|ring|ask|talk|speak|turn)\b|\b(?:a |com )?quem .*\b(?:ligar|falar|contactar|perguntar)\b",
         r"(?:[Cc]ontact|[Cc]all|[Rr]ing|[Pp]hone|[Aa]sk|[Ss]peak|[Tt]alk|[Tt]ell|[Cc]ontacte|[Ll]igue|[Ff]ale)\b.*(?:[A-ZÀ-Ý]|\d{3})", 0.3),
    Kind(r"\bwhat time\b|\ba que horas?\b", _CLOCK, 0.35),
    Kind(r"\bwhen\b|\bwhat (?:time|day|date|year)\b|\bhow (?:long|often)\b|\b(?:until|by) when\b|\bquando\b|"
         r"\bque (?:dia|horas?)\b|\bem que (?:dia|data)\b", _TIMES),
    Kind(r"\bhow much (?:is|are|does|did|do|was|were|will|would|can|must|should)\b|\bprices?\b|\bcosts?\b|\bpay\b|"
         r"\bquanto (?:custa|é|pag|vale|(?:tenho|temos|tem) (?:de|que) pagar)|\bpreço\b|\bcusto\b", _MONEY, 0.3, alone=0.5),
    Kind(r"\bhow (?:much|many|old|far|tall|big|large|high|heavy|often|long|wide)\b|\bquant[oa]s?\b", COUNTS.pattern),
    Kind(r"\bwhat (?:price|cost|amount|number|weight|height|length|size)\b|\bwhat did .* cost\b", COUNTS.pattern),
    Kind(r"\b(?:what|which|how hot|how warm|how cold)\b.*\b(?:temperatures?|degrees|hot|warm|cold)\b|\bhow (?:hot|warm|cold)\b|\btemperatura\b|\bquantos graus\b",
         r"(?i)\d\s?(?:°|º|degrees|graus|celsius)|\bgas mark \d", 0.4, alone=0.7),
    Kind(r"\bhow (?:far|long|much|early|soon) (?:ahead|in advance|before(?:hand)?)\b|\bhow early\b",
         r"(?i)\b(?:\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few) (?:\w+ )?(?:minutes?|hours?|days?|weeks?|months?|years?) (?:ahead|in advance|before|beforehand|earlier)\b", 0.5, alone=0.8),
    Kind(r"\bhow old\b|\bwhat age\b|\bque idade\b|\bquantos anos\b",
         r"(?i)\b(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?)[ -](?:years?[ -]old|anos)\b|\b(?:turned|turns|turning|turn|aged?|children|kids|crianças|fez|faz) (?:of |from |dos )?(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)\b", 0.3, alone=0.7),
    Kind(r"\bhow heavy\b|\bweighs?\b|\bweight\b|\bpesa\b|\bpeso\b",
         r"(?i)\d\s?(?:kg|g|grams?|kilos?|lbs?|pounds|tonnes?|oz)\b", 0.3, alone=0.6),
    Kind(r"\bhow many (?:people|persons|servings|portions|guests)\b|\bquantas pessoas\b",
         r"(?i)\bserves? \d|\b\d+ (?:people|persons|servings|portions|guests|pessoas|names|members)\b|\bpara \d+\b", 0.3, alone=0.6),
    Kind(r"\bopening (?:hours|times)\b|\b(?:when|how long|(?:until|till|to) when) (?:is|are|does|do|will|can) .*\bopen\b|\bhorário\b",
         r"(?i)\b\d{1,2}(?:[:.]\d{2}|h(?:\d{2})?)? ?(?:to|until|till|às|até|a) \d{1,2}(?:[:.]\d{2}|h\d{0,2}\b)|\b(?:from|between|das|de|entre) (?:\w+ ){1,4}?(?:to|and|until|till|às|até|e) (?:\d|noon|midnight|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)|\d ?[-–] ?\d{1,2}(?:[:.]\d{2})?\b|\bopen\b.*\d", 0.3, alone=0.7),
    Kind(r"\bfrom when\b|\b(?:until|till|to) when\b|\bwhat hours\b|\bopening (?:hours|times)\b|\bque horas .*até\b|\bhorário\b",
         r"(?i)\b(?:from|between|das|de|entre)\b.{3,30}\b(?:to|and|until|till|às|até|e)\b|\d ?[-–] ?\d", 0.3),
    Kind(r"\bwhich (?:room|flat|platform|gate|seat|page|floor|number)\b|\b(?:what|que|qual) (?:o )?(?:room|quarto|sala|andar|página|número)\b", r"(?i)\b(?:room|flat|platform|gate|seat|page|number|quarto|sala|página|número|plataforma) (?:number |n\.º )?\d+", 0.3, alone=0.65),
    Kind(r"\bwhich (?:streets?|roads?)\b|\bque ruas?\b", r"\b(?:Street|Road|Lane|Avenue|Rua|Avenida)\b", 0.3, alone=0.6),
    Kind(r"\b(?:postponed|put off|adjourned|deferred|adiad[oa])\b",
         r"(?i)\b(?:postponed|put off|adjourned|deferred|adiad[oa])\b", 0.3, alone=0.7),
    Kind(r"\bwhere\b|\bonde\b", _PLACE),
    Kind(r"\bwhy\b|\bporqu[eê]\b|\bpor que\b",
         r"(?i)\b(?:because|since|so that|due to|in order to|porque|pois|devido|já que)\b", 0.3),
)  # fmt: skip
_QUESTION = re.compile(
    r"^\W*(?:(?:and|so|but|please|tell me|can you tell me|do you know|i want to know|e|diz-me|diga-me)\W+)*"
    r"(?:who|whose|whom|what|which|when|where|why|how|is|are|was|were|do|does|did|has|have|can|will|should|may|must|shall|am|whom|could (?!you)|would (?!you)|"
    r"(?:by|until|since|from|at|to|with|in|on|for|of|under|after|before|during|about|through) (?:when|what|which|whom|whose|where)|quem|qual|quais|quando|onde|quant[oa]s?|como|"
    r"porqu[eê]|por que|(?:a|o|em|de|para) (?:que|quem|qual))\b",
    re.IGNORECASE,
)
_TASK = re.compile(
    r"\b(?:write|rewrite|rephrase|draft|compose|translate|reply|respond|improve|correct|shorten|simplif\w+|"
    r"paraphrase|summari[sz]e|summary|explain|think|feel|opinion|suggest|recommend|sound|tone|mean)\b",
    re.IGNORECASE,
)
_FEW = 4
_SAID = re.compile(
    r"\b(?:hi|hello|hey|thanks?|thank you|ok|okay|please|yes|no|olá|obrigad[oa]|shorter|longer|more|less|again|make|give|list|show|read|put|turn|say|add|count|gist|tl;?dr|english|portuguese)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\b(?:how many|quant[oa]s)(?: (?:new|other|more|old|different))? ([^\W\d_]{3,})", re.IGNORECASE
)
_PERSONS = frozenset({"people", "persons", "person"})
_FIELD = re.compile(r"\s*(?:[-*•] )?[^\W\d_][\w ./()'-]{0,40}?\s*(?::|\|)\s*\S")
_RULE = re.compile(r"[\s|:+=-]+")
_NAMED = 40
"""Characters that the name of a line has at most."""


def asks_of_text(question: str) -> bool:
    """Say whether something is asked that a text states, or does not: a fact, no piece of writing."""
    if asks_for_list(question):
        return True
    asked = bool(_QUESTION.match(question)) or question.rstrip().endswith("?")
    return asked and not _TASK.search(question)


def asks_for_list(request: str) -> bool:
    """Say whether a list is wanted that a text has the lines of: *make me a to-do list*."""
    return bool(_LIST.match(request))


_LIST = re.compile(
    r"(?i)^\W*(?:(?:please|pls|can you|could you|and|now|then)\W+)*(?:read (?:it|this|the [\w-]+),? (?:and|then) )?(?:(?:make|write|give|prepare|create|list|show|turn (?:it|this|the [\w-]+) into|get) )?(?:me |us )?(?:out )?(?:a |the |my |our |all (?:the )?)?(?:short )?"
    r"(?:(?:to-?do|task|shopping|packing|check|action)[ -]?(?:list|items?|points?)|to-?dos|tasks|ingredients|action items)(?: (?:from|of|out of|in|for|with|to|needed|as) .*)?\W*$"
    r"|^\W*(?:please )?(?:list|name) (?:all )?(?:his|her|their|the) (?:complaints?|problems?|demands?|wishes|questions?|requests?)\W*$"
    r"|^\W*(?:(?:please|can you|could you|and|now|then)\W+)*(?:list|name) (?:what|who|which|when|where|everything (?:that )?(?:i|we)|all (?:that )?(?:i|we))\b"
)


def names_a_thing(message: str, text: str) -> bool:
    """Say whether a message of few words only names what of a text it asks for: *opening times*."""
    said = message.lower().split()
    if len(said) > _FEW or _TASK.search(message) or _SAID.search(message):
        return False
    return (
        bool(wanted(message))
        or said[0] == "what"
        or any(each.strip(".,!") in text.lower() for each in said if len(each) > 3)
    )


def wanted(question: str) -> list[Kind]:
    """Return the kinds of answer that a question asks for."""
    return [each for each in _KINDS if re.search(each.asked, question.lower())]


def only_number(question: str, told: Sequence[str]) -> str:
    """Return the one sentence with a number right before what is counted; empty where several have.

    *We cook for 40 people* is what a text says of *how many people*, whatever they are to do.

    Args:
        question: *how many people will eat*.
        told: The sentences of a text.
    """
    asked = _HOW_MANY.search(question)
    if asked is None:
        return ""
    noun = asked[1].lower()
    root = re.escape(re.sub(r"ies$|s$", "", noun)) if len(noun) > len("bus") else re.escape(noun)
    forms = "|".join(sorted(_PERSONS)) if noun in _PERSONS else rf"{root}(?:y|ies|e?s)?"
    counted = re.compile(rf"(?<![\w.,:])\d[\d.,]* (?:{forms})\b", re.IGNORECASE)
    having = [each for each in told if counted.search(digits(each))]
    once = len(having) == 1 and len(counted.findall(digits(having[0]))) == 1
    return having[0] if once else ""


def statements(text: str) -> list[str]:
    """Return the sentences of a text, and each line that names what it says by itself.

    *Phone: …* and a row of a table are lines of their own; a row is given with the names of its
    columns where a question could not be answered without them.
    """
    found: list[str] = []
    prose: list[str] = []
    header: list[str] = []
    for line in text.splitlines():
        cells = [each.strip() for each in line.strip().strip("|").split("|")]
        if len(cells) > 1:
            found += sentences("\n".join(prose))
            prose.clear()
            if _RULE.fullmatch(line):
                continue
            if not header:
                header = cells
                continue
            found.append(_row(header, cells))
        elif _FIELD.match(line) and not line.rstrip().endswith(","):
            found += sentences("\n".join(prose))
            prose.clear()
            found += sentences(line)
            header = []
        else:
            prose.append(line)
            header = header if not line.strip() and header else []
    return [*found, *sentences("\n".join(prose))]


def field(statement: str) -> str:
    """Return what a line says that it names: *Deposit*, in *Deposit: 900 euros*."""
    name, colon, _ = statement.partition(": ")
    return name.strip("-*• ") if colon and len(name) <= _NAMED else ""


def _row(header: list[str], cells: list[str]) -> str:
    if len(header) != len(cells):
        return " | ".join(cells)
    first, *rest = [
        f"{name}: {cell}" if at else cell
        for at, (name, cell) in enumerate(zip(header, cells, strict=True))
        if cell
    ] or [""]
    return f"{first} – {', '.join(rest)}" if rest else first
