"""Multi-scalar multiplication (Pippenger 1976) in plain integers.

Scalars are cut into signed windows. In each window the points of equal digit fall into one bucket; buckets are summed
by a tree of affine additions, and all additions of one level share a single inversion (Montgomery's trick), so that one
costs about six multiplications mod Q. Points come from a prover, so equal and opposite ones are expected.
"""

from collections.abc import Sequence
from itertools import islice

from .curve import P, Point, Q

Sum = Point | None


def add_pairs(left: Sequence[Point], right: Sequence[Point]) -> list[Sum]:
    """`left[i] + right[i]`, with one inversion for all of them."""
    rises = [b[1] - a[1] for a, b in zip(left, right, strict=True)]
    runs = [b[0] - a[0] for a, b in zip(left, right, strict=True)]
    opposite = set()
    if not all(runs):
        for i in [i for i, run in enumerate(runs) if run == 0]:
            x, y = left[i]
            if rises[i] == 0:  # equal points: the tangent; y is never 0, because no point has order 2
                rises[i], runs[i] = 3 * x * x, 2 * y
            else:
                runs[i] = 1
                opposite.add(i)
    products, product = [], 1
    for run in runs:
        products.append(product)
        product = product * run % Q
    inverse = pow(product, -1, Q)
    sums: list[Sum] = []
    for (x1, y1), (x2, _), rise, run, before in zip(
        reversed(left), reversed(right), reversed(rises), reversed(runs), reversed(products), strict=True
    ):
        slope = inverse * before % Q * rise % Q
        inverse = inverse * run % Q
        x = (slope * slope - x1 - x2) % Q
        sums.append((x, (slope * (x1 - x) - y1) % Q))
    sums.reverse()
    for i in opposite:
        sums[i] = None
    return sums


def sum_each(lists: list[list[Point]]) -> list[Sum]:
    """The sum of every list, level by level; None is the identity. The lists are used up."""
    while True:
        left: list[Point] = []
        right: list[Point] = []
        busy = [points for points in lists if len(points) > 1]
        if not busy:
            return [points[0] if points else None for points in lists]
        for points in busy:
            even = len(points) & ~1
            left += points[0:even:2]
            right += points[1:even:2]
        sums = iter(add_pairs(left, right))
        for points in busy:
            half = len(points) // 2
            odd = points[2 * half :]
            points[:] = [s for s in islice(sums, half) if s is not None] + odd


def add(a: Sum, b: Sum) -> Sum:
    """`a + b`."""
    if a is None or b is None:
        return a or b
    return add_pairs([a], [b])[0]


def _ladder(sums: list[Sum]) -> Sum:
    """`sum_i i sums[i]`."""
    running: Sum = None
    total: Sum = None
    for point in reversed(sums[1:]):
        running = add(running, point)
        total = add(total, running)
    return total


def _weighted(buckets: list[list[Sum]], width: int) -> list[Sum]:
    """`sum_d d buckets[w][d]` for each window w. With `d = 2^width high + low`, rows and columns are summed first."""
    side = 1 << width
    lines = []
    for window in buckets:
        square = window + [None] * (-len(window) % side)
        lines += [square[i : i + side] for i in range(0, len(square), side)]
        lines += [square[i::side] for i in range(side)]
    sums = iter(sum_each([[point for point in line if point is not None] for line in lines]))
    out = []
    for window in buckets:
        high = _ladder(list(islice(sums, -(-len(window) // side))))
        low = _ladder(list(islice(sums, side)))
        for _ in range(width):
            high = add(high, high)
        out.append(add(high, low))
    return out


def msm(points: Sequence[Point], scalars: Sequence[int]) -> Sum:
    """`sum_i scalars[i] points[i]`; both lists have the same length."""
    bits = max(2, len(points).bit_length() - 3)
    half, mask = 1 << (bits - 1), (1 << bits) - 1
    windows = -(-(P.bit_length() + 1) // bits)
    # raising every digit by `half` beforehand makes plain digits of signed ones
    raised = half * ((1 << (bits * windows)) - 1) // mask
    shifted = [scalar % P + raised for scalar in scalars]
    opposite = [(x, Q - y) for x, y in points]
    buckets: list[list[Sum]] = []
    for window in range(windows):
        lists: list[list[Point]] = [[] for _ in range(half + 1)]
        shift = bits * window
        for point, minus, scalar in zip(points, opposite, shifted, strict=True):
            digit = (scalar >> shift & mask) - half
            if digit > 0:
                lists[digit].append(point)
            elif digit:
                lists[-digit].append(minus)
        buckets.append(sum_each(lists))
    total: Sum = None
    for window_sum in reversed(_weighted(buckets, bits // 2)):
        for _ in range(bits):
            total = add(total, total)
        total = add(total, window_sum)
    return total
