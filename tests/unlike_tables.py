"""Six tables as people have them: semicolons, records, sheets under titles, percent signs, gaps.

Each is given twice: as the file that is attached, and as clean rows that a database answers the
same question from, with SQL that was written by hand.
"""

from __future__ import annotations

import io
import json
from importlib import import_module
from typing import Any

from table_questions import FOLDER

from herd_graph.artifacts import Document, Table

Rows = list[tuple[Any, ...]]

CAFE: Rows = [
    ("2026-07-03", "Coffee", "Ana", 120, 240.5), ("2026-07-09", "Tea", "Rui", 40, 72.0),
    ("2026-07-15", "Cake", "Ana", 25, 87.5), ("2026-07-28", "Coffee", "Eva", 90, 180.0),
    ("2026-08-02", "Coffee", "Rui", 150, 300.0), ("2026-08-09", "Cake", "Eva", 30, 105.0),
    ("2026-08-17", "Juice", "Rui", 20, 60.0), ("2026-08-21", "Tea", "Ana", 55, 99.0),
    ("2026-09-01", "Juice", "Eva", 35, 105.0), ("2026-09-12", "Coffee", "Ana", 110, 220.0),
    ("2026-09-20", "Cake", "Rui", 10, 35.0),
]  # fmt: skip
CLUB: Rows = [
    ("Marta Reis", 34, "Porto", "gold", True, 12, "2023-02-11"), ("Ivo Lang", 51, "Braga", "silver", False, 4, "2021-07-30"),
    ("Nadia Kern", 28, "Porto", "silver", True, 20, "2024-11-05"), ("Paul Otte", 45, "Faro", "gold", True, None, "2020-01-19"),
    ("Sofia Brito", 39, "Braga", "basic", False, 7, "2025-03-22"), ("Tom Hale", 62, "Porto", "basic", True, 3, "2022-09-14"),
    ("Uma Silva", 23, "Faro", "gold", True, 16, "2025-06-01"),
]  # fmt: skip
STAFF: Rows = [
    ("Ana", "Barista", 1400, "Centro"), ("Rui", "Manager", 2300, "Centro"), ("Eva", "Barista", 1350, "Praia"),
    ("Ugo", "Cook", 1650, "Praia"), ("Lia", "Barista", 1425, "Norte"), ("Max", "Manager", 2450, "Norte"),
]  # fmt: skip
SHOPS: Rows = [
    ("Centro", "Porto", 900, 42, "2019-05-01"), ("Praia", "Faro", 750, 30, "2021-06-15"), ("Norte", "Braga", 620, 55, "2018-03-10"),
]  # fmt: skip
KUNDEN: Rows = [
    ("Meier", "Berlin", "2026-01-05", 1250.5, 0.1, "bezahlt"), ("Schulz", "Hamburg", "2026-01-18", 380.0, 0.0, "offen"),
    ("Meier", "Berlin", "2026-02-02", 99.9, 0.05, "bezahlt"), ("Vogt", "Köln", "2026-02-20", 2100.0, 0.15, "offen"),
    ("Schulz", "Hamburg", "2026-03-03", 640.25, 0.1, "bezahlt"), ("Vogt", "Köln", "2026-03-15", 75.0, 0.0, "bezahlt"),
    ("Adler", "Berlin", "2026-03-29", 510.0, 0.2, "offen"),
]  # fmt: skip
FUNDOS: Rows = [
    ("Alfa", "Ações", 12.5, 1500.0, "alto"), ("Beta", "Obrigações", 3.2, 4200.0, "baixo"), ("Gama", "Ações", -4.1, 900.0, "alto"),
    ("Delta", "Misto", 5.0, 2750.0, "médio"), ("Zeta", "Obrigações", 2.8, 3100.0, "baixo"), ("Sigma", "Misto", None, 600.0, "médio"),
]  # fmt: skip
PLANTS: Rows = [
    ("Basil", "herb", 2.5, 40, 3), ("Mint", "herb", 2.9, 60, 0), ("Rose", "flower", 8.0, 90, 12), ("Tulip", "flower", 1.2, 35, 80),
    ("Lemon tree", "tree", 24.0, 180, 4), ("Fig tree", "tree", 31.5, 210, 2), ("Lily", "flower", 4.4, 70, 0), ("Sage", "herb", 3.1, 50, 9),
]  # fmt: skip

CLEAN: dict[str, dict[str, tuple[str, Rows]]] = {
    "cafe": {"t": ("day DATE, product TEXT, seller TEXT, units INT, revenue DOUBLE", CAFE)},
    "club": {"t": ("name TEXT, age INT, city TEXT, plan TEXT, active BOOL, visits INT, joined DATE", CLUB)},
    "staff": {
        "t": ("name TEXT, role TEXT, salary INT, shop TEXT", STAFF),
        "s": ("shop TEXT, city TEXT, rent INT, seats INT, opened DATE", SHOPS),
    },
    "kunden": {"t": ("kunde TEXT, stadt TEXT, datum DATE, betrag DOUBLE, rabatt DOUBLE, status TEXT", KUNDEN)},
    "fundos": {"t": ("fundo TEXT, tipo TEXT, rendimento DOUBLE, valor DOUBLE, risco TEXT", FUNDOS)},
    "plants": {"t": ("plant TEXT, kind TEXT, price DOUBLE, height INT, stock INT", PLANTS)},
}  # fmt: skip


def _euro(value: float | None) -> str:
    return (
        ""
        if value is None
        else f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    )


def _cafe() -> Table:
    lines = ["date;product;seller;units;revenue"]
    for day, *rest, revenue in CAFE:
        told = ".".join(reversed(str(day).split("-")))
        lines.append(";".join([told, *(str(each) for each in rest), _euro(revenue)]))
    return Table("\n".join(lines).encode(), name="cafe_sales.csv")


def _club() -> Table:
    names = ("name", "age", "city", "plan", "active", "visits", "joined")
    records = [dict(zip(names, row, strict=True)) for row in CLUB]
    return Table(json.dumps(records).encode(), name="members.json", mime="application/json")


def _staff() -> Document:
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Staff"
    sheet.append(["Staff of the cafés, 2026"])
    sheet.append([])
    sheet.append(["Name", "Role", "Salary (€)", "Shop"])
    for row in STAFF:
        sheet.append(list(row))
    shops = book.create_sheet("Shops")
    shops.append(["Shop", "City", "Monthly rent", "Seats", "Opened"])
    for row in SHOPS:
        shops.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return Document(
        stream.getvalue(), name="staff.xlsx",
        mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    )  # fmt: skip


def _kunden() -> Table:
    lines = ["Kunde;Stadt;Rechnungsdatum;Betrag;Rabatt;Status"]
    for name, town, day, amount, off, status in KUNDEN:
        told = ".".join(reversed(str(day).split("-")))
        lines.append(f"{name};{town};{told};{_euro(amount)} €;{round(off * 100)} %;{status}")
    return Table("\n".join(lines).encode(), name="kunden.csv")


def _fundos() -> Table:
    lines = ["Fundo\tTipo\tRendimento\tValor\tRisco"]
    for name, sort, gain, worth, risk in FUNDOS:
        told = "" if gain is None else f"{str(gain).replace('.', ',')}%"
        lines.append(f"{name}\t{sort}\t{told}\t€ {_euro(worth)}\t{risk}")
    return Table("\n".join(lines).encode(), name="fundos.tsv", mime="text/tab-separated-values")


def _plants() -> Table:
    lines = ["Plant,Kind,Price,Height (cm),In stock"]
    lines += [
        f"{name},{kind},${price:.2f},{height},{stock}"
        for name, kind, price, height, stock in PLANTS
    ]
    return Table("\n".join(lines).encode(), name="garden.csv")


def attached(table: str) -> Table | Document:
    """Return a table as the file that somebody attaches."""
    made = {
        "cafe": _cafe,
        "club": _club,
        "staff": _staff,
        "kunden": _kunden,
        "fundos": _fundos,
        "plants": _plants,
    }
    return made[table]()


def gold(table: str, sql: str) -> tuple[tuple[str, ...], ...] | None:
    """Return the rows that are right: those of a SELECT, given ones, or None for a refusal."""
    if sql == "REFUSE":
        return None
    if not sql.lower().startswith("select"):
        return tuple(tuple(cell.strip() for cell in row.split(" & ")) for row in sql.split(";"))
    duckdb: Any = import_module("duckdb")
    connection: Any = duckdb.connect(":memory:")
    for name, (shape, rows) in CLEAN[table].items():
        connection.execute(f"CREATE TABLE {name} ({shape})")
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f"INSERT INTO {name} VALUES ({marks})", [list(each) for each in rows]
        )
    return tuple(tuple(str(each) for each in row) for row in connection.execute(sql).fetchall())


def questions(name: str) -> list[tuple[str, str, str]]:
    """Return the lines of a list: table, question, SELECT over the clean rows."""
    made: list[tuple[str, str, str]] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            table, question, sql = (each.strip() for each in line.split(" | ", 2))
            made.append((table, question, sql))
    return made
