"""The same pages in the four languages side by side: a running site and a person in, one picture for each page out.

``python -m scripts.screens --url http://127.0.0.1:8000 --email … --password … --to folder``. A person looks at the
pictures: nothing cut, nothing left in another language (docs/design.md). Besides, texts that are wider than their
box are printed.
"""

from __future__ import annotations

import argparse
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

#: Language of the page → that of the browser, whose own controls (file, date) follow it.
LANGUAGES = {"pt": "pt-PT", "pt-br": "pt-BR", "es": "es-ES", "en": "en-GB"}
#: name → address; ``{company}`` is the first company of the person's list.
PAGES = {
    "home": "/",
    "documents": "/c/{company}/documents/",
    "review": "/c/{company}/documents/#first",
    "entries": "/c/{company}/ledger/",
    "entry": "/c/{company}/ledger/#first",
    "chart": "/c/{company}/ledger/accounts/",
    "billing": "/c/{company}/billing/",
    "reports": "/c/{company}/reports/",
    "trial_balance": "/c/{company}/reports/trial_balance/",
    "vat_summary": "/c/{company}/reports/vat_summary/",
    "company": "/c/{company}/settings/company/",
    "vat_codes": "/c/{company}/settings/vat/",
    "vat_code": "/c/{company}/settings/vat/#first",
    "chart_import": "/c/{company}/ledger/accounts/from-file/",
    "profile": "/c/{company}/documents/profile/",
    "deliveries": "/c/{company}/deliveries/",
    "portal": "/portal/?company={company}",
}
#: What a page's own scripts and pictures get to come to rest.
SETTLED_MS = 900
#: Words of the interface that are wider than their box, ended by an ellipsis or not; data (names, files) may end so.
CUT = """() => [...document.querySelectorAll("button, th, h1, h2, label:not(.sr) *, label:not(.sr), legend, summary, .badge, .help, nav a, dt")]
  .filter(e => e.offsetParent && !e.closest('.sr') && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
    && getComputedStyle(e).overflow !== 'visible')
  .map(e => e.textContent.trim().slice(0, 60))"""


def sign_in(browser: Browser, arguments: argparse.Namespace, language: str) -> Page:
    """A page of a signed-in person who reads ``language``."""
    width, height = (int(part) for part in arguments.size.split("x"))
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=arguments.theme,
        reduced_motion="reduce",
        locale=LANGUAGES[language],
    )
    context.add_cookies([{"name": "django_language", "value": language, "url": arguments.url}])
    page = context.new_page()
    page.goto(f"{arguments.url}/accounts/login/")
    page.fill("input[name=login]", arguments.email)
    page.fill("input[name=password]", arguments.password)
    page.click("form button[type=submit], form button.primary")
    page.wait_for_timeout(SETTLED_MS)
    context.add_cookies([{"name": "django_language", "value": language, "url": arguments.url}])
    return page


def opened(page: Page, address: str) -> None:
    """Go to an address; ``#first`` opens the first row of its list."""
    place, _, first = address.partition("#")
    page.goto(place)
    page.wait_for_timeout(SETTLED_MS)
    if first:
        link = page.locator("[data-row] [data-open], [data-row] a").first
        page.goto(str(link.evaluate("e => e.href")))
        page.wait_for_timeout(SETTLED_MS)


def side_by_side(pictures: list[bytes]) -> Image.Image:
    """Pictures of one height in a row."""
    images = [Image.open(io.BytesIO(picture)) for picture in pictures]
    sheet = Image.new("RGB", (sum(i.width for i in images), max(i.height for i in images)))
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width
    return sheet


def taken(pages: dict[str, Page], arguments: argparse.Namespace) -> Iterator[tuple[str, str, str]]:
    """Take every page in every language; yields page, language and each text that is cut."""
    for name in arguments.pages or PAGES:
        shots = []
        for language, page in pages.items():
            address = arguments.url + PAGES[name].replace("{company}", arguments.company)
            opened(page, address)
            shots.append(page.screenshot())
            yield from ((name, language, text) for text in page.evaluate(CUT))
        side_by_side(shots).save(arguments.to / f"{name}.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, usual in (("url", "http://127.0.0.1:8000"), ("email", ""), ("password", "")):
        parser.add_argument(f"--{name}", default=usual)
    parser.add_argument("--company", required=True, help="id of the company shown")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--theme", default="light", choices=("light", "dark"))
    parser.add_argument("--browser", default="/usr/bin/chromium")
    parser.add_argument("pages", nargs="*", choices=[[], *PAGES])
    arguments: Any = parser.parse_args()
    arguments.to.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        pages = {}
        for language, locale in LANGUAGES.items():
            browser = playwright.chromium.launch(
                executable_path=arguments.browser,
                args=["--no-sandbox", "--disable-gpu", f"--lang={locale}"],
                env={**os.environ, "LANGUAGE": locale.replace("-", "_")},
            )
            pages[language] = sign_in(browser, arguments, language)
        for page, language, text in taken(pages, arguments):
            print(f"{page} {language}: cut: {text!r}")


if __name__ == "__main__":
    main()
