#!/usr/bin/python3
"""Draws the page's icons in PNG from daemon/web/icon.svg, with Debian's Chromium: `make icons`.

Systems that cut an icon to their own shape get the `tile`: without round corners, opaque.
"""
import base64
import pathlib
import sys
from urllib.parse import quote

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))
from browser import Browser  # noqa: E402

WEB = HERE.parents[1] / "daemon" / "web"
ROUND = ' rx="7"'
ICONS = {"icon-192.png": (192, True), "icon-512.png": (512, True), "tile-180.png": (180, False), "tile-512.png": (512, False)}


def main():
    svg = (WEB / "icon.svg").read_text(encoding="utf-8")
    assert ROUND in svg
    with Browser() as b:
        for name, (size, rounded) in ICONS.items():
            b.window(size, size)
            b.driver.execute_cdp_cmd("Emulation.setDefaultBackgroundColorOverride", {"color": dict(r=0, g=0, b=0, a=0)})
            image = svg if rounded else svg.replace(ROUND, "")
            b.driver.get("data:text/html," + quote("<body style='margin:0'>" + image.replace("<svg", "<svg width=%d" % size, 1)))
            shot = b.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
            (WEB / name).write_bytes(base64.b64decode(shot["data"]))
            print(WEB / name)


if __name__ == "__main__":
    main()
