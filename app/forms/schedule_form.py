"""The forms of schedules: of the learning rate and of the momentum."""

from app.forms.catalogue_form import CatalogueForm
from core.momentum_schedule import MOMENTUM_SCHEDULES
from core.schedule import SCHEDULES


def rate_schedule_form() -> CatalogueForm:
    """The form of the learning rate's schedule."""
    return CatalogueForm(SCHEDULES, "schedule", "Schedule", "How the learning rate changes over the run.")


def momentum_schedule_form() -> CatalogueForm:
    """The form of the momentum's schedule."""
    tip = "How the momentum (beta1, where the optimizer calls it that) changes over the run."
    return CatalogueForm(MOMENTUM_SCHEDULES, "momentum schedule", "Momentum schedule", tip)
