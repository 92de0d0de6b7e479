"""Boxes of several detectors: weighted boxes fusion.

The method is that of Solovyev, Wang and Gabruseva, "Weighted boxes fusion: ensembling boxes from
different object detection models" (arXiv 1910.13302, section 3): boxes of one label that overlap
form a cluster; its box is their mean, weighted by confidence, and its confidence falls where few
detectors saw it. The package that its authors keep brings a compiler along, which these few lines
do not need.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

Box: TypeAlias = tuple[float, float, float, float]
"""left, top, right, bottom; any unit, the same for all."""


@dataclass(frozen=True, kw_only=True)
class Detection:
    """One thing that was found."""

    label: str
    box: Box
    score: float
    """From 0 to 1."""


_SIDES = (("left", "top", "right", "bottom"), ("xmin", "ymin", "xmax", "ymax"))
_EXTENT = ("x", "y", "width", "height")


def box_of(value: object) -> Box | None:
    """Return the box of a detection as detectors write it; None where it has none.

    Known are ``x``, ``y``, ``width`` and ``height``, and under ``box`` four corners in a list, or by
    the names that Hugging Face's pipelines (``xmin`` …) or others (``left`` …) give them.
    """
    if not isinstance(value, Mapping):
        return None
    held = cast("Mapping[str, Any]", value)
    extent = _four([held.get(each) for each in _EXTENT])
    if extent is not None:
        left, top, width, height = extent
        return left, top, left + width, top + height
    corners = held.get("box")
    if isinstance(corners, Mapping):
        named = cast("Mapping[str, Any]", corners)
        found = (_four([named.get(each) for each in names]) for names in _SIDES)
        return next((each for each in found if each is not None), None)
    return _four(cast("list[Any]", corners)) if isinstance(corners, list) else None


def _four(values: list[Any]) -> Box | None:
    if len(values) != 4 or not all(isinstance(each, int | float) for each in values):
        return None
    one, two, three, four = (float(each) for each in values)
    return one, two, three, four


def with_box(value: Mapping[str, Any], box: Box) -> dict[str, Any]:
    """Return a detection with another box, written as its own was: whole numbers stay whole."""
    made = dict(value)
    if box_of(value) is None:
        return made
    corners: Any = value.get("box")
    if _four([value.get(each) for each in _EXTENT]) is not None:
        left, top, right, bottom = box
        made.update(_like(value, _EXTENT, (left, top, right - left, bottom - top)))
    elif isinstance(corners, Mapping):
        named = cast("Mapping[str, Any]", corners)
        names = next(each for each in _SIDES if each[0] in named)
        made["box"] = {**named, **_like(named, names, box)}
    else:
        were = cast("list[Any]", corners)
        made["box"] = [_as(old, new) for old, new in zip(were, box, strict=True)]
    return made


def _like(held: Mapping[str, Any], names: Sequence[str], values: Box) -> dict[str, Any]:
    return {name: _as(held[name], value) for name, value in zip(names, values, strict=True)}


def _as(old: Any, new: float) -> float:
    return round(new) if isinstance(old, int) else new


def overlap(one: Box, two: Box) -> float:
    """Return the intersection of two boxes over their union, from 0 to 1."""
    wide = min(one[2], two[2]) - max(one[0], two[0])
    high = min(one[3], two[3]) - max(one[1], two[1])
    if wide <= 0 or high <= 0:
        return 0.0
    shared = wide * high
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, two))
    return shared / (areas - shared)


def fuse_boxes(
    detections: Sequence[Sequence[Detection]],
    weights: Sequence[float] | None = None,
    *,
    least_overlap: float = 0.55,
    least_score: float = 0.0,
) -> list[Detection]:
    """Fuse what several detectors found in one picture, the surest first.

    The order of the detectors does not matter.

    Args:
        detections: What each detector found.
        weights: How much each detector counts.
        least_overlap: From which intersection over union on two boxes are one thing.
        least_score: Below this a detection is left out from the beginning.
    """
    given = [1.0] * len(detections) if weights is None else list(weights)
    total = sum(given) or 1.0
    flat = [
        (each, weight)
        for found, weight in zip(detections, given, strict=True)
        for each in found
        if each.score >= least_score and weight > 0
    ]
    flat.sort(key=lambda pair: (-pair[0].score * pair[1], pair[0].label, pair[0].box))
    clusters: list[list[tuple[Detection, float]]] = []
    for each, weight in flat:
        scored = [
            (overlap(each.box, _mean(cluster).box), -place)
            for place, cluster in enumerate(clusters)
            if cluster[0][0].label == each.label
        ]
        best, place = max(scored, default=(0.0, 0))
        if best > least_overlap:
            clusters[-place].append((each, weight))
        else:
            clusters.append([(each, weight)])
    fused = [_rescaled(cluster, total) for cluster in clusters]
    return sorted(fused, key=lambda each: (-each.score, each.label, each.box))


def _mean(cluster: Sequence[tuple[Detection, float]]) -> Detection:
    """Return the cluster's box: equations 1 and 2 of the paper."""
    shares = [each.score * weight for each, weight in cluster]
    whole = sum(shares) or 1.0
    corners = [
        sum(each.box[side] * share for (each, _), share in zip(cluster, shares, strict=True))
        / whole
        for side in range(4)
    ]
    weight = sum(weight for _, weight in cluster) or 1.0
    return Detection(
        label=cluster[0][0].label,
        box=(corners[0], corners[1], corners[2], corners[3]),
        score=whole / weight,
    )


def _rescaled(cluster: Sequence[tuple[Detection, float]], total: float) -> Detection:
    """Lower the score of what few detectors saw: equation 3 of the paper."""
    mean = _mean(cluster)
    weight = sum(each for _, each in cluster)
    if len(cluster) == 1 and weight >= total:
        return cluster[0][0]
    return Detection(label=mean.label, box=mean.box, score=mean.score * min(weight, total) / total)


__all__ = ("Box", "Detection", "box_of", "fuse_boxes", "overlap", "with_box")
