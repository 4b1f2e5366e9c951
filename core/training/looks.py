"""What a frame shows of the networks of a run."""

from collections.abc import Callable, Sequence

from core.network.layer_weights import LayerWeights
from core.network.model import LayerSignals
from core.network.statistics import measure
from core.training.feed import Feed
from core.training.frame import EpochRecord, NetworkFrame
from core.training.lanes import for_each, quiet
from core.training.trainee import Trainee

PROBE_SAMPLES = 256
"""Training samples whose values a frame shows: enough for smooth histograms, few enough to keep up."""


def network_frames(
    trainees: Sequence[Trainee],
    lanes: Sequence[int],
    feed_of: Callable[[Trainee], Feed],
    record_of: Callable[[Trainee], EpochRecord],
) -> tuple[NetworkFrame, ...]:
    """How each network fares, with statistics over the same training samples every time.

    They are taken in training mode, with batch norm's statistics of those samples; nothing of
    the networks changes.
    """

    def look(trainee: Trainee) -> tuple[list[LayerSignals], list[LayerWeights]]:
        feed = feed_of(trainee)
        return trainee.look(feed.training[:PROBE_SAMPLES], feed.data.training_labels[:PROBE_SAMPLES])

    looks = for_each(look, trainees, lanes, quiet)
    with quiet():
        rules = [trainee.network.rule for trainee in trainees]
        statistics = measure([signals for signals, _ in looks], rules, [weights for _, weights in looks])
    return tuple(
        NetworkFrame(
            trainee.name, trainee.label, trainee.variant, trainee.outcome, trainee.message,
            trainee.diverged_at, trainee.batch_loss, record_of(trainee), cells,
        )
        for trainee, cells in zip(trainees, statistics, strict=True)
    )  # fmt: skip
