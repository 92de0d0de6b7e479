"""What is written in a video is read where it stands beside another wish."""

from __future__ import annotations

import pytest
from neural_router import plan
from routing_gold import render


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "Subtitles for the clip please and what is written on the screen at the end?",
            "read_text(each sample_frames(a1, 'the last frame')) ; transcribe_video(a1, srt)",
        ),
        (
            "Take three stills and tell me what is written on the first one",
            "read_text(each sample_frames(a1, 'the first frame')) ; sample_frames(a1, 'Take three stills')",
        ),
        (
            "Grab three stills from the match video and tell me what the score on the last one is",
            "read_text(each sample_frames(a1, 'the last frame')) ; sample_frames(a1, 3, 'Grab three stills from the match video')",
        ),
        ("what does the speaker say?", "transcribe_video(a1)"),
    ],
)
def test_the_picture_that_is_meant_is_read(text: str, made: str):
    assert render(plan(text, "video:clip.mp4")) == made
