"""Writes the API's description to docs/openapi.json."""

import json
import os
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")
django.setup()

from razao.api.main import api  # noqa: E402

text = json.dumps(api.get_openapi_schema(), indent=1, ensure_ascii=False, sort_keys=True)
(Path(__file__).parents[1] / "docs" / "openapi.json").write_text(text + "\n")
