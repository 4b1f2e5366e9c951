"""Trials of reliability: tests that count, short by default and long with `--full`, and say their figures."""

import pytest

PROPERTY = "trial"


class Trial:
    """What a trial asks for and tells.

    Parameters
    ----------
    full
        Whether the long form is run.
    properties
        Where its figures go: what the test's report will say of it.
    """

    def __init__(self, full: bool, properties: list[tuple[str, object]]) -> None:
        self.full = full
        self._properties = properties

    def times(self, short: int, full: int) -> int:
        """How often to do it."""
        return full if self.full else short

    def tell(self, figure: str) -> None:
        """Print a line about it when all tests have run."""
        self._properties.append((PROPERTY, figure))


@pytest.fixture
def trial(request: pytest.FixtureRequest) -> Trial:
    """The short or the full form of this test, and where it says its figures."""
    return Trial(request.config.getoption("full"), request.node.user_properties)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The figures of all trials, where they are asked for."""
    if not config.getoption("full"):
        return
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    figures = {
        (report.nodeid.split("::")[-1], figure)
        for report in reports
        for name, figure in report.user_properties
        if name == PROPERTY
    }
    if figures:
        terminalreporter.section("trials of reliability")
        for name, figure in sorted(figures):
            terminalreporter.write_line(f"{name.removeprefix('test_').replace('_', ' ')}: {figure}")
