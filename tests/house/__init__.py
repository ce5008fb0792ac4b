"""The rules of the house, held by the tests themselves."""
