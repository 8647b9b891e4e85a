#!/bin/sh
# Fuzzes decoders with libFuzzer.
#
# usage: Fuzz/run.sh TARGET|all SECONDS
#        Fuzz/run.sh seeds
#
# TARGET is the name of Fuzz/TARGETFuzzer.swift without its ending; `all` runs one after the other,
# SECONDS each. `seeds` only tries the inputs that are committed, in Fuzz/corpus/TARGET (lower
# case). New inputs go to .build/fuzz. A finding is left in .build/fuzz as crash-*, timeout-* or
# oom-*. Built outside SwiftPM, which cannot link a fuzzer.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
out=$root/.build/fuzz
all="Configuration Keyword Snapshot Frame Advertisement Session Netlink HTTP SMTP DNS"
# Swift's own crash report would be reported as a second finding.
export SWIFT_BACKTRACE=enable=no

# An instrumented module is shared by all targets, and made again when its sources have changed or
# those of a module that it may import: the directories behind its name.
module() {
  name=$1
  shift
  if [ -f "$out/$name.o" ] && [ "$0" -ot "$out/$name.o" ] \
    && [ -z "$(find "$@" -newer "$out/$name.o")" ]; then
    return
  fi
  sources=$(find "$root/Sources/$name" -name '*.swift' | sort)
  # shellcheck disable=SC2086
  swiftc $flags -module-name "$name" -emit-module -emit-module-path "$out/$name.swiftmodule" \
    -c $sources -o "$out/$name.o"
}

build() {
  libraries=
  case $1 in
    Configuration | Snapshot) modules="Primitives ConfigurationSyntax" ;;
    Keyword) modules="Primitives ConfigurationSyntax IPVS Configuration" ;;
    Frame | HTTP | SMTP | DNS) modules="Primitives Wire" ;;
    Advertisement) modules="Primitives Wire VRRP" ;;
    Session) modules="Primitives Wire BFD" ;;
    Netlink)
      modules="Primitives Firewall IPVS SystemIO Kernel"
      clang -O -I "$root/Sources/CXTables/include" -c "$root/Sources/CXTables/cxtables.c" \
        -o "$out/cxtables.o"
      libraries="-lnl-3 $out/cxtables.o"
      ;;
  esac
  objects=
  directories=
  for module in $modules; do
    directories="$directories $root/Sources/$module"
    # shellcheck disable=SC2086
    module "$module" $directories
    objects="$objects $out/$module.o"
  done
  # shellcheck disable=SC2086
  if [ -f "$out/$1" ] && [ "$0" -ot "$out/$1" ] \
    && [ -z "$(find "$root/Fuzz/$1Fuzzer.swift" $objects -newer "$out/$1")" ]; then
    return
  fi
  # shellcheck disable=SC2086
  swiftc $flags -module-name "$1Fuzzer" "$root/Fuzz/$1Fuzzer.swift" $objects $libraries \
    -o "$out/$1"
}

corpus() { echo "$root/Fuzz/corpus/$(echo "$1" | tr '[:upper:]' '[:lower:]')"; }

fuzz() {
  build "$1"
  mkdir -p "$out/new/$1"
  "$out/$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$out/" "$out/new/$1" "$(corpus "$1")"
}

seeds() {
  build "$1"
  if ! "$out/$1" -timeout=10 "$(corpus "$1")"/* >"$out/$1.log" 2>&1; then
    cat "$out/$1.log"
    exit 1
  fi
  echo "$1: $(find "$(corpus "$1")" -type f | wc -l) inputs"
}

usage() {
  sed -n 's/^# \{0,1\}//p' "$0" | sed -n '4,5p'
  exit 1
}

[ $# -ge 1 ] || usage
mkdir -p "$out"
flags="-O -wmo -swift-version 6 -package-name keepalived -parse-as-library -enable-testing -I $out
  -sanitize=fuzzer -enable-upcoming-feature ExistentialAny
  -enable-upcoming-feature MemberImportVisibility -enable-upcoming-feature InternalImportsByDefault
  -Xcc -D_GNU_SOURCE -I $root/Sources/CLinux/include -I $root/Sources/COpenSSL/include
  -I $root/Sources/CPCRE2/include -I $root/Sources/CXTables/include
  -I $root/Sources/CNetlink -Xcc -I/usr/include/libnl3"
case $1 in
  seeds)
    [ $# -eq 1 ] || usage
    # Side by side, as far as they do not make the same module.
    module Primitives "$root/Sources/Primitives"
    for target in Configuration Frame; do build "$target" & done
    wait
    for target in Keyword Advertisement Session; do build "$target" & done
    wait
    for target in Netlink Snapshot HTTP SMTP DNS; do build "$target" & done
    wait
    for target in $all; do seeds "$target"; done
    ;;
  all)
    [ $# -eq 2 ] || usage
    for target in $all; do fuzz "$target" "$2"; done
    ;;
  *)
    [ $# -eq 2 ] && [ -f "$root/Fuzz/$1Fuzzer.swift" ] || usage
    fuzz "$1" "$2"
    ;;
esac
