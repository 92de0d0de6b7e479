"""The calculator: what people type, say, scan and try to break it with."""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from herd_graph.artifacts import Text
from herd_graph.errors import PortViolation

Call = Callable[..., Any]
expressions: Any = import_module("herd_graph._bundled.tools.expressions")
wording: Any = import_module("herd_graph._bundled.tools.wording")
numerals: Any = import_module("herd_graph._bundled.tools.numerals")
maths: Any = import_module("herd_graph._bundled.tools.maths")


def calculate(text: str, operation: str = "evaluate") -> Any:
    result: Any = maths.Calculate(Text(text), operation)
    return str(result) if isinstance(result, Text) else result.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 * 23 + 9", 400),
        ("Compute: 17 * 23 + 9 =", 400),
        ("17 × 23 + 9 = ?", 400),
        ("17 x 23 + 9", 400),
        ("what is 12% of 80", 9.6),
        ("What's twenty-five percent of one hundred and twenty?", 30),
        ("80 + 10%", 88),
        ("20% off 80", 64),
        ("3 plus 4 times 2", 11),
        ("three plus four times two", 11),
        ("two point five times four", 10),
        ("one hundred twenty three thousand four hundred fifty six plus 1", 123_457),
        ("square root of 144", 12),
        ("what is 5 squared plus 2 cubed", 33),
        ("half of 90", 45),
        ("divide 100 by 8", 12.5),
        ("subtract 3 from 10", 7),
        ("sum of 3, 4 and 5", 12),
        ("the average of 10, 20 and 33", 21),
        ("the smallest of 3, 9, 2", 2),
        ("How much is $3.50 + $2.25?", 5.75),
        ("1,250.00 + 750", 2000),
        ("1 250 000 + 1", 1_250_001),
        ("1.250,50 + 1", 1251.5),
        ("0.1 + 0.2", 0.3),
        ("10/4", 2.5),
        ("1/3", 0.333333333333),
        ("1/3 + 1/6", 0.5),
        ("2^10", 1024),
        ("-2**2", -4),
        ("2**3**2", 512),
        ("2(3 + 4)", 14),
        ("7 % 3", 1),
        ("10 mod 3", 1),
        ("20!", 2_432_902_008_176_640_000),
        ("sin(30 degrees)", 0.5),
        ("cbrt(-27)", -3),
        ("log(100)", 2),
        ("log(8, 2)", 3),
        ("max(3, 50)", 50),
        ("(sqrt(2) + 1) * (sqrt(2) - 1)", 1),
        ("sqrt(-4)", "2i"),
        ("2 pi", 6.28318530718),
        ("3² + 4²", 25),
        ("42", 42),
        ("5 + 3 = 8", 8),
        ("5 + 3 = 9", "8 (not 9)"),
    ],
)
def test_it_calculates(text: str, expected: object):
    assert calculate(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("solve x**2 - 4 = 0", "x = -2 or x = 2"),
        ("Solve 2x + 3 = 11", "x = 4"),
        ("x^2 = 2", "x = -1.41421356237 or x = 1.41421356237"),
        ("x^2 + 1 = 0", "x = -i or x = i"),
        ("x**3 - 6x**2 + 11x - 6 = 0", "x = 1 or x = 2 or x = 3"),
        ("x**5 - x - 1 = 0", "x = 1.16730397826 (4 more, complex)"),
        ("3(y - 1) = 3y - 3", "every y is a solution"),
        ("n + 1 = n", "no solution"),
        ("1/(x - 1) = 0.5", "x = 3"),
        ("(x**2 - 1)/(x - 1) = 2", "no solution"),
    ],
)
def test_it_solves(text: str, expected: str):
    assert calculate(text) == expected


def test_a_scanned_sign_is_read_for_its_calculation():
    sign = "DELIVERY ENTRANCE\nRing the bell twice\nDoor code: 17 * 23 + 9\nOpen 7:30 - 16:00"

    assert calculate(sign) == 400


def test_a_worksheet_gives_one_line_for_each_calculation():
    assert calculate("1) 3 + 4 =\n2) 7 * 8 =") == "3 + 4 = 7\n7 * 8 = 56"


@pytest.mark.parametrize("operation", ["evaluate", "sum"])
def test_each_sum_on_a_board_is_solved_beside_its_line(operation: str):
    board = "17 + 23 - 9 =\n48 / 6 + 7 ="

    assert calculate(board, operation) == "17 + 23 - 9 = 31\n48 / 6 + 7 = 15"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,5 + 7,5", 20),
        ("1.234,50 + 10", 1244.5),
        ("calculate 2,5 * 4", 10),
        ("What is 3.5 + 4,5?", 8),
        ("0,125 * 8", 1),
        ("20% of 12,5", 2.5),
        ("calculate 10 - 20%", 8),
        ("what is 2 + 2 * 10%", 2.2),
        ("calculate two hundred and fifty plus thirty-five", 285),
        ("calculate 10/4", 2.5),
        ("calculate 7-8", -1),
        ("calculate 5!", 120),
        ("17 mod 5", 2),
        ("Quanto é 12 vezes 7?", 84),
        ("Quanto é 15% de 240?", 36),
        ("3 chairs at 49.50 each", 148.5),
        ("average of 4, 8, 15", 9),
        ("17 * 23\n+ 9", 400),
        ("Calculate 3+4, 5*6, and 7-8", "3+4 = 7\n5*6 = 30\n7-8 = -1"),
        ("calculate 2+2 and 3+3", "2+2 = 4\n3+3 = 6"),
        ("What is 20% of 50 and 10% of 70?", "20% of 50 = 10\n10% of 70 = 7"),
        ("3 + 4 =\nx + 2 = 5", "3 + 4 = 7\nx + 2 = 5: x = 3"),
    ],
)
def test_every_sum_is_answered_whole(text: str, expected: object):
    assert calculate(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "calculate 9:00 + 3",
        "9:00 + 3 * 4",
        "10 kg - 3 * 4",
        "3 + 4 * tax",
        "5 + 3rd",
        "1,2,3 + 4",
        "(3 + 4)) * 2",
        "vinte + 3 * 4",
    ],
)
def test_a_sum_that_would_be_cut_is_refused(text: str):
    with pytest.raises(PortViolation, match="No calculation was found"):
        calculate(text)


RECEIPT = """Corner Bakery
22.11.2026 09:41 Table 4
2 Rye bread 9.00
1 Butter 3.25
3 x 1.50
Coffee EUR 2,40
Discount -1.00
TOTAL 18.15
Cash 20.00
Change 1.85"""


@pytest.mark.parametrize("operation", ["sum", "evaluate"])
def test_a_receipt_is_added_up_without_its_totals(operation: str):
    assert calculate(RECEIPT, operation) == "18.15"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12, 15 and 3", 30),
        ("twelve and thirty", 42),
        ("12\n15\n3.5", "30.5"),
        ("The chairs cost 25 dollars and the table 120 dollars, delivery on 12/03/2026.", 145),
        ("Lunch 4.50\nTea 1.50", "6.00"),
        ("Lunch 1.004,50\nTea 1,50", "1006.00"),
        ("TOTAL 12.30", "12.30"),
        ("3 + 4", 7),
        ("2 x Espresso 1,20  2,40\nBolo 3,50\nTOTAL EUR 5,90\nIVA 13% 0,68", "5.90"),
        ("Bread 2.88 N\nEggs 3.12\nSUBTOTAL 6.00\nTAX 8 % 0.48\nTOTAL 6.48\nVISA 6.48", "6.48"),
        ("Milk\n1.20\nBread\n2.50\nTotal\n3.70", "3.70"),
        ("Rent: 1,200.00\nFood: 350.00\nPower: 89.90", "1639.90"),
        ("Tel. 555 1234, 2 chairs and 3 tables", 5),
        ("Subtotal 10.00\nBread 4.00\nMilk 6.00\nVAT 20% incl. 1.67", "10.00"),
    ],
)
def test_it_adds_up(text: str, expected: object):
    assert calculate(text, "sum") == expected


def test_the_samples_give_what_the_readme_says(call: Call, samples: Path):
    from herd_graph.artifacts import attach

    receipt = call("read_text", attach(samples / "receipt.png"))
    sign = call("read_text", attach(samples / "sign.png"))

    assert str(call("calculate", receipt, "sum")) == "30.50"
    assert call("calculate", sign).value == 400


@pytest.mark.parametrize(
    "text",
    [
        "hello world",
        "The meeting is at 9:30 on 12/03/2026",
        "Open Mon-Fri 9-17, call +1 555 123 4567",
        "Room 3-4",
        "2026-11-22",
        "I had 17 apples and ate 3",
        "x + 1",
        "3 + (4 * 5",
        "7 // 2",
        "=",
        "%",
        "()",
        "",
    ],
)
def test_what_is_no_calculation_is_refused_and_not_guessed(text: str):
    with pytest.raises(PortViolation, match=r"No calculation was found|cannot be calculated"):
        calculate(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch /tmp/owned')",
        "().__class__.__bases__[0].__subclasses__()",
        "lambda: 1",
        "open('/etc/passwd').read()",
        "exec('1')",
        "9**9**9",
        "9**9**9**9**9",
        "10**5000",
        "2**-5000",
        "100000!",
        "(9!)!",
        "exp(exp(exp(9)))",
        "e**e**e**e",
        "(sqrt(2) + 1)**5000",
        "(" * 5_000 + "1" + ")" * 5_000,
        "-" * 3_000 + "1",
        "sqrt " * 300 + "4",
        "1+" * 3_000 + "1",
        "1" * 5_000,
        "1e999999999",
        "x**99999 = 1",
        "(x + 1)**12 * (x + 2)**12 = 0",
        "what is " * 10_000,
        "1 " * 50_000,
        "1,1" * 30_000,
        "one hundred and " * 5_000,
        "1/0",
        "0**-1",
        "tan(pi/2)",
        "1/(sin(1)**2 + cos(1)**2 - 1)",
        "log(0)",
        "5 mod 0",
        "gcd(1.5, 2)",
        "sin(1, 2)",
        "x + y = 3",
        "sin(x) = 1",
        "2**x = 8",
    ],
)
def test_hostile_text_is_refused_quickly(text: str):
    calculate("1 + 1")
    began = time.process_time()

    with pytest.raises(PortViolation):
        calculate(text)

    assert time.process_time() - began < 5


def test_code_is_never_evaluated(tmp_path: Path):
    target = tmp_path / "owned"

    with pytest.raises(PortViolation):
        calculate(f"__import__('pathlib').Path('{target}').touch() + 1 - (")

    assert not target.exists()


def said(text: str) -> str:
    """Return the result or the refusal; anything else that is raised fails the test."""
    try:
        return str(maths.Calculate(Text(text)))
    except PortViolation as refusal:
        return str(refusal)


@given(st.text(max_size=80))
@example("1" * 80)
@example("²³½°%√")
@example("x=x=x")
def test_any_text_is_answered_or_refused(text: str):
    assert said(text)


@given(st.text("0123456789+-*/().,%!x=e ", max_size=30))
def test_any_expression_is_answered_or_refused(text: str):
    assert said(text)


@st.composite
def sums(draw: st.DrawFn) -> str:
    """An expression that Python's own Fractions can check."""
    leaf = st.integers(0, 999).map(str)
    joined = st.recursive(
        leaf,
        lambda inner: st.tuples(inner, st.sampled_from(["+", "-", "*"]), inner).map(
            lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"
        ),
        max_leaves=12,
    )
    return draw(joined)


@given(sums(), st.integers(1, 40))
def test_it_agrees_with_exact_fractions(text: str, divisor: int):
    exact = Fraction(eval(text)) / divisor

    value = expressions.evaluate(expressions.parse(expressions.tokens(f"{text} / {divisor}")))

    assert Fraction(int(value.p), int(value.q)) == exact


@given(st.lists(st.integers(-99_999, 99_999), min_size=2, max_size=30))
def test_a_sum_is_exact_to_the_cent(cents: list[int]):
    lines = [
        f"Item {'-' if each < 0 else ''}{abs(each) // 100}.{abs(each) % 100:02}" for each in cents
    ]

    total = Fraction(calculate("\n".join(lines), "sum"))

    assert total == Fraction(sum(cents), 100)


@given(st.integers(0, 999_999_999))
def test_spelled_numbers_are_read(number: int):
    assert wording.normalise_numbers(spell(number)) == str(number)


def spell(number: int) -> str:
    """Write a number out, as people say it."""
    small = numerals.SMALL
    tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
    if number < 20:
        return small[number]
    if number < 100:
        rest = number % 10
        return tens[number // 10 - 2] + (f"-{small[rest]}" if rest else "")
    for size, name in ((10**6, "million"), (10**3, "thousand"), (100, "hundred")):
        if number >= size:
            rest = number % size
            joint = " and " if size == 100 else " "
            return f"{spell(number // size)} {name}" + (f"{joint}{spell(rest)}" if rest else "")
    raise AssertionError(number)


CAFE = Text(
    "CAFE AURORA\n12 Rua Nova, Porto\nEspresso  1.20\nCheese sandwich   4.50\nOrange juice  3.10\n"
    "Apple tart 3.80\nSubtotal 12.60\nVAT 13% 1.64\nTOTAL 14.24\nCash 20.00\nChange 5.76"
)


def test_a_total_and_what_is_made_of_it(call: Call):
    bill = Text("Bread 4.00\nTart 6.00")

    assert str(call("calculate", bill, "sum", Text("add it up and split it between 4"))) == (
        "10.00\n10.00 / 4 = 2.50"
    )
    assert str(call("calculate", Text("10.00"), "sum", Text("what's 20% of that?"))) == (
        "20 % of 10.00 = 2.00"
    )


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("what is the subtotal", "Subtotal: 12.60"),
        ("how much VAT", "VAT 13%: 1.64"),
        ("how much change did I get", "Change: 5.76"),
        ("add up only the drinks", "4.30 = Espresso 1.20 + Orange juice 3.10"),
        ("total without the drinks", "8.30 = Cheese sandwich 4.50 + Apple tart 3.80"),
        ("how much was the sandwich?", "Cheese sandwich: 4.50"),
        ("the cheapest item", "Espresso: 1.20"),
    ],
)
def test_parts_of_a_receipt_and_what_was_added(call: Call, request_: str, answer: str):
    assert str(call("calculate", CAFE, "evaluate", Text(request_))) == answer


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("how much did i pay at the hardware store? just add it up pls", "14.24"),
        ("how much did i spend at the sandwich shop, thanks", "14.24"),
        ("just tell me the sum from the ironmonger's shop plz", "14.24"),
        ("just what i spent at the ironmonger, please", "14.24"),
        ("add up only the drinks pls", "4.30 = Espresso 1.20 + Orange juice 3.10"),
        ("look at the drinks", "4.30 = Espresso 1.20 + Orange juice 3.10"),
        ("how much was the tart in the coffee shop, por favor?", "Apple tart: 3.80"),
    ],
)
def test_politeness_and_places_choose_no_lines(call: Call, request_: str, answer: str):
    assert str(call("calculate", CAFE, "evaluate", Text(request_))) == answer


@pytest.mark.parametrize(
    "request_", ["only the fish", "just the fish pls", "just add up the fish at the market, thx"]
)
def test_what_no_line_is_about_is_refused(call: Call, request_: str):
    with pytest.raises(PortViolation, match="about 'fish'\\."):
        call("calculate", CAFE, "evaluate", Text(request_))


@given(first=st.integers(0, 60), more=st.integers(0, 60))
def test_the_sum_of_a_run_is_that_of_its_numbers(call: Call, first: int, more: int):
    last = first + more
    told = {
        f"the sum of the squares of {first} to {last}": sum(n * n for n in range(first, last + 1)),
        f"sum of {first} to {last}": sum(range(first, last + 1)),
        f"sum of the even numbers from {first} to {last}": sum(
            n for n in range(first, last + 1) if n % 2 == 0
        ),
        f"sum of the cubes of the numbers from {first} to {last}": sum(
            n**3 for n in range(first, last + 1)
        ),
    }

    assert {each: str(call("calculate", Text(each))) for each in told} == {
        each: str(value) for each, value in told.items()
    }


@pytest.mark.parametrize(
    ("story", "answer"),
    [
        (
            "Income was 3460 and costs 2915, whats left, and what percent of the income is that?",
            "545\n545 of 3460 = 15.75 %",
        ),
        (
            "We had 500 and spent 120. How much is left, and what percentage of 500 is that?",
            "380\n380 of 500 = 76 %",
        ),
        (
            "I had 80 and spent 20. How much do I have left and what percent is it?",
            "60\n60 of 80 = 75 %",
        ),
        ("what percent of 80 is 20?", "25%"),
    ],
)
def test_a_sum_and_the_share_that_it_comes_to(call: Call, story: str, answer: str):
    assert str(call("calculate", Text(story))) == answer
