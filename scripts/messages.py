"""Renew the translation catalogues: code, templates and tables of texts in, ``locale/*/django.po`` and ``.mo`` out.

``make messages``. What is translated stays, a new text is added without translation, a text that nobody shows any
more is dropped. Nothing is guessed, so nothing is ever fuzzy; the test of translations fails until every text is
translated. No program of GNU gettext is needed, and the same texts always give the same bytes.
"""

from __future__ import annotations

import ast
import csv
import gettext
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path

import django
from django.utils.translation.template import templatize

from scripts.catalogue import Catalogue, Entry, Key, read_po, write_mo, write_po

SOURCE = Path(__file__).parents[1] / "src" / "razao"
LANGUAGES = ("pt", "pt_BR", "es")

#: Functions that mark a text, and what their arguments are.
MARKS: Mapping[str, tuple[str, ...]] = {
    "_": ("msgid",),
    "gettext": ("msgid",),
    "gettext_lazy": ("msgid",),
    "gettext_noop": ("msgid",),
    "ngettext": ("msgid", "plural"),
    "ngettext_lazy": ("msgid", "plural"),
    "pgettext": ("context", "msgid"),
    "pgettext_lazy": ("context", "msgid"),
    "npgettext": ("context", "msgid", "plural"),
    "npgettext_lazy": ("context", "msgid", "plural"),
}
#: Tables whose columns are shown to people.
TABLES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("kernel/problem_texts/*.csv", ("title", "cause", "remedy")),
    ("booking/reasons.csv", ("sentence",)),
)
#: Parts of the sign-in package that people see: it has no catalogue for ``pt``.
SIGN_IN = ("account", "mfa", "usersessions")
#: What the framework says of a value that does not fit; a language may lack some of it, which is translated here then.
FRAMEWORK = (
    "contrib/auth/password_validation.py",
    "core/validators.py",
    "db/models/base.py",
    "db/models/constraints.py",
    "db/models/fields/__init__.py",
    "db/models/fields/related.py",
    "forms/fields.py",
    "forms/models.py",
)
CALL = re.compile(
    r"\b(?P<mark>n?p?gettext|_)\((?P<args>\s*u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
    r"(?:,\s*u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"))*)"
)

Found = tuple[Key, str]
"""A text's key and its plural form ('' without one)."""


def marked(mark: str, arguments: list[str]) -> Found:
    """The key of a marked text from the call's constant arguments."""
    named = dict(zip(MARKS[mark], arguments, strict=False))
    return Key(named.get("context", ""), named["msgid"]), named.get("plural", "")


def in_python(text: str) -> Iterator[Found]:
    """Texts marked in Python code; only constants can be."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
        if name not in MARKS:
            continue
        constants = [
            argument.value
            for argument in node.args[: len(MARKS[name])]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
        ]
        if len(constants) == len(MARKS[name]) and all(constants):
            yield marked(name, constants)


def in_template(text: str) -> Iterator[Found]:
    """Texts marked in a template, as Django's own extraction sees them."""
    for call in CALL.finditer(templatize(text)):
        arguments = ast.literal_eval(f"({call['args']},)")
        if all(arguments):
            yield marked(call["mark"], list(arguments))


def in_tables(source: Path = SOURCE) -> Iterator[tuple[str, Found]]:
    """Texts of the tables that are shown to people, with the table's name."""
    for pattern, columns in TABLES:
        for path in sorted(source.glob(pattern)):
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    for column in columns:
                        if row[column]:
                            yield str(path.relative_to(source)), (Key("", row[column]), "")


def in_folder(
    folder: Path, root: Path, leave: frozenset[str] = frozenset()
) -> Iterator[tuple[str, Found]]:
    """Texts of all code and templates of ``folder``, with the file's name below ``root``."""
    for path in sorted(folder.rglob("*")):
        place = str(path.relative_to(root))
        if "migrations" in path.parts or path.suffix not in {".py", ".html", ".txt"}:
            continue
        if any(place.endswith(own) for own in leave):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".py":
            yield from ((place, found) for found in in_python(text))
        elif "{%" in text:
            yield from ((place, found) for found in in_template(text))


def of_sign_in() -> Iterator[tuple[str, Found]]:
    """Texts of the sign-in package, without the pages that we draw ourselves."""
    spec = find_spec("allauth")
    if spec is None or not spec.submodule_search_locations:
        return
    package = Path(next(iter(spec.submodule_search_locations)))
    templates = SOURCE / "web" / "templates"
    own = frozenset(str(p.relative_to(templates)) for p in templates.rglob("*.*") if p.is_file())
    for part in SIGN_IN:
        for folder in (package / part, package / "templates" / part):
            if folder.exists():
                yield from in_folder(folder, package.parent, own)


def of_framework() -> Iterator[tuple[str, Found]]:
    """What the framework says to people, where one of the languages has no word for it in the framework's own catalogues."""
    package = Path(django.__file__).parent
    own = [
        gettext.translation("django", package / folder / "locale", [language])
        for folder in ("conf", "contrib/auth")
        for language in LANGUAGES
    ]
    by_language = [own[number :: len(LANGUAGES)] for number in range(len(LANGUAGES))]
    for place in FRAMEWORK:
        for key, plural in in_python((package / place).read_text(encoding="utf-8")):
            if not all(_has(catalogues, key.msgid, plural) for catalogues in by_language):
                yield f"django/{place}", (key, plural)


def _has(catalogues: list[gettext.NullTranslations], msgid: str, plural: str) -> bool:
    if plural:
        return any(one.ngettext(msgid, plural, 1) != msgid for one in catalogues)
    return any(one.gettext(msgid) != msgid for one in catalogues)


def texts(source: Path = SOURCE) -> Catalogue:
    """Every text that is shown to people, untranslated, with the files that show it."""
    catalogue: dict[Key, Entry] = {}
    found = [*in_folder(source, source), *in_tables(source), *of_sign_in(), *of_framework()]
    for place, (key, plural) in found:
        entry = catalogue.setdefault(key, Entry())
        if plural:
            entry.plural = plural
        if place not in entry.places:
            entry.places.append(place)
    return catalogue


def renewed(wanted: Catalogue, kept: Catalogue) -> Catalogue:
    """``wanted`` with the translations of ``kept``."""
    out: dict[Key, Entry] = {}
    for key, entry in wanted.items():
        old = kept.get(key, Entry())
        translations = old.translations if bool(old.plural) == bool(entry.plural) else ()
        out[key] = Entry(entry.plural, tuple(translations), sorted(entry.places))
    return out


def catalogue_path(language: str) -> Path:
    """Where the catalogue of a locale stands."""
    return SOURCE / "locale" / language / "LC_MESSAGES" / "django.po"


def missing(catalogue: Catalogue) -> list[Key]:
    """Texts without a whole translation."""
    return [key for key, entry in catalogue.items() if not entry.is_complete]


def main(languages: Iterable[str] = LANGUAGES) -> None:
    """Renew every catalogue and say how much is missing."""
    wanted = texts()
    for language in languages:
        path = catalogue_path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = renewed(wanted, read_po(path))
        write_po(path, language, catalogue)
        write_mo(path.with_suffix(".mo"), language, catalogue)
        print(f"{language}: {len(catalogue)} texts, {len(missing(catalogue))} not translated")


if __name__ == "__main__":
    main()
