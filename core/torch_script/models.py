"""The networks of a run as PyTorch: layers, the whole with its first weights, how batch norm begins."""

from core.torch_script import layers
from core.torch_script.choices import Choices, Number, asks, indented
from core.torch_script.writing import quoted
from core.training.spec import EVALUATION_SAMPLES
from core.training.variant import Variant, initializer_name

_ADDED = "layers += ["


class Model:
    """Writes what makes a network.

    Parameters
    ----------
    choices
        Of the networks.
    features, dtype
        Numbers in an input, and the run's precision.

    Attributes
    ----------
    masked, normed
        Whether any network drops something, and whether any has batch norm.
    make
        The call that makes a network, once `text` was written.
    """

    def __init__(self, choices: Choices, features: int, dtype: str) -> None:
        self.choices, self._features, self._dtype = choices, features, dtype
        self.masked = choices.any(lambda v: v.network.dropout or v.network.drop_connect)
        self.normed = choices.any(lambda v: v.network.batch_norm != "off")
        self.make = ""

    def parts(self) -> list[str]:
        """Classes of layers that torch does not have as they are meant here."""
        choices = self.choices
        parts = [layers.MASKS.format(dtype=self._dtype)] * self.masked
        parts += [layers.DROPOUT] * choices.any(lambda v: v.network.dropout)
        parts += [layers.DROP_CONNECT] * choices.any(lambda v: v.network.drop_connect)
        return parts + [layers.BLOCK] * choices.any(self._shortcuts)

    def _shortcuts(self, variant: Variant) -> range:
        return variant.network.shortcuts(self._features)

    def text(self) -> str:
        """The function that makes a network with its first weights; blocks need one for a layer above it."""
        units = self.choices.number("units", lambda v: v.network.units)
        blocks = self.choices.any(self._shortcuts)
        layer, stack = self._in_blocks(units) if blocks else ([], self._in_a_row(units))
        lines = [
            *stack,
            f"network = nn.Sequential(*layers, nn.Linear({units}, CLASSES))",
            *self._drawn(),
            *(self._emptied() if blocks else []),
            "return network",
        ]
        arguments = ["masks"] * self.masked + ["v"] * asks(lines)
        self.make = f"make_network({', '.join(arguments)})"
        whole = [f"def {self.make}:", '    """All layers, with the weights that they begin with."""']
        return "\n".join([*layer, *whole, *indented(lines)])

    def _in_a_row(self, units: str) -> list[str]:
        """Lines that make the list of layers."""
        count = self.choices.number("layers", lambda v: v.network.layers)
        hidden = self._hidden(f"{units} if index else FEATURES", units)
        return ["layers = []", f"for index in range({count}):", *indented(hidden)]

    def _in_blocks(self, units: str) -> tuple[list[str], list[str]]:
        """A function for a hidden layer, and lines that put shortcuts past every two."""
        count = self.choices.number("layers", lambda v: v.network.layers)
        shortcuts = self.choices.number("shortcuts", self._shortcuts)
        hidden = self._hidden("fan_in", units)
        if hidden[0] == _ADDED:
            hidden = ["return nn.Sequential(", *hidden[1:-1], ")"]
        else:
            hidden = ["layers = []", *hidden, "return nn.Sequential(*layers)"]
        more = ", masks" * self.masked + ", v" * asks(hidden)
        function = [
            f"def hidden_layer(fan_in{more}):",
            '    """A dense layer, its activation, and what belongs to them."""',
            *indented(hidden),
        ]
        stack = [
            "layers = []",
            f"for index in range({count}):",
            f"    layers.append(hidden_layer({units} if index else FEATURES{more}))",
            f"    if index - 1 in {shortcuts}:  # a block of two ends here",
            "        layers[-2:] = [Block(*layers[-2:])]",
        ]
        return [*function, "", ""], stack

    def _drawn(self) -> list[str]:
        """Lines that draw all weights, layer by layer."""
        key = self.choices.word("initializer", lambda v: quoted(initializer_name(v.initializer)))
        drawn = f"INITIALIZERS[{key}](random, m, n)"
        if not asks([key]):
            drawn = layers.drawn(self.choices.variants[0].initializer)
        zeros = ["nn.init.zeros_(layer.bias)"]
        if self.choices.any(lambda v: not v.network.has_bias):
            zeros = ["if layer.bias is not None:", *indented(zeros)]
        return [
            *([f'random = stream("weights", {key})'] * ("random" in drawn)),
            "for layer in network.modules():",
            "    if isinstance(layer, nn.Linear):",
            "        m, n = layer.in_features, layer.out_features",
            f"        weights = {drawn}",
            "        layer.weight.data.copy_(torch.from_numpy(weights).T)",
            *indented(zeros, 2),
        ]

    def _hidden(self, fan_in: str, units: str) -> list[str]:
        """Lines that add a hidden layer to `layers`."""
        parts = [*self._dense(fan_in, units), *self._normed(units, "before"), self._activation()]
        parts += [*self._normed(units, "after"), *self._dropout()]
        if all(holds == "" for holds, _ in parts):
            return [_ADDED, *(f"    {call}," for _, call in parts), "]"]
        lines = []
        for holds, call in parts:
            line = f"layers.append({call})"
            lines += [f"if {holds}:", *indented([line])] if holds else [line]
        return lines

    def _normed(self, units: str, where: str) -> list[tuple[str, str]]:
        place = self.choices.word("batch_norm", lambda v: quoted(v.network.batch_norm))
        made = f"nn.BatchNorm1d({units}, momentum=1.0)"
        return self._part(lambda v: v.network.batch_norm == where, f'{place} == "{where}"', made)

    def _activation(self) -> tuple[str, str]:
        word = self.choices.word("activation", lambda v: f"lambda: {layers.activation(v.network.activation)}")
        return "", word.removeprefix("lambda: ") if word.startswith("lambda") else f"{word}()"

    def _dense(self, fan_in: str, units: str) -> list[tuple[str, str]]:
        bias = self.choices.number("bias", lambda v: v.network.has_bias)
        share = self.choices.number("drop_connect", lambda v: v.network.drop_connect)
        plain = f"nn.Linear({fan_in}, {units}{'' if bias == 'True' else f', bias={bias}'})"
        masked = f"DropConnect({fan_in}, {units}, {bias}, {share}, masks)"
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
        return [("" if all(map(holds, self.choices.variants)) else condition, call)]

    def _emptied(self) -> list[str]:
        """Where blocks begin with nothing to add: their second layers' weights."""
        empty = [
            "for part in layers:",
            "    if isinstance(part, Block):",
            "        nn.init.zeros_(part[1][0].weight)  # the block begins as the identity",
        ]
        return self.choices.where(
            lambda v: v.network.residual == "zero_last",
            self.choices.number("zero_last", lambda v: v.network.residual == "zero_last"),
            empty,
        )

    def calibrate(self) -> str:
        """The function with which batch norm begins."""
        momentum = self._momentum()
        return "\n".join(
            [
                f"def calibrate(network, x{', v' * asks([momentum])}):",
                '    """Let the running averages of batch norm begin with those of the first samples."""',
                "    with torch.no_grad():",
                f"        network(x[:{EVALUATION_SAMPLES}])  # with momentum 1 they take all of it",
                "    for layer in network.modules():",
                "        if isinstance(layer, nn.BatchNorm1d):",
                f"            layer.momentum = {momentum}  # from now on",
            ]
        )

    def begin(self) -> list[str]:
        """Lines that make a network ready to train."""
        if not self.normed:
            return [*(['masks = Masks(stream("masks"))'] * self.masked), f"network = {self.make}"]
        lines = ["masks = Masks(np.random.default_rng(0))"] * self.masked
        lines += [f"network = {self.make}", f"calibrate(network, x_train{', v' * asks([self._momentum()])})"]
        return lines + ['masks.random = stream("masks")'] * self.masked

    def _momentum(self) -> str:
        return self.choices.number("norm_momentum", lambda v: v.network.batch_norm_momentum)
