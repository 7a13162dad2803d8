"""Debian's Chromium on a page of storyd.

    with Browser() as b:
        b.open(site, "/")
        b.keys("j")
        assert b.all("#events .event")
"""
import os
import tempfile

from loopback import wait_until
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.actions.action_builder import ActionBuilder
from selenium.webdriver.common.actions.interaction import POINTER_TOUCH
from selenium.webdriver.common.actions.pointer_input import PointerInput
from selenium.webdriver.common.by import By

LONG = 30.0
PROGRAMS = "/usr/bin/chromium", "/usr/bin/chromedriver"
# Without the background's flags it asks for hosts outside at every start.
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--hide-scrollbars")


def missing():
    """The program that is not installed, or None."""
    return next((p for p in PROGRAMS if not os.access(p, os.X_OK)), None)


class Browser:
    def __init__(self):
        self.profile = tempfile.TemporaryDirectory(prefix="e2e-chromium-", ignore_cleanup_errors=True)
        options = webdriver.ChromeOptions()
        options.binary_location = PROGRAMS[0]
        for flag in FLAGS + ("--user-data-dir=" + self.profile.name,):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(service=Service(PROGRAMS[1]), options=options)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.driver.quit()
        self.profile.cleanup()

    def window(self, width=1280, height=900, dark=False, script=True):
        """A fresh look: of this size, with these colours, with or without JavaScript."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setTouchEmulationEnabled", {"enabled": width < 600})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not script})

    def open(self, site, path="/"):
        self.driver.get("http://127.0.0.1:%d%s" % (site.port, path))

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def texts(self, selector):
        """The texts of these elements, all from one moment."""
        return self.run("return [...document.querySelectorAll(arguments[0])].map(e => e.textContent)",
                        selector)

    def run(self, script, *args):
        return self.driver.execute_script(script, *args)

    def keys(self, *keys):
        """To whatever has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def tap(self, element):
        """With a finger."""
        finger = ActionBuilder(self.driver, mouse=PointerInput(POINTER_TOUCH, "finger"))
        self.run("arguments[0].scrollIntoView({block: 'center'})", element)
        finger.pointer_action.move_to(element).pointer_down().pointer_up()
        finger.perform()

    def wait(self, condition, what):
        def holds():
            try:
                return condition()
            except StaleElementReferenceException:
                return None  # the page was just drawn again
        return wait_until(holds, LONG, what)

    def wait_for(self, selector):
        return self.wait(lambda: self.all(selector), "an element " + selector)[0]

    def focus_text(self):
        return self.run("return document.activeElement.textContent")

    def faults(self):
        """What the console has complained of since it was last asked."""
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE" and "v1/stream" not in e["message"]]

    def alert(self):
        """The text of an open alert, or None."""
        try:
            return self.driver.switch_to.alert.text
        except NoAlertPresentException:
            return None

    def shot(self, path):
        self.driver.save_screenshot(str(path))
