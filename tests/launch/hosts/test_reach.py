"""Our own address, as a host sees it."""

from __future__ import annotations

from collections.abc import Sequence

from sweep.launch.hosts.reach import own_address


def test_our_address_is_asked_of_the_way_to_the_host_as_ssh_knows_it() -> None:
    asked: list[Sequence[str]] = []

    def ask(argv: Sequence[str]) -> str:
        asked.append(argv)
        return "user me\nhostname 127.0.0.1\n"

    assert own_address("box", ("-launcher-exec", "/my ssh"), ask) == "127.0.0.1"
    assert asked == [["/my ssh", "-G", "box"]]
    assert own_address("no such host", (), lambda argv: "") == ""
