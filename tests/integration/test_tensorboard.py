"""TensorBoard's own data server on a run that is cut off and goes on while the server looks on."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("tensorboard")
pytest.importorskip("tensorboard_data_server")

SCRIPT = """
import json, sys, time
from pathlib import Path
from tensorboard.data import server_ingester
from tensorboard.context import RequestContext
from tensorboard.util.grpc_util import ChannelCredsType
from sweep import Logger

root = Path(sys.argv[1])

def serve():
    server = server_ingester.SubprocessServerDataIngester(
        server_ingester.get_server_binary(), str(root), reload_interval=1,
        channel_creds_type=ChannelCredsType.LOCAL, samples_per_plugin={"scalars": 0})
    server.start()
    return server.data_provider

def points(provider, last):
    for _ in range(150):
        found = provider.read_scalars(RequestContext(), experiment_id="", plugin_name="scalars", downsample=10**6)
        read = {tag: [(one.step, one.value) for one in data] for tag, data in found.get("demo/demo_s0", {}).items()}
        if read and read["A"][-1] == last:
            return read
        time.sleep(0.1)
    return read

def write(logger, steps, scale):
    for step in steps:
        logger.log_tabular("A", step * scale)
        logger.dump_tabular()

folder = root / "demo/demo_s0"
logger = Logger(str(folder), outputs=["tensorboard"])
write(logger, range(20), 1)
marks = logger.marks()
write(logger, range(20, 50), -1)
early = serve()
before = points(early, (49, -49.0))
logger.roll_back(marks)
write(logger, range(20, 60), 1)
print(json.dumps([before, points(early, (59, 59.0)), points(serve(), (59, 59.0))]))
"""


def test_the_data_server_shows_every_point_once_also_if_it_had_read_beyond_the_mark(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", SCRIPT, str(tmp_path)]
    outcome = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    before, looking_on, fresh = json.loads(outcome.stdout.splitlines()[-1])
    assert before["A"][-1] == [49, -49.0]
    assert looking_on["A"] == fresh["A"] == [[step, float(step)] for step in range(60)]
