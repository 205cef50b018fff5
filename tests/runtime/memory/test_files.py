"""The files of memories: export, import, skrl's, and what is no memory's file."""

from __future__ import annotations

import contextvars
import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import RingError
from sweep.memory import Ring
from sweep.rundir.paths import RunDir
from sweep.runtime.context.current import current_run, running

from .conftest import FIELDS, same, steps

Make = Callable[..., Ring]
SKRL = Path(__file__).parent / "skrl_files"
SKRL_FIELDS = {
    "observations": (3, "float32"),
    "actions": ((), "int64"),
    "rewards": (1, "float32"),
    "terminated": ((), "bool"),
}
WHOLE = [f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)]
FORMATS = ["npz", "pt", "csv"]


@pytest.fixture(autouse=True)
def torch_where_it_is_needed(request: pytest.FixtureRequest) -> None:
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("format") == "pt":
        request.getfixturevalue("torch")


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("count", [0, 1, 4, 6, 9, 12])
def test_a_file_keeps_values_dtypes_cursor_and_fill_level(ring: Make, tmp_path: Path, format: str, count: int) -> None:
    made = ring(count)
    path = made.export(tmp_path, format)
    assert path == tmp_path / f"memory_{count:012d}.{format}"
    other = ring(3)
    other.load(path)
    assert same(other, made)
    assert same(Ring.from_file(path), made)
    other.add(**steps(count, count + 4))
    assert same(other, ring(count + 4))


@pytest.mark.parametrize("format", FORMATS)
def test_every_dtype_and_every_value_comes_back_bit_for_bit(tmp_path: Path, format: str) -> None:
    values: dict[str, list[Any]] = {
        "bool": [True, False],
        **{name: [np.iinfo(name).min, np.iinfo(name).max] for name in WHOLE},
        **{f"float{b}": [np.nan, -np.inf, -0.0, np.finfo(f"float{b}").smallest_subnormal] for b in (16, 32, 64)},
    }
    made = Ring(4, fields={f"x_{dtype}": ((), dtype) for dtype in values})
    made.add(**{f"x_{dtype}": np.resize(np.array(given, dtype), 4) for dtype, given in values.items()})
    assert same(Ring.from_file(made.export(tmp_path, format)), made)


def test_skrl_names_the_formats_otherwise(ring: Make, tmp_path: Path) -> None:
    assert ring(2).export(tmp_path, "np").suffix == ".npz"


def test_a_field_may_be_called_file(tmp_path: Path) -> None:
    made = Ring(4, fields={"file": ((), "int8"), "self": ((), "int8")})
    made.add(file=3, self=4)
    assert same(Ring.from_file(made.export(tmp_path)), made)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_other_capacity_gives_its_newest_steps(ring: Make, tmp_path: Path, format: str) -> None:
    path = ring(9).export(tmp_path, format)
    for capacity in (3, 20):
        other = ring(0, capacity)
        other.load(path)
        for name, array in steps(max(3, 9 - capacity), 9).items():
            np.testing.assert_array_equal(other[name], array)


def test_a_file_can_be_appended(ring: Make, tmp_path: Path) -> None:
    made, other = ring(0, 20), Ring(6, 2, fields=FIELDS)
    made.add(**steps(0, 5))
    other.add(**steps(5, 9))
    made.load(other.export(tmp_path), mode="append")
    assert same(made, ring(9, 20))
    with pytest.raises(RingError, match="mode is 'add'; use 'replace' or 'append'"):
        made.load(other.export(tmp_path), mode="add")


def test_the_same_export_again_changes_no_file_and_another_gets_a_number(ring: Make, tmp_path: Path) -> None:
    path = ring(4).export(tmp_path)
    before = path.stat()
    assert ring(4).export(tmp_path) == path
    assert path.stat() == before or path.stat().st_ino == before.st_ino
    other = ring(3)
    other.add(**steps(7, 8))
    assert other.export(tmp_path) == tmp_path / "memory_000000000004_2.npz"
    assert same(Ring.from_file(path), ring(4))
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("format", FORMATS)
def test_every_fill_is_exported_before_it_is_overwritten(ring: Make, tmp_path: Path, format: str) -> None:
    options = {"export": True, "export_format": format, "export_directory": tmp_path, "name": "replay"}
    one_by_one, at_once = ring(13, **options), ring(**{**options, "export_directory": tmp_path / "at_once"})
    at_once.add(**steps(0, 13))
    for folder in (tmp_path, tmp_path / "at_once"):
        files = sorted(folder.glob(f"*.{format}"))
        assert [file.stem for file in files] == ["replay_000000000006", "replay_000000000012"]
        assert same(Ring.from_file(files[0]), ring(6))
        assert same(Ring.from_file(files[1]), ring(12))
    assert same(one_by_one, at_once)


def test_the_directory_is_that_of_the_current_run_where_none_is_given(ring: Make, workplace: Path) -> None:
    def export_twice() -> list[Path]:
        with running(RunDir(workplace / "run")):
            inside = ring(2).export()
        return [inside.parent, ring(2).export().parent, current_run().path / "memories"]

    inside, outside, own = contextvars.copy_context().run(export_twice)
    assert inside == workplace / "run/memories"
    assert outside == own
    assert outside.is_relative_to(workplace / "data/local")


def test_on_two_ranks_the_files_have_two_names(ring: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PMI_RANK", "1")
    monkeypatch.setenv("PMI_SIZE", "2")
    assert ring(2).export(tmp_path).name == "memory_rank1_000000000002.npz"


def test_a_failed_export_leaves_nothing_behind(ring: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("numpy.lib.format.write_array_header_1_0", full)
    with pytest.raises(OSError, match="No space"):
        ring(2).export(tmp_path)
    assert not list(tmp_path.iterdir())


# skrl


def skrl_steps(count: int) -> dict[str, Any]:
    t, e = np.meshgrid(np.arange(count), np.arange(2), indexing="ij")
    return {
        "observations": (t[..., None] + e[..., None] / 10 + np.arange(3) / 100).astype("float32"),
        "actions": 10 * t + e,
        "rewards": (t[..., None] / 3 + e[..., None]).astype("float32"),
        "terminated": (t + e) % 3 == 0,
    }


@pytest.mark.parametrize("format", FORMATS)
def test_files_written_by_skrl_load(format: str) -> None:
    made = Ring(10, 2, fields=SKRL_FIELDS)
    made.load(SKRL / f"filled.{format}")
    assert (made.total, made.filled) == (6, False)
    for name, array in skrl_steps(6).items():
        assert made[name].dtype == SKRL_FIELDS[name][1]
        np.testing.assert_allclose(made[name], array, rtol=1e-6)


def test_steps_that_skrl_never_used_are_left_out() -> None:
    made = Ring(6, 2, fields=SKRL_FIELDS)
    made.load(SKRL / "partial.npz")
    assert made.total == 4
    np.testing.assert_array_equal(made["actions"], skrl_steps(4)["actions"])


@pytest.mark.parametrize("format", ["npz", "pt"])
def test_a_memory_can_be_made_from_skrls_file_alone(format: str) -> None:
    made = Ring.from_file(SKRL / f"filled.{format}")
    assert (made.capacity, made.num_envs, made.filled, made.cursor) == (6, 2, True, 0)
    assert {str(field) for field in made.fields.values()} == {
        "observations float32[3]", "actions int64[1]", "rewards float32[1]", "terminated bool[1]",
    }  # fmt: skip


def test_a_csv_file_of_skrls_needs_a_memory_that_knows_the_fields() -> None:
    with pytest.raises(RingError, match=r"filled.csv has no filled.csv.json beside it.*make the memory with Ring"):
        Ring.from_file(SKRL / "filled.csv")


def test_further_fields_of_a_file_can_be_left_out() -> None:
    made = Ring(6, 2, fields={"actions": ((), "int64")})
    with pytest.raises(RingError, match=r"filled.npz has unknown observations, rewards, terminated; this memory holds"):
        made.load(SKRL / "filled.npz")
    made.load(SKRL / "filled.npz", strict=False)
    assert made["actions"].tolist() == skrl_steps(6)["actions"].tolist()


@pytest.mark.parametrize("format", ["npz", "pt"])
def test_skrl_finds_its_layout_in_our_files(ring: Make, tmp_path: Path, format: str, request: Any) -> None:
    path = ring(6).export(tmp_path, format)
    loaded = np.load(path) if format == "npz" else request.getfixturevalue("torch").load(path, weights_only=True)
    assert {name: tuple(loaded[name].shape) for name in FIELDS} == {
        "seen": (6, 2, 2, 3), "act": (6, 2), "done": (6, 2), "precise": (6, 2, 1),
    }  # fmt: skip


# What is no memory's file


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"fields": {**FIELDS, "more": ((), "int8")}}, "misses more"),
        ({"fields": {**FIELDS, "act": ((), "int32")}}, r"has act int64\[\]; this memory has act int32\[\]"),
        (
            {"fields": {**FIELDS, "seen": (6, "float32")}},
            r"has seen float32\[2, 3\]; this memory has seen float32\[6\]",
        ),
        ({"num_envs": 3}, "steps and environments, not of 3"),
    ],
)
@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_another_memory_is_refused(
    ring: Make, tmp_path: Path, format: str, changed: dict[str, Any], said: str
) -> None:
    path = ring(4).export(tmp_path, format)
    with pytest.raises(RingError, match=f"{path.name}.*{said}"):
        Ring(**{"capacity": 6, "num_envs": 2, "fields": FIELDS, **changed}).load(path)


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_cut_off_anywhere_is_one_clear_error(ring: Make, tmp_path: Path, format: str) -> None:
    whole = Ring(6, 2, fields={"act": ((), "int64")})
    whole.add(act=np.arange(4).reshape(2, 2))
    path = whole.export(tmp_path, format)
    content = path.read_bytes()
    made = Ring(6, 2, fields={"act": ((), "int64")})
    for length in range(len(content)):
        path.write_bytes(content[:length])
        with pytest.raises(RingError, match=str(path)):
            made.load(path)
    assert made.total == 0


def test_a_description_cut_off_anywhere_is_one_clear_error(ring: Make, tmp_path: Path) -> None:
    path = ring(4).export(tmp_path, "csv")
    beside = path.with_name(path.name + ".json")
    content = beside.read_bytes().rstrip()
    for length in range(len(content)):
        beside.write_bytes(content[:length])
        with pytest.raises(RingError, match=str(beside)):
            Ring.from_file(path)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "is 'other' of version 1; this program reads 'sweep memory' of version 1"),
        ({"version": 2}, "of version 2"),
        ({"rows": 3}, "describes no memory"),
        ({"total": "4"}, "describes no memory"),
        ({"capacity": 0}, "describes no memory"),
        ({"fields": [1]}, "describes no memory"),
        ({"total": 5, "rows": 5}, "does not hold what it says of itself"),
    ],
)
def test_a_description_that_does_not_fit_is_refused(
    ring: Make, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    path = ring(4).export(tmp_path, "csv")
    beside = path.with_name(path.name + ".json")
    beside.write_text(json.dumps(json.loads(beside.read_text()) | change))
    with pytest.raises(RingError, match=said):
        Ring.from_file(path)


@pytest.mark.parametrize(
    ("line", "text"), [(3, "x,1,True,1.0"), (4, "1,2"), (5, "1.0,2,maybe,3.0"), (2, "1e39,2,True,3.0")]
)
def test_a_line_that_does_not_fit_is_named(tmp_path: Path, line: int, text: str) -> None:
    made = Ring(6, 2, fields={"a": ((), "float32"), "b": ((), "int64"), "c": ((), "bool"), "d": ((), "float64")})
    made.add(a=np.ones((3, 2)), b=np.ones((3, 2), int), c=np.ones((3, 2), bool), d=np.ones((3, 2)))
    path = made.export(tmp_path, "csv")
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[: line - 1], text, *lines[line:], ""]))
    with pytest.raises(RingError, match=f"{path}:{line}: "):
        made.load(path)


def test_lines_that_are_no_whole_steps_are_refused(tmp_path: Path) -> None:
    path = Path(shutil.copy(SKRL / "filled.csv", tmp_path))
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(RingError, match=r"has 11 lines, which are no whole steps of 2 environments"):
        Ring(6, 2, fields=SKRL_FIELDS).load(path)


@pytest.mark.parametrize("format", FORMATS)
def test_bytes_of_something_else_are_refused(ring: Make, tmp_path: Path, format: str) -> None:
    for content in (b"", b"\x93NUMPY", b"PK\x03\x04", os.urandom(300), b"\0\0\n", b"hello\n"):
        path = tmp_path / f"other.{format}"
        path.write_bytes(content)
        with pytest.raises(RingError, match=str(path)):
            ring().load(path)


def test_pickles_are_never_loaded(ring: Make, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return (Path(tmp_path / "sprung").touch, ())

    np.savez(tmp_path / "trap.npz", act=np.array([Trap()], object))
    with pytest.raises(RingError, match=r"trap.npz is damaged or no npz file of arrays"):
        ring().load(tmp_path / "trap.npz")
    assert not (tmp_path / "sprung").exists()


def test_pickles_in_pt_files_are_never_loaded(ring: Make, tmp_path: Path, torch: Any) -> None:
    torch.save({"act": Path("x")}, tmp_path / "trap.pt")
    with pytest.raises(RingError, match=r"trap.pt is damaged or no dict of tensors"):
        ring().load(tmp_path / "trap.pt")


def test_a_changed_bit_in_a_pt_file_is_never_taken_for_a_value(ring: Make, tmp_path: Path, torch: Any) -> None:
    path = ring(4).export(tmp_path, "pt")
    content, first = path.read_bytes(), bytes(ring(4)["precise"][1].tobytes())
    for place in (content.index(first) + 3, content.index(b'"total": 4') + 9):
        path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(RingError, match=rf"{path} .*damaged.*; export it again"):
            ring().load(path)


def test_a_pt_file_of_an_earlier_version_has_no_checksums_and_loads(ring: Make, tmp_path: Path, torch: Any) -> None:
    path = ring(4).export(tmp_path, "pt")
    tensors = torch.load(path, weights_only=True)
    about = json.loads(bytes(tensors["__meta__"].numpy()))
    assert about.pop("crc32").keys() == {*FIELDS, "__meta__"}
    torch.save({**tensors, "__meta__": torch.tensor(list(json.dumps(about).encode()), dtype=torch.uint8)}, path)
    assert same(Ring.from_file(path), ring(4))


def test_a_file_that_is_not_there_and_one_of_no_format_are_named(ring: Make, tmp_path: Path) -> None:
    with pytest.raises(RingError, match=r"none.npz cannot be read: No such file"):
        ring().load(tmp_path / "none.npz")
    with pytest.raises(RingError, match=r"ends in '.txt'; a memory's file ends in .npz, .pt or .csv"):
        ring().load("a.txt")


def test_without_torch_pt_names_the_way_out(ring: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(RingError, match="pip install torch, or use the format 'npz'"):
        ring(2).export(tmp_path, "pt")
    assert not list(tmp_path.iterdir())
