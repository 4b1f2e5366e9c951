"""Words in `Experiment.overlays` about the view in 3-D."""

NAME, ALONE, BY_LOSS = "three_d", "three_d_alone", "three_d_by_loss"
"""Whether it is shown, in place of the view from above, and by which height."""
