"""Records as the lists of a gate's page show them, one row for each; what they say is read from their own bytes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from county.core.labels import IDENTIFIED, STEPS, event_text, reason_text, text_of, verdict_text
from county.gates.models import OVERRIDE, Gate, Record
from edge.core import record as wire
from edge.core.contents import CaseStep, Content, GateEvent, Override, Passage
from edge.core.texts import Text

ERASED = Text("内容已按规定期限删除", "Content erased, its time is over")


@dataclass(frozen=True, slots=True)
class Row:
    """Something that happened: when, and what the list of its kind shows.

    title: verdict, reason of an override, step or event; words: the reasons, all of them; person: an id or words;
    by: the guard; about: the sequence number of the passage it is about; overridden_by: guards who let them in.
    """

    record: Record
    title: Text
    words: tuple[Text, ...] = ()
    person_id: str = ""
    person: Text | None = None
    by: str = ""
    note: str = ""
    about: int | None = None
    case: str = ""
    contact_c: float | None = None
    symptom: Text | None = None
    count: int | None = None
    duration_s: float | None = None
    overridden_by: tuple[str, ...] = ()


def rows(gate: Gate, records: Sequence[Record]) -> list[Row]:
    """The rows of this gate's records, whatever their kind; two more queries for all of them together."""
    # Within the gate: no other one can claim to have let somebody in here.
    of_gate = Record.objects.filter(gate=gate)
    guards: dict[UUID, list[str]] = defaultdict(list)
    for override in overrides_of(of_gate, [record.uuid for record in records]):
        content = _content(override)
        if isinstance(content, Override):
            guards[UUID(content.passage_uuid)].append(content.by)
    told_of = [record.passage_uuid for record in records if record.passage_uuid is not None]
    numbers = dict(of_gate.filter(uuid__in=told_of).values_list("uuid", "seq"))
    return [_row(record, guards, numbers) for record in records]


def overrides_of(records: QuerySet[Record], passages: Sequence[UUID]) -> QuerySet[Record]:
    """Those of these records by which a guard let one of these passages in."""
    return records.filter(kind=OVERRIDE, passage_uuid__in=passages)


def _content(record: Record) -> Content | None:
    """None: it was erased."""
    body = record.body
    return None if body is None else wire.parse(body).content


def _row(record: Record, guards: Mapping[UUID, Sequence[str]], numbers: Mapping[UUID, int]) -> Row:
    about = None if record.passage_uuid is None else numbers.get(record.passage_uuid)
    match _content(record):
        case Passage() as passage:
            return Row(
                record,
                verdict_text(passage.verdict),
                words=tuple(reason_text(code) for code in passage.reasons),
                person_id=record.person_id,
                person=None if record.person_id else text_of(passage.identified, IDENTIFIED),
                overridden_by=tuple(guards.get(record.uuid, ())),
            )
        case Override() as override:
            title = reason_text(override.reason)
            return Row(record, title, person_id=record.person_id, by=override.by, note=override.note, about=about)
        case CaseStep() as step:
            return Row(
                record,
                text_of(step.step, STEPS),
                person_id=record.person_id,
                by=step.by or "",
                note=step.note,
                about=about,
                case=step.case_id[:8],
                contact_c=step.contact_c,
                symptom=None if step.symptom is None else reason_text(step.symptom),
            )
        case GateEvent() as event:
            return Row(
                record,
                event_text(event.code),
                by=event.by or "",
                note=event.note,
                count=event.count,
                duration_s=event.duration_s,
            )
        case None:
            return Row(record, verdict_text(record.verdict) if record.verdict else ERASED, words=(ERASED,), about=about)
