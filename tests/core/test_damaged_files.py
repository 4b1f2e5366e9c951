"""Thousands of damaged experiment files: each is read, or refused in a sentence, and nothing is touched."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.examples import examples
from core.experiment_file import read_experiment, write_experiment
from tests.core.file_fuzzer import Fuzzer
from tests.core.test_experiment_file import OTHERS
from tests.trials import Trial

SLOWEST = 2.0
"""Seconds of the processor that a file may take: a formula's derivatives, or megabytes to read."""
SEEDS = (20, 21, 22, 23)


def whole_files() -> list[bytes]:
    gallery = [example.path.read_bytes() for example in examples().values()]
    return gallery + [write_experiment(saved) for saved in OTHERS.values()]


def check(file: bytes) -> bool:
    """Read a file as far as it goes; whether it was taken."""
    try:
        saved = read_experiment(file)
    except InputError as error:
        sentence = str(error)
        assert sentence.endswith((".", "?")), sentence[-100:]
        assert sentence.isprintable(), ascii(sentence)
        assert 10 < len(sentence) < 600, sentence[:1000]
        return False
    written = write_experiment(saved)
    again = read_experiment(written)
    assert again == saved
    assert write_experiment(again) == written
    return True


def test_whole_files_are_read_and_written_the_same() -> None:
    assert all(map(check, whole_files()))


@pytest.mark.trial
@pytest.mark.parametrize("seed", SEEDS)
def test_damaged_files_are_read_or_refused_in_a_sentence(seed: int, trial: Trial) -> None:
    count = trial.times(400, 3_000)
    taken, slowest, total = 0, 0.0, 0.0
    for place, file in enumerate(Fuzzer(whole_files(), seed).damaged(count)):
        begin = time.process_time()
        try:
            taken += check(file)
        except Exception as error:
            error.add_note(f"damaged file {place} of seed {seed}: {file[:3000]!r}")
            raise
        seconds = time.process_time() - begin
        assert seconds < SLOWEST, f"damaged file {place} of seed {seed} took {seconds:.1f} s"
        slowest, total = max(slowest, seconds), total + seconds
    assert count // 50 < taken < count // 2, "damage that is none, or nothing but damage, tries little"
    trial.tell(
        f"{count} damaged files: {count - taken} refused, {taken} taken and kept whole;"
        f" {1e3 * total / count:.1f} ms each, the slowest {slowest:.2f} s"
    )


WATCHED = """
import sys
from core.errors import InputError
from core.experiment_file import read_experiment
from tests.core.file_fuzzer import Fuzzer
from tests.core.test_damaged_files import whole_files

FORBIDDEN = (
    "os.", "shutil.", "socket.", "subprocess.", "tempfile.", "pty.", "ctypes.", "urllib.", "webbrowser."
)
HARMLESS = ("os.listdir", "os.scandir")
seen = []
def watch(event, arguments):
    if event == "open":
        path, mode, flags = arguments
        if flags & 0o3 or set(mode or "") & set("wax+"):  # not for reading alone
            seen.append((event, arguments))
    elif event.startswith(FORBIDDEN) and event not in HARMLESS:
        seen.append((event, arguments))

sys.dont_write_bytecode = True
sys.addaudithook(watch)
files = whole_files()
for file in [*files, *Fuzzer(files, 30).damaged(int(sys.argv[1]))]:
    try:
        read_experiment(file)
    except InputError:
        pass
    if seen:
        sys.exit(f"{seen}: {file[:2000]!r}")
print("quiet", flush=True)
"""


@pytest.mark.trial
def test_reading_writes_nothing_starts_nothing_and_calls_nobody(trial: Trial) -> None:
    """Python tells its audit hooks of files opened to be written, of removals, processes and sockets."""
    count = trial.times(100, 2_000)
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, str(count)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.stderr == ""
    assert done.stdout == "quiet\n"
    trial.tell(f"{count} damaged files read under watch: no file written, no process, no socket")


def test_the_watch_sees_a_write(tmp_path: Path) -> None:
    spoilt = WATCHED.replace("read_experiment(file)", f"open({str(tmp_path / 'x')!r}, 'w').close()")
    done = subprocess.run(
        [sys.executable, "-c", spoilt, "0"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert "'w'" in done.stderr
    assert done.returncode == 1


MEGABYTES = 60
LARGE: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "brackets": (b"", b"[", b"", "nested too deeply"),
    "braces": (b"", b'{"a": ', b"", "at most 400,000"),
    "blanks": (b"", b" ", b"", "empty"),
    "text": (b'"', b"a", b'"', "holds text"),
    "digits": (b"", b"9", b"", "digits"),
    "a number": (b"1.", b"9", b"", "holds a number"),
    "a format": (b'{"format": "', b"x", b'"}', "its format is"),
    "nothing": (b"", b"\x00", b"", "not an experiment"),
    "starts": (b'{"version": 2, "starts": [', b"[0.0, 0.0],", b"", "at most 400,000"),
    "numbers": (b'{"version": 2, "starts": [', b"0,", b"", r"\b30,000,001 values"),
    "text without an end": (b'["', rb"\",", b"", r"\b10,000,000 values"),
    "endless escapes": (b'["', rb"\n,", b"", "unterminated|too early"),
    "texts": (b"[", b'"",', b"", r"\b20,000,000 values"),
}
"""What a file begins with, what it repeats, what it ends with, and words of the sentence."""


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_file_is_refused_in_seconds(kind: str) -> None:
    head, part, tail, words = LARGE[kind]
    file = head + part * (MEGABYTES * 1_000_000 // len(part)) + tail
    begin = time.process_time()
    with pytest.raises(InputError, match=words) as caught:
        read_experiment(file)
    assert time.process_time() - begin < 5
    assert len(str(caught.value)) < 600
