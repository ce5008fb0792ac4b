"""Whole journeys in a real browser, each person with a browser of their own."""
