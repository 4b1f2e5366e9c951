"""Fair mode: tunes every optimizer's numbers with the same number of trials.

A trial runs one setting from every start. Learning rates are tried on a log scale from coarse to
fine, other numbers by random draws on their own scales; what is set now and the defaults are
always among the trials, so that the best is never worse than either. One optimizer's trials need
nothing of another's, so that any `concurrent.futures.Executor` can share them out.
"""

from core.search.all_optimizers import Watcher, tune
from core.search.one_optimizer import lowest_loss, trials, tune_one
from core.search.spec import BUDGET, RATE, SEARCH_HYPERPARAMETERS, TuneSpec
from core.search.trial import FLOOR, WORST, Trial, said, said_loss
from core.search.tuning import TuneResult, Tuning

__all__ = [
    "BUDGET",
    "FLOOR",
    "RATE",
    "SEARCH_HYPERPARAMETERS",
    "WORST",
    "Trial",
    "TuneResult",
    "TuneSpec",
    "Tuning",
    "Watcher",
    "lowest_loss",
    "said",
    "said_loss",
    "trials",
    "tune",
    "tune_one",
]
