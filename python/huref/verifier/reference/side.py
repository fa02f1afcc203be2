"""The verifier's side of the conversation: what is asked for is read from the proof and absorbed."""

from .curve import Point
from .pads import Ledger, Sent
from .transcript import Transcript
from .wire import Reader


class Side:
    """Transcript, proof and ledger. In the relations, `secret` is the only way to learn something from the prover."""

    def __init__(self, transcript: Transcript, proof: Reader) -> None:
        self._transcript = transcript
        self.proof = proof
        self.ledger = Ledger()

    def point(self) -> Point:
        """A point in clear."""
        point, data = self.proof.point()
        self._transcript.absorb(data)
        return point

    def points(self, count: int) -> list[Point]:
        """Several points in clear."""
        return [self.point() for _ in range(count)]

    def scalar(self) -> int:
        """A scalar in clear."""
        scalar, data = self.proof.scalar()
        self._transcript.absorb(data)
        return scalar

    def scalars(self, count: int) -> list[int]:
        """Several scalars in clear."""
        return [self.scalar() for _ in range(count)]

    def secret(self) -> Sent:
        """A secret scalar, masked by a fresh pad."""
        return Sent(self.scalar(), self.ledger.next())

    def challenge(self) -> int:
        """A random scalar, never 0."""
        return self._transcript.challenge()

    def challenges(self, count: int) -> list[int]:
        """Several challenges."""
        return [self.challenge() for _ in range(count)]
