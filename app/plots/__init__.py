"""What is drawn: surfaces, trails, curves, distributions."""
