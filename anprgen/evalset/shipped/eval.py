# SPDX-License-Identifier: Apache-2.0
"""Scores what a network said about this set; needs numpy alone (Python 3.6 and numpy 1.13 do).

    python3 eval.py outputs.npy                    logits or class numbers, a row a sample
    python3 eval.py polygraphy_outputs.json        polygraphy run ... --save-outputs
    python3 eval.py results/*.json                 trtexec --exportOutput, a file a batch, in order
    python3 eval.py read.csv                       columns idx (or image) and text

Ends with 1 where --min-acc is not reached, with 2 where it cannot score.
"""

import argparse
import io
import json
import os
import sys

import numpy as np
from eval_outputs import Problem, read_csv, read_rows

HERE = os.path.dirname(os.path.abspath(__file__))


def say(text):
    """Prints, also where the terminal has no letters beyond ASCII (the Nano's, by default)."""
    encoding = sys.stdout.encoding or "ascii"
    print(text.encode(encoding, "backslashreplace").decode(encoding))


def read_set(folder):
    """The manifest, the lines of labels.jsonl, and which rows are no padding."""
    try:
        with io.open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
            manifest = json.load(file)
        with io.open(os.path.join(folder, "labels.jsonl"), encoding="utf-8") as file:
            labels = [json.loads(line) for line in file]
        with np.load(os.path.join(folder, "labels.npz")) as arrays:
            valid = arrays["valid"]
    except (OSError, ValueError, KeyError) as error:
        raise Problem("%s is no evaluation set: %s" % (folder, error)) from None
    if manifest.get("schema") != "anprgen-evalset/1":
        raise Problem(
            "%s: this script does not know the schema %r" % (folder, manifest.get("schema"))
        )
    return manifest, labels, valid


def unpadded(rows, valid):
    """The rows of the samples, without those that fill up the last batch."""
    if len(rows) == len(valid):
        return rows[valid]
    if len(rows) == int(valid.sum()):
        return rows
    raise Problem(
        "the outputs have %d rows; the set has %d samples, %d with the padding of the last batch"
        % (len(rows), int(valid.sum()), len(valid))
    )


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("outputs", nargs="+", help="files, or a folder of them")
    parser.add_argument("--set", default=HERE, help="the evaluation set (default: this folder)")
    parser.add_argument("--output", help="name of the network's output, where it has several")
    parser.add_argument("--min-acc", type=float, help="end with 1 below this share (exact; AP50)")
    parser.add_argument("--json", help="write all numbers to this file")
    parser.add_argument("--pairs", type=int, default=10, help="how many confusions to list")
    return parser.parse_args()


def score(options):
    """(lines to print, numbers, the number that --min-acc looks at)."""
    manifest, labels, valid = read_set(options.set)
    decode = manifest["decode"]
    if decode["kind"] == "boxes":
        from eval_boxes import score_boxes

        rows = unpadded(read_rows(options.outputs, options.output or decode["output"]), valid)
        return score_boxes(rows, labels, decode)
    from eval_text import decode_rows, score_text

    if options.outputs[0].lower().endswith(".csv"):
        texts = read_csv(options.outputs, labels)
    else:
        rows = unpadded(read_rows(options.outputs, options.output, decode["output"]), valid)
        texts = decode_rows(rows, decode)
    return score_text(texts, labels, options.pairs)


def main():
    options = arguments()
    try:
        lines, numbers, accuracy = score(options)
        if options.json:
            with io.open(options.json, "w", encoding="utf-8") as file:
                file.write(json.dumps(numbers, indent=1, sort_keys=True) + "\n")
    except (Problem, OSError) as error:
        sys.stderr.write("eval.py: %s\n" % error)
        return 2
    for line in lines:
        say(line)
    if options.min_acc is not None and not accuracy >= options.min_acc:
        sys.stderr.write("eval.py: %.4f is below --min-acc %s\n" % (accuracy, options.min_acc))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
