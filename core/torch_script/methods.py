"""An optimizer and its schedules as PyTorch: torch's class where it is the same rule, else the rule itself.

Which of torch's numbers is which, and where torch differs, is said in each optimizer's `convention`; the
project's tests hold torch against every rule.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.hyperparameter import Value
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.optimizer import OPTIMIZERS, MethodSpec
from core.schedule import SCHEDULES
from core.torch_script.rules import RULE, class_name, newton_class, rule_class, rule_numbers
from core.torch_script.writing import called, real

Values = Mapping[str, Value]

MOMENTUM = "MOMENTUM"
_OUTSIDE = "torch keeps the learning rate outside the velocity, which differs once the rate changes"
_ADAM = {"epsilon": "eps", "weight_decay": "weight_decay", "momentum_decay": "momentum_decay"}


@dataclass(frozen=True)
class Method:
    """An optimizer in a script.

    Attributes
    ----------
    make
        Call that makes it of the parameters `p`.
    classes
        What the call needs beside torch.
    change
        The numbers of the optimizer that change with the momentum, as a dict in which `MOMENTUM` stands
        for it; "" where none does.
    """

    make: str
    classes: tuple[str, ...] = ()
    change: str = ""


def method(spec: MethodSpec) -> Method:
    """What a script says of an optimizer, without its schedules.

    Raises
    ------
    InputError
        For an optimizer that cannot be written in a script.
    """
    optimizer, values = OPTIMIZERS[spec.optimizer.id], spec.values()
    own = _why_own(spec, values)
    if optimizer.id in _TORCH and not own:
        made = _TORCH[optimizer.id](values)
        name, numbers = next(iter(made.items()))
        call = called(f"torch.optim.{name}", {"lr": real(values["learning_rate"]), **numbers}, "p")
        beta = f'"betas": ({MOMENTUM}, {real(values.get("beta2"))})'
        change = beta if optimizer.momentum_name == "beta1" else f'"momentum": {MOMENTUM}'
        return Method(call, (), f"{{{change}}}" if spec.scheduled_momentum else "")
    if optimizer.needs_hessian:
        name, text = newton_class(values)
        return Method(_own_call(name, values, ["damping"]), (text,))
    classes = RULE, rule_class(optimizer, values, own or "torch.optim has no such rule")
    call = _own_call(class_name(optimizer), values, rule_numbers(optimizer, values))
    change = f'{{"{spec.scheduled_momentum}": {MOMENTUM}}}' if spec.scheduled_momentum else ""
    return Method(call, classes, change)


def _own_call(name: str, values: Values, numbers: list[str]) -> str:
    rate = {"lr": real(values["learning_rate"])}
    return called(name, {**rate, **{each: real(values[each]) for each in numbers}}, "p")


def _why_own(spec: MethodSpec, values: Values) -> str:
    """Why torch's class of the same name is another rule here, or ""."""
    key = spec.optimizer.id
    if key in ("momentum", "nesterov"):
        if spec.schedule.id != "constant" or spec.schedule.values.get("warmup_steps"):
            return _OUTSIDE
        if 0.0 in spec.momentum_schedule.values.values():
            return "torch's velocity is not kept while the momentum is 0"
    if values.get("bias_correction") is False:
        return "torch always corrects the averages' bias"
    if values.get("accumulate") == "mean":
        return "with the mean of the squares, where torch has their sum"
    return ""


def _adam(name: str, **more: str) -> Callable[[Values], dict[str, dict[str, str]]]:
    def numbers(values: Values) -> dict[str, dict[str, str]]:
        shared = {other: real(values[own]) for own, other in _ADAM.items() if own in values}
        return {name: {"betas": f"({real(values['beta1'])}, {real(values['beta2'])})", **shared, **more}}

    return numbers


def _sgd(values: Values) -> dict[str, dict[str, str]]:
    return {"SGD": {"momentum": real(values["momentum"])} if "momentum" in values else {}}


def _nesterov(values: Values) -> dict[str, dict[str, str]]:
    return {"SGD": _sgd(values)["SGD"] | ({"nesterov": "True"} if values["momentum"] else {})}


def _lbfgs(values: Values) -> dict[str, dict[str, str]]:
    tolerances = {} if values["tolerances"] else {"tolerance_grad": "0", "tolerance_change": "0"}
    return {"LBFGS": {"max_iter": "1", "history_size": real(values["history"]), **tolerances}}


_TORCH: dict[str, Callable[[Values], dict[str, dict[str, str]]]] = {
    "sgd": _sgd,
    "momentum": _sgd,
    "nesterov": _nesterov,
    "adagrad": lambda values: {"Adagrad": {"eps": real(values["epsilon"])}},
    "rmsprop": lambda values: {"RMSprop": {"alpha": real(values["decay"]), "eps": real(values["epsilon"])}},
    "adam": _adam("Adam"),
    "adamw": _adam("AdamW"),
    "nadam": _adam("NAdam"),
    "radam": _adam("RAdam"),
    "amsgrad": _adam("Adam", amsgrad="True"),
    "adadelta": lambda values: {"Adadelta": {"rho": real(values["decay"]), "eps": real(values["epsilon"])}},
    "lbfgs": _lbfgs,
}
"""Id of an optimizer that torch has -> torch's class and the numbers that it is given."""

# ---------------------------------------------------------------- schedules

_FACTORS: dict[str, str] = {
    "constant": "1.0",
    "step": "{drop} ** ({step} // {every})",
    "exponential": "{decay} ** {step}",
    "cosine": "{final} + (1 - {final}) * (1 + math.cos(math.pi * {step} / {steps})) / 2",
    "linear": "1 + ({final} - 1) * {step} / {steps}",
    "inverse_sqrt": "math.sqrt({offset} / ({offset} + {step}))",
}
"""Each schedule's factor of the learning rate, as Python."""
_TO_ZERO: dict[str, str] = {
    "cosine": "(1 + math.cos(math.pi * {step} / {steps})) / 2",
    "linear": "1 - {step} / {steps}",
}
"""The same where nothing is left at the end."""
_MOMENTA: dict[str, str] = {"linear": "{start} + ({end} - {start}) * step / {last}"}
"""Each momentum schedule's momentum, as Python."""


class Functions:
    """The functions of a script that give the rate and the momentum of a step, each written once."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._names: dict[str, str] = {}
        self._texts: list[str] = []

    @property
    def texts(self) -> tuple[str, ...]:
        """Their definitions."""
        return tuple(self._texts)

    def rate(self, spec: MethodSpec) -> str:
        """Name of the function that gives a schedule's factor, "" where the rate never changes."""
        entry = SCHEDULES[spec.schedule.id]
        values = entry.values(spec.schedule.values)
        warmup = int(values.pop("warmup_steps"))
        if self._steps == 0 or (entry.id == "constant" and not warmup):
            return ""
        lines = ['    """The share of the learning rate at a step, counted from 0."""']
        if warmup:
            lines += [f"    if step < {warmup}:  # warm-up", f"        return (step + 1) / {warmup}"]
        if warmup >= self._steps:
            lines = [lines[0], f"    return (step + 1) / {warmup}  # the whole run is warm-up"]
            return self._named(f"{entry.id}_rate", lines)
        words = {name: real(value) for name, value in values.items()}
        step, steps = (f"(step - {warmup})", f"(STEPS - {warmup})") if warmup else ("step", "STEPS")
        factors = _TO_ZERO if values.get("final") == 0.0 else _FACTORS
        factor = factors[entry.id].format(**words, step=step, steps=steps)
        return self._named(f"{entry.id}_rate", [*lines, f"    return {factor}"])

    def momentum(self, spec: MethodSpec) -> str:
        """Name of the function that gives the momentum, "" for one that never changes."""
        if not spec.scheduled_momentum:
            return ""
        entry = MOMENTUM_SCHEDULES[spec.momentum_schedule.id]
        words = {name: real(value) for name, value in entry.values(spec.momentum_schedule.values).items()}
        last = "(STEPS - 1)" if self._steps > 1 else "1"
        lines = [
            '    """The momentum at a step, counted from 0."""',
            f"    return {_MOMENTA[entry.id].format(**words, last=last)}",
        ]
        return self._named(f"{entry.id}_momentum", lines)

    def _named(self, name: str, lines: list[str]) -> str:
        body = "\n".join(lines)
        if body not in self._names:
            same = sum(other.rstrip("_0123456789") == name for other in self._names.values())
            self._names[body] = f"{name}_{same + 1}" if same else name
            self._texts.append(f"def {self._names[body]}(step):\n{body}")
        return self._names[body]
