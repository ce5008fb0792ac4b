"""Persons, accounts, roles by congress and unit or branch, declared relatives."""
