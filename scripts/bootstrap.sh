# shellcheck shell=bash
# Makes the project's environment, .venv, when it is missing or out of date. It needs nothing but a python3 with pip
# and venv (or uv) and the package index, and calls uv only when something has changed.
#
# To be sourced. Afterwards $root is the checkout, $root/.venv is ready, and run_uv (after find_uv) is its uv.
# Nothing goes to stdout; a failure is one line on stderr and exit code 1, with the whole story in $log.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
log=$root/.tools/bootstrap.log

die() {
  printf 'autosim: %s\n' "$*" >&2
  exit 1
}

# uv_bin = the uv on PATH, or else the checkout's own in .tools/uv, which is installed if need be.
find_uv() {
  local own=$root/.tools/uv python3
  mkdir -p "$root/.tools"
  for uv_bin in "$(type -P uv)" "$own/bin/uv"; do # run it: a version manager's stand-in may be all there is
    ! "$uv_bin" --version >/dev/null 2>&1 || return 0
  done
  python3=$(type -P python3) || die "python3 not found: install Python 3.12 or newer, with pip and venv"
  # From /, so that a version manager does not insist on the very version .python-version asks for: any will do here.
  (cd / && "$python3" -I -m venv --clear "$own") </dev/null >>"$log" 2>&1 ||
    die "python3 cannot make environments: install its venv module (on Debian: apt install python3-venv); see $log"
  env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX -u PIP_ROOT -u PIP_PYTHON -u PIP_DRY_RUN \
    "$own/bin/python" -I -m pip install --no-input --retries 2 uv </dev/null >>"$log" 2>&1 ||
    die "pip could not install uv: check the network and the package index, or install uv yourself; see $log"
}

# uv without the caller's settings, which could send it to another environment or, by naming another index, make it
# reject uv.lock; what says how to reach the network, the cache and Pythons stays.
run_uv() (
  unset VIRTUAL_ENV
  for name in "${!UV_@}"; do
    case $name in
      UV_*CACHE* | UV_*HTTP* | UV_*TLS | UV_*CERTS | UV_*HOST | UV_*MIRROR | UV_PYTHON_* | UV_CONCURRENT_*) ;;
      UV_OFFLINE | UV_LINK_MODE | UV_CONFIG_FILE | UV_NO_CONFIG) ;;
      *) unset "$name" ;;
    esac
  done
  exec "$uv_bin" "$@" </dev/null
)

# .venv/bootstrap.stamp, written last, says what the environment was made for: where and for which Python (its first
# line: scripts in .venv hold absolute paths, so a moved one is useless), and for which dependencies.
stamp=$root/.venv/bootstrap.stamp
place="$root, Python $(<"$root/.python-version")"
wanted="$place
$(cd "$root" && cksum pyproject.toml uv.lock)"

intact() { # whole, and made for this place, if perhaps for older dependencies
  local tool
  for tool in python autosim ruff mypy pytest; do [ -x "$root/.venv/bin/$tool" ] || return 1; done
  [ -f "$stamp" ] && [[ $(<"$stamp") == "$place"$'\n'* ]]
}

ready() { intact && [ "$(<"$stamp")" = "$wanted" ]; }

make_venv() {
  # The Python asked for; else any that is good enough, pyenv's inactive ones included; else a download.
  run_uv venv --no-python-downloads --python "$(<.python-version)" .venv ||
    PATH="$(printf '%s:' "${PYENV_ROOT:-${HOME-}/.pyenv}"/versions/3.*/bin)$PATH" \
      run_uv venv --no-python-downloads --python '>=3.12' .venv ||
    run_uv venv --python "$(<.python-version)" .venv
}

set_up() {
  trap 'exit 130' INT
  cd "$root"
  { mkdir -p .tools && : >>.tools/lock; } 2>/dev/null || die "cannot write to $root: the first run makes .venv there"
  exec 9>.tools/lock
  ! type -P flock >/dev/null || flock 9
  ! ready || return 0 # somebody else has just done it
  printf 'autosim: setting up the environment (first run, or new dependencies)…\n' >&2
  : >"$log"
  find_uv
  if intact; then
    rm "$stamp" # until it is up to date
  else
    rm -rf .venv
    make_venv >>"$log" 2>&1 ||
      die "no Python 3.12 or newer, and none could be downloaded: install Python $(<.python-version); see $log"
  fi
  if ! run_uv sync --locked --compile-bytecode --python '>=3.12' >"$log" 2>&1; then
    ! grep -q 'lockfile.*needs to be updated' "$log" || die "uv.lock does not match pyproject.toml: run '$uv_bin lock'"
    die "uv could not install the dependencies: check the network and the package index; see $log"
  fi
  printf '%s\n' "$wanted" >"$stamp"
}

ready || (set_up)
