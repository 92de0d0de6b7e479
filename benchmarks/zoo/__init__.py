"""Experts inside one model: which kind, how many, which router. See ``benchmarks/README.md``."""
