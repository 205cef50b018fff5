"""Several hosts divided among runs: who gets which slots, and what becomes of lost hosts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.errors import LaunchError
from sweep.launch.engines.fake import FakeClock
from sweep.launch.hosts.named import parse_hosts
from sweep.launch.hosts.slots import ELSEWHERE, HostSlots, trying_elsewhere
from sweep.launch.retries import Retries
from sweep.launch.slots import Demand, Part, Slot
from sweep.rundir.status import Kind


def slots_of(text: str = "h1:2,h2:2") -> tuple[HostSlots, FakeClock]:
    clock = FakeClock()
    return HostSlots(parse_hosts(text), clock), clock


def taken(slots: HostSlots, demand: Demand | None = None) -> Slot:
    slot = slots.take(demand or Demand())
    assert slot is not None
    return slot


def arrived(slots: HostSlots, demand: Demand | None = None) -> Slot:
    slot = taken(slots, demand)
    slots.answered(slot)
    return slot


def places(slot: Slot) -> list[tuple[str, tuple[int, ...]]]:
    return [(part.host, part.numbers) for part in slot.parts]


def test_a_run_gets_one_host_and_numbers_that_no_other_run_has() -> None:
    slots, _ = slots_of("h1:4")
    found = [arrived(slots, Demand(2)), arrived(slots), arrived(slots)]
    assert [places(slot) for slot in found] == [[("h1", (0, 1))], [("h1", (2,))], [("h1", (3,))]]
    assert found[0].parts[0].of == 4
    assert slots.take(Demand()) is None
    slots.give_back(found[1])
    assert places(taken(slots)) == [("h1", (2,))]


def test_the_emptiest_host_is_first() -> None:
    slots, _ = slots_of("h1:2,h2:3")
    assert [arrived(slots).parts[0].host for _ in range(2)] == ["h2", "h1"]
    assert [arrived(slots).parts[0].host for _ in range(3)] == ["h2", "h1", "h2"]


def test_threads_of_ranks_count() -> None:
    slots, _ = slots_of("h1:4")
    assert places(taken(slots, Demand(2, threads=2))) == [("h1", (0, 1, 2, 3))]


def test_a_run_waits_for_one_host_though_several_together_have_room() -> None:
    slots, _ = slots_of("h1:2,h2:2")
    arrived(slots)
    arrived(slots)
    assert slots.take(Demand(2)) is None


def test_a_run_larger_than_every_host_goes_over_several_with_whole_ranks() -> None:
    slots, _ = slots_of("h1:3,h2:5")
    assert places(taken(slots, Demand(3, threads=2))) == [("h2", (0, 1, 2, 3)), ("h1", (0, 1))]
    assert slots.take(Demand(3, threads=2)) is None


@pytest.mark.parametrize(
    ("demand", "most"), [(Demand(), 8), (Demand(3), 2), (Demand(5), 1), (Demand(6), 1), (Demand(8), 1), (Demand(9), 0)]
)
def test_most_is_what_fits_at_once(demand: Demand, most: int) -> None:
    slots, _ = slots_of("h1:3,h2:5")
    assert slots.most(demand) == most


def test_a_run_for_which_there_is_no_room_at_all_is_refused() -> None:
    slots, _ = slots_of("h1:2,h2:2")
    slots.check(Demand(4))
    with pytest.raises(LaunchError, match=r"needs 5 cores \(5 ranks, 1 thread each\), and h1:2, h2:2 have no room"):
        slots.check(Demand(5))
    with pytest.raises(LaunchError, match="no room"):
        slots.check(Demand(1, threads=3))


def test_a_slot_is_given_back_once() -> None:
    slots, _ = slots_of()
    slot = taken(slots)
    slots.give_back(slot)
    with pytest.raises(ValueError, match="nobody holds"):
        slots.give_back(slot)


# -- hosts that are lost


def test_a_host_that_has_not_answered_is_given_one_run_and_then_up_to_four_on_their_way() -> None:
    slots, _ = slots_of("h1:9")
    first = taken(slots)
    assert slots.take(Demand()) is None
    slots.answered(first)
    on_their_way = [taken(slots) for _ in range(4)]
    assert slots.take(Demand()) is None
    slots.answered(on_their_way[0])
    assert slots.take(Demand()) is not None


def test_a_lost_host_is_left_alone_for_longer_each_time_and_then_gets_one_run() -> None:
    slots, clock = slots_of("h1:4")
    for pause in (1.0, 5.0, 15.0, 60.0, 300.0, 300.0):
        slot = taken(slots)
        slots.lost("h1", "gone")
        slots.give_back(slot)
        clock.now += pause - 0.1
        assert slots.take(Demand()) is None
        clock.now += 0.2
    slots.answered(taken(slots))
    slots.lost("h1")
    clock.now += 1.0
    assert slots.take(Demand()) is not None
    assert slots.take(Demand()) is None


def test_runs_that_are_lost_together_are_one_loss() -> None:
    slots, clock = slots_of("h1:4")
    arrived(slots)
    for _ in range(4):
        slots.lost("h1")
    clock.now += 1.0
    assert slots.take(Demand()) is not None


def test_a_lost_run_goes_elsewhere_and_a_host_that_answers_is_preferred() -> None:
    slots, clock = slots_of("h1:4,h2:9")
    h2, h1 = taken(slots), taken(slots)
    assert (h1.parts[0].host, h2.parts[0].host) == ("h1", "h2")
    slots.answered(h1)
    slots.lost("h2")
    slots.give_back(h2)
    assert taken(slots).parts[0].host == "h1"
    clock.now += 2.0
    assert taken(slots).parts[0].host == "h1"


def test_when_no_host_answers_any_more_that_is_said_with_the_reason() -> None:
    slots, clock = slots_of()
    for _ in range(4):
        slots.check(Demand())
        slots.lost("h1", "Connection refused")
        slots.lost("h2")
        clock.now += 1000.0
    with pytest.raises(LaunchError, match=r"no host takes runs any more \(h1: Connection refused; h2: it was lost\)"):
        slots.check(Demand())


def test_as_long_as_one_host_answers_runs_wait_for_it() -> None:
    slots, clock = slots_of()
    for _ in range(9):
        slots.lost("h1")
        clock.now += 1000.0
    slots.check(Demand())


def test_hosts_that_are_left_out_count_for_nothing() -> None:
    slots, clock = slots_of("h1:4,h2:2")
    slots.leave_out({"h1"})
    assert slots.most(Demand()) == 2
    with pytest.raises(LaunchError, match=r"needs 3 cores .* and h2:2 has no room"):
        slots.check(Demand(3))
    assert taken(slots).parts[0].host == "h2"
    for _ in range(4):
        slots.lost("h2", "gone")
        clock.now += 1000.0
    with pytest.raises(LaunchError, match=r"no host takes runs any more \(h2: gone\)"):
        slots.check(Demand())


def test_what_goes_at_once_now_is_what_the_hosts_have_that_were_not_lost() -> None:
    slots, _ = slots_of("h1:4,h2:2")
    slots.lost("h1")
    assert (slots.most(Demand()), slots.most_now(Demand()), slots.most_now(Demand(3))) == (6, 2, 0)
    assert [host.name for host in slots.serving] == ["h2"]
    slots.answered(Slot((), parts=(Part("h1", (0,), 4),)))
    assert slots.most_now(Demand()) == 6


# -- trying elsewhere


def test_lost_runs_are_tried_elsewhere_and_only_those() -> None:
    found = trying_elsewhere(Retries())
    assert {kind: found.of(kind) for kind in Kind if found.of(kind)} == {Kind.LOST: ELSEWHERE}
    assert trying_elsewhere(Retries(2)).of(Kind.ERROR) == 2
    assert trying_elsewhere(Retries(by_kind={Kind.LOST: 9, Kind.KILLED: 1})) == Retries(
        by_kind={**dict.fromkeys(Kind, 0), Kind.LOST: 9, Kind.KILLED: 1}
    )


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5), st.integers(1, 2)), max_size=40))
def test_whatever_is_taken_and_given_back_no_slot_is_held_twice(steps: list[tuple[int, int, int]]) -> None:
    slots, _ = slots_of("h1:3,h2:2,h3:1")
    held: list[Slot] = []
    for what, ranks, threads in steps:
        if what == 0 and held:
            slots.give_back(held.pop(0))
        elif (slot := slots.take(Demand(ranks, threads))) is not None:
            slots.answered(slot)
            held.append(slot)
        numbers = [(part.host, number) for slot in held for part in slot.parts for number in part.numbers]
        assert len(numbers) == len(set(numbers))
        assert all(number < part.of for slot in held for part in slot.parts for number in part.numbers)
