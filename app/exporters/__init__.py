"""Writes results to files: tables, pictures."""
