"""Play, pause, step, scrub, speed, loop."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QWidget

from app.forms.controls import KeyCombo, flat_button, icon_button, role
from app.language import tr

_SPEEDS = ("0.1", "0.25", "0.5", "1", "2", "4", "8")


class PlaybackBar(QWidget):
    """The controls of a playback.

    Signals
    -------
    first_asked(), back_asked(), toggle_asked(), forward_asked(), last_asked()
        The five buttons.
    scrubbed(int)
        Step under the handle.
    speed_chosen(float), loop_chosen(bool)
        Speed and loop.
    """

    first_asked = Signal()
    back_asked = Signal()
    toggle_asked = Signal()
    forward_asked = Signal()
    last_asked = Signal()
    scrubbed = Signal(int)
    speed_chosen = Signal(float)
    loop_chosen = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        self.first = flat_button("first", "First step (Home)")
        self.back = flat_button("step_back", "One step back (Left)")
        self.toggle = icon_button("play", "Play (Space)")
        self.forward = flat_button("step_forward", "One step forward (Right)")
        self.last = flat_button("last", "Last step (End)")
        for button, signal in (
            (self.first, self.first_asked),
            (self.back, self.back_asked),
            (self.toggle, self.toggle_asked),
            (self.forward, self.forward_asked),
            (self.last, self.last_asked),
        ):
            button.clicked.connect(signal)
            row.addWidget(button)
        self.bar = QSlider(Qt.Orientation.Horizontal)
        self.bar.setAccessibleName(tr("Step"))
        self.bar.setToolTip(tr("The step that is shown: drag to scrub through the run."))
        self.bar.valueChanged.connect(self._moved)
        self.text = role(QLabel(), "muted")
        self.text.setMinimumWidth(
            self.text.fontMetrics().horizontalAdvance(f"{tr('step')} 10,000 / 10,000") + 8
        )
        self.text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = KeyCombo("Speed", "How fast a run plays: at 1× a whole run takes eight seconds.")
        for speed in _SPEEDS:
            self.speed.add(speed, f"{speed}×")
        self.speed.chosen.connect(lambda key: self.speed_chosen.emit(float(key)))
        self.loop = flat_button("loop", "Loop: begin again after the last step.")
        self.loop.setCheckable(True)
        self.loop.clicked.connect(self.loop_chosen)
        row.addWidget(self.bar, 1)
        row.addWidget(self.text)
        row.addWidget(self.speed)
        row.addWidget(self.loop)
        self._setting = self._busy = False

    def set_steps(self, steps: int) -> None:
        """Number of the last step."""
        self._setting = True
        self.bar.setMaximum(steps)
        self.bar.setPageStep(max(1, steps // 20))
        self._setting = False
        self._say()

    def set_step(self, step: int) -> None:
        """Show a step."""
        self._setting = True
        self.bar.setValue(step)
        self._setting = False
        self._say()

    def set_busy(self, busy: bool) -> None:
        """Say that a run is being computed, in place of the step."""
        self._busy = busy
        self._say()

    def set_state(self, playing: bool, speed: float, loop: bool) -> None:
        """Show whether it plays, how fast, and whether it loops."""
        self.toggle.setProperty("icon_name", "pause" if playing else "play")
        self.toggle.setToolTip(tr("Pause (Space)" if playing else "Play (Space)"))
        self.toggle.setAccessibleName(tr("Pause" if playing else "Play"))
        self.speed.set_value(f"{speed:g}")
        self.loop.setChecked(loop)

    def _say(self) -> None:
        self.text.setText(
            tr("computing …") if self._busy else f"{tr('step')} {self.bar.value():,} / {self.bar.maximum():,}"
        )

    def _moved(self, step: int) -> None:
        if not self._setting:
            self.scrubbed.emit(step)
