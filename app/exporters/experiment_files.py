"""What becomes of an experiment in a file of any kind: computed when it is needed, then written.

The command `render` and the window write through these, so that the same experiment gives the same file.
"""

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cached_property, partial
from pathlib import Path
from typing import NamedTuple

from app.exporters import tables
from app.exporters.files import Writer
from app.exporters.film import evenly
from app.exporters.sheet import Sheet
from app.shown.distribution_history import MOST
from app.whole_training import Tell, epoch_ends, train_through
from core.descent import Trajectories, descend
from core.errors import InputError
from core.experiment import Experiment
from core.experiment_file import Saved
from core.training import TrainingFrame, TrainingRun

PICTURES = (".png", ".svg", ".pdf")
TABLES = (".csv", ".json", ".npz")
SCRIPT = ".py"
OF_NETWORKS = ("network", "training")
"""Views that show the networks; others show the descents."""
_MOST_KEPT = 200_000
"""Distributions of all pictures of a film: some 500 MB."""


def check_moments(experiment: Experiment, pictures: int) -> None:
    """Refuse a film of distributions that do not fit into the memory; raises `InputError`."""
    layers = sum(variant.network.layers for variant in experiment.training.variants)
    if pictures * layers > _MOST_KEPT:
        raise InputError(
            f"A film of the distributions in {layers:,} layers has at most {_MOST_KEPT // layers:,} pictures;"
            f" this has {pictures:,}.",
            "seconds",
        )


def _silently(_: TrainingRun, __: int) -> None:
    """Nobody is told."""


class _Trained(NamedTuple):
    """Networks trained up to a step: frames after every epoch, series of all steps, frames of the moments."""

    frames: Sequence[TrainingFrame]
    series: tables.Series
    moments: Sequence[TrainingFrame]


class Results:
    """What an experiment comes to; each part is computed once, when it is first asked for.

    Parameters
    ----------
    step
        Of the descents, or of the networks' training, as the view has it; by default as it was looked at.
    pictures
        How many a film of it has; 1 for a single one.
    complete
        Whether the layers' statistics are wanted of every epoch, not only of the last step: they are large.
    tell
        Told how far the training is; what it raises ends it.

    Attributes
    ----------
    saved, view
        The experiment, and which of `VIEWS` is wanted.
    """

    def __init__(
        self,
        saved: Saved,
        view: str,
        step: int | None = None,
        pictures: int = 1,
        complete: bool = False,
        tell: Tell = _silently,
    ) -> None:
        self.saved, self.view = saved, view
        self._step, self._pictures, self._complete, self._tell = step, pictures, complete, tell

    @property
    def steps(self) -> int:
        """The last step of a film: the one that is asked for, or where the run ends."""
        if self.view in OF_NETWORKS:
            return self._trained.frames[-1].step
        if self.view == "window" and not self.saved.experiment.descent().methods:
            return 0  # it has more to show than paths
        last = self.trajectories.steps
        return last if self._step is None else min(self._step, last)

    @property
    def step(self) -> int:
        """The step that is shown in a picture."""
        looked_at = self.saved.view.step
        if self.view in OF_NETWORKS or self._step is not None or looked_at is None:
            return self.steps
        return min(looked_at, self.steps)

    @cached_property
    def trajectories(self) -> Trajectories:
        """The descents; raises `InputError` where no optimizer is switched on."""
        spec = self.saved.experiment.descent()
        if not spec.methods:
            raise InputError("No optimizer is switched on here; there are no paths.", "optimizer")
        return descend(spec)

    @property
    def training(self) -> tuple[Sequence[TrainingFrame], tables.Series]:
        """Frames of the networks, at first, after every epoch and at the last step; their series."""
        return self._trained.frames, self._trained.series

    @property
    def moments(self) -> Sequence[TrainingFrame]:
        """Frames for distributions at evenly spread steps, with nothing but the kind that is shown."""
        return self._trained.moments

    @cached_property
    def _trained(self) -> _Trained:
        run = TrainingRun(self.saved.experiment.training.checked())
        wanted = self._step if self._step is not None else self.saved.view.trained or None
        last = run.steps if wanted is None else min(wanted, run.steps)
        found = self._through(run, last)
        ended = found.frames[-1].step
        if ended < last and self._count() > 2:  # all networks have diverged: their moments lie before that
            return self._through(TrainingRun(run.spec), ended)
        return found

    def _through(self, run: TrainingRun, last: int) -> _Trained:
        moments, completes = set(evenly(last, self._count())), epoch_ends(run)
        frames, kept = [], []
        for frame in train_through(run, last, lambda step: completes(step) or step in moments, self._tell):
            at_end = run.finished or frame.step == last
            if completes(frame.step) or at_end:
                frames.append(frame if self._complete or at_end else frame.only(()))
            if frame.step in moments or at_end:
                kept.append(frame.only((self.saved.experiment.shown,)))
        return _Trained(frames, run.series, kept)

    def _count(self) -> int:
        """Moments that the pictures show: each its own, and ridges those before it too."""
        if self.view != "network":
            return 2
        check_moments(self.saved.experiment, self._pictures)
        ridges = self.saved.experiment.distributions.form == "ridges"
        return max(self._pictures, MOST if ridges else 2)


def table_writers(results: Results) -> dict[str, Writer]:
    """By ending: paths, histograms at the step, or the curves of the training, whichever the view shows."""
    if results.view == "network":
        return {
            ".csv": lambda path: tables.write_histograms_csv(results.training[0][-1], path),
            ".npz": lambda path: tables.write_histograms_npz(results.training[0][-1], path),
            ".json": partial(_write_training_json, results),
        }
    if results.view == "training":
        return {
            ".csv": lambda path: tables.write_training_csv(results.training[0], path),
            ".npz": lambda path: tables.write_training_npz(results.training[0], path),
            ".json": partial(_write_training_json, results),
        }
    return {
        ".csv": lambda path: tables.write_descent_csv(results.trajectories, path),
        ".npz": lambda path: tables.write_descent_npz(results.trajectories, path),
        ".json": lambda path: tables.write_descent_json(results.trajectories, path),
    }


def picture_writers(results: Results, sheet: Sheet) -> Mapping[str, Writer]:
    """By ending; Qt must have been started."""
    return {ending: partial(_write_picture, results, sheet, ending) for ending in PICTURES}


def script_files(results: Results, path: Path) -> dict[Path, Writer]:
    """The script, and the data beside it where it reads any."""
    from core.torch_script import network_script, surface_script

    make = network_script if results.view in OF_NETWORKS else surface_script
    script = make(results.saved.experiment)
    files: dict[Path, Writer] = {path: lambda part: _write_bytes(script.text.encode(), part)}
    data = script.data
    if data is not None:
        files[path.with_suffix(".npz")] = lambda part: _write_bytes(data, part)
    return files


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _write_training_json(results: Results, path: Path) -> None:
    frames, series = results.training
    tables.write_training_json(results.saved.experiment.training, frames, series, path)


def _write_picture(results: Results, sheet: Sheet, ending: str, path: Path) -> None:
    from app.exporters.canvas import save_pdf, save_png, save_svg
    from app.exporters.scenes import scene

    with closing(scene(results, sheet)) as easel:
        easel.set_step(results.step)
        if ending == ".png":
            save_png(easel.image(sheet.scale, sheet.transparent), path)
        else:
            (save_svg if ending == ".svg" else save_pdf)(easel, path, sheet.transparent)
