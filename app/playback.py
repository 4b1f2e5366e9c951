"""The only clock: playing a result, and the beat at which jobs are asked for news."""

import time

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_BEAT = 16
"""Milliseconds between two beats: a frame at 60 a second."""
_LONGEST = 0.1
"""Seconds that one beat counts for at most, so that a pause of the computer does not jump."""
_WHOLE = 8.0
"""Seconds that a whole run takes at speed 1."""


class Clock(QObject):
    """Beats while anything needs it, and rests otherwise.

    Signals
    -------
    beat(float)
        Seconds since the beat before.
    """

    beat = Signal(float)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._needs: set[str] = set()
        self._last = 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_BEAT)
        self._timer.timeout.connect(self._tick)

    def need(self, who: str, needed: bool) -> None:
        """Say whether `who` needs the clock."""
        (self._needs.add if needed else self._needs.discard)(who)
        if self._needs and not self._timer.isActive():
            self._last = time.perf_counter()
            self._timer.start()
        elif not self._needs:
            self._timer.stop()

    @property
    def needed(self) -> bool:
        """Whether anything needs the clock."""
        return bool(self._needs)

    def stop(self) -> None:
        """Rest for good."""
        self._needs.clear()
        self._timer.stop()

    def _tick(self) -> None:
        now = time.perf_counter()
        passed, self._last = now - self._last, now
        self.beat.emit(min(passed, _LONGEST))


class Playback(QObject):
    """An index into a result, moving by itself or by hand.

    Signals
    -------
    moved(int)
        The step to show.
    changed()
        Playing, speed, loop or the number of steps has changed.
    """

    moved = Signal(int)
    changed = Signal()

    def __init__(self, clock: Clock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._position = 0.0
        self._steps = 0
        self.playing = False
        self._held: bool | None = None
        self.loop = False
        self.speed = 1.0
        clock.beat.connect(self._advance)

    @property
    def step(self) -> int:
        """The step that is shown."""
        return int(self._position)

    @property
    def steps(self) -> int:
        """The last step."""
        return self._steps

    def set_steps(self, steps: int) -> None:
        """Play a result of so many steps; the position stays where it can."""
        if steps != self._steps:
            at_end = self.step == self._steps and self._steps > 0
            self._steps = steps
            self.changed.emit()
            self.go(steps if at_end and not self.playing else min(self.step, steps))

    def go(self, step: int) -> None:
        """Show a step."""
        self._position = float(min(max(step, 0), self._steps))
        self.moved.emit(self.step)

    def hold(self, held: bool) -> None:
        """Rest while what it plays is out of sight, and go on afterwards as before."""
        if held and self._held is None:
            self._held = self.playing
            self._set_playing(False)
        elif not held and self._held is not None:
            played, self._held = self._held, None
            self._set_playing(played)

    def play(self) -> None:
        """Go on by itself, from the start if at the end."""
        if self._held is not None:
            self._held = True
            return
        if self.step >= self._steps:
            self.go(0)
        self._set_playing(True)

    def pause(self) -> None:
        """Stay at this step."""
        if self._held is not None:
            self._held = False
        self._set_playing(False)

    def toggle(self) -> None:
        """Play or pause."""
        self.pause() if self.playing else self.play()

    def step_by(self, steps: int) -> None:
        """Pause and go some steps on (or back)."""
        self.pause()
        self.go(self.step + steps)

    def set_speed(self, speed: float) -> None:
        """1 plays a whole run in eight seconds."""
        self.speed = speed
        self.changed.emit()

    def set_loop(self, loop: bool) -> None:
        """Begin again after the end, or stop there."""
        self.loop = loop
        self.changed.emit()

    def _set_playing(self, playing: bool) -> None:
        if playing != self.playing:
            self.playing = playing
            self._clock.need("playback", playing)
            self.changed.emit()

    def _advance(self, seconds: float) -> None:
        if not self.playing:
            return
        before = self.step
        self._position += seconds * self.speed * max(self._steps, 1) / _WHOLE
        if self._position >= self._steps:
            again = self.loop and self._steps > 0
            self._position = 0.0 if again and before >= self._steps else float(self._steps)
            if not again:
                self._set_playing(False)
        if self.step != before:
            self.moved.emit(self.step)
