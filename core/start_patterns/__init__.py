"""The catalogue of start patterns: one entry a file."""
