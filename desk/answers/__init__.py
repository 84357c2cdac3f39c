"""Canned answers: files that reps write, found as they type, filled in for the customer at hand."""
