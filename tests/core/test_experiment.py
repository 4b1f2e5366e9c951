"""All that a person sets up is one value."""

import msgspec
import pytest

from core.choice import Choice
from core.descent import descend
from core.experiment import default_experiment
from core.optimizer import OPTIMIZERS, basic_optimizers
from core.surface import SurfaceSpec, surfaces

DEFAULT = default_experiment()


def test_the_first_start_has_every_optimizer_and_runs_the_basic_ones() -> None:
    assert [c.method.optimizer.id for c in DEFAULT.contenders] == list(OPTIMIZERS)
    assert [run.method.optimizer.id for run in descend(DEFAULT.descent()).runs] == list(basic_optimizers())
    assert DEFAULT.checked() == DEFAULT


def test_switched_off_optimizers_do_not_run() -> None:
    off = msgspec.structs.replace(DEFAULT.contenders[0], enabled=False)
    some = msgspec.structs.replace(DEFAULT, contenders=(off, *DEFAULT.contenders[1:]))
    assert [m.optimizer.id for m in some.descent().methods] == list(basic_optimizers())[1:]


@pytest.mark.parametrize("key", surfaces())
def test_another_surface_brings_its_start_its_steps_and_its_rates(key: str) -> None:
    entry = surfaces()[key]
    experiment = DEFAULT.with_surface(SurfaceSpec(key))
    assert experiment.starts == entry.starts[:1]
    assert experiment.steps == entry.steps
    for contender in experiment.contenders:
        choice = contender.method.optimizer
        assert choice.values["learning_rate"] == entry.learning_rates[choice.id]
    assert experiment.training is DEFAULT.training


def test_another_surface_keeps_what_else_was_set() -> None:
    adam = msgspec.structs.replace(DEFAULT.contenders[5].method, optimizer=Choice("adam", {"beta1": 0.5}))
    last = msgspec.structs.replace(DEFAULT.contenders[-1], method=adam, enabled=False)
    mine = msgspec.structs.replace(DEFAULT, contenders=(last,), noise=0.5).with_surface(SurfaceSpec("booth"))
    assert mine.noise == 0.5
    assert mine.contenders[0].enabled is False
    assert mine.contenders[0].method.optimizer.values["beta1"] == 0.5


def test_an_own_formula_runs_at_the_optimizers_own_rates() -> None:
    mine = DEFAULT.with_surface(SurfaceSpec(formula="log(x)"))
    assert all("learning_rate" not in c.method.optimizer.values for c in mine.contenders)
    descend(mine.descent())


def test_it_cannot_be_changed_in_place() -> None:
    with pytest.raises(AttributeError):
        setattr(DEFAULT, "steps", 5)  # noqa: B010  # a plain assignment is what the type checker refuses
