"""Options of the command line: argparse for the structure, our own sentences for what is wrong.

Values stay text here; each command has them checked where they are described (hyperparameters,
catalogues), so that the window and the command line say the same of the same mistake.
"""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NoReturn

from core.errors import InputError, unknown_name
from core.hyperparameter import Hyperparameter, Scale


class Parser(argparse.ArgumentParser):
    """The parser of one command.

    Parameters
    ----------
    prog, usage, summary, epilog
        Name, synopsis, one sentence, and what follows the options in the help (the examples).
    """

    def __init__(self, prog: str, usage: str, summary: str, epilog: str) -> None:
        super().__init__(
            prog=prog, usage=usage, description=summary, epilog=epilog, add_help=False,
            allow_abbrev=False, exit_on_error=False, formatter_class=argparse.RawDescriptionHelpFormatter,
        )  # fmt: skip
        self._needs: dict[str, str] = {}
        self.option("--help", "-h", action="help", help="show this help")

    def option(self, *names: str, example: str = "", **settings: Any) -> None:
        """Add an option, with an example value for the sentence that is said when its value is missing."""
        self.add_argument(*names, **settings)
        words = {2: "two values", 3: "three values", 4: "four values"}
        count = words.get(settings.get("nargs", 1), "a value")
        needs = f"{names[0]} needs {count}, for example: {names[0]} {example}" if example else ""
        self._needs |= dict.fromkeys(names, needs)

    def files(self, endings: Sequence[str], example: str, note: str = "") -> None:
        """Add `--out`, which names files to be written; `note` where their endings do not say all."""
        self.option(
            "--out", metavar=("FILE", "FILE"), nargs="+", action="extend", default=[], example=example,
            help=f"write a {', '.join(endings[:-1])} or {endings[-1]} file{note}; may be repeated",
        )  # fmt: skip

    def numbers(self, hyperparameters: Iterable[Hyperparameter]) -> None:
        """Add an option for each hyperparameter: `batch_size` becomes `--batch-size`."""
        for parameter in hyperparameters:
            choices = "|".join(parameter.choices)
            self.option(
                f"--{parameter.name.replace('_', '-')}",
                metavar=choices or ("N" if _is_whole(parameter) else "V"),
                example=str(parameter.default),
                help=f"{parameter.help} Default: {parameter.default}.".replace("%", "%%"),
            )

    def read(self, arguments: Sequence[str]) -> argparse.Namespace:
        """Read the arguments.

        Raises
        ------
        InputError
            For anything that is not an option, or lacks its value.
        """
        try:
            options, leftover = self.parse_known_args(list(_shielded(arguments)))
        except argparse.ArgumentError as error:
            raise self._explained(error) from None
        if leftover:
            raise self._unknown(leftover)
        for name, value in vars(options).items():
            setattr(options, name, _unshielded(value))
        return options

    def error(self, message: str) -> NoReturn:
        """Say what argparse found."""
        raise InputError(message[:1].upper() + message[1:] + ".")

    def _explained(self, error: argparse.ArgumentError) -> InputError:
        name = (error.argument_name or "").split("/")[0]
        needs = self._needs.get(name, "")
        expected = needs and error.message.startswith("expected")
        return InputError(needs if expected else f"{name}: {error.message}.")

    def _unknown(self, leftover: Sequence[str]) -> InputError:
        options = [text for text in leftover if text.startswith("-")]
        if options:
            return unknown_name("option", options[0].split("=")[0], self._needs)
        return InputError(
            f"'{leftover[0].strip()}' is left over; every value follows its option, see {self.prog} --help."
        )


def _is_whole(parameter: Hyperparameter) -> bool:
    return parameter.scale in (Scale.INTEGER, Scale.LOG_INTEGER)


def _shielded(arguments: Sequence[str]) -> Iterator[str]:
    """Put a space before values that begin with "-", which argparse would take for options."""
    for previous, text in zip(("", *arguments), arguments, strict=False):
        formula = previous == "--formula" and text[1:2] != "-"
        yield f" {text}" if text.startswith("-") and (formula or _is_number(text)) else text


def _unshielded(value: Any) -> Any:
    if isinstance(value, list):
        return [_unshielded(item) for item in value]
    return value[1:] if isinstance(value, str) and value.startswith(" -") else value


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
