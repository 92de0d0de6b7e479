"""How a text sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I love this phone, the battery is amazing!", "positive"),
        ("Terrible service. I am very angry and want my money back.", "negative"),
        ("The film was not good at all.", "negative"),
        ("The invoice is dated 3 May. The parcel weighs 2 kg.", "neutral"),
        ("Great 😀👍", "positive"),
    ],
)
def test_texts_are_judged(call: Call, text: str, label: str):
    assert call("sentiment", Text(text)).label == label


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("I have been waiting for three weeks and nobody has called me back.", "negative"),
        ("This is the third time I am writing to you about the same order.", "negative"),
        ("The parcel arrived two weeks late and half of the items were missing.", "negative"),
        ("I expected more for this price.", "negative"),
        ("Please cancel my subscription and refund the full amount immediately.", "negative"),
        ("Your staff never answered a single one of my mails.", "negative"),
        ("I will not be ordering from you again.", "negative"),
        ("The machine stopped working after two days.", "negative"),
        ("We were promised a room with a view and got one facing the car park.", "negative"),
        ("Nobody at the desk knew anything about our booking.", "negative"),
        ("This is unacceptable. I demand an explanation by Friday.", "negative"),
        ("I had to call five times before someone picked up.", "negative"),
        ("The heating has been off since Monday and nothing has been done.", "negative"),
        ("What am I paying for?", "negative"),
        ("How is it possible that it takes a month to send a letter?", "negative"),
        ("You have charged me twice and I still have not got my money back.", "negative"),
        ("My patience is at an end.", "negative"),
        ("I am taking my business elsewhere.", "negative"),
        ("Not what I ordered, and nobody wants to take it back.", "negative"),
        ("If this is not solved by tomorrow, my lawyer will contact you.", "negative"),
        ("The soup was cold and we waited an hour for it.", "negative"),
        ("It broke on the first day.", "negative"),
        ("I regret buying it.", "negative"),
        ("Once again the train did not come.", "negative"),
        ("This should have been fixed months ago.", "negative"),
        ("Does anyone at your company actually read these messages?", "negative"),
        ("The app crashes every time I open it.", "negative"),
        ("I feel let down by your team.", "negative"),
        ("We left after ten minutes because no one served us.", "negative"),
        ("It is not worth the money.", "negative"),
        ("Everything worked the first time and the delivery was a day early.", "positive"),
        ("I would order here again any time.", "positive"),
        ("Thank you so much for the quick help!", "positive"),
        ("The staff went out of their way for us.", "positive"),
        ("Could not be happier with the result.", "positive"),
        ("Highly recommended.", "positive"),
        ("We will definitely come back.", "positive"),
        ("It does exactly what it promises.", "positive"),
        ("Five stars from me.", "positive"),
        ("My children have been talking about it ever since, they loved every minute.", "positive"),
        ("No complaints at all.", "positive"),
        ("The new version is twice as fast, well done.", "positive"),
        ("Worth every cent.", "positive"),
        ("It exceeded our expectations.", "positive"),
        ("I can't fault it.", "positive"),
        ("The meeting takes place on Tuesday at ten in room 4.", "neutral"),
        ("Could you tell me when the shop opens on Sunday?", "neutral"),
        ("Please find attached the minutes of the last meeting.", "neutral"),
        ("The parcel weighs two kilos and is 40 cm long.", "neutral"),
        ("I would like to change my delivery address to Rua Nova 5.", "neutral"),
        ("How many days does the delivery take?", "neutral"),
        ("The lift will be serviced from the 10th to the 24th.", "neutral"),
        ("My order number is 4471.", "neutral"),
        ("The report covers the years 2019 to 2024.", "neutral"),
        ("We are looking for a flat with two rooms.", "neutral"),
        ("Is it possible to pay by card?", "neutral"),
        ("The train to Porto leaves from platform two.", "neutral"),
        ("I have received the two boxes on Monday.", "neutral"),
        ("Please send me the invoice by mail.", "neutral"),
        ("The form has to be signed by both parties.", "neutral"),
        ("Three weeks on and still no reply from anyone.", "negative"),
        ("I was told it would take two days. It has been a month.", "negative"),
        ("We ended up paying for a second hotel.", "negative"),
        ("Half of the lights do not work and the door will not close.", "negative"),
        ("I have asked for this four times now.", "negative"),
        ("It came without the charger although it was listed.", "negative"),
        ("I want to speak to a manager.", "negative"),
        ("They sent me the wrong size again.", "negative"),
        ("We had to sit on the floor for the whole trip.", "negative"),
        ("I won't accept another delay.", "negative"),
        ("The rooms had not been cleaned when we came.", "negative"),
        ("This is the last time I shop here.", "negative"),
        ("You keep changing the date.", "negative"),
        ("It has never worked properly.", "negative"),
        ("Why does nobody answer the phone?", "negative"),
        ("I am still waiting for my refund.", "negative"),
        ("They answered within minutes and solved it at once.", "positive"),
        ("I'd buy it again.", "positive"),
        ("Smooth from start to finish.", "positive"),
        ("You saved our holiday.", "positive"),
        ("It still runs like new after five years.", "positive"),
        ("Could not have asked for more.", "positive"),
        ("The invoice is due on the 5th of May.", "neutral"),
        ("Where can I park the car?", "neutral"),
        ("She works in the office on Mondays.", "neutral"),
        ("The delivery is planned for Thursday.", "neutral"),
        ("Please call me back tomorrow.", "neutral"),
        ("I want to book a table for four.", "neutral"),
        ("The manager will speak at three.", "neutral"),
        ("Do I have to pay for the bag?", "neutral"),
        ("He came back after two days.", "neutral"),
        ("We changed the date to Friday.", "neutral"),
    ],
)
def test_complaints_and_praise_are_heard_without_words_of_feeling(
    call: Call, text: str, label: str
):
    assert call("sentiment", Text(text)).label == label


def test_a_text_with_both_says_that_it_is_mixed(call: Call):
    found = call("sentiment", Text("The food was wonderful. The waiter was rude and horrible."))

    assert found.note == "mixed: 1 positive, 1 negative"


def test_neutral_for_lack_of_words_says_so(call: Call):
    found = call("sentiment", Text("The table has four legs."))

    assert (found.label, found.score) == ("neutral", 0.0)
    assert "no word" in found.note


def test_plain_sentences_around_a_complaint_do_not_hide_it(call: Call):
    plain = "The train leaves at nine from the second platform. " * 5

    assert call("sentiment", Text(f"{plain}This is awful and disgusting.")).label == "negative"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Det är en mycket fin dag idag och vi går till stranden med barnen.", "Swedish"),
        ("أنا غاضب جدا من هذه الخدمة السيئة", "another script"),
    ],
)
def test_other_languages_are_refused_and_not_called_neutral(call: Call, text: str, language: str):
    with pytest.raises(PortViolation, match=language):
        call("sentiment", Text(text))


LETTERS = [
    (
        (
            "Dear Mr Jensen,\n\nI bought a dishwasher from you on 4 August. It was to be delivered within a "
            "week and has not come. I have called three times.\n\nI expect delivery by Friday.\n\n"
            "With kind regards and best wishes,\nPetra Lang"
        ),
        "negative",
    ),
    (
        (
            "Dear team,\n\nI am sorry to say that we were very disappointed with our stay. The bathroom was "
            "dirty. Only the breakfast was lovely.\n\nBest wishes,\nAna"
        ),
        "negative",
    ),
    (
        (
            "Dear customer,\n\nyour appointment is on Thursday at 9:40 in room 3. Please bring your "
            "passport. We are happy to answer any questions.\n\nKind regards,\nTown office"
        ),
        "neutral",
    ),
    (
        "Hi Lucy,\n\nthank you for the beautiful flowers! The card made me laugh.\n\nLove,\nMum",
        "positive",
    ),
    (
        (
            "Dear Peter, thanks for your mail. The invoice number is 2231. It was paid on 3 March. "
            "Best wishes, Carla"
        ),
        "neutral",
    ),
    (
        (
            "Exmos. Senhores,\n\nComprei uma máquina de lavar e até hoje não foi entregue. Já telefonei "
            "quatro vezes e ninguém me sabe dizer nada. Exijo a devolução do dinheiro.\n\nCumprimentos,\nRui"
        ),
        "negative",
    ),
    (
        (
            "A casa é muito simpática e o dono foi amável. O quarto estava limpo e confortável. "
            "Voltaremos no próximo verão!"
        ),
        "positive",
    ),
]


@pytest.mark.parametrize(("text", "label"), LETTERS)
def test_the_manners_of_a_letter_are_no_feelings(call: Call, text: str, label: str):
    found = call("sentiment", Text(text))

    assert found.label == label
    assert ("English translation" in found.note) == ("ã" in text)


def test_a_text_of_nothing_but_manners_is_judged_as_it_stands(call: Call):
    assert call("sentiment", Text("Dear Anna,")).label == "positive"


@pytest.mark.parametrize("text", ["", "\n \t", "x" * 600_000])
def test_nothing_and_too_much_are_refused(call: Call, text: str):
    with pytest.raises(PortViolation, match=r"empty|at most"):
        call("sentiment", Text(text))


@pytest.mark.parametrize(
    ("text", "manner"),
    [
        (("Hi Tom,\n\nI can't come on Saturday because my daughter is sick. I can help in the kitchen on Thursday. "
         "The gate is broken. Hope you are well.\n\nBest wishes,\nTess"), "to the reader it is friendly"),
        (("Cara Marta,\n\nObrigada pela sua mensagem. No sábado não posso vir à horta porque a minha filha está "
         "doente. Posso ajudar na cozinha na quinta-feira. O portão do lado norte está partido.\n\n"
         "Com os melhores cumprimentos,\nTeresa"), "to the reader it is friendly"),
        (("Thank you for your message. However, I am still waiting for my refund, and this is unacceptable. I insist "
         "that you pay at once.\n\nKind regards,\nMs Hull"), ""),
        ("This is the third time I am writing. Nobody has answered. Thank you for nothing.\n\nRegards,\nJ. Pike", ""),
        ("To the tenant of flat 4.\n\nThe heating is broken. No reply is needed.\n\nProperty Office", ""),
    ],
)  # fmt: skip
def test_bad_news_that_is_told_kindly_is_said_to_be_friendly(call: Call, text: str, manner: str):
    found = call("sentiment", Text(text))

    assert found.label == "negative"
    assert manner in found.note
    assert ("reader" in found.note) == bool(manner)
