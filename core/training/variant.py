"""One network of a run: a set of choices; and what tells several of them apart, in words."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from core.catalogue import Catalogue
from core.choice import Choice
from core.data.augmentation import AUGMENTATION_HYPERPARAMETERS, Augmentation
from core.data.transform import PREPROCESSING
from core.errors import InputError
from core.hyperparameter import Hyperparameter, Scale, Value, checked_fields, values_of
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.network.spec import NETWORK_HYPERPARAMETERS, NetworkSpec
from core.optimizer import OPTIMIZERS, MethodSpec, network_optimizers
from core.schedule import SCHEDULES

MOST_VARIANTS = 8
"""Networks of a run: more can neither be told apart by colour nor read side by side."""

VARIANT_HYPERPARAMETERS = (
    PREPROCESSING,
    Hyperparameter(
        name="l1", default=0.0, low=0.0, high=0.01, minimum=0, maximum=1e6, label="L1",
        help="Adds this times the sum of the weights' magnitudes to the loss: it drives weights to 0."
        " With L2 as well it is an elastic net.",
    ),
    Hyperparameter(
        name="l2", default=0.0, low=0.0, high=0.01, minimum=0, maximum=1e6, label="L2",
        help="Adds half of this times the sum of squared weights to the loss (biases are left alone).",
    ),
    Hyperparameter(
        name="clip", default=0.0, low=0.0, high=10.0, minimum=0, maximum=1e6, label="clip gradients at",
        help="Shortens the gradient of all parameters together to this length where it is longer; 0 never.",
    ),
    Hyperparameter(
        name="mixup", default=0.0, low=0.0, high=1.0, minimum=0, maximum=100,
        help="Trains on weighted means of two samples and of their labels; the weight is drawn from"
        " Beta(this, this). 0 mixes nothing.",
    ),
    *AUGMENTATION_HYPERPARAMETERS,
)  # fmt: skip


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is chosen about one network of a run; data and batches are the same for all.

    Attributes
    ----------
    network
        Its shape.
    initializer
        Where its weights come from. Variants with the same one begin with the same weights.
    method
        Optimizer and schedules.
    preprocessing
        Key of `core.data.transform.PREPROCESSINGS`.
    l1, l2
        Strengths of the penalty `l1 sum(|w|) + 0.5 l2 sum(w^2)` on weights.
    clip
        Length to which a longer gradient is shortened; 0 for none.
    mixup
        Parameter of Beta's distribution; 0 for none.
    shift, rotate, scale
        See `core.data.augmentation.Augmentation`.
    """

    network: NetworkSpec = NetworkSpec()
    initializer: Choice = Choice("xavier_normal")
    method: MethodSpec = MethodSpec(Choice("adam"))
    preprocessing: str = "standardize"
    l1: float = 0.0
    l2: float = 0.0
    clip: float = 0.0
    mixup: float = 0.0
    shift: float = 0.0
    rotate: float = 0.0
    scale: float = 0.0

    @property
    def augmentation(self) -> Augmentation:
        """How far each training image is moved."""
        return Augmentation(self.shift, self.rotate, self.scale)

    def choice(self, which: str) -> Choice:
        """One of `CHOICES`."""
        return _LENSES[which][0](self)

    def with_choice(self, which: str, choice: Choice) -> "Variant":
        """The variant with one of `CHOICES` another one."""
        return _LENSES[which][1](self, choice)

    def with_number(self, name: str, value: Value) -> "Variant":
        """The variant with a number of its network or its training set, by the tables' names."""
        if name in (h.name for h in VARIANT_HYPERPARAMETERS):
            return msgspec.structs.replace(self, **{name: value})
        return msgspec.structs.replace(self, network=msgspec.structs.replace(self.network, **{name: value}))

    def checked(self) -> "Variant":
        """Return the variant with every number checked and of its own type.

        Raises
        ------
        InputError
            Naming the field that is wrong.
        """
        numbers = checked_fields(self, VARIANT_HYPERPARAMETERS, "training")
        checked = msgspec.structs.replace(self, network=self.network.checked(), **numbers)
        checked.method.values()
        _check_optimizer(checked.method.optimizer)
        INITIALIZERS[checked.initializer.id].values(checked.initializer.values)
        return checked


def _with_method(variant: Variant, **changes: Choice) -> Variant:
    return msgspec.structs.replace(variant, method=msgspec.structs.replace(variant.method, **changes))


def _with_optimizer(variant: Variant, choice: Choice) -> Variant:
    """Another optimizer loses a momentum schedule that it has no momentum for."""
    return msgspec.structs.replace(variant, method=variant.method.with_optimizer(choice))


def _with_activation(variant: Variant, choice: Choice) -> Variant:
    return msgspec.structs.replace(
        variant, network=msgspec.structs.replace(variant.network, activation=choice)
    )


_LENSES: dict[str, tuple[Callable[[Variant], Choice], Callable[[Variant, Choice], Variant]]] = {
    "initializer": (lambda v: v.initializer, lambda v, c: msgspec.structs.replace(v, initializer=c)),
    "activation": (lambda v: v.network.activation, _with_activation),
    "optimizer": (lambda v: v.method.optimizer, _with_optimizer),
    "schedule": (lambda v: v.method.schedule, lambda v, c: _with_method(v, schedule=c)),
    "momentum_schedule": (
        lambda v: v.method.momentum_schedule, lambda v, c: _with_method(v, momentum_schedule=c)
    ),
}  # fmt: skip
CHOICES: dict[str, Catalogue[Any]] = {
    "initializer": INITIALIZERS, "activation": ACTIVATIONS, "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES, "momentum_schedule": MOMENTUM_SCHEDULES,
}  # fmt: skip
"""What is chosen from a catalogue about a network, by the option's name."""


def shape_key(network: NetworkSpec) -> bytes:
    """The same for networks of the same shape: to look things up by it."""
    return msgspec.json.encode(network)


def alike(initializers: Sequence[Choice], **choices: Any) -> tuple[Variant, ...]:
    """One variant for each initializer, alike in all other `choices`."""
    return tuple(Variant(initializer=each, **choices) for each in initializers)


def _check_optimizer(choice: Choice) -> None:
    optimizer = OPTIMIZERS[choice.id]
    if optimizer.surfaces_only:
        raise InputError(
            f"{optimizer.name} runs on surfaces only; a network takes one of:"
            f" {', '.join(network_optimizers())}.",
            "optimizer",
        )


# ---------------------------------------------------------------- what tells them apart


def names(variants: Sequence[Variant]) -> tuple[str, ...]:
    """Name of each variant in tables and files, in the words of the command line.

    Its initializer, "he_normal" or "small_normal:std=0.1", if that is not the same in all; and what
    else is not: "batch_norm=off". Of variants that do not differ the later ones are numbered.
    """
    return _apart([_name_words(variant) for variant in variants], " ", "#{}")


def labels(variants: Sequence[Variant]) -> tuple[str, ...]:
    """The same in short words to read: "He", "He · no batch norm"."""
    return _apart([_label_words(variant) for variant in variants], " · ", " ({})")


def initializer_name(initializer: Choice) -> str:
    """Name of an initializer with its numbers: "he_normal", "small_normal:std=0.1"."""
    return _choice_name(initializer)


def _apart(words: Sequence[dict[str, str]], separator: str, number: str) -> tuple[str, ...]:
    keys = list(dict.fromkeys(key for each in words for key in each))
    telling = [key for key in keys if len({each.get(key, "") for each in words}) > 1] or ["initializer"]
    texts = [separator.join(each[key] for key in telling if each.get(key)) for each in words]
    seen: Counter[str] = Counter()
    result = []
    for text in texts:
        seen[text] += 1
        result.append(text if seen[text] == 1 else f"{text}{number.format(seen[text])}")
    return tuple(result)


def _name_words(variant: Variant) -> dict[str, str]:
    """What is chosen, by field."""
    method, network = variant.method, variant.network
    optimizer = OPTIMIZERS[method.optimizer.id].values(method.optimizer.values)
    plain = values_of(network, NETWORK_HYPERPARAMETERS) | values_of(variant, VARIANT_HYPERPARAMETERS)
    return {
        "initializer": _choice_name(variant.initializer),
        "activation": f"activation={_choice_name(network.activation)}",
        **{name: f"{name}={value}" for name, value in plain.items()},
        "optimizer": f"optimizer={method.optimizer.id}",
        **{f"optimizer {name}": f"{name}={value}" for name, value in optimizer.items()},
        "schedule": f"schedule={_choice_name(method.schedule)}",
        "momentum_schedule": f"momentum_schedule={_choice_name(method.momentum_schedule)}",
    }


def _choice_name(choice: Choice) -> str:
    values = ",".join(f"{name}={value}" for name, value in sorted(choice.values.items()))
    return f"{choice.id}:{values}" if values else choice.id


def _label_words(variant: Variant) -> dict[str, str]:
    """What is chosen, by field, as one reads it."""
    method, network = variant.method, variant.network
    optimizer = OPTIMIZERS[method.optimizer.id]
    values = optimizer.values(method.optimizer.values)
    activation, ramp = ACTIVATIONS[network.activation.id], method.momentum_schedule
    numbers = {h.name: _number_label(h, getattr(network, h.name)) for h in NETWORK_HYPERPARAMETERS}
    numbers |= {h.name: _number_label(h, getattr(variant, h.name)) for h in VARIANT_HYPERPARAMETERS}
    return {
        "initializer": INITIALIZERS[variant.initializer.id].short_label(variant.initializer.values),
        "activation": " ".join([activation.name, *_set_values(network.activation)]),
        **numbers,
        "optimizer": optimizer.name,
        **{
            f"optimizer {h.name}": _number_label(h, values[h.name])
            for h in optimizer.hyperparameters
        },
        "schedule": " ".join([method.schedule.id.replace("_", " "), *_set_values(method.schedule)]),
        "momentum_schedule": " ".join(
            ["momentum", ramp.id.replace("_", " "), *_set_values(ramp)]
        ),
    }  # fmt: skip


def _set_values(choice: Choice) -> list[str]:
    return [f"{name.replace('_', ' ')} {_written(value)}" for name, value in sorted(choice.values.items())]


_OWN_LABELS: dict[str, Callable[[Value], str]] = {
    "layers": lambda value: f"{value} layer{'s' * (value != 1)}",
    "units": lambda value: f"{value} unit{'s' * (value != 1)}",
    "batch_norm": lambda value: "no batch norm" if value == "off" else f"batch norm {value}",
    "learning_rate": lambda value: f"rate {_written(value)}",
}
"""Numbers and words that one would not read as "name value"."""


def _number_label(number: Hyperparameter, value: Value) -> str:
    own = _OWN_LABELS.get(number.name)
    if own is not None:
        return own(value)
    if number.scale is Scale.SWITCH or value in ("off", "on"):
        return f"{number.title} {'on' if value in (True, 'on') else 'off'}"
    return f"{number.title} {_written(value)}"


def _written(value: Value) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).replace("_", " ")
