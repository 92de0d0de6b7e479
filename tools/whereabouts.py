"""When and where, as posters, notices and people say it: hours, addresses, halls, and who is on stage.

A small network knows *10:30* and *Lisbon*. It takes the *Harbour Club* for a person and *Pier Street 7*
for a company, and does not hear *half past seven*, *at 5* or *às 20h*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .names import is_given

Found = tuple[int, int, str]

_HOUR = r"(?:[01]?\d|2[0-4])"
_NUMBER = r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_PART = r"(?: in the (?:morning|afternoon|evening)| at night| da (?:manhã|tarde|noite))"
_TO = r"(?:at|by|until|till|before|after|from|to|since|around|about|between|and|or|às|as|à|das|até às|pelas|ao|para as|-|–)"
_CLOCK = re.compile(
    rf"(?i)\b(?:half past|(?:a )?quarter (?:past|to)|(?:five|ten|twenty|twenty-five) (?:minutes )?(?:past|to)) (?:{_NUMBER}|{_HOUR})\b{_PART}?"
    rf"|\b{_NUMBER} o['’]clock\b{_PART}?|\b(?:noon|midday|midnight|meio-dia|meia-noite)\b"
    rf"|(?<![\d.,:]){_HOUR}(?:[.:][0-5]\d)?{_PART}\b"
    rf"|\bbetween {_HOUR}(?:[.:][0-5]\d)? and {_HOUR}(?:[.:][0-5]\d)?{_PART}\b"
)
_AT = re.compile(
    rf"(?i)(?:\b{_TO} |(?<=\d)[-–])(?P<time>{_HOUR}h(?:[0-5]\d)?|{_HOUR}\.[0-5]\d|(?<=at )(?:0[5-9]|1\d|2[0-3])[0-5]\d)"
    r"(?![\d.,:]\d|\w|\s?(?:%|[€$£]|(?:euros?|dollars?|pounds|cents|per ?cent|m|km|kg|g|metres?|meters?|kilos?|litres?|points?|times|million|years?|people|percent)\b))"
)
_BARE = re.compile(
    rf"(?i)\b(?:at|by|until|till|from|before|after|is at|to|às|as) (?P<time>{_HOUR})(?=\s*(?:[.,;!?)\n]|$|(?:and|or|on|in|to|until|sharp|today|tomorrow|tonight|because|instead|with|for|every|e|até|das|de|no|na)\b))"
    r"(?![.,]\d)"
)
_ON_CLOCK = re.compile(
    r"(?i)\b(?:starts?|begins?|opens?|closes?|closed|open|leaves?|arriv\w+|ends?|meet\w*|come|comes|kick-?off|check-?in|check-?out|breakfast|lunch|dinner|doors?|train|bus|sound-?check|rehearsal|lesson|class|"
    r"appointment|show|film|game|match|concert|party|noon|morning|evening|afternoon|tonight|pick|ready|free|waits?|waiting|until|till|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|o['’]clock|abre|fecha|começa|sai|parte|chega|termina|aberto|horas)\b"
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:[.!?](?=\d)[^.!?\n]*)*")
_WORD = (
    r"(?:(?!(?:In|The|At|On|For|And|With|To|From|Of) )[A-ZÀ-Ý][\w'’-]*|St\.|\d{1,3}(?:st|nd|rd|th))"
)
_STREET = r"(?:Street|Road|Lane|Avenue|Square|Drive|Way|Close|Court|Hill|Row|Terrace|Crescent|Boulevard|Walk|Quay|Embankment|Alley|Mews|STREET|ROAD|LANE|AVENUE|SQUARE)"
_RUA = r"(?:Rua|R\.|Avenida|Av\.|Travessa|Praça|Largo|Estrada|Alameda|Calçada|Beco|Praceta|RUA|AVENIDA|PRAÇA|LARGO|Rue|Calle|Via|Plaza|Piazza)"
_ADDRESS = re.compile(
    rf"(?<![\w.])\d{{1,4}}[A-Za-z]?,? (?:{_WORD} ){{1,3}}{_STREET}\b"
    rf"|\b(?:{_WORD} ){{1,3}}{_STREET},? (?:no\. ?)?\d{{1,4}}[A-Za-z]?\b(?![.,:]?\d| (?:euros?|people|am|pm)\b)"
    rf"|(?<!\w){_RUA} (?:(?:d[aeo]s?|de la|del) )?{_WORD}(?: (?:(?:d[aeo]s?|e) )?{_WORD}){{0,4}},? (?:n\.?º ?)?\d{{1,4}}(?:-?[A-Z])?\b(?![.,:]\d)"
    r"|\b[A-ZÄÖÜ][\wäöüß-]*(?:str\.|straße|strasse|weg|platz|gasse|allee) ?\d{1,4}[a-z]?\b"
)
_PLAIN = (
    rf"(?:{_STREET[3:-1].replace('Court|', '').replace('Close|', '').replace('Way|', '').replace('Drive|', '')}|Hall|Theatre|Theater|Church|Chapel|Cathedral|Park|Station|Stadium|Arena|Castle|Bridge|Beach|Harbour|Pier|"
    r"Pavilion|Barn|Lighthouse|Zoo|Playground|Cemetery|Tower|Airport|Gardens?|Mill|Farm|Valley|Forest|Lake)"
)
_HOUSE = r"(?:Club|School|Museum|Library|Gallery|Inn|Pub|Tavern|Bar|Café|Cafe|Restaurant|Hotel|Hostel|House|Centre|Center|Hospital|University|College|Cellar|Pool|Market)"
_SPOT = re.compile(
    rf"\b(?:{_WORD} ){{1,3}}(?:{_PLAIN}|{_HOUSE})\b(?! (?:Ltd|Limited|Inc|GmbH|Lda|Committee|Association|Club|Services|Company|Board|Band|Choir|{_WORD}))"
)
_IN_PLACE = re.compile(
    r"(?i)(?:\b(?:at|in|near|to|from|outside|behind|opposite|inside|into|towards|by|of|next to|visit\w*|beside)(?: the| our)? |:\s*|^\W*|\n\W*|,\s*)$"
)
_WITHIN = re.compile(r"(?i)\b(?:at|in|near|outside|behind|opposite|inside|beside)(?: the)? $")
_SOCIETY = re.compile(
    r"\b(?:Cycling|Football|Chess|Tennis|Book|Rotary|Sports?|Swimming|Rowing|Golf|Photo|Youth|Running|Riding|Sailing|Drama|Film|Lions|Ski|Gymnastics|Walking|Gardening|Bridge) Club\b"
)
_TIMELY = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:January|February|March|April|May|June|July|August|September|October|November|December|Dear|Hi|Hello|From|To|At|In|The|On|Our|My|Your|Please|See|Visit|Welcome|And|For)\b"
)
_ON_STAGE = re.compile(
    r"(?i)\b(?:live|concerts?|bands?|gigs?|tour|tickets?|doors? open|music|jazz|blues|rock|folk|swing|choir|orchestra|on stage|sings?|singing|performs?|plays with|festival|concertos?|bandas?|bilhetes|ao vivo|música)\b"
)
_NO_BAND = re.compile(
    r"(?i)\b(?:concerts?|night|festival|fair|market|party|show|live|tour|opening|summer|winter|spring|autumn|tickets?|doors?|free|entry|entrance|open|welcome|sale|music|jazz|dance|school|club|hall|church|charity|evening|"
    r"street|road|square|saturday|sunday|monday|tuesday|wednesday|thursday|friday|info|adults?|children|concerto|festa|feira|noite|bilhetes|entrada|sábado|domingo|programme|program|menu|notice|band night|open air|mill|house|inn|bar|park)\b"
)
_BAND = re.compile(
    r"(?m)(?:\b(?:with|by|and|featuring|feat\.|bands?|presents?)[ \t:]+|&[ \t]*|:[ \t]*|^[ \t]*)"
    r"(?P<name>(?:The|THE|Os|As|OS|AS) [A-ZÀ-Ý][\w'’-]+(?: (?:of |d[aeo]s? )?[A-ZÀ-Ý][\w'’-]+){0,2})(?=[ \t]*(?:$|,|\.| and\b| &| \())"
)
_OF_BAND = re.compile(
    r"\b(?:[Cc]oncerto|[Bb]anda|[Mm]úsica|[Gg]rupo|[Bb]and|[Cc]hoir) (?:d[aeo]s? |com (?:[oa]s? )?|called )?(?P<name>[A-ZÀ-Ý][\w'’-]+(?: (?:d[aeo]s? |of (?:the )?)?[A-ZÀ-Ý][\w'’-]+){0,3})"
)
_ENSEMBLE = re.compile(
    rf"\b(?:{_WORD} ){{1,3}}(?:Trio|Quartet|Quintet|Orchestra|Band|Choir|Ensemble|Brothers|Sisters|Philharmonic|Collective|Duo|Singers|Players)\b"
)
_TITLED = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof)\.?(?:\s|$)[^\s]{0,5}$")
_EVENT = re.compile(
    r"(?i)\b(?:concert|festival|fair|night|market|party|show|tournament|race|marathon|exhibition|conference|workshop|ball|parade|sale|feira|festa|concerto)$"
)


_VISITED = re.compile(
    rf"\b{_HOUSE}$|^(?:Centro|Igreja|Biblioteca|Museu|Clínica|Colégio|Creche|Mercado|Supermercado|Padaria|Queijaria|Livraria|Oficina|Loja|Drogaria|Escola|Hospital|Hotel|Restaurante|Café|Farmácia|Teatro|Cinema|"
    r"Universidade|Tribunal|Câmara|Junta)\b"
)


def hours(text: str) -> Iterator[Found]:
    """Iterate over times of the day that are no *10:30* and no *10 am*: where each stands."""
    for each in _CLOCK.finditer(text):
        yield each.start(), each.end(), "time"
    for each in _AT.finditer(text):
        yield each.start("time"), each.end("time"), "time"
    for sentence in _SENTENCE.finditer(text):
        if sentence.group() and _ON_CLOCK.search(sentence.group()):
            for each in _BARE.finditer(text, sentence.start(), min(len(text), sentence.end() + 1)):
                yield each.start("time"), each.end("time"), "time"


def spots(text: str) -> Iterator[Found]:
    """Iterate over addresses, and places that their last word tells: *Town Hall*, *Victoria Park*."""
    for each in _ADDRESS.finditer(text):
        yield each.start(), each.end(), "address"
    for each in _SPOT.finditer(text):
        start, name = each.start(), each.group()
        while (first := name.split(" ", 1)) and len(first) == 2 and _TIMELY.match(first[0]):
            start, name = start + len(first[0]) + 1, first[1]
        before = text[max(0, start - 20) : start]
        called = is_given(name.split()[0]) and not _WITHIN.search(before)  # *Anna Park*, a person
        if " " not in name or called or _TITLED.search(f"{before}{name[:5]}"):
            continue
        if _SOCIETY.search(name):
            yield start, each.end(), "organisation"
        elif re.search(rf"{_PLAIN}$", name) or _IN_PLACE.search(before):
            yield start, each.end(), "place"


def bands(text: str) -> Iterator[Found]:
    """Iterate over who is on stage, on what announces music: *THE CELLAR CATS*."""
    if not _ON_STAGE.search(text):
        return
    for each in _BAND.finditer(text):
        if not _NO_BAND.search(each["name"]):
            yield each.start("name"), each.end("name"), "band"
    for each in _ENSEMBLE.finditer(text):
        yield each.start(), each.end(), "band"
    for each in _OF_BAND.finditer(text):
        if not _NO_BAND.search(each["name"]) and not is_given(each["name"].split()[0]):
            yield each.start("name"), each.end("name"), "band"


def is_house(name: str) -> bool:
    """Say whether an organisation is a place to go to as well: a school, a clinic, a café."""
    return bool(_VISITED.search(name))


def is_event(name: str) -> bool:
    """Say whether a name is that of something which takes place: *SUMMER CONCERT*."""
    return bool(_EVENT.search(name)) and " " in name.strip()


def is_spot(name: str) -> bool:
    """Say whether the last word of a name says that it is a place."""
    return bool(_ADDRESS.fullmatch(name) or _SPOT.fullmatch(name)) and not _SOCIETY.search(name)


__all__ = ("bands", "hours", "is_event", "is_house", "is_spot", "spots")
