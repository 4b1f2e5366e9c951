"""The catalogue of data sets: one entry a file."""
