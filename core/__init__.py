"""Numerics of Optiscope: rules, surfaces, networks and the runs made of them.

Knows nothing of Qt, of plotting or of printing.
"""
