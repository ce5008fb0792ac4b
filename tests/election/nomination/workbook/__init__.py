"""The corner workbook of the room nomination."""
