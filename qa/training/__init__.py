"""How the shipped models were fitted, runnable by anyone."""
