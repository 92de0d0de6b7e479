"""Make the sample files in this folder: drawn, spoken and written here, so free of anybody's rights.

    python graphs/samples/make.py            needs herd-graph[local]

The files are committed. Running this again gives the same contents; small differences between
versions of PIL or of the encoder may change their bytes.
"""

from __future__ import annotations

import io
import random
from importlib import import_module
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from herd_graph._bundled.tools import first_party
from herd_graph.artifacts import Audio, Text

HERE = Path(__file__).parent
RATE = 16_000

VOICE_NOTE = (
    "Hello Maria, this is Peter from London. Your order of twelve chairs will arrive on Friday "
    "morning. Please meet the driver at the back door."
)
"""The transcript differs in one word: Whisper writes 12."""

LETTER = """\
Olá Maria,

Obrigado pela sua encomenda. As doze cadeiras chegam na sexta-feira de manhã. O nosso motorista, \
João Silva, vai ligar quando chegar a Lisboa.

Por favor, tenha o recibo com você. O pagamento de 250 euros pode ser feito até o dia 4 de julho.

Com os melhores cumprimentos,
Pedro Costa
"""

RECEIPT = (
    ("2 Rye bread", "9.00"),
    ("1 Butter", "3.25"),
    ("6 Cinnamon rolls", "10.80"),
    ("1 Coffee beans", "7.45"),
)
"""No total is printed: adding up is what the demo asks for. It is 30.50."""

SIGN = (
    "DELIVERY ENTRANCE",
    "Please ring the bell twice",
    "Door code: 17 * 23 + 9",
    "Open 7:30 - 16:00",
)


def font(size: int) -> Any:
    """Return PIL's own font, so that every machine draws the same."""
    return ImageFont.load_default(size)


def draw_receipt() -> Image.Image:
    """Draw a till receipt on a table, slightly turned, as somebody would photograph it."""
    paper = Image.new("L", (420, 560), 250)
    draw = ImageDraw.Draw(paper)
    draw.text((210, 44), "NORTH STREET BAKERY", 25, font=font(27), anchor="mm")
    draw.text((210, 82), "12 North Street, Lisbon", 60, font=font(18), anchor="mm")
    draw.text((210, 110), "22.11.2026   09:41   Till 3", 60, font=font(18), anchor="mm")
    draw.line((30, 138, 390, 138), 120, 2)
    for row, (item, price) in enumerate(RECEIPT):
        y = 178 + 54 * row
        draw.text((34, y), item, 25, font=font(24), anchor="lm")
        draw.text((386, y), price, 25, font=font(24), anchor="rm")
    draw.line((30, 400, 390, 400), 120, 2)
    draw.text((34, 440), "TOTAL", 25, font=font(27), anchor="lm")
    draw.rectangle((270, 418, 388, 462), outline=120, width=2)
    draw.text((210, 510), "Thank you, see you soon!", 60, font=font(18), anchor="mm")
    table = Image.new("L", (560, 680), 150)
    noise = random.Random(7)  # noqa: S311 - grain of the table, no secret
    grain = ImageDraw.Draw(table)
    for _ in range(260):
        x, y, length = noise.randrange(560), noise.randrange(680), noise.randrange(40, 180)
        grain.line((x, y, x + length, y + 3), noise.randrange(138, 160), 2)
    turned = paper.rotate(1.6, expand=True, fillcolor=0, resample=Image.Resampling.BICUBIC)
    mask = Image.new("L", paper.size, 255).rotate(1.6, expand=True, fillcolor=0)
    shadow = mask.filter(ImageFilter.GaussianBlur(8)).point([value // 3 for value in range(256)])
    table.paste(90, (72, 62), shadow)
    table.paste(turned, (62, 52), mask)
    return table.quantize(24)


def draw_sign() -> Image.Image:
    """Draw a sign on a door."""
    door = Image.new("RGB", (720, 440), (70, 96, 88))
    draw = ImageDraw.Draw(door)
    draw.rounded_rectangle((50, 50, 670, 390), 22, (247, 245, 236), (38, 58, 110), 8)
    draw.text((360, 112), SIGN[0], (38, 58, 110), font=font(46), anchor="mm")
    for row, line in enumerate(SIGN[1:]):
        draw.text((360, 190 + 66 * row), line, (30, 30, 30), font=font(36), anchor="mm")
    for x, y in ((74, 74), (646, 74), (74, 366), (646, 366)):
        draw.ellipse((x - 6, y - 6, x + 6, y + 6), (150, 150, 150))
    return door.quantize(32)


def speak_note() -> Audio:
    """Speak the voice note: 16 kHz mono, as phones record."""
    speak = next(each for each in first_party() if each.name == "speak")
    spoken: Audio = speak(Text(VOICE_NOTE))
    audio: Any = import_module("faster_whisper.audio")
    samples: Any = audio.decode_audio(io.BytesIO(spoken.bytes()), sampling_rate=RATE)
    return Audio.from_samples(samples, RATE)


def main() -> None:
    """Write every file."""
    soundfile: Any = import_module("soundfile")
    samples, rate = speak_note().samples()
    soundfile.write(HERE / "voice_note.ogg", samples, rate, format="OGG", subtype="VORBIS")
    draw_receipt().save(HERE / "receipt.png", optimize=True)
    draw_sign().save(HERE / "sign.png", optimize=True)
    (HERE / "letter.txt").write_text(LETTER, encoding="utf-8")
    for path in sorted(HERE.iterdir()):
        print(f"{path.name:16} {path.stat().st_size / 1000:6.1f} kB")


if __name__ == "__main__":
    main()
