#!/bin/sh
# Fuzzes one decoder with libFuzzer.
#
# usage: Fuzz/run.sh TARGET SECONDS
#
# TARGET is the name of Fuzz/TARGETFuzzer.swift without its ending: Configuration. The inputs found
# so far are in Fuzz/corpus/target (lower case); new ones go to .build/fuzz. A finding is left in
# .build/fuzz as crash-*, timeout-* or oom-*. Built outside SwiftPM, which cannot link a fuzzer.
set -eu

if [ $# -ne 2 ]; then
  sed -n 's/^# \{0,1\}//p' "$0" | sed -n '3p'
  exit 1
fi
target=$1
seconds=$2
root=$(cd "$(dirname "$0")/.." && pwd)
name=$(echo "$target" | tr '[:upper:]' '[:lower:]')
out=$root/.build/fuzz/$name
mkdir -p "$out/new"

case $target in
  Configuration) modules="Primitives ConfigurationSyntax" ;;
  *) modules="Primitives Wire" ;;
esac

flags="-O -wmo -swift-version 6 -package-name keepalived -parse-as-library -sanitize=fuzzer
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
  -enable-upcoming-feature InternalImportsByDefault"
objects=
for module in $modules; do
  # shellcheck disable=SC2086
  swiftc $flags -I "$out" -module-name "$module" -emit-module \
    -emit-module-path "$out/$module.swiftmodule" -c "$root/Sources/$module"/*.swift \
    -o "$out/$module.o"
  objects="$objects $out/$module.o"
done
# shellcheck disable=SC2086
swiftc $flags -I "$out" -module-name "${target}Fuzzer" "$root/Fuzz/${target}Fuzzer.swift" \
  $objects -o "$out/fuzzer"

# Swift's own crash report would be reported as a second finding.
SWIFT_BACKTRACE=enable=no exec "$out/fuzzer" -max_total_time="$seconds" -timeout=10 \
  -rss_limit_mb=512 -max_len=4096 -print_final_stats=1 -artifact_prefix="$out/" \
  "$out/new" "$root/Fuzz/corpus/$name"
