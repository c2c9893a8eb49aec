"""What the policy forbids is in no template, so that no browser ever refuses a part of a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

ROOT = Path(__file__).parents[2] / "src" / "razao" / "web"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static" / "razao"
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*="),
    "an inline handler": re.compile(r"<[^>]*\son[a-z]+\s*="),
    "htmx code in an attribute": re.compile(r"\shx-(on|vals|vars)[\w:-]*\s*=\s*[\"']js:|\shx-on"),
    "an inline style": re.compile(r"<style\b"),
    "an inline script": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>"),
    "another host": re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//"),
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_template_holds_nothing_that_the_policy_forbids(path):
    text = path.read_text()
    found = [what for what, mark in FORBIDDEN.items() if mark.search(text)]
    assert found == [], "use a class, a data attribute or a module in static/razao/js"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "templates")))
def test_a_template_can_be_read(path):
    get_template(str(path.relative_to(ROOT / "templates")))


def test_style_sheets_name_no_other_host_and_colours_stand_in_tokens_alone():
    sheets = [p for p in (STATIC / "css").glob("*.css") if p.name != "tokens.css"]
    hosts = [p.name for p in sheets if re.search(r"url\(\s*[\"']?(?:https?:)?//", p.read_text())]
    assert hosts == []


def test_vendored_files_come_with_their_licence():
    assert sorted(p.name for p in (STATIC / "vendor").iterdir()) == [
        "htmx.LICENSE.txt",
        "htmx.min.js",
    ]
    assert sorted(p.name for p in (STATIC / "font").iterdir()) == [
        "LICENSE-plex-mono.txt",
        "LICENSE-plex-sans.txt",
        "plex-mono.woff2",
        "plex-sans.woff2",
    ]
