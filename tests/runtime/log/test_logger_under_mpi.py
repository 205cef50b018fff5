"""The loggers on two real ranks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Outcome = subprocess.CompletedProcess[str]

pytestmark = pytest.mark.mpi


def test_statistics_are_over_all_ranks_and_printed_once(run_ranks: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = run_ranks(
        """
        from sweep.runtime.log.epoch_logger import EpochLogger
        from sweep.runtime.mpi.helpers import proc_id
        logger = EpochLogger("out")
        for i in range(3):
            logger.store(T=10 * proc_id() + i)
        logger.log_tabular("T", with_min_and_max=True)
        logger.dump_tabular()
        """
    )
    assert outcome.stdout.splitlines()[1:] == [
        "-------------------------------------",
        "|        AverageT |               6 |",
        "|            StdT |            5.07 |",
        "|            MaxT |              12 |",
        "|            MinT |               0 |",
        "-------------------------------------",
    ], outcome.stderr
    header, row = (tmp_path / "out/progress.txt").read_text().splitlines()
    assert header == "AverageT\tStdT\tMaxT\tMinT"
    assert [float(cell) for cell in row.split("\t")] == [6.0, pytest.approx((154 / 6) ** 0.5, rel=1e-15), 12.0, 0.0]


def test_ranks_without_values_take_part_and_count_nothing(run_ranks: Callable[..., Outcome], tmp_path: Path) -> None:
    outcome = run_ranks(
        """
        from sweep.runtime.log.epoch_logger import EpochLogger
        from sweep.runtime.mpi.helpers import proc_id
        logger = EpochLogger("out")
        if proc_id() == 1:
            logger.store(Some=[1.0, 3.0])
        stats = logger.get_stats("Some")
        logger.log_tabular("Some", with_min_and_max=True)
        logger.log_tabular("None", average_only=True)
        logger.dump_tabular()
        print(stats, flush=True)
        """
    )
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.count("(2.0, 1.0)") == 2
    assert (tmp_path / "out/progress.txt").read_text() == (
        "AverageSome\tStdSome\tMaxSome\tMinSome\tNone\n2.0\t1.0\t3.0\t1.0\tnan\n"
    )


def test_the_second_rank_writes_no_configuration_and_no_state(
    run_ranks: Callable[..., Outcome], tmp_path: Path
) -> None:
    outcome = run_ranks(
        """
        from sweep.runtime.log.logger import Logger
        from sweep.runtime.mpi.helpers import proc_id
        logger = Logger(f"out{proc_id()}", exp_name="demo")
        logger.save_config({"rank": proc_id()})
        logger.save_state({})
        """
    )
    assert outcome.returncode == 0, outcome.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out0", "script.py"]
    assert sorted(path.name for path in (tmp_path / "out0").iterdir()) == [
        "config.json",
        "log.txt",
        "metrics.jsonl",
        "progress.txt",
        "vars.pkl",
    ]
