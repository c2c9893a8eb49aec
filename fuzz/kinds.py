"""What can be fuzzed: target → which kind of seed file it takes. Apart, so that listing targets loads no parser."""

from __future__ import annotations

KINDS = {
    "pdf": "pdf", "image": "image", "read": "whole", "ubl": "ubl", "cii": "cii", "facturae": "facturae",
    "fatturapa": "fatturapa", "nfe": "nfe", "saft": "saft", "qr": "qr", "csv": "csv", "xlsx": "xlsx", "eml": "eml",
}  # fmt: skip
