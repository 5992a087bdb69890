#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds an engine with trtexec, runs every batch of this set through it and scores the outputs.
#
#   ./run_trtexec.sh MODEL.onnx RESULTS [fp32|fp16|int8] [options of eval.py, as --min-acc 0.9]
#
# int8 wants a model that says its own scales (QuantizeLinear and DequantizeLinear nodes), made from
# calib/: README.md says how. TensorRT 11 takes every precision from the model.
# TRTEXEC names the program, DTYPE the variant of the tensors ({{DTYPE}} or {{FLOAT}}).
set -eu

if [ $# -lt 2 ]; then
  sed -n '3,11s/^# \{0,1\}//p' "$0" >&2
  exit 2
fi
model=$1 results=$2 precision=${3:-fp32}
shift 2
[ $# -eq 0 ] || shift

fail() { echo "run_trtexec.sh: $1" >&2; exit 2; }
[ -f "$model" ] || fail "there is no model $model"
trtexec=${TRTEXEC:-}
[ -n "$trtexec" ] || trtexec=$(command -v trtexec || true)
[ -n "$trtexec" ] || trtexec=/usr/src/tensorrt/bin/trtexec
[ -x "$trtexec" ] || fail "there is no trtexec; say where with TRTEXEC=/path/to/trtexec"

# The program's first line has the version: v8201 is 8.2.1, v100300 is 10.3.0.
version=$("$trtexec" --help 2>&1 | sed -n 's/.*TensorRT v\([0-9][0-9]*\).*/\1/p' | head -n 1)
[ -n "$version" ] || fail "$trtexec does not say its version"
if [ "$version" -lt 100000 ]; then major=$((version / 1000)); else major=$((version / 10000)); fi

dtype={{DTYPE}}
case $major in
  8)
    # Networks of 8.2, the last of the Jetson Nano, have no input of 8 bits: export the model with
    # a float input.
    dtype={{FLOAT}}
    flags=--workspace=1024
    case $precision in
      fp32) ;;
      fp16) flags="$flags --fp16" ;;
      int8) flags="$flags --fp16 --int8" ;;
      *) fail "the precision $precision is none of fp32, fp16, int8" ;;
    esac ;;
  9 | 10)
    case $precision in
      fp32) flags= ;;
      fp16) flags=--fp16 ;;
      int8) flags=--stronglyTyped ;;
      *) fail "the precision $precision is none of fp32, fp16, int8" ;;
    esac ;;
  *)
    case $precision in
      fp32 | int8) flags= ;;
      fp16) fail "TensorRT $major takes the precision from the model: convert it first with
  python3 -m modelopt.onnx.autocast --onnx_path $model
  and run it here as fp32" ;;
      *) fail "the precision $precision is none of fp32, fp16, int8" ;;
    esac ;;
esac
dtype=${DTYPE:-$dtype}

model=$(cd "$(dirname "$model")" && pwd)/$(basename "$model")
mkdir -p "$results"
results=$(cd "$results" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
# Inside the set paths are short and without blanks, commas and colons, which trtexec splits at.
cd "$here"
[ -d "tensors/{{INPUT}}.$dtype" ] || fail "the set has no tensors of $dtype"

engine=$results/model.$precision.engine log=$results/build.log
build() {
  # The flags are words without blanks.
  # shellcheck disable=SC2086
  "$trtexec" --onnx="$model" $flags --saveEngine="$engine" "$@" >"$log" 2>&1
}
shape={{INPUT}}:{{SHAPE}}
echo "TensorRT $version: building $engine ($precision, $dtype)"
shapes=--shapes=$shape  # Without it trtexec runs a model of free batch size on one sample.
if ! build "--minShapes=$shape" "--optShapes=$shape" "--maxShapes=$shape"; then
  # A model of fixed size takes no shapes.
  shapes=
  if ! grep -q 'Static model does not take explicit shapes' "$log" || ! build; then
    tail -n 20 "$log" >&2
    fail "the engine was not built; all of it is in $log"
  fi
fi

rm -f "$results"/[0-9]*.json
for file in "tensors/{{INPUT}}.$dtype"/*.bin; do
  name=$(basename "$file" ".$dtype.bin")
  # shellcheck disable=SC2086
  "$trtexec" --loadEngine="$engine" $shapes --loadInputs="{{INPUT}}:$file" \
    --exportOutput="$results/$name.json" --iterations=1 --warmUp=0 --duration=0 \
    >"$results/run.log" 2>&1 || {
    tail -n 20 "$results/run.log" >&2
    fail "batch $name did not run; all of it is in $results/run.log"
  }
done
exec "${PYTHON:-python3}" eval.py "$results"/[0-9]*.json "$@"
