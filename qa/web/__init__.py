"""The page of the web chat: its look, and one module for each tab. Only ``app.py`` needs it."""
