"""Benchmarks that ship: what ``herd bench`` and ``herd eval`` call."""
