"""Experts inside one model: adapters on a frozen base, gates, merging, ensembles of models.

Needs the extra ``zoo``; nothing of it is imported with ``herd_graph``. The survey's table of
methods (``herd_graph.zoo.catalogue``) needs nothing.
"""
