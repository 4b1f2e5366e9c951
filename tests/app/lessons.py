"""A small experiment for what makes files of experiments, and how its pictures are read."""

from pathlib import Path

import numpy as np
from msgspec.structs import replace
from PIL import Image

from core.choice import Choice
from core.experiment import default_experiment
from core.experiment_file import Saved, View, write_experiment
from core.network.spec import NetworkSpec
from core.surface import SurfaceSpec
from core.training import TrainingSpec, alike


def small() -> Saved:
    """Forty steps on a surface, looked at after thirty; two epochs of two networks."""
    network = NetworkSpec(layers=2, units=6)
    variants = alike((Choice("he_normal"), Choice("small_normal")), network=network)
    experiment = replace(
        default_experiment().with_surface(SurfaceSpec("booth")),
        training=TrainingSpec(Choice("xor"), variants, epochs=2),
        steps=40,
    )
    return Saved(experiment, View(step=30))


def written(saved: Saved, name: str = "lesson.optiscope") -> str:
    """The experiment in a file here; its name."""
    Path(name).write_bytes(write_experiment(saved))
    return name


def pixels(path: str) -> np.ndarray:
    """(height, width, 4) of a picture in a file."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA")).astype(int)
