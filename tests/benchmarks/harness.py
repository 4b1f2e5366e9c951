"""What a benchmark is made of: a figure with its target, and a fair way to take its time."""
