"""`python -m bot`: the command line."""

from __future__ import annotations

import sys

# spaCy would pull TensorFlow in where both are installed: 9 s and 550 MB (DESIGN 1.10); this process needs neither
sys.modules["tensorflow"] = None  # type: ignore[assignment]

from bot.cli import main  # noqa: E402 - after the line above

if __name__ == "__main__":
    main()
