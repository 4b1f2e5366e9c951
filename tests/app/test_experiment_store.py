"""Experiments on disk: whole, old or new, whatever happens."""

import subprocess
import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from app.experiment_store import load, save, write_whole
from core.errors import InputError
from core.experiment import default_experiment
from core.experiment_file import LARGEST, Saved, View, write_experiment
from tests.trials import Trial

OLD = Saved(default_experiment())
NEW = Saved(replace(default_experiment(), noise=0.5), View(step=3))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def output(script: str, *arguments: object) -> str:
    """What a script prints that a process of its own runs."""
    command = [sys.executable, "-c", script, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "my experiment é.optiscope"
    for saved in (OLD, NEW):
        save(path, saved)
        assert load(path) == saved
    assert names(tmp_path) == [path.name]


def test_a_link_s_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "real" / "x.optiscope", tmp_path / "link.optiscope"
    target.parent.mkdir()
    save(target, OLD)
    link.symlink_to(target)
    save(link, NEW)
    assert link.is_symlink()
    assert load(target) == NEW


def test_what_cannot_be_read_is_said_with_its_name(tmp_path: Path) -> None:
    path = tmp_path / "x.optiscope"
    with pytest.raises(InputError, match=r"x\.optiscope cannot be opened: No such file"):
        load(path)
    with pytest.raises(InputError, match="cannot be opened: Is a directory"):
        load(tmp_path)
    with pytest.raises(InputError, match="not the name of a file"):
        load(Path("a\0b"))
    path.write_bytes(write_experiment(OLD)[:500])
    with pytest.raises(InputError, match=r"x\.optiscope: This is not an experiment"):
        load(path)
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(InputError, match="it has 64 MB"):
        load(path)


def test_a_vanished_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no folder .*gone any more"):
        save(tmp_path / "gone" / "x.optiscope", OLD)


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_folder_that_takes_nothing_leaves_the_old_file(tmp_path: Path) -> None:
    """/proc refuses new files to everyone, even to the administrator."""
    with pytest.raises(InputError, match="x cannot be saved: "):
        write_whole(Path("/proc/x"), [b"content"])


WRITE = """
import resource, signal, sys
from pathlib import Path
from app.experiment_store import save
from core.errors import InputError
from core.experiment_file import read_experiment
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path, new = Path(sys.argv[1]), read_experiment(Path(sys.argv[2]).read_bytes())
size = Path(sys.argv[2]).stat().st_size
refused = 0
for limit in [*range(0, size, max(size // 150, 1)), size - 1]:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        save(path, new)
    except InputError as error:
        assert str(error).startswith("x.optiscope cannot be saved: "), error
        refused += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(refused)
"""


@pytest.mark.trial
@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux")
def test_a_disk_that_is_full_at_any_size_leaves_the_old_file_whole(tmp_path: Path, trial: Trial) -> None:
    """The kernel ends every write at a limit, as a full disk does."""
    path, new = tmp_path / "x.optiscope", tmp_path / "new"
    save(path, OLD)
    new.write_bytes(write_experiment(NEW))
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(path), str(new)], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout) > 150
    assert load(path) == OLD
    assert names(tmp_path) == ["new", "x.optiscope"]


KILL = """
import os, random, signal, sys, time
from pathlib import Path
from app.experiment_store import save
from core.experiment_file import read_experiment
path, times = Path(sys.argv[1]), int(sys.argv[2])
texts = [Path(name).read_bytes() for name in sys.argv[3:]]
both = [read_experiment(text) for text in texts]
chance, seen = random.Random(0), [0, 0]
for turn in range(times):
    begun, begins = os.pipe()
    child = os.fork()
    while not child:
        for each in both:
            save(path, each)
        os.write(begins, b".")
    os.read(begun, 1)
    os.close(begun), os.close(begins)
    time.sleep(chance.uniform(0.0, 0.02))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    seen[texts.index(path.read_bytes())] += 1
print(*seen)
"""


@pytest.mark.trial
@pytest.mark.skipif(sys.platform == "win32", reason="only on Linux")
def test_killed_while_it_saves_it_leaves_the_old_or_the_new(tmp_path: Path, trial: Trial) -> None:
    path, old, new = (tmp_path / name for name in ("x.optiscope", "old", "new"))
    for name, saved in ((old, OLD), (new, NEW)):
        name.write_bytes(write_experiment(saved))
    save(path, OLD)
    times = trial.times(40, 1000)
    seen = [int(each) for each in output(KILL, path, times, old, new).split()]
    assert sum(seen) == times, "neither torn nor lost"
    assert min(seen) > 0, "it was killed at different moments"
    strays = len(names(tmp_path)) - 3
    assert strays <= times // 20, "a kill between two calls of the system may leave a file beside it"
    trial.tell(
        f"{times} kills, {seen[0]} times the old file and {seen[1]} times the new one, {strays} strays"
    )
