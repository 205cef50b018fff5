"""The machine divided among runs: nothing is given twice, nothing is lost, nothing waits for what cannot come."""

from __future__ import annotations

import math
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sweep.base.errors import LaunchError
from sweep.base.mpi_command import MARK, mpi_environment
from sweep.launch.resources import Capacity
from sweep.launch.slots import Demand, Slot, Slots, check_demand, slot_environment

GIB = 2**30
MACHINE = Capacity(cores=(0, 2, 1, 3), memory=16 * GIB, gpus=("0", "1"))


def slots_of(capacity: Capacity = MACHINE, floor: int = 0, free: int = 16 * GIB) -> Slots:
    return Slots(capacity, floor, lambda: free)


def taken(slots: Slots, demand: Demand) -> Slot:
    slot = slots.take(demand)
    assert slot is not None
    return slot


def greedy(slots: Slots, demand: Demand) -> list[Slot]:
    """Take until nothing is left."""
    return list(iter(lambda: slots.take(demand), None))


def test_a_run_needs_a_core_for_each_thread_of_each_rank() -> None:
    assert Demand(ranks=3, threads=2).cores == 6
    assert Demand().cores == 1


@pytest.mark.parametrize("gpus", [0, 0.0, 0.5, 1, 2.0, True])
def test_a_demand_that_fits_is_accepted(gpus: float) -> None:
    check_demand(Demand(ranks=2, threads=2, gpus=gpus, memory=16 * GIB), MACHINE)


@pytest.mark.parametrize(
    ("demand", "message"),
    [
        (
            Demand(ranks=3, threads=2),
            "a run needs 6 cores (3 ranks, 2 threads each) and may use 4 here; lower num_cpu or threads.",
        ),
        (
            Demand(gpus=3),
            "a run needs gpus=3 and may use 2 GPUs here; lower gpus, or look at CUDA_VISIBLE_DEVICES and nvidia-smi "
            "if there should be more.",
        ),
        (
            Demand(memory=17 * GIB),
            "a run needs 17.00 GiB of memory and there are 16.00 GiB; lower memory.",
        ),
        (
            Demand(gpus=1.5),
            "gpus is 1.5; it is a whole number of GPUs for one run alone, or a fraction below 1 of a GPU that runs "
            "share: 0, 0.5, 1, 2.",
        ),
        (Demand(ranks=0), "num_cpu is 0; it is a whole number from 1."),
        (Demand(threads=-1), "threads is -1; it is a whole number from 1."),
        (Demand(memory=0), "memory is 0 bytes; it is what one run needs, above 0, or left out."),
    ],
)
def test_what_can_never_fit_is_refused_in_one_line(demand: Demand, message: str) -> None:
    with pytest.raises(LaunchError) as caught:
        check_demand(demand, MACHINE)
    assert str(caught.value) == message


@pytest.mark.parametrize("gpus", [-1, -0.5, 2.5, math.nan, math.inf])
def test_an_amount_of_gpus_that_nothing_can_have_is_refused(gpus: float) -> None:
    with pytest.raises(LaunchError, match=r"^gpus is "):
        check_demand(Demand(gpus=gpus), MACHINE)


def test_half_a_gpu_needs_a_gpu() -> None:
    with pytest.raises(LaunchError, match="may use 0 GPUs here"):
        check_demand(Demand(gpus=0.5), Capacity((0,), GIB))


def test_cores_are_given_in_the_order_of_the_machine_and_never_twice() -> None:
    slots = slots_of()
    assert taken(slots, Demand(ranks=3)).cores == (0, 2, 1)
    assert slots.take(Demand(ranks=2)) is None
    assert taken(slots, Demand()).cores == (3,)
    assert slots.take(Demand()) is None


def test_cores_that_came_back_are_given_again_first() -> None:
    slots = slots_of()
    first = taken(slots, Demand())
    taken(slots, Demand())
    slots.give_back(first)
    assert taken(slots, Demand(ranks=2)).cores == (0, 1)


def test_whole_gpus_belong_to_one_run() -> None:
    slots = slots_of()
    assert taken(slots, Demand(gpus=1)) == Slot((0,), ("0",), 1.0)
    assert slots.take(Demand(gpus=2)) is None
    assert taken(slots, Demand(gpus=0.5)).gpus == ("1",)
    assert slots.take(Demand(gpus=1)) is None


def test_a_run_without_a_gpu_holds_none() -> None:
    assert taken(slots_of(), Demand()) == Slot((0,), (), 0.0)


def test_two_halves_share_a_gpu_before_another_is_begun() -> None:
    slots = slots_of()
    halves = [taken(slots, Demand(gpus=0.5)) for _ in range(3)]
    assert [half.gpus for half in halves] == [("0",), ("0",), ("1",)]
    assert {half.share for half in halves} == {0.5}


def test_the_fullest_gpu_with_room_is_filled_first() -> None:
    slots = slots_of()
    first = taken(slots, Demand(gpus=0.6))
    assert taken(slots, Demand(gpus=0.7)).gpus == ("1",)
    assert taken(slots, Demand(gpus=0.25)).gpus == ("1",)
    slots.give_back(first)
    assert taken(slots, Demand(gpus=1)).gpus == ("0",)


@pytest.mark.parametrize("count", [3, 6, 7, 10, 49])
def test_so_many_equal_shares_fill_a_gpu_without_drift(count: int) -> None:
    slots = slots_of(Capacity(tuple(range(50)), GIB, ("0",)))
    shares = greedy(slots, Demand(gpus=1 / count))
    assert len(shares) == count
    for share in shares:
        slots.give_back(share)
    assert taken(slots, Demand(gpus=1)).gpus == ("0",)


def test_the_smallest_share_is_still_a_share() -> None:
    assert Demand(gpus=1e-9).share == Fraction(1, 1000)
    assert taken(slots_of(), Demand(gpus=1e-9)).gpus == ("0",)


def test_declared_memory_is_never_promised_twice() -> None:
    slots = slots_of()
    first = taken(slots, Demand(memory=10 * GIB))
    assert slots.take(Demand(memory=7 * GIB)) is None
    taken(slots, Demand(memory=6 * GIB))
    slots.give_back(first)
    taken(slots, Demand(memory=10 * GIB))


def test_below_the_floor_nothing_starts_beside_another_run() -> None:
    free = [GIB]
    slots = Slots(MACHINE, 2 * GIB, lambda: free[0])
    alone = taken(slots, Demand())
    assert slots.take(Demand()) is None
    free[0] = 2 * GIB
    beside = taken(slots, Demand())
    free[0] = GIB
    slots.give_back(alone)
    assert slots.take(Demand()) is None
    slots.give_back(beside)
    taken(slots, Demand())


def test_a_run_that_has_to_wait_takes_nothing() -> None:
    slots = slots_of(floor=2, free=1)
    first = taken(slots, Demand())
    assert slots.take(Demand(gpus=1, memory=GIB)) is None
    slots.give_back(first)
    taken(slots, Demand(ranks=4, gpus=2, memory=16 * GIB))


def test_giving_back_what_is_not_held_is_an_error() -> None:
    slots = slots_of()
    slot = taken(slots, Demand())
    slots.give_back(slot)
    with pytest.raises(ValueError, match="nobody holds Slot"):
        slots.give_back(slot)
    with pytest.raises(ValueError, match="nobody holds Slot"):
        slots.give_back(Slot((1,)))


@pytest.mark.parametrize(
    ("demand", "count"),
    [
        (Demand(), 4),
        (Demand(ranks=2), 2),
        (Demand(ranks=3), 1),
        (Demand(gpus=1), 2),
        (Demand(gpus=2), 1),
        (Demand(gpus=0.5), 4),
        (Demand(gpus=0.6), 2),
        (Demand(memory=5 * GIB), 3),
        (Demand(ranks=5), 0),
    ],
)
def test_the_most_runs_at_once_is_what_the_scarcest_thing_allows(demand: Demand, count: int) -> None:
    assert slots_of().most(demand) == count


def test_the_most_runs_at_once_does_not_depend_on_what_is_going_on() -> None:
    slots = slots_of(floor=2, free=1)
    taken(slots, Demand(ranks=4, gpus=2))
    assert slots.most(Demand()) == 4


def test_every_thread_pool_gets_its_size() -> None:
    threads = {name: value for name, value in mpi_environment({}, "unknown", 3).items() if name != MARK}
    assert slot_environment(Slot((0,)), 3) == threads
    assert len(threads) == 4


def test_a_run_sees_the_gpus_of_its_slot() -> None:
    assert slot_environment(Slot((0,), ("2", "GPU-8d"), 1.0), 1)["CUDA_VISIBLE_DEVICES"] == "2,GPU-8d"


def test_a_run_that_asks_for_no_gpu_is_left_alone_until_gpus_are_given_out() -> None:
    assert "CUDA_VISIBLE_DEVICES" not in slot_environment(Slot((0,)), 1)
    assert slot_environment(Slot((0,)), 1, gpus_are_assigned=True)["CUDA_VISIBLE_DEVICES"] == ""


shares = st.one_of(st.sampled_from([0, 0.1, 0.25, 1 / 3, 0.5, 2 / 3, 1, 2, 3]), st.floats(0.001, 0.999))
memories = st.one_of(st.none(), st.integers(1, 40))
demands = st.builds(Demand, st.integers(1, 4), st.integers(1, 3), shares, memories)
capacities = st.builds(
    Capacity,
    st.lists(st.integers(0, 63), min_size=1, max_size=16, unique=True).map(tuple),
    st.integers(1, 100),
    st.lists(st.integers(0, 7).map(str), max_size=4, unique=True).map(tuple),
)


def fits(demand: Demand, capacity: Capacity) -> bool:
    try:
        check_demand(demand, capacity)
    except LaunchError:
        return False
    return True


@given(capacities, demands)
def test_the_most_runs_at_once_is_what_greedy_taking_gives(capacity: Capacity, demand: Demand) -> None:
    most = slots_of(capacity).most(demand)
    assert most == len(greedy(slots_of(capacity), demand))
    assert (most > 0) == fits(demand, capacity)


class TakingAndGivingBack(RuleBasedStateMachine):
    """Runs that come and go in any order, against a plain account of what each one holds."""

    @initialize(capacity=capacities, floor=st.integers(0, 10))
    def start(self, capacity: Capacity, floor: int) -> None:
        self.capacity, self.floor, self.free = capacity, floor, 10
        self.slots = Slots(capacity, floor, lambda: self.free)
        self.held: list[tuple[Slot, Demand]] = []

    @rule(free=st.integers(0, 20))
    def others_use_memory(self, free: int) -> None:
        self.free = free

    @rule(demand=demands)
    def take(self, demand: Demand) -> None:
        slot = self.slots.take(demand)
        if slot is None:
            assert self.held or not fits(demand, self.capacity)
            return
        assert not self.held or self.free >= self.floor
        assert (len(slot.cores), len(slot.gpus)) == (demand.cores, math.ceil(demand.gpus))
        assert slot.share == pytest.approx(min(demand.gpus, 1), abs=0.001)
        self.held.append((slot, demand))

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        slot, _ = self.held.pop(data.draw(st.integers(0, len(self.held) - 1)))
        self.slots.give_back(slot)
        with pytest.raises(ValueError, match="nobody holds"):
            self.slots.give_back(slot)

    @invariant()
    def no_core_is_held_twice(self) -> None:
        cores = [core for slot, _ in self.held for core in slot.cores]
        assert len(cores) == len(set(cores))
        assert set(cores) <= set(self.capacity.cores)

    @invariant()
    def no_gpu_is_given_more_than_once_over(self) -> None:
        given_out: dict[str, float] = defaultdict(float)
        for slot, _ in self.held:
            for gpu in slot.gpus:
                given_out[gpu] += slot.share
        assert set(given_out) <= set(self.capacity.gpus)
        assert all(0 < share <= 1 + 1e-9 for share in given_out.values())

    @invariant()
    def a_whole_gpu_has_one_run(self) -> None:
        for slot, _ in self.held:
            others = {gpu for other, _ in self.held if other is not slot for gpu in other.gpus}
            assert slot.share < 1 or not others & set(slot.gpus)

    @invariant()
    def no_more_memory_is_declared_than_there_is(self) -> None:
        assert sum(demand.memory or 0 for _, demand in self.held) <= self.capacity.memory

    def teardown(self) -> None:
        if not hasattr(self, "slots"):
            return
        for slot, _ in self.held:
            self.slots.give_back(slot)
        everything = Demand(len(self.capacity.cores), 1, len(self.capacity.gpus), self.capacity.memory)
        assert self.slots.take(everything) is not None


TestTakingAndGivingBack = TakingAndGivingBack.TestCase
TestTakingAndGivingBack.settings = settings(stateful_step_count=30, deadline=None)


def test_a_demand_that_never_fits_is_refused_whatever_is_held() -> None:
    slots = Slots(Capacity((0, 1), 8 * 2**30, ()), 0, lambda: 8 * 2**30)
    slots.take(Demand(ranks=2))
    slots.check(Demand(ranks=2))
    with pytest.raises(LaunchError, match="a run needs 3 cores"):
        slots.check(Demand(ranks=3))
