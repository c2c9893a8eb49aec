"""The WSGI application: requests in, answers out, a log line for each."""

import logging
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "razao.config.settings")
application = get_wsgi_application()
logging.getLogger("razao.requests").setLevel(logging.INFO)
logging.getLogger("razao.jobs").setLevel(logging.INFO)
