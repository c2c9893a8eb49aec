"""Accounts of people: nobody signs up by themselves, people are invited."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class InvitedOnly(DefaultAccountAdapter):  # type: ignore[misc]  # the library is untyped
    """The first person is made by the first-run page, all others by invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        del request
        return False
