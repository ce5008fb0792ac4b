"""Leaders assigned to units: where each stands uncontested."""
