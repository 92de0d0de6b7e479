"""Places that a small model takes for people: countries, capitals and well-known cities, in both languages."""

from __future__ import annotations

from .names import plain

_COUNTRIES = (
    "afghanistan albania algeria andorra angola argentina armenia australia austria azerbaijan bahamas bahrain bangladesh barbados belarus "
    "belgium belize benin bhutan bolivia botswana brazil brunei bulgaria burundi cambodia cameroon canada chile china colombia congo croatia "
    "cuba cyprus czechia denmark ecuador egypt england eritrea estonia ethiopia fiji finland france gabon gambia germany ghana greece "
    "guatemala guinea guyana haiti honduras hungary iceland india indonesia iran iraq ireland israel italy jamaica japan kazakhstan kenya "
    "kosovo kuwait laos latvia lebanon lesotho liberia libya liechtenstein lithuania luxembourg madagascar malawi malaysia maldives mali "
    "malta mauritania mauritius mexico moldova monaco mongolia montenegro morocco mozambique myanmar namibia nepal netherlands nicaragua "
    "niger nigeria norway oman pakistan panama paraguay peru philippines poland portugal qatar romania russia rwanda scotland senegal serbia "
    "singapore slovakia slovenia somalia spain sudan suriname sweden switzerland syria taiwan tanzania thailand togo tunisia turkey uganda "
    "ukraine uruguay uzbekistan venezuela vietnam wales yemen zambia zimbabwe europe africa asia america antarctica "
    "alemanha espanha franca italia inglaterra escocia irlanda holanda belgica suica suecia noruega dinamarca finlandia polonia grecia "
    "turquia russia ucrania japao india brasil argentina mexico canada marrocos egito mocambique cabo-verde europa asia"
)
_CITIES = (
    "aachen aarhus aberdeen accra adelaide amsterdam ankara antwerp antwerpen athens atlanta auckland augsburg austin baltimore bangalore "
    "bangkok barcelona basel beijing beirut belfast belgrade belo bergen berlin bern bilbao birmingham bogota bologna bonn bordeaux boston "
    "braga bratislava bremen brighton brisbane bristol bruges brussels bucharest budapest cairo calais calcutta cambridge canberra cardiff "
    "casablanca chennai chicago coimbra cologne copenhagen cordoba cork cracow krakow dakar dallas damascus delhi denver detroit dijon "
    "dortmund dresden dubai dublin dundee durban durham dusseldorf edinburgh eindhoven essen evora exeter faro florence frankfurt funchal "
    "galway gdansk geneva genoa ghent girona glasgow gothenburg granada graz grenoble groningen guimaraes hamburg hanoi hanover helsinki "
    "houston innsbruck istanbul jakarta jerusalem johannesburg karachi kathmandu kyiv kiev kingston kyoto lagos lausanne leeds leicester "
    "leiden leipzig leiria lille lima limerick linz lisbon lisboa liverpool ljubljana london lucerne lyon maastricht madrid mainz malaga "
    "malmo manchester manila mannheim maputo marrakesh marseille melbourne miami milan minsk montpellier montreal moscow mumbai munich "
    "nairobi nantes naples newcastle norwich nottingham nuremberg odense oporto orleans osaka oslo ottawa oxford palermo paris parma perth "
    "philadelphia phoenix pisa pittsburgh plymouth porto portland potsdam prague preston pretoria quebec reykjavik riga rome rotterdam rouen "
    "salzburg santander santiago sarajevo seattle seoul setubal seville shanghai sheffield sofia southampton stavanger stockholm "
    "strasbourg stuttgart swansea sydney taipei tallinn tangier tehran tokyo toronto toulouse trieste trondheim tunis turin uppsala "
    "utrecht valencia vancouver venice verona vienna vilnius viseu warsaw washington wellington whitby wolfsburg york zagreb zaragoza zurich "
    "aveiro cascais sintra almada amadora braganca guarda evora beja portimao tomar queluz matosinhos gaia londres paris roma genebra viena "
    "bruxelas amesterdao atenas moscovo nova-iorque luanda recife curitiba fortaleza manaus salvador brasilia campinas"
)
_PLACES = frozenset(f"{_COUNTRIES} {_CITIES}".split())
_TOGETHER = frozenset(
    {
        "new york", "los angeles", "san francisco", "las vegas", "hong kong", "cape town", "buenos aires", "rio de janeiro", "sao paulo",
        "tel aviv", "abu dhabi", "kuala lumpur", "new delhi", "the hague", "costa rica", "south africa", "new zealand", "saudi arabia",
        "united states", "united kingdom", "czech republic", "northern ireland", "sri lanka", "north sea", "nova iorque", "cabo verde",
        "reino unido", "estados unidos", "belo horizonte", "porto alegre", "vila nova de gaia", "viana do castelo", "castelo branco",
    }
)  # fmt: skip


def is_place(name: str) -> bool:
    """Say whether a name is that of a country or a well-known city."""
    low = plain(name).strip(" .,'’")
    low = low.removeprefix("the ") if low not in _TOGETHER else low
    return low in _PLACES or low in _TOGETHER
