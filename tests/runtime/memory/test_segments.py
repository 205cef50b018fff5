"""A memory in snapshots: segments that are written once and shared."""

from __future__ import annotations

import errno
import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from sweep.base.errors import RingError
from sweep.memory import Ring
from sweep.runtime.memory.segments import MOST, Segment, kept

from .conftest import FIELDS, same, steps

Make = Callable[..., Ring]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.glob("segment_*"))


def restored(directory: Path, capacity: int = 6) -> Ring:
    made = Ring(capacity, 2, fields=FIELDS)
    made.load_from(directory)
    return made


@pytest.mark.parametrize("count", [0, 1, 6, 8, 20])
def test_a_snapshot_restores_everything(ring: Make, tmp_path: Path, count: int) -> None:
    ring(count).save_to(tmp_path / "ring")
    assert same(restored(tmp_path / "ring"), ring(count))


def test_each_snapshot_writes_the_new_steps_alone_and_is_whole_by_itself(ring: Make, tmp_path: Path) -> None:
    made, added = ring(), 0
    for i, count in enumerate([2, 0, 3, 4, 1, 20, 2]):
        made.add(**steps(added, added + count))
        added += count
        made.save_to(tmp_path / "new")
        (tmp_path / "new").rename(tmp_path / str(i))  # as a snapshot is committed
        assert same(restored(tmp_path / str(i)), ring(added))
    assert names(tmp_path / "2") == [Segment(0, 2).name, Segment(2, 5).name]
    assert (tmp_path / "0" / Segment(0, 2).name).samefile(tmp_path / "2" / Segment(0, 2).name)
    assert names(tmp_path / "3") == [Segment(2, 5).name, Segment(5, 9).name]  # 0 to 3 are overwritten
    assert names(tmp_path / "6") == [Segment(24, 30).name, Segment(30, 32).name]
    for i in (0, 1, 3, 5):
        shutil.rmtree(tmp_path / str(i))
    assert same(restored(tmp_path / "2"), ring(5))
    assert same(restored(tmp_path / "6"), ring(32))


def test_a_restored_memory_goes_on_from_the_segments_that_it_was_restored_from(ring: Make, tmp_path: Path) -> None:
    ring(4).save_to(tmp_path / "a")
    made = restored(tmp_path / "a")
    made.add(**steps(4, 5))
    made.save_to(tmp_path / "b")
    assert names(tmp_path / "b") == [Segment(0, 4).name, Segment(4, 5).name]
    assert same(restored(tmp_path / "b"), ring(5))


def test_where_the_last_snapshot_is_gone_everything_is_written(ring: Make, tmp_path: Path) -> None:
    made = ring(3)
    made.save_to(tmp_path / "a")
    made.add(**steps(3, 4))
    made.save_to(tmp_path / "b")
    (tmp_path / "b" / Segment(0, 3).name).unlink()
    made.save_to(tmp_path / "c")
    shutil.rmtree(tmp_path / "c")
    made.save_to(tmp_path / "d")
    assert names(tmp_path / "d") == [Segment(0, 4).name]
    assert same(restored(tmp_path / "d"), ring(4))


def test_where_files_cannot_be_linked_they_are_copied(
    ring: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    made = ring(3)
    made.save_to(tmp_path / "a")
    made.add(**steps(3, 4))
    made.save_to(tmp_path / "b")
    assert names(tmp_path / "b") == [Segment(0, 3).name, Segment(3, 4).name]
    shutil.rmtree(tmp_path / "a")
    assert same(restored(tmp_path / "b"), ring(4))


def test_one_directory_can_be_saved_to_again_and_again(ring: Make, tmp_path: Path) -> None:
    made = ring()
    for t in range(20):
        made.add(**steps(t, t + 1))
        made.save_to(tmp_path)
    assert names(tmp_path) == [Segment(t, t + 1).name for t in range(14, 20)]
    assert same(restored(tmp_path), ring(20))


def test_what_was_replaced_or_cleared_shares_nothing(ring: Make, tmp_path: Path) -> None:
    made = ring(4)
    made.save_to(tmp_path / "a")
    made.load_state_dict(ring(6).state_dict())
    made.save_to(tmp_path / "b")
    assert names(tmp_path / "b") == [Segment(0, 6).name]
    made.clear()
    made.add(**steps(50, 52))
    made.save_to(tmp_path / "c")
    assert restored(tmp_path / "c")["act"].tolist() == steps(50, 52)["act"].tolist()


def test_many_small_segments_are_joined() -> None:
    segments: list[Segment] = []
    for total in range(1, 5001):
        segments = kept(segments, 0, total)
        segments.append(Segment(segments[-1].last if segments else 0, total))
        assert [segment.first for segment in segments] == [0, *(segment.last for segment in segments[:-1])]
    assert len(segments) <= MOST + 16
    assert segments[-1].last == 5000


def test_a_memory_can_be_pickled_and_copied(ring: Make, tmp_path: Path) -> None:
    made = ring(4)
    made.save_to(tmp_path)
    assert same(pickle.loads(pickle.dumps(made)), made)


@pytest.mark.parametrize(
    ("capacity", "num_envs", "fields", "said"),
    [
        (7, 2, FIELDS, "capacity was 6 and is 7"),
        (6, 3, FIELDS, "num_envs was 2 and is 3"),
        (6, 2, {"x": ((), "int8")}, r"fields was seen float32\[2, 3\], .* and is x int8\[\]"),
    ],
)
def test_a_snapshot_of_another_memory_is_refused(
    ring: Make, tmp_path: Path, capacity: int, num_envs: int, fields: dict[str, object], said: str
) -> None:
    ring(4).save_to(tmp_path)
    with pytest.raises(RingError, match=f"ring.json: {said}; make the memory as it was saved"):
        Ring(capacity, num_envs, fields=fields).load_from(tmp_path)


def test_a_damaged_snapshot_is_one_clear_error_and_changes_nothing(ring: Make, tmp_path: Path) -> None:
    small = Ring(6, 2, fields={"act": ((), "int64")})
    small.add(act=steps(0, 3)["act"])
    small.save_to(tmp_path)
    for path in list(tmp_path.iterdir()):
        content = path.read_bytes()
        for length in range(len(content.rstrip())):
            path.write_bytes(content[:length])
            with pytest.raises(RingError, match=str(tmp_path)):
                small.load_from(tmp_path)
        path.unlink()
        with pytest.raises(RingError, match="cannot be read"):
            small.load_from(tmp_path)
        path.write_bytes(content)
    small.load_from(tmp_path)
    assert small.total == 3


@pytest.mark.parametrize("listed", [None, [], ["segment_x.npz"], [Segment(0, 1).name], [Segment(2, 4).name], [3]])
def test_segments_that_do_not_cover_what_was_kept_are_refused(ring: Make, tmp_path: Path, listed: object) -> None:
    ring(4).save_to(tmp_path)
    file = tmp_path / "ring.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"segments": listed}))
    with pytest.raises(RingError, match="does not list its segments as it should"):
        ring().load_from(tmp_path)


def test_a_segment_of_other_steps_is_refused(ring: Make, tmp_path: Path) -> None:
    made = ring(4)
    made.save_to(tmp_path)
    made.add(**steps(4, 5))
    made.save_to(tmp_path)
    shutil.copy(tmp_path / Segment(0, 4).name, tmp_path / Segment(4, 5).name)
    with pytest.raises(RingError, match="does not hold the steps that its name says"):
        ring().load_from(tmp_path)
