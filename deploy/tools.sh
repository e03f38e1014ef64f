# shellcheck shell=bash
# Sourced by deploy/demo.sh and the test scripts: finds what they need on this machine and installs what is missing.
# Says what it does, asks nothing, and does nothing twice.

step() { printf '\n== %s\n' "$*" >&2; }
note() { printf '   %s\n' "$*" >&2; }
fail() { printf '\nStopped: %s\n' "$*" >&2; exit 1; }

# Installs distribution packages with apt-get, through sudo unless run as root.
install_packages() {
    command -v apt-get >/dev/null || fail "needs $*: install them with this system's package manager and start again"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || fail "needs $*: install them as root (apt-get install $*) and start again"
        as_root=(sudo)
    fi
    note "installing $* (apt-get)"
    if [ -z "${apt_is_fresh:-}" ]; then
        "${as_root[@]}" apt-get update -qq >&2 || note "the package lists could not be renewed; trying with the old ones"
        apt_is_fresh=yes
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$@" >&2
}

# Whether version $1 is at least $2.
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# A linker and C compiler: SQLite and the cryptography library are compiled from their sources.
need_c_compiler() {
    if ! command -v cc >/dev/null; then
        install_packages gcc libc6-dev || fail "no C compiler could be installed"
    fi
    note "C compiler: $(cc --version | head -n 1)"
}

# cargo and rustc, at least as new as Cargo.toml's rust-version.
need_rust() {
    local wanted found
    [ -d "$HOME/.cargo/bin" ] && PATH="$HOME/.cargo/bin:$PATH"
    wanted=$(sed -n 's/^rust-version *= *"\([0-9.]*\)".*/\1/p' Cargo.toml | head -n 1)
    if ! command -v cargo >/dev/null || ! cargo --version >/dev/null 2>&1; then
        note "no Rust toolchain found"
        install_packages rustup 2>/dev/null || install_packages cargo || fail "no Rust toolchain could be installed"
        if command -v rustup >/dev/null; then
            note "fetching the stable toolchain (rustup)"
            rustup toolchain install stable --profile minimal --component rustfmt --component clippy >&2
            rustup default stable >&2
        fi
    fi
    found=$(rustc --version | cut -d ' ' -f 2)
    if ! at_least "$found" "$wanted" && command -v rustup >/dev/null; then
        note "Rust $found is older than $wanted; updating (rustup)"
        rustup update stable >&2 && rustup default stable >&2
        found=$(rustc --version | cut -d ' ' -f 2)
    fi
    at_least "$found" "$wanted" ||
        fail "Rust $found is too old, $wanted or newer is needed: install it from https://rustup.rs and start again"
    note "Rust $found"
}

# rustfmt and clippy.
need_rust_components() {
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 && return
    if command -v rustup >/dev/null; then
        note "adding rustfmt and clippy (rustup)"
        rustup component add rustfmt clippy >&2
    else
        install_packages rustfmt rust-clippy
    fi
}

# The test runner.
need_nextest() {
    if ! cargo nextest --version >/dev/null 2>&1; then
        note "cargo-nextest is missing; compiling it (cargo install, some minutes, once)"
        cargo install cargo-nextest --locked >&2 || fail "cargo-nextest could not be installed"
    fi
    note "$(cargo nextest --version | head -n 1)"
}

# strace, with which a broker's order is watched and its disk made to fail. Sets `strace`, empty where it cannot be had.
need_strace() {
    strace=
    command -v strace >/dev/null || (install_packages strace) || true
    if command -v strace >/dev/null && strace -f -e trace=none true 2>/dev/null && [ "$(id -u)" -eq 0 ]; then
        strace=$(command -v strace)
        note "$(strace -V | head -n 1)"
    fi
}

# The folder of the newest installed, from 15 on, as tests/postgres/lib.rs takes it; empty if there is none.
newest_postgres() {
    local initdb
    for initdb in /usr/lib/postgresql/*/bin/initdb; do
        [ ! -x "$initdb" ] || echo "${initdb%/initdb}"
    done | awk -F/ '$5 + 0 >= 15 { print $5 "\t" $0 }' | sort -n | tail -n 1 | cut -f2
}

# PostgreSQL's own programs, with which the tests start servers of their own. Sets `postgres`, empty where they cannot be had.
need_postgres() {
    postgres=$(newest_postgres)
    [ -n "$postgres" ] || (install_packages postgresql) || true
    postgres=$(newest_postgres)
    if [ -n "$postgres" ]; then
        note "$("$postgres/postgres" --version)"
    elif command -v initdb >/dev/null; then
        postgres=$(dirname "$(command -v initdb)")
    fi
}

# A Python environment under target/ with what tests/python/requirements.txt names. Sets `python`.
need_python() {
    command -v python3 >/dev/null || install_packages python3 python3-venv
    local environment=target/python stamp=target/python/requirements.txt
    if ! cmp -s tests/python/requirements.txt "$stamp"; then
        note "preparing $environment (gRPC, TLS and JWT for Python; pip)"
        rm -rf "$environment"
        mkdir -p target
        if ! python3 -m venv "$environment" >/dev/null 2>&1; then
            rm -rf "$environment"
            install_packages python3-venv
            python3 -m venv "$environment" || fail "no Python environment could be made"
        fi
        "$environment/bin/pip" install --quiet --requirement tests/python/requirements.txt >&2 ||
            fail "the Python packages of tests/python/requirements.txt could not be installed"
        cp tests/python/requirements.txt "$stamp"
    fi
    python=$PWD/$environment/bin/python
    note "$("$python" --version)"
}

# The buf tool, from the npm registry into target/. Sets `buf`, empty where it cannot be had.
need_buf() {
    local version=1.75.0
    buf=
    if command -v buf >/dev/null; then
        buf=$(command -v buf)
    elif [ -x target/buf/node_modules/.bin/buf ]; then
        buf=$PWD/target/buf/node_modules/.bin/buf
    elif command -v npm >/dev/null; then
        note "installing buf $version into target/buf (npm)"
        mkdir -p target/buf
        echo '{"private":true}' > target/buf/package.json
        if npm install --prefix target/buf --no-audit --no-fund --loglevel=error "@bufbuild/buf@$version" >&2; then
            buf=$PWD/target/buf/node_modules/.bin/buf
        fi
    fi
    if [ -n "$buf" ] && ! "$buf" --version >/dev/null 2>&1; then buf=; fi
    [ -z "$buf" ] || note "buf $("$buf" --version)"
}
