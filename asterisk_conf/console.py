"""`python -m asterisk_conf.console "queue show"`: what the running line's Asterisk answers on its console.

For a person on call; no process of ours uses it.
"""

from __future__ import annotations

import sys

from asterisk_conf.exchange import remote
from asterisk_conf.rootfs import ensure_root
from asterisk_conf.settings import ExchangeSettings
from asterisk_conf.stage.settings import StageSettings


def main() -> int:
    command = " ".join(sys.argv[1:])
    if not command:
        print('usage: python -m asterisk_conf.console "queue show"', file=sys.stderr)
        return 2
    stage = StageSettings()
    try:
        print(remote(ExchangeSettings(), ensure_root(stage.var, stage.asterisk_root), command), end="")
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
