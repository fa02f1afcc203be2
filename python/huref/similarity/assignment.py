"""Which rows go with which columns: the assignment of largest total (Kuhn 1955; shortest augmenting paths after
Jonker and Volgenant 1987). Exact, O(m^2 n); layers are few, so no library is asked for it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_assignment(gain: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Pairs (row, column) of the one-to-one assignment whose gains sum to the largest total, rows ascending.

    `gain`: m x n, finite. The smaller side is assigned completely.
    """
    if gain.shape[0] > gain.shape[1]:
        return sorted((row, column) for column, row in best_assignment(gain.T))
    rows, columns = gain.shape
    cost = -gain
    # potentials u, v with cost[i, j] >= u[i] + v[j]; column 0 is a virtual start, owner[j] the row + 1 of a column
    u, v = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = np.zeros(columns + 1, dtype=int)
    for row in range(1, rows + 1):
        owner[0], column = row, 0
        distance = np.full(columns + 1, np.inf)
        before = np.zeros(columns + 1, dtype=int)
        done = np.zeros(columns + 1, dtype=bool)
        while owner[column]:
            done[column] = True
            reach = cost[owner[column] - 1] - u[owner[column]] - v[1:]
            nearer = ~done[1:] & (reach < distance[1:])
            distance[1:][nearer], before[1:][nearer] = reach[nearer], column
            following = int(np.where(done, np.inf, distance).argmin())
            step = distance[following]
            u[owner[done]] += step
            v[done] -= step
            distance[~done] -= step
            column = following
        while column:
            owner[column] = owner[before[column]]
            column = before[column]
    return sorted((int(owner[column]) - 1, column - 1) for column in range(1, columns + 1) if owner[column])
