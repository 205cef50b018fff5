import pytest

from sweep.base.errors import UsageError
from sweep.base.settings import Settings
from sweep.launch.slurm.options import Options, make_options

USUAL = {name.removeprefix("slurm_"): value for name, value in vars(Settings()).items() if name.startswith("slurm_")}


def test_without_anything_said_the_settings_count():
    assert make_options(None, USUAL) == Options()
    assert make_options({}, {**USUAL, "partition": "gpu", "time": "12h"}) == Options(partition="gpu", time_s=43200.0)


def test_what_is_said_with_the_launch_wins_over_the_settings():
    usual = {**USUAL, "partition": "gpu", "setup": ("module load a",)}
    assert make_options({"partition": "cpu,long", "nodes": "2"}, usual) == Options(
        partition="cpu,long", nodes=2, setup=("module load a",)
    )


def test_a_single_text_is_a_list_of_one():
    made = make_options({"directives": "--constraint=a100", "srun_flags": "--mpi=pmix"}, USUAL)
    assert made == Options(directives=("--constraint=a100",), srun_flags=("--mpi=pmix",))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"partion": "main"}, "'partion' is unknown.*Did you mean 'partition'"),
        ("main", "slurm is 'main'; it is a mapping"),
        ({"partition": "main; rm -rf /"}, "partition is 'main; rm -rf /'"),
        ({"partition": "a\nb"}, "partition is"),
        ({"account": 3}, "account is 3"),
        ({"lead": "20h"}, "lead is 20 h.*Slurm's longest is 18 h 12 min"),
        ({"time": "soon"}, "time is 'soon'; write seconds"),
        ({"time": 0}, "time is 0"),
        ({"time": float("nan")}, "time is nan"),
        ({"nodes": 0}, "nodes is 0; it is a whole number from 1"),
        ({"nodes": True}, "nodes is True"),
        ({"directives": ["--constraint=a\n#SBATCH --array=0-9"]}, "each of one line"),
        ({"directives": ["constraint=a"]}, "is none; write it as behind #SBATCH"),
        ({"directives": ["--array=0-9"]}, "is for sweep to give"),
        ({"directives": ["--mem 4G"]}, "is for sweep to give"),
        ({"directives": ["--arr=0-9"]}, "is for sweep to give"),
        ({"directives": ["--ti=9"]}, "has a key of its own: time"),
        ({"directives": ["--partition=x"]}, "has a key of its own: partition"),
        ({"setup": ["module load a\nrm b"]}, "each of one line"),
        ({"setup": [3]}, "each of one line"),
        ({"time": "1min", "lead": "60s"}, "time is 1 min.*before its time is over"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(given, message):
    with pytest.raises(UsageError, match=message) as refusal:
        make_options(given, USUAL)
    assert "\n" not in str(refusal.value)
