import signal

import pytest

from sweep.launch.slurm.standing import Standing, standing
from sweep.launch.slurm.talk.program import Answer

OTHER = "JobId=14 ArrayJobId=12 ArrayTaskId=11 JobState=CANCELLED Reason=None PreemptTime=2026-11-21T15:58:29 End=x"


def line(state="RUNNING", preempted="None"):
    return f"JobId=13 ArrayJobId=12 ArrayTaskId=1 JobName=a.b JobState={state} Reason=None PreemptTime={preempted} X=1"


def asked(*lines, code=0):
    return standing("12_1", lambda argv, text, cwd: Answer(code, "\n".join((*lines, ""))))


def test_a_job_is_found_among_those_of_its_array():
    assert asked(OTHER, line()) == Standing("RUNNING")
    assert asked(OTHER, line(preempted="2026-11-21T15:58:29")) == Standing("RUNNING", preempted=True)


@pytest.mark.parametrize("found", [asked(), asked(OTHER), asked(line(), code=1), asked("JobId=13 what")])
def test_where_slurm_does_not_say_nothing_is_known(found):
    assert found == Standing()


USR1, TERM = signal.SIGUSR1, signal.SIGTERM


@pytest.mark.parametrize(
    ("found", "number", "has_saved", "again"),
    [
        (Standing("RUNNING"), USR1, True, True),
        (Standing("RUNNING"), USR1, False, False),
        (Standing("RUNNING"), TERM, True, False),
        (Standing("RUNNING", preempted=True), TERM, False, True),
        (Standing("RUNNING", preempted=True), USR1, False, True),
        (Standing("CANCELLED"), USR1, True, False),
        (Standing("PENDING", preempted=True), TERM, True, False),
        (Standing(), USR1, True, True),
        (Standing(), TERM, True, False),
    ],
)
def test_a_job_comes_again_if_its_time_was_over_or_it_had_to_make_way(found, number, has_saved, again):
    assert found.comes_again(number, has_saved) is again
