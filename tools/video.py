"""Videos: what is said in them, and pictures out of them (PyAV)."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from itertools import chain
from pathlib import PurePath
from typing import Any

from herd_graph.artifacts import Audio, Image, Text, Video
from herd_graph.config import Limits
from herd_graph.errors import ArtifactTooLarge, ArtifactUnreadable, HerdError, PortViolation
from herd_graph.experts import ExpertContext
from herd_graph.function_experts import expert

from .containers import missing_bytes
from .needs import need
from .requests import how_many, moments
from .speech import RATE, Transcribe
from .subtitles import Form

FRAMES = "frame|picture|still|screenshot|image|photo|thumbnail|shot"
MOST_FRAMES = 50
"""Pictures from one video."""
_IN_ONE_PASS = 1_500
"""Up to so many frames all are decoded in order; a longer video is searched."""
_ENCODERS = (
    "The wheel of PyAV also carries the encoders x264 and x265 (GPL-2.0), which nothing here calls; "
    "who passes it on should know."
)
# Containers that hold their own streams. Playlists are left out: they name other files and hosts.
_DEMUXERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,flv,ogg,asf,gif,apng,"
    "m4v,h264,hevc,dv,ivf,nut,rm,mxf,webp_pipe"
)


@expert(
    name="transcribe_video",
    tags=["video", "film", "clip", "speech", "transcript", "subtitles", "sound track"],
    examples=[
        "transcribe the video",
        "what is said in this clip?",
        "write down what the speaker in the video says",
        "give me a transcript of the film",
        "what does she say in the video?",
    ],
    latency_s=0.8,
    memory="200 MiB",
    licence="MIT (faster-whisper, CTranslate2); BSD-3-Clause (PyAV); LGPL-3.0-or-later (FFmpeg)",
    weights_licence="MIT",
    notes=(
        "The first sound track through Whisper tiny.en, as in 'transcribe': English only, and names "
        "may be misheard. What is to be seen is not looked at. "
        f"{_ENCODERS}"
    ),
)
class TranscribeVideo:
    """Transcribe the English speech in a video to text."""

    def load(self) -> None:
        """Load Whisper, as ``transcribe`` does."""
        need("av")
        assert Transcribe.factory is not None
        self._hearing: Any = Transcribe.factory()
        self._hearing.load()

    def close(self) -> None:
        """Let go of the model."""
        self._hearing.close()

    def __call__(
        self, video: Video, form: Form = "text", context: ExpertContext | None = None
    ) -> Text:
        """Transcribe.

        Args:
            video: A video with English speech: MP4, MOV, MKV, WebM or AVI.
            form: Plain text, lines with times, or subtitles (srt, vtt).
            context: Hears how far it is.
        """
        return self._hearing(sound_of(video), form, context)


@expert(
    name="sample_frames",
    tags=["video", "film", "clip", "frames", "stills", "pictures", "screenshots", "thumbnails"],
    examples=[
        "take five pictures from the video",
        "extract frames from this clip",
        "give me stills of the film",
        "show screenshots of the video",
        "sample ten frames, evenly spaced",
    ],
    latency_s=0.5,
    memory="60 MiB",
    licence="BSD-3-Clause (PyAV); LGPL-3.0-or-later (FFmpeg)",
    notes=(
        "Evenly spaced in time, or at the moments that the request names; turned upright, as PNG; a video with fewer frames than were asked "
        f"for gives those that it has. At most {MOST_FRAMES}. {_ENCODERS}"
    ),
)
class SampleFrames:
    """Take pictures (frames) out of a video, evenly spaced in time."""

    def load(self) -> None:
        """Load PyAV."""
        need("av")
        import_module("av")

    def close(self) -> None:
        """Nothing is held."""

    def __call__(
        self,
        video: Video,
        count: int = 5,
        request: Text = Text(""),  # noqa: B008 - never changed
        context: ExpertContext | None = None,
    ) -> list[Image]:
        """Take pictures.

        Args:
            video: MP4, MOV, MKV, WebM, AVI.
            count: How many pictures (frames, stills, screenshots).
            request: How many or when: 'two frames', 'at 0:10', 'every 5 seconds', 'the last frame'.
            context: Hears how far it is.
        """
        count = (how_many(request.text, FRAMES) or count) if count == 5 else count
        if not 1 <= count <= MOST_FRAMES:
            raise PortViolation(
                f"{count} pictures were asked for. Expected 1 to {MOST_FRAMES} from one video. "
                "Ask for fewer, or cut the video into parts."
            )
        times = _frame_times(video)
        wanted = _asked(times, request.text) or _spread(times, count)
        stem = PurePath(video.name or "video").stem
        pictures: list[Image] = []
        for index, picture in _frames(video, times, wanted):
            after = times[index] - times[0]
            buffer = io.BytesIO()
            picture.save(buffer, "PNG", compress_level=1)  # three times as fast, a little larger
            pictures.append(Image(buffer.getvalue(), name=f"{stem}-{after:07.2f}s.png"))
            if context is not None:
                context.progress(len(pictures) / len(wanted), "taking pictures")
        if not pictures:
            raise _unreadable(video, "none of its frames can be decoded")
        return pictures


@contextmanager
def _opened(video: Video) -> Generator[Any, None, None]:
    """Open a video, and say of whatever goes wrong inside that it cannot be decoded."""
    av: Any = import_module("av")
    path = video.path()
    if path.stat().st_size == 0:
        raise _unreadable(video, "it is empty (0 bytes)")
    missing = missing_bytes(path)
    if missing:
        raise _unreadable(video, f"it is cut off, {missing:,} bytes are missing")
    try:
        # A file object and a list of containers: no name in the file is ever opened.
        with (
            path.open("rb") as reader,
            av.open(reader, options={"format_whitelist": _DEMUXERS}) as container,
        ):
            yield container
    except HerdError:
        raise
    except (av.FFmpegError, OSError, ValueError, IndexError, TypeError) as error:
        why = str(getattr(error, "strerror", "") or error or type(error).__name__)
        raise _unreadable(video, why) from error


def _unreadable(video: Video, why: str) -> ArtifactUnreadable:
    return ArtifactUnreadable(
        f"{video.name or 'The video'!r} cannot be decoded: {why.rstrip('. ')}. Expected a whole "
        "MP4, MOV, MKV, WebM or AVI. Check that the file is complete and is a video."
    )


def sound_of(video: Video) -> Audio:
    """Return the first sound track, mono at Whisper's rate.

    Raises:
        PortViolation: There is none.
        ArtifactUnreadable: It is damaged or cut off.
        ArtifactTooLarge: It is longer than a recording may be.
    """
    av: Any = import_module("av")
    np: Any = import_module("numpy")
    most = Limits.audio_seconds
    with _opened(video) as container:
        if not container.streams.audio:
            raise PortViolation(
                f"{video.name or 'The video'!r} has no sound track. Expected a video with speech. "
                "Attach one with sound, or ask what is to be seen in it (sample_frames)."
            )
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
        blocks: list[Any] = []
        held = 0
        for frame in chain(container.decode(stream), (None,)):  # None flushes the resampler
            for block in resampler.resample(frame):
                samples = block.to_ndarray().ravel()
                held += samples.size
                blocks.append(samples)
            if held > most * RATE:
                raise ArtifactTooLarge(
                    f"The sound of {video.name or 'the video'!r} is longer than {most / 3600:g} "
                    "hours. Expected less. Cut the video into parts."
                )
        promised = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if not held:
        raise _unreadable(video, "its sound track holds no samples")
    if held / RATE < 0.9 * promised - 1.0:
        raise _unreadable(
            video, f"its sound is cut off after {held / RATE:.1f} of {promised:.1f} s"
        )
    return Audio.from_samples(np.concatenate(blocks), RATE, name=video.name or "the video")


def _frame_times(video: Video) -> list[float]:
    """Return the time of every frame in seconds, in the order of display. Nothing is decoded."""
    with _opened(video) as container:
        stream = _pictures_in(container, video)
        if stream.width * stream.height > Limits.image_pixels:
            raise ArtifactTooLarge(
                f"{video.name or 'The video'!r} has frames of {stream.width} x {stream.height} "
                f"pixels. Expected at most {Limits.image_pixels:,}. Scale it down first."
            )
        base = float(stream.time_base)
        stamps: list[float] = []
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_corrupt:
                continue
            stamp = packet.pts if packet.pts is not None else packet.dts
            before = stamps[-1] if stamps else 0.0
            stamps.append(float(stamp) * base if stamp is not None else before)
        promised = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if not stamps:
        raise _unreadable(video, "it holds no frames")
    stamps.sort()
    lasts = stamps[-1] - stamps[0]
    if lasts < 0.9 * promised - 2.0:  # a still that is shown for long may be the last frame
        raise _unreadable(video, f"it is cut off after {lasts:.1f} of {promised:.1f} s")
    return stamps


def _pictures_in(container: Any, video: Video) -> Any:
    covers = [each for each in container.streams.video if "attached_pic" in str(each.disposition)]
    streams = [each for each in container.streams.video if each not in covers]
    if not streams:
        raise PortViolation(
            f"{video.name or 'The video'!r} has no moving pictures, only sound. Expected a video. "
            "To know what is said in it, use transcribe_video."
        )
    return streams[0]


def _asked(times: Sequence[float], request: str) -> list[int]:
    """Return the places of the frames at the moments that are asked for. Raises ``PortViolation``."""
    lasts = times[-1] - times[0]
    found = moments(request, lasts)
    late = [each for each in found if each > lasts + 1.0]
    if late:
        raise PortViolation(
            f"A picture at {late[0]:g} s was asked for, and the video lasts {lasts:.1f} s. Expected moments "
            "within it. Ask for an earlier one."
        )
    if len(found) > MOST_FRAMES:
        raise PortViolation(
            f"{len(found)} pictures were asked for. Expected 1 to {MOST_FRAMES} from one video. Ask for "
            "fewer, or cut the video into parts."
        )
    return sorted({max(0, bisect_right(times, times[0] + each + 1e-6) - 1) for each in found})


def _spread(times: Sequence[float], count: int) -> list[int]:
    """Return the places of ``count`` frames, each in the middle of an equal part of the time."""
    first, last = times[0], times[-1]
    end = last + (last - first) / max(len(times) - 1, 1)  # the last frame is shown for a while too
    if end <= first:  # no time stamps: by place
        return sorted({int((each + 0.5) * len(times) / count) for each in range(count)})
    wanted: set[int] = set()
    for part in range(count):
        middle = first + (end - first) * (part + 0.5) / count
        wanted.add(max(0, bisect_right(times, middle) - 1))
    for place in range(len(times)):  # frames may be few, or shown for unequal times
        if len(wanted) >= min(count, len(times)):
            break
        wanted.add(place)
    return sorted(wanted)


def _frames(
    video: Video, times: Sequence[float], wanted: Sequence[int]
) -> Iterator[tuple[int, Any]]:
    """Iterate over the wanted frames as upright PIL pictures, with their places."""
    stamped = len(set(times)) == len(times)
    if len(times) <= _IN_ONE_PASS or not stamped:
        yield from _in_one_pass(video, wanted)
        return
    with _opened(video) as container:
        stream = _pictures_in(container, video)
        stream.codec_context.thread_count = 1
        for place in wanted:
            target = times[place]
            container.seek(int(target / float(stream.time_base)), stream=stream, backward=True)
            found: Any = None
            for frame in container.decode(stream):
                found = frame
                if frame.time is not None and frame.time >= target - 1e-4:
                    break
            if found is not None:
                yield place, _upright(found)


def _in_one_pass(video: Video, wanted: Sequence[int]) -> Iterator[tuple[int, Any]]:
    left = set(wanted)
    last: Any = None
    with _opened(video) as container:
        stream = _pictures_in(container, video)
        stream.codec_context.thread_count = 1
        for place, frame in enumerate(container.decode(stream)):
            last = frame
            if place in left:
                left.discard(place)
                yield place, _upright(frame)
            if not left:
                return
        if left and last is not None and len(left) == len(wanted):
            yield wanted[0], _upright(last)  # fewer frames come out than went in: the last there is


def _upright(frame: Any) -> Any:
    """Return a frame as people see it: turned as the camera was held, with square pixels."""
    picture = frame.to_image()
    shape = getattr(frame, "sample_aspect_ratio", None)
    if shape and 0.1 < float(shape) < 10 and abs(float(shape) - 1) > 0.01:
        picture = picture.resize((max(1, round(picture.width * float(shape))), picture.height))
    turn = round(float(frame.rotation)) % 360
    return picture.rotate(turn, expand=True) if turn else picture


__all__ = ("SampleFrames", "TranscribeVideo", "sound_of")
