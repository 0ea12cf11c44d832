"""The training folder: its plain Rasa files read, searched, compared, edited, merged and written; texts masked."""
