"""The layers of a network, in order, as its spec asks for them."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.network.activation import ACTIVATIONS
from core.network.arrays import Parameter, ParameterVector, Workspace
from core.network.layers import Layer
from core.network.layers.batch_norm import BatchNorm, BatchStatistics
from core.network.layers.dense import Dense
from core.network.layers.drop_connect import DropConnect
from core.network.layers.dropout import Dropout
from core.network.layers.masks import MaskStream
from core.network.layers.nonlinearity import Nonlinearity
from core.network.layers.shortcut import Fork, Merge
from core.network.spec import NetworkSpec


@dataclass(frozen=True)
class Assembly:
    """What layers are made of: places in the vectors and the statistics, masks, and buffers."""

    spec: NetworkSpec
    inputs: int
    classes: int
    vector: ParameterVector
    statistics: BatchStatistics
    masks: MaskStream
    workspace: Workspace

    def layers(self) -> Iterator[Layer]:
        """All layers from the input to the logits; takes up the whole parameter vector."""
        spec, forks = self.spec, {}
        for index in range(spec.layers):
            if index in spec.shortcuts(self.inputs):
                forks[index + 1] = fork = Fork(at_input=index == 0)
                yield fork
            yield from self._hidden(index)
            if index in forks:
                yield Merge(f"sum {index}", forks[index], self.workspace)
        yield Dense(*self._dense(spec.layers, self.classes, bias=True))

    def _hidden(self, index: int) -> Iterator[Layer]:
        spec = self.spec
        dense = self._dense(index, spec.units, bias=spec.has_bias)
        yield DropConnect(*dense, spec.drop_connect, self.masks) if spec.drop_connect else Dense(*dense)
        if spec.batch_norm == "before":
            yield self._batch_norm(index)
        yield self._nonlinearity(index)
        if spec.batch_norm == "after":
            yield self._batch_norm(index)
        if spec.dropout:
            yield Dropout(f"dropout {index}", spec.dropout, self.masks, self.workspace)

    def _dense(
        self, index: int, fan_out: int, bias: bool
    ) -> tuple[str, Parameter, Parameter | None, str, Workspace]:
        """What a dense layer is made from."""
        fan_in = self.spec.units if index else self.inputs
        # Derivatives by the input of one layer and of the next take turns in two buffers.
        buffer = f"gradient {index % 2}" if index else ""
        biases = self.vector.take_vector(fan_out) if bias else None
        return f"z {index}", self.vector.take_weights(fan_in, fan_out), biases, buffer, self.workspace

    def _batch_norm(self, index: int) -> BatchNorm:
        gamma, beta = (self.vector.take_vector(self.spec.units) for _ in range(2))
        # A dense layer's output is needed by its batch norm only, an activation by its own derivative too.
        alone = self.spec.batch_norm == "before"
        return BatchNorm(f"norm {index}", gamma, beta, self.statistics, index, self.workspace, alone)

    def _nonlinearity(self, index: int) -> Nonlinearity:
        rule = ACTIVATIONS[self.spec.activation.id]
        learned: Parameter | None = self.vector.take_vector(1) if rule.learned else None
        values = rule.values(self.spec.activation.values)
        return Nonlinearity(f"a {index}", rule, values, learned, self.workspace)
