"""A school's list is uploaded, shown with everything that it would change or every row that is wrong, and confirmed."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from county.accounts.access import account, log_look, signed_in
from county.core.roll import Difference, Roll, check, differences
from county.core.roll_told import Told, told
from county.core.roster_csv import Table
from county.core.roster_file import read_file
from county.core.roster_merge import merge
from county.rosters import listing
from county.rosters.changing import change_roll, roll_of
from county.rosters.models import School, Upload
from county.rosters.schools import asked_school, county_day, frame
from edge.core.errors import RosterError
from edge.core.texts import Text

MOST_BYTES = 5 * 2**20
LIFE = timedelta(hours=1)
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Preview:
    """What a list would do: numbers of people, and the differences in words (the first MOST_SHOWN)."""

    in_table: int
    new: int
    changed: int
    gone: int
    unnamed: int
    new_classes: tuple[str, ...]
    kept_longer: tuple[str, ...]
    unused: tuple[str, ...]
    shown: tuple[Told, ...]
    more: int


@never_cache
@require_safe
@signed_in("officer", "school")
def form(request: HttpRequest, school: str) -> HttpResponse:
    """Where a list is chosen."""
    _forget_outdated()
    return _form(request, asked_school(request, school))


@never_cache
@require_POST
@signed_in("officer", "school")
def upload(request: HttpRequest, school: str) -> HttpResponse:
    """Read the list and show what it would do; nothing is changed. 422 with every wrong row when it cannot be taken."""
    found, file = asked_school(request, school), request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.size:
        return _form(request, found, RosterError("请选择文件", "choose a file"))
    if file.size > MOST_BYTES:
        limit = MOST_BYTES // 2**20
        return _form(request, found, RosterError(f"文件超过 {limit} MiB", f"the file has more than {limit} MiB"))
    now, who = timezone.now(), account(request).name
    _forget_outdated()
    # One at a time: whoever uploads again has thought better of it.
    Upload.objects.filter(by=who, school=found.name).delete()
    waiting = Upload(
        token=secrets.token_urlsafe(24),
        school=found.name,
        by=who,
        at=now,
        version=found.version,
        name=(file.name or "").replace("\0", "")[:100],
        remove_missing=bool(request.POST.get("remove_missing")),
        content=file.read(),
    )
    log_look(request, "upload", waiting.name, found.name)
    return _shown(request, found, waiting)


@never_cache
@require_POST
@signed_in("officer", "school")
def confirm(request: HttpRequest, school: str) -> HttpResponse:
    """Take the list that was shown, if nothing has changed since; with `cancel` forget it."""
    found = asked_school(request, school)
    mine = Upload.objects.filter(
        token=request.POST.get("token", "").replace("\0", ""),
        school=found.name,
        by=account(request).name,
        at__gt=timezone.now() - LIFE,
    )
    waiting = mine.first()
    if waiting is None:
        gone = RosterError(
            "这份名单已处理或已过期；请重新上传", "this list was dealt with or is outdated; upload it again"
        )
        return _form(request, found, gone)
    if request.POST.get("cancel"):
        mine.delete()
        return redirect("roster-import", school=found.name)
    seen: list[int] = []

    def edit(roll: Roll) -> Roll:
        # Read where nobody else changes the school: the version that was shown, or another.
        seen.append(School.objects.get(name=found.name).version)
        if seen[-1] != waiting.version:
            raise RosterError("名单有变化", "the roster has changed")
        return _merged(waiting, table, roll)

    try:
        # Before the transaction: reading a workbook takes seconds, and the gates' records would wait.
        table = read_file(bytes(waiting.content))
        school_now, differing = change_roll(found.name, waiting.by, timezone.now(), edit)
    except RosterError as error:
        if seen and seen[-1] != waiting.version:
            waiting.version = seen[-1]
            changed = Text(
                "名单在预览之后又有修改，还没有导入；请再核对一次",
                "the roster was changed after this was shown, and nothing is imported yet: look once more",
            )
            return _shown(request, asked_school(request, school), waiting, changed)
        return _form(request, found, error)
    mine.delete()
    who = len({one.who for one in differing})
    version = school_now.version
    done = Text(f"已导入，{who} 项有变化，名单版本 {version}", f"imported, {who} changed, roster version {version}")
    listing.flash(request, done)
    return redirect("roster", school=found.name)


def _forget_outdated() -> None:
    Upload.objects.filter(at__lte=timezone.now() - LIFE).delete()


def _form(request: HttpRequest, school: School, error: RosterError | None = None) -> HttpResponse:
    # Line by line, as both languages tell the same rows; the last of many says what the page's heading says.
    lines = [] if error is None else list(zip(error.zh.splitlines(), error.en.splitlines(), strict=True))
    wrong = lines[:-1] or lines
    context = {**frame(request, school, "import"), "wrong": wrong, "most_mib": MOST_BYTES // 2**20}
    return render(request, "rosters/import.html", context, status=422 if wrong else 200)


def _shown(request: HttpRequest, school: School, waiting: Upload, note: Text | None = None) -> HttpResponse:
    try:
        preview = _preview(school, waiting)
    except RosterError as error:
        return _form(request, school, error)
    waiting.save()
    context = {**frame(request, school, "import"), "waiting": waiting, "preview": preview, "note": note}
    return render(request, "rosters/preview.html", context)


def _merged(waiting: Upload, table: Table, roll: Roll) -> Roll:
    return merge(roll, table.rows, county_day().isoformat(), waiting.remove_missing).roll


def _preview(school: School, waiting: Upload) -> Preview:
    table = read_file(bytes(waiting.content))
    old = roll_of(school) if school.version else Roll()
    merged = merge(old, table.rows, county_day().isoformat(), waiting.remove_missing)
    new = merged.roll
    # What a gate would not accept is said now, not after the confirmation.
    check(new, [one for key, one in new.people.items() if one != old.people.get(key)])
    found = differences(old, new)
    kinds = {"new": 0, "changed": 0, "gone": 0}
    for who in {one.who for one in found if one.who in old.people or one.who in new.people}:
        kinds["new" if who not in old.people else "gone" if who not in new.people else "changed"] += 1
    names = {key: one.name for key, one in (*old.classes.items(), *new.classes.items())}
    return Preview(
        in_table=len(table.rows),
        **kinds,
        unnamed=0 if waiting.remove_missing else merged.missing,
        new_classes=tuple(one.name for key, one in new.classes.items() if key not in old.classes),
        kept_longer=merged.kept_longer,
        unused=table.unused,
        shown=tuple(_told(one, names) for one in found[:MOST_SHOWN]),
        more=max(0, len(found) - MOST_SHOWN),
    )


def _told(one: Difference, names: dict[str, str]) -> Told:
    return told(one.who, one.what, one.before, one.after, names)
