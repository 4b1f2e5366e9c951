"""Reads what is chosen about the networks of a run: common options, initializers, and `--variant`."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import msgspec

from app.choices import read_choice
from app.options import Parser
from core.choice import Choice
from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.network.spec import NETWORK_HYPERPARAMETERS
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES
from core.training import VARIANT_HYPERPARAMETERS, TrainingSpec, Variant
from core.training.variant import CHOICES, initializer_name

DEFAULT = TrainingSpec()
_SHAPE = "ID[:name=value,...]"


def add_variant_options(parser: Parser) -> None:
    """The options that `read_variants` reads."""
    first = DEFAULT.variants[0]
    initializers = " and ".join(initializer_name(variant.initializer) for variant in DEFAULT.variants)
    parser.option(
        "--initializer", metavar=(_SHAPE, "ID"), nargs="+", action="extend", default=[], example="he_normal",
        help=f"a network for each; may be repeated; see optiscope list initializers. Default: {initializers}",
    )  # fmt: skip
    parser.option(
        "--activation", metavar=_SHAPE, example="relu", default=first.network.activation.id,
        help=f"see optiscope list activations. Default: {first.network.activation.id}",
    )  # fmt: skip
    parser.option(
        "--optimizer", metavar=_SHAPE, example="adam:learning_rate=0.001", nargs="+", action="extend",
        default=[],  # more than one is refused in a sentence of its own
        help="see optiscope list optimizers; not those for surfaces only."
             f" Default: {first.method.optimizer.id}",
    )  # fmt: skip
    parser.option(
        "--schedule", metavar=_SHAPE, example="cosine:warmup_steps=20", default="constant",
        help="how the learning rate changes; see optiscope list schedules. Default: constant",
    )  # fmt: skip
    parser.option(
        "--momentum-schedule", metavar=_SHAPE, example="linear:start=0.5,end=0.99", default="constant",
        help="how the momentum changes; see optiscope list momentum-schedules. Default: constant",
    )  # fmt: skip
    parser.numbers(NETWORK_HYPERPARAMETERS)
    parser.numbers(VARIANT_HYPERPARAMETERS)
    parser.option(
        "--variant", metavar=("NAME=VALUE", "NAME=VALUE"), nargs="+", action="append", default=[],
        example="batch_norm=off", help="one network more: the first one, with these changes; may be repeated."
        " A name is an option's above (batch_norm=off, optimizer=adam, l2=0.01) or a number of the"
        " optimizer's (learning_rate=0.1)",
    )  # fmt: skip


def read_variants(options: Namespace) -> tuple[Variant, ...]:
    """What the options ask for: a network for each initializer, then one for each `--variant`."""
    method = MethodSpec(
        _optimizer(options.optimizer),
        read_choice(options.schedule, SCHEDULES),
        read_choice(options.momentum_schedule, MOMENTUM_SCHEDULES),
    )
    network = msgspec.structs.replace(
        DEFAULT.variants[0].network, activation=read_choice(options.activation, ACTIVATIONS),
        **given(NETWORK_HYPERPARAMETERS, options),
    )  # fmt: skip
    numbers = given(VARIANT_HYPERPARAMETERS, options)
    variants = [
        Variant(initializer=each, network=network, method=method, **numbers)
        for each in _initializers(options.initializer)
    ]
    return (*variants, *(_changed(variants[0], changes) for changes in options.variant))


def given(hyperparameters: Sequence[Hyperparameter], options: Namespace) -> dict[str, Any]:
    """The numbers among the options that were given, checked."""
    texts = {each: getattr(options, each.name) for each in hyperparameters}
    return {each.name: each.check(text) for each, text in texts.items() if text is not None}


def _optimizer(texts: Sequence[str]) -> Choice:
    if len(texts) > 1:
        raise InputError(
            "Give --optimizer once; for networks with another one add --variant optimizer=ID.", "optimizer"
        )
    return read_choice(texts[0], OPTIMIZERS) if texts else DEFAULT.variants[0].method.optimizer


def _initializers(texts: Sequence[str]) -> list[Choice]:
    chosen = [read_choice(text, INITIALIZERS) for text in texts]
    for place, choice in enumerate(chosen):
        if choice in chosen[:place]:
            raise InputError(
                f"The initializer '{initializer_name(choice)}' is there twice; once is enough.", "initializer"
            )
    return chosen or [variant.initializer for variant in DEFAULT.variants]


def _changed(variant: Variant, changes: Sequence[str]) -> Variant:
    for text in changes:
        name, equals, value = (part.strip() for part in text.partition("="))
        name = name.replace("-", "_")
        if not (name and equals and value):
            raise InputError(f"'{text}' is not name=value; write for example batch_norm=off.", "variant")
        variant = _with(variant, name, value)
    return variant


def _with(variant: Variant, name: str, text: str) -> Variant:
    """The variant with one thing changed."""
    change = _changes(variant).get(name)
    if change is None:
        raise unknown_name("name for a variant", name, tuple(_changes(variant)))
    return change(text)


def _changes(variant: Variant) -> dict[str, Callable[[str], Variant]]:
    """What can be changed, and how a text changes it."""
    optimizer = OPTIMIZERS[variant.method.optimizer.id]
    result: dict[str, Callable[[str], Variant]] = {
        which: partial(_with_choice, variant, which) for which in CHOICES
    }
    for number in (*NETWORK_HYPERPARAMETERS, *VARIANT_HYPERPARAMETERS):
        result[number.name] = partial(_with_number, variant, number)
    for number in optimizer.hyperparameters:
        result[number.name] = partial(_with_rule_number, variant, number)
    return result


def _with_choice(variant: Variant, which: str, text: str) -> Variant:
    return variant.with_choice(which, read_choice(text, CHOICES[which]))


def _with_number(variant: Variant, number: Hyperparameter, text: str) -> Variant:
    return variant.with_number(number.name, number.check(text))


def _with_rule_number(variant: Variant, number: Hyperparameter, text: str) -> Variant:
    optimizer = variant.method.optimizer.with_value(number.name, number.check(text))
    return variant.with_choice("optimizer", optimizer)
