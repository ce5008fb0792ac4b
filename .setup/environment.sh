# shellcheck shell=bash
# Sourced by run, test and bench: makes the Python environment in .venv from the hashed locks, once.
# It never writes to standard output, never asks anything, never touches the system's Python, and says nothing when
# there is nothing to do. Two starts at once wait for each other.

SETUP_ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd -P)
SETUP_TOOLS=$SETUP_ROOT/.tools
SETUP_VENV=$SETUP_ROOT/.venv
SETUP_PYTHON=$SETUP_VENV/bin/python
SETUP_OLDEST="3, 11"

# Settings of the caller's machine that would put packages somewhere else, or change what Python imports.
unset PYTHONHOME PYTHONPATH PYTHONSTARTUP PIP_USER PIP_TARGET PIP_PREFIX PIP_ROOT VIRTUAL_ENV
export UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

setup_say() { printf '席衡: %s\n' "$*" >&2; }

setup_fail() {
    setup_say "$*"
    exit 1
}

# Runs a command of the system's package manager where this user may; otherwise refuses.
setup_as_root() {
    if [ "$(id -u)" = 0 ]; then
        DEBIAN_FRONTEND=noninteractive "$@" </dev/null
    elif command -v sudo >/dev/null; then
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@" </dev/null
    else
        return 1
    fi
}

# Installs packages of the system, where there is apt and this user may. Speaks only when it fails.
setup_apt_install() {
    local said
    command -v apt-get >/dev/null || return 1
    said=$(
        setup_as_root apt-get -qq update 2>&1 &&
            setup_as_root apt-get -qq install --yes --no-install-recommends "$@" 2>&1
    ) || {
        printf '%s\n' "$said" >&2
        return 1
    }
}

setup_base_python() {
    local candidate
    for candidate in ${XIHENG_PYTHON:+"$XIHENG_PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if "$candidate" -c "import sys; sys.exit(sys.version_info < ($SETUP_OLDEST))" 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    setup_fail "需要 Python 3.11 或更新版本 (python3 3.11 or newer is needed; XIHENG_PYTHON may name one)"
}

# Fills .tools with the locked uv. The plain venv and its pip remain the way that needs nothing else.
setup_tools() {
    local base
    [ -x "$SETUP_TOOLS/bin/uv" ] && cmp -s "$SETUP_ROOT/.setup/tools.lock" "$SETUP_TOOLS/.lock" && return
    base=$(setup_base_python) || exit 1
    if ! "$base" -m venv --clear "$SETUP_TOOLS" >/dev/null 2>&1; then
        # Debian ships venv apart from Python.
        setup_apt_install python3-venv || true
        "$base" -m venv --clear "$SETUP_TOOLS" >&2 ||
            setup_fail "无法建立虚拟环境，请安装 python3-venv (install python3-venv and start again)"
    fi
    if "$SETUP_TOOLS/bin/python" -m pip -qq install --require-hashes --no-deps \
        -r "$SETUP_ROOT/.setup/tools.lock" >&2; then
        cp "$SETUP_ROOT/.setup/tools.lock" "$SETUP_TOOLS/.lock"
    else
        setup_say "没有取得 uv，改用 pip (no uv here: falling back to pip, slower)"
    fi
}

# A mirror that pip was told to use serves uv as well.
setup_mirror() {
    local mirror
    [ -n "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] && return
    mirror=${PIP_INDEX_URL:-$("$SETUP_TOOLS/bin/python" -m pip config get global.index-url 2>/dev/null || true)}
    if [ -n "$mirror" ]; then export UV_DEFAULT_INDEX=$mirror; fi
}

setup_install_with_uv() { # LOCK
    local uv=$SETUP_TOOLS/bin/uv
    [ -x "$uv" ] || return 1
    setup_mirror
    "$uv" venv --quiet --allow-existing --python "$SETUP_TOOLS/bin/python" "$SETUP_VENV" >&2 || return 1
    # The system's certificates first, as pip does (an office's network may have its own); then uv's.
    "$uv" pip sync --quiet --system-certs --require-hashes --python "$SETUP_PYTHON" "$1" >/dev/null 2>&1 ||
        "$uv" pip sync --quiet --require-hashes --python "$SETUP_PYTHON" "$1" >&2
}

setup_install_with_pip() { # LOCK
    "$SETUP_TOOLS/bin/python" -m venv --clear "$SETUP_VENV" >&2 &&
        "$SETUP_PYTHON" -m pip -qq install --require-hashes --no-deps -r "$1" >&2
}

# The stamp in the environment is a copy of the lock it was made from, so nothing needs hashing to compare.
setup_is_made_from() { # LOCK
    [ -x "$SETUP_PYTHON" ] && cmp -s "$SETUP_ROOT/$1" "$SETUP_VENV/.made-from/$1"
}

setup_install() { # LOCK
    local lock=$1
    # Somebody else may have finished while this start waited.
    setup_is_made_from "$lock" && return
    # Tests were run here before: the runtime alone would take their packages away again.
    [ -e "$SETUP_VENV/.made-from/requirements-all.lock" ] && lock=requirements-all.lock
    setup_is_made_from "$lock" && return
    setup_say "正在准备运行环境，仅首次需要 (setting up, only this once)"
    setup_tools
    rm -rf "$SETUP_VENV/.made-from"
    [ -e "$SETUP_VENV" ] && ! "$SETUP_PYTHON" -c "import sys; sys.exit(sys.version_info < ($SETUP_OLDEST))" 2>/dev/null &&
        rm -rf "$SETUP_VENV"
    setup_install_with_uv "$SETUP_ROOT/$lock" || setup_install_with_pip "$SETUP_ROOT/$lock" ||
        setup_fail "运行环境没有准备好，见上 (the environment could not be made, see above)"
    mkdir -p "$SETUP_VENV/.made-from"
    cp "$SETUP_ROOT/$lock" "$SETUP_VENV/.made-from/$lock"
    setup_say "运行环境已就绪 (ready)"
}

# setup_environment runtime|all
setup_environment() {
    local lock=requirements-all.lock
    if [ "$1" = runtime ]; then
        lock=requirements.lock
        setup_is_made_from requirements-all.lock && return
    fi
    setup_is_made_from "$lock" && return
    (
        if command -v flock >/dev/null; then flock 9; fi
        setup_install "$lock"
    ) 9<"$SETUP_ROOT/.setup/environment.sh" || exit 1
}

# A browser for the tests, the system's own, and the library that the program steering it needs. Both are installed
# where they are missing and this user may.
setup_browser() {
    local name found='' driver missing=()
    for name in ${XIHENG_CHROMIUM:+"$XIHENG_CHROMIUM"} chromium chromium-browser google-chrome google-chrome-stable; do
        if command -v "$name" >/dev/null; then found=$name; fi
    done
    [ -n "$found" ] || missing+=(chromium)
    for driver in "$SETUP_VENV"/lib/python*/site-packages/playwright/driver/node; do
        "$driver" --version >/dev/null 2>&1 || missing+=(libatomic1)
    done
    [ ${#missing[@]} = 0 ] && return
    setup_say "正在安装测试用的浏览器 (installing for the tests: ${missing[*]})"
    setup_apt_install "${missing[@]}" ||
        setup_fail "测试需要浏览器，请安装 (the tests need, please install: ${missing[*]}; XIHENG_CHROMIUM may name a browser)"
}
