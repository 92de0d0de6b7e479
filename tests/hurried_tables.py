"""Small tables of many fields, as people type questions about them in a hurry."""

from __future__ import annotations

from table_questions import FOLDER, Asked

from herd_graph.artifacts import Table

TABLES = {
    "sales": """\
month,city,units,revenue
January,Porto,120,2400
January,Leeds,80,1600
February,Porto,150,3000
February,Leeds,95,1900
March,Porto,90,1800
March,Leeds,131,2620
""",
    "budget": """\
category,amount
rent,900
food,420
transport,130
fun,150
savings,200
""",
    "temps": """\
day,celsius
Monday,12
Tuesday,15
Wednesday,21
Thursday,18
Friday,9
""",
    "marks": """\
pupil,subject,mark
Ana,maths,17
Ana,history,12
Ben,maths,9
Ben,history,15
Carla,maths,14
Carla,history,18
Dan,maths,8
Dan,history,11
""",
    "members": """\
[{"name":"Rita","town":"Porto","age":34},{"name":"Tom","town":"Leeds","age":51},{"name":"Eva","town":"Porto","age":29},{"name":"Max","town":"York","age":46}]
""",
    "shopsales": """\
date,region,product,units,unit_price
2026-07-03,North,lamp,12,15.00
2026-07-10,South,kettle,5,24.50
2026-07-21,North,kettle,7,24.50
2026-08-02,South,lamp,16,15.00
2026-08-09,North,toaster,4,31.00
2026-08-19,West,lamp,10,15.00
2026-08-30,North,chair,9,40.00
""",
    "staff": """\
name,department,salary,start,full time
Ana Reis,Sales,32000,2019-03-01,yes
Bo Lind,IT,45000,2021-06-15,yes
Cleo Park,Sales,28000,2022-01-10,no
Dev Shah,IT,51000,2017-09-01,yes
Eli Katz,Support,26000,2023-05-20,no
Fay Wood,Support,30000,2020-11-02,yes
""",
    "runs": """\
runner,club,distance_km,minutes,paid
Mia,Red,10,52,yes
Noah,Blue,21,118,no
Ola,Red,5,27,yes
Pia,Green,10,49,no
Quin,Blue,10,61,
Rosa,Green,21,109,yes
""",
    "loans": """\
member,book,borrowed,due,returned,late
Ann,Dune,2026-01-05,2026-01-19,2026-01-17,no
Bob,Emma,2026-01-08,2026-01-22,2026-01-30,yes
Cat,Dune,2026-02-01,2026-02-15,,yes
Ann,Ulysses,2026-02-11,2026-02-25,2026-02-20,no
Dan,Emma,2026-03-02,2026-03-16,,no
Bob,Dune,2026-03-09,2026-03-23,2026-03-30,yes
""",
}
JSON = "members"


def attached(table: str) -> Table:
    """Return a table as the file that somebody attaches."""
    json = table == JSON
    return Table(
        TABLES[table].encode(),
        name=f"{table}.{'json' if json else 'csv'}",
        mime="application/json" if json else "text/csv",
    )


def questions(name: str) -> list[Asked]:
    """Return the questions of a list, with the rows that answer each."""
    made: list[Asked] = []
    for line in (FOLDER / f"{name}.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            table, question, gold = (each.strip() for each in line.split(" | ", 2))
            rows = tuple(
                tuple(cell.strip() for cell in row.split(" & ")) for row in gold.split(";")
            )
            made.append(Asked(table, question, None if gold == "REFUSE" else rows))
    return made
