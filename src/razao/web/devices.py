"""Browsers as people call them: in: what a browser says of itself, out: its name and the system it runs on."""

from __future__ import annotations

import re

from django.utils.translation import gettext

#: The first that is found counts: most browsers also say to be those after them.
BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/(\d+)"),
    ("Opera", r"OPR/(\d+)"),
    ("Samsung Internet", r"SamsungBrowser/(\d+)"),
    ("Firefox", r"(?:Firefox|FxiOS)/(\d+)"),
    ("Chrome", r"(?:Headless)?(?:Chrome|CriOS|Chromium)/(\d+)"),
    ("Safari", r"Version/(\d+)[.\d]* (?:Mobile/\w+ )?Safari/"),
)
SYSTEMS = (
    ("Android", r"Android"),
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Windows", r"Windows NT"),
    ("Mac", r"Macintosh|Mac OS X"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)
#: Of a program that is neither, so much is shown.
UNKNOWN_LENGTH = 40


def device_words(agent: str) -> str:
    """``Mozilla/5.0 (Windows NT 10.0…) … Chrome/131…`` as *Chrome 131, Windows*; the beginning of what is neither."""
    seen = ((name, re.search(pattern, agent)) for name, pattern in BROWSERS)
    browser = next((f"{name} {found[1]}" for name, found in seen if found), "")
    system = next((name for name, pattern in SYSTEMS if re.search(pattern, agent)), "")
    if browser and system:
        return f"{browser}, {system}"
    return browser or system or agent[:UNKNOWN_LENGTH].strip() or gettext("unknown program")
