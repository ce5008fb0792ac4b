"""A roster workbook: read, held against what is stored, shown, returned with its faults, taken in."""
