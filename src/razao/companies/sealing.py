"""Secrets at rest: a text in, a sealed text out, and back; the key follows from the installation's secret key.

What an earlier key sealed is opened as long as that key is still known (``razao rotate-keys``).
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from razao.kernel.problems import Problem, Refused


def _of(key: str) -> Fernet:
    derived = HKDF(hashes.SHA256(), 32, salt=None, info=b"razao billing source secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(key.encode())))


def _key() -> MultiFernet:
    return MultiFernet([_of(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def seal(secret: str) -> str:
    """``secret`` encrypted and authenticated; "" stays ""."""
    return _key().encrypt(secret.encode()).decode() if secret else ""


def reseal(sealed: str, key: str) -> str:
    """The same secret sealed with ``key``. Raises Refused as ``unseal``."""
    return _of(key).encrypt(unseal(sealed).encode()).decode() if sealed else ""


def is_sealed_with(sealed: str, key: str) -> bool:
    """Whether ``key`` alone opens it."""
    try:
        _of(key).decrypt(sealed.encode())
    except InvalidToken:
        return not sealed
    return True


def unseal(sealed: str) -> str:
    """The secret again. Raises Refused (``source.secret_lost``) when the installation's key is another one."""
    if not sealed:
        return ""
    try:
        return _key().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise Refused(Problem("source.secret_lost")) from error
