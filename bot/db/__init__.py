"""The database: typed tables, encryption at rest, sessions and migrations."""
