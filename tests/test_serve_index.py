# SPDX-License-Identifier: Apache-2.0
"""The gallery's index: what a query finds is what a reading of every record finds."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from making import make, write_by_hand

from anprgen.dataset import Dataset
from anprgen.errors import DatasetError
from anprgen.serving import facts, index
from anprgen.serving.index import Index
from anprgen.serving.query import ANY_WEAR, BOUNDS, Query, QueryError
from anprgen.serving.table import WEAR, Words, joined, light_of, squashed, table_of, wear_of

N = 60


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("serve") / "plates"
    make(out, N, workers=1, real=True, designs=(("sri_lanka", 2.0), ("slovakia", 1.0)))
    return out


@pytest.fixture(scope="module")
def ready(root: Path) -> Index:
    made = Index(root)
    made.start()
    made.wait()
    return made


def found(made: Index, query: Query) -> list[int]:
    table = made.table()
    return [int(table.samples["index"][row]) for row in query.rows(table, made.words)]


def test_every_sample_is_found_with_its_record(root: Path, ready: Index) -> None:
    table = ready.table()
    want = list(Dataset.open(root).records())
    assert [ready.record(sample) for sample in table.samples] == want
    assert found(ready, Query()) == list(range(N))
    assert dict(ready.counts("design")) == {
        name: sum(p["design"] == name for r in want for p in r["plates"])
        for name in ("sri_lanka", "slovakia")
    }


WORDS = st.fixed_dictionaries(
    {},
    optional={
        "design": st.sampled_from(["sri_lanka", "slovakia", "nowhere"]),
        "legibility": st.sampled_from(["clear", "hard", "illegible"]),
        "split": st.sampled_from(["train", "val", "test"]),
        "light": st.sampled_from(["environment", "noon", "overcast", "rain", "street_lamps"]),
        "width_min": st.integers(20, 300).map(str),
        "width_max": st.integers(20, 300).map(str),
        "yaw_min": st.integers(-40, 40).map(str),
        "yaw_max": st.integers(-40, 40).map(str),
        "wear": st.sampled_from(["dust", "mud", "scratches", ANY_WEAR]),
        "wear_min": st.sampled_from(["0", "0.1", "0.5"]),
        "text": st.sampled_from(["wp", "ca", "00000012", "1-", "ž", "   "]),
    },
)


@settings(max_examples=150, deadline=None)
@given(said=WORDS)
def test_filters_mean_what_they_say(root: Path, ready: Index, said: dict[str, str]) -> None:
    query = Query.of(said)
    assert Query.of(query.parameters()) == query or not query.wear
    assert found(ready, query) == [
        r["index"] for r in Dataset.open(root).records() if answers(r, said)
    ]


def answers(record: dict, said: dict[str, str]) -> bool:
    """The filters once more, one record at a time."""
    if said.get("split", record["split"]) != record["split"]:
        return False
    if said.get("light", light_of(record["shot"])) != light_of(record["shot"]):
        return False
    texts = [record["id"]] + [
        squashed(p[k]) for p in record["plates"] for k in ("text", "ocr_text")
    ]
    if not any(squashed(said.get("text", "")) in text for text in texts):
        return False
    of_plates = {"design", "legibility", "wear", *BOUNDS} & set(said)
    return not of_plates or any(fits(record, k, said) for k in range(len(record["plates"])))


def fits(record: dict, number: int, said: dict[str, str]) -> bool:
    plate, wear = record["plates"][number], wear_of(record, number)
    amounts = {kind: float(np.float16(wear.get(kind, 0))) for kind in WEAR}
    least = float(said.get("wear_min", 0.3))
    kind = said.get("wear")
    worn = max(amounts.values()) if kind == ANY_WEAR else amounts.get(kind or "", 1)
    return (
        all(said.get(k, plate[k]) == plate[k] for k in ("design", "legibility"))
        and float(said.get("width_min", "-inf")) <= plate["width_px"]
        and plate["width_px"] <= float(said.get("width_max", "inf"))
        and float(said.get("yaw_min", "-inf")) <= plate["yaw_deg"]
        and plate["yaw_deg"] <= float(said.get("yaw_max", "inf"))
        and (kind is None or worn >= least)
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [("width_min", "wide"), ("yaw_max", "nan"), ("wear", "tears"), ("text", "x" * 201),
     ("plates", "inf")],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused(name: str, value: str) -> None:
    with pytest.raises(QueryError, match=name):
        Query.of({name: value})


def test_all_filters_of_plates_hold_for_one_plate() -> None:
    record = {
        "index": 0, "id": "00000000", "split": "train",
        "shot": {"plates": [], "light": {"kind": "sun", "hdri": "day"}},
        "plates": [
            {"design": "a", "series": "s", "legibility": "clear", "width_px": 100.0,
             "yaw_deg": 0.0, "text": "A 1", "ocr_text": "A1"},
            {"design": "b", "series": "s", "legibility": "hard", "width_px": 30.0,
             "yaw_deg": 0.0, "text": "B 2", "ocr_text": "B2"},
        ],
    }  # fmt: skip
    for plate in record["plates"]:
        plate |= {"characters": [], "pitch_deg": 0.0}
    words = Words()
    table = table_of([(0, record), (9, {**record, "index": 1, "plates": []})], 0, words)

    def rows(**said: str) -> list[int]:
        return list(Query.of(said).rows(table, words))

    assert rows(design="b", legibility="hard") == [0]
    assert rows(design="a", legibility="hard") == []
    assert rows(design="a", width_max="50") == []
    assert rows(plates="0") == [1]
    assert rows(plates="2") == [0]
    assert rows() == [0, 1]


def test_a_growing_dataset_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "FRESH_S", 0.0)
    out = tmp_path / "a"
    write_by_hand(out, 15)
    made = Index(out)
    assert made.busy
    made._look()
    assert found(made, Query()) == list(range(15))
    write_by_hand(out, 34)  # the second shard is replaced, two are new
    old = made.table().samples[12]
    assert made.record(old)["index"] == 12
    made._look()
    assert found(made, Query()) == list(range(34))
    assert made.record(made.table().samples[33])["index"] == 33
    shutil.rmtree(out / "shards" / "000000")
    made._look()
    assert found(made, Query()) == list(range(10, 34))
    with pytest.raises(DatasetError, match="no finished sample 3"):
        made.row_of(made.table(), 3)
    for beyond in (34, 2**63, 10**40):
        with pytest.raises(DatasetError, match="no finished sample"):
            made.row_of(made.table(), beyond)


def test_a_damaged_shard_is_told_and_the_others_are_there(tmp_path: Path) -> None:
    out = tmp_path / "a"
    write_by_hand(out, 30)
    records = out / "shards" / "000001" / "records.jsonl"
    records.write_text(records.read_text()[:-40])
    made = Index(out)
    made._look()
    assert found(made, Query()) == [*range(10), *range(20, 30)]
    assert "000001: cannot read the records" in made.problems[1]
    (out / "manifest.json").write_text("{")
    made._look()
    assert "damaged" in made.problems[-1]
    assert found(made, Query()) == [*range(10), *range(20, 30)]


def test_no_picture_outside_the_dataset_is_read(tmp_path: Path) -> None:
    write_by_hand(tmp_path / "a", 10)
    secret = tmp_path / "secret.jpg"
    secret.write_bytes(b"secret")
    made = Index(tmp_path / "a")
    made._look()
    record = made.record(made.table().samples[4])
    assert made.picture(record)
    for name in ("../secret.jpg", "/etc/passwd", "shards/../../secret.jpg"):
        with pytest.raises(DatasetError, match="leads out of"):
            made.picture({**record, "image": {**record["image"], "file": name}})
    picture = tmp_path / "a" / record["image"]["file"]
    picture.unlink()
    picture.symlink_to(secret)
    with pytest.raises(DatasetError, match="leads out of"):
        made.picture(record)
    picture.unlink()
    with pytest.raises(DatasetError, match="is missing"):
        made.picture(record)


def test_a_tar_file_that_is_replaced_is_noticed(tmp_path: Path) -> None:
    out = tmp_path / "a"
    make(out, 20, layout="tar")
    made = Index(out)
    made._look()
    pictures = {}
    for n in (20, 33):
        make(out, n, layout="tar")
        made._look()
        whole = Dataset.open(out)
        for sample in made.table().samples:
            record = made.record(sample)
            pictures[record["id"]] = made.picture(record)
            assert pictures[record["id"]] == whole.image_path(record).read_bytes()
    assert len(pictures) == 33
    assert len(made._tars) == 2  # of one tar file, before and after


def test_the_index_stays_small(root: Path, ready: Index) -> None:
    """50,000 samples take some 15 MiB: 300 bytes each."""
    table = ready.table()
    many = joined([table] * 50)
    assert len(many.samples) == 50 * N
    assert many.nbytes / len(many.samples) < 300
    assert (many.plates["row"] < len(many.samples)).all()
    assert list(Query.of({"text": "wp"}).rows(many, ready.words)) == [
        copy * N + row for copy in range(50) for row in Query.of({"text": "wp"}).rows(
            table, ready.words)
    ]  # fmt: skip


def test_facts_of_a_record(root: Path) -> None:
    for record in Dataset.open(root).records():
        shown = facts.cells(record)
        assert len(shown) == sum(len(p["characters"]) for p in record["plates"])
        assert len(facts.quads(record)) == len(facts.plates(record)) == len(record["plates"])
        assert facts.about(record)[0] == ("sample", record["id"])
        for plate, told in zip(record["plates"], facts.plates(record)):
            assert ("legibility", plate["legibility"]) in told.facts
            mounted = next(
                m for m in record["shot"]["plates"] if m["registration"]["text"] == plate["text"]
            )
            assert told.wear == sorted(
                ((k, mounted["wear"][k]) for k in WEAR if mounted["wear"][k] > 0),
                key=lambda pair: -pair[1],
            )
    assert [facts.seen_class(v) for v in (1, 0.9, 0.89, 0.6, 0.59, 0)] == [
        "seen", "seen", "partly", "partly", "hidden", "hidden",
    ]  # fmt: skip
    assert facts.command(Path("my plates/it's"), "00000003") == (
        """anprgen show 'my plates/it'"'"'s' 00000003"""
    )
    assert json.dumps(facts.caption({"plates": []})) == '"no plate"'
