"""Tie the document and its results to the views, and the views signals back to the document."""
