"""Decisions of people: choose the items, decide, write one commit of the queue."""
