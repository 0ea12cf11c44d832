"""All that knows Rasa; Rasa loads these modules by name and rasa_jobs starts them as processes of their own."""
