"""The Rasa programs that supervisord keeps: started and stopped by slot."""
