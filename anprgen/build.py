# SPDX-License-Identifier: Apache-2.0
"""Makes or continues a dataset: checks the recipe and the folder, then runs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path

from anprgen import beside, lock
from anprgen import dataset as datasets
from anprgen import manifest as manifests
from anprgen.errors import ConfigError, nearest
from anprgen.files import disk_errors
from anprgen.lock import FolderLock
from anprgen.packed import LAYOUTS
from anprgen.remote import Remote, Uploads
from anprgen.run import Run
from anprgen.run_summary import Options, Report, Summary, Tell, silent
from anprgen.share import Share
from anprgen.tasks import Spec
from anprgen.workers import Pool

MOST_SAMPLES = 10**8
MOST_CYCLES_SAMPLES = 65536
MOST_WORKERS = 1024
MOST_VARIANTS = 64
#: Samples after which a worker is replaced: its start costs a thousandth of that.
RECYCLE_AFTER = 10_000


def check_sizes(
    n: int, samples: int, workers: int | None = None, variants: int = 1, frames: int = 0
) -> None:
    """Raises ConfigError for sizes that cannot be meant; `n` is of samples, of films too."""
    if frames and not 1 <= n <= MOST_SAMPLES:
        raise ConfigError(
            f"-n {n // frames}: it must be from 1 to {MOST_SAMPLES // frames} sequences"
            f" of {frames} frames"
        )
    checks = (
        ("-n", n, MOST_SAMPLES),
        ("--samples", samples, MOST_CYCLES_SAMPLES),
        ("--workers", 1 if workers is None else workers, MOST_WORKERS),
        ("--variants", variants, MOST_VARIANTS),
    )
    for option, value, most in checks:
        if not 1 <= value <= most:
            raise ConfigError(f"{option} {value}: it must be from 1 to {most}")


def build(
    spec: Spec,
    n: int,
    report: Report,
    *,
    workers: int | None = None,
    allow_mixed: bool = False,
    retry_failed: bool = False,
    share: Share | None = None,
    recycle_after: int = RECYCLE_AFTER,
    tell: Tell = silent,
    engine: str = "local",
    address: str | None = None,
    remote: Remote | None = None,
) -> Summary:
    """Makes what is missing of the samples 0 to n - 1 of the dataset in `spec.root`.

    Of these only a `share`, where one is named: the folder is then a part for `anprgen merge`.
    A worker is replaced after `recycle_after` samples (0: never), or when it has grown. `tell`
    hears every event (`anprgen.run_log.RunLog`). The `engine` is ``local`` or ``ray``, with the
    `address` of a cluster (`anprgen.ray_pool`). Finished shards move to `remote`, and `spec.root`
    keeps their records.

    Raises:
        AnprgenError: the recipe or the folder is not usable, the disk is full, nothing renders.
    """
    check_sizes(n, spec.config.samples, workers, spec.config.variants, spec.config.frames)
    if spec.layout not in (None, *LAYOUTS):
        raise ConfigError(f"--layout {spec.layout}: unknown", hint=f"one of {', '.join(LAYOUTS)}")
    open_pool = _pool_of(engine, address)
    beside.check(spec.keep)
    spec.open_renderer()  # Not entered: nothing starts, but an unknown name is an error now.
    plan = spec.open_plan(report.note)
    identity, info = manifests.split_identity(plan.identity())
    if source := spec.open_lights().source:
        source.check(identity, plan.shot(0))
        info["light_from"] = str(source.root)
    if spec.config.hdris:
        info["hdri_folder"] = spec.config.hdri_folder
    if spec.config.backgrounds:
        info["background_folder"] = spec.config.background_folder
    if remote is not None:
        if spec.keep:
            raise ConfigError("--keep cannot go to object storage", hint="build into a folder")
        with disk_errors(spec.root):
            remote.fetch_records(spec.root)
    datasets.check_folder(spec.root, identity, share)
    new = not spec.root.exists()
    try:
        with disk_errors(spec.root):
            spec.root.mkdir(parents=True, exist_ok=True)
            with FolderLock(spec.root), _uploads(remote, spec.root) as uploads:
                options = Options(
                    workers,
                    allow_mixed,
                    retry_failed,
                    share or Share(),
                    recycle_after,
                    open_pool=open_pool,
                    uploads=uploads,
                )
                run = Run(spec, n, report, identity, info, options, tell)
                run.designs = tuple(design for design, _ in plan.designs)
                return run.go()
    finally:
        if new and not (spec.root / manifests.NAME).exists():
            with suppress(OSError):  # Refused before it began: leave no empty folder.
                (spec.root / lock.NAME).unlink(missing_ok=True)
                spec.root.rmdir()


def _uploads(remote: Remote | None, root: Path) -> AbstractContextManager[Uploads | None]:
    return nullcontext() if remote is None else Uploads(remote, root)


def _pool_of(engine: str, address: str | None) -> Callable[[Spec], Pool]:
    """What opens the workers of an engine.

    Raises:
        ConfigError: it is unknown, or its library is not installed.
    """
    if engine == "local":
        if address is not None:
            raise ConfigError("--address names a Ray cluster", hint="add --engine ray")
        return Pool
    if engine != "ray":
        raise ConfigError(f"--engine {engine}: unknown", hint=nearest(engine, ["local", "ray"]))
    try:
        from anprgen.ray_pool import RayPool
    except ModuleNotFoundError:
        raise ConfigError(
            "--engine ray needs the library Ray", hint="pip install 'anprgen[ray]'"
        ) from None
    return partial(RayPool, address=address)
