# ruff: noqa: SIM905, ISC004 - word lists and patterns are read and mended as words
"""What a router knows of the English language, and a little of others: no word here names an expert.

Words for kinds of material, languages, positions and ways of joining orders. What an expert does is
read from its card alone.
"""

from __future__ import annotations

import re

from herd_graph.types import Kind

MATERIAL: dict[str, Kind] = {
    **dict.fromkeys(
        "recording recordings audio audios voicemail voicemails podcast podcasts soundtrack mp3 wav "
        "ogg flac dictation gravação gravacao áudio grabación enregistrement aufnahme".split(),
        Kind.AUDIO,
    ),
    **dict.fromkeys(
        "image images picture pictures photo photos photograph photographs pic pics screenshot "
        "screenshots png jpg jpeg imagem foto fotos imagen bild".split(),
        Kind.IMAGE,
    ),
    **dict.fromkeys("video videos clip clips film movie mp4 vídeo".split(), Kind.VIDEO),
    **dict.fromkeys("spreadsheet spreadsheets csv table tables xlsx tabela".split(), Kind.TABLE),
    **dict.fromkeys("pdf pdfs docx".split(), Kind.DOCUMENT),
}
"""Words that say what an attachment is made of. To ask for one that is not there is an error."""

SUGGESTS: dict[str, Kind] = {
    **dict.fromkeys(
        "call calls caller meeting interview conversation speaker speech talk lecture song memo "
        "voice said says spoken heard telephone phone talking talks discussed discussion "
        "speaking".split(),
        Kind.AUDIO,
    ),
    **dict.fromkeys(
        "sign poster receipt menu label whiteboard blackboard board scan placard billboard plate "
        "ticket invoice bill shown visible seen see see written printed handwritten card page logo "
        "flyer flier brochure leaflet certificate passport badge banner slide page pages handout newspaper "
        "drawing diagram chart scene object objects packaging placa cartaz recibo".split(),
        Kind.IMAGE,
    ),
    **dict.fromkeys(
        "letter text document article essay poem story email report note review paragraph sentence "
        "passage carta texto".split(),
        Kind.TEXT,
    ),
    **dict.fromkeys("document report contract paper".split(), Kind.DOCUMENT),
}
"""Words that make one kind likelier where several are attached; none excludes anything."""

SUGGESTS.update({f"{word}s": kind for word, kind in SUGGESTS.items() if not word.endswith("s")})
LOOKS = re.compile(
    r"\b(?:describe|caption|colou?rs?|looks?|look like|see|seen|depict\w*|wearing|standing|scene|background|painted|drawn"
    r"|animals?|faces?|objects?|(?:is|are) there an?y?\b|bright\w*|dark\w*|how many|pictured|visible|shown|breed|weather in)\b",
    re.IGNORECASE,
)
"""Words that ask for what a picture shows, rather than for what is written in it."""
WRITTEN_THINGS = frozenset(
    "words word text texts writing written letter letters says said say reads printed sign signs "
    "poster receipt menu label whiteboard ticket invoice bill page screenshot scan note notes email "
    "message form document article summarise summarize summary price prices total date amount name "
    "flyer flier brochure leaflet certificate passport badge banner slide pages newspaper form "
    "card board question answer means meaning error manual quote quotation news names address phone number book caption title headline instructions recipe ingredients".split()
)
"""Words that say that it is the writing in a picture that matters."""
ASKS_FOR_TOTAL = re.compile(
    r"\b(?:come|came|comes|amount|amounts|amounted) to\b|\b(?:pay|paid|owe|owed|spent|spend|spending|takings|altogether)\b"
    r"|\btotals?\b",
    re.IGNORECASE,
)
"""Words that ask for what something costs as a whole."""
NATIONS: dict[str, str] = {
    **dict.fromkeys(
        "brazil brazilian brazilians portugal bahia recife lisbon rio".split(), "Portuguese"
    ),
    **dict.fromkeys(
        "england britain british american americans australia australian".split(), "English"
    ),
    **dict.fromkeys("spain mexico mexican argentina colombia chile".split(), "Spanish"),
    **dict.fromkeys("france paris".split(), "French"),
    **dict.fromkeys("germany austria berlin".split(), "German"),
    **dict.fromkeys("italy rome".split(), "Italian"),
    **dict.fromkeys("japan tokyo".split(), "Japanese"),
    **dict.fromkeys("china beijing".split(), "Chinese"),
    **dict.fromkeys("poland warsaw".split(), "Polish"),
    **dict.fromkeys("russia moscow".split(), "Russian"),
    **dict.fromkeys("netherlands amsterdam".split(), "Dutch"),
}
"""Where people are from, and the language that *her language* then means."""
ASKS_FOR_WRITING = re.compile(
    r"\b(?:say|says|saying|words?|text|written|writing|wording|printed|inscription|telling|lettering|reads"
    r"|digiti[sz]e)\b",
    re.IGNORECASE,
)
"""Words that, of a picture, ask for the writing in it."""
INVENTS = re.compile(
    r"^(?:write|compose|draft|invent|make up|come up with|brainstorm|tell)\s+(?:(?:me|us)\s+)?"
    r"(?:an?|some|two|three|four|five|\d+)\b(?! (?:title|headline|summary|translation|transcript))",
    re.IGNORECASE,
)
"""Orders to make something up: what it is to be about asks for nothing."""
FILE_WORDS = frozenset("file files attachment attachments upload arquivo ficheiro".split())

KIND_NOUNS: dict[Kind, str] = {
    Kind.TEXT: "text",
    Kind.IMAGE: "picture",
    Kind.AUDIO: "recording",
    Kind.VIDEO: "video",
    Kind.TABLE: "table",
    Kind.DOCUMENT: "document",
    Kind.DATA: "data",
    Kind.ANY: "file",
}

ORDINALS: dict[str, int] = {
    "first": 0,
    "1st": 0,
    "second": 1,
    "2nd": 1,
    "third": 2,
    "3rd": 2,
    "fourth": 3,
    "4th": 3,
    "fifth": 4,
    "5th": 4,
    "former": 0,
    "latter": -1,
    "last": -1,
    "primeira": 0,
    "segunda": 1,
}
ALL_OF_IT = re.compile(
    r"\b(?:all of (?:it|them)|(?:the|this|that) (?:whole|entire|complete|full) \w+|(?:the )?whole (?:thing|lot)|everything)\b",
    re.IGNORECASE,
)
"""*A summary of all of it*, after a question about one page."""
NUMBERS: dict[str, int] = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve".split()
    )
} | {"twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}

ALL_OF_THEM = re.compile(
    r"\b(?:both|each|every|all (?:of )?(?:the|these|those|my|them|three|four|five)|everything"
    r"|ambas?|ambos|todas?|todos)\b",
    re.IGNORECASE,
)
PRONOUN = re.compile(
    r"\b(?:it|its|them|they|their|that|those|these|this|isso|isto|ela|ele)\b", re.IGNORECASE
)
RESULT_NOUNS = re.compile(
    r"\b(?:result|results|output|outcome|answer|that result|what you (?:find|get|found|got)"
    r"|resultado|resposta)\b",
    re.IGNORECASE,
)

LANGUAGES: dict[str, str] = {
    name: code
    for code, names in {
        "af": "afrikaans",
        "sq": "albanian",
        "ar": "arabic árabe",
        "hy": "armenian",
        "eu": "basque",
        "bn": "bengali",
        "bs": "bosnian",
        "bg": "bulgarian",
        "ca": "catalan",
        "zh": "chinese mandarin chinês",
        "hr": "croatian",
        "cs": "czech",
        "da": "danish",
        "nl": "dutch holandês nederlands",
        "en": "english inglês ingles inglés anglais englisch",
        "eo": "esperanto",
        "et": "estonian",
        "fi": "finnish",
        "fr": "french francês frances français französisch",
        "gl": "galician",
        "ka": "georgian",
        "de": "german alemão alemao deutsch alemán allemand",
        "el": "greek grego",
        "gu": "gujarati",
        "he": "hebrew",
        "hi": "hindi",
        "hu": "hungarian",
        "is": "icelandic",
        "id": "indonesian",
        "ga": "irish gaelic",
        "it": "italian italiano italien",
        "ja": "japanese japonês",
        "ko": "korean coreano",
        "la": "latin",
        "lv": "latvian",
        "lt": "lithuanian",
        "ms": "malay",
        "mt": "maltese",
        "no": "norwegian",
        "fa": "persian farsi",
        "pl": "polish",
        "pt": "portuguese português portugues portugiesisch portugais portugués",
        "ro": "romanian",
        "ru": "russian russo",
        "sr": "serbian",
        "sk": "slovak",
        "sl": "slovenian slovene",
        "es": "spanish espanhol español castilian espagnol spanisch",
        "sw": "swahili",
        "sv": "swedish sueco",
        "ta": "tamil",
        "th": "thai",
        "tr": "turkish turco",
        "uk": "ukrainian",
        "ur": "urdu",
        "vi": "vietnamese",
        "cy": "welsh",
        "yi": "yiddish",
        "zu": "zulu",
        "tlh": "klingon",
        "sjn": "elvish sindarin",
    }.items()
    for name in names.split()
}

MAKES_IT_HEARD = re.compile(
    r"\b(?:aloud|out loud|read(?:ing)?(?: \w+){0,4} out\b|(?:read|reads|say|speak|play)(?: \w+){0,3} to me"
    r"|read me|narrat\w+|recit\w+|pronounc\w+|vocali[sz]\w+|voice[- ]?over|text[- ]to[- ]speech|tts"
    r"|(?:as|into|to|in) (?:an? )?(?:audio|speech|sound|voice|mp3|wav|spoken (?:form|words?|audio))"
    r"|spoken (?:version|form|audio|answer|aloud)|(?:audio|voice) (?:file|clip|message|recording) (?:that|which|of|saying)|audio (?:version|file of|of)"
    r"|(?:have|want|need|hear|get) (?:\w+ ){1,3}spoken|let me hear|(?:can|could|to) (?:hear|listen to) (?:it|them|this|that|the)"
    r"|dub(?:bed)?|(?:as|into|need|want) audio\b(?! (?:text|in|into|to|and))|computer voice"
    r"|(?:make|create|record|produce|prepare|generate|need|want|get|give|as)(?: me| us)? an? (?:\w+ ){0,2}(?:recording|audio|mp3|voice (?:message|note|memo))\b(?! (?:transcript|translat))"
    r"|an audio (?:of|from|in)|em voz alta|en voz alta|à voix haute|laut vor)\b",
    re.IGNORECASE,
)
SAYS_FIRST = re.compile(
    r"^(?:say|speak|hear|listen to|voice|utter|narrate|recite|pronounce|fale|diga)\b", re.IGNORECASE
)
READ_VERBS = frozenset(
    "read say speak tell voice pronounce play narrate recite hear listen give reads spoken have "
    "make turn convert leia diga fale put let answer respond reply utter".split()
)
"""Verbs that, beside *aloud*, ask for nothing but the sound."""

MAKES_A_PICTURE = re.compile(
    r"^(?:draw|sketch|paint|illustrate)\b"
    r"|\b(?:generate|create|make|produce|design|imagine|render|give me|draw)\s+(?:me\s+)?(?:an?|some|the)"
    r"\s+(?:\w+\s+){0,2}(?:image|picture|photo|drawing|illustration|painting|logo|icon|sketch)s?\s+"
    r"(?:of|with|showing|that shows|for)\b",
    re.IGNORECASE,
)

WRITES = frozenset(
    "write explain tell describe define suggest compose brainstorm recommend answer discuss "
    "rephrase draft invent imagine advise chat outline propose name why what who when where how "
    "which help teach give".split()
)
"""First words of a request that words alone can meet."""

_VERBS = (
    "copy grab jot dub digitise digitize transliterate add adjust analyse analyze annotate answer apply arrange ask assess assign blur book build buy "
    "calculate call cancel caption change check choose classify clean collect colour combine "
    "compare compile compose compress compute condense convert correct count create crop cut "
    "decide decode define delete deliver denoise describe detect determine dictate display divide "
    "download draft draw edit email encode estimate evaluate examine explain export express extract "
    "fetch figure fill filter find fix forecast format gather generate get give guess hear help "
    "highlight identify illustrate imagine improve infer inspect interpret judge keep label let "
    "list listen locate make mark match measure merge move multiply name narrate normalise "
    "order organise outline paint paraphrase pay pick play post predict prepare print process "
    "produce pronounce proofread pull put rank rate read recite recognise recognize recommend "
    "record redact reduce remind remove rename render repeat rephrase replace reply report resize "
    "respond retrieve reverse rewrite rotate round save say scale scan schedule score search segment "
    "select send separate set shorten show simplify sing sketch solve sort speak specify spell "
    "split start state stop store subtract suggest sum summarise summarize "
    "synthesise synthesize tag take tell tidy total transcribe transform translate trim turn type "
    "upload use utter verify visualise vocalise voice work write analise calcule conte converta "
    "descreva diga encontre escreva extraia fale leia liste mostre resuma some traduza transcreva "
    "compute categorize organize normalize work boil point reserve open close switch clarify "
    "provide point jot note brief dub hum "
)
VERBS = frozenset(_VERBS.split())
ALSO_NOUNS = frozenset(
    "answer call check label list mark match name note order point post print rank rate record "
    "reply report scan score search set show sketch sort sound sum table tag total type use voice "
    "work caption cut book email format colour state start stop help brief open close some file "
    "play process review guess change estimate express forecast draft outline picture place "
    "position present question read say scale sign split store take talk text title trim turn".split()
)
"""Verbs that open an order only when something follows that a noun would not be followed by."""
NOUN_STARTS = frozenset(
    "the a an this that these those it its them they all any every each both my our your his her "
    "their everything everyone what who which where when how me us up out down".split()
)
CONTRACTED: dict[str, str] = {
    "whats": "what's",
    "whos": "who's",
    "wheres": "where's",
    "hows": "how is",
    "thats": "that's",
    "im": "i'm",
    "ive": "i've",
    "cant": "can't",
    "dont": "don't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "wont": "won't",
    "isnt": "isn't",
    "pls": "please",
    "plz": "please",
    "thx": "thanks",
    "lets": "let's",
    "wanna": "want to",
    "gimme": "give me",
    "lemme": "let me",
}
"""Typed in a hurry, and as it is meant."""
MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
"""A pattern: the name of a month, in full or short."""
QUESTION_WORDS = frozenset(
    "what who whom which where when how why whose what's who's where's whats whos wheres hows whens".split()
)
AUXILIARIES = frozenset(
    "is are was were do does did can could will would should has have am isn't aren't".split()
)

POLITE = re.compile(
    r"^(?:(?:please|kindly|hi|hello|hey|ok|okay|so|well|also|just|now|next|then|finally|lastly"
    r"|(?:first(?:ly)?(?: of all)?|second(?:ly)?|third(?:ly)?)(?! (?:ones?|files?|pictures?|photos?|images?|recordings?|attachments?|pages?|and|in|is|to)\b)|and|but|or|afterwards|after that|in addition|additionally"
    r"|furthermore|moreover|por favor|dear \w+|good (?:morning|afternoon|evening)(?=\s*[,!])|once (?:that|this) is done|when (?:you(?:'re| are) )?done"
    r"|i was wondering(?: if| whether)?|i wonder(?: if| whether)?|if (?:possible|you (?:can|could|don't mind))"
    r"|(?:can|could|would|will|may|might) (?:you|we|i)(?: please| kindly| possibly| also| then| just| maybe)*"
    r"(?: (?:help me(?: to)?|be so kind as to|be able to|have (?=(?:this|it|the)\b)|mind|go ahead and))?"
    r"|(?:i|we)(?:'d| would)? (?:really )?(?:like|love|want|need|prefer) (?:for )?(?:you )?to (?=(?:know|see|hear|understand)\b)(?:know|see|understand)"
    r"|(?:i|we)(?:'d| would)? (?:really |also )?(?:like|love|want|need|prefer) (?:for )?(?:you )?to(?: (?:please|have|get) (?=(?:the|a|it|this)\b))?"
    r"|(?:i|we)(?:'d| would)? (?:really |also )?(?:like|love|want|need|prefer)(?: to have)?(?= (?:a|an|one|two|every|each|all|both|what|the|this|that|these|those|it|its|your|some|everything|just|only|audio|speech|text)\b)"
    r"|(?:need|want)(?= (?:an?|the|this|these|all|every)\b)"
    r"|(?:i|we)(?:'d| would) (?:be (?:\w+ )?(?:grateful|thankful|happy|glad)|appreciate)(?: it)?(?: for| if you (?:could|would)| to (?:get|have))?"
    r"|help me(?: to)?|go ahead and|let's|let us|your (?:task|job) is to|i need you to|you (?:should|must|have to|need to)"
    r"|(?:do )?you know(?= (?:what|who|which|where|how|when|why)\b)|any idea|task|question|request|note)"
    r"(?:\s*[,:!]+\s*|\s+|$))+",
    re.IGNORECASE,
)
POLITE_END = re.compile(
    r"(?:[\s,]+(?:please|thanks(?: a lot| so much| in advance| very much)?|thank you(?: very much| so much| in advance)?"
    r"|for me|for us|if you can|if possible|por favor|as well|too|obrigad[oa]|afterwards|right now|now|asap|cheers))+\s*$",
    re.IGNORECASE,
)
NOT_A_REQUEST = re.compile(
    r"^(?:thanks|thank you|cheers|hi|hello|hey|please|ok|okay|great|many thanks|best regards|regards|"
    r"good (?:morning|afternoon|evening|day)|yours|sincerely|bye|goodbye|olá|oi|obrigad[oa]|por favor|"
    r"sorry|nice|cool|perfect|yes|no|much appreciated|separately|individually|one by one|verbatim|word for word|in full|appreciated|that's all|that is all|all good)\b"
    r"(?:[\s,]+(?:a lot|so much|very much|in advance|you|there|all|everyone|again|for your help|for the help|"
    r"team|friend|herd))*$",
    re.IGNORECASE,
)
STATEMENT = re.compile(
    r"^(?:i\b|we\b|it(?:'s| is| was)|this (?:is|was|comes|will)"
    r"|that(?:'s| is| was)|these are|those are|here(?:'s| is| are)|there(?:'s| is| are)|my \w+|attached"
    r"|he|she|they|the \w+ (?:is|are|was|were) (?!\w+\?)"
    r"|(?:the|this|these|those|my|our|his|her) (?:[\w-]+ ){1,4}?(?:is|are|was|were|shows?|contains?|has|have|had|holds?"
    r"|includes?|comes?|came|looks|needs|arrived|got|talks?|speaks?|belongs?)\b(?! to be\b)|you(?:'re| are) |no need|don't|do not|never mind"
    r"|enclosed|as you can see|for context|context|background|ps|p\.s)\b",
    re.IGNORECASE,
)

NEGATION = re.compile(
    r"^(?:please )?(?:don't|do not|never|ignore|skip|leave (?:out|the|it)|no need|not|no|nothing|without|instead of"
    r"|nor|never mind|forget)\b(?!.* but )",
    re.IGNORECASE,
)
"""What is not wanted."""
REWORDINGS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), plain)
    for pattern, plain in (
        (
            r"\b(?:what|who|which \w+|anything)(?:'s| is| are| do you see| can you see| can be seen|) ?(?:\w+ ){0,3}?"
            r"(?:in|on|shown|depicted|visible|going on|happening)\b(?!.*\b(?:writ|sa[iy]|print|text|word))|\bwhat you see\b|^(?:is|are) there an?y?\b"
            r"|\bwhat does \w+ \w+ (?:show|depict|look like)|\bpicture of what\b|\bwhat do you see\b|\blook at\b",
            "describe the image, say what it shows",
        ),
        (
            r"\b(?:angry|happy|upset|sad|pleased|satisfied|frustrated|annoyed|mood|tone of|feel|feels|feeling"
            r"|emotion|furious|friendly|rude|polite|disappointed|cheerful)\b",
            "sentiment: positive or negative mood, emotion",
        ),
        (
            r"\b(?:gist|boil(?:ed)? \w+ down|boil down|tl;?dr|(?:main|key) (?:points|ideas|takeaways|message)|in a nutshell|recap"
            r"|(?:in )?brief(?:ly)?|sum (?:it |this |that |them )?up|shorten|condense|short version|overview|what is it about"
            r"|what(?:'s| is) .{0,40} about)\b",
            "summarise the text briefly",
        ),
        (
            r"\bwhat (?:do|does|did|is|was|has|have|are|were)\b.*\b(?:say|said|says|saying|tells?|told|talk\w*)\b",
            "what is said",
        ),
        (
            r"\bwhat (?!do|does|did|is|was|has|have|are|were)(?:\w+ ){1,3}?(?:says?|said|tells)\b",
            "what is said",
        ),
        (
            r"\bwhat(?:'s| is| was| are| were) (?:\w+ ){1,3}?(?:saying|telling|talking about|on about)\b",
            "what is said",
        ),
        (
            r"\b(?:is|are|was) (?:it|this|that|they|these|the (?:file|attachment)|\w+\.\w+)(?: really| truly| actually| in fact)?"
            r" (?:an? )?(?:real )?(?:zip|pdf|png|jpe?g|gif|mp3|mp4|wav|docx?|xlsx?|csv|json|archive|executable|exe|word (?:file|document))\b",
            "what kind of file is this?",
        ),
        (r"\b(?:get|pull|take|lift|grab) (?:\w+ ){1,3}?out\b", "extract the text"),
        (r"\b(?:how many|number of|count)\b", "count how many there are"),
        (
            r"\b(?:differ|differs|difference|differences|different|in common|alike|spot the)\b",
            "compare the two and say what differs",
        ),
        (
            r"\b(?:who|which people|names?|companies|places|brands|persons?|everybody|everyone)\b.*\b(?:mention\w*|named?|talk\w* about|appear\w*|come up|named|occurs?)\b|\bnames\b",
            "find the names of people, places and organisations in the text",
        ),
        (
            r"\b(?:written version|in writing|type (?:it |this |that |them )?(?:up|out)|write (?:it |this |that )?(?:down|out)|jot|put .{0,30} in(?:to)? words|minutes|what (?:do|does|did) (?:he|she|they)\b.*\bsay)\b",
            "write down what is said, speech to text",
        ),
        (r"\b(?:as|into|to|in) (?:plain |written )?text\b", "turn it into text"),
        (
            r"\b(?:totals?|add(?:s|ed)?(?: \w+){0,3} up|altogether|how much|(?:to|must|we|i|they|she|he) (?:pay|owe|spend)|paid|spent|costs?"
            r"|(?:come|came|comes|amount|amounts|amounted) to|sum|takings)\b",
            "add up the numbers, the total",
        ),
        (
            r"\b(?:wide|width|smaller|larger|bigger|shrink|enlarge|thumbnail|pixels|px)\b",
            "resize, change the size",
        ),
        (r"\b(?:rain|sunny|snow|umbrella|temperature|degrees outside)\b", "weather forecast"),
        (
            r"\b(?:fix|correct)\b.*\b(?:mistakes|errors|spelling|grammar)\b|\bproofread\b",
            "correct the grammar and spelling",
        ),
        (r"\b(?:blurry|noisy|noise|sharpen|clean up)\b", "remove noise, make it clearer"),
    )
)
"""Everyday ways to ask for a kind of work, and a plain one: another query, never a decision."""
