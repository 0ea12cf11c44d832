"""The conversation's next step: Rasa actions, one file a capability."""
