"""Receipts, bills and menus as a reader of pictures gives them, with their misreadings."""

from __future__ import annotations

MARKET = """MERCADO SOL
Rua das Flores 12, Porto
NIF 501234567
14/09/2026 18:42
Bread 1.20
Milk 2 x 0.95 1.90
Cheese 4.75
Apples 1.2 kg 2.64
Coffee 3.49
SUBTOTAL 13.98
VAT 6% 0.84
TOTAL EUR 14.82
CARD 14.82
Thank you!"""
BISTRO = """The Green Bistro
Table 7 2026-10-03
2x Burger $19.00
1x Caesar Salad $8.50
3x Lemonade $10.50
1x Cheesecake $6.25
Subtotal $44.25
Tax 8% $3.54
Tip $6.00
Total $53.79"""
OFFICE = """INVOICE No. 2026-118
Brandt Office Supplies GmbH
Date: 5 March 2026
Due: 4 April 2026
Paper A4, 10 boxes 239,00 EUR
Toner black 89,90 EUR
Delivery 12,50 EUR
Net 341,40 EUR
VAT 19% 64,87 EUR
Amount due 406,27 EUR"""
MENU = """CAFE LUNA - MENU
Espresso 1.40
Cappuccino 2.60
Croissant 1.90
Cheese toast 4.20
Soup of the day 5.50
Orange juice 3.10"""
PHARMACY = """PHARMACY CENTRAL
12.11.2026 09:15
Aspirin 5.99
Bandages 3.49
Vitamin C 8.25
TOTAL 18.73"""
PASTRIES = """PASTELARIA BELÉM
Praça do Império 4, Lisboa
Contribuinte: 509 887 123
Fatura simplificada FS 2026/4411
2026-11-02 10:07
2 Café 2,40
3 Pastel de nata 4,20
1 Sumo laranja 3,10
1 Água 0,5L 1,30
TOTAL 11,00 €
IVA incluído 13% 1,27
Multibanco 11,00"""
HARDWARE = """HARDWARE & MORE
Store #1042 Tel 555-0134
Qty Item Price
4 Screws M4 3.20
1 Hammer 18.99
2 Paint brush 11.00
1 Wood glue 6.45
Sub-Total 39.64
Sales tax 7% 2.77
GRAND TOTAL 42.41
VISA ****1234 42.41
08/21/2026 04:15 PM"""
CLUB = """Fitness Club North
Invoice # A-77
Issued 12 Jan 2026 - pay by 26 Jan 2026
Membership January $45.00
Locker $5.50
Sauna pass $12.00
Discount -$6.25
TOTAL $56.25"""
DINNER = """TODAY'S MENU
Tomato soup .... 4.80
Grilled salmon .... 14.50
Veggie burger ..... 9.90
Apple pie .. 5.20
House wine (glass) . 4.50
Sparkling water ... 2.80"""
BOOKS = """BOOK CORNER
21.03.2026
The Sea 12.99
Atlas of Birds 24.50
Pencil 3 x 0.80 2.40
TOTAL 41.89
CASH 50.00
CHANGE 8.11"""


WATER = """AGUAS DO VALE - Water bil1
Customer: Joaquim Moreira
Period: 1 October to 31 October 2026
Consumption: 14 m3
Water supply 18.20 EUR
Sewage 9.75 EUR
Waste collection 6.30 EUR
Total to pay 34.25 EUR
Pay before 9 December 2026"""


GROCER = """CORNER GROCER
48 High Street, Luton
Date 04/05/2026 17:52
Oat milk 1.85
Bananas 1.35 kg 1.62
2 x Sourdough loaf 7.80
Cheddar 4.40
3 x Lentil soup 4.05
Multibuy saving -1.35
Washing powder 6.95
SUBTOTAL 25.32
Loyalty discount -2.53
TOTAL £22.79
CASH £30.00
CHANGE £7.21"""
GARDEN = """INVOICE
Fenwick Garden Services
Invoice no: FG-2041
Payment due: 16 June 2026
Description Qty Unit price Amount
Lawn mowing 4 25.00 100.00
Hedge trimming 3 38.00 114.00
Bark mulch bags 10 6.20 62.00
Waste removal 1 45.00 45.00
Net 321.00
VAT 20% 64.20
Total 385.20
Deposit paid -100.00
Balance due 285.20"""
HOTEL = """HOTEL BELVEDERE ZURICH
Room, 3 nights at 145.00 CHF 435.00
Breakfast 3 x 18.50 CHF 55.50
Minibar CHF 12.00
City tax CHF 7.50
Total CHF 510.00
Advance payment CHF 200.00
To pay CHF 310.00"""
TRATTORIA = """Trattoria Da Nino
Qty Item Price Amount
2 Margherita 13.50 27.00
1 Lasagne 16.75 16.75
4 Lemonade 3.50 14.00
Subtotal 57.75
Sales tax 8.5% 4.91
Service 18% 10.40
Total due $73.06
Paid Visa $73.06"""
LIGHTHOUSE = """THE LIGHTHOUSE CAFE
Breakfast
Porridge with honey ..... £4.20
Full English ............ £9.80
Pancakes ................ £7.10
Drinks
Flat white .............. £3.20
Tea ..................... £2.10
Open daily 7.30 - 15.00"""
