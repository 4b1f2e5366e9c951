"""The window and the command line of Optiscope; the only place that knows Qt."""

import os

__version__ = "0.1.0"

# One thread for linear algebra in each process: several processes compute beside each other, and more
# threads only get in their way. It counts from before NumPy is imported, so it stands here.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
SUFFIX = ".optiscope"
"""Of an experiment's file."""
