"""The catalogue of initializers: one entry a file."""
