"""A video in short: what is said in it, and what is seen in pictures taken out of it.

    transcribe_video
    sample_frames ─▶ describe_image, one for each picture

``langgraph.json`` names this graph. From Python:

    from herd_graph._bundled.graphs.video_digest import graph

    graph.invoke({"video": "clip.mp4", "pictures": 4})["seen"]

A video without speech has no transcript: the answer says so, and the pictures are there all the same.
"""

from __future__ import annotations

from typing import NamedTuple

from herd_graph import Herd, Image, Text, Video, each, workflow
from herd_graph._bundled.tools import DescribeImage, SampleFrames, TranscribeVideo


class VideoDigest(NamedTuple):
    """What comes of a video."""

    transcript: Text
    frames: list[Image]
    seen: list[Text]


@workflow(
    tags=["video", "digest", "overview"],
    examples=[
        "give me a digest of this video",
        "what is said and what is seen in the clip?",
    ],
)
def video_digest(video: Video, pictures: int = 3) -> VideoDigest:
    """Give an overview of a video: what is said in it, and what is seen in a few of its pictures.

    Args:
        video: MP4, MOV, MKV, WebM, AVI.
        pictures: How many pictures to take, evenly spaced.
    """
    frames = SampleFrames(video, count=pictures)
    return VideoDigest(TranscribeVideo(video), frames, DescribeImage(each(frames)))


graph = Herd(video_digest).compile(workflow=video_digest)
