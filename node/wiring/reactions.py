# SPDX-License-Identifier: AGPL-3.0-or-later
"""What else belongs to the same unit of work when something happens in a slice below."""

from contextlib import suppress
from datetime import timedelta
from typing import Final

from node import (
    access,
    actors,
    contacts,
    digests,
    directory,
    dues,
    events,
    lists,
    mail,
    media,
    members,
    moderation,
    notices,
    notifications,
    posts,
    previews,
    privacy,
    profiles,
    push,
    roster,
    timelines,
)
from node.access import LoggedIn
from node.actors import ActorId, ActorRecreated, ActorWritten, SchoolRenamed
from node.contacts import ContactAsked, ContactClosed, ContactMade
from node.contacts import words as contact_words
from node.emojis import EmojiChanged
from node.events.activities import remote_event_kept
from node.federation import links
from node.kernel import queue
from node.kernel.db import Reactions, Tx
from node.kernel.errors import NotFound
from node.kernel.i18n import marked
from node.lists import Listed, SetApart, SetApartNoMore
from node.mail import AddressLost
from node.members import Invited, SignedUp
from node.moderation import Sanction, SuspensionLifted, deaths
from node.moderation.deaths import Remembered
from node.notifications import Kind, Notified
from node.posts import RemotePost, TextWritten, erasure, featured
from node.profiles import AskRemoved, ProfileChanged, Thanked
from node.profiles import words as profile_words
from node.relationships import ActorGone, Blocked, Followed, FollowEnded, FollowRequested, Muted, reach
from node.relationships.actions import start_anew
from node.relationships.profiles import tell_changed
from node.relationships.types import NetworkBlocked
from node.roster import Revoked, SaidDeceased
from node.roster import letters as roster_letters

# How long the association's word that something has happened stays among the messages.
_NEWS: Final = timedelta(days=30)
_IN_A_FILE: Final = marked("A file of the roster says so.")
_MOST_EVENTS: Final = 100


def followed(tx: Tx, happening: Followed) -> None:
    """A new follow brings the latest posts home, and tells the one who is followed."""
    if happening.follower.is_local:
        latest = posts.latest_of(tx.conn, happening.followee.id)
        if not lists.set_apart(tx.conn, happening.follower.id, [happening.followee.id]):
            timelines.fill_from(tx, happening.follower.id, happening.followee.id, latest)
        lists.fill_from(tx, happening.follower.id, happening.followee.id, latest)
        featured.ask(tx, happening.followee)
        links.ask(tx, happening.followee)
    if happening.followee.is_local:
        notifications.take_back(tx, happening.followee.id, Kind.FOLLOW_REQUEST, happening.follower.id)
        notifications.notify(tx, happening.followee, Kind.FOLLOW, happening.follower)


def follow_requested(tx: Tx, happening: FollowRequested) -> None:
    """Whoever decides about followers by hand is told that one waits."""
    notifications.notify(tx, happening.followee, Kind.FOLLOW_REQUEST, happening.follower)


def follow_ended(tx: Tx, happening: FollowEnded) -> None:
    """The posts of somebody who is followed no more leave the home timeline; they themselves leave the lists."""
    if happening.follower.is_local:
        timelines.forget_author(tx, happening.follower.id, happening.followee.id)
        lists.forget_author(tx, happening.follower.id, happening.followee.id)
    if happening.followee.is_local:
        notifications.take_back(tx, happening.followee.id, Kind.FOLLOW_REQUEST, happening.follower.id)
        notifications.take_back(tx, happening.followee.id, Kind.FOLLOW, happening.follower.id)


def blocked(tx: Tx, happening: Blocked) -> None:
    """After a block each disappears from what the other is shown."""
    for one, other in ((happening.blocker, happening.blocked), (happening.blocked, happening.blocker)):
        if one.is_local:
            timelines.forget_author(tx, one.id, other.id)
    if happening.blocker.is_local and happening.blocked.is_local:
        contacts.forget_pair(tx, happening.blocker, happening.blocked)
    if happening.blocker.is_local:
        notifications.forget_from(tx, happening.blocker.id, happening.blocked.id)


def network_blocked(tx: Tx, happening: NetworkBlocked) -> None:
    """What came from a network that a member blocks leaves their home timeline, their lists and their notifications."""
    timelines.forget_network(tx, happening.owner.id, happening.domain)
    lists.forget_network(tx, happening.owner.id, happening.domain)
    notifications.forget_network(tx, happening.owner.id, happening.domain)


def muted(tx: Tx, happening: Muted) -> None:
    """What somebody who is muted wrote leaves the home timeline and the lists; they stay on the lists."""
    timelines.forget_author(tx, happening.muter.id, happening.muted.id)
    lists.hide_author(tx, happening.muter.id, happening.muted.id)


def actor_gone(tx: Tx, happening: ActorGone) -> None:
    """What belonged to somebody who is gone goes too; their posts some at a time, by a task."""
    actor = happening.actor
    events.forget_participant(tx, actor)
    erasure.begin(tx, actor)
    notifications.forget_actor(tx, actor.id)
    posts.conversations.forget_owner(tx, actor.id)
    lists.forget_actor(tx, actor.id)
    moderation.forget_actor(tx, actor)
    deaths.forget_actor(tx, actor.id)
    if actor.is_local:
        notices.forget_member(tx, actor.id)
        notices.close(tx, f"joined:{actor.id}")
        roster.forget_member(tx, actor.id)
        contacts.forget_actor(tx, actor.id)
        dues.forget_member(tx, actor.id)
        mail.forget_member(tx, actor.id)
        digests.forget_member(tx, actor.id)
        directory.forget(tx, [actor.id])
        directory.forget_watcher(tx, actor.id)
        profiles.forget_actor(tx, actor.id)
        privacy.forget_actor(tx, actor.id)
        privacy.note_erasure(tx, actor.id, actor.uri)
        timelines.forget_owner(tx, actor.id)
        access.revoke_of_member(tx, actor.id)
        pictures = [picture.file for picture in (actor.avatar, actor.header) if picture and picture.file]
        files = [*media.forget_owner(tx, actor.id), *pictures]
        if files:
            queue.enqueue(tx, "media.remove", {"files": files})


def listed(tx: Tx, happening: Listed) -> None:
    """Who is put on a list brings their latest posts there."""
    authors = lists.wanted(tx.conn, happening.owner_id, happening.account_ids)
    lists.fill(tx, happening.list_id, posts.listed.latest_of_each(tx.conn, authors))


def set_apart(tx: Tx, happening: SetApart) -> None:
    """Whom an exclusive list holds leaves the home timeline. One's own posts stay."""
    timelines.forget_authors(tx, happening.owner_id, set(happening.account_ids) - {happening.owner_id})


def set_apart_no_more(tx: Tx, happening: SetApartNoMore) -> None:
    """Whom no exclusive list holds any more comes home again with their latest posts."""
    back = lists.wanted(tx.conn, happening.owner_id, happening.account_ids) - {happening.owner_id}
    back -= lists.set_apart(tx.conn, happening.owner_id, back)
    timelines.fill(tx, happening.owner_id, posts.listed.latest_of_each(tx.conn, back))


def signed_up(tx: Tx, happening: SignedUp) -> None:
    """The staff hears of a newcomer, who may wait for the roster or for somebody to say yes."""
    notifications.notify_staff(tx, Kind.SIGN_UP, happening.actor, roles=sorted(roster.DECIDERS))
    if happening.waits:
        roster.consider(tx, happening.actor.id)


def invited(tx: Tx, happening: Invited) -> None:
    """Somebody has come by an invitation, which may have been one to a missing classmate."""
    inviter = roster.joined_by(tx, happening.actor, happening.invitation_id)
    if inviter is not None:
        text = roster_letters.joined(inviter.locale, happening.actor.name)
        link = tx.site.profile_url(happening.actor.username)
        notices.tell(
            tx, inviter.actor, about=f"joined:{happening.actor.id}", text=text, link=link, until=tx.now + _NEWS
        )


def address_lost(tx: Tx, happening: AddressLost) -> None:
    """An invitation whose letter came back has not arrived."""
    members.bounced(tx, happening.address)


def revoked(tx: Tx, happening: Revoked) -> None:
    """Whoever is found not to be who they said is suspended: they read why, and can appeal once."""
    actor = happening.member.actor
    if actor.is_active:
        moderation.decide(tx, happening.by, actor, Sanction.SUSPEND, happening.reason)


def lifted(tx: Tx, happening: SuspensionLifted) -> None:
    """Whoever had been found not to be who they said, and is let in again, is verified by whoever says so."""
    roster.let_in_again(tx, happening.by, happening.member.id)


def contact_asked(tx: Tx, happening: ContactAsked) -> None:
    """Whoever is asked to be a contact reads of it in every app, until they answer or it is over."""
    text = contact_words.asked(tx.conn, happening)
    link = f"{tx.site.base_url}/contacts"
    about = f"contact:{happening.contact_id}"
    notices.tell(tx, happening.asked, about=about, text=text, link=link, until=tx.now + contacts.ENDS)


def contact_made(tx: Tx, happening: ContactMade) -> None:
    """The request is answered, and the one who asked hears that it was a yes."""
    about = f"contact:{happening.contact_id}"
    notices.close(tx, about)
    text = contact_words.accepted(tx.conn, happening)
    link = f"{tx.site.base_url}/contacts/{happening.accepted_by.id}"
    notices.tell(tx, happening.asker, about=about, text=text, link=link, until=tx.now + _NEWS)


def contact_closed(tx: Tx, happening: ContactClosed) -> None:
    """Nothing waits for an answer any more: nothing is said of it either."""
    for contact_id in happening.contact_ids:
        notices.close(tx, f"contact:{contact_id}")


def emoji_changed(tx: Tx, happening: EmojiChanged) -> None:
    """What names an emoji of ours shows it as it is now: profiles at once, posts some at a time, by a task."""
    actors.renew_emojis(tx, happening.shortcode)
    posts.emojis.begin(tx, happening)


def findable(tx: Tx, happening: ActorWritten | ProfileChanged) -> None:
    """Members are found by what their account and their profile say now, and by those to whom it is shown now."""
    directory.refresh(tx, [happening.actor_id])


def renamed(tx: Tx, happening: SchoolRenamed) -> None:
    """The directory tells classes apart by year and school."""
    directory.rename_school(tx, happening.before, happening.after)


def chosen(tx: Tx, happening: ActorWritten | ProfileChanged) -> None:
    """What members let be shown is a consent, which is kept with its day."""
    privacy.settle_settings(tx, happening.actor_id)


def sheltered(tx: Tx, happening: ActorWritten) -> None:
    """Whoever is not of age is not known to everybody."""
    actor = actors.find(tx.conn, happening.actor_id)
    if actor is not None and actor.is_local and actor.deleted_at is None:
        reach.shelter(tx, actor)


def published(tx: Tx, happening: ActorWritten | ProfileChanged) -> None:
    """What everybody may read of a profile stands in the actor's document too; who follows hears of a change, also where
    something is public no more."""
    actor = actors.find(tx.conn, happening.actor_id)
    if actor is None or actor.deleted_at is not None:
        return
    after = actors.say_publicly(tx, actor, profiles.of_everybody(tx.conn, actor.id, tx.now))
    if after is not None:
        tell_changed(tx, after)


def thanked(tx: Tx, happening: Thanked) -> None:
    """Whoever helped to find something reads in every app that they are thanked."""
    people = actors.by_ids(tx.conn, [happening.by, *happening.people])
    by = people[ActorId(happening.by)]
    for number in happening.people:
        text = profile_words.thanked(tx.conn, people[ActorId(number)], by, happening)
        about = f"thanks:{happening.entry_id}:{number}"
        notices.tell(tx, people[ActorId(number)], about=about, text=text, link=by.url, until=tx.now + _NEWS)


def ask_removed(tx: Tx, happening: AskRemoved) -> None:
    """Whose ask the staff took away reads why."""
    owner = actors.get(tx.conn, happening.owner)
    text = profile_words.removed(tx.conn, owner, happening)
    link = f"{tx.site.base_url}/settings/cv"
    notices.tell(tx, owner, about=f"ask:{happening.entry_id}", text=text, link=link, until=tx.now + _NEWS)


def said_deceased(tx: Tx, happening: SaidDeceased) -> None:
    """What a file says of somebody who is a member waits for the secretary, who asks."""
    with suppress(NotFound):
        member = actors.get(tx.conn, happening.member_id)
        deaths.report(tx, None, member, _IN_A_FILE)


def remembered(tx: Tx, happening: Remembered) -> None:
    """Whoever has died gives the seats back that they had taken."""
    for event in events.joined_by(tx.conn, happening.actor.id, tx.now, limit=_MOST_EVENTS):
        events.leave(tx, happening.actor, event.post_id)


def logged_in(tx: Tx, happening: LoggedIn) -> None:
    """Whoever logs in wants to keep the account that they had asked to be deleted."""
    privacy.cancel_deletion(tx, happening.member_id)


REACTIONS: Final[Reactions] = {
    Followed: (followed,),
    FollowRequested: (follow_requested,),
    FollowEnded: (follow_ended,),
    Blocked: (blocked,),
    Muted: (muted,),
    NetworkBlocked: (network_blocked,),
    ActorGone: (actor_gone,),
    ActorRecreated: (start_anew,),
    ActorWritten: (findable, chosen, sheltered, published),
    SchoolRenamed: (renamed,),
    Thanked: (thanked,),
    AskRemoved: (ask_removed,),
    ProfileChanged: (findable, chosen, published),
    LoggedIn: (logged_in,),
    SignedUp: (signed_up,),
    Invited: (invited,),
    AddressLost: (address_lost,),
    Revoked: (revoked,),
    SuspensionLifted: (lifted,),
    ContactAsked: (contact_asked,),
    ContactMade: (contact_made,),
    ContactClosed: (contact_closed,),
    EmojiChanged: (emoji_changed,),
    Notified: (push.plan, digests.note),
    Listed: (listed,),
    SetApart: (set_apart,),
    SetApartNoMore: (set_apart_no_more,),
    RemotePost: (remote_event_kept,),
    TextWritten: (previews.written,),
    SaidDeceased: (said_deceased,),
    Remembered: (remembered,),
}
