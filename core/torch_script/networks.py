"""The training of networks as a PyTorch script."""

from core.experiment import Experiment
from core.torch_script import data, layers
from core.torch_script.choices import Choices, asks, indented
from core.torch_script.methods import MOMENTUM, Functions, method
from core.torch_script.models import Model
from core.torch_script.writing import (
    STREAM,
    Script,
    broken,
    docstring,
    imports,
    joined,
    listed,
    once,
    quoted,
)
from core.training import TrainingSpec
from core.training.feed import check_feeds, image_shape
from core.training.spec import steps_per_epoch
from core.training.variant import labels

_PRINTED = """
It prints loss and accuracy over all training and validation samples before training and after every epoch."""
_AGREEMENT = {
    "float32": """
Data, first weights, order of samples and masks are Optiscope's own, number by number. Losses agree to six
digits at first; float32 sums in another order then drift apart, the faster the harder a network is shaken
by its steps.""",
    "float64": """
Data, first weights, order of samples and masks are Optiscope's own, number by number, and losses agree to
every digit that is printed, until float64 sums in another order have drifted apart.""",
}


def network_script(experiment: Experiment) -> Script:
    """Every network of the experiment, one after the other, from the first step to the last.

    Raises
    ------
    InputError
        For an experiment that no run would take.
    """
    spec = experiment.training.checked()
    check_feeds(spec)
    return _Writer(spec).script()


class _Writer:
    """Writes the script of one run."""

    def __init__(self, spec: TrainingSpec) -> None:
        self.spec, self.choices = spec, Choices(spec.variants)
        self.data = data.data_of(spec)
        self.steps = spec.epochs * steps_per_epoch(spec, self.data.training)
        self.functions = Functions(self.steps)
        self.methods = [method(variant.method) for variant in spec.variants]
        self.shape = image_shape(spec)
        self.exact = spec.dtype == "float64"
        self.model = Model(self.choices, self.data.features, spec.dtype)
        self.names = labels(spec.variants)
        self.width = max(len("network"), *map(len, self.names))
        self.given = self.asked = ""

    def script(self) -> Script:
        """Text and data."""
        network, train, fed = self.model.text(), self._train(), self._fed()
        body = joined(
            [
                *(["torch.set_default_dtype(torch.float64)"] * self.exact),
                self._numbers("STEPS" in "".join((*self.functions.texts, train))),
                STREAM,
                self.data.text,
                data.SPLIT,
                *once(text for kind in self._kinds() for text in data.preprocessing(kind)),
                fed,
                *self._feeding(),
                *layers.initializers(variant.initializer for variant in self.spec.variants),
                *self.model.parts(),
                *([layers.SQUARED_ERROR] * self.choices.any(lambda v: v.network.loss == "squared_error")),
                network,
                *([self.model.calibrate()] * self.model.normed),
                *once(text for each in self.methods for text in each.classes),
                *self.functions.texts,
                self._evaluate(),
                *self._penalty(),
                train,
                self._main(),
            ]
        )
        head = docstring([self._title(), _PRINTED, _AGREEMENT[self.spec.dtype], self._needs()])
        return Script(f"{head}\n{imports(body)}\n\n{body}", self.data.file)

    def _title(self) -> str:
        count = len(self.spec.variants)
        what, them = ("one network", "it") if count == 1 else (f"{count} networks", "them")
        return f"{self.spec.data_name}: {what} with PyTorch, as Optiscope trains {them}."

    def _needs(self) -> str:
        return f"Needs torch and NumPy{', and the .npz of the same name beside it' * bool(self.data.file)}."

    def _numbers(self, stepped: bool) -> str:
        spec = self.spec
        lines = [f"SEED, EPOCHS, BATCH_SIZE = {spec.seed}, {spec.epochs}, {spec.batch_size}"]
        lines += [f"STEPS = {self.steps}"] * stepped
        return "\n".join([*lines, f"FEATURES, CLASSES = {self.data.features}, {self.data.classes}"])

    # ------------------------------------------------------------ data

    def _kinds(self) -> list[str]:
        return list(dict.fromkeys(variant.preprocessing for variant in self.spec.variants))

    def _fed(self) -> str:
        """The training and the validation set as tensors, where they are the same for all networks."""
        lines = [
            "training, validation = split()",
            "y_train, y_valid = torch.from_numpy(labels[training]), torch.from_numpy(labels[validation])",
        ]
        return "\n".join([*lines, *(self._transformed() if len(self._kinds()) == 1 else [])])

    def _transformed(self) -> list[str]:
        cast = "" if self.exact else ".float()"
        return [
            f"transform = {self.choices.word('preprocessing', lambda v: v.preprocessing)}(inputs[training])",
            f"x_train = torch.from_numpy(transform(inputs[training])){cast}",
            f"x_valid = torch.from_numpy(transform(inputs[validation])){cast}",
        ]

    def _feeding(self) -> list[str]:
        """What moves and mixes the samples of a batch."""
        moved = self.choices.any(lambda v: not v.augmentation.is_off)
        parts = [data.augmentation(self.shape)] if moved and self.shape else []
        return parts + [data.MIXUP] * self.choices.any(lambda v: v.mixup)

    # ------------------------------------------------------------ training

    def _loss(self) -> str:
        names = {"cross_entropy": "functional.cross_entropy", "squared_error": "squared_error"}
        return self.choices.word("loss", lambda v: names[v.network.loss])

    def _evaluate(self) -> str:
        loss = self._loss()
        self.given = ", v" * asks([loss])
        return "\n".join(
            [
                f"def evaluate(network, x, y{self.given}):",
                '    """Loss and accuracy in evaluation mode."""',
                "    network.eval()",
                "    with torch.no_grad():",
                "        logits = network(x)",
                "    network.train()",
                "    right = logits.argmax(dim=1) == y",
                f"    return {loss}(logits, y).item(), right.double().mean().item()",
            ]
        )

    def _penalty(self) -> list[str]:
        """The function of the penalty on weights, where there is one."""
        terms = []
        if self.choices.any(lambda v: v.l1):
            terms.append(f"{self.choices.number('l1')} * w.abs().sum()")
        if self.choices.any(lambda v: v.l2):
            terms.append(f"0.5 * {self.choices.number('l2')} * w.square().sum()")
        if not terms:
            return []
        return [
            "\n".join(
                [
                    f"def penalty(network{', v' * asks(terms)}):",
                    '    """On the weights of dense layers; biases and batch norm go free."""',
                    "    weights = (m.weight for m in network.modules() if isinstance(m, nn.Linear))",
                    f"    return sum({' + '.join(terms)} for w in weights)",
                ]
            )
        ]

    def _train(self) -> str:
        self._evaluate(), self._penalty()  # what they ask for is an attribute of v from now on
        body = [*self._begin(), *self._epochs()]
        self.asked = ", v" * asks(body)
        head = [f"def train(name{self.asked}):", '    """Train a network, and print how it fares."""']
        return "\n".join([*head, *indented(body)])

    def _begin(self) -> list[str]:
        """Lines before the first step."""
        lines = self._transformed() if len(self._kinds()) > 1 else []
        lines += self.model.begin()
        calls = iter(each.make for each in self.methods)
        whole = dict(zip(map(id, self.spec.variants), calls, strict=True))
        make = self.choices.word("optimizer", lambda v: f"lambda p: {whole[id(v)]}")
        given = "network.parameters()"
        call = make.removeprefix("lambda p: ").replace("(p", f"({given}", 1)
        lines += broken(f"optimizer = {call if make.startswith('lambda') else f'{make}({given})'}", 4)
        lines += self._schedule()
        streams = ["shuffles"]
        streams += ["mixup"] * self.choices.any(lambda v: v.mixup)
        streams += ["augmentation"] * self.choices.any(lambda v: not v.augmentation.is_off)
        lines += [f'{_STREAMS[each]} = stream("{each}")' for each in streams]
        return [*lines, "step = 0"]

    def _schedule(self) -> list[str]:
        rates = [self.functions.rate(v.method) for v in self.spec.variants]
        if not any(rates):
            return []
        names = dict(zip(map(id, self.spec.variants), rates, strict=True))
        rate = self.choices.word("rate", lambda v: names[id(v)] or "lambda step: 1.0")
        return [f"scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, {rate})"]

    def _ramp(self) -> list[str]:
        changes = {}
        for variant, made in zip(self.spec.variants, self.methods, strict=True):
            name = self.functions.momentum(variant.method)
            changes[id(variant)] = made.change.replace(MOMENTUM, f"{name}(step)") if name else "{}"
        if all(each == "{}" for each in changes.values()):
            return []
        momentum = self.choices.word("momentum", lambda v: f"lambda step: {changes[id(v)]}")
        text = (
            momentum.removeprefix("lambda step: ") if momentum.startswith("lambda") else f"{momentum}(step)"
        )
        return [f"optimizer.param_groups[0].update({text})"]

    def _epochs(self) -> list[str]:
        cast = "" if self.exact else ".float()"
        loss = self._loss()
        moved, choices = self._moved(cast), self.choices
        lonely = self.spec.batch_normed and self.data.training % self.spec.batch_size == 1
        penalty = self._penalty()
        total = (
            f"(loss + penalty(network{', v' * asks(penalty)})).backward()" if penalty else "loss.backward()"
        )
        clip = choices.number("clip")
        clipped = [f"nn.utils.clip_grad_norm_(network.parameters(), {clip})"]
        mix = choices.number("mixup")
        scheduled = any(self.functions.rate(v.method) for v in self.spec.variants)
        step = [
            *(["if len(batch) == 1:", "    continue  # one sample has no variance"] * lonely),
            "x, y = x_train[batch], y_train[batch]",
            *moved,
            *choices.where(lambda v: v.mixup, mix, [f"x, y = mixup(x, y, {mix}, mixing)"]),
            f"loss = {loss}(network(x), y)",
            "optimizer.zero_grad()",
            total,
            *choices.where(lambda v: v.clip, clip, clipped),
            *self._ramp(),
            "step += 1",
            "if loss.isfinite():",
            "    optimizer.step()",
            *(["    scheduler.step()"] * scheduled),
            "tensors = loss, *network.state_dict().values()",
            "if not all(each.isfinite().all() for each in tensors):",
            *indented(self._diverged()),
        ]
        return [
            "for epoch in range(EPOCHS + 1):",
            "    order = shuffles.permutation(len(y_train)) if epoch > 0 else []  # none before training",
            "    for begin in range(0, len(order), BATCH_SIZE):",
            "        batch = torch.from_numpy(order[begin : begin + BATCH_SIZE])",
            *indented(step, 2),
            *indented(self._reported()),
        ]

    def _moved(self, cast: str) -> list[str]:
        choices = self.choices
        if self.shape is None or not choices.any(lambda v: not v.augmentation.is_off):
            return []
        numbers = ", ".join(choices.number(name) for name in ("shift", "rotate", "scale"))
        lines = [
            f"images = augment(inputs[training[batch.numpy()]], {numbers}, moving)",
            f"x = torch.from_numpy(transform(images)){cast}",
        ]
        on = choices.number("augmented", lambda v: not v.augmentation.is_off)
        return choices.where(lambda v: not v.augmentation.is_off, on, lines)

    def _reported(self) -> list[str]:
        train, valid = (f"*evaluate(network, x_{part}, y_{part}{self.given})" for part in ("train", "valid"))
        row = f"{{:<{self.width}}} {{:>5}} {{:>14.7g}} {{:>9.2%}} {{:>14.7g}} {{:>9.2%}}"
        return [
            f"numbers = {train}, {valid}",
            f'print("{row}".format(name, epoch, *numbers))',
            "if not math.isfinite(numbers[0] + numbers[2]):",
            *indented(self._diverged()),
        ]

    def _diverged(self) -> list[str]:
        return [f'print(f"{{name:<{self.width}}} diverged at step {{step}}")', "return"]

    def _main(self) -> str:
        names = [quoted(name) for name in self.names]
        gap = " " * (self.width - len("network"))
        head = f'print("network{gap} epoch  training loss, accuracy  validation loss, accuracy")'
        if len(names) == 1:
            return f"{head}\ntrain({names[0]})"
        each = "name, v" if self.choices.differ else "name"
        rows = listed("NETWORKS", self.choices.rows(names))
        return "\n".join([rows, head, f"for {each} in NETWORKS:", f"    train(name{self.asked})"])


_STREAMS = {"shuffles": "shuffles", "mixup": "mixing", "augmentation": "moving"}
