# SPDX-License-Identifier: AGPL-3.0-or-later
"""The secretary's pages of the roster: looking somebody up, giving a file, seeing what it would change, taking it back."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web
from sqlalchemy import Connection

from node import digests, privacy, roster
from node.kernel import clock
from node.kernel.errors import Conflict, Invalid, TooMany
from node.kernel.i18n import marked
from node.kernel.site import Site
from node.members import Member
from node.roster import Entry, Import, ImportState, Options, Preview, Target, Verdict, exporting
from web import SERVICES, auth, csrf, params
from web.pages import proposals
from web.pages.frames import done, fault, fault_status, file_of, respond
from web.pages.roster_views import (
    ChangeView,
    ColumnView,
    FiguresView,
    GraduateView,
    ImportView,
    MissingPageView,
    MissingView,
    RemarkView,
    RosterImportView,
    RosterView,
)
from web.pages.views import Fault, Place

SHOWN: Final = 30
"""Remarks and changes on the page; the command line writes all of them into a file."""

TARGETS: Final = {
    Target.FAMILY_NAME: marked("Family name"),
    Target.BIRTH_FAMILY_NAME: marked("Family name at birth"),
    Target.GIVEN_NAME: marked("Given names"),
    Target.FULL_NAME: marked("Family and given names"),
    Target.CLASS_YEAR: marked("Class year"),
    Target.PROGRAMME: marked("Programme"),
    Target.CAMPUS: marked("Campus"),
    Target.EMAIL: marked("E-mail address"),
    Target.EMAIL_2: marked("Second e-mail address"),
    Target.PHONE: marked("Telephone"),
    Target.BIRTH_DATE: marked("Date of birth"),
    Target.CIVILITY: marked("Form of address"),
    Target.STUDENT_NUMBER: marked("Student number"),
    Target.ADDRESS: marked("Street"),
    Target.POSTCODE: marked("Postcode"),
    Target.CITY: marked("Town"),
    Target.COUNTRY: marked("Country"),
    Target.EMPLOYER: marked("Employer"),
    Target.JOB_TITLE: marked("Job"),
    Target.DECEASED: marked("Deceased"),
    Target.DUES: marked("Dues"),
}
FIELDS: Final = {
    **{str(target): label for target, label in TARGETS.items()},
    "other_names": marked("Other family names"),
    "classes": marked("Classes"),
}
FIGURES: Final = {
    "created": marked("new"),
    "changed": marked("changed"),
    "unchanged": marked("unchanged"),
    "ambiguous": marked("unclear, left out"),
    "skipped": marked("passed over"),
    "refused": marked("rows that cannot be used"),
    "missing": marked("in the roster, not in the file (they stay)"),
}
MODES: Final = (
    ("both", marked("New people, and what changed for those known")),
    ("create", marked("New people alone")),
    ("update", marked("What changed for those known, nobody new")),
)
SEPARATORS: Final = (
    ("semicolon", marked("semicolon")),
    ("comma", marked("comma")),
    ("tab", marked("tab")),
    ("bar", marked("bar")),
)
_SIGNS: Final = {"semicolon": ";", "comma": ",", "tab": "\t", "bar": "|"}
_NAMES: Final = {sign: name for name, sign in _SIGNS.items()}
STATES: Final = {
    ImportState.READY: marked("waits for a yes"),
    ImportState.APPLYING: marked("being written"),
    ImportState.APPLIED: marked("written"),
    ImportState.UNDOING: marked("being taken back"),
    ImportState.UNDONE: marked("undone"),
}
_UNCLEAR: Final = marked("This might be somebody who is known already.")
_ALIKE: Final = marked("The same names in the same class: perhaps one person. They are kept apart.")


async def keeper(request: web.Request) -> Member:
    """The secretary or administrator who is logged in. Raises LoginNeeded, NotAllowed."""
    member = await auth.visiting_member(request)
    roster.check_keeper(member.roles)
    return member


async def _acting(request: web.Request) -> Member:
    await csrf.check(request)
    return await keeper(request)


async def show(request: web.Request) -> web.Response:
    """The roster; to a delegate their own class alone."""
    member = await auth.visiting_member(request)
    if roster.DELEGATE in member.roles and not roster.KEEPERS & member.roles:
        return await proposals.class_of(request, member)
    roster.check_keeper(member.roles)
    return await respond(request, await _roster(request))


async def export(request: web.Request) -> web.Response:
    """The whole roster as a table. It is written down that it was taken, and whose data it holds."""
    staff = await keeper(request)
    db = request.app[SERVICES].db
    entries = await db.read(roster.everybody)
    people = await db.read(roster.claimed)
    body = await asyncio.to_thread(exporting.as_csv, entries)
    await db.write(privacy.note_export, staff.id, privacy.Taken.ROSTER, people, rows=len(entries))
    return file_of(body, "roster.csv")


async def _roster(request: web.Request, faults: tuple[Fault, ...] = ()) -> RosterView:
    query = (request.query.get("q") or "")[:100]
    db = request.app[SERVICES].db
    return RosterView(
        count=await db.read(roster.count),
        query=query,
        found=tuple(_graduate(entry) for entry in await db.read(roster.find, query)) if query else (),
        imports=tuple(_import(item) for item in await db.read(roster.imports)),
        faults=faults,
    )


async def take(request: web.Request) -> web.StreamResponse:
    """Take a file, and show what it would change."""
    member = await _acting(request)
    given = await params.read(request)
    upload = given.upload("file")
    try:
        if upload is None:
            raise Invalid(marked("Please choose a file."), field="file")
        # Whether it can be read at all is seen at once; columns that have to be asked for are asked on the next page.
        roster.guesses(upload.data)
        number = await request.app[SERVICES].db.write(
            roster.begin, member.roles, member.id, given.text("what") or "", Options(), upload.data
        )
    except Invalid as refusal:
        return await respond(request, await _roster(request, fault(refusal)), status=fault_status(refusal))
    return done(f"/staff/roster/{number}")


async def look(request: web.Request) -> web.Response:
    """A file before a yes, or how far an import is."""
    await keeper(request)
    return await respond(request, await _look(request))


async def _look(request: web.Request) -> RosterImportView:
    db = request.app[SERVICES].db
    number = int(request.match_info["number"])
    item = await db.read(roster.get_import, number)
    data = await db.read(roster.file_of, number) if item.state is ImportState.READY else None
    if data is None:
        return RosterImportView(item=_import(item))
    options = roster.options_of(item.options)
    try:
        entries = await db.read(roster.everybody)
        objects = await db.read(roster.objectors, db.site)
        preview = await asyncio.to_thread(roster.look, data, options, entries, clock.now().date(), objects)
    except Invalid as refusal:
        return _asking(item, data, options, refusal)
    return _previewed(item, options, preview)


async def read_anew(request: web.Request) -> web.StreamResponse:
    """Read the file as it is said now."""
    member = await _acting(request)
    db = request.app[SERVICES].db
    number = int(request.match_info["number"])
    given = await params.read(request)
    data = await db.read(roster.file_of, number)
    mapping: dict[str, str] = {}
    encoding = given.text("encoding") or None
    encoding = encoding if encoding in roster.ENCODINGS else None
    separator = _SIGNS.get(given.text("separator") or "")
    if data is not None:
        try:
            columns = roster.guesses(data, encoding=encoding, separator=separator)
        except Invalid:
            # What is asked for fits no line of this file: the next page says so, and offers to choose again.
            columns = ()
        chosen = given.table("column")
        for column in columns:
            meaning = chosen.text(str(column.index))
            if meaning is not None and meaning != (column.target or ""):
                mapping[column.header] = meaning
    mode = given.text("mode")
    options = Options(
        mode=roster.Mode(mode) if mode in list(roster.Mode) else roster.Mode.BOTH,
        encoding=encoding,
        separator=separator,
        mapping=mapping,
    )
    await db.write(roster.set_options, member.roles, number, options)
    return done(f"/staff/roster/{number}")


async def apply(request: web.Request) -> web.StreamResponse:
    """Say yes."""
    member = await _acting(request)
    number = int(request.match_info["number"])
    await request.app[SERVICES].db.write(roster.apply, member.roles, number)
    return done(f"/staff/roster/{number}")


async def discard(request: web.Request) -> web.StreamResponse:
    """Forget the file."""
    member = await _acting(request)
    await request.app[SERVICES].db.write(roster.discard, member.roles, int(request.match_info["number"]))
    return done("/staff/roster", "deleted")


async def undo(request: web.Request) -> web.StreamResponse:
    """Take an import back."""
    member = await _acting(request)
    number = int(request.match_info["number"])
    await request.app[SERVICES].db.write(roster.take_back, member.roles, number)
    return done(f"/staff/roster/{number}")


async def missing(request: web.Request) -> web.Response:
    """Classmates who are not here."""
    member = await auth.visiting_member(request)
    services = request.app[SERVICES]
    view = await services.db.read(_missing, services.db.site, member, params.query(request).number("invite"))
    return await respond(request, view, Place.PEOPLE)


def _missing(conn: Connection, site: Site, member: Member, chosen: int | None) -> MissingPageView:
    found = roster.missing_classmates(conn, member) if site.names_missing else None
    people = tuple(
        MissingView(id=one.entry_id, name=one.name, class_year=one.class_year, invited=one.invited, mine=one.mine)
        for one in found or ()
    )
    return MissingPageView(
        in_roster=found is not None,
        is_off=not site.names_missing,
        unreachable=tuple(digests.unreachable_of_class(conn, site, member)),
        people=people,
        chosen=next((one for one in people if one.id == chosen and not one.invited), None),
    )


async def invite_missing(request: web.Request) -> web.StreamResponse:
    """Write to one of them."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    number = int(request.match_info["number"])
    email = (await params.read(request)).text("email") or ""
    db = request.app[SERVICES].db
    try:
        await db.write(roster.invite_missing, member, number, email)
    except (Invalid, Conflict, TooMany) as refusal:
        view = await db.read(_missing, db.site, member, number)
        view = replace(view, email=email, faults=fault(refusal))
        return await respond(request, view, Place.PEOPLE, status=fault_status(refusal))
    return done("/people/missing", "invited")


async def take_back(request: web.Request) -> web.StreamResponse:
    """Take an invitation back."""
    await csrf.check(request)
    member = await auth.visiting_member(request)
    number = int(request.match_info["number"])
    await request.app[SERVICES].db.write(roster.take_back_invitation, member, number)
    return done("/people/missing", "taken-back")


def _asking(item: Import, data: bytes, options: Options, refusal: Invalid) -> RosterImportView:
    """The page where the file cannot be read as it is said: what each column is can be chosen."""
    try:
        columns = roster.guesses(data, encoding=options.encoding, separator=options.separator)
    except Invalid:
        columns = ()
    view = _how(item, options, fault(refusal, {"file": ""}))
    return _with_columns(view, [(column.index, column.header, column.target) for column in columns], options)


def _previewed(item: Import, options: Options, preview: Preview) -> RosterImportView:
    sheet = preview.sheet
    remarks = [
        *(RemarkView(lines=(one.line,), text=one.text) for one in preview.reading.refused),
        *(
            RemarkView(lines=decision.candidate.lines, text=_UNCLEAR)
            for decision in preview.decisions
            if decision.verdict is Verdict.AMBIGUOUS
        ),
        *(RemarkView(lines=lines, text=_ALIKE) for lines in preview.reading.homonyms),
        *(RemarkView(lines=(one.line,), text=one.text, column=one.column) for one in preview.reading.remarks),
    ]
    changed = [decision for decision in preview.decisions if decision.verdict is Verdict.CHANGED]
    view = _how(item, options, (), encoding=sheet.encoding, separator=sheet.separator)
    view = _with_columns(view, [(column.index, column.header, column.target) for column in sheet.columns], Options())
    return replace(
        view,
        words=tuple(roster.sample(sheet)),
        figures=_figures(preview.counts),
        remarks=tuple(remarks[:SHOWN]),
        changes=tuple(
            ChangeView(
                name=f"{decision.candidate.given_name} {decision.candidate.family_name}".strip(),
                lines=decision.candidate.lines,
                changes=tuple((FIELDS[name], old, new) for name, old, new in decision.changes()),
            )
            for decision in changed[:SHOWN]
        ),
        more=max(0, len(remarks) - SHOWN) + max(0, len(changed) - SHOWN),
    )


def _how(
    item: Import, options: Options, faults: tuple[Fault, ...], *, encoding: str = "", separator: str = ""
) -> RosterImportView:
    return RosterImportView(
        item=_import(item),
        targets=tuple((str(target), label) for target, label in TARGETS.items()),
        encoding=options.encoding or encoding,
        encodings=roster.ENCODINGS,
        separator=_NAMES.get(options.separator or separator, ""),
        separators=SEPARATORS,
        mode=options.mode,
        modes=MODES,
        faults=faults,
    )


def _with_columns(
    view: RosterImportView, columns: Iterable[tuple[int, str, Target | None]], options: Options
) -> RosterImportView:
    return replace(
        view,
        columns=tuple(
            ColumnView(index=index, header=header, target=options.mapping.get(header, target or ""))
            for index, header, target in columns
            if header
        ),
    )


def _import(item: Import) -> ImportView:
    return ImportView(
        id=item.id,
        name=item.name,
        state=item.state,
        state_word=STATES[item.state],
        created_at=item.created_at,
        done=item.done,
        to_write=item.counts.get("created", 0) + item.counts.get("changed", 0),
        figures=_figures(item.counts),
        may_undo=roster.may_undo(item, clock.now()),
    )


def _figures(counts: Mapping[str, int]) -> tuple[FiguresView, ...]:
    return tuple(FiguresView(name=FIGURES[name], number=number) for name, number in counts.items() if number)


def _graduate(entry: Entry) -> GraduateView:
    who = entry.content
    return GraduateView(
        id=entry.id,
        name=f"{roster.proposed_name(who.given_name)} {roster.proposed_name(who.family_name)}".strip(),
        birth_name=roster.proposed_name(who.birth_family_name),
        classes=roster.classes_of(who),
        email=who.emails[0] if who.emails else "",
        deceased=who.deceased,
    )
