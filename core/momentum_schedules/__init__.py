"""The catalogue of momentum schedules: one entry a file."""
