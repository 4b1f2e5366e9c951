"""Controls built from the descriptions of hyperparameters."""
