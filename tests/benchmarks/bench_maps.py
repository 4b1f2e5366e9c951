"""Maps: 256 x 256 starts x 300 Adam steps on Rosenbrock, against C and torch; many starts of single paths."""

import ctypes
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from core.choice import Choice
from core.descent import DescentSpec, descend
from core.loops import can_compile
from core.map_spec import MapSpec
from core.maps import compute_map, computed_tiles
from core.optimizer import MethodSpec
from core.surface import SurfaceSpec, surfaces
from tests.benchmarks.harness import (
    NEEDS_PEERS,
    Direction,
    Figure,
    Judged,
    Samples,
    measure,
    measure_together,
    milliseconds,
    peer,
    times_faster,
)

SIDE, STEPS, RATE = 256, 300, 0.1
SURFACE = "rosenbrock"
NAME = f"map of {SIDE} x {SIDE} starts x {STEPS} Adam steps"
NEEDS_NUMBA, NEEDS_GCC = "needs the extra 'fast'", "needs the compiler gcc"
TORCH_SHARE = 10
"""torch makes a tenth of the steps, and its time is taken times ten."""
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")

C = r"""
#include <math.h>

/* One start after the other, as one writes it: final x, y and loss. */
void map_plain(double *x0, double *y0, double *loss0, long n, long steps, double rate)
{
    const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    for (long i = 0; i < n; i++) {
        double x = x0[i], y = y0[i], mx = 0, my = 0, vx = 0, vy = 0, p1 = 1, p2 = 1;
        for (long t = 0; t < steps; t++) {
            double u = 1 - x, w = y - x * x;
            double gx = -2 * u - 400 * x * w, gy = 200 * w;
            p1 *= beta1; p2 *= beta2;
            double size = rate / (1 - p1), unroot = 1 / sqrt(1 - p2);
            mx = beta1 * mx + (1 - beta1) * gx; my = beta1 * my + (1 - beta1) * gy;
            vx = beta2 * vx + (1 - beta2) * gx * gx; vy = beta2 * vy + (1 - beta2) * gy * gy;
            x -= size * mx / (sqrt(vx) * unroot + epsilon);
            y -= size * my / (sqrt(vy) * unroot + epsilon);
        }
        double u = 1 - x, w = y - x * x;
        x0[i] = x; y0[i] = y; loss0[i] = u * u + 100 * w * w;
    }
}

/* The same in blocks of 128 starts, with the loop over the steps outside: the compiler vectorizes it. */
void map_blocks(double *x0, double *y0, double *loss0, long n, long steps, double rate)
{
    const double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
    enum { B = 128 };
    for (long begin = 0; begin < n; begin += B) {
        double x[B], y[B], mx[B], my[B], vx[B], vy[B], p1 = 1, p2 = 1;
        long count = n - begin < B ? n - begin : B;
        for (long i = 0; i < B; i++) {
            x[i] = i < count ? x0[begin + i] : 0; y[i] = i < count ? y0[begin + i] : 0;
            mx[i] = my[i] = vx[i] = vy[i] = 0;
        }
        for (long t = 0; t < steps; t++) {
            p1 *= beta1; p2 *= beta2;
            double size = rate / (1 - p1), unroot = 1 / sqrt(1 - p2);
            for (long i = 0; i < B; i++) {
                double u = 1 - x[i], w = y[i] - x[i] * x[i];
                double gx = -2 * u - 400 * x[i] * w, gy = 200 * w;
                mx[i] = beta1 * mx[i] + (1 - beta1) * gx; my[i] = beta1 * my[i] + (1 - beta1) * gy;
                vx[i] = beta2 * vx[i] + (1 - beta2) * gx * gx; vy[i] = beta2 * vy[i] + (1 - beta2) * gy * gy;
                x[i] -= size * mx[i] / (sqrt(vx[i]) * unroot + epsilon);
                y[i] -= size * my[i] / (sqrt(vy[i]) * unroot + epsilon);
            }
        }
        for (long i = 0; i < count; i++) {
            double u = 1 - x[i], w = y[i] - x[i] * x[i];
            x0[begin + i] = x[i]; y0[begin + i] = y[i]; loss0[begin + i] = u * u + 100 * w * w;
        }
    }
}
"""


def figures() -> list[Figure]:
    """Maps, then many starts of single paths."""
    return [compiled(), *against_c(), before_compiled(), against_torch(), *many_starts()]


def spec() -> MapSpec:
    method = MethodSpec(Choice("adam", {"learning_rate": RATE}))
    return MapSpec(SurfaceSpec(SURFACE), method, columns=SIDE, rows=SIDE, steps=STEPS).checked()


def ours(engine: Any) -> Callable[[], object]:
    """What C and torch compute as well: the end of every run (and ours whether it converged or diverged)."""
    wanted = spec()
    return lambda: list(computed_tiles(wanted, engine))


def whole(engine: Any) -> Callable[[], object]:
    """All of it, with the minimum that every run reached."""
    wanted = spec()
    return lambda: compute_map(wanted, engine)


def compiled() -> Figure:
    about: dict[str, Any] = {"name": f"{NAME}, compiled, one core", "target": 33.0}
    if not can_compile():
        return Figure(**about, missing=NEEDS_NUMBA)
    seconds = measure(whole("compiled"), repeats=20)
    return Figure(**about, samples=milliseconds(seconds), note="with every outcome and the minima reached.")


def against_c() -> list[Figure]:
    """Against the fastest of the ways to write and compile it in C."""
    about: dict[str, Any] = {
        "name": f"{NAME} against C", "target": 0.5, "direction": Direction.AT_LEAST,
        "judged": Judged.RATIO, "compared_to": "gcc -O3 -march=native",
    }  # fmt: skip
    if not can_compile() or shutil.which("gcc") is None:
        return [Figure(**about, missing=NEEDS_GCC if can_compile() else NEEDS_NUMBA)]
    with tempfile.TemporaryDirectory() as folder:
        calls = {
            f"{name} {flags}".strip(): c_map(c_library(Path(folder), flags), name)
            for name in ("map_plain", "map_blocks")
            for flags in ("", "-fno-math-errno")
        }
        for call in calls.values():
            check_c(call())
        times = measure_together({"ours": ours("compiled"), **calls}, repeats=10, warmup=1)
    ratios = {name: times_faster(times["ours"], times[name]) for name in calls}
    note = (
        "judged by the fastest C; C computes final points and losses only. Times faster than each: "
        + ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    )
    return [Figure(**about, samples=milliseconds(times["ours"]), ratio=min(ratios.values()), note=note)]


def c_library(folder: Path, flags: str) -> ctypes.CDLL:
    source, library = folder / "map.c", folder / f"map{flags}.so"
    source.write_text(C)
    command = [
        "gcc",
        "-O3",
        "-march=native",
        *flags.split(),
        "-shared",
        "-fPIC",
        "-o",
        str(library),
        str(source),
    ]
    subprocess.run([*command, "-lm"], check=True)
    return ctypes.CDLL(str(library))


def starts() -> tuple[np.ndarray, np.ndarray]:
    x, y = (axis.values(SIDE) for axis in spec().axes)
    across, up = np.meshgrid(x, y)
    return across.ravel().copy(), up.ravel().copy()


def c_map(library: ctypes.CDLL, name: str) -> Callable[[], np.ndarray]:
    function = getattr(library, name)
    pointer = ctypes.POINTER(ctypes.c_double)
    function.argtypes = [pointer, pointer, pointer, ctypes.c_long, ctypes.c_long, ctypes.c_double]
    begin = starts()

    def call() -> np.ndarray:
        x, y = (each.copy() for each in begin)
        loss = np.empty_like(x)
        function(*(each.ctypes.data_as(pointer) for each in (x, y, loss)), x.size, STEPS, RATE)
        return np.stack([x, y], axis=-1)

    return call


def check_c(points: np.ndarray) -> None:
    """Both sides make the same map."""
    mine = np.concatenate([part.points.reshape(-1, 2) for part in computed_tiles(spec(), "compiled")])
    np.testing.assert_allclose(points, mine, rtol=1e-4, atol=1e-4)


def before_compiled() -> Figure:
    seconds = measure(whole("numpy"), repeats=8, warmup=1)
    return Figure(name=f"{NAME}, NumPy", samples=milliseconds(seconds), target=500.0)


def against_torch() -> Figure:
    about: dict[str, Any] = {
        "name": f"{NAME} against torch", "target": 50.0, "direction": Direction.AT_LEAST,
        "judged": Judged.RATIO, "compared_to": "torch Adam(fused)",
    }  # fmt: skip
    torch = peer("torch")
    if torch is None or not can_compile():
        return Figure(**about, missing=NEEDS_PEERS if torch is None else NEEDS_NUMBA)
    times = measure_together({"ours": ours("compiled"), "torch": torch_map(torch)}, repeats=5, warmup=1)
    theirs: Samples = tuple(second * TORCH_SHARE for second in times["torch"])
    return Figure(
        **about, samples=milliseconds(times["ours"]), ratio=times_faster(times["ours"], theirs),
        note=f"torch made {STEPS // TORCH_SHARE} steps; its time is taken times {TORCH_SHARE}.",
    )  # fmt: skip


def torch_map(torch: Any) -> Callable[[], None]:
    begin = np.stack(starts())

    def call() -> None:
        points = torch.tensor(begin, dtype=torch.float64, requires_grad=True)
        adam = torch.optim.Adam([points], lr=RATE, fused=True)
        for _ in range(STEPS // TORCH_SHARE):
            adam.zero_grad()
            x, y = points
            loss = (1 - x) ** 2 + 100 * (y - x**2) ** 2
            loss.sum().backward()
            adam.step()

    return call


def many_starts() -> list[Figure]:
    """100 starts of six optimizers, and how the time grows with starts and with steps."""
    full = measure(paths(100, 1_000), repeats=5, warmup=1)
    times = measure_together({"few": paths(25, 1_000), "short": paths(100, 250)}, repeats=5, warmup=1)
    growth = {name: times_faster(seconds, full) for name, seconds in times.items()}
    note = (
        f"4 times the starts take {growth['few']:.2f}, 4 times the steps {growth['short']:.2f} times as long."
    )
    name = "100 starts x 6 optimizers x 1,000 steps"
    return [Figure(name=name, samples=milliseconds(full), target=500.0, note=note)]


def paths(count: int, steps: int) -> Callable[[], object]:
    entry = surfaces()[SURFACE]
    methods = tuple(MethodSpec(Choice(key, {"learning_rate": entry.learning_rates[key]})) for key in SIX)
    x_low, x_high, y_low, y_high = entry.domain
    random = np.random.default_rng(0)
    points = zip(random.uniform(x_low, x_high, count).tolist(), random.uniform(y_low, y_high, count).tolist(),
                 strict=True)  # fmt: skip
    wanted = DescentSpec(SurfaceSpec(SURFACE), methods, tuple(points), steps)
    return lambda: descend(wanted)
