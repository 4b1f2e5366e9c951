"""Helpers that train some of a run's networks beside it, each in a process of its own.

Given the spec, a helper has the same batches and steps its networks as the run would, to the last bit. So
the run only asks for a step, and hears how the networks fare; their numbers stay with the helpers until
somebody looks at them.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any, Protocol

import numpy as np

from core.network.arrays import Array
from core.training.frame import EpochRecord
from core.training.snapshot import Fortune, Snapshot, numbers_of, put_back
from core.training.trainee import Trainee

Places = tuple[int, ...]
"""Of networks among a run's variants."""
Fared = tuple[Fortune, ...]
"""How a helper's networks fare, in their order."""
Told = tuple[Fared, tuple[EpochRecord | None, ...]]
"""After an evaluation: that, and the record of each that was evaluated."""


class HelperLostError(Exception):
    """A helper has ended, and with it what its networks had become."""


class Helper(Protocol):
    """Carries out what it is asked with a `core.training.portion.Portion` of the run."""

    def ask(self, name: str, snapshot: Snapshot | None) -> None:
        """Ask for a call of a method of the portion, and do not wait; raises `HelperLostError`."""

    def answer(self) -> Any:
        """Wait for what that call returns; raises `HelperLostError`. A snapshot holds until the next call."""


class Crew:
    """A run's helpers, each with its networks.

    Parameters
    ----------
    helpers
        Each with the places of its networks.
    trainees
        All of the run.
    portion
        Makes a snapshot of the networks at some places, as the run has them.
    """

    def __init__(
        self,
        helpers: Sequence[tuple[Helper, Places]],
        trainees: Sequence[Trainee],
        portion: Callable[[Places], Snapshot],
    ) -> None:
        self._helpers, self._all = tuple(helpers), trainees
        self._ends = [0, *accumulate(trainee.size for trainee in trainees)]
        self._trainees = {places: [trainees[place] for place in places] for _, places in helpers}
        self._portion = portion
        self._behind, self._ahead = True, False

    @property
    def places(self) -> Places:
        """Networks that helpers train."""
        return tuple(place for _, places in self._helpers for place in places)

    def begin_step(self) -> None:
        """Have the next step made; `end_step` waits for it."""
        self._ask("step")
        self._ahead = True

    def end_step(self) -> None:
        """Take in how the networks fare after the step."""
        for helper, places in self._helpers:
            self._take_in(places, helper.answer())

    def begin_evaluation(self) -> None:
        """Have the networks evaluated where that is due; `end_evaluation` waits for it."""
        self._ask("evaluate")

    def end_evaluation(self) -> dict[int, EpochRecord | None]:
        """The records by the networks' places."""
        found: dict[int, EpochRecord | None] = {}
        for helper, places in self._helpers:
            fared, records = helper.answer()
            self._take_in(places, fared)
            for place, trainee, record in zip(places, self._trainees[places], records, strict=True):
                found[place] = replace(record, name=trainee.name) if record is not None else None
        return found

    @property
    def ahead(self) -> bool:
        """Whether helpers have made steps that the run's own networks lack."""
        return self._ahead

    def fetch(self) -> None:
        """Bring the run's own networks up to date."""
        if self._ahead:
            self._ask("give")
            for helper, places in self._helpers:
                put_back(self._trainees[places], helper.answer())
            self._ahead = False

    def numbers(self) -> Array:
        """All networks' numbers, flat, for a snapshot: this takes half as long as to fetch them first.

        What masks are drawn from is brought up to date.
        """
        self._ask("give")
        result, away = np.empty(self._ends[-1], self._all[0].arrays[0].dtype), self.places
        for place, trainee in enumerate(self._all):
            if place not in away:  # while helpers are at theirs
                numbers_of([trainee], into=self._part(result, place))
        for helper, places in self._helpers:
            given, at = helper.answer(), 0
            for place, masks in zip(places, given.masks, strict=True):
                part = self._part(result, place)
                part[:] = given.numbers[at : at + part.size]
                at += part.size
                self._all[place].masks.bit_generator.state = masks
        return result

    def _part(self, numbers: Array, place: int) -> Array:
        return numbers[self._ends[place] : self._ends[place + 1]]

    def fall_behind(self) -> None:
        """The run has gone somewhere else: helpers follow before their next step."""
        self._behind, self._ahead = True, False

    def _ask(self, name: str) -> None:
        behind, self._behind = self._behind, False
        for helper, places in self._helpers:
            helper.ask(name, self._portion(places) if behind else None)

    def _take_in(self, places: Places, fared: Fared) -> None:
        for trainee, fortune in zip(self._trainees[places], fared, strict=True):
            trainee.fortune = fortune
