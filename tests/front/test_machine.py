"""What the settings make of the machine."""

from __future__ import annotations

import pytest

from sweep.base.settings import Settings
from sweep.front.machine import this_machine


@pytest.mark.parametrize("wanted", [True, False])
def test_a_namespace_is_used_if_the_settings_say_so(wanted: bool) -> None:
    assert this_machine(1, Settings(pid_namespace=wanted)).namespace is wanted
