"""The WSGI application: requests in, answers out, a log line for each."""

import logging
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")
application = get_wsgi_application()
# Every page's module, now: whoever comes first would wait a second for them.
get_resolver().reverse_dict  # noqa: B018
logging.getLogger("razao.requests").setLevel(logging.INFO)
logging.getLogger("razao.jobs").setLevel(logging.INFO)
