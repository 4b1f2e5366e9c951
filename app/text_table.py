"""Aligned columns for a terminal."""

from collections.abc import Sequence


def text_table(header: Sequence[str], rows: Sequence[Sequence[str]], align: str) -> str:
    """Header and rows in columns two spaces apart.

    Parameters
    ----------
    align
        A letter for each column, "l" or "r".
    """
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(_line(line, widths, align) for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int], align: str) -> str:
    placed = [
        cell.rjust(width) if side == "r" else cell.ljust(width)
        for cell, width, side in zip(cells, widths, align, strict=True)
    ]
    return "  ".join(placed).rstrip()
