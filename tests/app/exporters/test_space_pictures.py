"""Pictures and films of the paths in 3-D, with a real OpenGL; and the sentence where there is none."""

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage

from app.exporters import space_easel
from app.exporters.canvas import LiveView
from app.exporters.sheet import Sheet
from app.exporters.space_easel import SpaceEasel
from app.plots.gl_parts import GraphicsError
from app.plots.space_scene import Shot, SpaceScene
from app.theme import DARK, LIGHT
from core.descent import descend
from core.experiment_file import Saved, View
from tests.app.called import exit_with_nine
from tests.app.cli_runner import Optiscope
from tests.app.laboratory_driver import as_array, count_near
from tests.app.lessons import pixels, small, written
from tests.app.space_views import settled, switch

window = pytest.mark.window


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenGL works, as another test finds out: its trial takes a second."""
    monkeypatch.setattr(space_easel, "_tried", str)


def easel(saved: Saved, look: str = "light") -> SpaceEasel:
    return SpaceEasel(saved, descend(saved.experiment.descent()), Sheet((480, 360), 1.0, look=look))


@window
def test_the_command_paints_it_at_any_scale(optiscope: Optiscope) -> None:
    lesson = written(small())
    for scale in ("1", "2"):
        done = optiscope("render", lesson, "--view", "3d", "--size", "480x360", "--scale", scale,
                         "--out", f"{scale}.png")  # fmt: skip
        assert done.status == 0, done.err
    one, two = (pixels(f"{scale}.png")[:, :, :3].astype(float) for scale in ("1", "2"))
    assert two.shape == (720, 960, 3)
    shrunk = two.reshape(360, 2, 480, 2, 3).mean(axis=(1, 3))
    assert np.abs(shrunk - one).mean() < 4.0, "the same picture"
    grown = one.repeat(2, axis=0).repeat(2, axis=1)
    edges = [np.abs(np.diff(image[60:], axis=1)).max(axis=2) for image in (two, grown)]
    assert (edges[0][:, 1::2] > 12).sum() > 500, "between what was one pixel"
    assert (edges[1][:, ::2] > 0).sum() == 0, "as there never is in one that was only made larger"


@window
@pytest.mark.parametrize("look", ["light", "dark"])
def test_paths_go_on_from_step_to_step(qapp, tried, look: str) -> None:
    theme = {"light": LIGHT, "dark": DARK}[look]
    with closing(easel(small(), look)) as painted:
        seen = []
        for step in (0, 10, 40):
            painted.set_step(step)
            seen.append(painted.image(1.0))
    adam = theme.optimizer("adam")
    counts = [count_near(image, adam) for image in seen]
    assert counts[1] > counts[0] + 10, "a path"
    assert (as_array(seen[1]) != as_array(seen[2])).any()
    corner = as_array(seen[0])[-1, 0].tolist()
    assert corner == list(QColor(theme.panel).getRgb()[:3])


@window
def test_height_and_part_are_those_of_the_experiment(qapp, tried) -> None:
    plain = small()
    experiment = replace(plain.experiment, overlays=("three_d_by_loss",))
    others = (Saved(experiment), replace(plain, view=View(area=(0.0, 3.0, 0.0, 3.0))))
    images = []
    for saved in (plain, *others):
        with closing(easel(saved)) as painted:
            images.append(as_array(painted.image(1.0)).astype(int))
    for other in images[1:]:
        assert (np.abs(other - images[0]).max(axis=2) > 12).sum() > 1000


@window
def test_the_ground_is_drawn_in_full(qapp, tried, monkeypatch: pytest.MonkeyPatch) -> None:
    drafts: list[bool] = []
    draw = SpaceScene.picture

    def noted(scene: SpaceScene, shot: Shot, size: QSize, ratio: float, draft: bool) -> QImage:
        drafts.append(draft)
        return draw(scene, shot, size, ratio, draft)

    monkeypatch.setattr(SpaceScene, "picture", noted)
    with closing(easel(small())) as painted:
        drafts.clear()
        for step in (1, 2):
            painted.set_step(step)
            painted.image(1.5)
    assert drafts == [False, False]


@window
def test_of_very_many_runs_those_from_the_first_start_are_seen(qapp, tried) -> None:
    plain = small()
    starts = tuple((float(x), float(y)) for x in range(-5, 5) for y in range(-5, 5))
    many = replace(plain, experiment=replace(plain.experiment, starts=starts))
    with closing(easel(many)) as painted:
        images = []
        for step in (0, 40):
            painted.set_step(step)
            images.append(painted.image(1.0))
    adam = LIGHT.optimizer("adam")
    assert count_near(images[1], adam) > count_near(images[0], adam) + 10


class _Narrow:
    """A driver with room for pictures of so many pixels from left to right."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
        draw = SpaceScene.picture

        def picture(scene: SpaceScene, shot: Shot, size: QSize, ratio: float, draft: bool) -> QImage:
            if size.width() > most:
                raise GraphicsError("The graphics driver has no room for a picture of this size.")
            return draw(scene, shot, size, ratio, draft)

        monkeypatch.setattr(SpaceScene, "picture", picture)


@window
def test_a_picture_that_is_too_large_for_the_driver_is_as_sharp_as_the_screen(
    qapp, tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Narrow(monkeypatch, 700)
    with closing(easel(small())) as painted:
        large, plain = painted.image(2.0), painted.image(1.0)
    assert large.width() == 960
    assert count_near(large, LIGHT.optimizer("adam")) > 2 * count_near(plain, LIGHT.optimizer("adam")) > 0


@window
def test_a_driver_that_gives_up_is_said_and_no_file_is_left(
    optiscope: Optiscope, tried, monkeypatch: pytest.MonkeyPatch
) -> None:
    _Narrow(monkeypatch, 10)
    complaint = optiscope("render", written(small()), "--view", "3d", "--out", "a.png").complaint
    assert "no room for a picture" in complaint
    assert not Path("a.png").exists()


@window
def test_a_picture_of_the_window_has_it_as_sharp_as_the_rest(open_laboratory) -> None:
    lab = open_laboratory(size=(1280, 720))
    lab.click(switch(lab))
    plot = settled(lab)
    image = LiveView([plot], QColor("white")).image(2.0)
    assert plot._picture.size() == image.size()
    lab.process_events()


def test_without_opengl_a_sentence_says_so(
    optiscope: Optiscope, qapp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(space_easel, "_tried", space_easel._tried.__wrapped__)
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.delenv("DISPLAY", raising=False)
    complaint = optiscope("render", written(small()), "--view", "3d", "--out", "a.png").complaint
    assert "The 3-D view needs OpenGL 3.3. This screen offers no OpenGL." in complaint
    assert not Path("a.png").exists()


def test_a_driver_that_ends_the_process_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space_easel, "try_graphics", exit_with_nine)
    assert "ended the process" in space_easel._tried.__wrapped__()
