#!/bin/sh
# Prepares what `make` needs and is missing: system libraries, the virtual environment, the packages.
#
#   sh bootstrap.sh run     what the program needs
#   sh bootstrap.sh test    that, and what the checks and tests need
#
# Does nothing, in a few milliseconds, when all is there. May be interrupted at any time:
# what was half made is made again.
set -eu
cd "$(dirname "$0")"

environment=.venv
purpose=${1:-run}
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf '%s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

# ---------------------------------------------------------------- system libraries

# What Qt loads, and the Debian package that holds it. `always` even without a screen.
libraries() {
  cat <<'LIST'
always libGL.so.1 libgl1
always libEGL.so.1 libegl1
always libglib-2.0.so.0 libglib2.0-0
always libfontconfig.so.1 libfontconfig1
always libdbus-1.so.3 libdbus-1-3
always libxkbcommon.so.0 libxkbcommon0
window libxcb-cursor.so.0 libxcb-cursor0
window libxcb-icccm.so.4 libxcb-icccm4
window libxcb-keysyms.so.1 libxcb-keysyms1
window libxcb-shape.so.0 libxcb-shape0
window libxkbcommon-x11.so.0 libxkbcommon-x11-0
LIST
}

# Prints the packages that are missing: all of them, or only those of one kind.
missing_packages() {
  known=$(PATH="$PATH:/usr/sbin:/sbin" ldconfig -p 2>/dev/null) || return 0
  libraries | while read -r kind library package; do
    [ -z "${1:-}" ] || [ "$kind" = "$1" ] || continue
    case $known in *"$library "*) ;; *) printf '%s ' "$package" ;; esac
  done
  if [ "$purpose" = test ] && [ "${1:-window}" = window ]; then
    command -v Xvfb >/dev/null 2>&1 || printf 'xvfb '
    command -v xauth >/dev/null 2>&1 || printf 'xauth '
  fi
}

# Whether packages can be installed here without asking anybody for a password.
can_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@"; }

# $1: a list of words. The second attempt mends what was cut off before and what is not known yet.
install_system_packages() {
  # shellcheck disable=SC2086
  apt install -y --no-install-recommends $1 || {
    as_root dpkg --configure -a
    apt update
    apt install -y --no-install-recommends $1
  }
}

system_libraries() {
  [ "$(uname -s)" = Linux ] || return 0
  packages=$(missing_packages)
  [ -n "$packages" ] || return 0
  if can_install; then
    say "Installing system libraries: $packages"
    said=$(install_system_packages "$packages" 2>&1) || printf '%s\n' "$said" | grep '^E:' >&2 || true
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
  fi
  sentence="Please install these system packages (sudo apt-get install ${packages% }; these are Debian's and Ubuntu's names), then start again."
  # Without a screen the program needs no window, and Wayland needs none of X11's libraries.
  if [ "$purpose" = run ] && [ -z "$(missing_packages always)" ]; then
    [ -z "${DISPLAY:-}" ] || [ -n "${WAYLAND_DISPLAY:-}" ] || say "$sentence"
  else
    stop "$sentence"
  fi
}

# ---------------------------------------------------------------- environment

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  for python in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
    if new_enough "$python"; then return; fi
  done
  found=$("${PYTHON:-python3}" --version 2>&1) || found="none"
  stop "Optiscope needs Python 3.11 or newer, and found here: $found. Install one, or name it: make $purpose PYTHON=/path/to/python3."
}

# An environment is whole when the last thing written into it, the folder it was made for, is right,
# its interpreter starts, and no installation was cut off.
environment_is_whole() {
  [ -x "$environment/bin/python" ] && [ ! -e "$environment/installing" ] &&
    [ "$(cat "$environment/made-for" 2>/dev/null)" = "$(pwd -P)" ]
}

make_environment() {
  find_python
  "$python" -c 'import ensurepip, venv' 2>/dev/null ||
    stop "Python's venv module is missing; on Debian and Ubuntu: sudo apt-get install python3-venv."
  say "Making the environment in $environment with $("$python" --version) ..."
  rm -rf "$environment"
  "$python" -m venv "$environment"
  pwd -P >"$environment/made-for"
}

# The packages were installed for this very pyproject.toml; the tests' ones include the program's.
packages_are_installed() {
  cmp -s pyproject.toml "$environment/installed-$purpose" ||
    { [ "$purpose" = run ] && cmp -s pyproject.toml "$environment/installed-test"; }
}

# What was installed can still be found: nobody deleted a part of it.
packages_are_found() {
  "$environment/bin/python" -I - "$purpose" <<'PYTHON' 2>/dev/null
import sys
from importlib.util import find_spec

run = "PySide6 shiboken6 pyqtgraph numpy contourpy msgspec PIL sympy app core"
test = "pytest pytestqt pytest_xvfb pytest_timeout xdist hypothesis ruff mypy importlinter"
wanted = f"{run} {test}" if sys.argv[1] == "test" else run
sys.exit(not all(find_spec(name) for name in wanted.split()))
PYTHON
}

ready() { environment_is_whole && packages_are_installed && packages_are_found; }

install_packages() {
  what=.
  [ "$purpose" = run ] || what=".[$purpose]"
  say "Installing the packages that Optiscope needs (the first time some 300 MB, a minute or two) ..."
  touch "$environment/installing"
  quiet=-q
  [ ! -t 2 ] || quiet=
  if ! "$environment/bin/python" -m pip install $quiet -e "$what"; then
    # A failure before anything was changed, no network say, leaves a good environment as it was.
    ! "$environment/bin/python" -m pip check >/dev/null 2>&1 || rm -f "$environment/installing"
    stop "The packages could not be installed; the lines above say why. A network is needed for this step."
  fi
  # Compiled maps. Where this system or Python has no ready-made package, NumPy draws them.
  "$environment/bin/python" -m pip install -q --only-binary numba,llvmlite -e ".[fast]" >/dev/null 2>&1 ||
    say "Numba cannot be installed here: maps take some ten times longer, everything else is the same."
  cp pyproject.toml "$environment/installed-$purpose"
  rm -f "$environment/installing"
}

system_libraries
ready && exit 0

# Two of us at once wait for each other, where that can be said.
exec 9<.
flock 9 2>/dev/null || true
environment_is_whole || make_environment
packages_are_installed || install_packages
packages_are_found || { make_environment && install_packages; }
packages_are_found || stop "The environment in $environment is not complete; remove it and start again."
