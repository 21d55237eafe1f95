# SPDX-License-Identifier: AGPL-3.0-or-later
"""Education, career, skills, what one seeks and offers: the member's own pages, and the lines on their public one."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final

from aiohttp import web
from sqlalchemy import Connection

from node import profiles, schools
from node.kernel import clock
from node.kernel.db import Tx
from node.kernel.errors import Conflict, Invalid, NotFound, Refused, TooMany
from node.kernel.i18n import marked
from node.profiles import (
    Ask,
    Career,
    Education,
    Entry,
    Facts,
    FederationMode,
    Kind,
    Label,
    Level,
    Listing,
    Own,
    Profile,
    State,
    Verb,
    rules,
)
from web import SERVICES, auth, csrf, params
from web.auth import Handler
from web.pages.cv_section import (
    CATEGORIES,
    DEGREES,
    FIELDS,
    FLUENCIES,
    KINDS,
    LEVELS,
    NEW,
    READERS,
    STATES,
    STATUSES,
    VERBS,
    CvSectionView,
    EntryGroupView,
    EntryLineView,
    LanguageView,
)
from web.pages.cv_views import AskLinkView, CvEntryView, CvView, FactView
from web.pages.frames import acting, done, fault, fault_status, respond
from web.pages.views import Place
from web.params import Params

HOME: Final = "/settings/cv"
_LINES: Final = ("given_name", "family_name", "birth_family_name", "name_pronunciation", "pronouns", "headline")
_NOT_SURE: Final = marked("Please read what becomes public, and tick that you want it.")


# -- reading ----------------------------------------------------------------------------------------------------------


def section(conn: Connection, subject_id: int, viewer_id: int | None, as_whom: str = "") -> CvSectionView:
    """What somebody's page says of them to this reader; one's own as one of `READERS` sees it, if that is asked."""
    now = clock.now()
    mine = subject_id == viewer_id
    if mine and as_whom in READERS:
        distance, _ = READERS[as_whom]
        profile = profiles.own(conn, subject_id, now).at(distance)
    else:
        as_whom = ""
        profile = profiles.get(conn, subject_id, viewer_id, now)
    return _section(profile, mine=mine, as_whom=as_whom)


def _section(profile: Profile, *, mine: bool, as_whom: str) -> CvSectionView:
    facts = profile.facts
    return CvSectionView(
        name=" ".join(name for name in (facts.given_name, facts.family_name) if name),
        birth_name=facts.birth_family_name,
        other_names=facts.other_names,
        pronunciation=facts.name_pronunciation,
        pronouns=facts.pronouns,
        headline=facts.headline,
        place=", ".join(part for part in (facts.city, facts.country) if part),
        languages=tuple(LanguageView(tag=tag, fluency=FLUENCIES[fluency]) for tag, fluency in facts.languages),
        groups=tuple(
            EntryGroupView(kind=kind, title=title, entries=tuple(_line(entry) for entry in profile.of(kind)))
            for kind, title in KINDS.items()
            if profile.of(kind)
        ),
        is_empty=profile.is_empty,
        mine=mine,
        as_whom=as_whom,
    )


def _line(entry: Entry) -> EntryLineView:
    match entry.details:
        case Education() as said:
            return EntryLineView(
                id=entry.id,
                head=said.school,
                words=tuple(
                    word
                    for word in (
                        DEGREES[said.degree] if said.degree != "none" else "",
                        STATUSES[said.status] if said.status != "graduate" else "",
                    )
                    if word
                ),
                notes=_given(said.programme, said.subject, said.campus),
                class_year=said.class_year,
                since=str(said.entry_year or ""),
                until=str(said.exit_year or ""),
            )
        case Career() as said:
            return EntryLineView(
                id=entry.id,
                head=said.employer,
                notes=_given(said.title, said.sector, said.city, said.country),
                since=said.since,
                until=said.until,
                text=said.description,
            )
        case Label() as said:
            return EntryLineView(id=entry.id, head=said.label)
        case Ask() as said:
            return EntryLineView(
                id=entry.id,
                head=said.text,
                words=(CATEGORIES[said.category],) if said.category != "other" else (),
                notes=_given(said.where),
                tags=said.tags,
            )


def _given(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _own_line(entry: Entry, now: datetime) -> EntryLineView:
    line = replace(_line(entry), level=LEVELS[entry.level])
    if entry.state is None:
        return line
    verbs = VERBS[entry.state]
    if rules.ends_soon(entry.state, entry.valid_until, now):
        verbs = (*VERBS[State.EXPIRED], *(one for one in verbs if one[0] is not Verb.FULFIL))
    return replace(
        line,
        state=STATES[entry.state],
        ends=entry.valid_until,
        verbs=tuple((verb.value, label) for verb, label in verbs),
    )


# -- one's own --------------------------------------------------------------------------------------------------------


async def show(request: web.Request) -> web.Response:
    """All that one says of oneself, with the forms to change it."""
    member = await auth.visiting_member(request)
    own = await request.app[SERVICES].db.read(profiles.own, member.id, clock.now())
    return await respond(request, _view(own), Place.ME)


def _view(own: Own) -> CvView:
    facts, now = own.facts, clock.now()
    return CvView(
        facts=tuple(
            FactView(
                name=name,
                label=FIELDS[name],
                value=getattr(facts, name),
                level=str(int(own.levels[name])),
                maxlength=120 if name == "headline" else 60,
            )
            for name in _LINES
        ),
        city=facts.city,
        country=facts.country,
        location_level=str(int(own.levels["location"])),
        other_names="\n".join(facts.other_names),
        other_names_level=str(int(own.levels["other_names"])),
        languages=_language_lines(facts),
        languages_level=str(int(own.levels["languages"])),
        listed_to=own.listed_to or "",
        mode=own.federation_mode or "",
        version=own.version,
        public_fields=tuple(label for name, label in FIELDS.items() if own.levels[name] is Level.PUBLIC),
        public_entries=tuple(_line(entry).head for entry in own.entries if entry.level is Level.PUBLIC),
        groups=tuple(
            EntryGroupView(
                kind=kind,
                title=title,
                add=NEW[kind],
                entries=tuple(_own_line(entry, now) for entry in own.entries if entry.kind is kind),
            )
            for kind, title in KINDS.items()
        ),
    )


async def save(request: web.Request) -> web.StreamResponse:
    """Say the fields that stand once anew."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    levels = {name: level for name in FIELDS if (level := given.integer(f"{name}_level")) is not None}

    def write(tx: Tx) -> None:
        profiles.write(tx, actor.id, _facts(given), levels, version=given.integer("version"))

    try:
        await services.db.write(write)
    except (Invalid, Conflict) as refusal:
        view = _view(await services.db.read(profiles.own, actor.id, clock.now()))
        return await respond(request, _typed(view, given, refusal), Place.ME, status=fault_status(refusal))
    return done(HOME, "saved")


def _facts(given: Params) -> Facts:
    pairs = [line.split() for line in (given.text("languages") or "").splitlines() if line.strip()]
    return Facts(
        given_name=given.text("given_name") or "",
        family_name=given.text("family_name") or "",
        birth_family_name=given.text("birth_family_name") or "",
        other_names=tuple((given.text("other_names") or "").splitlines()),
        name_pronunciation=given.text("name_pronunciation") or "",
        pronouns=given.text("pronouns") or "",
        headline=given.text("headline") or "",
        # A language without a word for how well counts as spoken well enough to work.
        languages=tuple(
            (pair[0], pair[1] if len(pair) == 2 else "working" if len(pair) == 1 else "") for pair in pairs
        ),
        city=given.text("city") or "",
        country=given.text("country") or "",
    )


def _language_lines(facts: Facts) -> str:
    return "\n".join(f"{tag} {fluency}" for tag, fluency in facts.languages)


def _typed(view: CvView, given: Params, refusal: Refused) -> CvView:
    """The form with what was typed, and what is wrong with it."""
    return replace(
        view,
        facts=tuple(
            replace(
                fact,
                value=given.text(fact.name) or "",
                level=given.text(f"{fact.name}_level") or fact.level,
            )
            for fact in view.facts
        ),
        city=given.text("city") or "",
        country=given.text("country") or "",
        other_names=given.text("other_names") or "",
        other_names_level=given.text("other_names_level") or view.other_names_level,
        languages=given.text("languages") or "",
        languages_level=given.text("languages_level") or view.languages_level,
        location_level=given.text("location_level") or view.location_level,
        version=_version(given, refusal, view.version),
        faults=fault(refusal),
    )


def _version(given: Params, refusal: Refused, now: int) -> int:
    """The version that a form is about when it is shown again: once somebody knows of a newer one, that one."""
    return now if isinstance(refusal, Conflict) else given.integer("version") or now


async def answer(request: web.Request) -> web.StreamResponse:
    """Say up to whom one is listed, and how far the profile goes. To open it to everybody takes a tick."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    listed, mode = given.text("listed_to") or "", given.text("mode") or ""
    own = await services.db.read(profiles.own, actor.id, clock.now())
    opens = mode == FederationMode.OPEN and own.federation_mode is not FederationMode.OPEN
    if opens and not given.flag("sure"):
        refusal = Invalid(_NOT_SURE, field="sure")
        view = replace(_view(own), listed_to=listed, mode=mode, faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))

    def write(tx: Tx) -> None:
        profiles.answer(
            tx,
            actor.id,
            listed_to=Listing(listed) if listed in set(Listing) else None,
            federation_mode=FederationMode(mode) if mode in set(FederationMode) else None,
        )

    try:
        await services.db.write(write)
    except Invalid as refusal:
        view = replace(_view(own), listed_to=listed, mode=mode, faults=fault(refusal))
        return await respond(request, view, Place.ME, status=fault_status(refusal))
    return done(HOME, "saved")


# -- entries ----------------------------------------------------------------------------------------------------------


async def new(request: web.Request) -> web.Response:
    """The form of a new entry."""
    await auth.visiting_member(request)
    kind = _kind(request)
    suggestions = await _suggestions(request, kind)
    level = Level.PARTNERS if kind.ends else Level.SCHOOL
    view = CvEntryView(kind=kind, title=NEW[kind], level=str(int(level)), **suggestions)
    return await respond(request, view, Place.ME)


async def create(request: web.Request) -> web.StreamResponse:
    """Put a new entry on the profile."""
    actor = await acting(request)
    kind = _kind(request)
    given = await params.read(request)

    def write(tx: Tx) -> None:
        profiles.add(
            tx,
            actor.id,
            kind,
            _details(kind, given),
            _level(given),
            valid_until=_end(given),
            draft=given.flag("draft"),
        )

    try:
        await request.app[SERVICES].db.write(write)
    except (Invalid, Conflict, TooMany) as refusal:
        return await _again(request, CvEntryView(kind=kind, title=NEW[kind]), given, refusal)
    return done(HOME, "saved")


async def edit(request: web.Request) -> web.Response:
    """The form of an entry of one's own."""
    member = await auth.visiting_member(request)
    entry = await request.app[SERVICES].db.read(profiles.entry, member.id, _number(request), clock.now())
    return await respond(request, replace(_form(entry), **await _suggestions(request, entry.kind)), Place.ME)


async def change(request: web.Request) -> web.StreamResponse:
    """Say an entry anew."""
    actor = await acting(request)
    services = request.app[SERVICES]
    given = await params.read(request)
    entry = await services.db.read(profiles.entry, actor.id, _number(request), clock.now())

    def write(tx: Tx) -> None:
        profiles.change(
            tx,
            actor.id,
            entry.id,
            _details(entry.kind, given),
            _level(given),
            valid_until=_end(given),
            version=given.integer("version"),
        )

    try:
        await services.db.write(write)
    except (Invalid, Conflict) as refusal:
        entry = await services.db.read(profiles.entry, actor.id, entry.id, clock.now())
        return await _again(request, _form(entry), given, refusal)
    return done(HOME, "saved")


async def remove(request: web.Request) -> web.StreamResponse:
    """Take an entry away."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(profiles.remove, actor.id, _number(request))
    return done(HOME, "deleted")


async def move_up(request: web.Request) -> web.StreamResponse:
    """Put an entry before the one above it."""
    actor = await acting(request)
    await request.app[SERVICES].db.write(profiles.move_up, actor.id, _number(request))
    return done(HOME)


def acts(verb: Verb) -> Handler:
    """A handler for a step of what is sought or offered."""

    async def handle(request: web.Request) -> web.StreamResponse:
        actor = await acting(request)
        await request.app[SERVICES].db.write(profiles.act, actor.id, _number(request), verb)
        return done(HOME, "saved")

    return handle


# -- by the link of a letter ------------------------------------------------------------------------------------------


async def by_link(request: web.Request) -> web.Response:
    """What the link is about, with buttons: programs that look at the links of letters press none."""
    return await _linked(request)


def acts_by_link(verb: Verb) -> Handler:
    """A handler for one of those buttons. Whoever has the letter needs no login; the form is still our own."""

    async def handle(request: web.Request) -> web.Response:
        await csrf.check(request)
        await request.app[SERVICES].db.write(profiles.by_link, request.match_info["token"], verb)
        return await _linked(request, is_done=True)

    return handle


async def _linked(request: web.Request, *, is_done: bool = False) -> web.Response:
    services, token, now = request.app[SERVICES], request.match_info["token"], clock.now()
    entry = (await services.db.read(profiles.linked, services.db.site, token, now)).entry
    if entry.state is None or not isinstance(entry.details, Ask):
        raise NotFound
    view = AskLinkView(
        key=token,
        text=entry.details.text,
        state=STATES[entry.state],
        ends=entry.valid_until,
        can_renew=entry.state is State.EXPIRED or rules.ends_soon(entry.state, entry.valid_until, now),
        can_fulfil=entry.state in (State.OPEN, State.PAUSED, State.EXPIRED),
        done=is_done,
    )
    return await respond(request, view)


def _details(kind: Kind, given: Params) -> Education | Career | Label | Ask:
    def text(name: str) -> str:
        return given.text(name) or ""

    match kind:
        case Kind.EDUCATION:
            return Education(
                school=text("school"),
                programme=text("programme"),
                degree=text("degree") or "none",
                subject=text("subject"),
                class_year=_year(given, "class_year"),
                entry_year=_year(given, "entry_year"),
                exit_year=_year(given, "exit_year"),
                campus=text("campus"),
                status=text("status") or "graduate",
            )
        case Kind.CAREER:
            return Career(
                employer=text("employer"),
                title=text("job_title"),
                sector=text("sector"),
                city=text("city"),
                country=text("country"),
                since=text("since"),
                until=text("until"),
                description=text("description"),
            )
        case Kind.SKILL | Kind.INTEREST:
            return Label(label=text("label"))
        case Kind.SEEK | Kind.OFFER:
            return Ask(
                text=text("text"),
                category=text("category") or "other",
                tags=tuple(text("tags").replace(",", " ").split()),
                where=text("where"),
            )


def _year(given: Params, name: str) -> int | None:
    if not (given.text(name) or "").strip():
        return None
    # What is no number is no year either: the rule says so beside the field.
    year = given.integer(name)
    return year if year is not None else -1


def _level(given: Params) -> int:
    level = given.integer("level")
    # No level is none of the ladder: the rule says so beside the field.
    return level if level is not None else -1


def _end(given: Params) -> datetime | None:
    """The end of the day that was chosen."""
    text = (given.text("valid_until") or "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(marked("Please choose a day within half a year from now."), field="valid_until") from None
    return datetime.combine(day, time(23, 59), tzinfo=UTC)


def _form(entry: Entry) -> CvEntryView:
    view = CvEntryView(
        kind=entry.kind, title=KINDS[entry.kind], id=entry.id, level=str(int(entry.level)), version=entry.version
    )
    match entry.details:
        case Education() as said:
            return replace(
                view,
                school=said.school,
                programme=said.programme,
                degree=said.degree,
                subject=said.subject,
                class_year=str(said.class_year or ""),
                entry_year=str(said.entry_year or ""),
                exit_year=str(said.exit_year or ""),
                campus=said.campus,
                status=said.status,
            )
        case Career() as said:
            return replace(
                view,
                employer=said.employer,
                job_title=said.title,
                sector=said.sector,
                city=said.city,
                country=said.country,
                since=said.since,
                until=said.until,
                description=said.description,
            )
        case Label() as said:
            return replace(view, label=said.label)
        case Ask() as said:
            return replace(
                view,
                text=said.text,
                category=said.category,
                tags=" ".join(said.tags),
                where=said.where,
                valid_until=entry.valid_until.strftime("%Y-%m-%d") if entry.valid_until else "",
            )


_TYPED: Final = (
    "level",
    "school",
    "programme",
    "degree",
    "subject",
    "class_year",
    "entry_year",
    "exit_year",
    "campus",
    "status",
    "employer",
    "job_title",
    "sector",
    "city",
    "country",
    "since",
    "until",
    "description",
    "label",
    "text",
    "category",
    "tags",
    "where",
    "valid_until",
)


async def _suggestions(request: web.Request, kind: Kind) -> dict[str, Any]:
    """Words to choose from: the schools of this node and their programmes; skills and interests as others call them."""
    if kind not in (Kind.EDUCATION, Kind.SKILL, Kind.INTEREST):
        return {}
    member = await auth.visiting_member(request)

    def read(conn: Connection) -> dict[str, Any]:
        if kind is not Kind.EDUCATION:
            return {"labels": tuple(profiles.labels(conn, member.id, kind)) if member.is_active else ()}
        studies = {programme.name: None for programme in schools.programmes(conn)}
        return {"schools": tuple(schools.names(conn)), "programmes": tuple(studies)}

    return await request.app[SERVICES].db.read(read)


async def _again(request: web.Request, view: CvEntryView, given: Params, refusal: Refused) -> web.Response:
    """The form with what was typed, and what is wrong with it."""
    typed: dict[str, Any] = {name: text for name in _TYPED if (text := given.text(name)) is not None}
    faults = fault(refusal, {"title": "job_title"})
    typed |= await _suggestions(request, Kind(view.kind))
    view = replace(view, **typed, version=_version(given, refusal, view.version), faults=faults)
    return await respond(request, view, Place.ME, status=fault_status(refusal))


def _kind(request: web.Request) -> Kind:
    word = request.match_info["cv_kind"]
    if word not in set(Kind):
        raise NotFound
    return Kind(word)


def _number(request: web.Request) -> int:
    return int(request.match_info["number"])
