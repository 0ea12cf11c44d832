"""The studio's commands of `python -m bot studio`; no logic of their own."""
