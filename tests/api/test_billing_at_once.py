"""The same request of a program that asks twice at once, as after a time-out: done once, and answered twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connections, transaction

from razao.companies.rights import company_for
from razao.ledger.models import Batch
from tests.api.test_billing import SALE, send, shop


def test_the_same_sent_twice_at_once_is_done_once(committed_db: None, tmp_path: Any) -> None:
    with transaction.atomic():
        client, access, base = shop(tmp_path)
    keys = {"Idempotency-Key": "b1"}

    def both(path: str, body: Any, **headers: str) -> list[tuple[int, Any]]:
        begin = Barrier(2)

        def one(_: int) -> tuple[int, Any]:
            begin.wait()
            try:
                return send(client, "POST", path, body, **headers)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(one, range(2)))

    first, second = both(f"{base}/preparations", {"documents": [SALE]}, **keys)
    assert first == second
    assert first[0] == 200
    path, seen = f"{base}/preparations/{first[1]['id']}", {"fingerprint": first[1]["fingerprint"]}
    first, second = both(f"{path}/integrate", seen)
    assert first == second
    assert first[1]["state"] == "integrated"
    first, second = both(f"{path}/undo", {"day": "2026-05-31", "reason": "engano"})
    assert first == second
    assert first[1]["state"] == "undone"
    with transaction.atomic():
        company_for(access.user_id, access.company.pk)
        assert Batch.objects.count() == 2
