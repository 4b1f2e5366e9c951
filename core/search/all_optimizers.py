"""Every optimizer's trials, in turns or shared out."""

from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future, as_completed

from core.search.one_optimizer import lowest_loss, trials, tune_one
from core.search.spec import TuneSpec
from core.search.trial import Trial
from core.search.tuning import TuneResult, Tuning
from core.surface import surface

Watcher = Callable[[int, int, str], bool | None]
"""Told trials made, trials in all, and whose turn it was; returns False to stop there."""


def tune(spec: TuneSpec, executor: Executor | None = None, watch: Watcher | None = None) -> TuneResult:
    """Tune every optimizer.

    Parameters
    ----------
    executor
        Makes one optimizer's trials in one task; without it they are made here, in turns.
    watch
        Called after every trial (after every optimizer, with an executor); False cancels the rest.

    Raises
    ------
    InputError
        For anything in the spec that is wrong; never for a run that diverges.
    """
    spec = spec.checked()
    watch = watch or (lambda *_: None)
    tunings = _in_turns(spec, watch) if executor is None else _shared_out(spec, executor, watch)
    complete = sum(len(tuning.trials) for tuning in tunings) == spec.total
    return TuneResult(spec, tunings, lowest_loss(surface(spec.surface)), complete)


def _in_turns(spec: TuneSpec, watch: Watcher) -> tuple[Tuning, ...]:
    """One trial of each optimizer, then the next of each, so that stopping on the way stays fair."""
    streams = [trials(spec, place) for place in range(len(spec.methods))]
    made: list[list[Trial]] = [[] for _ in streams]
    for turn in range(spec.total):
        place = turn % len(streams)
        made[place].append(next(streams[place]))
        if watch(turn + 1, spec.total, spec.methods[place].optimizer.id) is False:
            break
    pairs = zip(spec.methods, made, strict=True)
    return tuple(Tuning(spec, method, tuple(each)) for method, each in pairs if each)


def _shared_out(spec: TuneSpec, executor: Executor, watch: Watcher) -> tuple[Tuning, ...]:
    tasks: list[Future[Tuning]] = [executor.submit(tune_one, spec, p) for p in range(len(spec.methods))]
    done = 0
    for task in as_completed(tasks):
        try:
            tuning = task.result()
        except CancelledError:
            continue
        done += len(tuning.trials)
        if watch(done, spec.total, tuning.method.optimizer.id) is False:
            for other in tasks:
                other.cancel()
            break
    return tuple(task.result() for task in tasks if task.done() and not task.cancelled())
