# SPDX-License-Identifier: Apache-2.0
"""Seconds and peak memory of exports, at growing numbers of records.

    python tests/benchmarks/exports.py DATASET -n 5000 20000 50000 --to coco yolo-pose

DATASET is a small finished one (`anprgen build sri_lanka -n 120 --renderer flat`). Its samples are
repeated under new indices, records written anew and pictures linked, so every record is a true one.
Each export runs in a process of its own, with hard links where the format can; peak memory is that
process' largest resident set (as Linux tells it: getrusage would tell its parent's). The
processor's seconds are what a machine shared with others tells. The last column is the growth
between the two largest numbers.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, replace
from pathlib import Path

from anprgen import manifest, shards
from anprgen.dataset import Dataset
from anprgen.files import canonical, link_or_copy, write_text
from anprgen.samples import name_of, record_digest

FORMATS = ("coco", "yolo-pose", "lmdb", "webdataset")
_EXPORT = """
import sys
from pathlib import Path
from anprgen.dataset import Dataset
from anprgen.exporters import export
from anprgen.exporters.options import Options
export(Dataset.open(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3]), Options(link=True))
lines = Path("/proc/self/status").read_text().splitlines()
print(next(line.split()[1] for line in lines if line.startswith("VmHWM")))
"""


def repeated(small: Dataset, n: int, root: Path) -> None:
    """A dataset of `n` samples in `root`: those of `small`, again and again."""
    originals = list(small.records())
    size = small.manifest.shard_size
    for number in range(-(-n // size)):
        folder = root / shards.folder_name(number)
        folder.mkdir(parents=True)
        first, stop = number * size, min(n, (number + 1) * size)
        lines = []
        for index in range(first, stop):
            record = originals[index % len(originals)]
            picture = small.image_path(record)
            name = name_of(index)
            file = f"{shards.folder_name(number)}/{name}{picture.suffix}"
            image = {**record["image"], "file": file}
            record = {**record, "id": name, "index": index, "image": image}
            lines.append(canonical({**record, "digest": record_digest(record)}))
            link_or_copy(picture, folder / f"{name}{picture.suffix}")
        text = "".join(f"{line}\n" for line in lines)
        write_text(folder / shards.RECORDS, text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        state = shards.Shard(first, stop, len(lines), (), digest)
        write_text(folder / shards.STATE, canonical(asdict(state)))
    manifest.write(root, replace(small.manifest, requested=n, completed=n))


def measure(root: Path, to: str, out: Path) -> tuple[float, float, float]:
    """Seconds, of which the processor's, and peak resident MiB of one export."""
    begin, before = time.perf_counter(), os.times()
    done = subprocess.run(
        [sys.executable, "-c", _EXPORT, str(root), to, str(out)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    seconds, after = time.perf_counter() - begin, os.times()
    work = sum(after[i] - before[i] for i in (2, 3))  # its children's
    return seconds, work, int(done.stdout.split()[-1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("-n", type=int, nargs="+", default=[5_000, 20_000, 50_000])
    parser.add_argument("--to", nargs="+", default=list(FORMATS))
    args = parser.parse_args()
    small = Dataset.open(args.dataset)
    found: dict[str, list[tuple[int, float, float, float]]] = {to: [] for to in args.to}
    # Beside the dataset: a hard link needs one file system.
    with tempfile.TemporaryDirectory(dir=args.dataset.resolve().parent) as work:
        for n in args.n:
            root = Path(work) / str(n)
            repeated(small, n, root)
            for to in args.to:
                row = (n, *measure(root, to, Path(work) / f"{n}-{to}"))
                found[to].append(row)
                names = ("n", "seconds", "cpu_seconds", "mib")
                print(json.dumps({"to": to, **dict(zip(names, row))}), flush=True)
    print("\n| format | " + " | ".join(f"{n:,}" for n in sorted(args.n)) + " | MiB per 1,000 |")
    print("|" + " --- |" * (len(args.n) + 2))
    for to, rows in found.items():
        rows.sort()
        cells = [f"{s:.0f} s (processor {cpu:.0f}), {mib:.0f} MiB" for _, s, cpu, mib in rows]
        growth = ""
        if len(rows) > 1:
            (n0, *_, mib0), (n1, *_, mib1) = rows[-2:]
            growth = f"{(mib1 - mib0) / (n1 - n0) * 1000:.2f}"
        print(f"| {to} | " + " | ".join(cells) + f" | {growth} |")


if __name__ == "__main__":
    main()
