"""The report in a browser: tokens are pointed at, transcripts changed, on a phone and in the dark, without an error.

Skips where there is no Chromium with its driver (Debian: chromium, chromium-driver). Nothing is downloaded.
"""

import json
import shutil

import pytest

from data.chats import load_tokenizer
from data.preferences import read_preferences
from data.sources.reading import Reading
from eval.play.writing import embed, render
from eval.report import write_report
from eval.results import Row, write_rows

webdriver = pytest.importorskip("selenium.webdriver")
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

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


# --- the live page


@pytest.fixture(scope="module")
def live(tmp_path_factory, tokenizer_folder):
    """Two small models and ten pairs to choose between; hostile text wherever a model speaks."""
    from test_play import stored, told_of

    folder, models, weights = tmp_path_factory.mktemp("play"), [], []
    tokenizer = load_tokenizer(tokenizer_folder)
    for seed, stage in enumerate(("base", "sft")):
        told = told_of(stored(tokenizer, folder / stage, "lfm2", seed), "bf16")
        weights.append(told["weights"])
        models.append(told["model"] | {"tokenizer": told["tokenizer"], "stage": stage, "label": stage, "made": "small"})
    pairs = [
        {"prompt": [{"role": "user", "content": f"Question {number}? {HOSTILE}"}], "kind": "question",
         "answers": [{"model": stage, "text": f"{stage} {number} {HOSTILE}", "stopped": True, "utility": worth}
                     for stage, worth in (("base", 0.4), ("sft", 1.0))]}
        for number in range(20)
    ]  # fmt: skip
    data = {
        "run": "r", "weights": "bf16", "fidelity": "all", "models": models, "labels": {}, "examples": [],
        "few": {"before": "", "frame": ["Q: ", "\nA:"]},
        "label": {"stages": {"base": "base", "sft": "instruct"}, "pairs": pairs, "seed": 0, "hash": "x"},
    }  # fmt: skip
    page = folder / "play.html"
    page.write_text(render(data, weights), encoding="utf-8")
    return page


def open_live(browser, page, fragment: str = ""):
    browser.get("about:blank")
    browser.execute_cdp_cmd("Network.enable", {})
    offline = {"offline": True, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", offline)
    browser.get(page.as_uri() + fragment)
    until(browser, lambda: "Ready" in browser.find_element(By.ID, "status").text)


def until(browser, is_so) -> None:
    WebDriverWait(browser, 20).until(lambda _: is_so())


def written(browser) -> list[str]:
    until(browser, lambda: browser.find_element(By.ID, "write").is_enabled())
    return [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#panes .tokens")]


def colour_by(browser, how: str) -> None:
    script = "by('colour').value = arguments[0]; by('colour').dispatchEvent(new Event('change'))"
    browser.execute_script(script, how)


def test_both_models_write_what_was_typed_and_branch(browser, live):
    open_live(browser, live)
    browser.find_element(By.ID, "prompt").send_keys(f"The capital {HOSTILE}")
    browser.find_element(By.ID, "length").send_keys(Keys.CONTROL + "a" + Keys.NULL + "8")
    browser.find_element(By.ID, "write").click()
    first = written(browser)
    assert all("The capital <img src=x onerror=alert(1)>" in text for text in first)
    tokens = browser.find_elements(By.CSS_SELECTOR, "#panes .pane:first-child .output")
    tokens[2].click()
    others = browser.find_elements(By.CSS_SELECTOR, "#panes .pane:first-child .bars-of button")
    assert len(others) == 8
    others[3].click()
    second = written(browser)
    assert second[0] != first[0]
    assert second[1] == first[1]
    assert browser.get_log("browser") == []


def test_colours_bars_and_a_link_that_restores(browser, live):
    open_live(browser, live)
    browser.find_element(By.ID, "prompt").send_keys("The capital")
    browser.find_element(By.CSS_SELECTOR, "#next summary").click()
    until(browser, lambda: len(browser.find_elements(By.CSS_SELECTOR, "#bars button")) == 16)
    browser.find_element(By.ID, "write").click()
    before = written(browser)
    colour_by(browser, "surprise")
    assert browser.find_elements(By.CSS_SELECTOR, "#panes .w2, #panes .w3")
    colour_by(browser, "shift")
    until(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "#panes .r2, #panes .r4"))
    assert not browser.find_elements(By.CSS_SELECTOR, "#panes .prompt.r2, #panes .prompt.r4")  # nobody wrote the prompt
    browser.find_element(By.ID, "link").click()
    assert written(browser) == before
    fragment = "#" + browser.current_url.split("#", 1)[1]
    open_live(browser, live, fragment)
    assert browser.find_element(By.ID, "prompt").get_property("value") == "The capital"
    browser.find_element(By.ID, "write").click()
    assert written(browser) == before


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("", "chat", "Type something first"),
        ("x" * 100_000, "raw", "100,000 characters"),
        ("one two " * 90, "raw", "reads 64"),
    ],
)
def test_a_prompt_that_does_not_do_is_told_so(browser, live, text, form, told):
    open_live(browser, live)
    browser.find_element(By.CSS_SELECTOR, f"input[value={form}]").click()
    browser.execute_script("document.getElementById('prompt').value = arguments[0]", text)
    browser.find_element(By.ID, "write").click()
    assert told in browser.find_element(By.ID, "trouble").text
    assert browser.find_element(By.ID, "write").is_enabled()


def test_a_chat_goes_on_with_each_ones_own_answers(browser, live):
    open_live(browser, live)
    browser.find_element(By.CSS_SELECTOR, "input[value=chat]").click()
    for number in (1, 2, 3, 4):
        browser.find_element(By.ID, "prompt").send_keys(f"Turn {number}" + Keys.ENTER)
        written(browser)
    turns = browser.find_elements(By.CSS_SELECTOR, "#panes .pane:first-child .asked")
    assert [turn.text for turn in turns] == [f"You: Turn {number}" for number in (1, 2, 3, 4)]
    assert "no longer fit" in browser.find_element(By.CSS_SELECTOR, "#panes .turns").text  # 64 tokens are soon full
    sent = browser.execute_script("return panes[0].sent.textContent")
    assert sent.endswith("User: Turn 4\nAssistant:")
    browser.find_element(By.ID, "fresh").click()
    assert not browser.find_elements(By.CSS_SELECTOR, "#panes .asked")


def test_twenty_pairs_are_labelled_by_keyboard_and_nothing_is_lost(browser, live, tmp_path):
    open_live(browser, live, "#label")
    browser.execute_script("localStorage.clear()")
    open_live(browser, live, "#label")
    for place in range(21):  # twenty, and one of them again
        keys = browser.find_element(By.TAG_NAME, "body")
        left = browser.find_element(By.CSS_SELECTOR, "#label pre").text
        keys.send_keys("1" if left.startswith("sft") else "2")
        if place == 3:
            keys.send_keys("u")
            assert browser.find_element(By.TAG_NAME, "progress").get_property("value") == 3
            keys.send_keys("3")
        if place == 10:
            open_live(browser, live, "#label")
            assert browser.find_element(By.TAG_NAME, "progress").get_property("value") == 11
    reveal = browser.find_element(By.ID, "reveal").text
    assert "You preferred base to instruct\n0 of 19" in reveal
    assert "You agree with the program that checks answers\n19 of 19" in reveal
    assert "Your 19 votes tell which" in reveal
    file = tmp_path / "preferences.jsonl"
    browser.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    browser.execute_script("window.showSaveFilePicker = undefined")  # it would ask where
    browser.find_element(By.XPATH, "//button[contains(., 'Save')]").click()
    until(browser, lambda: file.is_file() and file.read_text().count("\n") == 21)
    preferences, left_out = read_preferences(Reading(str(file), "preferences"))
    assert len(preferences) == 19
    assert left_out == {"tie": 1, "asked again": 1}
    assert all(row["chosen"][0]["content"].startswith("sft") for row in preferences)


def test_where_nothing_can_be_kept_the_page_says_so(browser, live):
    script = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"
    made = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": script})
    try:
        open_live(browser, live, "#label")
        browser.find_element(By.TAG_NAME, "body").send_keys("1")
        assert browser.find_element(By.TAG_NAME, "progress").get_property("value") == 1
        assert "save before you close it" in browser.find_element(By.ID, "label").text
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", made)


def test_what_the_person_ends_is_not_said_to_have_ended_by_itself(browser, live):
    open_live(browser, live)
    slow = "const now = performance.now; performance.now = () => now.call(performance) + 1e9 * Math.random()"
    browser.execute_script(slow)
    browser.find_element(By.ID, "prompt").send_keys("The capital")
    browser.find_element(By.ID, "write").click()
    browser.execute_script("document.getElementById('stop').click()")
    written(browser)
    ends = [one.text for one in browser.find_elements(By.CSS_SELECTOR, "#panes .stop")]
    assert any(end.startswith("… stopped by you") for end in ends)
    browser.execute_script("panes[0].branch(panes[0].now.from, panes[0].model.decoder.config.stops[0])")
    assert browser.find_element(By.CSS_SELECTOR, "#panes .stop").text == "■ ended by you"
    assert browser.execute_script("return panes[0].now.ids.length === panes[0].now.from")


def test_a_model_may_be_changed_while_it_writes(browser, live):
    open_live(browser, live)
    browser.find_element(By.ID, "prompt").send_keys("The capital")
    browser.execute_script("document.getElementById('write').click()")
    browser.find_element(By.CSS_SELECTOR, "#panes select option[value='1']").click()
    assert browser.find_element(By.ID, "write").is_enabled()
    browser.find_element(By.ID, "write").click()
    first, second = written(browser)
    assert first == second  # both panes are the same model now


@pytest.mark.parametrize("fragment", ["#play=null", "#play=%7B%22models%22:5%7D", "#play=x"])
def test_a_damaged_link_is_told(browser, live, fragment):
    open_live(browser, live, fragment)
    assert "link to this page is damaged" in browser.find_element(By.ID, "trouble").text


def test_it_lives_inside_a_report_as_well(browser, live, tmp_path):
    (tmp_path / "verdicts.json").write_text("[]")
    report = write_report(tmp_path)
    plain = report.read_text(encoding="utf-8")
    for _ in range(2):  # a second time it takes the place of the first
        embed(live, report)
    assert report.read_text(encoding="utf-8").count("srcdoc=") == 1
    assert len(report.read_text(encoding="utf-8")) > len(plain) + live.stat().st_size
    browser.get("about:blank")
    browser.get(report.as_uri())
    browser.switch_to.frame(browser.find_element(By.TAG_NAME, "iframe"))
    until(browser, lambda: "Ready" in browser.find_element(By.ID, "status").text)
    browser.find_element(By.ID, "prompt").send_keys("The capital")
    browser.execute_script("document.getElementById('write').click()")
    assert all(text.startswith("<|startoftext|>The capital") for text in written(browser))
    browser.switch_to.default_content()
    assert browser.get_log("browser") == []
