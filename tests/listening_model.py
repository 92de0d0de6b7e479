"""A chat model for tests that remembers what it was told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGenerationChunk
from pydantic import Field


class Listening(FakeListChatModel):
    """A chat model that remembers what it was told, and takes pictures and sound."""

    heard: list[list[BaseMessage]] = []  # noqa: RUF012 - pydantic copies it
    profile: Any = Field(default={"image_inputs": True, "audio_inputs": True, "pdf_inputs": True})

    def _call(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> str:
        self.heard.append(messages)
        return super()._call(messages, *args, **kwargs)

    async def _astream(
        self, messages: list[BaseMessage], *args: Any, **kwargs: Any
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.heard.append(messages)
        async for piece in super()._astream(messages, *args, **kwargs):
            yield piece
