"""What gates have told of themselves beside their records: what still waits there, and what came that contradicts."""

from collections.abc import Iterable

from django.db.models import Count, Max

from county.gates.models import Anomaly, Gate, LodgedHead


def waiting_of(gates: Iterable[Gate]) -> dict[str, tuple[int, int]]:
    """Gate -> (records that it says it has, above the highest that is here; anomalies that nobody has answered for)."""
    own = {gate.gate_id: gate.highest_seq for gate in gates}
    heads = LodgedHead.objects.filter(gate_id__in=own).values_list("gate_id").annotate(last=Max("seq")).order_by()
    open_ones = Anomaly.objects.filter(gate_id__in=own, settled_at=None).values_list("gate_id").order_by()
    last, many = dict(heads), dict(open_ones.annotate(many=Count("pk")))
    return {gate_id: (max(0, last.get(gate_id, 0) - highest), many.get(gate_id, 0)) for gate_id, highest in own.items()}
