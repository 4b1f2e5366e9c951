"""The parts of a network as PyTorch: initializers, activations, and what torch draws in another way."""

from collections.abc import Iterable

from core.choice import Choice
from core.network.activation import ACTIVATIONS
from core.network.initializer import INITIALIZERS
from core.torch_script.writing import quoted
from core.training.variant import initializer_name

_NORMAL = "random.standard_normal((m, n)) * {std}"
_UNIFORM = "random.uniform(-1.0, 1.0, (m, n)) * (3.0**0.5 * {std})"
_DRAWN: dict[str, tuple[str, str]] = {
    "zeros": ("np.zeros((m, n))", ""),
    "small_normal": (_NORMAL, "{std!r}"),
    "large_normal": (_NORMAL, "{std!r}"),
    "scaled_identity": ("(np.arange(m)[:, None] == np.arange(n) % m) * {std}", "{gain!r}"),
    "lecun_normal": (_NORMAL, "(1 / m) ** 0.5"),
    "xavier_normal": (_NORMAL, "(2 / (m + n)) ** 0.5"),
    "xavier_uniform": (_UNIFORM, "(2 / (m + n)) ** 0.5"),
    "he_normal": (_NORMAL, "(2 / m) ** 0.5"),
    "he_uniform": (_UNIFORM, "(2 / m) ** 0.5"),
    "orthogonal": ("orthogonal(random, m, n)", ""),
}
"""How weights (m, n) are drawn, and their standard deviation before any gain."""

ORTHOGONAL = '''\
def orthogonal(random, m, n):
    """A random matrix with orthonormal rows or columns, the fewer of them."""
    factor, triangle = np.linalg.qr(random.standard_normal((max(m, n), min(m, n))))
    factor *= np.sign(np.diag(triangle))
    return factor if m >= n else factor.T'''

MASKS = '''\
class Masks:
    """What dropout keeps in training: 0 or 1 / (1 - share), drawn layer by layer."""

    def __init__(self, random):
        self.random = random

    def draw(self, shape, share):
        kept = self.random.random(shape, dtype=np.{dtype}) >= share
        return torch.from_numpy(kept) * (1 / (1 - share))'''

DROPOUT = '''\
class Dropout(nn.Module):
    """Drops a share of what goes through, as nn.Dropout, with masks that can be drawn again."""

    def __init__(self, share, masks):
        super().__init__()
        self.share, self.masks = share, masks

    def forward(self, x):
        return x * self.masks.draw(tuple(x.shape), self.share) if self.training else x'''

DROP_CONNECT = '''\
class DropConnect(nn.Linear):
    """A dense layer that leaves out a share of its weights in training, the same for a whole batch."""

    def __init__(self, fan_in, fan_out, bias, share, masks):
        super().__init__(fan_in, fan_out, bias)
        self.share, self.masks = share, masks

    def forward(self, x):
        if not self.training:
            return super().forward(x)
        mask = self.masks.draw((self.in_features, self.out_features), self.share).T
        return functional.linear(x, self.weight * mask, self.bias)'''

BLOCK = '''\
class Block(nn.Sequential):
    """Two hidden layers, and a shortcut past them."""

    def forward(self, x):
        return x + super().forward(x)'''

SQUARED_ERROR = '''\
def squared_error(logits, labels):
    """Half the squared distance of the logits from 1 at the label and 0 elsewhere."""
    wanted = functional.one_hot(labels, CLASSES) if labels.ndim == 1 else labels
    return 0.5 * (logits - wanted).square().sum() / len(logits)'''

_ACTIVATIONS = {
    "sigmoid": "nn.Sigmoid()",
    "tanh": "nn.Tanh()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU({slope!r})",
    "prelu": "nn.PReLU(init={slope!r})",
    "elu": "nn.ELU({alpha!r})",
    "selu": "nn.SELU()",
}


def activation(choice: Choice) -> str:
    """The call that makes an activation."""
    return _ACTIVATIONS[choice.id].format(**ACTIVATIONS[choice.id].values(choice.values))


def initializers(choices: Iterable[Choice]) -> list[str]:
    """The table of a script's initializers, by the names of their streams of random numbers.

    One alone needs no table: it stands where the weights are drawn.
    """
    rows = {initializer_name(each): drawn(each) for each in choices}
    lines = [
        "# Weights from m units to n, and the names of their streams of random numbers.",
        "INITIALIZERS = {",
        *(f"    {quoted(name)}: lambda random, m, n: {text}," for name, text in rows.items()),
        "}",
    ]
    needed = [ORTHOGONAL] if any("orthogonal(" in text for text in rows.values()) else []
    return [*needed, *(["\n".join(lines)] if len(rows) > 1 else [])]


def drawn(choice: Choice) -> str:
    """How a matrix of weights from m units to n is drawn."""
    entry = INITIALIZERS[choice.id]
    values = entry.values(choice.values)
    draw, std = _DRAWN[entry.id]
    text = draw.format(std=std.format(**values))
    gain = "" if "gain" in std or values.get("gain", 1.0) == 1.0 else f" * {values['gain']!r}"
    return text + gain
