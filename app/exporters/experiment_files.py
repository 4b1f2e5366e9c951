"""What becomes of an experiment in a file of any kind: computed when it is needed, then written.

The command `render` and the window write through these, so that the same experiment gives the same file.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.exporters import tables
from app.exporters.files import Writer
from app.exporters.sheet import Sheet
from core.descent import Trajectories, descend
from core.errors import InputError
from core.experiment_file import Saved
from core.training import TrainingFrame

if TYPE_CHECKING:
    from app.exporters.canvas import Easel  # it would bring Qt

PICTURES = (".png", ".svg", ".pdf")
TABLES = (".csv", ".json", ".npz")
SCRIPT = ".py"
OF_NETWORKS = ("network", "training")
"""Views that show the networks; others show the descents."""


class Results:
    """What an experiment comes to; each part is computed once, when it is first asked for.

    Attributes
    ----------
    saved, view
        The experiment, and which of `VIEWS` is wanted.
    step
        Of the descents, or of the networks' training, as the view has it; the last by default.
    """

    def __init__(self, saved: Saved, view: str, step: int | None = None) -> None:
        self.saved, self.view = saved, view
        self._step = step

    @property
    def step(self) -> int:
        """The step that is shown of the descents."""
        wanted = self.saved.view.step if self._step is None else self._step
        steps = self.trajectories.steps
        return steps if wanted is None else min(wanted, steps)

    @cached_property
    def trajectories(self) -> Trajectories:
        """The descents; raises `InputError` where no optimizer is switched on."""
        spec = self.saved.experiment.descent()
        if not spec.methods:
            raise InputError("No optimizer is switched on here; there are no paths.", "optimizer")
        return descend(spec)

    @cached_property
    def training(self) -> tuple[Sequence[TrainingFrame], tables.Series]:
        """Frames of the networks' training up to the step, and what was noted at its steps."""
        from app.commands.train import trained  # brings all that trains

        last = self._step if self._step is not None else self.saved.view.trained or None
        return trained(self.saved.experiment.training.checked(), last)


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

    easel = _easel(results, sheet)
    try:
        if ending == ".png":
            save_png(easel.image(sheet.scale, sheet.transparent), path)
        else:
            (save_svg if ending == ".svg" else save_pdf)(easel, path, sheet.transparent)
    finally:
        easel.close()


def _easel(results: Results, sheet: Sheet) -> "Easel":
    if results.view == "window":
        from app.exporters.window_easel import window_easel

        return window_easel(results.saved, results.step, sheet)
    from app.exporters import scenes

    if results.view not in OF_NETWORKS:
        easel = scenes.descent_easel(results.view, results.saved, results.trajectories, sheet)
        easel.set_step(results.step)
        return easel
    frames, _ = results.training
    experiment = results.saved.experiment
    if results.view == "training":
        title = results.saved.title or experiment.training.data_name
        return scenes.training_easel(title, experiment.training, frames, sheet)
    return scenes.network_easel(results.saved, frames[-1], sheet)
