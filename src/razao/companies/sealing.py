"""Secrets at rest: a text in, a sealed text out, and back; the key follows from the installation's secret key."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from razao.kernel.problems import Problem, Refused


def _key() -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"razao billing source secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(settings.SECRET_KEY.encode())))


def seal(secret: str) -> str:
    """``secret`` encrypted and authenticated; "" stays ""."""
    return _key().encrypt(secret.encode()).decode() if secret else ""


def unseal(sealed: str) -> str:
    """The secret again. Raises Refused (``source.secret_lost``) when the installation's key is another one."""
    if not sealed:
        return ""
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Refused(Problem("source.secret_lost")) from error
