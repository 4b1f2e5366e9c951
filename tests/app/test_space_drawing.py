"""The body, the paths over it and the camera: what is drawn in space, without OpenGL."""

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QMatrix4x4, QVector3D

from app.plots.camera import FARTHEST, NEAREST, Camera, fitting_side
from app.plots.draping import drape, lay
from app.plots.first_view import first_view, seen
from app.plots.relief import FLOOR, SIDE, TALL, relief
from app.plots.space_content import SpaceContent, draw_atlas
from app.plots.space_frame import frame_rows, loss_ticks, nice_ticks
from app.plots.space_plot import left_sentence
from app.plots.surface_layer import LossScale
from app.plots.trail_layer import Trail
from app.theme import LIGHT
from core.surface import SurfaceSpec, surface, surfaces
from tests.app.laboratory_driver import as_array

DOMAIN = (-5.0, 5.0, -5.0, 5.0)
RED, BLUE = QColor("#d00000"), QColor("#0000d0")


def body_of(formula, shown=DOMAIN, by_loss=True):
    place = surface(SurfaceSpec(formula=formula))
    return relief(place, LossScale(place), shown, by_loss)


def trail(*points, colour=RED, shape=0):
    return Trail(np.array(points, float), colour, shape)


# ---------------------------------------------------------------- the body


@pytest.mark.parametrize("key", surfaces())
@pytest.mark.parametrize("by_loss", [False, True])
def test_every_surface_fills_the_box(key, by_loss):
    place = surface(SurfaceSpec(key))
    body = relief(place, LossScale(place), place.entry.domain, by_loss)
    assert body.heights.min() == 0.0
    assert body.heights.max() == pytest.approx(TALL)
    assert np.isfinite(body.vertices()).all()
    assert np.linalg.norm(body.vertices()[:, 3:6], axis=1) == pytest.approx(1.0, abs=1e-5)


def test_heights_are_the_losses_themselves_or_their_places_among_the_colours():
    place = surface(SurfaceSpec(formula="x**2 + 3*y**2"))
    scale = LossScale(place)
    _, _, losses = place.grid(DOMAIN, SIDE, SIDE)
    for by_loss, values in ((True, losses), (False, np.log1p(losses / scale.unit))):
        body = relief(place, scale, DOMAIN, by_loss)
        below = body.heights < TALL
        slope = np.polyfit(values[below], body.heights[below], 1)
        assert np.polyval(slope, values[below]) == pytest.approx(body.heights[below], abs=1e-9)
        assert body.height_of(losses)[below] == pytest.approx(body.heights[below], abs=1e-12)


def test_near_a_minimum_the_box_is_filled_anew():
    near = body_of("x**2 + y**2", (-0.01, 0.01, -0.01, 0.01))
    assert near.heights[0, 0] == pytest.approx(TALL, abs=0.01)
    assert near.high <= 2.01e-4


def test_a_plane_is_met_exactly_everywhere():
    body = body_of("x + 2*y")
    points = np.random.default_rng(0).uniform(-1.0, 1.0, (500, 2))
    height, valid = body.on_surface(points)
    assert valid.all()
    assert height == pytest.approx(np.clip((points @ (1, 2) + 3) / 6 * TALL, 0, TALL), abs=2e-3)


@pytest.mark.parametrize("coarse", [False, True])
def test_triangles_cover_the_square_once(coarse):
    body = body_of("x**2 - y**2 + x*y")
    corners = body.vertices()[body.coarse_triangles() if coarse else body.triangles()][:, :, :2]
    (one, two) = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    areas = 0.5 * (one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
    assert (areas > 0).all(), "all turn the same way"
    assert areas.sum() == pytest.approx(4.0, rel=1e-4)


def test_a_hole_is_left_open():
    body = body_of("sqrt(x)")
    assert not body.valid[:, : SIDE // 2].any()
    assert body.valid[:, SIDE // 2 :].all()
    assert len(body.triangles()) < 0.52 * len(body_of("x**2").triangles())
    assert np.isfinite(body.vertices()).all()


@pytest.mark.parametrize("formula", ["1/x", "-1/(x**2 + y**2)", "exp(x**4)", "0*x + 7", "0*x", "1/(x - y)"])
@pytest.mark.parametrize("by_loss", [False, True])
def test_poles_and_plains_stay_in_the_box(formula, by_loss):
    body = body_of(formula, by_loss=by_loss)
    assert np.isfinite(body.heights).all()
    assert body.heights.min() >= 0.0
    assert body.heights.max() <= TALL + 1e-12
    assert np.isfinite(body.vertices()).all()
    assert np.isfinite(loss_ticks(body)).all()


# ---------------------------------------------------------------- paths


def test_a_path_lies_on_the_surface():
    body = body_of("x**2 + y**2")
    paths = drape([trail((-4, -4), (3, 4), (4, -2))], body)
    for points in (paths.starts, paths.ends):
        assert points[:, 2] == pytest.approx(body.on_surface(points[:, :2])[0], abs=1e-12)
    assert (paths.starts[1:], paths.ends[-1, :2]) == (
        pytest.approx(paths.ends[:-1], abs=1e-9), pytest.approx([0.8, -0.4])
    )  # fmt: skip


def test_pieces_appear_with_their_steps():
    paths = drape([trail((-4, -4), (0, 0), (4, 0)), trail((4, 4), (4, 0))], body_of("x + y"))
    assert paths.count(0) == 0
    assert 0 < paths.count(1) < paths.count(2) == len(paths.steps)
    assert set(paths.owners[: paths.count(1)]) == {0, 1}
    assert set(paths.owners[paths.count(1) :]) == {0}


def test_a_path_that_leaves_ends_at_the_border_and_one_that_returns_goes_on():
    body = body_of("x + y")
    paths = drape([trail((0, 0), (20, 10), (40, 10)), trail((0, 0), (20, 0), (0, 1))], body)
    assert abs(paths.ends[:, :2]).max() <= 1.0 + 1e-12
    for step, left in ((0, [False, False]), (1, [True, True]), (2, [True, False])):
        where, visible, away = paths.heads(step)
        assert visible.all()
        assert away.tolist() == left
        if step == 1:
            assert where[0, :2] == pytest.approx([1.0, 0.5])
    content = SpaceContent(surface(SurfaceSpec(formula="x + y")))
    content.set_trails([trail((0, 0), (20, 10), colour=BLUE), trail((0, 0), (1, 1))])
    content.step = 1
    assert content.left() == [BLUE]
    assert left_sentence(["SGD"]) == "SGD has left the view."
    assert left_sentence(["SGD", "Lion", "Adam"]) == "SGD, Lion and Adam have left the view."


def test_a_path_that_is_outside_all_the_time_is_not_drawn():
    paths = drape([trail((20, 20), (30, 20))], body_of("x + y"))
    assert len(paths.starts) == 0
    assert not paths.heads(1)[1].any()


def test_numbers_beyond_all_bounds_do_not_disturb():
    paths = drape([trail((0, 0), (1e300, -1e300), (1e308, 1e308))], body_of("x + y"))
    assert np.isfinite(paths.ends).all()
    assert paths.heads(2)[2].all()


def test_nothing_is_drawn_over_a_hole():
    paths = drape([trail((4, 0), (-4, 0))], body_of("sqrt(x)"))
    assert paths.ends[:, 0].min() >= -0.02


def test_clipped_lengths_are_right():
    rng = np.random.default_rng(1)
    starts, ends = rng.uniform(-3, 3, (40, 2)), rng.uniform(-3, 3, (40, 2))
    low, high, owner = lay(starts, ends, body_of("x + y"))
    drawn = np.bincount(owner, np.hypot(*(high - low)[:, :2].T), minlength=40)
    parts = np.linspace(0, 1, 200_001)
    for k in range(40):
        inside = np.all(abs(starts[k] + parts[:, None] * (ends[k] - starts[k])) <= 1.0, axis=1).mean()
        assert drawn[k] == pytest.approx(inside * np.hypot(*(ends[k] - starts[k])), abs=1e-4)


def test_the_tip_joins_the_last_piece_and_the_head():
    angles = np.linspace(0, 6, 400)
    path = np.column_stack([3 * np.cos(angles), 3 * np.sin(angles)])
    paths = drape([trail(*path)], body_of("x**2 + y**2"))
    for step in (0, 1, 57, 200, 399):
        starts, ends, owners = paths.tips(step)
        head = paths.heads(step)[0][0]
        drawn = paths.ends[: paths.count(step)]
        last = drawn[-1] if len(drawn) else [0.6, 0.0, head[2]]
        assert (owners == 0).all()
        if len(starts):
            assert starts[0, :2] == pytest.approx(last[:2], abs=1e-9)
            assert ends[-1] == pytest.approx(head, abs=1e-9)
        else:
            assert last[:2] == pytest.approx(head[:2], abs=0.004)


def test_many_long_paths_stay_few_pieces():
    rng = np.random.default_rng(2)
    trails = [Trail(rng.uniform(-5, 5, (300, 2)), RED, 0) for _ in range(40)]
    paths = drape(trails, body_of("x**2 + y**2"))
    assert 10_000 < len(paths.starts) < 40_000


def test_no_paths_at_all():
    content = SpaceContent(surface(SurfaceSpec("himmelblau")))
    assert len(content.path_rows()) == len(content.tip_rows()) == 0
    assert len(content.sprite_rows()) == 4, "the minima are marked"
    assert content.left() == []


def test_sprites_look_like_the_marks_seen_from_above(qapp):
    content = SpaceContent(surface(SurfaceSpec("himmelblau")))
    content.set_trails([trail((0, 0), (1, 1)), trail((0, 0), (2, 2)), trail((0, 0), (1, 2), colour=BLUE)])
    content.set_starts(((0.0, 0.0), (99.0, 0.0), (1.0, 3.0)), 0)
    assert content.heads == [(RED.rgba(), 0), (BLUE.rgba(), 0)]
    assert sorted(content.sprite_rows()[:, 3].tolist()) == [0, 0, 0, 0, 1, 2, 3, 3, 4]
    atlas = as_array(draw_atlas(content.heads, LIGHT, 2.0).convertToFormat(QImage.Format.Format_RGB32))
    assert atlas.shape == (64, 5 * 64, 3)
    assert atlas[32, 3 * 64 + 32].tolist() == [0xD0, 0, 0]
    assert atlas[32, 4 * 64 + 32].tolist() == [0, 0, 0xD0]


# ---------------------------------------------------------------- the camera


@pytest.mark.parametrize(("width", "height"), [(900, 600), (400, 600), (600, 600)])
def test_the_camera_sees_as_qt_says(width, height):
    camera = Camera(azimuth=33.0, elevation=21.0, distance=5.0, target=(0.3, -0.2, 0.1))
    eye, target = QVector3D(*camera.eye()), QVector3D(*camera.target)
    judge = QMatrix4x4()
    side = fitting_side(width, height)
    angle = 2 * np.degrees(np.arctan(np.tan(np.radians(13)) * height / side))
    judge.perspective(angle, width / height, 0.1, 20.0)
    judge.lookAt(eye, target, QVector3D(0, 0, 1))
    points = np.random.default_rng(3).uniform(-1, 1, (20, 3))
    for point, pixel in zip(points, camera.to_pixels(points, width, height), strict=True):
        seen_at = judge.map(QVector3D(*point))
        expected = (seen_at.x() * 0.5 + 0.5) * width, (0.5 - seen_at.y() * 0.5) * height
        assert pixel == pytest.approx(expected, abs=0.01)


def test_the_camera_stays_within_bounds():
    camera = Camera()
    assert camera.turned(1000, 0).turned(-1000, 0).azimuth == pytest.approx(camera.azimuth)
    assert camera.turned(0, 500).elevation == 90.0
    assert 0.0 < camera.turned(0, -500).elevation < 10.0
    assert camera.nearer(1e-9).distance == NEAREST
    assert camera.nearer(1e9).distance == FARTHEST
    assert np.isfinite(camera.moved(1e9, -1e9).target).all()
    assert np.isfinite(camera.turned(0, 500).to_pixels(np.zeros((1, 3)), 300, 200)).all()


@pytest.mark.parametrize("key", surfaces())
@pytest.mark.parametrize(("width", "height"), [(380, 450), (860, 590), (300, 160)])
def test_the_first_view_shows_the_whole_box(key, width, height):
    content = SpaceContent(surface(SurfaceSpec(key)))
    camera = first_view(content.body, content.points_of_interest(), width, height)
    box = np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (FLOOR, TALL)])
    pixels = camera.to_pixels(box, width, height)
    assert pixels.min() >= 0
    assert (pixels <= (width, height)).all()


def test_the_first_view_hides_no_minimum_that_can_be_seen():
    content = SpaceContent(surface(SurfaceSpec("rosenbrock")))
    camera = first_view(content.body, content.points_of_interest(), 800, 600)
    (minimum,) = content.body.to_box(np.array(surfaces()["rosenbrock"].minima))
    height = content.body.on_surface(minimum[None])[0][0]
    point = np.array([[*minimum, height + 0.02]])
    assert seen(content.body, point, camera.eye()).all()
    behind = Camera(azimuth=-90.0, elevation=10.0)
    assert not seen(content.body, point, behind.eye()).any(), "from low in front the ridge hides it"


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(("low", "high"), [(-5, 5), (0, 1e-6), (1e6, 1e6 + 3), (-2.5, 1.5), (0.1, 1e9)])
def test_ticks_are_round_and_inside(low, high):
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 11
    step = ticks[1] - ticks[0]
    assert low - 1e-6 * step <= ticks[0]
    assert ticks[-1] <= high + 1e-6 * step
    mantissa = step / 10.0 ** np.floor(np.log10(step) + 1e-9)
    assert mantissa == pytest.approx([1, 2, 5][int(np.argmin(abs(np.array([1, 2, 5]) - mantissa)))])


def test_loss_figures_rise_with_their_heights():
    for by_loss in (False, True):
        body = relief_of("rosenbrock", by_loss)
        ticks = loss_ticks(body)
        assert (np.diff(ticks) > 0).all()
        heights = body.height_of(ticks)
        assert abs(heights - np.linspace(0, TALL, len(ticks))).max() < 0.12 * TALL


def relief_of(key, by_loss):
    place = surface(SurfaceSpec(key))
    return relief(place, LossScale(place), place.entry.domain, by_loss)


def test_the_frame_is_finite_with_holes_and_without():
    for formula in ("sqrt(x)", "x*y"):
        rows = frame_rows(body_of(formula), LIGHT)
        assert rows.shape[1] == 10
        assert np.isfinite(rows).all()
