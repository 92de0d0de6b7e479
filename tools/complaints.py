# ruff: noqa: SIM905 - word lists are read and mended as words
"""Complaints without a bad word, and praise without a good one: *I am still waiting for my refund*.

A lexicon of feelings knows none of it. What people complain of is little, and said in few ways: that
they wait, that nobody answers, that a thing does not work, that it was promised otherwise, that they
want their money back, and that they go.
"""

from __future__ import annotations

import re

_MANY = r"(?:two|three|four|five|six|seven|eight|nine|ten|several|many|countless|\d+)"
_SPAN = r"(?:minutes?|hours?|days?|weeks?|months?|years?)"
_NOBODY = r"(?:nobody|no[ -]one|none of (?:you|them)|not a single|never|neither)"
_NOT = r"(?:not|never|n['’]t|cannot|nothing|hardly|barely|no longer)"
_COMPLAINTS = (
    # They wait, and say it again.
    rf"\b(?:still|been|kept) waiting\b|\bwait(?:ed|ing)? (?:\w+ ){{0,3}}(?:an?|{_MANY}|for) (?:\w+ )?{_SPAN}\b",
    rf"\b(?:second|third|fourth|fifth|sixth|\d+(?:nd|rd|th)|umpteenth) time (?:i|we|this|that|in)\b|\b{_MANY} times (?:now|already|before|and|to)\b",
    r"\b(?:once again|yet again|again and again|over and over|time and again)\b(?!.{0,40}\b(?:thank|great|love|perfect)\w*)",
    rf"\b(?:still|yet) (?:no|not|nothing|have not|haven['’]t|has not|hasn['’]t|is not|isn['’]t)\b|\bstill (?:have|has)(?: not|n['’]t)\b|\bit has been (?:an?|{_MANY}|over an?) {_SPAN}\b",
    rf"\b{_SPAN} (?:too )?late\b|\b(?:arrived|came|delivered|comes) (?:far |much |very |so )?(?:too )?late\b|\b{_SPAN} (?:on|later) and (?:still )?(?:no|nothing)\b|\banother delay\b",
    r"\bshould have (?:been|come|arrived|told|known)\b|\bmonths ago\b|\bhow (?:much )?longer\b|\b(?:my|our) patience\b",
    # Nobody cares.
    rf"\b{_NOBODY}\b.{{0,45}}\b(?:answer|repl|respon|call|came|come|help|serv|knew|know|car(?:es|ed)|show|pick|want|bother|read|listen|apolog|inform|explain|told)\w*",
    r"\bno (?:reply|answer|response|explanation|apology|reaction|sign of life|help)\b|\bnothing (?:has been|was|has|is being) (?:done|happen\w+|fixed|solved)\b|\bnothing happen(?:s|ed)\b|\bignor(?:ed|es|ing)\b",
    r"\bdoes any(?:one|body)\b.{0,40}\b(?:actually|even|ever|read|work|care)\b|\bhow is it possible\b|\bhow (?:hard|difficult) can it\b|\bwhat (?:am i|are we) paying for\b|\bwhy does (?:nobody|no one|it (?:always )?take|nothing|this (?:always|keep))\b|\btoo much to ask\b|\bwhy (?:do|am|is) .{0,25}\balways\b",
    # It does not work, or is not what it should be.
    rf"\b(?:{_NOT}|do not|does not|did not|will not|would not)\b.{{0,18}}\b(?:work(?:s|ed|ing)?|function\w*|open|close|start|load|fit|charge|turn on|switch on|heat|print|connect)\b(?!.{{0,12}}\b(?:on (?:mon|tues|wednes|thurs|fri|satur|sun)days?|today|tomorrow)\b)",
    r"n['’]t (?:properly )?(?:work|function|open|close|start|load|fit|charge|turn on|switch on|connect)\b",
    r"\bstop(?:s|ped) working\b|\b(?:broke|crash(?:es|ed)|leak(?:s|ed|ing)|falls? apart|fell apart|faulty|defective|scratched|torn|stained|mouldy|out of order|freezes)\b(?! down the)",
    r"\b(?:were|was|are|is) missing\b|\bthe wrong (?:\w+)\b|\bnot what (?:i|we) (?:ordered|wanted|expected|paid|booked|asked)\b|\b(?:came|arrived|delivered) without\b|\bnot as (?:described|advertised|promised|shown)\b",
    r"\b(?:soup|food|coffee|tea|meal|pizza|room|water|shower)s? (?:was|were|is|are) (?:\w+ )?(?:cold|dirty|loud|stale|tiny|freezing|burnt|raw|soggy|salty|bland)\b|\b(?:not|n['’]t) (?:been )?cleaned\b|\boff since\b",
    r"\b(?:we|i) had to (?:sit|stand|wait|walk|pay (?:again|twice|extra|for)|leave|call|ask|sleep|clean|throw|return|beg)\b|\bended up (?:paying|waiting|walking|sleeping|having)\b|\bleft after\b.{0,30}\bbecause\b",
    r"\bkeep(?:s)? (?:changing|losing|sending|asking|telling|cancel\w+|breaking|getting|crashing|postponing|ringing|failing)\b",
    r"\b(?:did not|didn['’]t|never|does not|doesn['’]t) (?:even )?(?:show up|turn up|come|arrive|reply|answer|apologi[sz]e|care|call back)\b|\bwithout (?:an? |any )?(?:answer|reply|response|apology|explanation|warning|notice)\b",
    r"\b(?:cracked|dented|chipped|smashed|bent|mould|filthy|hangs? up|hung up)\b|\bkept (?:us|me) (?:up|awake|waiting)\b|\b(?:logs?|throws?|kicks?|locks?) me out\b|\b(?:barely|hardly|scarcely) (?:an?|any|works?|one|enough|lasts?|ever)\b|(?<!runs )(?<!run )(?<!leaves )(?<!leave )\bevery (?:few|five|two|ten|single) (?:minutes?|seconds?|time)\b",
    r"\bso \w+ that (?:i|we|you) (?:could|can|had|have)(?: not|n['’]t| to)?\b|\bhair in (?:the|my|our)\b|\bnot the \w+ (?:in|on|from) the (?:picture|photo|website|catalogue)\b|\b(?:paid|pay) (?:for|extra).{0,25}\b(?:and|but) (?:it |they |we |i )\w+",
    r"\bthink twice before\b|\bdone with (?:this|you|your|them)\b|\bsaid \w+, then \w+|\bdays? in a row\b(?!.{0,20}\b(?:great|won|perfect)\b)|\bweeks? in a row\b",
    # It was promised otherwise.
    r"\b(?:promised|told|said|advertised|booked|ordered|paid for)\b.{0,60}\b(?:but|and (?:i |we )?(?:got|received|have)|instead|although|never)\b(?!.{0,20}\b(?:more|better|even)\b)|\bexpected (?:more|better|something else)\b|\blet (?:me|us) down\b|\b(?:feel|felt|been|am|are) (?:so |very |really )?let down\b",
    r"\b(?:not|n['’]t|hardly) worth\b|\bregret\b|\bwaste of\b|\boverpriced\b|\bcharged (?:me|us) (?:twice|again|for)\b|\btwice charged\b|\bcharged .{0,15}\btwice\b",
    # They want their money back, and go.
    r"\b(?:my|our|the|a|full) (?:money back|refund)\b|\brefund (?:me|us|the|my|our)\b|\bmoney back\b(?! guarantee)|\bunacceptable\b|\bdemand\b(?! for)|\b(?:my|our) lawyer\b|\bspeak (?:to|with) (?:a|the|your) (?:manager|supervisor|superior)\b|\bcompensat(?:ion|e)\b|\bmake a complaint\b|\bcomplain(?:t|ing)? (?:about|to)\b",
    r"\b(?:never again|last time (?:i|we)|tak(?:e|ing) my (?:business|money|custom)|(?:go|going|look|shop|buy) elsewhere|enough is enough|had enough|fed up|sick of|tired of)\b",
    r"\b(?:will not|won['’]t|would not|wouldn['’]t|will never|would never|not going to) (?:be )?(?:order|buy|com(?:e|ing)|return|us(?:e|ing)|shop|accept|recommend|stay|book|visit)\w*",
    r"\bcancel (?:my|our) (?:subscription|contract|membership|account)\b.{0,40}\b(?:immediately|at once|now|refund)\b",
    # They report what went wrong, and say what they expect: politely, too.
    r"\b(?:has|have|had|was|were|is|are)(?: still| yet)?(?: not|n['’]t)(?: yet| even)? (?:been )?(?:come|arriv\w+|deliver\w+|repair\w+|fix\w+|answer\w+|replac\w+|refund\w+|solv\w+|collect\w+|correct\w+|remov\w+|respond\w*|chang\w+|improv\w+|handed in|done|paid back|what|the one)\b",
    r"\bnothing (?:has )?(?:changed|improved|moved|came|works|arrived)\b|\bto this day\b|\buntil (?:today|now) (?:i|we|nobody|no one|nothing)\b|\bat (?:long )?last\W*$|\bonce and for all\b",
    rf"\b(?:nobody|no one|none of us) (?:\w+ ){{0,5}}?(?:can|could) (?:sleep|work|rest|use|get|reach|find|tell|say)\b|\b(?:can|could)(?: ?not|n['’]t) (?:sleep|work|rest|reach (?:you|anyone|anybody)|get through|use (?:it|the|my|our))\b|\b(?:left|sent|written) (?:you |them )?{_MANY} (?:messages|mails|e-?mails|letters|reminders)\b",
    r"\b(?:i|we) (?:now )?(?:expect|insist|must insist|urge|request an explanation|object to|protest)\b(?! (?:to (?:arrive|be|come|have|leave|start|finish|need)|a (?:baby|visit|lot of fun)|about|around|visitors|guests|the wheels|delivery in))|\bhow you (?:intend|plan|propose) to\b|\bput (?:this|it|things|that) right\b|\b(?:kindly |please )?explain (?:why|how|yourself)\b|\bwithh(?:o|e)ld\b|\breduce (?:the|my|our) (?:rent|payment)\b",
    r"\b(?:take|bring|refer) (?:the|this) (?:matter|case|issue) to\b|\b(?:legal (?:action|steps)|small claims|ombudsman|consumer (?:protection|advice))\b|\b(?:will|shall|must|going to|have to) (?:now )?(?:report (?:you|this|it)|write to the (?:council|press|newspaper|tourist|authorit\w+|management)|leave a (?:bad )?review|tell (?:everyone|everybody|all))",
    r"\b(?:cancel\w*|changed?|closed|charged|billed|left|closed) (?:\w+ ){0,4}(?:without (?:an?|any|one|so much)|at the last (?:minute|moment))\b|\b(?:billed|charged|invoiced|pa(?:y|id)) (?:\w+ ){0,3}for (?:a |an |the |something |services? )?(?:\w+ ){0,3}(?:never|not|n['’]t)\b|\b(?:never|not) (?:ordered|asked for|agreed to|signed|received|got)\b",
    r"\b(?:too|far too|much too) (?:short|long|small|big|tight|late|slow|loud|expensive|heavy|salty|thin|dark|noisy)\b|\b(?:is|was|are|were) (?:n['’]t|not) (?:the (?:one|colour|size|model|room|right)|what|how|as|enough|acceptable|good enough|right|correct|fair|true)\b|\b(?:isn|wasn|aren|weren)['’]t (?:the (?:one|colour|size|model|room|right)|what|how|as|enough|acceptable|right|correct|fair)\b|\b(?:does|did|do) ?(?:not|n['’]t) answer (?:my|our|the)\b",
    r"\bspent (?:the|a|all|half the) (?:night|day|evening|morning|afternoon|hours?) (?:at the (?:airport|station)|on (?:the )?(?:floor|phone|road)|in (?:a |the )?(?:queue|line|cold|rain|dark))\b|\bin vain\b|\bforgot (?:our|my|us|the)\b|\boff (?:my|our) (?:account|bill|invoice)\b|\bmust inform you that\b.{0,60}\b(?:not|no longer|cannot)\b",
    r"\bfor nothing\b|\bwhen (?:can|will|may|do) (?:i|we) finally\b|\bwhat (?:i|we) (?:were given|got|received) was\b|\b(?:i|we) used to (?:love|like|enjoy|come|recommend)\b|\blaugh(?:ed|s)? at (?:me|us)\b|\bshrugged\b|\bit is now (?:day|week|month)\b|\b(?:we|i) (?:do|will|are|am)(?: not|n['’]t) (?:coming |going |go |come |be )?back\b|\b(?:prices?|costs?|fees?) (?:\w+ )?(?:doubled|tripled)\b|\bhave shrunk\b",
    r"\b(?:is|was|are|were|came|arrived) (?:already )?(?:broken|dead|flat|soaked|ruined|spoiled|rotten|unusable|unreadable|overcooked|undercooked|mislabell?ed|short)\b|\b(?:went|gone|goes) wrong\b|\b(?:wakes?|woke|woken) (?:me|us|up)\b.{0,30}\bevery\b|\bevery (?:night|morning) (?:at|until|from)\b.{0,30}\b(?:noise|music|barks?|barking|drill\w*|hammer\w*|shout\w*)\b",
)
_PRAISE = (
    r"\bexceed\w* (?:\w+ ){0,2}expectations?\b|\bout of (?:your|their|his|her) way (?:for|to)\b|\babove and beyond\b",
    r"\b(?:could|can)(?: ?not|n['’]t) (?:be happier|be better|have asked for|have been (?:better|easier|nicer|kinder|happier)|fault|praise|thank)\b|\bno complaints?\b|\bnothing to complain\b",
    r"\b(?:would|will|['’]ll|['’]d|definitely|certainly|surely) (?:\w+ )?(?:order|buy|come|shop|stay|book|return|go|use|visit)\b.{0,14}\b(?:again|back)\b",
    r"\b(?:five|5) stars\b|\b10/10\b|\bten out of ten\b|\bfull marks\b|\bthumbs up\b|\bhighly recommend\w*|\bworth every\b|\bwell done\b",
    r"\bwork(?:s|ed) (?:\w+ )?(?:the|at the) first (?:time|try|attempt)\b|\b(?:day|days|week|hours?) early\b|\bahead of (?:time|schedule)\b|\b(?:earlier|faster|quicker|better|nicer) than (?:promised|expected|i (?:thought|hoped)|we (?:thought|hoped))\b",
    r"\b(?:from )?start to finish\b|\blike new\b|\bsaved (?:my|our) (?:holiday|day|trip|weekend|evening|wedding|life)\b|\bwithout a hitch\b|\bsmooth(?:ly)?\b",
    r"\b(?:answered|solved|fixed|helped|replied|repaired|sorted)\b.{0,30}\b(?:within (?:minutes|an hour|hours)|at once|right away|straight away|immediately|in no time|the same day)\b",
    r"\bbest \w+ in town\b|\bnothing to improve\b|\bwithout (?:any |a )?(?:questions?|fuss|hassle|problems?|trouble)\b|\bdid not want (?:it )?to (?:leave|end|go home|stop)\b|\bordered (?:a second|another|two more|more)\b",
    r"\bpassed (?:the|my|his|her|our) (?:\w+ )?(?:exam|test|driving test)\w*\b|\bnot have (?:done|managed|made) it without you\w*|\btook (?:the |his |her |their |a lot of )?time (?:for|to (?:listen|explain))\b|\bexplained everything\b|\balready booked (?:for )?(?:next|again)\b|\b(?:we|i) slept (?:well|like)\b|\bfelt (?:at home|welcome)\b",
    r"\btime flew\b|\bwe(?:['’]ll| will| shall) be back\b|\bkept (?:\w+ ){1,4}(?:listening|laughing|busy|happy)\b|\bhow it should be\b|\bcan only recommend\b|\bnext (?:year|time|summer|month) (?:again|we(?:['’]ll| will) (?:be back|come))\b|\bknew (?:every|all about|everything)\b|\bmade (?:us|me) (?:feel )?(?:at home|smile|laugh)\b|\blook(?:s|ing|ed)? (?:so |very )?forward to (?:coming|next|the next|our next|seeing)\b",
    r"\bexactly what (?:it|i|we|they) (?:promise|want|need|hope|say|expect)\w*|\btwice as (?:fast|good)\b|\blike a charm\b|\bhit it off\b|\bmade (?:my|our) day\b",
)
_COMPLAINT = re.compile("|".join(_COMPLAINTS), re.IGNORECASE)
_PRAISED = re.compile("|".join(_PRAISE), re.IGNORECASE)
WEAK = frozenset(
    "please want wants wanted pay paid pays parties party number numbers play plays block join like demand share shared "
    "shares screw screws lower cut matter ensure legal straight original natural active united fine fines fined free freely help helps interest interested charge charged charges promise promised promises accept accepted accepts".split()
)
"""Words that the lexicon takes for feelings and that letters are full of: *please*, *to pay*, *would like*."""
_LIKING = re.compile(
    r"\b(?:i|we|they|you|he|she|who) (?:really |do |did |also |quite |all )?(?:like|likes|liked)\b|\b(?:n['’]t|not) like\b",
    re.IGNORECASE,
)
STRENGTH = 0.5
"""What a complaint, or praise, is counted for: as much as a strong word."""


def complaint(sentence: str) -> str:
    """Return what of a sentence is a complaint, without its bad words; empty where nothing is."""
    found = _COMPLAINT.search(sentence)
    return found.group() if found else ""


def praise(sentence: str) -> str:
    """Return what of a sentence is praise; empty where nothing is."""
    found = _PRAISED.search(sentence)
    return found.group() if found else ""


def likes(sentence: str) -> bool:
    """Say whether somebody likes something, rather than would like to have it."""
    return bool(_LIKING.search(sentence))


def weighed(sentence: str, felt: float) -> tuple[float, str]:
    """Return how a sentence sounds, and what of it says so beside its words.

    Args:
        sentence: One sentence.
        felt: What the lexicon of feelings makes of it, from -1 to 1.
    """
    bad, good = complaint(sentence), praise(sentence)
    if good and not bad:
        return max(felt, STRENGTH), good
    if bad and not good:
        return min(felt, -STRENGTH), bad
    return felt, ""
