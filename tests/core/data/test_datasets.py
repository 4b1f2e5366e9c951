"""Every data set of the catalogue, because it is there; then what is special about some."""

import numpy as np
import pytest

from core.choice import Choice
from core.data.dataset import DATASETS
from core.data.preprocessing import VALIDATION_SHARE, prepare
from core.errors import InputError

every = pytest.mark.parametrize("entry", DATASETS.values(), ids=list(DATASETS))


def make(name: str, seed: int = 0, **values: float):
    entry = DATASETS[name]
    return entry.make(entry.values(values), np.random.default_rng(seed))


@every
def test_shapes_types_and_classes(entry):
    inputs, labels = entry.make(entry.values({}), np.random.default_rng(0))
    assert inputs.dtype == np.float64
    assert labels.dtype.kind == "i"
    assert inputs.ndim == 2
    assert labels.shape == (len(inputs),)
    assert np.isfinite(inputs).all()
    counts = np.bincount(labels)
    assert len(counts) >= 2
    assert counts.min() >= 0.8 * counts.max()
    if entry.image_shape:
        assert inputs.shape[1] == entry.image_shape[0] * entry.image_shape[1]


@every
def test_seed_decides(entry):
    first, again, other = (entry.make(entry.values({}), np.random.default_rng(s))[0] for s in (4, 4, 5))
    np.testing.assert_array_equal(first, again)
    is_drawn = any(parameter.name == "samples" for parameter in entry.hyperparameters)
    assert np.array_equal(first, other) != is_drawn


@every
def test_samples_are_as_many_as_asked_for(entry):
    if any(parameter.name == "samples" for parameter in entry.hyperparameters):
        inputs, labels = entry.make(entry.values({"samples": 37}), np.random.default_rng(0))
        assert len(inputs) == len(labels) == 37


@every
def test_prepared_data_are_split_and_standardized(entry):
    data = prepare(Choice(entry.id), seed=3)
    _, labels = entry.make(entry.values({}), np.random.default_rng(0))
    held = len(data.validation_labels)
    assert data.training_samples + held == len(labels)
    assert held == pytest.approx(VALIDATION_SHARE * len(labels), abs=data.classes)
    assert set(data.training_labels) == set(data.validation_labels) == set(range(data.classes))
    mean, std = data.training_inputs.mean(axis=0), data.training_inputs.std(axis=0)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    changing = std > 0
    np.testing.assert_allclose(std[changing], 1, rtol=1e-12)
    assert changing.sum() >= 2
    assert not data.training_inputs.flags.writeable


@every
def test_prepared_data_depend_on_the_seed_only(entry):
    first, other = prepare(Choice(entry.id), seed=1), prepare(Choice(entry.id), seed=2)
    prepare.__globals__["_prepare"].cache_clear()
    again = prepare(Choice(entry.id), seed=1)
    np.testing.assert_array_equal(first.training_inputs, again.training_inputs)
    np.testing.assert_array_equal(first.validation_labels, again.validation_labels)
    assert not np.array_equal(first.training_inputs[:50], other.training_inputs[:50])


def test_digits_are_the_1797_images():
    inputs, labels = make("digits")
    assert inputs.shape == (1797, 64)
    assert (inputs.min(), inputs.max()) == (0, 16)
    np.testing.assert_array_equal(np.bincount(labels), [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
    assert "".join("#" if pixel > 7 else "." for pixel in inputs[0, 8:16]) == "..####.."


def test_constant_pixels_become_zero():
    data = prepare(Choice("digits"), seed=0)
    np.testing.assert_array_equal(data.training_inputs[:, 0], 0)


@pytest.mark.parametrize("content", [b"", b"not an archive", "cut", "swapped", "other"])
def test_a_damaged_file_is_said(content, tmp_path, monkeypatch):
    import core.resource

    whole = core.resource.resource_path("data/digits.npz").read_bytes()
    (tmp_path / "data").mkdir()
    file = tmp_path / "data" / "digits.npz"
    if content == "cut":
        file.write_bytes(whole[: len(whole) // 2])
    elif content == "swapped":
        file.write_bytes(whole[:9_000] + b"\x00\x01\x02\x03" + whole[9_004:])
    elif content == "other":
        np.savez(file, images=np.zeros((1797, 64), np.uint8), labels=np.zeros(1797, np.uint8))
    else:
        file.write_bytes(content)
    monkeypatch.setattr(core.resource, "ROOT", tmp_path)
    with pytest.raises(
        InputError, match=r"^The digits' file .*digits.npz is damaged .* choose other data\.$"
    ) as error:
        make("digits")
    assert error.value.field == "dataset"


def test_a_missing_file_is_said(tmp_path, monkeypatch):
    import core.resource

    monkeypatch.setattr(core.resource, "ROOT", tmp_path)
    with pytest.raises(InputError, match="is missing"):
        make("digits")


def test_without_noise_points_lie_on_their_figure():
    inputs, labels = make("circles", noise=0.0, classes=3)
    np.testing.assert_allclose(np.hypot(*inputs.T), (labels + 1) / 3, rtol=1e-12)
    inputs, labels = make("xor", noise=0.0)
    np.testing.assert_array_equal(labels, (inputs[:, 0] > 0) != (inputs[:, 1] > 0))
    inputs, labels = make("blobs", noise=0.0)
    assert len(np.unique(inputs.round(9), axis=0)) == 4
    inputs, labels = make("moons", noise=0.0)
    centres = np.array([[0.0, 0.0], [1.0, 0.5]])[labels]
    np.testing.assert_allclose(np.hypot(*(inputs - centres).T), 1, rtol=1e-12)


def test_arms_of_a_spiral_are_turned_copies():
    inputs, labels = make("spirals", noise=0.0, classes=4, turns=1.0)
    radius, angle = np.hypot(*inputs.T), np.arctan2(inputs[:, 1], inputs[:, 0])
    expected = 2 * np.pi * (radius + labels / 4)
    np.testing.assert_allclose(np.cos(angle - expected), 1, rtol=1e-9)
