"""The page in a real browser, the system's Chromium: drawn, sorted, filtered, silent, safe from what runs say."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sweep.results.report.content import gather
from sweep.results.report.files import write_report
from sweep.results.report.request import ReportRequest

from .conftest import HOSTILE, at, hostile, ordinary

# Nothing of the browser's own may look like a request of the page.
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip
_PATIENCE_S = 60.0


class Page:
    """A page that is open, and what it did."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver, self.path = driver, path

    def open(self, scheme: str = "light", width: int = 1400) -> Page:
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        self.logs("browser"), self.logs("performance")
        self.driver.get(self.path.as_uri())
        self.wait("return document.documentElement.dataset.ready === 'yes'")
        return self

    def wait(self, condition: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not self.run(condition):
            assert time.monotonic() < end, f"{condition}: {self.logs('browser')}"
            time.sleep(0.02)

    def run(self, script: str, *given: object) -> Any:
        return self.driver.execute_script(script, *given)

    def logs(self, kind: str) -> list[Any]:
        found: list[Any] = self.driver.get_log(kind)
        return found

    def requests(self) -> list[str]:
        """Return the addresses that were asked for since the page was opened."""
        events = [json.loads(entry["message"])["message"] for entry in self.logs("performance")]
        sent = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return [str(one["request"]["url"]) for one in sent]

    def column(self, place: int) -> list[str]:
        script = "return [...document.querySelectorAll('#settings tbody tr:not([hidden])')]"
        found: list[str] = self.run(f"{script}.map((row) => row.cells[arguments[0]].textContent)", place)
        return found

    def sort(self, place: int) -> None:
        self.run("document.querySelectorAll('#settings th button')[arguments[0]].click()", place)

    def type(self, text: str) -> None:
        from selenium.webdriver.common.by import By

        box = self.driver.find_element(By.ID, "filter")
        box.clear()
        box.send_keys(text)


@pytest.fixture(scope="module")
def driver(need: Callable[[str, bool, str], None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A browser, started once."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    control = shutil.which("chromedriver")
    need("chromium", bool(browser and control), "apt-get install chromium chromium-driver")
    need("chromium", find_spec("selenium") is not None, "pip install selenium")
    need("chromium", find_spec("plotly") is not None, "pip install plotly")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = str(browser)
    for flag in (*_FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('browser')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(str(control)))
    yield started
    started.quit()


def _written(folder: Path, fill: Callable[[Any], Any], is_shared: bool = False, task: str = "act") -> Path:
    runs = fill(at(folder)).find()
    report = gather(runs, ReportRequest((str(folder / "data"),), parallel=True, task=(task,)))
    return write_report(report, folder / "report.html", is_shared).path


@pytest.fixture(scope="module")
def pages(driver: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Page]:
    """Return a report by name: plain, shared or hostile."""
    made = {
        "plain": _written(tmp_path_factory.mktemp("plain"), ordinary),
        "shared": _written(tmp_path_factory.mktemp("shared"), ordinary, is_shared=True),
        "hostile": _written(tmp_path_factory.mktemp("hostile"), hostile, task="value"),
    }
    return lambda name: Page(driver, made[name])


@pytest.mark.parametrize("name", ["plain", "shared"])
def test_every_figure_is_drawn_without_a_word_of_complaint(pages: Callable[[str], Page], name: str) -> None:
    page = pages(name).open()
    count = page.run("return document.querySelectorAll('[data-figure]').length")
    assert count >= 12
    assert page.run("return document.querySelectorAll('[data-figure] svg.main-svg').length") >= count
    assert page.logs("browser") == []


def test_the_page_asks_for_nothing_but_itself(pages: Callable[[str], Page]) -> None:
    page = pages("plain").open()
    page.run("document.querySelector('#theme').click()")
    asked = page.requests()
    assert asked[0] == page.path.as_uri()
    assert all(url == asked[0] or url.startswith(("data:", "blob:")) for url in asked)


def test_it_could_not_even_if_it_wanted_to(pages: Callable[[str], Page]) -> None:
    page = pages("plain").open()
    answer = """
        const done = arguments[0];
        fetch('https://example.invalid/').then(() => done('sent'), (error) => done(error.name));
    """
    assert page.driver.execute_async_script(answer) == "TypeError"
    assert any("Content Security Policy" in entry["message"] for entry in page.logs("browser"))
    page.run("const s = document.createElement('script'); s.textContent = 'window.owned = 1'; document.body.append(s)")
    assert page.run("return window.owned") is None


def test_no_button_shares_a_chart(pages: Callable[[str], Page]) -> None:
    page = pages("plain").open()
    titles = page.run("return [...document.querySelectorAll('[data-title]')].map((one) => one.dataset.title)")
    assert titles and not any("hare" in title or "loud" in title for title in titles)


def test_a_heading_sorts_by_number_and_a_second_press_turns_it_around(pages: Callable[[str], Page]) -> None:
    page = pages("plain").open()
    assert page.column(0) == ["1", "2", "3", "4"]
    page.sort(2)
    assert page.column(2) == ["0.01", "0.01", "0.1", "0.1"]
    page.sort(2)
    assert page.column(2) == ["0.1", "0.1", "0.01", "0.01"]
    assert page.run("return document.querySelectorAll('#settings th')[2].getAttribute('aria-sort')") == "descending"
    page.sort(0)
    assert page.column(0) == ["1", "2", "3", "4"]


def test_a_filter_hides_rows_and_their_curves(pages: Callable[[str], Page]) -> None:
    page = pages("plain").open()
    page.type("lr=0.1 tanh")
    page.wait("return document.querySelector('#shown').textContent.startsWith('1 of 4')")
    assert page.column(1) == ["tanh"] and page.column(2) == ["0.1"]
    shown = """
        return [...document.querySelectorAll('[data-figure^=curve]')].flatMap((one) => one.data)
            .filter((trace) => trace.visible !== false && trace.line.dash === 'solid').length
    """
    assert page.run(shown) == 1
    page.type("")
    page.run("document.querySelector('#filter').value = ''; "
             "document.querySelector('#filter').dispatchEvent(new Event('input'))")  # fmt: skip
    page.wait("return document.querySelector('#shown').textContent === ''")
    assert len(page.column(0)) == 4


def test_all_of_it_can_be_used_with_the_keyboard(pages: Callable[[str], Page]) -> None:
    from selenium.webdriver.common.keys import Keys

    page = pages("plain").open()
    page.run("document.querySelectorAll('#settings th button')[2].focus()")
    page.driver.switch_to.active_element.send_keys(Keys.ENTER)
    assert page.column(2) == ["0.01", "0.01", "0.1", "0.1"]
    page.run("document.querySelector('#settings tbody tr').focus()")
    page.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    page.driver.switch_to.active_element.send_keys(Keys.SPACE)
    chosen = "return [...document.querySelectorAll('#settings tbody tr')].map((row) => row.ariaCurrent)"
    assert page.run(chosen) == ["false", "true", "false", "false"]
    faint = "return document.querySelector('[data-figure=curve-0]').data.some((trace) => trace.opacity < 0.1)"
    assert page.run(faint)


def test_light_and_dark_follow_the_system_and_a_button(pages: Callable[[str], Page]) -> None:
    page = pages("plain")
    ink = "return getComputedStyle(document.querySelector('[data-figure=scores] .xtick text')).fill"
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = [page.open("light").run(script) for script in (ink, ground)]
    dark = [page.open("dark").run(script) for script in (ink, ground)]
    assert light[0] != dark[0] and light[1] != dark[1]
    page.run("document.querySelector('#theme').click()")
    assert [page.run(script) for script in (ink, ground)] == light


@pytest.mark.parametrize("width", [400, 1400])
def test_it_fits_a_phone_and_a_screen(pages: Callable[[str], Page], width: int) -> None:
    page = pages("plain").open(width=width)
    assert page.run("return document.documentElement.scrollWidth") <= width
    wide = "return [...document.querySelectorAll('[data-figure] svg')].some((one) => one.clientWidth > innerWidth)"
    assert not page.run(wide)


def test_without_scripts_the_table_the_warnings_and_the_failures_are_there(pages: Callable[[str], Page]) -> None:
    page = pages("plain")
    page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        page.driver.get(page.path.as_uri())
        text = page.run("return document.body.innerText")
    finally:
        page.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert "have no score" in text and "rank 0: ValueError: loss is nan" in text and "95% interval" in text


def test_whatever_runs_say_makes_no_element_runs_nothing_and_steers_nothing(pages: Callable[[str], Page]) -> None:
    page = pages("hostile").open()
    hover = "Plotly.Fx.hover(document.querySelector(arguments[0]), [{curveNumber: arguments[1], pointNumber: 0}])"
    for figure, curve in (("scores", 0), ("scores", 1), ("differences", 0), ("level-0", 0), ("curve-0", 1)):
        page.run(hover, f"[data-figure={figure}]", curve)
    assert page.run("return document.querySelectorAll('.hovertext').length") >= 3
    assert page.run("return window.owned") is None
    strange = """
        const kinds = 'img, iframe, object, embed, form, base, b, script:not(#figures), svg a, [href], [src]';
        return [...document.querySelectorAll(kinds)]
            .filter((one) => !one.nonce && !/^(#|data:text.csv)/.test(one.getAttribute('href')))
            .map((one) => one.outerHTML)
    """
    assert page.run(strange) == [] and page.run("return document.querySelectorAll('#figures').length") == 1
    assert page.run("return [...document.querySelectorAll('*')].some((one) => one.onload || one.onerror)") is False
    shown = page.run("return document.documentElement.outerHTML + document.body.innerText")
    assert not any(letter in shown for letter in "\x1b\x07\u2028\u2029\u202e")
    asked = page.requests()
    assert all(url == asked[0] or url.startswith(("data:", "blob:")) for url in asked)
    assert page.logs("browser") == []


def test_what_runs_say_can_be_read_as_it_is(pages: Callable[[str], Page]) -> None:
    page = pages("hostile").open()
    text = page.run("return document.querySelector('#failures').innerText")
    assert HOSTILE[0] in text and HOSTILE[3] in text and "\\x1b[2J" in text and "\\u2028" in text
    drawn = page.run("return [...document.querySelectorAll('[data-figure] text')].map((one) => one.textContent).join()")
    assert "<script>window" in drawn and "%{custo" in drawn
