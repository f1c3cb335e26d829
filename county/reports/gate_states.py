"""What gates have told of themselves beside their records: what still waits there, and what came that contradicts."""

from collections.abc import Iterable

from county.gates.models import Gate


def waiting_of(gates: Iterable[Gate]) -> dict[str, tuple[int, int]]:
    """Gate -> (records that it has and the county has not, anomalies)."""
    return {gate.gate_id: (0, 0) for gate in gates}
