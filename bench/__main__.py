"""``python -m bench NAME [--documents N] [--json]``: runs one bench; every bench is ``bench/NAME.py`` with ``main(argv)``."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

# first of all, for it says how memory is kept, as it does for every command of the product
from razao.config import command as command

NAMES = sorted(p.stem for p in Path(__file__).parent.glob("*.py") if not p.stem.startswith("_"))


def run(arguments: list[str]) -> int:
    """Run the bench named first, or all of them; 2 on a name that is not there."""
    if not arguments:
        for name in NAMES:
            print(f"== {name}")
            import_module(f"bench.{name}").main([])
        return 0
    if arguments[0] not in NAMES:
        print(f"benches: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    import_module(f"bench.{arguments[0]}").main(arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
