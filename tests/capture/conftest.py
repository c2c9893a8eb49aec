"""Set-up of capture's tests: an archive and source folders of the test's own, a company with open books."""

from __future__ import annotations

from pathlib import Path

import pytest

from razao.archive.models import Folder
from razao.companies.rights import Access
from tests.factories import a_company


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.RAZAO_ARCHIVE_ROUTES = {f.value: tmp_path / "archive" / f.value for f in Folder}
    settings.RAZAO_INTAKE = tmp_path / "intake"
    settings.RAZAO_CACHE = tmp_path / "cache"
    for folder in Folder:
        (tmp_path / "archive" / folder.value).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def access(db) -> Access:
    """The administrator of a company at work on it; the session acts for the company."""
    return a_company()
