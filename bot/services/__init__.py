"""Use cases: plain sync functions, session first; those that write commit once, at their end."""
