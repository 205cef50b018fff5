"""The page as text: its figures are ones that plotly knows, and nothing in it is made of what runs say."""

from __future__ import annotations

import base64
import gzip
import html.parser
import json
import math
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from sweep.base.errors import UsageError
from sweep.results.report.content import gather
from sweep.results.report.figures.style import label
from sweep.results.report.files import check_place, write_report
from sweep.results.report.html import Html, element, lines
from sweep.results.report.page import figures, packed, page
from sweep.results.report.request import ReportRequest

from ..conftest import DataDir, curve
from .conftest import HOSTILE, hostile, ordinary

REQUEST = ReportRequest(("data",), parallel=True)
STEERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")


class Elements(html.parser.HTMLParser):
    """Counts elements, and keeps attributes that could run or fetch something."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.count: Counter[str] = Counter()
        self.active: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] += 1
        self.active += [(key, value) for key, value in attrs if key.startswith("on") or key in ("src", "href")]


def test_text_in_an_element_or_an_attribute_is_only_ever_text() -> None:
    for text in HOSTILE:
        made = element("p", text, title=text, data_x=text).text
        assert Elements(made).count == {"p": 1} and not STEERS.search(made)
        assert Elements(element("pre", lines([text, text])).text).count == {"pre": 1}


def test_elements_nest_and_leave_out_what_is_none() -> None:
    made = element("ul", (element("li", n, hidden=n == 2) for n in (1, 2)), None, class_="a", open=False, id=None)
    assert made == Html('<ul class="a"><li>1</li><li hidden>2</li></ul>')


def test_texts_of_figures_have_no_tags_and_no_placeholders() -> None:
    for text in HOSTILE:
        made = label(text)
        assert not set("<>$%") & set(made) and not STEERS.search(made)
    assert label("x" * 99, 10) == "xxxxxxx..."


def test_every_figure_is_one_that_plotly_knows(data_dir: DataDir) -> None:
    go = pytest.importorskip("plotly.graph_objects")
    made = figures(gather(ordinary(data_dir).find(), REQUEST))
    assert {"scores", "differences", "shares", "level-0", "heat-0", "curve-0", "parallel"} <= set(made)
    for figure in made.values():
        go.Figure(painted(figure))


def painted(value: Any, key: str = "") -> Any:
    """Return a figure with colours for their names, as the page's script makes it."""
    if key in ("color", "fillcolor", "bgcolor"):
        return ["#123456" for _ in value] if isinstance(value, list) else "#123456"
    if key == "colorscale":
        return "Viridis"
    if isinstance(value, dict):
        return {name: painted(one, name) for name, one in value.items()}
    return [painted(one) for one in value] if isinstance(value, list) else value


def test_the_page_of_a_hostile_sweep_has_the_elements_of_a_harmless_one(data_dir: DataDir) -> None:
    text = page(gather(hostile(data_dir).find(), REQUEST), "plotly")
    found = Elements(text)
    assert found.count["script"] == 3 and not found.count["img"] + found.count["svg"] + found.count["b"]
    assert all(key == "href" and (value or "").startswith(("#", "data:text/csv;")) for key, value in found.active)
    assert not STEERS.search(text)


def test_every_place_of_a_figure_has_one_and_every_figure_a_place(data_dir: DataDir) -> None:
    report = gather(ordinary(data_dir).find(), REQUEST)
    places = re.findall('data-figure="([^"]*)"', page(report, ""))
    assert sorted(places) == sorted(figures(report)) and len(set(places)) == len(places)


def test_a_policy_forbids_every_request_and_every_other_script(data_dir: DataDir) -> None:
    report = gather(ordinary(data_dir).find(), REQUEST)
    first, second = page(report, ""), page(report, "")
    policy = re.search('Content-Security-Policy" content="([^"]*)"', first)
    assert policy is not None and policy[1].startswith("default-src 'none'; script-src 'nonce-")
    assert "unsafe-eval" not in policy[1] and "connect" not in policy[1] and "http" not in policy[1]
    assert re.findall("nonce-([^']*)'", first) != re.findall("nonce-([^']*)'", second)


def test_the_drawing_code_is_packed_so_that_it_can_be_unpacked() -> None:
    assert gzip.decompress(base64.b64decode(packed("code"))) == b"code" and packed("code") == packed("code")


def test_numbers_that_are_none_are_in_no_figure(data_dir: DataDir) -> None:
    for lr in (1, 2):
        data_dir.run(f"x{lr}", 0, curve(1.0, math.inf, math.nan), lr=lr)
        data_dir.run(f"x{lr}", 1, curve(math.nan, -math.inf, 5.0), lr=lr)
    assert json.dumps(figures(gather(data_dir.find(), REQUEST)), allow_nan=False)


@pytest.mark.parametrize("state", ["done", "failed"])
def test_a_single_run_makes_a_page_whether_it_has_a_score_or_not(data_dir: DataDir, state: str) -> None:
    data_dir.run("x", 0, curve(1.0), state, lr=1)
    text = page(gather(data_dir.find(), REQUEST), "")
    assert "1 setting x 1 seed = 1 run" in text and 'id="settings"' in text


def test_a_file_of_about_two_megabytes_or_a_small_one_beside_a_shared_script(data_dir: DataDir, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    report = gather(ordinary(data_dir).find(), REQUEST)
    whole = write_report(report, tmp_path / "a.html")
    small = write_report(report, tmp_path / "out" / "b.html", is_shared=True)
    assert whole.shared is None and whole.size == whole.path.stat().st_size < 2.5e6
    assert small.size < 0.2e6 and small.shared is not None and small.shared.parent == tmp_path / "out"
    assert f'src="{small.shared.name}"' in small.path.read_text(encoding="utf-8")
    before = small.shared.stat()
    write_report(report, tmp_path / "out" / "c.html", is_shared=True)
    assert small.shared.stat().st_ino == before.st_ino


def test_nothing_is_written_into_the_directory_of_a_run(data_dir: DataDir, tmp_path: Path) -> None:
    runs = ordinary(data_dir).find()
    for place in (runs[0].path / "report.html", runs[0].path / "deeper" / "report.html"):
        with pytest.raises(UsageError, match="only read"):
            check_place(place, runs)
    check_place(data_dir.path / "report.html", runs)
    with pytest.raises(UsageError, match="no page's name"):
        check_place(tmp_path / "report.pdf", runs)


def test_what_cannot_be_written_is_told_in_one_line(data_dir: DataDir, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot be written"):
        write_report(gather(ordinary(data_dir).find(), REQUEST), tmp_path / "file" / "a.html")
