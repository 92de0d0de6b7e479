"""The phrases that ``phrases`` puts together: what may be wished of a file, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass

TEXTS = {
    "text": "{0}",
    "image": "read_text({0})",
    "audio": "transcribe({0})",
    "video": "transcribe_video({0})",
    "any": "read_pdf({0})",
}
"""How the words of a file are had."""


@dataclass(frozen=True)
class Wording:
    """One thing that may be wished for, as a noun and as a verb."""

    key: str
    gold: str
    nouns: tuple[str, ...]
    verbs: tuple[str, ...]


def _wish(key: str, gold: str, nouns: str, verbs: str) -> Wording:
    return Wording(key, gold, tuple(nouns.split("|")), tuple(verbs.split("|")))


OF_TEXTS = (
    _wish(
        "title",
        "write_title({0})",
        "a title|title|a heading|heading|a headline|headline|what to call {it}|a name for {it}|"
        "a subject line|a line to put on top|name|a fitting title",
        "give {it} a title|put a heading on {it}|think of a headline for {it}|name {it}|"
        "say what to call {it}",
    ),
    _wish(
        "mood",
        "sentiment({0})",
        "mood|tone|the mood|the tone of {it}|whether {it} sounds friendly or angry|"
        "positive or negative?|how {it} comes across|the feeling of {it}|is it cheerful or gloomy|"
        "friendly or hostile|sentiment|how upset {it} sounds|good or bad news?|cross or pleased?",
        "judge the mood of {it}|tell me if {it} sounds positive or negative|"
        "check the tone of {it}|say whether {it} is friendly",
    ),
    _wish(
        "sum",
        "summarize({0})",
        "a summary|summary|the gist|gist|main points|the key points|short version|the essentials|"
        "a digest|what {it} boils down to|the long and short of {it}|a condensed version|in brief|"
        "an excerpt|the upshot",
        "summarise {it}|boil {it} down|shorten {it}|condense {it}|sum up {it}|"
        "give me the gist of {it}",
    ),
    _wish(
        "sentences",
        "summarize({0}, {n})",
        "{number} key sentence{s}|the {number} main sentence{s}|{number} sentence{s} of it|"
        "a summary in {number} sentence{s}|{it} in {number} sentence{s}|{n}-sentence summary",
        "boil {it} down to {number} sentence{s}|cut {it} to {n} sentence{s}|"
        "reduce {it} to {number} sentence{s}",
    ),
    _wish(
        "pt",
        "translate({0}, pt)",
        "Portuguese version|a Portuguese version|Portuguese|pt|the Portuguese of {it}|"
        "{it} in Portuguese|in Portuguese|-> pt|{it} for the Brazilian colleagues in their language",
        "translate {it} to Portuguese|put {it} into Portuguese|turn {it} into Portuguese",
    ),
    _wish(
        "en",
        "translate({0}, en)",
        "English version|an English version|{it} in English|en|the English of {it}|"
        "what {it} means in English|English",
        "translate {it} to English|put {it} into English|english {it}",
    ),
    _wish(
        "names",
        "find_entities({0})",
        "names and dates|who and where|people, places, dates|the names in {it}|who is mentioned|"
        "who occurs in {it}|names + organisations|persons and places|who, where, when|"
        "all names & dates|the people and companies in {it}",
        "list the names in {it}|pull out people and places from {it}|pick out who is named in {it}|"
        "extract names and dates",
    ),
    _wish(
        "language",
        "identify_language({0})",
        "language|which language|the language of {it}|what language {it} is in|"
        "English or Portuguese?",
        "tell me the language of {it}|identify the language",
    ),
    _wish(
        "say",
        "speak({0})",
        "read aloud|audio|{it} as audio|a spoken version|spoken|an audio version of {it}|"
        "{it} out loud|{it} as a sound file|voice|to listen to",
        "read {it} aloud|read {it} out|say {it} out loud|speak {it}|let me hear {it}|"
        "record {it} for me",
    ),
    _wish(
        "saypt",
        "speak(translate({0}, pt))",
        "Portuguese audio|{it} spoken in Portuguese|pt audio|{it} aloud in Portuguese|"
        "a Portuguese recording of {it}",
        "read {it} aloud in Portuguese|let me hear {it} in Portuguese|say {it} in Portuguese",
    ),
)
"""What may be wished of words."""

OF_FILES = {
    "image": (
        _wish(
            "text",
            "read_text({0})",
            "the text|text|what it says|the words on it|typed out|the wording|"
            "what is written there|OCR",
            "read {it}|type {it} off|read off what it says|get the text out of {it}",
        ),
        _wish(
            "description",
            "describe_image({0})",
            "a description|alt text|description|what {it} shows|what's in the picture|"
            "what there is to be seen|caption for the blind",
            "describe {it}|tell me what {it} shows|write alt text for {it}",
        ),
        _wish(
            "objects",
            "detect_objects({0})",
            "where everything is|boxes around the things|the objects with their places|"
            "positions of the objects|which things lie where",
            "locate the objects|mark the things in {it}|find all objects",
        ),
        _wish(
            "count",
            "count_objects({0}, {thing})",
            "number of {things}|how many {things}|{things} count|the {things} counted|"
            "head count of {things}",
            "count the {things}|tell me how many {things} there are",
        ),
        _wish(
            "total",
            "calculate(read_text({0}))",
            "total|the total|the sum of the amounts|what it adds up to|the amounts together|"
            "sum total|grand total",
            "add up the prices|add the amounts|total it up|sum up the prices on it",
        ),
    ),
    "audio": (
        _wish(
            "text",
            "transcribe({0})",
            "transcript|a transcript|the words|in writing|word for word|every word|what is said|"
            "the wording",
            "transcribe {it}|write {it} down|write out what is said|type {it} up",
        ),
        _wish(
            "rough",
            "transcribe_fast({0})",
            "a rough transcript|rough quick transcript|sloppy draft of the words|"
            "a quick rough idea of the words",
            "roughly write down what is said, quickly",
        ),
        _wish(
            "notes",
            "transcribe_music({0})",
            "the notes|notes|MIDI|the melody as notes|the tune in notes",
            "write down the melody|turn the tune into notes",
        ),
    ),
    "video": (
        _wish(
            "text",
            "transcribe_video({0})",
            "transcript|what is said|the spoken words|the words in it|what they say",
            "transcribe {it}|write down what is said in {it}",
        ),
        _wish(
            "frames",
            "sample_frames({0}, {f})",
            "{f} stills|{frames} frames|{frames} pictures from it|{f} screenshots|"
            "{frames} still images",
            "pull {frames} frames|take {f} stills from {it}|grab {frames} pictures",
        ),
    ),
    "any": (
        _wish(
            "text",
            "read_pdf({0})",
            "the text|text of it|plain text|the wording|as text",
            "extract the text|get the text out of {it}|read {it}",
        ),
        _wish(
            "pages",
            "describe_image(each read_pdf({0}).pages)",
            "a description of each page picture|what each page looks like",
            "describe each page as a picture",
        ),
    ),
    "table": (
        _wish(
            "answer",
            "query_table({0}, '{question}')",
            "{question}",
            "tell me {question}|look up {question}",
        ),
        _wish(
            "chart",
            "draw_chart({0}, {chart})",
            "a {chart} chart|{charted}|{chart} chart of it|{charted} of that",
            "draw it as a {chart} chart|plot {it} as {charted}",
        ),
        _wish(
            "table",
            "convert_table({0}, {target})",
            "as {format}|a {format} file|{format} version|{it} in {format}|the same as {format}",
            "convert {it} to {format}|turn {it} into {format}|save {it} as {format}",
        ),
    ),
}
"""What may be wished of a file itself."""

RESULTS = {
    "sum": ("summary", "short version", "digest"),
    "sentences": ("short version", "summary", "sentences"),
    "title": ("title", "heading", "headline"),
    "text": ("text", "wording"),
    "total": ("total", "sum"),
    "description": ("description",),
    "answer": ("answer", "result"),
    "count": ("number",),
}
"""What the result of a wish is called by who goes on from it."""
THEMSELVES = {
    "text": ("summarize({0})", "translate({0}, pt)"),
    "image": ("read_text({0})", "describe_image({0})"),
    "audio": ("transcribe({0})", "summarize(transcribe({0}))"),
    "video": ("transcribe_video({0})",),
    "any": ("read_pdf({0})", "summarize(read_pdf({0}))"),
}
"""What an earlier turn may have been about."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


NOUNS = {
    "text": _words(
        "letter|note|memo|mail|essay|text|report|story|speech|minutes|article|poem|blog post|review|"
        "statement|recipe|notice|chapter|contract|press release|complaint|homework|diary page"
    ),
    "image": _words(
        "photo|picture|scan|screenshot|image|receipt|sign|poster|menu|flyer|slide|bill|form|label|"
        "ticket|page|whiteboard|snap|jpg|invoice|handout|card"
    ),
    "audio": _words(
        "recording|call|voice message|voice note|interview|lecture|talk|clip|podcast|audio|meeting|"
        "testimony|sermon|dictation|voicemail"
    ),
    "video": _words("video|film|vlog|mp4|tutorial|trailer|webinar|footage|reel"),
    "any": _words("PDF|document|brochure|thesis|manual|statutes|paper"),
    "table": _words("table|sheet|spreadsheet|csv|list|figures|ledger|log|excel file|data"),
}
PLURALS = {
    "text": _words("letters|notes|texts|mails|reviews|essays|chapters|comments|files"),
    "image": _words("photos|pictures|scans|receipts|signs|pages|images"),
    "audio": _words("recordings|calls|clips|voice messages|interviews|memos|takes"),
    "video": _words("videos|clips|films"),
    "any": _words("PDFs|documents|papers|files"),
    "table": _words("tables|sheets|csvs|files"),
}
ENDINGS = {
    "text": ("txt", "md"),
    "image": ("jpg", "png", "jpeg"),
    "audio": ("wav", "m4a", "mp3", "ogg"),
    "video": ("mp4", "mov", "webm"),
    "any": ("pdf",),
    "table": ("csv", "xlsx"),
}
COUNTED = (
    *(("person", "people"), ("car", "cars"), ("chair", "chairs"), ("dog", "dogs"), ("cat", "cats")),
    *(("bird", "birds"), ("bottle", "bottles"), ("boat", "boats"), ("book", "books")),
    *(("cup", "cups"), ("bowl", "bowls"), ("bicycle", "bikes"), ("truck", "lorries")),
)
QUESTIONS = _words(
    "the total|average price|highest value|who gave most|longest entry|rows with nothing left|"
    "number of members per district|complaints per street|best month|total cost|cheapest item|"
    "the mean grade|top scorer|how many are over 50|revenue by region|which one sold best|"
    "median salary|sum of the hours|latest date|entries from Porto|orders per customer"
)
CHARTS = (
    ("bar", _words("bars|columns|a bar graph|column diagram")),
    ("line", _words("a line|a curve|lines|a line graph")),
    ("pie", _words("a pie|pie|slices|pie diagram")),
)
FORMATS = (
    ("xlsx", _words("Excel|xlsx|a spreadsheet|an Excel sheet")),
    ("csv", _words("csv|comma separated|CSV")),
    ("json", _words("JSON|json")),
    ("markdown", _words("Markdown|md")),
)
SOUGHT = _words(
    "the deposit|pets|notice period|fire alarm|grandfather|the red umbrella|tax cuts|parking|"
    "delivery date|allergies|the budget|overtime|the harbour|insurance|the lost keys|Marta|"
    "vaccination|noise at night|refunds|the bridge|opening hours|penalty fee|the new roof"
)

LEADS = _words(
    "I need this for work. |For the weekly log: |My boss asks for this. |hi, |quick one: |Please: |"
    "Before the meeting: |For my archive: |My grandmother can't read it. |Homework. |no hurry - |"
    "pls: |I'm in a rush. "
)
WANTED = _words(
    "I need {0}.|Give me {0}.|Could I have {0}?|I'd like {0}, please.|{0} please|{1}.|{0}|"
    "All I want: {0}.|What I want is {0}.|Send me {0}.|we need {0}|Let me have {0}.|gimme {0}|"
    "{1}, thanks.|I want {0} from this."
)
ALIKE = _words(
    "{Count} {plural}. For {every}: {nouns}.|each: {nouns}|{every} -> {nouns}|{nouns} for {every}|"
    "{verbs}. Do that for {every}.|every {singular} gets {nouns}|{nouns}, {every} of them please|"
    "I have {count} {plural} here: {nouns}, separately.|{nouns} per {singular}|"
    "For {every} that I attach: {verbs}|{verbs} - {every}|the {plural}: {nouns} (each)"
)
APART = _words(
    "for the {name} {nouns}|{verbs} (the {name})|as to the {name}: {nouns}|the {name}: {verbs}|"
    "from the {name} {nouns}|take the {name} and {verbs}|{nouns} of the {name}"
)
TELEGRAMS = _words("{name}: {nouns}|{name} - {nouns}|{name} -> {nouns}|{name} = {nouns}")
IDLE = _words(
    "the {0}: nothing|the {0} needs nothing|ignore the {0}|leave the {0} as it is|"
    "the {0} is only for context|(the {0} got in by mistake)|don't touch the {0}|"
    "never mind the {0}"
)
FOUND = _words(
    "where is {topic} mentioned - search {every} {plural}|search {every} {plural} for {topic}|"
    "Find every passage on {topic} in {every} {plural}.|"
    "look through {every} {plural} for anything about {topic}|"
    "Somewhere in {every} {plural} there is something on {topic}. Show me.|"
    "I'm after {topic}. Go through {every} {plural}.|{every} {plural}, find {topic}|"
    "passages about {topic} across {every} {plural}"
)
