"""A safe calculator: a grammar of its own, a plain tree, exact arithmetic in sympy.

Text is never handed to ``eval`` or to sympy's parser, which evaluates code. The grammar knows
numbers, the operators, a fixed list of functions, and single letters for unknowns; every operation
is bounded before it is carried out, so that ``9**9**9`` is refused and never begun.

    statement = sum ["=" sum]
    sum       = product {("+" | "-") product}
    product   = unary {("*" | "/" | "mod" | "of") unary | factor}      3 (4 + 5), 2x
    unary     = ("-" | "+") unary | power
    power     = postfix ["**" unary]
    postfix   = atom {"!" | "%" | "deg"}
    atom      = number | letter | constant | "(" sum ")" | function "(" sum {"," sum} ")" | function unary
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from typing import Any

MAX_TOKENS = 400
MAX_DEPTH = 40
MAX_BITS = 4_000
"""About 1,200 decimal digits, in a numerator or denominator."""
MAX_DEGREE = 12

FUNCTIONS = frozenset(
    [
        "sqrt",
        "cbrt",
        "log",
        "ln",
        "log2",
        "log10",
        "exp",
        "sin",
        "cos",
        "tan",
        "asin",
        "acos",
        "atan",
        "sinh",
        "cosh",
        "tanh",
        "abs",
        "round",
        "floor",
        "ceil",
        "factorial",
        "gcd",
        "lcm",
        "min",
        "max",
        "mean",
    ]
)
CONSTANTS = frozenset({"pi", "e", "tau"})
_IN_SYMPY = {"ln": "log", "abs": "Abs", "ceil": "ceiling", "min": "Min", "max": "Max"}
_SEVERAL = frozenset({"gcd", "lcm", "min", "max", "mean"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d+(?![\w.]))?|\.\d+)"
    r"|(?P<name>[a-z_][a-z_0-9]*)|(?P<op>\*\*|[-+*/%!(),=])|(?P<bad>\S))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Node:
    """One node of a tree: an operation with what it is ``of``, or a leaf with its ``text``."""

    kind: str
    of: tuple[Node, ...] = ()
    text: str = ""


class Unsolvable(ValueError):
    """The text is no expression, or its value cannot be given."""


@dataclass(frozen=True)
class Token:
    """One token: ``kind`` is ``number``, ``name``, ``op`` or ``bad``."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Split text into tokens; what the grammar has no token for is ``bad``."""
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind is not None:
            found.append(Token(kind, match.group(kind), match.start(kind), match.end(kind)))
    return found


def parse(given: list[Token]) -> Node:
    """Return the tree of a statement. Raises ``Unsolvable``. Computes nothing."""
    if len(given) > MAX_TOKENS:
        raise Unsolvable(f"it has {len(given)} parts, and {MAX_TOKENS} is the most")
    reader = _Reader(given)
    node = reader.sum(0)
    if reader.take("="):
        node = Node("=", (node, reader.sum(0)))
    if reader.at < len(given):
        raise Unsolvable(f"{given[reader.at].text!r} is out of place")
    return node


class _Reader:
    def __init__(self, given: list[Token]) -> None:
        self.given = given
        self.at = 0

    @property
    def next(self) -> Token:
        if self.at < len(self.given):
            return self.given[self.at]
        return Token("end", "", 0, 0)

    def take(self, *texts: str) -> str:
        if self.next.kind in {"op", "name"} and self.next.text.lower() in texts:
            self.at += 1
            return self.given[self.at - 1].text.lower()
        return ""

    def sum(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Unsolvable(f"it is nested more than {MAX_DEPTH} deep")
        node = self.product(depth)
        while op := self.take("+", "-"):
            node = Node(op, (node, self.product(depth)))
        return node

    def product(self, depth: int) -> Node:
        node = self.unary(depth)
        while True:
            if op := self.take("*", "/", "mod", "of"):
                node = Node("*" if op == "of" else op, (node, self.unary(depth)))
            elif self.next.text == "%" and self._divides():
                self.at += 1
                node = Node("mod", (node, self.unary(depth)))
            elif self._begins_factor():
                node = Node("*", (node, self.power(depth)))
            else:
                return node

    def _divides(self) -> bool:
        """Tell 7 % 3 from 12% of 80: a remainder has a number or a bracket behind it."""
        after = self.given[self.at + 1] if self.at + 1 < len(self.given) else None
        return after is not None and (
            after.kind == "number" or after.text == "(" or _is_letter(after)
        )

    def _begins_factor(self) -> bool:
        before = self.given[self.at - 1]
        if self.next.text == "(":
            return before.kind == "number" or before.text == ")"
        if self.next.kind != "name" or before.text in {"%", "!"}:
            return False
        return _is_letter(self.next) or self.next.text.lower() in FUNCTIONS | CONSTANTS

    def unary(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise Unsolvable(f"it is nested more than {MAX_DEPTH} deep")
        if self.take("-"):
            return Node("neg", (self.unary(depth + 1),))
        if self.take("+"):
            return self.unary(depth + 1)
        return self.power(depth)

    def power(self, depth: int) -> Node:
        node = self.postfix(depth)
        if self.take("**"):
            return Node("**", (node, self.unary(depth + 1)))
        return node

    def postfix(self, depth: int) -> Node:
        node = self.atom(depth)
        while True:
            if self.take("!"):
                node = Node("factorial", (node,))
            elif self.next.text == "%" and not self._divides():
                self.at += 1
                node = Node("%", (node,))
            elif self.take("deg"):
                node = Node("deg", (node,))
            else:
                return node

    def atom(self, depth: int) -> Node:
        token = self.next
        self.at += 1
        name = token.text.lower()
        if token.kind == "number":
            return Node("number", text=name.replace(",", ""))
        if token.text == "(":
            node = self.sum(depth + 1)
            self._close()
            return node
        if token.kind == "name" and name in FUNCTIONS:
            if not self.take("("):
                return Node(name, (self.unary(depth + 1),))
            arguments = [self.sum(depth + 1)]
            while self.take(","):
                arguments.append(self.sum(depth + 1))
            self._close()
            if len(arguments) > 1 and name not in _SEVERAL and (name, len(arguments)) != ("log", 2):
                raise Unsolvable(f"{name!r} takes one number")
            return Node(name, tuple(arguments))
        if token.kind == "name" and name in CONSTANTS:
            return Node("constant", text=name)
        if _is_letter(token):
            return Node("unknown", text=name)
        raise Unsolvable(f"{token.text!r} is out of place" if token.text else "it is not complete")

    def _close(self) -> None:
        if not self.take(")"):
            raise Unsolvable("a bracket is not closed")


def _is_letter(token: Token) -> bool:
    return token.kind == "name" and len(token.text) == 1 and token.text.lower() not in CONSTANTS


def operations(node: Node) -> int:
    """Count the operations of a tree: what a plain number has none of."""
    own = 0 if not node.of or node.kind in {"neg", "%", "="} else 1
    return own + sum(operations(each) for each in node.of)


def unknowns(node: Node) -> frozenset[str]:
    """Return the letters of a tree."""
    letters = {letter for each in node.of for letter in unknowns(each)}
    return frozenset({node.text} if node.kind == "unknown" else letters)


def evaluate(node: Node) -> Any:
    """Return the value of a tree as a sympy expression. Raises ``Unsolvable``."""
    sympy: Any = import_module("sympy")
    try:
        value = _Evaluator(sympy).value(node)
    except (ArithmeticError, TypeError, RecursionError, ValueError) as error:
        if isinstance(error, Unsolvable):
            raise
        raise Unsolvable(f"it cannot be computed ({error})") from error
    if value.has(sympy.zoo, sympy.oo, sympy.nan, -sympy.oo):
        raise Unsolvable("it divides by zero, or has no finite value")
    return value


class _Evaluator:
    def __init__(self, sympy: Any) -> None:
        self.sympy = sympy

    def value(self, node: Node) -> Any:
        kind = node.kind
        if kind == "number":
            return self._number(node.text)
        if kind == "constant":
            return {"pi": self.sympy.pi, "e": self.sympy.E, "tau": 2 * self.sympy.pi}[node.text]
        if kind == "unknown":
            return self.sympy.Symbol(node.text)
        if kind in {"+", "-"} and node.of[1].kind == "%":  # 80 + 10% is 88, as on any calculator
            base, part = self.value(node.of[0]), self.value(node.of[1])
            return self._bounded(base + (part if kind == "+" else -part) * base)
        return self._bounded(self._apply(kind, [self.value(each) for each in node.of]))

    def _number(self, text: str) -> Any:
        exponent = text.lower().partition("e")[2]
        if len(text) > 1_000 or (exponent and abs(int(exponent)) > 1_000):
            raise Unsolvable("a number has more than 1,000 digits")
        exact = Fraction(text)
        return self._bounded(self.sympy.Rational(exact.numerator, exact.denominator))

    def _apply(self, kind: str, given: list[Any]) -> Any:
        sympy = self.sympy
        first = given[0]
        if kind == "+":
            return first + given[1]
        if kind == "-":
            return first - given[1]
        if kind == "*":
            return first * given[1]
        if kind == "/":
            if self._vanishes(given[1]):
                raise Unsolvable("it divides by zero")
            return first / given[1]
        if kind == "neg":
            return -first
        if kind == "**":
            return self._power(first, given[1])
        if kind == "%":
            return first / 100
        if kind == "deg":
            return first * sympy.pi / 180
        if any(each.free_symbols for each in given):
            raise Unsolvable(f"{kind!r} of an unknown is not supported")
        if kind in {"mod", "gcd", "lcm", "factorial"}:
            return self._whole(kind, given)
        self._tame(kind, first)
        if kind == "mean":
            return sum(given) / len(given)
        if kind == "log" and len(given) == 2:
            return sympy.log(first, given[1])
        if kind == "round":
            return sympy.floor(first + sympy.Rational(1, 2))
        if kind in {"log", "log10", "log2"}:
            return sympy.log(first, 2 if kind == "log2" else 10)
        if kind == "cbrt":
            return sympy.real_root(first, 3)
        return getattr(sympy, _IN_SYMPY.get(kind, kind))(*given)

    def _vanishes(self, value: Any) -> bool:
        """Say whether a divisor is zero, also one that only a computation shows to be."""
        if value.is_Rational or value.free_symbols:
            return bool(value.is_zero)
        return bool(abs(value.evalf(30, maxn=60)) < 1e-20)

    def _whole(self, kind: str, given: list[Any]) -> Any:
        if kind == "mod":
            if given[1].is_zero:
                raise Unsolvable("it divides by zero")
            return self.sympy.Mod(given[0], given[1])
        if not all(each.is_Integer for each in given):
            raise Unsolvable(f"{kind!r} takes whole numbers")
        if kind == "factorial":
            if not 0 <= given[0] <= 450:
                raise Unsolvable("a factorial is computed from 0! to 450!")
            return self.sympy.factorial(given[0])
        reduce: Any = self.sympy.gcd if kind == "gcd" else self.sympy.lcm
        result = given[0]
        for each in given[1:]:
            result = self._bounded(reduce(result, each))
        return result

    def _power(self, base: Any, exponent: Any) -> Any:
        if base.is_zero and exponent.is_negative:
            raise Unsolvable("it divides by zero")
        if exponent.free_symbols:
            raise Unsolvable("an unknown in an exponent is not supported")
        if base.free_symbols:
            if not (exponent.is_Integer and abs(exponent) <= MAX_DEGREE):
                raise Unsolvable(f"unknowns are raised to whole powers of at most {MAX_DEGREE}")
        elif base not in (0, 1, -1):
            size = abs(float(exponent)) if exponent.is_real else float("inf")
            if base.is_Rational:
                bits = max(int(base.p).bit_length(), int(base.q).bit_length())
            else:
                bits = max(1, abs(int(self.sympy.log(abs(base), 2).evalf(15))))
            if size * bits > MAX_BITS:
                raise Unsolvable("a power is too large: results have at most 1,200 digits")
        return base**exponent

    def _tame(self, kind: str, argument: Any) -> None:
        limit = 2_000 if kind in {"exp", "sinh", "cosh", "tanh"} else 10**15
        if kind in {"sqrt", "cbrt", "abs", "log", "ln", "log2", "log10", "min", "max", "mean"}:
            return
        if abs(argument).evalf(15) > limit:
            raise Unsolvable(f"{kind!r} is computed up to {limit:,}")

    def _bounded(self, value: Any) -> Any:
        if (
            value.is_Rational
            and max(int(value.p).bit_length(), int(value.q).bit_length()) > MAX_BITS
        ):
            raise Unsolvable("the result has more than 1,200 digits")
        return value


def roots(node: Node) -> list[Any] | bool:
    """Solve an equation in one unknown.

    Returns:
        The solutions, real ones first and in order; True when every number solves it, False when
        none does.

    Raises:
        Unsolvable: Not a polynomial equation in one unknown.
    """
    sympy: Any = import_module("sympy")
    letters = sorted(unknowns(node))
    if len(letters) != 1:
        raise Unsolvable(f"it has {len(letters)} unknowns ({', '.join(letters)}), and 1 is solved")
    letter = sympy.Symbol(letters[0])
    left, right = evaluate(node.of[0]), evaluate(node.of[1])
    try:
        top, bottom = sympy.fraction(sympy.together(left - right))
        polynomial = sympy.Poly(top, letter)
    except sympy.PolynomialError as error:
        raise Unsolvable("it is not a polynomial equation") from error
    if polynomial.degree() > MAX_DEGREE:
        raise Unsolvable(f"it is of degree {polynomial.degree()}, and {MAX_DEGREE} is the most")
    if polynomial.is_zero:
        return True
    if polynomial.degree() == 0:
        return False
    exact: dict[Any, int] = sympy.roots(polynomial, cubics=False, quartics=False)
    found = list(exact)
    if sum(exact.values()) < polynomial.degree():
        found = list(dict.fromkeys(sympy.nroots(polynomial, n=15, maxsteps=200)))
    kept = [each for each in found if abs(bottom.subs(letter, each).evalf(15)) > 1e-9]
    return sorted(kept, key=_order) if kept else False


def _order(value: Any) -> tuple[bool, float, float]:
    number = complex(value.evalf(15))
    return abs(number.imag) > 1e-12, number.real, number.imag


def plain(value: Any) -> int | float | str:
    """Return a value as people write it: a whole number, a decimal, or text for anything else.

    Whole numbers and decimals that end are exact; others are rounded to 12 digits.
    """
    if value.is_Integer:
        return int(value)
    if value.is_Rational:
        return _decimal(Fraction(int(value.p), int(value.q)))
    number = value.evalf(20)
    real, imaginary = number.as_real_imag()
    if imaginary.is_number and abs(imaginary) > 1e-15 * max(1, abs(real)):
        return _complex(float(real), float(imaginary))
    if not real.is_number or not real.is_real:
        raise Unsolvable("it has no value that is a number")
    digits = f"{real.evalf(14)}"
    shortened = float(f"{float(real):.12g}") if abs(real) < 1e300 else None
    if shortened is None:
        return digits
    return int(shortened) if shortened.is_integer() and abs(shortened) < 1e15 else shortened


def _decimal(value: Fraction) -> float | str:
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    near = float(value) if abs(value) < 10**300 else 0.0
    if rest == 1 and Fraction(repr(near)) != value:  # it ends, but not within a float
        text = _expanded(value)
        if len(text) <= 60:
            return text
    return float(f"{near:.12g}") if rest != 1 else near


def _expanded(value: Fraction) -> str:
    """Write out a decimal that ends."""
    places = 0
    while value.denominator != 1 and places < 1_000:
        value *= 10
        places += 1
    digits = str(abs(value.numerator)).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _complex(real: float, imaginary: float) -> str:
    size = f"{abs(imaginary):.12g}"
    unit = "i" if size == "1" else f"{size}i"
    if abs(real) < 1e-12:
        return unit if imaginary > 0 else f"-{unit}"
    return f"{real:.12g} {'+' if imaginary > 0 else '-'} {unit}"
