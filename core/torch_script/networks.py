"""The training of networks as a PyTorch script."""

import re
from collections.abc import Sequence

from core.experiment import Experiment
from core.torch_script import data, layers
from core.torch_script.choices import Choices, Number, indented
from core.torch_script.methods import MOMENTUM, Functions, method
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
from core.training.spec import EVALUATION_SAMPLES, steps_per_epoch
from core.training.variant import Variant, initializer_name, labels

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
        self.make = self.given = self.asked = ""
        self.masked = self.choices.any(lambda v: v.network.dropout or v.network.drop_connect)

    def script(self) -> Script:
        """Text and data."""
        network, train, fed = self._network(), self._train(), self._fed()
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
                *self._parts(),
                network,
                *([self._calibrate()] * self.spec.batch_normed),
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

    # ------------------------------------------------------------ network

    def _parts(self) -> list[str]:
        choices = self.choices
        dropout, connect = (
            choices.any(lambda v: v.network.dropout), choices.any(lambda v: v.network.drop_connect)
        )  # fmt: skip
        parts = [layers.MASKS.format(dtype=self.spec.dtype)] * self.masked
        parts += [layers.DROPOUT] * dropout + [layers.DROP_CONNECT] * connect
        parts += [layers.BLOCK] * choices.any(self._shortcuts)
        return parts + [layers.SQUARED_ERROR] * choices.any(lambda v: v.network.loss == "squared_error")

    def _shortcuts(self, variant: Variant) -> range:
        return variant.network.shortcuts(self.data.features)

    def _network(self) -> str:
        """Two functions: a hidden layer, and the whole network with its first weights."""
        units = self.choices.number("units", lambda v: v.network.units)
        hidden = self._hidden(units)
        asked = _asks(hidden)
        masks = ", masks" * self.masked
        key = self.choices.word("initializer", lambda v: quoted(initializer_name(v.initializer)))
        alone = "v." not in key
        drawn = (
            layers.drawn(self.spec.variants[0].initializer) if alone else f"INITIALIZERS[{key}](random, m, n)"
        )
        zeros = ["nn.init.zeros_(layer.bias)"]
        bare = ["if layer.bias is not None:", *indented(zeros)]
        lines = [
            *self._stack(f"hidden_layer({{}}{masks}{', v' * asked})", units),
            f"network = nn.Sequential(*parts, nn.Linear({units}, CLASSES))",
            *([f'random = stream("weights", {key})'] * ("random" in drawn)),
            "for layer in network.modules():",
            "    if isinstance(layer, nn.Linear):",
            "        m, n = layer.in_features, layer.out_features",
            f"        weights = {drawn}",
            "        layer.weight.data.copy_(torch.from_numpy(weights).T)",
            *indented(bare if self.choices.any(lambda v: not v.network.has_bias) else zeros, 2),
            *self._emptied(),
            "return network",
        ]
        arguments = ["masks"] * self.masked + ["v"] * _asks(lines)
        self.make = f"make_network({', '.join(arguments)})"
        whole = [f"def {self.make}:", '    """All layers, with the weights that they begin with."""']
        first = f"def hidden_layer(fan_in{masks}{', v' * asked}):"
        about = '    """A dense layer, its activation, and what belongs to them."""'
        return "\n".join([first, about, *indented(hidden), "", "", *whole, *indented(lines)])

    def _hidden(self, units: str) -> list[str]:
        """The body of the function that makes a hidden layer."""
        parts = [*self._dense(units), *self._normed(units, "before"), self._activation()]
        parts += [*self._normed(units, "after"), *self._dropout()]
        if all(holds == "" for holds, _ in parts):
            return ["return nn.Sequential(", *(f"    {call}," for _, call in parts), ")"]
        lines = ["layers = []"]
        for holds, call in parts:
            lines += indented([f"layers.append({call})"], int(bool(holds)))
            lines[-1:] = [f"if {holds}:", lines[-1]] if holds else lines[-1:]
        return [*lines, "return nn.Sequential(*layers)"]

    def _normed(self, units: str, where: str) -> list[tuple[str, str]]:
        place = self.choices.word("batch_norm", lambda v: quoted(v.network.batch_norm))
        made = f"nn.BatchNorm1d({units}, momentum=1.0)"
        return self._part(lambda v: v.network.batch_norm == where, f'{place} == "{where}"', made)

    def _activation(self) -> tuple[str, str]:
        word = self.choices.word("activation", lambda v: f"lambda: {layers.activation(v.network.activation)}")
        return "", word.removeprefix("lambda: ") if word.startswith("lambda") else f"{word}()"

    def _dense(self, units: str) -> list[tuple[str, str]]:
        bias = self.choices.number("bias", lambda v: v.network.has_bias)
        share = self.choices.number("drop_connect", lambda v: v.network.drop_connect)
        plain = f"nn.Linear(fan_in, {units}{'' if bias == 'True' else f', bias={bias}'})"
        masked = f"DropConnect(fan_in, {units}, {bias}, {share}, masks)"
        return [
            *self._part(lambda v: not v.network.drop_connect, f"not {share}", plain),
            *self._part(lambda v: v.network.drop_connect, share, masked),
        ]

    def _dropout(self) -> list[tuple[str, str]]:
        share = self.choices.number("dropout", lambda v: v.network.dropout)
        return self._part(lambda v: v.network.dropout, share, f"Dropout({share}, masks)")

    def _part(self, holds: Number, condition: str, call: str) -> list[tuple[str, str]]:
        """A condition, "" where it holds for all networks, and what is made where it holds."""
        if not self.choices.any(holds):
            return []
        return [("" if all(map(holds, self.spec.variants)) else condition, call)]

    def _stack(self, call: str, units: str) -> list[str]:
        """Lines that make the list of hidden layers, with shortcuts past every two where there are any."""
        count = self.choices.number("layers", lambda v: v.network.layers)
        lines = ["parts = []", f"for index in range({count}):"]
        each = call.format(f"{units} if index else FEATURES")
        if not self.choices.any(self._shortcuts):
            return [*lines, f"    parts.append({each})"]
        shortcuts = self.choices.number("shortcuts", self._shortcuts)
        return [
            *lines,
            f"    parts.append({each})",
            f"    if index - 1 in {shortcuts}:  # a block of two ends here",
            "        parts[-2:] = [Block(*parts[-2:])]",
        ]

    def _emptied(self) -> list[str]:
        """Where blocks begin with nothing to add: their second layers' weights."""
        empty = [
            "for part in parts:",
            "    if isinstance(part, Block):",
            "        nn.init.zeros_(part[1][0].weight)  # the block begins as the identity",
        ]
        if not self.choices.any(self._shortcuts):
            return []
        where = self.choices.where(
            lambda v: v.network.residual == "zero_last",
            self.choices.number("zero_last", lambda v: v.network.residual == "zero_last"),
            empty,
        )
        return where

    def _calibrate(self) -> str:
        momentum = self.choices.number("norm_momentum", lambda v: v.network.batch_norm_momentum)
        return "\n".join(
            [
                f"def calibrate(network, x{', v' * _asks([momentum])}):",
                '    """Let the running averages of batch norm begin with those of the first samples."""',
                "    with torch.no_grad():",
                f"        network(x[:{EVALUATION_SAMPLES}])  # with momentum 1 they take all of it",
                "    for layer in network.modules():",
                "        if isinstance(layer, nn.BatchNorm1d):",
                f"            layer.momentum = {momentum}  # from now on",
            ]
        )

    # ------------------------------------------------------------ training

    def _loss(self) -> str:
        names = {"cross_entropy": "functional.cross_entropy", "squared_error": "squared_error"}
        return self.choices.word("loss", lambda v: names[v.network.loss])

    def _evaluate(self) -> str:
        loss = self._loss()
        self.given = ", v" * _asks([loss])
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
                    f"def penalty(network{', v' * _asks(terms)}):",
                    '    """On the weights of dense layers; biases and batch norm go free."""',
                    "    weights = (m.weight for m in network.modules() if isinstance(m, nn.Linear))",
                    f"    return sum({' + '.join(terms)} for w in weights)",
                ]
            )
        ]

    def _train(self) -> str:
        self._evaluate(), self._penalty()  # what they ask for is an attribute of v from now on
        body = [*self._begin(), *self._epochs()]
        self.asked = ", v" * _asks(body)
        head = [f"def train(name{self.asked}):", '    """Train a network, and print how it fares."""']
        return "\n".join([*head, *indented(body)])

    def _begin(self) -> list[str]:
        """Lines before the first step."""
        lines = self._transformed() if len(self._kinds()) > 1 else []
        if self.masked:
            first = "np.random.default_rng(0)" if self.spec.batch_normed else 'stream("masks")'
            lines.append(f"masks = Masks({first})")
        lines.append(f"network = {self.make}")
        momentum = self.choices.number("norm_momentum", lambda v: v.network.batch_norm_momentum)
        lines += [f"calibrate(network, x_train{', v' * _asks([momentum])})"] * self.spec.batch_normed
        lines += ['masks.random = stream("masks")'] * (self.masked and self.spec.batch_normed)
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
            f"(loss + penalty(network{', v' * _asks(penalty)})).backward()" if penalty else "loss.backward()"
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
            *indented(_DIVERGED),
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
        row = "{:<24} {:>5} {:>14.7g} {:>9.2%} {:>14.7g} {:>9.2%}"
        return [
            f"numbers = {train}, {valid}",
            f'print("{row}".format(name, epoch, *numbers))',
            "if not math.isfinite(numbers[0] + numbers[2]):",
            *indented(_DIVERGED),
        ]

    def _main(self) -> str:
        names = [quoted(label) for label in labels(self.spec.variants)]
        head = "print(f\"{'network':<24} epoch  training loss, accuracy    validation loss, accuracy\")"
        if len(names) == 1:
            return f"{head}\ntrain({names[0]})"
        each = "name, v" if self.choices.differ else "name"
        rows = listed("NETWORKS", self.choices.rows(names))
        return "\n".join([rows, head, f"for {each} in NETWORKS:", f"    train(name{self.asked})"])


_DIVERGED = ('print(f"{name:<24} diverged at step {step}")', "return")
_STREAMS = {"shuffles": "shuffles", "mixup": "mixing", "augmentation": "moving"}


def _asks(lines: Sequence[str]) -> bool:
    """Whether lines need the choices of a network."""
    return any(re.search(r"\bv[.,)]", line) for line in lines)
