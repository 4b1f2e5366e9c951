"""The landscape of the default digits network: how soon there is a picture, and how soon all of it."""

import time

from core.landscape import (
    LandscapeSpec,
    assemble,
    compute_tile,
    curvature,
    landscape_plane,
    tiles,
    trained_paths,
)
from tests.benchmarks.harness import Figure, measure, milliseconds

SPEC = LandscapeSpec(place=1, resolution=64)
REPEATS = 3


def figures() -> list[Figure]:
    """From trained networks and their recorded paths; one process, one thread."""
    trained = trained_paths(SPEC)
    coarse, whole = [], []
    for _ in range(REPEATS):
        began = time.perf_counter()
        plane, parts = landscape_plane(trained), []
        for tile in tiles(SPEC.resolution):
            if len(coarse) == len(whole) and tile.stride < 8:
                assemble(plane, parts)
                coarse.append(time.perf_counter() - began)
            parts.append((tile, compute_tile(plane, tile)))
        assemble(plane, parts)
        whole.append(time.perf_counter() - began)
    note = "6 x 64, tanh, 512 samples, two paths; the plane and the paths' own losses are in it."
    return [
        Figure(name="landscape of the digits, coarse", samples=milliseconds(tuple(coarse)), target=1000.0,
               note=f"{note} 8 x 8 points."),
        Figure(name="landscape of the digits, whole", samples=milliseconds(tuple(whole)), target=10_000.0,
               note=f"{note} 64 x 64 points, in one process."),
        Figure(name="curvature of the digits network",
               samples=milliseconds(measure(lambda: curvature(trained, trained.centre), repeats=REPEATS)),
               note="largest, smallest and mean eigenvalue of its Hessian, from 240 gradients in float64."),
    ]  # fmt: skip
