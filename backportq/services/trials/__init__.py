"""Trials: would it apply, in which order, and if not, what is it waiting for."""
