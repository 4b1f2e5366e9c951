"""What differs between two experiments, in the words that a person reads beside "Undo"."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.batches import BATCH_SIZE
from core.choice import Choice
from core.descent import DESCENT_HYPERPARAMETERS
from core.experiment import Contender, Experiment, Words
from core.hyperparameter import Hyperparameter
from core.network.spec import NETWORK_HYPERPARAMETERS
from core.optimizer import OPTIMIZERS, MethodSpec
from core.surface import SurfaceSpec, surface
from core.training import TRAINING_HYPERPARAMETERS, Variant
from core.training.variant import CHOICES, VARIANT_HYPERPARAMETERS


@dataclass(frozen=True)
class Change:
    """What an edit did.

    Attributes
    ----------
    name
        In words: "Adam learning rate", "start point".
    key
        Equal for edits of the same number or point; "" where each edit stands for itself (a switch,
        a choice).
    """

    name: str
    key: str = ""


def change_between(old: Experiment, new: Experiment) -> Change:
    """What differs; of several differences the one that brings the others along."""
    for field, describe in _FIELDS.items():
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            return describe(before, after)
    return Change("nothing")


def change_of_words(old: Words, new: Words) -> Change:
    """What differs in title and text; every edit of them stands for itself."""
    differing = [name for name in Words._fields if getattr(old, name) != getattr(new, name)]
    return Change(" and ".join(differing) or "nothing")


def _surface(old: SurfaceSpec, new: SurfaceSpec) -> Change:
    same = msgspec.structs.replace(old, parameters={}, learning_rates={}) == msgspec.structs.replace(
        new, parameters={}, learning_rates={}
    )
    if not same:
        return Change(f"{'' if new.id else 'own '}surface {surface(new).entry.title:.40}")
    if names := _differing(old.parameters, new.parameters):
        return (
            Change(f"parameter {names[0]}", f"parameter {names[0]}")
            if len(names) == 1
            else Change("parameters")
        )
    return Change("rates of the formula")


def _starts(old: Sequence[Any], new: Sequence[Any]) -> Change:
    if len(old) == len(new):
        moved = [place for place, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
        return Change("start point", f"start {moved[0]}") if len(moved) == 1 else Change("start points")
    if len(new) == len(old) + 1:
        return Change("another start point")
    return Change("removed start point" if len(new) == len(old) - 1 else "start points")


def _contenders(old: tuple[Contender, ...], new: tuple[Contender, ...]) -> Change:
    if len(old) != len(new):
        return Change("optimizers")
    pairs = [(one, other) for one, other in zip(old, new, strict=True) if one != other]
    if len(pairs) > 1:
        switched = all(one.method == other.method for one, other in pairs)
        return Change("choice of optimizers" if switched else "optimizers' numbers")
    one, other = pairs[0]
    name = OPTIMIZERS[other.method.optimizer.id].name
    if one.enabled != other.enabled:
        return Change(f"{name} {'on' if other.enabled else 'off'}")
    return _prefixed(name, _method(one.method, other.method))


def _method(old: MethodSpec, new: MethodSpec) -> Change:
    if old.optimizer.id != new.optimizer.id:
        return Change("optimizer")
    if old.optimizer != new.optimizer:
        return _choice(
            "optimizer", old.optimizer, new.optimizer, OPTIMIZERS[new.optimizer.id].hyperparameters
        )
    which = "schedule" if old.schedule != new.schedule else "momentum_schedule"
    one, other = getattr(old, which), getattr(new, which)
    title = which.replace("_", " ")
    return _prefixed(title, _choice("", one, other, CHOICES[which][other.id].hyperparameters))


def _choice(title: str, old: Choice, new: Choice, known: Sequence[Hyperparameter]) -> Change:
    """Another entry, or a number of it."""
    if old.id != new.id:
        return Change(title)
    names = _differing(old.values, new.values)
    titles = {each.name: each.title for each in known}
    if len(names) != 1:
        return Change(f"{title} numbers".strip())
    return Change(titles.get(names[0], names[0]), names[0])


def _training(old: Any, new: Any) -> Change:
    if old.own != new.own or old.dataset.id != new.dataset.id:
        return Change("data of the networks")
    if old.dataset != new.dataset:
        return _prefixed("data's", _choice("", old.dataset, new.dataset, ()))
    if old.variants != new.variants:
        return _variants(old.variants, new.variants)
    return _prefixed("training", _number(TRAINING_HYPERPARAMETERS, old, new))


def _variants(old: tuple[Variant, ...], new: tuple[Variant, ...]) -> Change:
    if len(old) != len(new):
        return Change("another network" if len(new) > len(old) else "removed network")
    changes = {_variant(one, other) for one, other in zip(old, new, strict=True) if one != other}
    return changes.pop() if len(changes) == 1 else Change("networks")


def _variant(old: Variant, new: Variant) -> Change:
    for which, catalogue in CHOICES.items():
        one, other = old.choice(which), new.choice(which)
        if one != other:
            title = which.replace("_", " ")
            return _prefixed("network's", _choice(title, one, other, catalogue[other.id].hyperparameters))
    if old.network != new.network:
        return _prefixed("network's", _number(NETWORK_HYPERPARAMETERS, old.network, new.network))
    return _prefixed("network's", _number(VARIANT_HYPERPARAMETERS, old, new))


def _number(known: Sequence[Hyperparameter], old: Any, new: Any) -> Change:
    """The first of the numbers that differ."""
    found = next((each for each in known if getattr(old, each.name) != getattr(new, each.name)), None)
    if found is None:
        return Change("settings")
    return Change(found.title, found.name if found.continuous else "")


def _prefixed(words: str, change: Change) -> Change:
    return Change(f"{words} {change.name}".strip(), f"{words}: {change.key}" if change.key else "")


def _differing(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    return sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _named(name: str) -> Callable[[Any, Any], Change]:
    return lambda _old, _new: Change(name)


def _numbered(number: Hyperparameter) -> Callable[[Any, Any], Change]:
    return lambda _old, _new: Change(number.title, number.name)


def _overlays(old: tuple[str, ...], new: tuple[str, ...]) -> Change:
    names = sorted(set(old) ^ set(new))
    return Change(
        f"{names[0].replace('_', ' ')} {'on' if names[0] in new else 'off'}" if names else "overlays"
    )


_FIELDS: dict[str, Callable[[Any, Any], Change]] = {
    "surface": _surface,
    "starts": _starts,
    "contenders": _contenders,
    **{each.name: _numbered(each) for each in (*DESCENT_HYPERPARAMETERS, BATCH_SIZE)},
    "training": _training,
    "maps": _named("map"),
    "tuning": _named("tuning"),
    "overlays": _overlays,
    "shown": _named("distributions shown"),
    "distributions": _named("distributions' form"),
    "measure": _named("measure of effort"),
}
"""Every field of an experiment: those first that bring others along."""
