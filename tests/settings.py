"""Settings of the tests: those of the product, in a home of this run that nobody else uses."""

import os
import tempfile
from pathlib import Path

# Test processes are children of the first and inherit its number, so that all share one home.
_RUN = os.environ.setdefault("RAZAO_TEST_RUN", str(os.getpid()))
os.environ["RAZAO_HOME"] = str(Path(tempfile.gettempdir()) / f"razao-test-{_RUN}")
os.environ["RAZAO_DATABASE_URL"] = ""
os.environ["RAZAO_DEBUG"] = "0"

from razao.config.settings import *  # noqa: E402, F403

# One quick hash: a sign-in in a test costs nothing of what it proves.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Threads of workers end with their test, and take their connections along.
for _database in DATABASES.values():  # noqa: F405
    _database["CONN_MAX_AGE"] = 0

# Counts of sign-ins in memory: most tests may ask only one connection. test_sessions.py counts as the product does.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
