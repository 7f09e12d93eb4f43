#!/bin/sh
# Sets up what a Debian machine lacks, and nothing it has: packages, the Python environment, the browser islands.
#
#   asterisk_conf/stage/setup.sh run     what `make run` needs
#   asterisk_conf/stage/setup.sh demo    the same and SIPp, for robot callers
#   asterisk_conf/stage/setup.sh test    the same and what the tests need (Chromium, promtool)
#
# Works as root, with sudo, and as an ordinary user whose packages are present; else it names the command to run.
set -eu
cd "$(dirname "$0")/../.."
what=${1:-run}
var=${LINE1420_VAR:-var}
mkdir -p "$var/log"
log=$var/log/setup.log

say() { printf 'line1420: %s\n' "$*"; }
die() { printf 'line1420: %s\n' "$*" >&2; exit 1; }

# --- Debian packages: checked by the commands they bring, so that another way of installing them counts too ---------
missing=""
need() { # need PACKAGE COMMAND…
  package=$1; shift
  for command in "$@"; do command -v "$command" >/dev/null 2>&1 || { missing="$missing $package"; return 0; }; done
}
need python3 python3
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || missing="$missing python3-venv"
need bubblewrap bwrap
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing="$missing postgresql"
need ffmpeg ffmpeg
need espeak-ng espeak-ng
need procps ps
if ! { command -v asterisk >/dev/null 2>&1 || [ -x "${LINE1420_ASTERISK_ROOT:-$var/asterisk-root}/usr/sbin/asterisk" ]; }; then
  need mmdebstrap mmdebstrap
fi
if [ "$what" != run ]; then need sip-tester sipp; fi
if [ "$what" = test ]; then
  need chromium-headless-shell chromium-headless-shell
  # Playwright's own driver is linked against it.
  ls /usr/lib/*/libatomic.so.1 >/dev/null 2>&1 || missing="$missing libatomic1"
  need sox sox
fi
if [ "$(id -u)" = 0 ]; then as=""; elif sudo -n true 2>/dev/null; then as="sudo"; else as="nobody"; fi
refresh() { # newest package lists
  [ "$as" != nobody ] || return 1
  $as apt-get update -q >>"$log" 2>&1 || {
    say "the package lists are past their date; trying once more without that check (signatures are still checked)"
    $as apt-get -o Acquire::Check-Valid-Until=false update -q >>"$log" 2>&1
  }
}
if [ -n "$missing" ]; then
  install="apt-get install -y --no-install-recommends$missing"
  if [ "$as" = nobody ]; then
    die "these Debian packages are missing:$missing
  run this once, then start again:   sudo apt-get update && sudo $install"
  fi
  say "installing Debian packages:$missing (log: $log)"
  export DEBIAN_FRONTEND=noninteractive
  # Our PostgreSQL cluster is our own: the package need not make one of the system's.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as mkdir -p /etc/postgresql-common
    printf 'create_main_cluster = false\n' | $as tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  refresh || { tail -n 20 "$log" >&2; die "apt-get update failed"; }
  # shellcheck disable=SC2086
  $as $install >>"$log" 2>&1 || { tail -n 20 "$log" >&2; die "installing packages failed; see $log"; }
fi
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || die "Python 3.11 or newer is needed; this is $(python3 --version)"

# --- Python environment, hash for hash as locked ------------------------------------------------------------------
stamp=$(cat requirements.lock asterisk_conf/stage/uv.lock | sha256sum | cut -c1-64)
if [ ! -x .venv/bin/python ] || [ "$(cat .venv/.stamp 2>/dev/null)" != "$stamp" ]; then
  say "making the Python environment (log: $log)"
  tools=$var/tools
  [ -x "$tools/bin/uv" ] || { python3 -m venv "$tools" && "$tools/bin/pip" install -q --disable-pip-version-check --require-hashes -r asterisk_conf/stage/uv.lock; } >>"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; die "could not install uv; see $log"; }
  [ -x .venv/bin/python ] || "$tools/bin/uv" venv -q --python "$(command -v python3)" .venv >>"$log" 2>&1
  "$tools/bin/uv" pip sync -q --compile-bytecode --python .venv/bin/python --require-hashes requirements.lock >>"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; die "could not install the Python packages; see $log"; }
  printf '%s' "$stamp" > .venv/.stamp
fi
# A line is nine interpreters; without this each would compile every module anew where nothing may be written beside them.
.venv/bin/python -m compileall -q agi_scripts api asterisk_conf ivr recordings routing || die "a module does not compile"

# --- Prometheus' own judge of alarm rules: one program out of the package, and no server that would start with it ------
if [ "$what" = test ] && ! command -v promtool >/dev/null 2>&1 && [ ! -x "$var/tools/bin/promtool" ]; then
  say "fetching promtool (log: $log)"
  aside=$(mktemp -d)
  fetch() { (cd "$aside" && apt-get download -q prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -x ./usr/bin/promtool) >>"$log" 2>&1; }
  fetch || { refresh && fetch; } || { rm -rf "$aside"; die "could not fetch the Debian package prometheus; see $log"; }
  mkdir -p "$var/tools/bin"
  mv "$aside/usr/bin/promtool" "$var/tools/bin/promtool"
  rm -rf "$aside"
fi

# --- Asterisk, while the islands are being built -------------------------------------------------------------------
.venv/bin/python -m asterisk_conf.rootfs & rootfs=$!

# --- Browser islands (npm install, not ci: ci refuses a lock without the binaries of systems we do not run on) ------
PATH="$PWD/.venv/bin:$PATH"; export PATH
stamp=$(find api/web/package.json api/web/package-lock.json api/web/*.ts api/web/*.json api/web/islands api/web/styles api/web/templates -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-64)
if [ "$(cat api/web/static/.stamp 2>/dev/null)" != "$stamp" ]; then
  say "building the browser islands (log: $log)"
  (cd api/web && npm install --no-save --no-audit --no-fund --loglevel=error && npm run build) >>"$log" 2>&1 || { tail -n 30 "$log" >&2; wait "$rootfs" || true; die "building the islands failed; see $log"; }
  printf '%s' "$stamp" > api/web/static/.stamp
fi
wait "$rootfs" || die "no Asterisk: see the lines above"
