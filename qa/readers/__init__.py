"""Readers: those that come with Pincite, and a place for others (contract: ``qa.reader``)."""
