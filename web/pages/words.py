# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the pages say for the short names that the code uses: audiences, permissions, kinds of account.

The texts here are message ids; they are translated where they are shown.
"""

from typing import Final

from activitypub.addressing import Visibility
from node.kernel.i18n import marked
from node.relationships import Circle

AUDIENCE: Final[dict[Visibility | Circle, str]] = {
    Visibility.PUBLIC: marked("To everyone"),
    Visibility.UNLISTED: marked("To everyone, not in lists"),
    Visibility.PRIVATE: marked("To followers"),
    Visibility.DIRECT: marked("To the people named"),
    Circle.CLASS: marked("To the class"),
    Circle.SCHOOL: marked("To the school"),
    Circle.PARTNERS: marked("To the school and its partners"),
}

AUDIENCE_EXPLAINED: Final[dict[Visibility | Circle, str]] = {
    Visibility.PUBLIC: marked("Anyone may read this, here and on other networks, and find it in lists."),
    Visibility.UNLISTED: marked("Anyone who has the address may read this, but it stands in no public list."),
    Visibility.PRIVATE: marked("Only the people who follow you may read this."),
    Visibility.DIRECT: marked("Only the people whose @names are in the text may read this."),
    Circle.CLASS: marked(
        "Only members of this network with the same class year may read this. It is sent nowhere else."
    ),
    Circle.SCHOOL: marked("Only members of this network may read this. It is sent nowhere else."),
    Circle.PARTNERS: marked("Only members of this network and of its partner schools may read this."),
}

# The whole first, then its parts; an app asks for either.
PERMISSION: Final = {
    "read": marked("Read what you can read: posts, people, notifications, your own profile"),
    "write": marked("Act in your name: post, follow, favourite, change your profile"),
    "follow": marked("Follow, mute and block people in your name"),
    "push": marked("Send you notifications"),
    "profile": marked("Know your name and your picture"),
    "read:accounts": marked("Read profiles"),
    "read:blocks": marked("See whom you block"),
    "read:bookmarks": marked("See your bookmarks"),
    "read:favourites": marked("See your favourites"),
    "read:filters": marked("See your filters"),
    "read:follows": marked("See whom you follow"),
    "read:lists": marked("See your lists"),
    "read:mutes": marked("See whom you mute"),
    "read:notifications": marked("Read your notifications"),
    "read:search": marked("Search in your name"),
    "read:statuses": marked("Read posts, also those for you alone"),
    "write:accounts": marked("Change your profile"),
    "write:blocks": marked("Block people"),
    "write:bookmarks": marked("Keep bookmarks"),
    "write:conversations": marked("Change your conversations"),
    "write:favourites": marked("Mark posts as favourites"),
    "write:filters": marked("Change your filters"),
    "write:follows": marked("Follow people"),
    "write:lists": marked("Change your lists"),
    "write:media": marked("Upload pictures"),
    "write:mutes": marked("Mute people"),
    "write:notifications": marked("Dismiss your notifications"),
    "write:reports": marked("Report posts to the moderators"),
    "write:statuses": marked("Post in your name"),
}

# What a refusal says when whoever refuses has nothing better to say (`node.kernel.errors`).
REFUSALS: Final = (
    marked("Record not found"),
    marked("This has been deleted."),
    marked("This action is not allowed"),
    marked("Too many requests"),
    marked("This cannot be done at the moment. Please try again."),
    marked("This form is no longer valid. Please go back, reload the page and try again."),
    marked("This app is not known here. Please let it sign in anew."),
    marked("This app asks for the answer at an address that it has not registered."),
    marked("The request cannot be read."),
    marked("This is too large."),
    marked("Something went wrong here. It has been noted."),
    marked("This is another server."),
    marked("Method not allowed"),
)

# Refusals that name a bound, as `node.posts.rules` words them: a text with a number in it is found by no extraction.
BOUNDS: Final = (
    marked("Validation failed: Text character limit of 5000 exceeded"),
    marked("Cannot attach more than 4 files."),
    marked("Validation failed: Options can't contain more than 4 items"),
    marked("Validation failed: Options can't be longer than 50 characters each"),
)


def audience(readers: Visibility | Circle) -> str:
    """To whom a post goes, for its label."""
    return AUDIENCE[readers]


def audience_explained(readers: Visibility | Circle) -> str:
    """Who may read it, exactly."""
    return AUDIENCE_EXPLAINED[readers]


def permission(scope: str) -> str:
    """What an app that has this scope may do. An unknown scope is shown as it is, never left out."""
    return PERMISSION.get(scope, scope)
