"""How the files in ``index/models`` are made; runnable by anyone with the development packages."""
