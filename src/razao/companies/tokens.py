"""Keys for programs: in: a person, out: a secret shown once; in: a secret, out: the person it stands for."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from razao.companies.models import ApiToken, User

PREFIX = "rz_"


def digest_of(secret: str) -> str:
    """What is kept of a secret. It has 256 random bits, so a plain hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()


def issue(user: User, name: str, expires_at: datetime | None = None) -> str:
    """Make a key for ``user`` and return the secret, which is kept nowhere."""
    secret = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, name=name, digest=digest_of(secret), expires_at=expires_at)
    return secret


def person_of(secret: str) -> User | None:
    """Whom a secret stands for; None when it is unknown, expired, or the person is no longer active."""
    alive = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    token = ApiToken.objects.filter(alive, digest=digest_of(secret), user__is_active=True).first()
    if token is None:
        return None
    ApiToken.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token.user
