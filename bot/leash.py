"""`python -m bot.leash COMMAND...`: runs a command that ends when whoever started it ends, however that ends.

The one who starts it holds the other end of our stdin: closed by hand or by the kernel after a kill, it means the end. The command
gets an empty stdin and our stdout, and stands with us in one process group.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading

PATIENCE_SECONDS = 5.0


def main() -> None:
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_stdin, args=(child,), daemon=True).start()
    signal.signal(signal.SIGTERM, lambda _number, _frame: _end(child))
    code = child.wait()
    sys.exit(code if code >= 0 else 128 - code)


def _end_with_stdin(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        pass
    _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    """Ask the command to end, then end the whole group, us included, where we lead one of our own."""
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    last_word = threading.Timer(PATIENCE_SECONDS, _kill, (child,))
    last_word.daemon = True
    last_word.start()


def _kill(child: subprocess.Popen[bytes]) -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    child.kill()


if __name__ == "__main__":
    main()
