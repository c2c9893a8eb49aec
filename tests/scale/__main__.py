"""``python -m tests.scale``: an office on several machines, of which one is cut off and one is killed during work; then everything is counted.

Needs root: the machines are network namespaces. Exit code 1 when anything is lost, done twice, or does not tie.
"""

import argparse
import json
import sys

from tests.scale.machines import site
from tests.scale.office import Office

parser = argparse.ArgumentParser(prog="python -m tests.scale")
parser.add_argument("--documents", type=int, default=120)
parser.add_argument("--minutes", type=float, default=20)
parser.add_argument("--json", action="store_true")
wanted = parser.parse_args()
with site() as here:
    try:
        figures = Office(here, wanted).run()
    except Exception:
        for host in here.hosts.values():
            print(f"== {host.name}", host.last_words(), sep="\n", file=sys.stderr)
        raise
print(json.dumps(figures) if wanted.json else "\n".join(f"{k:32} {v}" for k, v in figures.items()))
sys.exit(1 if figures["broken"] else 0)
