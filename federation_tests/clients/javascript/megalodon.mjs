// SPDX-License-Identifier: AGPL-3.0-or-later
//
// megalodon calls all that it has: signs in, then walks as a member does, with two others of the same node.
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { codeFrom, count, end, eventually, given, ids, refused, step, within } from "./walk.mjs";

const { Mastodon, detector } = await import("megalodon");

const SCOPES = ["read", "write", "follow", "push"];
const { url, walker, friend, shy } = given;
const png = () => createReadStream(given.png);
const later = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
const status = (code) => (error) => error.response?.status === code;

/** The same client, each of whose calls is counted. */
function counted(client) {
  return new Proxy(client, {
    get: (target, name) =>
      typeof target[name] === "function" ? (...args) => count(name, target[name](...args)) : target[name],
  });
}

const friends = new Mastodon(url, friend.token);
const shys = new Mastodon(url, shy.token);
let app, token, walks, me, other, quiet;

// What an answer holds, of a client whose methods all say `data`.
const data = async (answer) => (await answer).data;
const post = async (client, text, options = {}) => (await client.postStatus(text, options)).data;

await step("signs in through the page that asks", async () => {
  const open = counted(new Mastodon(url));
  const options = { scopes: SCOPES, redirect_uris: "urn:ietf:wg:oauth:2.0:oob", website: url };
  assert.ok((await open.createApp("Megalodon spare", options)).client_id);
  app = await open.registerApp("Megalodon walk", options);
  const address = await open.generateAuthUrl(app.client_id, app.client_secret, { scope: SCOPES });
  assert.equal(address, app.url);
  const code = await codeFrom(address);
  token = await open.fetchAccessToken(app.client_id, app.client_secret, code);
  assert.equal(token.token_type, "Bearer");
  // No token ends by itself here, so there is none to be had anew.
  await refused(open.refreshToken(app.client_id, app.client_secret, "none"), status(400));
  walks = counted(new Mastodon(url, token.access_token));
  me = await data(walks.verifyAccountCredentials());
  assert.equal(me.username, walker.username);
  assert.equal((await data(walks.verifyAppCredentials())).name, "Megalodon walk");
});

await step("reads the node", async () => {
  // It knows programs by the name in NodeInfo, and ours is not among them: its users choose Mastodon themselves.
  await refused(detector(url), /Unknown SNS/);
  const { host } = new URL(url);
  const instance = await data(walks.getInstance());
  assert.equal(instance.uri, host);
  assert.ok(instance.configuration.statuses.max_characters >= 500);
  assert.equal(await walks.streamingURL(), `wss://${host}`);
  assert.ok(Array.isArray(await data(walks.getInstancePeers())));
  assert.equal((await data(walks.getInstanceActivity())).length, 12);
  assert.ok(Array.isArray(await data(walks.getInstanceTrends(3))));
  assert.ok(Array.isArray(await data(walks.getInstanceCustomEmojis())));
  assert.ok(Array.isArray(await data(walks.getInstanceDirectory({ local: true, order: "new", limit: 5 }))));
  assert.equal((await data(walks.getPreferences()))["posting:default:visibility"], "public");
});

await step("makes its account over and finds people", async () => {
  const changed = await data(
    walks.updateCredentials({
      display_name: "Megalodon",
      note: "Walks in JavaScript",
      discoverable: true,
      locked: false,
      bot: false,
      source: { privacy: "public", language: "fr" },
      fields_attributes: [{ name: "Class", value: "1999" }],
    }),
  );
  assert.equal(changed.display_name, "Megalodon");
  assert.deepEqual(changed.fields.map((one) => [one.name, one.value]), [["Class", "1999"]]);
  const tag = await data(walks.createFeaturedTag("megalodon"));
  assert.deepEqual((await data(walks.getFeaturedTags())).map((one) => one.name), ["megalodon"]);
  assert.ok(Array.isArray(await data(walks.getSuggestedTags())));
  await walks.deleteFeaturedTag(tag.id);
  assert.deepEqual(await data(walks.getFeaturedTags()), []);

  other = await data(walks.lookupAccount(friend.username));
  quiet = await data(walks.lookupAccount(shy.username));
  assert.equal((await data(walks.getAccount(other.id))).username, friend.username);
  assert.ok(ids(await data(walks.searchAccount(friend.username, { limit: 5, resolve: false }))).includes(other.id));
  const found = await data(walks.search(friend.username, { type: "accounts", limit: 5, resolve: true, offset: 0 }));
  assert.ok(ids(found.accounts).includes(other.id));
  assert.ok((await data(walks.getSuggestions(2))).length > 0);
});

await step("ties and unties", async () => {
  assert.ok((await data(walks.followAccount(other.id, { reblog: true }))).following);
  assert.ok((await data(walks.subscribeAccount(other.id))).notifying);
  assert.ok(!(await data(walks.unsubscribeAccount(other.id))).notifying);
  await shys.updateCredentials({ locked: true });
  assert.ok((await data(walks.followAccount(quiet.id))).requested);
  await friends.followAccount(me.id);
  assert.ok((await data(walks.getRelationship(other.id))).followed_by);
  assert.equal((await data(walks.getRelationships([other.id, quiet.id]))).length, 2);
  assert.deepEqual(ids(await data(walks.getAccountFollowers(me.id, { get_all: true, limit: 1 }))), [other.id]);
  assert.deepEqual(ids(await data(walks.getAccountFollowing(me.id, { limit: 5 }))), [other.id]);

  await walks.updateCredentials({ locked: true });
  await shys.followAccount(me.id);
  assert.deepEqual(ids(await data(walks.getFollowRequests(5))), [quiet.id]);
  await walks.rejectFollowRequest(quiet.id);
  await shys.followAccount(me.id);
  assert.ok((await data(walks.acceptFollowRequest(quiet.id))).followed_by);
  await walks.updateCredentials({ locked: false });

  assert.equal((await data(walks.setAccountNote(other.id, "Lent me a map"))).note, "Lent me a map");
  await walks.pinAccount(other.id);
  assert.deepEqual(ids(await data(walks.getEndorsements())), [other.id]);
  await walks.unpinAccount(other.id);
  assert.deepEqual(await data(walks.getEndorsements()), []);
  assert.ok((await data(walks.muteAccount(quiet.id, true))).muting_notifications);
  assert.deepEqual(ids(await data(walks.getMutes())), [quiet.id]);
  assert.ok(!(await data(walks.unmuteAccount(quiet.id))).muting);
  assert.ok((await data(walks.blockAccount(quiet.id))).blocking);
  assert.deepEqual(ids(await data(walks.getBlocks())), [quiet.id]);
  assert.ok(!(await data(walks.unblockAccount(quiet.id))).blocking);
  assert.ok(!(await data(walks.unfollowAccount(quiet.id))).requested);
  await walks.blockDomain("elsewhere.example");
  assert.deepEqual(await data(walks.getDomainBlocks()), ["elsewhere.example"]);
  await walks.unblockDomain("elsewhere.example");
  assert.deepEqual(await data(walks.getDomainBlocks()), []);
  assert.ok((await data(walks.report(quiet.id, { comment: "Walked too loudly", category: "other" }))).id);
});

await step("posts, with pictures", async () => {
  const media = await data(walks.uploadMedia(png(), { description: "An ellipse", focus: "0.1,-0.4" }));
  await eventually(async () => (await data(walks.getMedia(media.id))).url, "the picture is ready");
  assert.equal((await data(walks.updateMedia(media.id, { description: "A figure" }))).description, "A figure");
  const options = { media_ids: [media.id], visibility: "public", spoiler_text: "Art", sensitive: true, language: "en" };
  const posted = await data(walks.postStatus("With a picture #megalodon", options));
  assert.equal(posted.media_attachments[0].description, "A figure");
  assert.equal((await data(walks.getStatus(posted.id))).tags[0].name, "megalodon");
  assert.equal((await data(walks.getStatusSource(posted.id))).text, "With a picture #megalodon");
  const edited = await data(walks.editStatus(posted.id, { status: "With a drawing", media_ids: [media.id] }));
  assert.match(edited.content, /drawing/);
  assert.ok(edited.edited_at);
  assert.ok((await data(walks.pinStatus(posted.id))).pinned);
  assert.deepEqual(ids(await data(walks.getAccountStatuses(me.id, { pinned: true }))), [posted.id]);
  assert.ok(!(await data(walks.unpinStatus(posted.id))).pinned);

  const theirs = await post(friends, "Good morning");
  const reply = await data(walks.postStatus("And to you", { in_reply_to_id: theirs.id }));
  assert.deepEqual(ids((await data(walks.getStatusContext(theirs.id))).descendants), [reply.id]);
  assert.ok((await data(walks.favouriteStatus(theirs.id))).favourited);
  assert.deepEqual(ids(await data(walks.getFavourites())), [theirs.id]);
  assert.deepEqual(ids(await data(walks.getStatusFavouritedBy(theirs.id))), [me.id]);
  assert.ok(!(await data(walks.unfavouriteStatus(theirs.id))).favourited);
  assert.equal((await data(walks.reblogStatus(theirs.id))).reblog.id, theirs.id);
  assert.deepEqual(ids(await data(walks.getStatusRebloggedBy(theirs.id))), [me.id]);
  assert.ok(!(await data(walks.unreblogStatus(theirs.id))).reblogged);
  assert.ok((await data(walks.bookmarkStatus(theirs.id))).bookmarked);
  assert.deepEqual(ids(await data(walks.getBookmarks())), [theirs.id]);
  assert.ok(!(await data(walks.unbookmarkStatus(theirs.id))).bookmarked);
  assert.ok((await data(walks.muteStatus(theirs.id))).muted);
  assert.ok(!(await data(walks.unmuteStatus(theirs.id))).muted);
  await walks.deleteStatus(reply.id);
  await refused(walks.getStatus(reply.id), status(404));

  const asked = await post(friends, "Which?", { poll: { options: ["Tea", "Coffee"], expires_in: 3600 } });
  assert.equal((await data(walks.getPoll(asked.poll.id))).votes_count, 0);
  assert.ok((await data(walks.votePoll(asked.poll.id, [1]))).voted);

  const scheduled = await data(walks.postStatus("Later", { scheduled_at: later(2) }));
  assert.deepEqual(ids(await data(walks.getScheduledStatuses())), [scheduled.id]);
  assert.equal((await data(walks.getScheduledStatus(scheduled.id))).params.text, "Later");
  const moved = await data(walks.scheduleStatus(scheduled.id, later(3)));
  assert.ok(moved.scheduled_at > scheduled.scheduled_at);
  await walks.cancelScheduledStatus(scheduled.id);
  assert.deepEqual(await data(walks.getScheduledStatuses()), []);
});

await step("reads timelines, lists and tags", async () => {
  const posted = await post(friends, "On every timeline #megalodontimes");
  for (const timeline of [
    walks.getHomeTimeline({ limit: 2 }),
    walks.getLocalTimeline({ limit: 2 }),
    walks.getPublicTimeline({ limit: 2 }),
    walks.getTagTimeline("megalodontimes", { local: true }),
  ]) assert.equal((await data(timeline))[0].id, posted.id);
  assert.equal((await data(walks.saveMarkers({ home: { last_read_id: posted.id } }))).home.last_read_id, posted.id);
  assert.equal((await data(walks.getMarkers(["home"]))).home.last_read_id, posted.id);

  const list = await data(walks.createList("Walkers"));
  await walks.addAccountsToList(list.id, [other.id]);
  assert.deepEqual(ids(await data(walks.getAccountsInList(list.id))), [other.id]);
  assert.ok(ids(await data(walks.getAccountLists(other.id))).includes(list.id));
  assert.ok(ids(await data(walks.getLists())).includes(list.id));
  assert.equal((await data(walks.updateList(list.id, "Runners"))).title, "Runners");
  assert.equal((await data(walks.getList(list.id))).title, "Runners");
  const listed = await post(friends, "For the list");
  assert.equal((await data(walks.getListTimeline(list.id)))[0].id, listed.id);
  await walks.deleteAccountsFromList(list.id, [other.id]);
  assert.deepEqual(await data(walks.getAccountsInList(list.id)), []);
  await walks.deleteList(list.id);

  assert.ok((await data(walks.followTag("megalodontimes"))).following);
  assert.deepEqual((await data(walks.getFollowedTags())).map((one) => one.name), ["megalodontimes"]);
  assert.equal((await data(walks.getTag("megalodontimes"))).name, "megalodontimes");
  assert.ok(!(await data(walks.unfollowTag("megalodontimes"))).following);

  const filter = await data(walks.createFilter("surprise", ["home"], { whole_word: true }));
  assert.equal((await data(walks.getFilter(filter.id))).phrase, "surprise");
  assert.deepEqual(ids(await data(walks.getFilters())), [filter.id]);
  assert.equal((await data(walks.updateFilter(filter.id, "secret", ["home"]))).phrase, "secret");
  await walks.deleteFilter(filter.id);
  assert.deepEqual(await data(walks.getFilters()), []);

  await post(friends, `@${walker.username} Between us`, { visibility: "direct" });
  const [talk] = await data(walks.getConversationTimeline());
  assert.ok(talk.unread);
  assert.ok(!(await data(walks.readConversation(talk.id))).unread);
  await walks.deleteConversation(talk.id);
  assert.deepEqual(await data(walks.getConversationTimeline()), []);
});

await step("is notified and hears the association", async () => {
  const posted = await data(walks.postStatus("Likeable", {}));
  await friends.favouriteStatus(posted.id);
  const [newest] = await data(walks.getNotifications({ limit: 5, exclude_types: ["follow", "mention"] }));
  assert.equal(newest.type, "favourite");
  assert.equal((await data(walks.getNotification(newest.id))).status.id, posted.id);
  await walks.dismissNotification(newest.id);
  await refused(walks.getNotification(newest.id), status(404));
  await walks.dismissNotifications();
  assert.deepEqual(await data(walks.getNotifications()), []);

  const announced = (await data(walks.getInstanceAnnouncements())).find((one) => one.content.includes(given.announcement));
  const thumb = encodeURIComponent("👍");
  await walks.addReactionToAnnouncement(announced.id, thumb);
  const again = (await data(walks.getInstanceAnnouncements())).find((one) => one.id === announced.id);
  assert.deepEqual(again.reactions.map((one) => [one.name, one.me]), [["👍", true]]);
  await walks.removeReactionFromAnnouncement(announced.id, thumb);
  await walks.dismissInstanceAnnouncement(announced.id);
  assert.ok(!ids(await data(walks.getInstanceAnnouncements())).includes(announced.id));

  const subscription = {
    endpoint: "https://push.example/megalodon",
    keys: { p256dh: given.p256dh, auth: "MTIzNDU2Nzg5MDEyMzQ1Ng" },
  };
  const made = await data(walks.subscribePushNotification(subscription, { alerts: { mention: true } }));
  assert.equal((await data(walks.getPushSubscription())).endpoint, made.endpoint);
  assert.ok((await data(walks.updatePushSubscription({ alerts: { follow: true } }))).alerts.follow);
  await walks.deletePushSubscription();
  await refused(walks.getPushSubscription(), status(404));
});

await step("hears every stream", async () => {
  const list = await data(walks.createList("Streamed"));
  await walks.addAccountsToList(list.id, [other.id]);
  const streams = {
    user: [() => walks.userStreaming(), "update", "notification", "status_update", "delete"],
    public: [() => walks.publicStreaming(), "update"],
    local: [() => walks.localStreaming(), "update"],
    tag: [() => walks.tagStreaming("megalodonstream"), "update"],
    list: [() => walks.listStreaming(list.id), "update"],
    direct: [() => walks.directStreaming(), "conversation"],
  };
  const sockets = [];
  const coming = [];
  for (const [name, [open, ...kinds]] of Object.entries(streams)) {
    const socket = await open();
    sockets.push(socket);
    socket.on("error", (error) => console.error(name, error));
    for (const kind of kinds) coming.push([name, kind, new Promise((resolve) => socket.once(kind, resolve))]);
    await within(new Promise((resolve) => socket.once("connect", resolve)), `${name} is open`);
  }
  const posted = await post(friends, `@${walker.username} To all #megalodonstream`);
  await post(friends, `@${walker.username} To one`, { visibility: "direct" });
  await friends.editStatus(posted.id, { status: `@${walker.username} To all again #megalodonstream` });
  // A stream shows a post as it is when it is told: of one that is gone already it says that alone.
  for (const [name, kind, event] of coming) if (kind === "status_update") await within(event, `${kind} on ${name}`);
  await friends.deleteStatus(posted.id);
  for (const [name, kind, event] of coming) {
    const what = await within(event, `${kind} on ${name}`);
    if (kind === "delete") assert.equal(what, posted.id, name);
    if (kind === "update") assert.equal(what.account.id, other.id, name);
    if (kind === "notification") assert.equal(what.type, "mention");
    if (kind === "status_update") assert.match(what.content, /again/);
  }
  for (const socket of sockets) socket.stop();
  await walks.deleteList(list.id);
});

await step("stops asking, and gives its token back", async () => {
  const hurried = counted(new Mastodon(url, token.access_token));
  const never = hurried.verifyAccountCredentials();
  hurried.cancel();
  await assert.rejects(never);
  await walks.revokeToken(app.client_id, app.client_secret, token.access_token);
  await refused(new Mastodon(url, token.access_token).verifyAccountCredentials(), status(401));
});

end(Object.getOwnPropertyNames(Mastodon.prototype).filter((name) => name !== "constructor"));
