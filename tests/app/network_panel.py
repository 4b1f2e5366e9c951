"""What tests read of the network panel, and do in it."""


def open_more(lab):
    setup = lab.network.setup
    lab.click(setup.expander)
    lab.process_events()
    return setup


def training(lab):
    return lab.experiment.training


def first(lab):
    """The first of the networks; all are edited together unless one is chosen."""
    return training(lab).variants[0]


def epochs_seen(lab):
    return [len(curve.x) for curve in lab.network.loss.curves()]


def spreads(lab, label):
    return [cell.std for cell in lab.rows()[label].cells]


def scroll_to(lab, widget):
    from PySide6.QtWidgets import QScrollArea

    lab.network.findChild(QScrollArea).ensureWidgetVisible(widget)
    lab.process_events()
