"""Three letters, and more only where three do not do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid.shorthands import resolve, shorthand
from sweep.grid.values import clean


@pytest.mark.parametrize(
    ("key", "short"),
    [
        ("pi_lr", "pi"),
        ("q_lr", "ql"),
        ("_ab", "ab"),
        ("ac_kwargs:hidden_sizes", "ac-hid"),
        ("steps_per_epoch", "ste"),
        ("größe", "gr"),
        ("学习率", ""),
    ],
)
def test_the_cut_comes_before_the_drop(key: str, short: str) -> None:
    assert shorthand(key) == short


def resolved(*keys: str, **given: str) -> dict[str, str]:
    return resolve({**dict.fromkeys(keys), **given}, automatic=True)


def test_D11_shorthands_that_clash_grow_until_they_differ() -> None:
    assert resolved("train_pi_iters", "train_v_iters") == {"train_pi_iters": "trainp", "train_v_iters": "trainv"}
    assert resolved("polyak", "policy_delay") == {"polyak": "poly", "policy_delay": "poli"}
    assert resolved("update_after", "update_every") == {"update_after": "updatea", "update_every": "updatee"}


def test_D11_others_do_not_grow() -> None:
    assert resolved("gamma", "polyak", "policy_delay")["gamma"] == "gam"


def test_a_shorthand_of_the_users_stays_and_the_automatic_one_gives_way() -> None:
    assert resolved("learning", rate="lea") == {"learning": "lear", "rate": "lea"}
    assert resolved("learning", rate="LEA") == {"learning": "lear", "rate": "LEA"}
    assert resolved(a="x", b="x") == {"a": "x", "b": "x"}


def test_keys_that_differ_only_in_what_is_dropped_or_in_case_stay_short_words() -> None:
    assert resolved("a_b", "a-b") == {"a_b": "ab", "a-b": "ab"}
    assert resolved("LR", "lr") == {"LR": "LR", "lr": "lr"}


def test_without_automatic_shorthands_the_key_stands_in_full() -> None:
    assert resolve({"a:b": None, "c": "x"}, automatic=False) == {"a:b": "a:b", "c": "x"}


keys = st.text("abAB_-:.é", min_size=1, max_size=8).filter(lambda key: all(key.split(":")))


@given(st.lists(keys, unique=True, max_size=6))
def test_automatic_shorthands_differ_wherever_letters_let_them(several: list[str]) -> None:
    chosen = resolved(*several)
    full = [clean(shorthand(key, 99)) for key in several]
    for place, key in enumerate(several):
        if full.count(full[place]) == 1 and not any(
            other != full[place] and full[place].startswith(other) for other in full
        ):
            others = [clean(chosen[other]) for other in several if other != key]
            assert clean(chosen[key]) not in others or clean(chosen[key]) == full[place]


@given(st.lists(keys, unique=True, max_size=6))
def test_a_shorthand_without_a_rival_has_its_three_letters(several: list[str]) -> None:
    for key, short in resolved(*several).items():
        grown = short != shorthand(key)
        rivals = [other for other in several if other != key and clean(shorthand(other)) == clean(shorthand(key))]
        longer = [other for other in several if other != key and clean(short).startswith(clean(shorthand(other)))]
        assert not grown or rivals or longer
