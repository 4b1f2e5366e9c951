"""The catalogue of activations: one entry a file."""
