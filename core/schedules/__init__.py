"""The catalogue of schedules: one entry a file."""
