"""The congress, its units, categories, overlays, rules in force; the phase and its pure transitions."""
