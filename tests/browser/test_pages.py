"""The pages in a real Chromium, against a running demo. Each test has a browser profile of its own."""

import json
import os
import pathlib
import socket
import subprocess
import time
import urllib.request

import pytest

from chromium import Chromium

ROOT = pathlib.Path(__file__).resolve().parents[2]
PICTURES = os.environ.get("SSBTEK_PICTURES")


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    program = os.environ.get("SSBTEK_DEMO", ROOT / "target/debug/ssbtek-demo")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        base = min(free.getsockname()[1], 65_000)
    log = (folder / "log").open("w")
    process = subprocess.Popen([program, "--data-dir", folder / "data", "--port-base", str(base)], stdout=log, stderr=log)
    until = time.monotonic() + 120
    while "stays up" not in (folder / "log").read_text():
        assert process.poll() is None and time.monotonic() < until, (folder / "log").read_text()
        time.sleep(0.1)
    told = json.loads((folder / "data/demo.json").read_text())
    told["folder"] = folder / "data"
    yield told
    process.terminate()
    process.wait(30)


@pytest.fixture(scope="session")
def chromium():
    browser = Chromium()
    yield browser
    browser.close()


@pytest.fixture
def page(chromium):
    page = chromium.page()
    yield page
    assert page.complaints() == []


def behave(demo, agency, **behaviour):
    request = urllib.request.Request(
        f"{demo['mock_control']}/behaviour/{agency}", data=json.dumps(behaviour).encode(), method="PUT"
    )
    urllib.request.urlopen(request).read()


def sign_in(page, demo, name="Anna Berg"):
    page.go(demo["web"])
    page.leads("main a", "Logga in")
    page.leads("a", name)
    page.wait("document.querySelector('.who') || document.querySelector('.alarm')")


def open_case(page, demo):
    page.click("#case")
    page.type(demo["case"])
    page.leads("form.find button")
    page.wait("document.querySelector('fieldset')")


def ask(page, who="sökande"):
    page.click("label.choice", who)
    page.leads("form button", "Fråga")
    page.wait("document.querySelector('.whole')")


def shoot(page, name):
    """Pictures of a page, where somebody wants to look: light and dark, wide and narrow."""
    if not PICTURES:
        return
    folder = pathlib.Path(PICTURES)
    folder.mkdir(parents=True, exist_ok=True)
    for look, (width, dark) in {"wide": (1280, False), "wide-dark": (1280, True), "320": (320, False), "320-dark": (320, True)}.items():
        page.look(width, dark=dark)
        page.picture(folder / f"{name}-{look}.png")
    page.look(1280)


def fits(page):
    """Nothing runs out of a page of 320 pixels, nor of one with text of twice the size."""
    page.look(320)
    wide = page.js(
        "[...document.querySelectorAll('body *')].filter(one => one.getBoundingClientRect().right > 321"
        " && !one.closest('pre') && !one.closest('.skip') && !one.closest('.payments thead'))"
        ".map(one => one.outerHTML.slice(0, 120))"
    )
    assert wide == [] and page.js("document.documentElement.scrollWidth") <= 320, wide
    page.look(1280)


def test_somebody_who_has_read_nothing_signs_in_asks_and_reads_the_answer(page, demo):
    page.go(demo["web"])
    assert "För vem" in page.text() and "Så går det till" in page.text()
    shoot(page, "1-welcome")
    fits(page)
    sign_in(page, demo)
    shoot(page, "2-cases")
    fits(page)
    open_case(page, demo)
    assert page.js("document.querySelectorAll('input[type=checkbox]:checked').length") == 7
    shoot(page, "3-case")
    fits(page)
    ask(page)
    text = page.text()
    for said in ["Vem har svarat", "Betalningar", "Loggat som post", "det stämmer", "kr"]:
        assert said in text, said
    # What was told before the whole is out of the way.
    assert page.js("getComputedStyle(document.querySelector('.arriving')).display") == "none"
    shoot(page, "4-answer")
    fits(page)
    number = demo["persons"][0]["person_number"]
    assert number[2:] not in page.url() and number[8:] not in page.js("document.title")


def test_a_protected_person_cannot_be_overlooked_and_is_nowhere_to_be_found(page, demo):
    sign_in(page, demo)
    open_case(page, demo)
    ask(page, "medsökande")
    first = page.js(
        "(() => { const whole = document.querySelector('.whole'); return whole.firstElementChild.className; })()"
    )
    assert first == "guard", "the band comes before everything else of the answer"
    band = page.js("document.querySelector('.whole .guard').innerText")
    assert "SKYDDADE PERSONUPPGIFTER" in band
    width = page.js("document.querySelector('.whole .guard').getBoundingClientRect().width")
    assert width >= page.js("document.querySelector('main').clientWidth") - 60, "across the page"
    shoot(page, "5-protected")
    fits(page)
    page.leads(".crumbs a:last-child")
    assert page.js("document.querySelector('.guard') !== null && document.querySelector('.mark') !== null")
    shoot(page, "6-protected-case")


def test_an_agency_that_fails_is_told_and_asked_again(page, demo):
    behave(demo, "CSN", outage="refuse")
    try:
        sign_in(page, demo)
        open_case(page, demo)
        ask(page)
        assert "SVARAT DELVIS" in page.text() and "Fråga Centrala studiestödsnämnden igen" in page.text()
        shoot(page, "7-failed")
        fits(page)
    finally:
        behave(demo, "CSN")
    page.leads("form.again button")
    page.wait("document.querySelector('.whole')")
    assert page.js("document.querySelector('form.again') === null")


def test_lines_come_in_the_order_in_which_agencies_answer(page, demo):
    behave(demo, "SKV", delay_ms=2500)
    try:
        sign_in(page, demo)
        open_case(page, demo)
        page.click("label.choice", "sökande")
        page.click("form button", "Fråga")
        page.wait("document.querySelectorAll('.arriving li').length >= 5")
        codes = page.js("[...document.querySelectorAll('.arriving li b')].map(one => one.innerText)")
        assert "SKV" not in codes and not page.js("document.querySelector('.whole') !== null")
        assert page.js("document.querySelector('.arriving ol').getAttribute('aria-live')") == "polite"
        shoot(page, "8-arriving")
        page.wait("document.querySelector('.whole')")
        codes = page.js("[...document.querySelectorAll('.arriving li b')].map(one => one.innerText)")
        assert codes[-1] == "SKV", codes
    finally:
        behave(demo, "SKV")


def test_the_same_by_keyboard_alone(page, demo):
    page.go(demo["web"])

    def reach(what, most=60):
        for _ in range(most):
            page.key("Tab")
            if page.js(f"document.activeElement.matches({json.dumps(what)})"):
                assert page.js("getComputedStyle(document.activeElement).outlineStyle") != "none", "it can be seen"
                return
        raise AssertionError(f"no way by keyboard to {what}")

    def enter():
        mark = f"m{time.monotonic_ns()}"
        page.js(f"window.{mark} = true")
        page.key("Enter")
        page.wait(f"!window.{mark} && document.readyState === 'complete'")

    reach(".skip")
    reach("main a.button")
    enter()
    for _ in range(20):
        page.key("Tab")
        if "Anna Berg" in page.js("document.activeElement.innerText"):
            break
    enter()
    page.wait("document.querySelector('#case')")
    reach("#case")
    page.type(demo["case"])
    page.key("Enter")
    page.wait("document.querySelector('fieldset')")
    reach(".send button")
    page.key("Enter")
    page.wait("document.querySelector('.whole')")
    reach("summary")


def test_back_after_signing_out_shows_nobody(page, demo):
    sign_in(page, demo)
    open_case(page, demo)
    ask(page)
    number = demo["persons"][0]["person_number"]
    page.leads(".who button")
    assert "Du är utloggad" in page.text()
    shoot(page, "9-signed-out")
    for _ in range(3):
        page.back()
        assert number[8:] not in page.text() and "Betalningar" not in page.text(), page.text()


def test_a_blocked_workers_open_session_is_over(chromium, demo):
    page = chromium.page()
    sign_in(page, demo, "Berit Blom")
    assert "Mina ärenden" in page.text()
    client = ROOT / "target/debug/ssbtek"
    subprocess.run([client, "--demo", demo["folder"], "case-worker", "block", "berit.blom"], check=True, capture_output=True)
    page.go(demo["web"])
    assert "Kontot är spärrat" in page.text()
    page.go(demo["web"])
    assert page.js("document.querySelector('.who') === null")
    # A refusal is an answer of status 403, which Chromium notes.
    assert all("403" in said for said in page.complaints()), page.complaints()


def test_a_form_from_elsewhere_and_one_that_is_sent_twice(chromium, demo):
    page = chromium.page()
    sign_in(page, demo)
    open_case(page, demo)
    form = page.js(
        "(() => { const form = document.querySelector('main form');"
        " return [form.action, new URLSearchParams(new FormData(form)).toString()]; })()"
    )
    ask(page)
    # The same form once more, as a second press or a page that is loaded again would send it.
    page.call("Page.navigate", url="about:blank")
    page.go(demo["web"])
    inputs = "".join(
        f"<input type=hidden name='{name}' value='{value}'>"
        for name, value in (pair.split("=", 1) for pair in form[1].split("&"))
    )
    page.call("Page.setBypassCSP", enabled=True)
    page.go(demo["web"])
    page.js(
        f"document.querySelector('main').insertAdjacentHTML('beforeend', `<form id=again method=post action='{form[0]}'>{inputs}"
        "<button>x</button></form>`)"
    )
    page.leads("#again button")
    assert "redan skickat" in page.text(), page.text()
    # And from a page of another origin: the provider's, which knows the address and has the cookie sent along.
    page.go(demo["web"])
    other = chromium.page()
    sign_in(other, demo)
    other.call("Page.setBypassCSP", enabled=True)
    provider = other.js("location.origin").replace("https", "http").rsplit(":", 1)[0] + f":{int(demo['web'].rsplit(':', 1)[1]) + 1}"
    other.go(provider + "/jwks")
    other.js(
        f"document.body.insertAdjacentHTML('beforeend', `<form id=forged method=post action='{demo['web']}/arende'>"
        f"<input name=case value={demo['case']}><button>x</button></form>`)"
    )
    other.leads("#forged button")
    assert "Ingenting har gjorts" in other.text(), other.text()


def test_nothing_is_lost_without_script(chromium, demo):
    page = chromium.page(script=False)
    sign_in(page, demo)
    open_case(page, demo)
    ask(page)
    assert "Loggat som post" in page.text()
    assert page.js("document.scripts.length") == 0
    assert page.complaints() == []


def test_everything_is_told_in_english_too(page, demo):
    page.go(demo["web"])
    page.leads("nav a", "In English")
    assert page.js("document.documentElement.lang") == "en" and "For whom" in page.text()
    page.leads("main a", "Sign in")
    page.leads("a", "Anna Berg")
    open_case(page, demo)
    assert "Whom is the question about?" in page.text()
    page.leads("form button", "Ask")
    page.wait("document.querySelector('.whole')")
    assert "Who has answered" in page.text() and "Payments" in page.text()
    swedish = ["Vem har", "Betalningar", "Logga", "Fråga ", "Skydd", "Inget."]
    assert [word for word in swedish if word in page.text()] == []
    shoot(page, "10-english")


def test_a_page_that_is_printed_holds_the_answer_and_nothing_to_press(page, demo):
    sign_in(page, demo)
    open_case(page, demo)
    ask(page)
    page.call("Emulation.setEmulatedMedia", media="print", features=[])
    seen = "one => getComputedStyle(one).display !== 'none'"
    assert page.js(f"[...document.querySelectorAll('button, .button, nav')].filter({seen}).length") == 0
    assert page.js(f"[...document.querySelectorAll('.payments, .sources')].filter({seen}).length") > 0


def test_text_of_twice_the_size_runs_out_of_no_page(page, demo):
    sign_in(page, demo)
    open_case(page, demo)
    ask(page)
    page.look(640)
    page.js("document.documentElement.style.fontSize = '200%'")
    assert page.js("document.documentElement.scrollWidth") <= 640
    page.look(1280)
