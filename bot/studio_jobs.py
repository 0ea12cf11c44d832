"""Runs the queued trainings and proofs, one at a time, in processes of their own."""
