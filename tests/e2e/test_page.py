"""The editors' page in Debian's Chromium: what it shows, with and without JavaScript, how it follows
what comes, what hostile feeds do to it, by keyboard, on a phone, in the dark, for screen readers."""
import base64
import json
import re
import struct
import time
import types

import browser
import pytest
from browser import Browser
from loopback import free_port
from newsroom import ROOT, SUBJECTS, Newsroom, item, rss
from proxy import NGINX, nginx
from selenium.webdriver.common.keys import Keys
from test_me import READ, Reader
from web import Site

pytestmark = [pytest.mark.filterwarnings("ignore::ResourceWarning"),
              pytest.mark.skipif(browser.missing() is not None,
                                 reason="%s is not installed" % browser.missing())]

FERRY = "Ferry Halden Star runs aground off Sorrel Islands, all 312 aboard safe"
REPORT = ("The ferry Halden Star struck a reef off the Sorrel Islands on Tuesday night with 312 people "
          "aboard. Lifeboats from Port Ashby brought everybody ashore before dawn, the coast guard "
          "said. Divers will look at the hull when the wind drops.")
AXE = ROOT / "build" / "web" / "node_modules" / "axe-core" / "axe.min.js"


def ferry(host, title=FERRY, text=REPORT, age=3600, more=""):
    return item("https://%s/ferry" % host, title, text=text, date=time.time() - age, more=more)


def others(n, host="https://paper.example", age=7200):
    return [item("%s/%d" % (host, i), "%s, number %d" % (SUBJECTS[i % len(SUBJECTS)], i),
                 text=SUBJECTS[i % len(SUBJECTS)] + " in detail.", date=time.time() - age - i)
            for i in range(n)]


@pytest.fixture(scope="module")
def chrome():
    with Browser() as b:
        yield b


@pytest.fixture(scope="module")
def room(build):
    """Three papers on one ferry, two of them with one text, and five stories more."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss([ferry("kestrel.example", more="<category>Accidents</category>")] + others(5),
                                title="The Daily Kestrel", link="https://kestrel.example/"))
        room.feed("/b.xml", rss([ferry("tribune.example", age=1800)], title="Östra Tribune",
                                link="https://tribune.example/"))
        room.feed("/c.xml", rss([ferry("post.example", "Ferry Halden Star aground: 312 safe after night on reef",
                                       "A night on the reef off the Sorrel Islands: 312 people of the ferry "
                                       "Halden Star tell how lifeboats came.", age=900)],
                                title="Harbour Post", link="https://post.example/"))
        room.feed("/gone.xml", b"", status=500)
        room.start()
        room.wait_articles(8)
        room.wait_feed("/gone.xml", lambda f: f["errors"] > 0)
        yield room


@pytest.fixture(scope="module")
def site(room):
    return Site(room)


@pytest.fixture
def page(chrome, site):
    """A window as a desk has it, with nothing remembered."""
    chrome.window()
    chrome.open(site)
    chrome.run("localStorage.clear(); sessionStorage.clear()")
    chrome.faults()
    chrome.open(site)
    yield chrome
    assert chrome.faults() == []


def ferry_event(room):
    return next(e for e in room.events().values() if e["source_count"] == 3)


# ---- what it shows -------------------------------------------------------------------------------

def row_of(page, title):
    return next(r for r in page.all("#events > .event") if title in r.text)


def test_the_list_shows_rank_title_counts_names_age_and_growth(page, room):
    event = ferry_event(room)
    assert len(page.all("#events > .event")) == 6
    row = row_of(page, event["title"])
    assert re.search(r"^\d+$", row.text.splitlines()[0])
    assert "3 sources" in row.text
    assert "%d report" % event["report_count"] in row.text
    links = {a.get_attribute("href"): a.text for a in row.find_elements("css selector", ".names a")}
    for source in event["sources"]:
        assert links[source["url"]] == source["name"]
    assert "min" in row.text or "now" in row.text
    assert "disaster, accident and emergency incident" in row.text
    assert event["summary"][0]["text"][:40] in row.text
    assert "new" in row.text and "growing, +3" in row.text
    assert row.find_elements("css selector", "svg.growth")


def test_an_event_shows_its_parts(page, site, room):
    event = ferry_event(room)
    page.open(site, "/event/%d" % event["id"])
    assert page.one("h1").text == event["title"]
    assert re.search(r"3 sources .*, \w+", page.one(".head .counts").text)
    assert [h.text for h in page.all(".story h2")] == [
        "Summary", "Sources", "Timeline"]
    times = [t.get_attribute("datetime") for t in page.all(".reports > li > .line time")]
    assert times == sorted(times, reverse=True)
    latest = page.one(".latest")
    assert "Latest" in latest.text and latest.find_element("css selector", "a").text in page.one(".reports").text
    why = page.all(".reports .why")
    assert len(why) == 3 and "needed" in "".join(w.get_attribute("textContent") for w in why)
    assert REPORT[:40] in "".join(page.texts(".snippet"))
    axis = page.texts(".axis")[0]
    assert "0 to 3 sources" in axis
    page.one(".order a").click()
    page.wait(lambda: "Oldest first" in page.one(".order").text, "the other order")
    times = [t.get_attribute("datetime") for t in page.all(".reports > li > .line time")]
    assert times == sorted(times)
    assert len(page.all(".reports [data-article]")) == 3
    assert "same text as" in page.one(".copies").text
    assert "Halden Star" in [a.text for a in page.all(".words a")]
    assert [a.text for a in page.all("a.tag")] == event["categories"]
    page.one(".why summary").click()
    assert "opened a new event" in page.one(".why p").text or "belongs to" in page.one(".why p").text
    link = page.one(".reports a.title")
    assert link.get_attribute("href").startswith("https://") and "noopener" in link.get_attribute("rel")


def test_a_link_to_an_event_has_a_preview(page, site, room):
    event = ferry_event(room)
    page.open(site, "/event/%d" % event["id"])
    meta = dict(page.run("return [...document.querySelectorAll('meta[property]')].map(m => [m.getAttribute('property'), m.content])"))
    assert event["title"] in meta["og:title"] and meta["og:description"] == event["summary"][0]["text"]
    page.open(site)
    assert not page.all("meta[property]")


def test_j_and_o_work_on_the_articles_of_an_event(page, site, room):
    page.open(site, "/event/%d" % ferry_event(room)["id"])
    page.keys("jj")
    assert page.run("return document.activeElement === document.querySelectorAll('[data-article] .title')[1]")
    page.keys("k")
    assert page.run("return document.activeElement === document.querySelectorAll('[data-article] .title')[0]")


def test_printed_an_event_has_addresses_and_few_pages(page, site, room):
    page.open(site, "/event/%d" % ferry_event(room)["id"])
    pdf = base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", {})["data"])
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 2
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = page.run("return getComputedStyle(document.querySelector('.line .title'), '::after').content")
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert "https://" in shown


def test_a_merged_or_unknown_event_is_told(page, site):
    page.open(site, "/event/4711")
    assert "Event not found" in page.one("h1").text
    assert [f for f in page.faults() if "404" not in f] == []


def test_feeds_say_how_they_do_and_why(page, site):
    page.open(site, "/feeds")
    rows = page.all("#rows tr")
    assert len(rows) == 4
    assert "failing" in rows[0].text and "500" in rows[0].text  # what needs a look comes first
    assert "Harbour Post" in page.one("#rows").text
    page.one(".states .error").click()
    page.wait(lambda: len(page.all("#rows tr")) == 1, "the failing feed alone")


def test_the_machine_shows_throughput_lag_and_memory(page, site):
    page.open(site, "/machine")
    facts = dict(zip(page.texts("dt"), page.texts("dd")))
    assert facts["Articles in the last hour"].startswith("8")
    assert facts["Events open"].startswith("6")
    assert re.match(r"[\d.]+ MB", facts["Memory"]) and facts["Failing feeds"].startswith("1")


def test_without_javascript_it_can_be_read_and_filtered(chrome, site, room):
    chrome.window(script=False)
    try:
        chrome.open(site, "/")
        assert len(chrome.all("#events > .event")) == 6
        assert re.search(r"UTC|min|now", row_of(chrome, "Halden").text)
        row_of(chrome, "Halden").find_element("css selector", "h2 a").click()
        chrome.wait_for(".reports")
        chrome.one("#back").click()
        chrome.wait_for("#events")
        chrome.one("#filters summary").click()
        chrome.one("#f-min_sources option[value='3']").click()
        chrome.one(".sheet button").click()
        chrome.wait(lambda: len(chrome.all("#events > .event")) == 1, "one event of three sources")
        assert "min_sources=3" in chrome.driver.current_url
    finally:
        chrome.window()


def test_the_first_screen_is_small(page, site):
    """All that it loads, in bytes before compression, and nothing from elsewhere."""
    loaded = page.run("return performance.getEntriesByType('resource')"
                      ".concat(performance.getEntriesByType('navigation'))"
                      ".map(e => [e.name, e.decodedBodySize])")
    assert sum(size for name, size in loaded if "/api/" not in name) < 100_000
    assert all(name.startswith("http://127.0.0.1:%d/" % site.port) for name, _ in loaded)


def test_files_may_be_kept_for_ever(page, site):
    for path in set(re.findall(r'/static/[\w.-]+', site.get("/").body.decode())):
        answer = site.get(path)
        assert answer.status == 200 and "immutable" in answer.headers["Cache-Control"]
        assert site.get(path, If_None_Match=answer.headers["ETag"]).status == 304
    assert site.get("/static/app.0.css").status == 404


def test_the_page_can_be_installed_as_an_application(page, site):
    """Chromium finds no fault with the manifest; all its icons are there, of the sizes that it says."""
    found = page.driver.execute_cdp_cmd("Page.getAppManifest", {})
    assert found["errors"] == [] and found["url"].endswith("/manifest.webmanifest"), found
    faults = page.driver.execute_cdp_cmd("Page.getInstallabilityErrors", {})["installabilityErrors"]
    assert [f["errorId"] for f in faults if f["errorId"] != "in-incognito"] == []
    answer = site.get("/manifest.webmanifest")
    manifest = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json" and manifest["name"] == "storyd"
    assert (manifest["start_url"], manifest["display"]) == ("./", "standalone")
    sizes = set()
    for icon in manifest["icons"]:
        got = site.get("/" + icon["src"])  # relative to the manifest
        assert got.status == 200 and got.headers["Content-Type"] == icon["type"]
        if icon["type"] == "image/png":
            assert "%dx%d" % struct.unpack(">II", got.body[16:24]) == icon["sizes"]
        sizes.add((icon["sizes"], icon["purpose"]))
    assert {("any", "any"), ("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} == sizes
    for path in "/", "/feeds", "/machine", "/event/4711":
        head = site.get(path).body.decode()
        assert '<link rel="manifest" href="/manifest.webmanifest"' in head
        assert site.get(re.search('<link rel="apple-touch-icon" href="([^"]+)"', head)[1]).status == 200


def test_the_window_has_the_colour_of_the_theme(chrome, site):
    """The first theme-color that applies is the page's own background."""
    colour = ("const m = [...document.querySelectorAll('meta[name=theme-color]')].find(m => !m.media || matchMedia(m.media).matches);"
              "const e = document.createElement('i'); e.style.color = m.content; document.body.append(e);"
              "return getComputedStyle(e).color")
    manifest = site.get("/manifest.webmanifest").json()
    assert manifest["theme_color"] == manifest["background_color"]
    try:
        for dark in False, True:
            chrome.window(dark=dark)
            chrome.open(site)
            for _ in "light", "dark", "auto":
                chrome.keys("d")
                assert chrome.run(colour) == background(chrome)
    finally:
        chrome.window()


# ---- filters -------------------------------------------------------------------------------------

@pytest.mark.parametrize("query, count", [
    ("min_sources=3", 1), ("min_sources=4", 0), ("q=halden", 1), ("q=walnut", 1), ("q=nothinglikeit", 0),
    ("source=tribune.example", 1), ("source=kestrel.example", 6), ("category=disaster, accident and emergency incident", 3), ("lang=en", 6),
    ("lang=de", 0), ("since=1h", 6), ("growing=yes", 1), ("order=new", 6), ("order=rising", 1)])
def test_filters_live_in_the_address(page, site, query, count):
    page.open(site, "/?" + query)
    assert len(page.all("#events > .event")) == count
    name, value = query.split("=")
    if name != "order":
        assert len(page.all(".chips a")) == 1
        page.one(".chips a").click()
        page.wait(lambda: len(page.all("#events > .event")) == 6, "all events without the filter")


def test_filters_suggest_what_there_is(page, site):
    """Publishers, categories and languages, most frequent first; without the script, plain fields."""
    def offered(filter):
        return page.run("return [...document.querySelectorAll(arguments[0])].map(o => [o.value, o.label])",
                        "#of-%s option" % filter)
    assert offered("source") == []
    page.keys("f")
    page.wait(lambda: offered("source"), "suggestions")
    assert offered("source") == [["kestrel.example", "The Daily Kestrel, 6 events"], ["post.example", "Harbour Post, 1 event"],
                                 ["tribune.example", "Östra Tribune, 1 event"]]
    assert offered("lang") == [["en", "English, 6 events"]]
    assert ["disaster, accident and emergency incident", "3 events"] in offered("category")
    assert page.one("#f-source").get_attribute("list") == "of-source"


def test_the_ranks_are_ways_to_order(page, site, room):
    """By coverage and freshness, by number, by how many publishers came within an hour and when."""
    ferry = ferry_event(room)["id"]
    shown = {}
    for tab, key in ("Top", "gt"), ("New", "gn"), ("Rising", "gr"):
        page.open(site, "/?min_sources=1")
        page.keys(key)
        page.wait(lambda: page.texts(".top nav a[aria-current]") == [tab], "the tab " + tab)
        assert "min_sources=1" in page.driver.current_url  # filters stay
        shown[tab] = [int(e.get_attribute("data-key")) for e in page.all("#events > .event")]
    assert shown["Top"][0] == ferry == shown["Rising"][0]
    assert shown["New"] == sorted(room.events(), reverse=True)


def test_a_view_is_saved_and_gone_back_to(page, site):
    page.open(site, "/?min_sources=3")
    page.one("#views summary").click()
    page.one("#views input").send_keys("Big ones", Keys.ENTER)
    page.open(site, "/")
    page.keys("1")
    page.wait(lambda: "min_sources=3" in page.driver.current_url, "the saved view")
    page.one("#views summary").click()
    assert "Big ones" in page.one("#views").text
    page.one("#views li button").click()
    assert "Big ones" not in page.one("#views").text


# ---- keyboard ------------------------------------------------------------------------------------

def test_by_keyboard_down_up_open_and_back(page):
    titles = page.texts("#events h2")
    page.keys("j")
    assert page.focus_text() == titles[0]
    page.keys("jj")
    assert page.focus_text() == titles[2]
    page.keys("k")
    assert page.focus_text() == titles[1]
    page.keys("o")
    page.wait(lambda: page.texts("h1") == [titles[1]], "the event")
    page.keys("u")
    page.wait_for("#events")


def test_by_keyboard_search_help_and_going(page):
    page.keys("?")
    assert "next event" in page.wait_for("dialog.help").text
    page.keys(Keys.ESCAPE)
    page.wait(lambda: not page.all("dialog"), "the help to close")
    page.keys("/")
    page.keys("halden", Keys.ENTER)
    page.wait(lambda: "q=halden" in page.driver.current_url, "the search")
    page.keys("gf")
    page.wait(lambda: page.driver.current_url.endswith("/feeds"), "the feeds")
    page.keys("gm")
    page.wait(lambda: page.driver.current_url.endswith("/machine"), "the machine")
    page.keys("gn")
    page.wait(lambda: "order=new" in page.driver.current_url, "the new events")


def test_keys_in_a_field_are_text(page):
    page.keys("/")
    page.keys("jk?gf")
    assert page.one("#q").get_attribute("value") == "jk?gf"
    assert not page.all("dialog")


# ---- sizes and colours ---------------------------------------------------------------------------

def too_wide(page):
    return page.run("return document.documentElement.scrollWidth - window.innerWidth")


@pytest.mark.parametrize("path", ["/", "/event/%d", "/feeds", "/machine"])
def test_on_a_phone_nothing_is_wider_than_it(chrome, site, room, path):
    chrome.window(360, 740)
    try:
        chrome.open(site, path % ferry_event(room)["id"] if "%" in path else path)
        assert too_wide(chrome) <= 0
        small = chrome.run("return [...document.querySelectorAll('button, summary, nav a')]"
                           ".filter(e => e.offsetParent && !e.closest('.story')).map(e => "
                           "[e.textContent, e.getBoundingClientRect().height]).filter(([, h]) => h < 24)")
        assert small == []
        cut = chrome.run("return [...document.querySelectorAll('.filters details, #decide details')].filter(d => {"
                         "d.open = true; const box = d.querySelector('.sheet').getBoundingClientRect(); d.open = false;"
                         "return box.left < 0 || box.right > innerWidth}).map(d => d.textContent)")
        assert cut == []
    finally:
        chrome.window()


def test_on_a_wall_the_list_is_larger_and_on_request_in_two_columns(chrome, site):
    chrome.window(2560, 1440)
    try:
        chrome.open(site)
        first, second = chrome.all("#events > .event")[:2]
        assert first.rect["x"] == second.rect["x"]
        assert float(chrome.run("return getComputedStyle(arguments[0]).fontSize",
                                first.find_element("css selector", "h2"))[:-2]) >= 20
        chrome.keys("l")
        assert first.rect["y"] == second.rect["y"] and first.rect["x"] < second.rect["x"]
        assert too_wide(chrome) <= 0
        chrome.open(site)
        first, second = chrome.all("#events > .event")[:2]
        assert first.rect["y"] == second.rect["y"]  # it is kept
    finally:
        chrome.run("localStorage.clear()")
        chrome.window()


def background(page):
    return page.run("return getComputedStyle(document.body).backgroundColor")


def test_light_and_dark_by_the_system_and_by_a_switch(page, site):
    light = background(page)
    page.window(dark=True)
    dark = background(page)
    assert dark != light
    page.keys("d")  # light, whatever the system says
    assert background(page) == light
    page.window(dark=False)
    page.keys("d")
    assert background(page) == dark
    page.open(site, "/")
    assert background(page) == dark  # it is remembered


def test_times_are_in_the_readers_zone(chrome, site, room):
    event = ferry_event(room)
    chrome.window()
    try:
        chrome.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "Asia/Tokyo"})
        chrome.open(site, "/event/%d" % event["id"])
        tokyo = chrome.texts(".facts time.at")
        chrome.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": "America/New_York"})
        chrome.open(site, "/event/%d" % event["id"])
        assert tokyo != chrome.texts(".facts time.at")
    finally:
        chrome.driver.execute_cdp_cmd("Emulation.setTimezoneOverride", {"timezoneId": ""})


# ---- screen readers ------------------------------------------------------------------------------

@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not in build/web (make check installs it from npm)")
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?min_sources=3", "/event/%d", "/feeds", "/machine", "help", "merge"])
def test_axe_finds_no_barrier(chrome, site, room, path, dark):
    chrome.window(dark=dark)
    keys = {"help": "?", "merge": "jm"}.get(path)
    chrome.open(site, "/" if keys else path % ferry_event(room)["id"] if "%" in path else path)
    if keys:
        chrome.keys(keys)
        chrome.wait_for("dialog")
    chrome.run("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    chrome.run(AXE.read_text() + "; window.axe = axe;")
    found = chrome.driver.execute_async_script(
        "const done = arguments[0]; axe.run(document, {resultTypes: ['violations']}).then(r => done("
        "r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 150)).slice(0, 3).join(' | '))))")
    chrome.window()
    assert found == []


# ---- live ----------------------------------------------------------------------------------------

def test_what_comes_is_told_in_a_bar_and_nothing_moves(build, chrome):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(others(3)))
        room.feed("/b.xml", rss([], title="Harbour Post"))
        room.start()
        room.wait_articles(3)
        site = Site(room)
        chrome.window()
        chrome.open(site)
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        chrome.keys("j")
        titles, focus = chrome.texts("#events h2"), chrome.focus_text()
        chrome.run("window.same = true")
        room.feed("/b.xml", rss([ferry("post.example")], title="Harbour Post"))
        bar = chrome.wait_for("#bar")
        assert bar.text == "1 new"
        assert chrome.texts("#events h2") == titles and chrome.focus_text() == focus
        chrome.keys(".")
        chrome.wait(lambda: len(chrome.all("#events > .event")) == 4, "the new event in the list")
        assert not chrome.all("#bar")
        assert chrome.focus_text() == focus
        assert chrome.run("return window.same")  # without a reload

        # one that is shown grows: it changes where it stands
        order = chrome.texts("#events h2")
        room.feed("/c.xml", rss([ferry("kestrel.example", age=60)], title="The Daily Kestrel"))
        room.reload()
        chrome.wait(lambda: "2 sources" in row_of(chrome, "Halden").text, "its second source")
        assert chrome.texts("#events h2") == order

        # an event's own page tells, too
        row_of(chrome, "Halden").find_element("css selector", "h2 a").click()
        chrome.wait_for(".reports")
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        room.feed("/d.xml", rss([ferry("tribune.example", "Ferry Halden Star aground off Sorrel Islands", age=30)],
                                title="Tribune"))
        room.reload()
        chrome.wait_for("#bar").click()
        chrome.wait(lambda: len(chrome.all("[data-article]")) == 3, "the third article")

        # a screen on the wall, which nobody touches, keeps itself up to date
        chrome.open(site)
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        chrome.run("const now = Date.now; Date.now = () => now() + 180000;")
        room.feed("/b.xml", rss([item("https://post.example/2", SUBJECTS[9], date=time.time())],
                                title="Harbour Post"))
        chrome.wait(lambda: any(SUBJECTS[9] in t for t in chrome.texts("#events h2")), "the wall's new event")


def test_a_search_is_live(build, chrome):
    with Newsroom(build) as room:
        room.feed("/a.xml", rss([item("https://kestrel.example/1", SUBJECTS[0], "1", "The willow is old.")]))
        room.feed("/b.xml", rss([], title="Harbour Post"))
        room.start()
        room.wait_articles(1)
        site = Site(room)
        chrome.window()
        chrome.open(site, "/?q=willow")
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        assert chrome.texts(".found mark") == ["willow"]
        room.feed("/b.xml", rss([item("https://post.example/1", SUBJECTS[1], "1", "It is printed on willow paper."),
                                 item("https://post.example/2", SUBJECTS[2], "2", "She plays on Monday.")],
                                title="Harbour Post"))
        assert chrome.wait_for("#bar").text == "1 new"
        chrome.keys(".")
        chrome.wait(lambda: chrome.texts("#events h2") == SUBJECTS[1::-1], "the new match on top")
        assert chrome.texts(".found mark") == ["willow", "willow"]
        assert chrome.faults() == []


@pytest.mark.skipif(not NGINX, reason="nginx is not installed")
def test_behind_a_proxy_the_page_is_live_again_after_a_restart(build, chrome):
    """While storyd is down, nginx answers 502, after which an event source does not try again."""
    port = free_port()
    with Newsroom(build, http="listen = 127.0.0.1:%d" % port) as room, nginx(
            "location / { proxy_pass http://127.0.0.1:%d; proxy_buffering off; }" % port) as front:
        room.feed("/a.xml", rss(others(3)))
        room.start()
        room.wait_articles(3)
        site = types.SimpleNamespace(port=front)
        chrome.window()
        chrome.open(site)
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        chrome.run("window.same = true")
        assert room.daemon.stop() == 0
        chrome.wait(lambda: re.match(r"not live since \d", chrome.texts("#link-state")[0]), "the loss")
        assert "goes on trying" in chrome.one("#link-state").get_attribute("title")
        chrome.wait(lambda: chrome.run("return live.wait") >= 2000, "a second failure")
        room.feed("/b.xml", rss([ferry("post.example")], title="Harbour Post"))
        room.start()
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream again")
        assert chrome.wait_for("#bar").text == "1 new"
        assert chrome.run("return window.same")
        chrome.faults()


def strangers(n):
    """Items that have no word in common."""
    words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty"]
    return [item("https://long.example/%d" % i, "%s%dq %s%dx %s%dz" % (
        words[i % 10], i, words[i // 10], i, words[(i * 7 + 3) % 10], i), str(i), date=time.time() - 60 * i)
        for i in range(n)]


def top_of(page, key):
    return page.run("return document.querySelector(`[data-key='${arguments[0]}']`).getBoundingClientRect().top", key)


def test_rows_behind_the_first_page_are_live_and_stay(build, chrome):
    """60 events in a list that shows 25 at first; the reader is at the end of it, on the oldest."""
    items = strangers(60)
    with Newsroom(build) as room:
        room.feed("/long.xml", rss(items))
        room.feed("/b.xml", rss([], title="Harbour Post"))
        room.start()
        room.wait_articles(60)
        site = Site(room)
        chrome.window()
        chrome.open(site)

        def at_end():
            chrome.run("document.querySelector('#more')?.click()")
            return not chrome.all("#more")
        chrome.wait(at_end, "the last page")
        keys = chrome.run("return [...document.querySelectorAll('#events > .event')].map(e => e.dataset.key)")
        assert len(keys) == 60
        last, other = keys[-1], keys[-2]
        chrome.run("document.querySelector(`[data-key='${arguments[0]}'] a`).focus()", last)
        chrome.run("window.scrollTo(0, document.body.scrollHeight)")
        title, grows = (room.records("events")[int(k)]["title"] for k in (last, other))

        # one grows while it is on the screen
        old = next(i for i in items if grows in i)
        room.feed("/b.xml", rss([old.replace("long.example", "post.example")], title="Harbour Post"))
        chrome.wait(lambda: "2 sources" in row_of(chrome, grows).text, "its second source")
        assert chrome.run("return document.querySelector('#events').lastElementChild.previousElementSibling"
                          ".dataset.key") == other

        # one is new: the list and the place in it stay
        before = top_of(chrome, last)
        room.feed("/b.xml", rss([ferry("post.example")], title="Harbour Post"))
        assert chrome.wait_for("#bar").text == "1 new, 1 updated"
        chrome.keys(".")
        chrome.wait(lambda: len(chrome.all("#events > .event")) == 61, "the new event")
        assert abs(top_of(chrome, last) - before) < 2 and title in chrome.focus_text()
        assert [int(t) for t in chrome.texts("#events .rank")] == list(range(1, 62))

        # a decision on a row at the end: the same
        chrome.keys("h")
        chrome.wait(lambda: len(chrome.all("#events > .event")) == 60, "the muted event gone")
        assert room.records("events")[int(last)]["muted"]
        assert chrome.run("return window.scrollY") > 1000
        chrome.keys("z")
        chrome.wait(lambda: not room.records("events")[int(last)]["muted"], "the undo")


# ---- what was seen -------------------------------------------------------------------------------

@pytest.fixture
def reader(build, chrome):
    """A room of one's own to read in: 30 events, of which the list shows 25 at first."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss(strangers(30)))
        room.feed("/b.xml", rss([], title="Harbour Post"))
        room.start()
        room.wait_articles(30)
        chrome.room, chrome.site = room, Site(room)
        chrome.window(1440, 900)
        chrome.open(chrome.site)
        chrome.run("localStorage.clear(); sessionStorage.clear()")
        chrome.faults()
        chrome.open(chrome.site)
        chrome.wait(lambda: chrome.texts("#link-state") == ["live"], "the stream")
        yield chrome
        chrome.run("localStorage.clear()")
        assert chrome.faults() == []


def shown(page, title):
    return any(title in r.text for r in page.all("#events > .event"))


def classes(page, name):
    return page.run("return document.querySelectorAll('#events > .event.' + arguments[0]).length", name)


def test_seen_events_are_marked_hidden_and_tell_how_they_grow(reader):
    assert classes(reader, "unread") == 25 and classes(reader, "seen") == 0
    reader.keys("jjr")
    assert classes(reader, "seen") == 1
    title = reader.focus_text()
    row = row_of(reader, title)
    assert "seen" in row.get_attribute("class")
    reader.keys("ja")
    assert classes(reader, "seen") == 3
    reader.keys("y")  # hidden, but for the one with the focus
    assert reader.run("return [...document.querySelectorAll('#events > .event')].filter(e => e.offsetParent).length") >= 22
    assert not row.is_displayed()
    reader.open(reader.site)  # it is kept
    assert classes(reader, "seen") == 3 and not shown(reader, title)
    # it grows: it is shown again, and says by how much
    old = next(a for a in reader.room.records("articles").values() if a["title"] == title)
    reader.room.feed("/b.xml", rss([item("https://post.example/1", old["title"], "p1")], title="Harbour Post"))
    reader.wait(lambda: any(title in t and "1 source more since you saw it" in t
                            for t in reader.texts("#events > .event")), "its growth")
    assert row_of(reader, title).is_displayed()
    # opening it is seeing it
    reader.run("arguments[0].click()", row_of(reader, title).find_element("css selector", "h2 a"))
    reader.wait_for(".reports")
    reader.open(reader.site)
    assert not shown(reader, title)


def test_a_named_reader_has_the_same_in_each_browser(build, chrome, tmp_path):
    """What this browser kept before is sent once; then it shows what the server keeps."""
    (tmp_path / "read").write_text(READ)
    with Newsroom(build, http="read_token = %s/read" % tmp_path) as room:
        room.feed("/a.xml", rss(strangers(8)))
        room.start()
        room.wait_articles(8)
        site = Site(room)
        reader, other = Reader(site, "anna"), Reader(site, "bob")
        chrome.window()

        def sign_in(name):
            chrome.driver.get("http://%s:%s@127.0.0.1:%d/api/v1/health" % (name, READ, site.port))

        def numbers(what):
            return {int(k) for k in chrome.run("return [...document.querySelectorAll(arguments[0])].map(e => e.dataset.key)",
                                               "#events > .event." + what)}
        sign_in("anna")
        chrome.run("localStorage.clear(); sessionStorage.clear();"
                   "localStorage.setItem('storyd.seen', '{\"1\": [1, 1]}'); localStorage.setItem('storyd.followed', '{\"2\": 1}')")
        reader.change(events=[3], seen=True, starred=True)
        chrome.open(site)
        chrome.wait(lambda: reader.state("?events=1,2,3") == {1: {"seen"}, 2: {"followed"}, 3: {"seen", "starred"}}, "it is sent")
        chrome.wait(lambda: numbers("seen") == {1, 3} and numbers("starred") == {3} and numbers("followed") == {2}, "it is shown")
        chrome.run("document.querySelector('[data-key=\"4\"] h2 a').focus()")
        chrome.keys("r*w")
        chrome.wait(lambda: reader.state("?events=4") == {4: {"seen", "starred", "followed"}}, "keys are sent")
        reader.change(events=[1, 3], seen=False)
        chrome.open(site)
        chrome.wait(lambda: numbers("seen") == {4} and numbers("starred") == {3, 4}, "what was changed elsewhere")
        chrome.keys("gs")
        chrome.wait(lambda: len(chrome.all("dialog a")) == 2, "the starred events")
        chrome.open(site, "/event/5")
        chrome.wait(lambda: reader.state("?events=5") == {5: {"seen"}}, "opening it is seeing it")
        sign_in("bob")
        chrome.open(site)
        chrome.wait(lambda: numbers("seen") == set() and numbers("followed") == set(), "another reader's view")
        assert other.state() == {}
        chrome.run("localStorage.clear()")


def test_a_line_stands_where_the_last_visit_ended(reader):
    reader.run("localStorage.setItem('storyd.visit', JSON.stringify({at: Date.now() - 3600e3, newest: arguments[0]}))", 27)
    reader.open(reader.site, "/?order=new")
    line = reader.wait_for("#since")
    assert "since your last visit" in line.text
    keys = reader.run("return [...document.querySelector('#since').parentNode.children].map(e => e.dataset.key || 'line')")
    assert keys[:4] == ["30", "29", "28", "line"]
    reader.open(reader.site)
    assert "3 events of these are new since your last visit" in reader.wait_for("#since").text


def test_compact_rows_show_many_events(reader):
    def on_screen():
        return reader.run("return [...document.querySelectorAll('#events > .event')].filter(e => "
                          "e.getBoundingClientRect().bottom <= innerHeight).length")
    before = on_screen()
    reader.keys("c")
    assert on_screen() >= 16 and on_screen() > before
    assert all(r.rect["height"] <= 41 for r in reader.all("#events > .event")[:5])
    assert too_wide(reader) <= 0
    assert "paper.example" in reader.all("#events .names")[0].text or reader.all("#events .names")[0].text
    reader.open(reader.site)
    assert on_screen() >= 16  # it is kept


def test_a_followed_event_notifies_of_new_sources(reader):
    reader.driver.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["notifications"]})
    reader.run("window.told = []; window.Notification = class { static permission = 'granted';"
               " constructor(title, o) { told.push(title + ': ' + o.body); } addEventListener() {} }")
    reader.keys("jw")
    title = reader.focus_text()
    assert "followed" in row_of(reader, title).get_attribute("class")
    reader.room.feed("/b.xml", rss([item("https://post.example/1", title, "p1")], title="Harbour Post"))
    reader.wait(lambda: reader.run("return told") == [title + ": 1 more source, 2 now"], "the notification")
    reader.keys("w")
    assert "followed" not in row_of(reader, title).get_attribute("class")


def test_the_tab_counts_what_is_new(reader):
    reader.room.feed("/b.xml", rss([ferry("post.example")], title="Harbour Post"))
    reader.wait(lambda: reader.driver.title.startswith("(1) "), "the count")
    reader.keys(".")
    assert not reader.driver.title.startswith("(")


def test_a_new_store_says_what_is_going_on(build, chrome):
    with Newsroom(build) as room:
        room.start()
        site = Site(room)
        assert "No feeds yet" in site.get("/").body.decode()
        room.feed("/a.xml", rss([], title="Empty"))
        room.asked("/a.xml")
        room.wait(lambda: "storyd is reading 1 feed:" in site.get("/").body.decode(), "the number of feeds")
        chrome.window()
        chrome.open(site)
        room.feed("/b.xml", rss(others(2)))
        chrome.wait(lambda: len(chrome.all("#events > .event")) == 2 or (chrome.all("#bar") and chrome.one("#bar").click()),
                    "the first events")
        assert "No events" not in site.get("/").body.decode()
        assert "No events match" in site.get("/?min_sources=5").body.decode()


# ---- hostile feeds -------------------------------------------------------------------------------

ATTACKS = [
    "<script>alert(1)</script> Heron colony abandons marsh",
    "<img src=x onerror=alert(2)> Senator proposes copper royalty",
    "<svg onload=alert(3)><path d=M0></svg> Violinist cancels concerts",
    "\"><script>alert(4)</script> Bakery recalls walnut loaves",
    "' onmouseover='alert(5)' x=' Astronomers photograph moonlet",
    "</title></h1></li></ol><iframe srcdoc=\"<script>alert(6)</script>\"> Goalkeeper signs contract",
    "javascript:alert(7) Court overturns patent ruling",
    "{{constructor.constructor('alert(8)')()}} Wildfire threatens vineyards",
    "\u202egnp.exe \u2066Teachers vote\u202d for walkout",
    "\u05de\u05d5\u05d6\u05d9\u05d0\u05d5\u05df \u05de\u05d7\u05d6\u05d9\u05e8 \u05de\u05e1\u05db\u05d5\u05ea",
]


def test_hostile_feeds_stay_text(build, chrome):
    """Each attack as title, text, category, author and publisher; doubly escaped ones, too."""
    items = []
    for i, attack in enumerate(ATTACKS):
        more = "".join("<%s>%s</%s>" % (tag, attack.replace("&", "&amp;").replace("<", "&lt;"), tag)
                       for tag in ("category", "author"))
        items.append(item("https://bad.example/%d?\"><script>alert(9)</script>" % i,
                          attack.replace("<", "&lt;") if i % 2 else attack, text=attack * 2,
                          date=time.time() - i, more=more))
    items.append(item("javascript:alert(10)", "Lottery winner donates orchard", text="Orchard."))
    with Newsroom(build) as room:
        room.feed("/bad.xml", rss(items, title=ATTACKS[0], link="https://bad.example/"))
        room.feed("/worse.xml", rss([], title=ATTACKS[3]), status=500)
        room.start()
        room.wait_articles(len(items))
        site = Site(room)
        chrome.window()
        chrome.faults()
        paths = ["/", "/?q=%3Cscript%3Ealert(11)%3C/script%3E&category=%22%3E%3Csvg%20onload=alert(12)%3E",
                 "/feeds?state=%22%3E%3Cscript%3Ealert(13)%3C/script%3E", "/machine"]
        for path in paths + ["/event/%d" % n for n in room.events()]:
            chrome.open(site, path)
            chrome.run("document.querySelectorAll('main a, main bdi, main li').forEach(e => "
                       "e.dispatchEvent(new MouseEvent('mouseover', {bubbles: true})))")
            assert chrome.alert() is None
            assert chrome.run("return document.querySelectorAll('iframe, object, embed, script:not([src]), "
                              "[onload], [onerror], [onmouseover], [style], main img').length") == 0
            assert chrome.run("return [...document.links].every(a => /^https?:$/.test(a.protocol))")
            text = chrome.run("return document.body.textContent")
            assert not set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        assert chrome.faults() == []
        chrome.open(site, "/")
        hebrew = next(h for h in chrome.all("#events h2") if "\u05de" in h.text)
        assert chrome.run("return getComputedStyle(arguments[0]).direction", hebrew) == "rtl"


# ---- a long list ---------------------------------------------------------------------------------

def test_a_thousand_events_scroll_smoothly(build, chrome):
    words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty"]
    items = [item("https://long.example/%d" % i, "Item%dq %s%d %s%d %s%d" % (
        i, words[i % 10], i, words[i // 10 % 10], i * 7, words[i // 100 % 10], i * 13),
        date=time.time() - 60 * i) for i in range(1000)]
    with Newsroom(build) as room:
        for n in range(4):
            room.feed("/%d.xml" % n, rss(items[n * 250:n * 250 + 250]))
        room.start()
        room.wait_articles(1000)
        chrome.window()
        chrome.open(Site(room))

        def at_end():
            chrome.run("document.querySelector('#more')?.click()")
            return not chrome.all("#more") and len(chrome.all("#events > .event"))
        count = chrome.wait(at_end, "the last page")
        assert count == len(room.events())
        assert len(set(chrome.run("return [...document.querySelectorAll('#events > .event')]"
                                  ".map(e => e.dataset.key)"))) == count
        ranks = [int(t) for t in chrome.texts("#events .rank")]
        assert ranks == list(range(1, count + 1))
        # rows out of sight cost no layout
        assert chrome.run("return getComputedStyle(document.querySelector('.event')).contentVisibility") == "auto"


# ---- decisions -----------------------------------------------------------------------------------

@pytest.fixture
def desk(build, chrome):
    """A room of one's own to decide in, its list open: the ferry with three sources, and four others."""
    with Newsroom(build) as room:
        room.feed("/a.xml", rss([ferry("kestrel.example")] + others(4)))
        room.feed("/b.xml", rss([ferry("tribune.example", age=1800)]))
        room.feed("/c.xml", rss([ferry("post.example", age=900)]))
        room.start()
        room.wait_articles(7)
        site = Site(room)
        chrome.window()
        chrome.open(site)
        chrome.run("localStorage.clear(); localStorage.setItem('storyd.who', '\"Ilsa\"')")
        chrome.faults()
        chrome.open(site)
        chrome.room, chrome.site = room, site
        yield chrome
        room.sound()


def open_ferry(desk):
    event = next(e for e in desk.room.events().values() if "Halden" in e["title"])
    desk.open(desk.site, "/event/%d" % event["id"])
    desk.wait_for("#decide button")
    return event["id"]


def fill(desk, **fields):
    """Fills the dialog of a decision, which may still have to open, and sends it."""
    form = desk.wait_for("dialog form:has([name=why])")
    for name, text in fields.items():
        field = form.find_element("css selector", "[name=%s]" % name)
        field.clear()
        field.send_keys(text)
    form.find_element("css selector", "button.main").click()
    desk.wait(lambda: not desk.all("dialog") or desk.texts("dialog .problem"), "the dialog to close")
    assert desk.texts("dialog .problem") == []


def press(text, desk, by=lambda b: b.click()):
    """One of the buttons that decide, of the bar or its menu; the page may just be drawing them again."""
    def pressed():
        buttons = [b for b in desk.all("#decide button") if b.get_attribute("textContent") == text]
        if buttons and desk.run("return arguments[0].closest('details:not([open])')", buttons[0]):
            by(desk.one("#decide .menu summary"))
            return False
        return bool(buttons) and (by(buttons[0]) or True)
    desk.wait(pressed, "the button " + text)


def stored(desk, event):
    return desk.room.records("events")[event]


def test_an_editor_renames_tags_notes_pins_and_wants_more_of_it(desk):
    event = open_ferry(desk)
    desk.keys("e")
    fill(desk, title="Halden Star: everybody safe", why="shorter")
    desk.wait(lambda: desk.texts("h1") == ["Halden Star: everybody safe"], "the new title")
    desk.keys("t")
    fill(desk, tag="front page")
    desk.wait(lambda: "front page" in desk.texts(".head .tag.ours"), "the tag")
    desk.keys("n")
    fill(desk, text="Ring the <b>harbour</b>")
    desk.wait(lambda: "Ring the <b>harbour</b>" in "".join(desk.texts(".notes")), "the note")
    desk.keys("p")
    desk.wait_for(".head .mark.pinned")
    desk.keys("+")
    more = "[...document.querySelectorAll('#decide button')].find(b => b.textContent == 'More of this').ariaPressed"
    desk.wait(lambda: desk.run("return " + more) == "true", "the signal")
    record = stored(desk, event)
    assert record["title"] == "Halden Star: everybody safe" and record["pinned"] and record["signal"] == 1
    assert record["tags"] == ["front page"]
    history = desk.wait(lambda: len(desk.all("#history li")) == 5 and desk.one("#history").text, "the history")
    assert "Ilsa renamed it" in history and "(shorter)" in history

    # muted, it is out of sight, and found again by a filter
    desk.keys("h")
    desk.wait_for(".head .mark.muted")
    desk.open(desk.site, "/")
    assert not any("Halden" in t for t in desk.texts("#events h2"))
    desk.open(desk.site, "/?muted=yes")
    assert len(desk.all("#events > .event")) == 1
    open_ferry(desk)
    desk.keys("h")
    desk.wait(lambda: not desk.all(".head .mark.muted"), "it to be seen again")
    desk.keys("+")
    desk.wait(lambda: desk.run("return " + more) == "false", "no signal")
    desk.keys("+")
    desk.wait(lambda: desk.run("return " + more) == "true", "the signal")

    # z takes back the last one, the history any
    desk.keys("z")
    desk.wait(lambda: stored(desk, event)["signal"] == 0, "the signal to be undone")
    desk.wait(lambda: "undid" in desk.one("#history").text, "the undo in the history")
    next(b for b in desk.all("#history button") if "renamed" in b.get_attribute("aria-label")).click()
    desk.wait(lambda: desk.texts("h1") == [FERRY], "the old title")
    desk.one(".untag").click()
    desk.wait(lambda: stored(desk, event)["tags"] == [], "the tag to be gone")


def test_a_link_to_mute_asks_before_it_does(desk):
    event = next(e for e in desk.room.events().values() if "Halden" in e["title"])["id"]
    desk.open(desk.site, "/event/%d#mute" % event)
    desk.wait_for("dialog form")
    assert not stored(desk, event)["muted"]
    fill(desk, why="enough")
    desk.wait_for(".head .mark.muted")
    desk.open(desk.site, "/")
    desk.open(desk.site, "/event/%d#mute" % event)
    desk.wait_for(".head .mark.muted")
    assert not desk.all("dialog")


def test_an_editor_splits_articles_off_and_takes_it_back(desk):
    event = open_ferry(desk)
    desk.keys("s")
    desk.wait_for("[data-article] input")
    desk.keys(" ", "s")  # the first one has the focus
    fill(desk)
    desk.wait(lambda: stored(desk, event)["article_count"] == 2, "the split")
    part = max(desk.room.events())
    assert stored(desk, part)["article_count"] == 1
    desk.wait(lambda: len(desk.all("[data-article]")) == 2, "two articles left")

    # what was decided apart is not merged, and the editor is told why
    desk.keys("m")
    desk.wait_for("dialog input").send_keys(str(part))
    desk.wait_for("dialog .found button").click()
    desk.wait_for("dialog button.main").click()
    assert "undo it first" in desk.wait_for("dialog .problem").text
    desk.keys(Keys.ESCAPE)
    desk.wait(lambda: not desk.all("dialog"), "the dialog to close")
    desk.keys("z")
    desk.wait(lambda: stored(desk, event)["article_count"] == 3, "the undo")
    desk.open(desk.site, "/event/%d" % part)
    assert "was merged into this one" in desk.one(".note").text


@pytest.mark.parametrize("by", ["keyboard", "mouse"])
def test_an_article_is_moved_to_an_event_found_by_its_words(desk, by):
    event = open_ferry(desk)
    article = int(desk.all("[data-article]")[0].get_attribute("data-article"))
    other = next(n for n, e in desk.room.events().items() if "Violinist" in e["title"])
    if by == "keyboard":
        desk.keys("v")
        desk.wait_for("[data-article] input")
        desk.keys(" ", "v")  # the first one has the focus
    else:
        press("Move", desk)
        desk.wait_for("[data-article] input").click()
        press("Move", desk)
    desk.wait_for("dialog input").send_keys("violinist")
    found = desk.wait_for("dialog .found button")
    assert "to event %d" % other in found.text
    if by == "keyboard":
        desk.keys(Keys.ENTER)
    else:
        found.click()
    fill(desk, why="it is of the concert")
    desk.wait(lambda: desk.room.records("articles")[article]["event"] == other, "the move")
    desk.wait(lambda: len(desk.all("[data-article]")) == 2, "two articles left")
    assert (stored(desk, event)["article_count"], stored(desk, other)["article_count"]) == (2, 2)
    desk.wait(lambda: "moved an article to event %d" % other in desk.one("#history").text, "it in the history")
    desk.open(desk.site, "/event/%d" % other)
    assert len(desk.all("[data-article]")) == 2
    if by == "keyboard":
        desk.keys("z")
    else:
        press("Undo", desk)
    desk.wait(lambda: desk.room.records("articles")[article]["event"] == event, "the undo")


def test_several_articles_are_not_moved_at_once(desk):
    open_ferry(desk)
    press("Move", desk)
    desk.wait_for("[data-article] input")
    for box in desk.all("[data-article] input")[:2]:
        box.click()
    desk.keys("v")
    desk.wait(lambda: "one article" in desk.one("#status").text, "word of why not")
    assert not desk.all("dialog")


def test_by_mouse_alone(desk):
    row_of(desk, "Halden").click()  # anywhere on it
    desk.wait_for("#decide button")
    event = int(desk.one("main").get_attribute("data-event"))
    press("Rename", desk)
    fill(desk, title="Halden Star: everybody safe")
    desk.wait(lambda: desk.texts("h1") == ["Halden Star: everybody safe"], "the new title")
    press("More of this", desk)
    desk.wait(lambda: stored(desk, event)["signal"] == 1, "the signal")
    press("Pin", desk)
    desk.wait_for(".head .mark.pinned")
    press("Undo", desk)
    desk.wait(lambda: not stored(desk, event)["pinned"] and not desk.all(".head .mark.pinned"), "the undo")
    desk.one("#back").click()
    desk.wait_for("#events")
    desk.one(".tools [aria-label='Keyboard help']").click()
    desk.wait_for("dialog.help button").click()
    desk.wait(lambda: not desk.all("dialog"), "the help to close")


def test_by_touch_on_a_phone(desk):
    desk.window(390, 844)
    try:
        desk.open(desk.site)
        desk.wait_for("#views summary")
        desk.tap(desk.one("#filters summary"))
        desk.wait(lambda: desk.one("#f-min_sources").is_displayed(), "the filters")
        desk.tap(desk.one("#filters summary"))
        desk.tap(row_of(desk, "Halden").find_element("css selector", "h2 a"))
        desk.wait_for("#decide button")
        event = int(desk.one("main").get_attribute("data-event"))
        press("Pin", desk, desk.tap)
        desk.wait(lambda: stored(desk, event)["pinned"], "the pin")
        desk.wait_for(".head .mark.pinned")
        press("Split", desk, desk.tap)
        desk.wait_for("[data-article] input")
        desk.tap(desk.all("[data-article] input")[1])
        press("Split", desk, desk.tap)
        desk.wait_for("dialog form")
        assert too_wide(desk) <= 0
        desk.tap(desk.one("dialog button.main"))
        desk.wait(lambda: stored(desk, event)["article_count"] == 2, "the split")
        desk.wait(lambda: len(desk.all("[data-article]")) == 2, "two articles left")
        desk.tap(desk.one("#back"))
        desk.wait_for("#events")
    finally:
        desk.window()


def test_an_event_is_merged_with_one_found_by_its_words(desk):
    event, count = open_ferry(desk), len(desk.room.events())
    desk.keys("m")
    desk.wait_for("dialog input").send_keys("violinist")
    desk.wait_for("dialog .found button").click()
    fill(desk, why="one trip")
    desk.wait(lambda: len(desk.room.events()) == count - 1, "the merge")
    desk.wait(lambda: "Violinist" in "".join(desk.texts(".reports")) and "Ferry" in "".join(desk.texts(".reports")),
              "the articles of both")
    desk.open(desk.site, "/event/%d" % event)
    assert len(desk.all("[data-article]")) == 4


def test_picked_events_are_merged_from_the_list(desk):
    count = len(desk.all("#events > .event"))
    desk.keys("jx", "jx", "m")
    fill(desk)
    desk.wait(lambda: len(desk.room.events()) == count - 1, "the merge")
    desk.wait(lambda: len(desk.all("#events > .event")) == count - 1, "it in the list")


def test_several_events_are_picked_by_mouse_and_undone_at_once(desk):
    count = len(desk.all("#events > .event"))
    next(b for b in desk.all("#tools button") if b.get_attribute("aria-label") == "Select events").click()
    for row in desk.all("#events > .event")[:2]:
        row.find_element("css selector", "h2 a").click()
    assert desk.one("#picks span").text == "2 events selected"
    keys = [int(r.get_attribute("data-key")) for r in desk.all(".event.picked")]
    next(b for b in desk.all("#picks button") if b.text == "Mute").click()
    desk.wait(lambda: len(desk.all("#events > .event")) == count - 2, "both gone")
    assert all(desk.room.records("events")[k]["muted"] for k in keys)
    desk.keys("z")
    desk.wait(lambda: not any(desk.room.records("events")[k]["muted"] for k in keys), "both undone")
    assert "2 decisions" in desk.one("#status").text
    # once more goes one further back
    desk.keys("j")
    desk.keys("p")
    desk.wait(lambda: any(e["pinned"] for e in desk.room.events().values()), "the pin")
    desk.wait(lambda: desk.one("#status").text == "Done", "its end")
    desk.keys("z")
    desk.wait(lambda: "Undone: pinned it" in desk.one("#status").text, "what was undone")
    desk.keys("z")
    desk.wait(lambda: "no decision to undo" in desk.one("#status").text, "the end of the list")


def test_a_merge_shows_both_and_warns_of_strangers(desk):
    event = open_ferry(desk)
    desk.keys("m")
    desk.wait_for("dialog input").send_keys("violinist")
    desk.wait_for("dialog .found button").click()
    form = desk.wait_for("dialog form:has([name=why])")
    assert "3 sources: A feed" in form.text and "Violinist" in form.text
    assert "share no keyword" in form.text
    desk.keys(Keys.ESCAPE)
    assert desk.room.records("events")[event]["status"] == "open"


def test_the_history_says_what_was_wanted(desk):
    open_ferry(desk)
    press("More of this", desk)
    desk.wait(lambda: "wanted more of this" in "".join(desk.texts("#history")), "the history")


def test_the_second_editor_is_told_what_the_first_did(desk):
    event = open_ferry(desk)
    desk.keys("e")
    desk.wait_for("dialog form")
    answer = desk.site.ask("POST", "/api/v1/decisions", json.dumps(
        {"kind": "rename", "event": event, "title": "Ferry: all safe", "who": "Marwen"}),
        Content_Type="application/json")
    assert answer.status == 201
    form = desk.one("dialog form")
    form.find_element("css selector", "[name=title]").send_keys(", says the coast guard")
    form.find_element("css selector", "button.main").click()
    told = desk.wait(lambda: "Someone else changed this event" in desk.one("dialog").text and desk.one("dialog").text,
                     "word of the first editor")
    assert "Ferry: all safe" in told
    desk.one("dialog button").click()
    desk.wait(lambda: desk.texts("h1") == ["Ferry: all safe"], "what the first one decided")
    assert stored(desk, event)["title"] == "Ferry: all safe"


def test_a_reader_who_logs_in_is_not_offered_to_decide(build, chrome, tmp_path):
    tokens = {name: tmp_path / name for name in ("read", "write")}
    for name, path in tokens.items():
        path.write_text("%s-token-of-this-newsroom\n" % name)
    with Newsroom(build, http="read_token = %(read)s\nwrite_token = %(write)s" % tokens) as room:
        room.feed("/a.xml", rss([ferry("kestrel.example")]))
        room.start()
        room.wait_articles(1)
        site = Site(room)
        chrome.window()
        for name in tokens:
            chrome.driver.get("http://editor:%s-token-of-this-newsroom@127.0.0.1:%d/event/1" % (name, site.port))
            assert chrome.one("h1").text == FERRY
            assert bool(chrome.all("#decide button")) == (name == "write")
            chrome.keys("e")
            assert bool(chrome.all("dialog")) == (name == "write")
