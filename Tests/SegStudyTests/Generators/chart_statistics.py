"""Prints the values that ChartStatisticsTests expects: limits of agreement by NumPy.

Run by hand: python3 chart_statistics.py
"""

import numpy as np

differences = np.array([-3.5, 1.25, 0.0, 2.0, 7.75, -1.0])
bias, deviation = differences.mean(), differences.std(ddof=1)
print("agreement", bias, deviation, bias - 1.96 * deviation, bias + 1.96 * deviation)
