"""Characters for runs and curves."""

from __future__ import annotations

import io
import math

from sweep.results.text.glyphs import ASCII, UNICODE, glyphs_for


def test_a_running_run_is_filled_as_far_as_it_is() -> None:
    assert "".join(UNICODE.mark("running", part) for part in (0.0, 0.5, 0.99, 1.0)) == "▁▄▇▇"
    assert UNICODE.mark("running") == "▷"
    assert UNICODE.mark("done", 0.5) == "■"
    assert UNICODE.mark("something else") == "?"


def test_a_curve_is_drawn_between_its_least_and_its_largest() -> None:
    assert UNICODE.curve([1, 2, 3]) == "▁▄▇"
    assert UNICODE.curve([5, 5]) == "▄▄"
    assert UNICODE.curve([1, math.nan, math.inf, 3]) == "▁  ▇"
    assert UNICODE.curve([math.nan]) == UNICODE.curve([]) == ""


def test_a_stream_gets_only_what_its_encoding_can_carry() -> None:
    assert glyphs_for(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")) is UNICODE
    assert glyphs_for(io.TextIOWrapper(io.BytesIO(), encoding="latin-1")) is ASCII
    assert glyphs_for(io.StringIO()) is ASCII
    assert ASCII.all.isascii()
