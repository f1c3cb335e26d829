"""What an account at the county may be: four roles, each with what it is called and what it is for."""

from typing import Literal, get_args

from edge.core.texts import Text

Role = Literal["officer", "school", "technician", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
# Whoever else looks at a page sees no names, no readings and no health data.
SEE_PEOPLE: tuple[Role, ...] = ("officer", "school", "auditor")
CHANGE_PEOPLE: tuple[Role, ...] = ("officer", "school")
TEXTS: dict[str, Text] = {
    "officer": Text("县级值班", "Officer"),
    "school": Text("学校", "School"),
    "technician": Text("技术人员", "Technician"),
    "auditor": Text("审计", "Auditor"),
}
