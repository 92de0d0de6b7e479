"""What a server counts, for Prometheus: its own registry, so that several may live in one process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from herd_graph.extras import need
from herd_graph.recording.events import Event

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Counters of requests, runs and calls.

    Args:
        in_flight: Gives the number of runs under way.
    """

    def __init__(self, in_flight: Callable[[], int]) -> None:
        client: Any = need("prometheus_client", "serve")
        self._client = client
        self.registry: Any = client.CollectorRegistry()

        def counter(name: str, what: str, *labels: str) -> Any:
            return client.Counter(name, what, labels, registry=self.registry)

        def histogram(name: str, what: str, *labels: str) -> Any:
            return client.Histogram(name, what, labels, registry=self.registry, buckets=_LATENCY)

        self._requests = counter("herd_requests", "HTTP requests", "route", "method", "status")
        self._latency = histogram("herd_request_seconds", "Until the response began", "route")
        self._runs = counter("herd_runs", "Runs that ended", "herd", "status")
        self._run_seconds = histogram("herd_run_seconds", "How long runs took", "herd")
        self._usd = counter("herd_usd", "What runs cost, in USD", "herd")
        self._calls = counter("herd_expert_calls", "Calls of experts", "expert", "ok")
        self._call_seconds = histogram("herd_expert_seconds", "How long calls took", "expert")
        self._refused = counter("herd_refused", "Requests that were refused", "code")
        gauge = client.Gauge("herd_runs_in_flight", "Runs under way", registry=self.registry)
        gauge.set_function(in_flight)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request; ``route`` is a pattern, so that ids make no new series."""
        self._requests.labels(route, method, status).inc()
        self._latency.labels(route).observe(seconds)

    def refused(self, code: str) -> None:
        """Count a refusal."""
        self._refused.labels(code).inc()

    def run(self, herd: str, status: str, seconds: float, usd: float) -> None:
        """Count a run that ended."""
        self._runs.labels(herd, status).inc()
        self._run_seconds.labels(herd).observe(seconds)
        if usd:
            self._usd.labels(herd).inc(usd)

    def event(self, event: Event) -> None:
        """Count a call of an expert."""
        if event.kind != "attempt":
            return
        expert = str(event.data.get("expert") or "")
        seconds = event.data.get("seconds")
        self._calls.labels(expert, "yes" if event.data.get("ok") else "no").inc()
        self._call_seconds.labels(expert).observe(float(seconds or 0.0))  # type: ignore[arg-type]

    def exposition(self) -> tuple[bytes, str]:
        """Return the metrics as Prometheus reads them, and their content type."""
        written: bytes = self._client.generate_latest(self.registry)
        return written, str(self._client.CONTENT_TYPE_LATEST)


__all__ = ("Metrics",)
