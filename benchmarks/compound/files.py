"""Make the files of the test set's checked requests: drawn, spoken, played and written here.

    python benchmarks/compound/files.py FOLDER       needs herd-graph[local]

Everything is made from the words and numbers in this module, so the files are free of anybody's
rights and `check` in ``test.jsonl`` can say what an answer must hold. Running this again gives the
same contents; other versions of PIL, Matplotlib or the encoders may change their bytes.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
import zipfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from time import gmtime
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Audio, Text

RATE = 16_000
LONG_AGO = gmtime(1_767_225_600)
"""The date that goes into documents, instead of today's: 1 January 2026."""

TEXTS = {
    "carta.txt": (
        "Querida Helena,\n\n"
        "Chegámos bem a Coimbra e a casa é muito bonita. O jardim tem um limoeiro e um poço antigo. "
        "Amanhã vamos visitar a universidade com a Maria.\n\n"
        "A viagem custou 85 euros. Voltamos no domingo de manhã.\n\n"
        "Muitos beijos,\nJoana\n"
    ),
    "review.txt": (
        "We loved this hotel. The room was wonderful, the breakfast was delicious and the staff "
        "were friendly and kind. A great place with a beautiful view, and we will happily come "
        "back.\n"
    ),
    "angry.txt": (
        "This was a horrible stay. The room was dirty, the shower was broken and the food was "
        "awful. The staff were rude and we are very disappointed. Never again.\n"
    ),
    "article.txt": (
        "The old lighthouse of Brighton opens its doors again in May. For eleven years nobody was "
        "allowed to climb the tower, because the stairs had rusted through. Now the lighthouse has "
        "new stairs of steel, and the lamp has been repaired by the engineer Alice Morgan. The "
        "city paid 90,000 pounds for the repair of the lighthouse. Behind the tower there is a "
        "small garden with a café. Visitors may climb the lighthouse every day from ten to four. "
        "Children under six years may not climb the stairs alone.\n"
    ),
    "story.txt": (
        "Once upon a time a little fox lived beside a river. Every morning she watched the boats. "
        "One day a boat stopped, and an old sailor gave her a bright blue hat. Since then the fox "
        "has never been cold in winter.\n"
    ),
    "rules.txt": (
        "House rules\n\n"
        "Please be quiet in the stairway after ten in the evening.\n\n"
        "Pets are welcome, but dogs must be kept on a lead in the house.\n\n"
        "Bicycles belong in the cellar and never in the hallway.\n\n"
        "The garden behind the house may be used by everybody until sunset.\n\n"
        "The rubbish is collected on Wednesday morning.\n"
    ),
    "german.txt": (
        "Liebe Nachbarn, am Samstag feiern wir im Hof ein kleines Fest. Es kann abends etwas "
        "lauter werden. Kommt doch einfach vorbei und bringt einen Kuchen mit!\n"
    ),
    "spanish.txt": (
        "Queridos vecinos, el ascensor no funciona desde el lunes. El técnico llegará mañana por "
        "la tarde. Mientras tanto, utilicen las escaleras, por favor.\n"
    ),
    "readme.txt": "The other files here were exported from the club's database on 1 March.\n",
}

SPEECH = {
    "voicemail.wav": (
        "Hello Doctor Brown, this is Susan Miller from Manchester. I would like to move my "
        "appointment from Tuesday to Friday afternoon. Please call me back tomorrow. Thank you."
    ),
    "complaint.wav": (
        "The washing machine is broken again. This is a terrible service, and I am very angry. "
        "I want my money back."
    ),
    "meeting.wav": (
        "The garden club meets in the library on Thursday. We will plant forty roses along the "
        "river. Everybody should bring gloves and a small shovel. After the work there will be "
        "soup and fresh bread in the library."
    ),
    "sum.wav": "What is fifteen times four?",
    "miles.wav": "Please convert twelve miles to kilometers.",
}

TALK = (
    "Welcome to this lecture about volcanoes. The volcano Vesuvius in Italy destroyed the city of "
    "Pompeii. Today many scientists watch the volcano day and night. A volcano gives warnings "
    "before it erupts."
)
SLIDES = ("VOLCANOES", "VESUVIUS", "WARNINGS")

SHEETS: dict[str, list[tuple[Any, ...]]] = {
    "sales.csv": [
        ("month", "city", "units", "revenue"),
        ("January", "Porto", 120, 2400),
        ("January", "Leeds", 80, 1600),
        ("February", "Porto", 150, 3000),
        ("February", "Leeds", 95, 1900),
        ("March", "Porto", 90, 1800),
        ("March", "Leeds", 131, 2620),
    ],
    "budget.csv": [
        ("category", "amount"),
        ("rent", 900),
        ("food", 420),
        ("transport", 130),
        ("fun", 150),
        ("savings", 200),
    ],
    "cash.csv": [("year", "cash_flow"), (0, -1000), (1, 500), (2, 500), (3, 500)],
    "temps.csv": [
        ("day", "celsius"),
        ("Monday", 12),
        ("Tuesday", 15),
        ("Wednesday", 21),
        ("Thursday", 18),
        ("Friday", 9),
    ],
}
MARKS: list[tuple[Any, ...]] = [
    ("pupil", "subject", "mark"),
    ("Ana", "maths", 17),
    ("Ana", "history", 12),
    ("Ben", "maths", 9),
    ("Ben", "history", 15),
    ("Carla", "maths", 14),
    ("Carla", "history", 18),
    ("Dan", "maths", 8),
    ("Dan", "history", 11),
]
MEMBERS = [
    {"name": "Rita", "town": "Porto", "age": 34},
    {"name": "Tom", "town": "Leeds", "age": 51},
    {"name": "Eva", "town": "Porto", "age": 29},
    {"name": "Max", "town": "York", "age": 46},
]

RECEIPTS = {
    "bill.png": (
        "HARBOUR CAFE",
        (("Tomato soup", "6.50"), ("Grilled fish", "18.90"), ("Lemonade", "3.60")),
    ),
    "pharmacy.png": (
        "CITY PHARMACY",
        (("Vitamin C", "8.20"), ("Cough syrup", "11.30"), ("Plasters", "4.50")),
    ),
}
"""No total is printed: 29.00 and 24.00."""

SIGNS = {
    "label.png": ("Net weight: 25 kg",),
    "whiteboard.png": ("48 * 12 + 7",),
    "aviso.png": (
        "AVISO",
        "A piscina está fechada até domingo.",
        "A biblioteca está aberta de manhã.",
    ),
    "poster.png": (
        "SPRING CONCERT",
        "Saturday, 14 March 2026",
        "Town Hall, Bristol",
        "Conductor: Anna Keller",
        "Tickets are sold at the door",
        "and children are free.",
    ),
    "menu.png": (
        "EMENTA",
        "Sopa de legumes",
        "Frango com arroz",
        "Peixe com batatas",
        "Vinho tinto da casa",
    ),
}

LETTER = (
    ("Dear Mr Harris,", "your new bicycle is ready.", "Please collect it on Monday."),
    ("Our shop is in Oxford Street.", "It closes at six o'clock.", "Kind regards, Laura Bennett"),
)
"""Two pages that hold pictures alone, as a scanner makes them."""

CONTRACT = (
    (
        "RENTAL AGREEMENT",
        "between the landlord, Margaret Collins of Liverpool,",
        "and the tenant, Peter Young of Sheffield.",
        "The tenant rents the flat from 1 June 2026.",
        "The monthly rent is 750 pounds.",
        "The deposit is 1,500 pounds and is paid back at the end.",
    ),
    (
        "The notice period is three months.",
        "The tenant may keep one cat. Other pets need permission.",
        "The tenant looks after the garden in summer.",
        "Keys are handed over on a Friday.",
    ),
)
RECIPE = (
    (
        "Bolo de laranja",
        "Ingredientes: quatro ovos, duas laranjas, farinha e açúcar.",
        "Bata os ovos com o açúcar.",
        "Junte o sumo das laranjas e a farinha.",
        "Leve ao forno durante quarenta minutos.",
    ),
)

MELODY = (60, 64, 67, 72)
"""MIDI keys: C4, E4, G4, C5."""


def font(size: int) -> Any:
    """Return the font that comes with Matplotlib (PIL's own lacks accents)."""
    matplotlib: Any = import_module("matplotlib")
    return ImageFont.truetype(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", size)


def draw_receipt(shop: str, lines: Sequence[tuple[str, str]]) -> Image.Image:
    """Draw a till receipt."""
    made = Image.new("RGB", (480, 200 + 60 * len(lines)), (252, 252, 248))
    draw = ImageDraw.Draw(made)
    draw.text((240, 60), shop, "black", font=font(32), anchor="mm")
    draw.line((30, 110, 450, 110), "grey", 2)
    for row, (item, price) in enumerate(lines):
        draw.text((40, 160 + 60 * row), item, "black", font=font(28), anchor="lm")
        draw.text((440, 160 + 60 * row), price, "black", font=font(28), anchor="rm")
    return made


def draw_lines(lines: Sequence[str], *, ink: str = "black", paper: str = "white") -> Image.Image:
    """Draw lines of print, one below the other."""
    made = Image.new("RGB", (900, 110 + 80 * len(lines)), paper)
    draw = ImageDraw.Draw(made)
    for row, line in enumerate(lines):
        draw.text((450, 95 + 80 * row), line, ink, font=font(42), anchor="mm")
    return made


def draw_stop_signs(places: Sequence[int], *, width: int = 416, shift: int = 0) -> Image.Image:
    """Draw stop signs in a landscape, which the network takes for the thing itself."""
    made = Image.new("RGB", (width, 416), (150, 185, 220))
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 300, width, 416), fill=(90, 110, 70))
    y = 180
    for x in (place + shift for place in places):
        draw.rectangle((x - 5, y, x + 5, 416), fill=(120, 120, 120))
        for reach, ink in ((90.0, (255, 255, 255)), (83.7, (190, 20, 30))):
            corners = [math.pi / 8 + k * math.pi / 4 for k in range(8)]
            draw.polygon([(x + reach * math.cos(a), y + reach * math.sin(a)) for a in corners], ink)
        draw.text((x, y), "STOP", "white", font=font(56), anchor="mm", stroke_width=2)
    return made


def draw_clock() -> Image.Image:
    """Draw the face of a clock."""
    made = Image.new("RGB", (416, 416), (200, 190, 170))
    draw = ImageDraw.Draw(made)
    draw.ellipse((118, 118, 298, 298), "black")
    draw.ellipse((125, 125, 291, 291), "white")
    for hour in range(12):
        a = math.pi * hour / 6
        at = (208 + 67.5 * math.sin(a), 208 - 67.5 * math.cos(a))
        draw.text(at, str(hour or 12), "black", font=font(26), anchor="mm")
    draw.line((208, 208, 253, 198), "black", width=7)
    draw.line((208, 208, 218, 150), "black", width=5)
    return made


def spoken(words: str) -> Audio:
    """Say something in the voice of the expert `speak`, at 16 kHz."""
    speak = next(each for each in first_party() if each.name == "speak")
    audio: Audio = speak(Text(words))
    samples, _ = audio.samples(RATE)
    return Audio.from_samples(samples, RATE)


def played(keys: Sequence[int]) -> Audio:
    """Play notes one after the other on something like a plucked string."""
    np: Any = import_module("numpy")
    time = np.arange(round(0.6 * 22_050)) / 22_050
    notes: list[Any] = []
    for key in keys:
        pitch = 440 * 2 ** ((key - 69) / 12)
        tones = [0.3 * 0.55**n * np.sin(2 * np.pi * pitch * n * time) for n in range(1, 6)]
        notes.append(sum(tones) * np.exp(-1.5 * time) * np.minimum(1, time * 200))
    return Audio.from_samples(np.concatenate(notes), 22_050)


def write_video(
    path: Path, seconds: float, picture: Callable[[float], Image.Image], sound: Audio | None = None
) -> None:
    """Write an MP4 of what is to be seen at each time, with a sound track if there is one."""
    av: Any = import_module("av")
    np: Any = import_module("numpy")
    with av.open(str(path), "w") as container:
        film = container.add_stream("mpeg4", rate=5)
        film.width, film.height = picture(0).size
        film.pix_fmt = "yuv420p"
        film.bit_rate = 4_000_000
        track: Any = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for number in range(round(seconds * 5)):
            frame = av.VideoFrame.from_image(picture(number / 5))
            frame.pts, frame.time_base = number, Fraction(1, 5)
            container.mux(film.encode(frame))
        container.mux(film.encode(None))
        if sound is None:
            return
        samples, _ = sound.samples(44_100)
        pcm = (samples * 32767).astype(np.int16).reshape(1, -1)
        for start in range(0, pcm.shape[1], 1024):
            part = np.ascontiguousarray(pcm[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="s16", layout="mono")
            frame.rate, frame.pts, frame.time_base = 44_100, start, Fraction(1, 44_100)
            container.mux(track.encode(frame))
        container.mux(track.encode(None))


def write_pdf(path: Path, pages: Sequence[Sequence[str]]) -> None:
    """Write a PDF whose pages hold real text."""
    matplotlib: Any = import_module("matplotlib")
    matplotlib.use("Agg")
    matplotlib.rcParams["pdf.fonttype"] = 42  # fonts whose letters can be read back
    figures: Any = import_module("matplotlib.figure")
    backend: Any = import_module("matplotlib.backends.backend_pdf")
    with backend.PdfPages(path, metadata={"CreationDate": None}) as document:
        for page in pages:
            figure = figures.Figure(figsize=(8.27, 11.69))
            for row, line in enumerate(page):
                figure.text(0.1, 0.9 - 0.04 * row, line, fontsize=14)
            document.savefig(figure)


def write_workbook(path: Path, rows: Sequence[Sequence[Any]]) -> None:
    """Write an Excel file with one sheet, and without the time at which it was written."""
    openpyxl: Any = import_module("openpyxl")
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as parts, zipfile.ZipFile(path, "w") as written:
        for name in parts.namelist():
            part = parts.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", part)
            written.writestr(zipfile.ZipInfo(name), part)


def make_documents(folder: Path) -> None:
    """Write the texts, tables and documents."""
    for name, text in TEXTS.items():
        (folder / name).write_text(text, encoding="utf-8")
    for name, rows in SHEETS.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
    write_workbook(folder / "marks.xlsx", MARKS)
    (folder / "members.json").write_text(json.dumps(MEMBERS, indent=1) + "\n", encoding="utf-8")
    write_pdf(folder / "contract.pdf", CONTRACT)
    write_pdf(folder / "receita.pdf", RECIPE)
    first, second = (draw_lines(page) for page in LETTER)
    dates: dict[str, Any] = {"creationDate": LONG_AGO, "modDate": LONG_AGO}
    first.save(folder / "scan.pdf", save_all=True, append_images=[second], quality=95, **dates)
    picture = io.BytesIO()
    draw_clock().save(picture, "PNG")
    (folder / "mystery.dat").write_bytes(picture.getvalue())
    with zipfile.ZipFile(folder / "blob.bin", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("notes/readme.txt"), TEXTS["readme.txt"] * 40)
        archive.writestr(zipfile.ZipInfo("notes/story.txt"), TEXTS["story.txt"])


def make_media(folder: Path) -> None:
    """Write the pictures, recordings and videos."""
    for name, (shop, lines) in RECEIPTS.items():
        draw_receipt(shop, lines).save(folder / name)
    for name, sign in SIGNS.items():
        draw_lines(sign).save(folder / name)
    draw_stop_signs((208, 624), width=832).save(folder / "street.png")
    draw_clock().save(folder / "clock.png")
    for name, words in SPEECH.items():
        (folder / name).write_bytes(spoken(words).bytes())
    (folder / "melody.wav").write_bytes(played(MELODY).bytes())
    talk = spoken(TALK)
    samples, rate = talk.samples()
    seconds = len(samples) / rate
    slides = [draw_lines(("", slide), ink="white", paper="navy") for slide in SLIDES]
    write_video(
        folder / "talk.mp4",
        seconds,
        lambda at: slides[min(len(slides) - 1, int(len(slides) * at / seconds))],
        talk,
    )
    write_video(folder / "signs.mp4", 4, lambda at: draw_stop_signs((208,), shift=int(5 * at)))


def main() -> None:
    """Write every file into the folder that the command names."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python benchmarks/compound/files.py FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    make_documents(folder)
    make_media(folder)
    for path in sorted(folder.iterdir()):
        print(f"{path.name:16} {path.stat().st_size / 1000:8.1f} kB")


if __name__ == "__main__":
    main()
