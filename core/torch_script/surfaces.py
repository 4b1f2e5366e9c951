"""The descents over a surface as a PyTorch script."""

import numpy as np

from core.data.table import read_table
from core.descent import DescentSpec
from core.errors import InputError
from core.experiment import Experiment
from core.formula_code import derive
from core.optimizer import OPTIMIZERS
from core.samples import samples
from core.surface import SurfaceEntry, surface
from core.torch_script.formulas import functions_of, torch_text
from core.torch_script.methods import MOMENTUM, Functions, Method, method
from core.torch_script.steadiness import unsteady
from core.torch_script.writing import (
    MOST_WRITTEN,
    STREAM,
    Script,
    archive,
    assigned,
    comment,
    docstring,
    imports,
    joined,
    listed,
    once,
    quoted,
    real,
)

_AGREEMENT = """
It prints how each run ends. Points and losses agree with Optiscope's own to nine digits, in float64"""
_NOT_LOOKED_AT = """; but a run of this length may turn the last bits of rounding into more."""
_UNSTEADY = """. These runs turn the last bits of rounding into more, and agree to fewer digits, or none: """
_READ = 'with np.load(Path(__file__).with_suffix(".npz")) as file:  # beside this script'


def surface_script(experiment: Experiment) -> Script:
    """Every optimizer that is switched on, from every start, on the experiment's surface.

    Raises
    ------
    InputError
        For an experiment that no run would take, or in which no optimizer is switched on.
    """
    spec = experiment.descent().checked()
    if not spec.methods:
        raise InputError("No optimizer is switched on; switch one on to export it as a script.", "optimizer")
    return _Writer(spec).script()


class _Writer:
    """Writes the script of one spec."""

    def __init__(self, spec: DescentSpec) -> None:
        self.spec, self.place = spec, surface(spec.surface)
        self.methods = [method(each) for each in spec.methods]
        self.functions = Functions(spec.steps)
        self.rates = [self.functions.rate(each) for each in spec.methods]
        self.momenta = [self.functions.momentum(each) for each in spec.methods]
        self.arrays: dict[str, np.ndarray] = {}
        self.batched, self.noisy = spec.batch_size > 0, spec.noise > 0.0
        keys = [each.optimizer.id for each in spec.methods]
        self.bent = any(OPTIMIZERS[key].needs_hessian for key in keys)
        self.asks_loss = "lbfgs" in keys or self.bent

    def script(self) -> Script:
        """Text and data."""
        body = joined(
            [
                "torch.set_default_dtype(torch.float64)",
                self._numbers(),
                STREAM if self.batched else "",
                self._data(),
                *self._loss(),
                *once(text for each in self.methods for text in each.classes),
                *self.functions.texts,
                self._optimizers(),
                self._evaluate(),
                self._batches(),
                self._descend(),
                self._main(),
            ]
        )
        head = docstring([self._title(), self._agreement(), self._needs()])
        return Script(f"{head}\n{imports(body)}\n\n{body}", archive(self.arrays) if self.arrays else None)

    def _title(self) -> str:
        return f"{self.place.entry.title}: gradient descent with PyTorch, as Optiscope runs it."

    def _agreement(self) -> str:
        runs = unsteady(self.spec)
        if runs is None:
            return _AGREEMENT + _NOT_LOOKED_AT
        names = dict.fromkeys(OPTIMIZERS[run.method.optimizer.id].name for run in runs)
        return _AGREEMENT + (f"{_UNSTEADY}{', '.join(names)}." if names else ".")

    def _needs(self) -> str:
        numpy = " and NumPy" if self.arrays or self.batched or self.noisy else ""
        beside = ", and the .npz of the same name beside it" if self.arrays else ""
        return f"Needs torch{numpy}{beside}."

    # ------------------------------------------------------------ parts

    def _numbers(self) -> str:
        spec = self.spec
        lines = [f"STEPS = {spec.steps}"]
        lines += [f"BATCH_SIZE = {spec.batch_size}"] if self.batched else []
        lines += [
            f"NOISE = {real(spec.noise)}  # standard deviation, on both gradient components"
        ] * self.noisy
        lines += [f"SEED = {spec.seed}"] if self.batched or self.noisy else []
        lines += [f"TOLERANCE = {real(spec.tolerance)}  # a run has converged once its gradient stays below"]
        starts = [f"({float(x)!r}, {float(y)!r})" for x, y in spec.starts]
        if sum(map(len, starts)) > MOST_WRITTEN:
            self.arrays["starts"] = np.array(spec.starts, float)
            return "\n".join([*lines, _READ, '    STARTS = file["starts"].tolist()'])
        return "\n".join([*lines, assigned("STARTS", starts)])

    def _data(self) -> str:
        if self.place.mean is None:
            return ""
        columns, scalings, origin = _columns(self.spec, self.place.entry)
        names = ", ".join(columns)
        text = {name: [_short(value) for value in values] for name, values in columns.items()}
        if sum(len(value) for values in text.values() for value in values) > MOST_WRITTEN:
            self.arrays |= {name: np.array(values, float) for name, values in columns.items()}
            wanted = ", ".join(map(quoted, columns))
            lines = [_READ, f"    {names} = (torch.from_numpy(file[name]) for name in ({wanted}))"]
        else:
            lines = [assigned(f"{name}", values, "[]") for name, values in text.items()]
            lines = [line.replace(" = [", " = torch.tensor([", 1) + ")" for line in lines]
        return "\n".join(
            [comment(f"Samples: {origin}."), *lines, *scalings, f"SAMPLES = torch.stack([{names}])"]
        )

    def _loss(self) -> list[str]:
        entry = self.place.entry
        columns = () if self.place.mean is None else self.place.mean.samples.names
        derived = derive(entry.formula, columns)
        text = torch_text(derived.loss)
        if not {"x", "y"} & {str(symbol) for symbol in derived.loss.free_symbols}:
            text = f"{text} + 0 * x"  # a constant has a gradient too
        parameters = [f"{n} = torch.tensor({float(v)!r})" for n, v in entry.parameters.items()]
        if columns:
            lines = [
                "def loss(x, y, samples):",
                '    """The mean loss of samples (columns, count)."""',
                f"    {', '.join(columns)} = samples",
                f"    return torch.mean({text})",
            ]
        else:
            lines = ["def loss(x, y):", f"    return {text}"]
        return [functions_of(text), "\n".join(parameters), "\n".join(lines)]

    def _optimizers(self) -> str:
        rows = []
        for spec, made, rate, momentum in zip(
            self.spec.methods, self.methods, self.rates, self.momenta, strict=True
        ):
            row = [quoted(OPTIMIZERS[spec.optimizer.id].name), f"lambda p: {_of_point(made.make)}"]
            if any(self.rates):
                row.append(rate or "lambda step: 1.0")
            if any(self.momenta):
                row.append(f"lambda step: {_changed(made, momentum)}")
            rows.append(f"({', '.join(row)})")
        what = ["name", "optimizer of a point"]
        what += ["factor of its learning rate at a step"] if any(self.rates) else []
        what += ["what of its momentum changes"] if any(self.momenta) else []
        return f"# {', '.join(what)}\n{listed('OPTIMIZERS', rows)}"

    def _evaluate(self) -> str:
        more = ", samples=SAMPLES" if self.place.mean is not None else ""
        given = ", samples" if self.place.mean is not None else ""
        return "\n".join(
            [
                f"def evaluate(point{more}):",
                '    """Loss and gradient norm at a point; the gradient itself is left in point.grad."""',
                "    point.grad = None",
                f"    value = loss(*point{given})",
                "    value.backward()",
                "    return value.item(), math.hypot(*point.grad.tolist())",
            ]
        )

    def _batches(self) -> str:
        if not self.batched:
            return ""
        return "\n".join(
            [
                "def batches():",
                '    """Mini-batches without end: every epoch goes through all samples in a new order."""',
                '    shuffles = stream("batches")',
                "    while True:",
                "        order = torch.from_numpy(shuffles.permutation(SAMPLES.shape[1]))",
                "        yield from SAMPLES[:, order].split(BATCH_SIZE, dim=1)",
            ]
        )

    def _descend(self) -> str:
        return "\n".join(
            [
                f"def descend({', '.join(self._arguments())}):",
                '    """Steps made, how the run ended, and the last loss with its point."""',
                "    point = torch.tensor(start, requires_grad=True)",
                "    optimizer = make(point)",
                *(["    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, rate)"] * any(self.rates)),
                *(self._noise() if self.noisy else []),
                "    value, norm = evaluate(point)",
                "    settled = int(norm >= TOLERANCE)",
                *self._heading(),
                "        before = value, *point.tolist()",
                *self._gradient(),
                *(["        # L-BFGS asks for the loss again, Newton for the Hessian."] * self.asks_loss),
                f"        optimizer.step({self._closure()})",
                *(["        scheduler.step()"] * any(self.rates)),
                "        value, norm = evaluate(point)",
                "        memory = filter(torch.is_tensor, optimizer.state[point].values())",
                "        numbers = torch.tensor([value, norm]), point, *memory",
                "        if not all(torch.isfinite(each).all() for each in numbers):",
                '            return step, f"diverged at step {step + 1}", before',
                "        if norm >= TOLERANCE:",
                "            settled = step + 2",
                '    outcome = f"converged at step {settled}" if settled <= STEPS else "completed"',
                "    return STEPS, outcome, (value, *point.tolist())",
            ]
        )

    def _arguments(self) -> list[str]:
        changing = ["rate"] * any(self.rates) + ["momentum"] * any(self.momenta)
        return ["make", *changing, *(["number"] if self.noisy else []), "start"]

    def _noise(self) -> list[str]:
        return [
            "    random = np.random.default_rng([SEED, number])",
            "    noise = torch.from_numpy(random.normal(0.0, NOISE, (STEPS, 2)))",
        ]

    def _heading(self) -> list[str]:
        if self.batched:
            return ["    for step, batch in enumerate(itertools.islice(batches(), STEPS)):"]
        return ["    for step in range(STEPS):"]

    def _gradient(self) -> list[str]:
        lines = ["        evaluate(point, batch)"] if self.batched else []
        lines += ["        point.grad += noise[step]"] if self.noisy else []
        return lines + ["        optimizer.param_groups[0].update(momentum(step))"] * any(self.momenta)

    def _closure(self) -> str:
        """What the optimizer is handed: L-BFGS asks for the loss once more, Newton for its curvature."""
        if not self.asks_loss:
            return ""
        if self.place.mean is None:
            return "lambda p=point: loss(*p)"
        return f"lambda p=point: loss(*p, {'batch' if self.batched else 'SAMPLES'})"

    def _main(self) -> str:
        head = "{'optimizer':<10} {'start':>5} {'steps':>6} {'final loss':>16} {'x':>16} {'y':>16} outcome"
        row = "{name:<10} {number:>5} {steps:>6} {value:16.10g} {x:16.10g} {y:16.10g} {outcome}"
        arguments = ", ".join(self._arguments())
        each = ", ".join(["name", *self._arguments()[: -1 - self.noisy]])
        return "\n".join(
            [
                f'print(f"{head}")',
                f"for {each} in OPTIMIZERS:",
                "    for number, start in enumerate(STARTS):",
                f"        steps, outcome, (value, x, y) = descend({arguments})",
                f'        print(f"{row}")',
            ]
        )


def _of_point(call: str) -> str:
    """The call for one tensor in place of a list of them."""
    return call.replace("(p, ", "([p], ", 1)


def _changed(made: Method, momentum: str) -> str:
    return made.change.replace(MOMENTUM, f"{momentum}(step)") if momentum else "{}"


def _short(value: float) -> str:
    return repr(int(value)) + "." if value == int(value) else repr(value)


def _columns(spec: DescentSpec, entry: SurfaceEntry) -> tuple[dict[str, list[float]], list[str], str]:
    """The columns as measured, what is done to them, and where they are from."""
    source = entry.data
    assert source is not None
    names = samples(source).names
    if spec.surface.data is not None:
        table = read_table(spec.surface.data.text)
        values = [list(table.numbers(index)) for index in range(len(names))]
        pairs = zip(names, table.names, strict=True)
        meaning = [f"{name} is {title}" for name, title in pairs if name != title]
        origin = "; ".join([spec.surface.data.name, *([", ".join(meaning)] if meaning else [])])
    else:
        raw = type(source)(source.file, source.text)
        values, origin = samples(raw).values.tolist(), entry.source
    scalings = []
    for name in source.scaled if source.scaling != "raw" else ():
        centred = f"{name} - {name}.mean()"
        standardized = f"({centred}) / {name}.std(correction=0)"
        scalings.append(f"{name} = {standardized if source.scaling == 'standardized' else centred}")
    if spec.surface.data is not None and len(names) == 3:
        scalings.append("t = t - t.mean()")
    return dict(zip(names, values, strict=True)), scalings, origin
