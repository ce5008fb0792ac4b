"""Benchmarks: ratios that should hold on any machine (twice the cells, how many times the work?), never seconds."""
