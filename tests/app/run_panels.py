"""What tests of panels about a run share: bring one to the front, train, kill, listen to the orders."""

from app.training_job import InlineChannel
from tests.app.laboratory_driver import as_array, picture


def bring_up(lab, key, shown):
    """Bring a panel to the front, and wait until `shown` of it is true."""
    panel = lab.window.show_panel(key)
    lab.until(lambda: lab.window.panel_host(key).is_seen)
    lab.until(lambda: shown(panel))
    lab.process_events()
    return panel


def train(lab):
    """Train to the end."""
    lab.laboratory.training.train()
    lab.until(lambda: lab.laboratory.training.is_settled)
    lab.process_events()


def kill_and_train(lab):
    """Let the training process die, and train in the next one."""
    lab.laboratory.training.channel._process.kill()
    lab.laboratory.training.channel._process.join()
    lab.laboratory.training.train()


def listening():
    """A list of orders, and a kind of channel that appends what it is sent."""
    orders = []

    class Heard(InlineChannel):
        def send(self, order):
            orders.append(order)
            super().send(order)

    return orders, Heard


def check_looks(lab, panel):
    """Light is light and dark is dark, at once."""
    light = as_array(picture(panel)).astype(int)
    lab.window.choose_look("dark")
    lab.process_events()
    dark = as_array(picture(panel)).astype(int)
    assert light.mean() > dark.mean() + 80
