"""Messages of the chat door, as OpenAI's client sends them."""

from __future__ import annotations

import base64
import io
from typing import Any


def png(width: int = 3, height: int = 2) -> bytes:
    from PIL import Image as pil

    buffer = io.BytesIO()
    pil.new("RGB", (width, height), "red").save(buffer, "PNG")
    return buffer.getvalue()


def data_url(content: bytes, mime: str = "image/png") -> str:
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def user(text: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text}, *parts]}


def asked(text: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": text}]
