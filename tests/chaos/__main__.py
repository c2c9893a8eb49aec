"""``python -m tests.chaos --seeds N --first S``: a home of the run's own is named, then the harness does the rest."""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ.setdefault("RAZAO_TEST_RUN", f"chaos-{os.getpid()}")
# Frames of one document: more threads than one only wait for one another.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
django.setup()

from tests.chaos.harness import main  # noqa: E402  (its imports need Django ready)

sys.exit(main())
