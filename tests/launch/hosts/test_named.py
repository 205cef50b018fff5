"""How hosts are written, and what is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.base.errors import UsageError
from sweep.launch.hosts.named import Host, parse_hosts


def test_hosts_are_names_with_their_slots() -> None:
    both = (Host("h1", 8), Host("node-2.x.org", 4))
    assert parse_hosts("h1:8, node-2.x.org:4") == both
    assert parse_hosts(["h1:8", "node-2.x.org:4"]) == both
    assert str(both[0]) == "h1:8"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "hosts: '' is no host"),
        ([], "hosts is empty; name one or more"),
        (7, "hosts is 7; it is text such as 'h1:8,h2:8'"),
        ("h1", "hosts: h1 has no number of slots; .*: h1:8"),
        ("h1:", "h1 has a number of slots from 1 to 9999"),
        ("h1:0", "h1 has a number of slots from 1 to 9999"),
        ("h1:-1", "h1 has a number of slots"),
        ("h1:1e3", "h1 has a number of slots"),
        ("h1:99999", "h1 has a number of slots"),
        ("h1:²", "h1 has a number of slots"),
        ("h1:8,,h2:8", "hosts: '' is no host"),
        ("h1:8,h1:4", "hosts names h1 more than once; .*: h1:8"),
        ("-oProxyCommand=x:8", "is no host"),
        ("-h1:8", "does not begin with '-'"),
        ("a b:8", "is no host"),
        ("$(x):8", "is no host"),
        ("h1;x:8", "is no host"),
        ("h1\nh2:8", "is no host"),
        ("me@h1:8", "User and port belong in ~/.ssh/config"),
        (["h1:8", 3], "hosts: 3 is no host"),
        ("[fe80::1]:8", "is an IPv6 address"),
        ("fe80::1", "is an IPv6 address"),
    ],
)
def test_what_is_no_host_is_refused_in_one_line(given: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message) as error:
        parse_hosts(given)
    assert "\n" not in str(error.value)


@given(st.text(max_size=12))
def test_a_name_that_is_accepted_means_nothing_to_a_shell_or_to_ssh(text: str) -> None:
    try:
        (host, *_) = parse_hosts(f"{text}:1")
    except UsageError:
        return
    assert not set(host.name) & set(" \t\n'\"$`;&|<>()*?[]{}\\!~#=%^@/,:")
    assert not host.name.startswith("-")
