"""Tells the staff of waiting cases outside the console: group robots, mail and a hook; never a worker's words."""
