"""The branch's secret ballot on its applicants, and the places it votes on."""
