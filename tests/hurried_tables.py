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
    "berths": """\
berth,skipper,kind,metres,fee_gbp,paid
1,Ana Reis,sail,9,120,yes
2,Bob Hart,motor,7,90,no
3,Cem Ak,sail,12,160,yes
4,Dora Lund,motor,6,80,no
5,Eli Stone,sail,10,130,yes
""",
    "meters": """\
Month,Gas m3,Gas GBP,Power kWh,Power GBP
January,210,180,300,75
February,190,170,280,90
March,120,110,340,85
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
    "pets": """\
pet,kind,weight_kg,age,owner,vaccinated,visit
Milo,dog,12.5,3,Sara,yes,2026-01-12
Luna,cat,4.2,7,Tom,no,2026-02-03
Rex,dog,31.0,9,Sara,yes,2026-02-17
Kiki,bird,0.1,2,Joana,,2026-03-01
Nina,cat,3.8,1,Rui,yes,2026-03-15
Otto,dog,8.4,5,Tom,no,2026-03-29
""",
    "power": """\
month,kwh,cost
Jan,410,98.40
Feb,380,91.20
Mar,350,84.00
Apr,290,69.60
May,260,62.40
Jun,240,57.60
""",
    "expenses": """\
date,shop,category,amount,paid by
2026-05-02,Lidl,food,42.10,Ana
2026-05-03,Shell,car,60.00,Ben
2026-05-09,Lidl,food,37.65,Ben
2026-05-15,IKEA,home,129.00,Ana
2026-06-01,Aldi,food,28.40,Ana
2026-06-11,Shell,car,55.50,Ben
2026-06-20,Cinema,fun,24.00,Ana
""",
    "matches": """\
round,home,away,home_goals,away_goals,attendance
1,Lions,Bears,2,1,5400
1,Wolves,Hawks,0,0,3100
2,Bears,Wolves,3,2,4200
2,Hawks,Lions,1,4,6100
3,Lions,Wolves,2,2,7000
3,Hawks,Bears,0,1,2900
""",
    "hotel": """\
guest,room,nights,rate,check_in,breakfast
Meyer,101,3,80,2026-04-03,yes
Costa,102,2,95,2026-04-10,no
Brown,201,5,110,2026-04-28,yes
Silva,102,1,95,2026-05-04,no
Okoye,101,4,80,2026-05-19,yes
Novak,305,7,150,2026-05-21,yes
""",
    "stock": """\
item,category,quantity,price,supplier
Helmet Urban,helmets,14,39.9,Ciclo Norte
Helmet Kids,helmets,6,24.5,Ciclo Norte
Inner tube 28,tyres,3,4.6,Velo Gross
Tyre Marathon,tyres,18,32.0,Velo Gross
Chain 9-speed,drive,11,21.9,North Wheel
Cassette 9-speed,drive,4,44.0,North Wheel
Bell brass,accessories,0,7.9,Velo Gross
Lock U-shape,accessories,9,49.0,Safe Lock
Pannier bag,accessories,5,64.9,Ciclo Norte
Floor pump,accessories,7,28.0,Velo Gross
""",
    "repairs": """\
Date,Customer,Bike,Mechanic,Hours,Parts,Paid
2026-01-08,Keller,touring,Marco,1.5,34,yes
2026-01-15,Lindner,city,Jana,2,58.5,no
2026-01-27,Osei,e-bike,Marco,3.5,140,yes
2026-02-03,Berg,city,Jana,1,89,yes
2026-02-11,Novak,race,Marco,2.5,75,no
2026-02-19,Keller,kids,Jana,0.5,12,yes
2026-03-02,Tran,e-bike,Marco,4,210.5,no
2026-03-09,Silva,touring,Jana,1,26,yes
""",
    "science": """\
student,class,maths,science,absences
Ana,8A,14,15,2
Bruno,8A,9,11,6
Carla,8B,18,19,0
Hugo,8B,13,17,1
""",
    "ledger": """\
month,category,amount
January,Fees,420
January,Rent,-380
February,Fees,390
February,Rent,-390
""",
    "things": """\
item,stock,price
helmet,0,22.5
lamp,20,8.75
pump,5,12
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
