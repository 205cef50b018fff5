"""Statistics of what was stored, in one process."""

from __future__ import annotations

import math
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.base.errors import LoggerError
from sweep.runtime.log.epoch_logger import EpochLogger


@pytest.fixture
def logger(tmp_path: Path) -> EpochLogger:
    return EpochLogger(str(tmp_path))


def row(logger: EpochLogger) -> dict[str, str]:
    """Dump, and return the last row of the file."""
    logger.dump_tabular()
    header, *lines = Path(str(logger.output_dir), "progress.txt").read_text().splitlines()
    return dict(zip(header.split("\t"), lines[-1].split("\t"), strict=True))


def test_the_documented_example_to_the_byte(logger: EpochLogger, capsys: pytest.CaptureFixture[str]) -> None:
    for i in range(10):
        logger.store(Test=i)
    capsys.readouterr()
    logger.log_tabular("Test", with_min_and_max=True)
    logger.dump_tabular()
    assert capsys.readouterr().out == (
        "-------------------------------------\n"
        "|     AverageTest |             4.5 |\n"
        "|         StdTest |            2.87 |\n"
        "|         MaxTest |               9 |\n"
        "|         MinTest |               0 |\n"
        "-------------------------------------\n"
    )


def test_the_metrics_file_to_the_byte(logger: EpochLogger) -> None:
    for i in range(10):
        logger.store(Test=i)
    logger.log_tabular("Epoch", 0)
    logger.log_tabular("Test", with_min_and_max=True)
    logger.log_tabular("Time", 1234.56789)
    logger.log_tabular("Note", "ok")
    logger.dump_tabular()
    assert Path(str(logger.output_dir), "progress.txt").read_text() == (
        "Epoch\tAverageTest\tStdTest\tMaxTest\tMinTest\tTime\tNote\n"
        "0\t4.5\t2.8722813232690143\t9.0\t0.0\t1234.56789\tok\n"
    )


@pytest.mark.parametrize(
    ("options", "columns"),
    [
        ({}, ["AverageK", "StdK"]),
        ({"with_min_and_max": True}, ["AverageK", "StdK", "MaxK", "MinK"]),
        ({"average_only": True}, ["K"]),
        ({"average_only": True, "with_min_and_max": True}, ["K", "MaxK", "MinK"]),
    ],
)
def test_which_columns_there_are(logger: EpochLogger, options: dict[str, Any], columns: list[str]) -> None:
    logger.store(K=1)
    logger.log_tabular("K", **options)
    assert list(row(logger)) == columns


def test_what_was_stored_is_forgotten_after_it_was_logged_and_not_before(logger: EpochLogger) -> None:
    logger.store(A=1, B=1)
    assert logger.get_stats("A") == (1.0, 0.0)
    logger.store(A=3)
    assert logger.get_stats("A") == (2.0, 1.0)
    logger.log_tabular("A", average_only=True)
    logger.store(A=5)
    assert row(logger) == {"A": "2.0"}
    assert (logger.get_stats("A"), logger.get_stats("B")) == ((5.0, 0.0), (1.0, 0.0))


def test_a_given_value_is_logged_as_it_is_and_forgets_what_was_stored(logger: EpochLogger) -> None:
    logger.store(A=1)
    logger.log_tabular("A", "given")
    assert row(logger) == {"A": "given"}
    assert math.isnan(logger.get_stats("A")[0])


def test_none_is_a_value(logger: EpochLogger) -> None:
    logger.log_tabular("A", None)
    assert row(logger) == {"A": "None"}


def test_a_key_without_values_is_not_a_number_and_no_error(logger: EpochLogger) -> None:
    logger.store(Empty=[])
    logger.log_tabular("Never", with_min_and_max=True)
    logger.log_tabular("Empty", average_only=True)
    assert set(row(logger).values()) == {"nan"}
    assert all(map(math.isnan, logger.get_stats("Other")))


def test_two_dimensional_arrays_count_by_element(logger: EpochLogger) -> None:
    logger.store(A=np.array([[1.0, 2.0]]))
    logger.store(A=np.array([[1.0, 2.0]]))
    logger.log_tabular("A", with_min_and_max=True)
    assert row(logger) == {"AverageA": "1.5", "StdA": "0.5", "MaxA": "2.0", "MinA": "1.0"}


def test_statistics_keep_the_digits_that_single_precision_loses(logger: EpochLogger) -> None:
    logger.store(Small=1e-4, Large=16777217)
    logger.log_tabular("Small", average_only=True)
    logger.log_tabular("Large", average_only=True)
    assert row(logger) == {"Small": "0.0001", "Large": "16777217.0"}


def test_an_array_is_read_when_it_is_stored(logger: EpochLogger) -> None:
    reused = np.zeros(3)
    for value in (1.0, 3.0):
        reused[:] = value
        logger.store(A=reused)
    assert logger.get_stats("A") == (2.0, 1.0)


@pytest.mark.parametrize("value", ["high", "3.5", None, {"a": 1}])
def test_a_value_that_is_not_numeric_is_an_error_that_names_key_and_value(logger: EpochLogger, value: Any) -> None:
    with pytest.raises(LoggerError) as caught:
        logger.store(Loss=value)
    assert f"store(Loss={value!r}) is not numeric" in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [10**400, -(10**400), 10**5000, [10**400], np.array(10**400, dtype=object)],
    ids=["large", "negative", "too large for text", "list", "array"],
)
def test_a_number_beyond_the_range_of_floats_is_an_error_that_names_key_and_value(
    logger: EpochLogger, value: Any
) -> None:
    with pytest.raises(LoggerError) as caught:
        logger.store(x=value)
    assert str(caught.value).startswith("store(x=")
    assert len(str(caught.value)) < 300
    logger.store(x=1)
    assert logger.get_stats("x") == (1.0, 0.0)


def test_the_value_beyond_the_range_of_floats_is_shown_shortened(logger: EpochLogger) -> None:
    with pytest.raises(LoggerError, match=r"store\(x=10{10,60}\.\.\.0{10,60}\) is not numeric \(int too large"):
        logger.store(x=10**400)


@pytest.mark.parametrize("options", [{}, {"average_only": True}, {"val": 1}])
def test_a_key_that_is_no_text_is_an_error_at_once(logger: EpochLogger, options: dict[str, Any]) -> None:
    for key in (3, ["a"]):
        with pytest.raises(LoggerError, match="the key must be a text"):
            logger.log_tabular(key, **options)  # type: ignore[arg-type]
    logger.log_tabular("Loss", 1)
    assert row(logger) == {"Loss": "1"}


def test_a_quantity_may_have_the_name_self(logger: EpochLogger) -> None:
    logger.store(self=2)
    assert logger.get_stats("self") == (2.0, 0.0)


def test_a_channel_stores_under_its_name_for_as_long_as_one_likes(logger: EpochLogger) -> None:
    put = logger.channel("A")
    put(1.0)
    logger.store(A=3.0)
    assert logger.get_stats("A") == (2.0, 1.0)
    logger.log_tabular("A")
    put(np.array([7.0, 9.0]))
    assert logger.get_stats("A") == (8.0, 1.0)


def test_statistics_beside_a_value_of_the_same_name_are_an_error(logger: EpochLogger) -> None:
    logger.log_tabular("AverageA", 1)
    logger.store(A=1)
    with pytest.raises(LoggerError, match="'AverageA'"):
        logger.log_tabular("A")


def test_memory_does_not_grow_with_the_number_of_values(logger: EpochLogger) -> None:
    logger.store(A=0.5)
    tracemalloc.start()
    try:
        for i in range(300_000):
            logger.store(A=i * 0.5)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 300_000  # less than a byte a value
    assert logger.get_stats("A")[0] == pytest.approx(300_000 * 299_999 / 4 / 300_001, rel=1e-4)
