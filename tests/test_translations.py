"""Every text that people see is there in Portuguese, Brazilian Portuguese and Spanish; English is the text itself."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.utils.translation import to_locale

from scripts.catalogue import FORMS, Catalogue, Entry, Key, header, read_po, write_mo, write_po
from scripts.messages import (
    LANGUAGES,
    catalogue_path,
    in_python,
    in_template,
    missing,
    renewed,
    texts,
)

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|%[sd]|\{\w*\}")
TAG = re.compile(r"</?\w+")


@pytest.fixture(scope="module")
def wanted() -> Catalogue:
    return texts()


def test_the_languages_of_the_site_are_english_and_those_with_a_catalogue():
    assert {to_locale(code) for code, _name in settings.LANGUAGES} == {"en", *LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_left_in_english_and_nothing_is_guessed(language, wanted):
    catalogue = read_po(catalogue_path(language))
    assert [key for key in wanted if key not in catalogue] == []
    assert missing(catalogue) == []
    assert [key for key, entry in catalogue.items() if "fuzzy" in entry.flags] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_is_what_make_messages_writes(language, wanted, tmp_path):
    path = catalogue_path(language)
    again = tmp_path / "django.po"
    write_po(again, language, renewed(wanted, read_po(path)))
    assert again.read_text() == path.read_text()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_values_and_tags_of_its_text(language):
    differing = [
        (key.msgid, translation)
        for key, entry in read_po(catalogue_path(language)).items()
        for number, translation in enumerate(entry.translations)
        if not _like(entry.plural if number else key.msgid, translation, entry)
    ]
    assert differing == []


def _like(text: str, translation: str, entry: Entry) -> bool:
    """One may be said without its number, which stands in the plural."""
    allowed = set(PLACEHOLDER.findall(entry.plural or text))
    found = set(PLACEHOLDER.findall(translation))
    same_values = found == set(PLACEHOLDER.findall(text)) or (
        bool(entry.plural) and found <= allowed
    )
    same_tags = sorted(TAG.findall(text)) == sorted(TAG.findall(translation))
    return same_values and same_tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_catalogue_says_what_the_edited_one_says(language):
    path = catalogue_path(language)
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled._catalog == _expected(language, read_po(path))


def _expected(language: str, catalogue: Catalogue) -> dict[object, str]:
    """The catalogue in the form in which Python's own reader keeps it."""
    expected: dict[object, str] = {"": header(language)}
    for key, entry in catalogue.items():
        name = f"{key.context}\x04{key.msgid}" if key.context else key.msgid
        if entry.plural:
            expected |= {(name, form): entry.translations[form] for form in range(FORMS)}
        else:
            expected[name] = entry.translations[0]
    return expected


def test_the_same_texts_give_the_same_bytes_in_any_order(tmp_path):
    one = {Key("", "Post"): Entry("", ("Lançar",)), Key("a period", "Open"): Entry("", ("Aberto",))}
    for name, catalogue in (("a", one), ("b", dict(reversed(one.items())))):
        write_po(tmp_path / f"{name}.po", "pt", catalogue)
        write_mo(tmp_path / f"{name}.mo", "pt", catalogue)
    assert (tmp_path / "a.po").read_bytes() == (tmp_path / "b.po").read_bytes()
    assert (tmp_path / "a.mo").read_bytes() == (tmp_path / "b.mo").read_bytes()


def test_what_is_written_is_read_back(tmp_path: Path):
    catalogue = {
        Key("", 'A "quoted" \\ text\nof two lines'): Entry(
            "", ('Um texto "entre aspas"\n\\',), ["a.py"]
        ),
        Key("a list", "%(n)s file"): Entry(
            "%(n)s files", ("%(n)s ficheiro", "%(n)s ficheiros"), []
        ),
        Key("", "Not translated"): Entry("", ("",), ["b.html", "c.html"]),
    }
    write_po(tmp_path / "django.po", "pt", catalogue)
    assert read_po(tmp_path / "django.po") == catalogue


def test_texts_are_found_in_code_and_templates():
    code = "gettext('Posted'); _('Due on ' '{day}'); pgettext('a period', 'Open'); ngettext('one', 'many', n); _(name)"
    page = (
        "{% translate 'Post' %}{% badge 'done' _('Kept') %}"
        "{% blocktranslate count n=x|length %}{{ n }} line{% plural %}{{ n }} lines, 5 %{% endblocktranslate %}"
    )
    assert list(in_python(code)) == [
        (Key("", "Posted"), ""),
        (Key("", "Due on {day}"), ""),
        (Key("a period", "Open"), ""),
        (Key("", "one"), "many"),
    ]
    assert list(in_template(page)) == [
        (Key("", "Post"), ""),
        (Key("", "Kept"), ""),
        (Key("", "%(n)s line"), "%(n)s lines, 5 %%"),
    ]
