"""The report in a browser: tokens are pointed at, transcripts changed, on a phone and in the dark, without an error.

Skips where there is no Chromium with its driver (Debian: chromium, chromium-driver). Nothing is downloaded.
"""

import json
import shutil

import pytest

from eval.report import write_report
from eval.results import Row, write_rows

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium with chromedriver on this machine")
HOSTILE = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"
WIDTHS = {"phone": 390, "desk": 1100}


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """Two groups of transcripts, two texts in tokens and one claim; hostile text wherever a model speaks."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "transcripts.jsonl").write_text("\n".join(map(json.dumps, [*exchanges(), *texts_in_tokens()])))
    write_rows(folder / "results.csv", shift_rows())
    claim = {"claim": "It stops", "row": "Output", "question": "stopping", "metric": "stopped", "verdict": "REVERSED",
             "contested": "it may not want to", "estimate": -0.5, "low": -0.6, "high": -0.4}  # fmt: skip
    (folder / "verdicts.json").write_text(json.dumps([claim]))
    return write_report(folder).as_uri()


def exchanges() -> list[dict]:
    return [
        {"group": name, "index": index, "title": f"{name} {index}", "model": model, "condition": form, "seed": 0,
         "prompt": f"prompt {index}", "output": f"{name} {index} {HOSTILE}", "stopped": True}
        for name in ("question", "story") for index in range(3) for model, form in (("base", "raw"), ("sft", "chat"))
    ]  # fmt: skip


def texts_in_tokens() -> list[dict]:
    tokens = [
        {"text": " The", "rank": 1, "p": 0.9, "role": "m", "top": [[" The", 0.9], [" A", 0.1]]},
        {"text": HOSTILE, "rank": 15, "p": 0.01, "role": "m", "top": [[HOSTILE, 0.5], ["\n", 0.2]]},
        {"text": "", "rank": 2, "p": 0.3, "role": "s", "top": [["x", 0.4]]},
    ]
    said = {"group": "token by token", "model": "sft", "condition": "chat", "seed": 0, "output": "", "stopped": True}
    return [said | {"index": index, "prompt": f"asked {index}", "tokens": tokens} for index in range(2)]


def shift_rows() -> list[Row]:
    meta = json.dumps({"ranks": [1, 15, 2], "roles": "mms", "starts": "111"})
    common = {"run_id": "t", "model": "sft", "stage": "sft", "seed": 0, "condition": "chat", "question": "token_shift"}
    return [Row(**common, metric="shifted", item_id=f"q{i}", value=1 / 3, n_tokens=3, meta=meta) for i in range(8)]


def visit(browser, report: str, width: int = WIDTHS["desk"], dark: bool = False) -> None:
    taste = {"prefers-color-scheme": "dark" if dark else "light", "prefers-reduced-motion": "reduce"}
    features = [{"name": name, "value": value} for name, value in taste.items()]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get_log("browser")
    browser.get(report)


def shown(browser, selector: str) -> list:
    return [found for found in browser.find_elements(By.CSS_SELECTOR, selector) if found.is_displayed()]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
def test_the_page_opens_without_an_error_and_fits_its_window(browser, report, width, dark):
    visit(browser, report, width, dark)
    assert browser.get_log("browser") == []
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.find_elements(By.CSS_SELECTOR, "img, iframe") == []  # nothing that a model wrote became markup
    paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, paper[4:-1].split(","))) < 300) == dark


def test_a_token_tells_what_the_base_would_rather_have_written(browser, report):
    visit(browser, report)
    token = shown(browser, ".t.r4[data-tip]")[0]
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", token)
    webdriver.ActionChains(browser).move_to_element(token).perform()
    told = shown(browser, ".told")[0].text
    assert "rank 15 for the base, 1.0 % probable" in told
    assert HOSTILE in told
    assert browser.get_log("browser") == []


def test_the_arrow_keys_go_from_token_to_token(browser, report):
    visit(browser, report)
    first = shown(browser, ".tokens .t")[0]
    first.click()
    first.send_keys(Keys.ARROW_RIGHT)
    browser.switch_to.active_element.send_keys(Keys.ARROW_RIGHT)
    at = browser.switch_to.active_element
    assert at.text == "⟨end⟩"
    assert "rank 2 for the base" in shown(browser, ".told")[0].text
    stops = [token for token in shown(browser, ".tokens .t") if token.get_attribute("tabindex") == "0"]
    assert stops == [at]  # one stop for the Tab key in a text, however long


def test_another_transcript_is_shown(browser, report):
    visit(browser, report)
    first = [pane.text for pane in shown(browser, "#transcripts .pane pre")]
    assert len(first) == 2
    assert all("question 0" in text and HOSTILE in text for text in first)
    shown(browser, "#transcripts .on")[0].click()
    assert "question 1" in shown(browser, "#transcripts .pane pre")[0].text
    shown(browser, "#transcripts .back")[0].click()
    shown(browser, "#transcripts .back")[0].click()  # round to the last
    assert "question 2" in shown(browser, "#transcripts .pane pre")[0].text
    (story,) = [button for button in shown(browser, "#transcripts .chooser button") if button.text == "story"]
    story.click()
    assert "story 0" in shown(browser, "#transcripts .pane pre")[0].text
    assert browser.get_log("browser") == []


def test_without_a_script_everything_is_there(browser, report):
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    visit(browser, report)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
    assert len(browser.find_elements(By.CSS_SELECTOR, "#transcripts .pane")) == 12
    assert browser.find_elements(By.CSS_SELECTOR, ".told") == []
    assert "rank 15" in browser.find_element(By.CSS_SELECTOR, ".t.r4[title]").get_attribute("title")


def test_no_script_but_its_own_may_run(browser, report):
    visit(browser, report)
    browser.execute_script(
        "const s = document.createElement('script'); s.textContent = 'window.stranger = 1';"
        "document.body.append(s); const b = document.createElement('b');"
        "b.setAttribute('onclick', 'window.stranger = 2'); document.body.append(b); b.click();"
    )
    assert browser.execute_script("return window.stranger") is None


def test_what_was_not_confirmed_says_why_and_a_table_is_saved_from_the_page_itself(browser, report):
    visit(browser, report)
    assert "it may not want to" in browser.find_element(By.ID, "limits").text
    link = browser.find_element(By.CSS_SELECTOR, "a[href^='data:text/csv']")
    assert link.get_attribute("download").endswith(".csv")
    assert "Shifted" in link.get_attribute("href")
