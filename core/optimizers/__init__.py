"""The catalogue of optimizers: one entry a file."""
