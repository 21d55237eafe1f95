// SPDX-License-Identifier: AGPL-3.0-or-later
//
// masto.js calls all that it has: signs in, then walks as a member does, with two others of the same node.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { codeFrom, count, end, eventually, given, ids, refused, step, within } from "./walk.mjs";

const { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } = await import("masto");

const OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob";
const SCOPES = "read write follow push";
const { url, walker, friend, shy } = given;
const png = () => new Blob([readFileSync(given.png)], { type: "image/png" });
const later = (hours) => new Date(Date.now() + hours * 3_600_000).toISOString();

// The library makes a request of whatever is asked of it, and so it cannot be asked what it has: its types are read.
function methodsOfLibrary() {
  const from = new URL("./node_modules/masto/dist/esm/mastodon/", import.meta.url);
  const text = (path) => readFileSync(new URL(path, from), "utf8").replace(/\/\*[^]*?\*\//g, "");
  const interfaces = (folder) => {
    const found = new Map();
    for (const file of readdirSync(new URL(folder, from), { withFileTypes: true })) {
      const paths = file.isDirectory() ? [`${folder}${file.name}/subscription.d.ts`, `${folder}${file.name}/index.d.ts`] : [folder + file.name];
      // The staff's resources have names of their own, some of them the same; nobody here calls them.
      if (file.name === "admin") continue;
      for (const path of paths.filter((one) => one.endsWith(".d.ts"))) {
        for (const [, name, body] of text(path).matchAll(/export interface ([\w$]+)[^{]*\{(.*?)\n\}/gs)) found.set(name, body);
      }
    }
    return found;
  };
  const under = (known, body, path) =>
    [...body.matchAll(/^    (?:readonly )?([\w$]+)(\??: ?|\()(.*)$/gm)].flatMap(([, name, sign, rest]) => {
      const next = /(?:v\d\.)?([\w$]+);?$/.exec(sign === "(" ? rest.replace(/^.*\): /, "") : rest)?.[1];
      if (known.has(next) && (sign !== "(" || name === "$select")) return under(known, known.get(next), [...path, name]);
      return next === "AdminResource" ? [] : [[...path, name].join(".")];
    });
  const rest = text("rest/client.d.ts");
  const part = (name, of) => new RegExp(`interface ${name} \\{(.*?)\\n\\}`, "s").exec(of)[1];
  const streams = interfaces("streaming/");
  const oauth = interfaces("oauth/");
  return [
    ...under(interfaces("rest/v1/"), part("V1Resource", rest), ["v1"]),
    ...under(interfaces("rest/v2/"), part("V2Resource", rest), ["v2"]),
    ...under(streams, streams.get("Client"), ["streaming"]),
    ...under(oauth, oauth.get("Client"), ["oauth"]),
  ];
}

/** The same client, each of whose calls is counted. */
function counted(client, path = []) {
  return new Proxy(() => {}, {
    get: (_, name) => (name === "then" || typeof name === "symbol" ? undefined : counted(client[name], [...path, name])),
    apply(_, __, args) {
      const result = client(...args);
      return path.at(-1) === "$select" ? counted(result, path) : count(path.join("."), result);
    },
  });
}

const client = (accessToken) => createRestAPIClient({ url, accessToken, timeout: 20_000 });
const friends = client(friend.token);
const shys = client(shy.token);
const oauth = counted(createOAuthAPIClient({ url }), ["oauth"]);
let app, token, me, other, quiet, v1, v2;

await step("signs in through the page that asks", async () => {
  const open = counted(client(), []);
  app = await open.v1.apps.create({ clientName: "Masto walk", redirectUris: OUT_OF_BAND, scopes: SCOPES, website: url });
  assert.ok(app.clientId && app.clientSecret);
  const asked = new URLSearchParams({ response_type: "code", client_id: app.clientId, redirect_uri: OUT_OF_BAND, scope: SCOPES });
  const code = await codeFrom(`${url}/oauth/authorize?${asked}`);
  const wanted = { grantType: "authorization_code", clientId: app.clientId, clientSecret: app.clientSecret };
  token = await oauth.token.create({ ...wanted, redirectUri: OUT_OF_BAND, code, scope: SCOPES });
  assert.equal(token.tokenType, "Bearer");
  assert.equal(token.scope, SCOPES);
  ({ v1, v2 } = counted(client(token.accessToken)));
  me = await v1.accounts.verifyCredentials();
  assert.equal(me.username, walker.username);
  assert.equal(me.source.privacy, "public");
  assert.equal((await v1.apps.verifyCredentials()).name, "Masto walk");
});

await step("reads the node", async () => {
  const { host } = new URL(url);
  assert.equal((await v1.instance.fetch()).uri, host);
  const instance = await v2.instance.fetch();
  assert.equal(instance.domain, host);
  assert.ok(instance.apiVersions.mastodon >= 7);
  assert.ok(Array.isArray(await v1.instance.peers.list()));
  const weeks = await v1.instance.activity.list();
  assert.equal(weeks.length, 12);
  assert.equal(typeof weeks[0].statuses, "string");
  assert.match((await v1.instance.extendedDescription.fetch()).content, /.*/);
  // What is called `list` is a pager to this library, whatever the types say; here it has one page.
  assert.ok((await v1.instance.languages.list()).some((one) => one.code === "fr"));
  assert.deepEqual(await v1.instance.translationLanguages.list(), {});
  assert.ok(Array.isArray(await v1.instance.domainBlocks.fetch()));
  assert.ok(Array.isArray(await v1.customEmojis.list()));
  for (const trend of [v1.trends.tags, v1.trends.statuses, v1.trends.links]) assert.ok(Array.isArray(await trend.list()));
  assert.equal((await v1.preferences.fetch())["posting:default:visibility"], "public");
});

await step("makes its account over", async () => {
  const changed = await v1.accounts.updateCredentials({
    displayName: "Masto",
    note: "Walks in JavaScript",
    avatar: png(),
    header: png(),
    locked: false,
    discoverable: true,
    source: { privacy: "public", language: "fr" },
    fieldsAttributes: [{ name: "Class", value: "1999" }],
  });
  assert.equal(changed.displayName, "Masto");
  assert.deepEqual(changed.fields.map((one) => [one.name, one.value]), [["Class", "1999"]]);
  assert.equal(changed.source.language, "fr");
  assert.equal((await v1.profile.fetch()).displayName, "Masto");
  assert.equal((await v1.profile.update({ displayName: "Masto W.", avatarDescription: "An ellipse" })).displayName, "Masto W.");
  const plain = await v1.profile.avatar.remove();
  assert.notEqual(plain.avatar, changed.avatar);
  assert.notEqual((await v1.profile.header.remove()).header, changed.header);
  const tag = await v1.featuredTags.create({ name: "masto" });
  assert.deepEqual((await v1.featuredTags.list()).map((one) => one.name), ["masto"]);
  assert.deepEqual((await v1.accounts.$select(me.id).featuredTags.list()).map((one) => one.name), ["masto"]);
  assert.ok(Array.isArray(await v1.featuredTags.suggestions.list()));
  await v1.featuredTags.$select(tag.id).remove();
  assert.deepEqual(await v1.featuredTags.list(), []);
});

await step("finds people", async () => {
  other = await v1.accounts.lookup({ acct: friend.username });
  quiet = await v1.accounts.lookup({ acct: shy.username });
  assert.equal((await v1.accounts.$select(other.id).fetch()).username, friend.username);
  assert.deepEqual(ids(await v1.accounts.fetch({ id: [other.id, quiet.id] })).sort(), [other.id, quiet.id].sort());
  assert.ok(ids(await v1.accounts.search.list({ q: friend.username, limit: 5 })).includes(other.id));
  assert.ok(ids((await v1.search.list({ q: friend.username, type: "accounts" })).accounts).includes(other.id));
  assert.ok(ids((await v2.search.list({ q: friend.username, type: "accounts", resolve: true })).accounts).includes(other.id));
  assert.ok(Array.isArray(await v1.directory.list({ local: true, order: "new" })));
  const suggested = await v2.suggestions.list({ limit: 80 });
  assert.ok(suggested.every((one) => one.sources.length > 0));
  const [unwanted] = await v1.suggestions.list();
  await v1.suggestions.$select(unwanted.id).remove();
  assert.ok(!ids(await v1.suggestions.list({ limit: 80 })).includes(unwanted.id));
});

await step("ties and unties", async () => {
  const them = v1.accounts.$select(other.id);
  assert.ok((await them.follow({ notify: true, languages: ["en"] })).notifying);
  await shys.v1.accounts.updateCredentials({ locked: true });
  const shyOne = v1.accounts.$select(quiet.id);
  assert.ok((await shyOne.follow()).requested);
  await friends.v1.accounts.$select(me.id).follow();
  const [relation] = await v1.accounts.relationships.fetch({ id: [other.id] });
  assert.ok(relation.following && relation.followedBy);
  assert.deepEqual(relation.languages, ["en"]);
  assert.deepEqual(ids(await v1.accounts.$select(me.id).followers.list()), [other.id]);
  assert.deepEqual(ids(await v1.accounts.$select(me.id).following.list()), [other.id]);
  assert.ok(Array.isArray(await v1.accounts.familiarFollowers.fetch({ id: [other.id] })));
  await v1.accounts.$select(other.id).removeFromFollowers();
  assert.deepEqual(await v1.accounts.$select(me.id).followers.list(), []);
  await friends.v1.accounts.$select(me.id).follow();

  await v1.accounts.updateCredentials({ locked: true });
  await shys.v1.accounts.$select(me.id).follow();
  assert.deepEqual(ids(await v1.followRequests.list()), [quiet.id]);
  await v1.followRequests.$select(quiet.id).reject();
  await shys.v1.accounts.$select(me.id).follow();
  assert.ok((await v1.followRequests.$select(quiet.id).authorize()).followedBy);
  await v1.accounts.updateCredentials({ locked: false });

  assert.equal((await them.note.create({ comment: "Lent me a map" })).note, "Lent me a map");
  assert.ok((await them.endorse()).endorsed);
  assert.deepEqual(ids(await v1.endorsements.list()), [other.id]);
  assert.deepEqual(ids(await v1.accounts.$select(me.id).endorsements.list()), [other.id]);
  assert.ok(!(await them.unendorse()).endorsed);
  assert.ok((await them.pin()).endorsed);
  assert.ok(!(await them.unpin()).endorsed);
  assert.ok((await shyOne.mute({ notifications: false, duration: 3600 })).muting);
  const [muted] = await v1.mutes.list();
  assert.equal(muted.id, quiet.id);
  assert.ok(muted.muteExpiresAt);
  assert.ok(!(await shyOne.unmute()).muting);
  assert.ok((await shyOne.block()).blocking);
  assert.deepEqual(ids(await v1.blocks.list()), [quiet.id]);
  assert.ok(!(await shyOne.unblock()).blocking);
  assert.ok(!(await shyOne.unfollow()).requested);
  await v1.domainBlocks.create({ domain: "elsewhere.example" });
  assert.deepEqual(await v1.domainBlocks.list(), ["elsewhere.example"]);
  await v1.domainBlocks.remove({ domain: "elsewhere.example" });
  assert.deepEqual(await v1.domainBlocks.list(), []);
  const report = await v1.reports.create({ accountId: quiet.id, comment: "Walked too loudly", category: "other" });
  assert.equal(report.targetAccount.id, quiet.id);
});

await step("posts, with pictures", async () => {
  assert.ok((await v1.media.create({ file: png(), description: "Sent the old way" })).url);
  const media = await v2.media.create({ file: png(), description: "An ellipse", focus: "0.1,-0.4", skipPolling: true });
  await eventually(async () => (await v1.media.$select(media.id).fetch()).url, "the picture is ready");
  assert.equal((await v1.media.$select(media.id).update({ description: "A figure" })).description, "A figure");
  const posted = await v1.statuses.create(
    { status: "With a picture #masto", mediaIds: [media.id], visibility: "public", language: "en", spoilerText: "Art" },
    { requestInit: { headers: { "Idempotency-Key": "masto-1" } } },
  );
  assert.equal(posted.mediaAttachments[0].description, "A figure");
  assert.equal(posted.spoilerText, "Art");
  const mine = v1.statuses.$select(posted.id);
  assert.equal((await mine.fetch()).tags[0].name, "masto");
  assert.deepEqual(ids(await v1.statuses.fetch({ id: [posted.id] })), [posted.id]);
  assert.equal((await mine.source.fetch()).text, "With a picture #masto");
  const edited = await mine.update({
    status: "With a drawing #masto",
    mediaIds: [media.id],
    mediaAttributes: [{ id: media.id, description: "A drawing", focus: "0,0" }],
  });
  assert.equal(edited.mediaAttachments[0].description, "A drawing");
  assert.equal((await mine.history.list()).length, 2);
  assert.ok((await mine.pin()).pinned);
  assert.deepEqual(ids(await v1.accounts.$select(me.id).statuses.list({ pinned: true })), [posted.id]);
  assert.ok(!(await mine.unpin()).pinned);
  await refused(mine.translate({ lang: "fr" }), (error) => [403, 404, 503].includes(error.statusCode));

  const theirs = await friends.v1.statuses.create({ status: "Good morning" });
  const post = v1.statuses.$select(theirs.id);
  const reply = await v1.statuses.create({ status: "And to you", inReplyToId: theirs.id });
  assert.deepEqual(ids((await post.context.fetch()).descendants), [reply.id]);
  assert.ok((await post.favourite()).favourited);
  assert.deepEqual(ids(await v1.favourites.list()), [theirs.id]);
  assert.deepEqual(ids(await post.favouritedBy.list()), [me.id]);
  assert.ok(!(await post.unfavourite()).favourited);
  assert.equal((await post.reblog({ visibility: "unlisted" })).reblog.id, theirs.id);
  assert.deepEqual(ids(await post.rebloggedBy.list()), [me.id]);
  assert.ok(!(await post.unreblog()).reblogged);
  assert.ok((await post.bookmark()).bookmarked);
  assert.deepEqual(ids(await v1.bookmarks.list()), [theirs.id]);
  assert.ok(!(await post.unbookmark()).bookmarked);
  assert.ok((await post.mute()).muted);
  assert.ok(!(await post.unmute()).muted);
  assert.equal((await v1.statuses.$select(reply.id).remove()).text, "And to you");
  await refused(v1.statuses.$select(reply.id).fetch(), (error) => error.statusCode === 404);
});

await step("quotes, asks, and writes for later", async () => {
  const quotable = await v1.statuses.create({ status: "Worth quoting", quoteApprovalPolicy: "public" });
  const quoting = await friends.v1.statuses.create({ status: "Look", quotedStatusId: quotable.id });
  assert.equal(quoting.quote.quotedStatus.id, quotable.id);
  assert.deepEqual(ids(await v1.statuses.$select(quotable.id).quotes.list()), [quoting.id]);

  const asked = await friends.v1.statuses.create({ status: "Which?", poll: { options: ["Tea", "Coffee"], expiresIn: 3600 } });
  assert.equal((await v1.polls.$select(asked.poll.id).fetch()).votesCount, 0);
  assert.deepEqual((await v1.polls.$select(asked.poll.id).votes.create({ choices: [1] })).ownVotes, [1]);

  const scheduled = await v1.statuses.create({ status: "Later", scheduledAt: later(2) });
  assert.deepEqual(ids(await v1.scheduledStatuses.list()), [scheduled.id]);
  assert.equal((await v1.scheduledStatuses.$select(scheduled.id).fetch()).params.text, "Later");
  const moved = await v1.scheduledStatuses.$select(scheduled.id).update({ scheduledAt: later(3) });
  assert.ok(moved.scheduledAt > scheduled.scheduledAt);
  await v1.scheduledStatuses.$select(scheduled.id).remove();
  assert.deepEqual(await v1.scheduledStatuses.list(), []);
});

await step("reads timelines and turns their pages", async () => {
  const posts = [];
  for (const number of [1, 2, 3, 4, 5]) posts.push((await friends.v1.statuses.create({ status: `Page ${number} #mastopages https://pages.example/masto` })).id);
  posts.reverse();
  for (const timeline of [v1.timelines.home, v1.timelines.public, v1.timelines.tag.$select("mastopages")]) {
    const pages = [];
    for await (const page of timeline.list({ limit: 2 })) {
      pages.push(...ids(page));
      if (pages.length >= 5) break;
    }
    assert.deepEqual(pages.slice(0, 5), posts);
  }
  assert.deepEqual(ids(await v1.timelines.tag.$select("mastopages").list({ minId: posts[4], limit: 2 })), [posts[2], posts[3]]);
  const linked = await eventually(async () => {
    const found = await v1.timelines.link.list({ url: "https://pages.example/masto" });
    return found.length >= 5 && found;
  }, "posts about a page");
  assert.deepEqual(ids(linked), posts);
  await friends.v1.statuses.create({ status: `@${walker.username} Between us`, visibility: "direct" });
  assert.equal((await v1.timelines.direct.list()).length, 1);
  const marked = await v1.markers.create({ home: { lastReadId: posts[0] } });
  assert.equal(marked.home.lastReadId, posts[0]);
  assert.equal((await v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, posts[0]);

  const [talk] = await v1.conversations.list();
  assert.ok(talk.unread);
  assert.ok(!(await v1.conversations.$select(talk.id).read()).unread);
  assert.ok((await v1.conversations.$select(talk.id).unread()).unread);
  await v1.conversations.$select(talk.id).remove();
  assert.deepEqual(await v1.conversations.list(), []);
});

await step("keeps lists, tags and filters", async () => {
  const list = await v1.lists.create({ title: "Walkers", exclusive: false });
  const chosen = v1.lists.$select(list.id);
  await chosen.accounts.create({ accountIds: [other.id] });
  assert.deepEqual(ids(await chosen.accounts.list()), [other.id]);
  assert.ok(ids(await v1.accounts.$select(other.id).lists.list()).includes(list.id));
  assert.ok(ids(await v1.lists.list()).includes(list.id));
  assert.equal((await chosen.update({ title: "Runners" })).title, "Runners");
  assert.equal((await chosen.fetch()).title, "Runners");
  const posted = await friends.v1.statuses.create({ status: "For the list" });
  assert.deepEqual(ids(await v1.timelines.list.$select(list.id).list()).slice(0, 1), [posted.id]);
  await chosen.accounts.remove({ accountIds: [other.id] });
  assert.deepEqual(await chosen.accounts.list(), []);
  await chosen.remove();

  const tag = v1.tags.$select("mastopages");
  assert.ok((await tag.follow()).following);
  assert.deepEqual((await v1.followedTags.list()).map((one) => one.name), ["mastopages"]);
  assert.equal((await tag.fetch()).name, "mastopages");
  assert.ok((await tag.feature()).featuring);
  assert.ok(!(await tag.unfeature()).featuring);
  assert.ok(!(await tag.unfollow()).following);

  const made = await v2.filters.create({ title: "Spoilers", context: ["home"], filterAction: "warn", keywordsAttributes: [{ keyword: "twist", wholeWord: true }] });
  const filter = v2.filters.$select(made.id);
  assert.equal((await filter.fetch()).keywords[0].keyword, "twist");
  assert.ok(ids(await v2.filters.list()).includes(made.id));
  assert.equal((await filter.update({ title: "Surprises" })).title, "Surprises");
  const word = await filter.keywords.create({ keyword: "surprise" });
  assert.equal((await filter.keywords.list()).length, 2);
  assert.equal((await v2.filters.keywords.$select(word.id).fetch()).keyword, "surprise");
  assert.ok((await v2.filters.keywords.$select(word.id).update({ keyword: "surprises", wholeWord: true })).wholeWord);
  await v2.filters.keywords.$select(word.id).remove();
  const twist = await friends.v1.statuses.create({ status: "What a twist" });
  assert.equal((await client(token.accessToken).v1.statuses.$select(twist.id).fetch()).filtered[0].filter.title, "Surprises");
  const hidden = await filter.statuses.create({ statusId: posted.id });
  assert.deepEqual(ids(await filter.statuses.list()), [hidden.id]);
  assert.equal((await v2.filters.statuses.$select(hidden.id).fetch()).statusId, posted.id);
  await v2.filters.statuses.$select(hidden.id).remove();
  await filter.remove();
  const old = await v1.filters.create({ phrase: "surprise", context: ["home"] });
  assert.equal((await v1.filters.$select(old.id).fetch()).phrase, "surprise");
  assert.deepEqual(ids(await v1.filters.list()), [old.id]);
  assert.equal((await v1.filters.$select(old.id).update({ phrase: "secret", context: ["home"] })).phrase, "secret");
  await v1.filters.$select(old.id).remove();
  assert.deepEqual(await v1.filters.list(), []);
});

await step("is notified, in groups or one by one", async () => {
  const posted = await v1.statuses.create({ status: "Likeable" });
  await friends.v1.statuses.$select(posted.id).favourite();
  await shys.v1.statuses.$select(posted.id).favourite();
  const types = ["favourite"];
  const [newest, before] = await v1.notifications.list({ types });
  assert.equal(newest.status.id, posted.id);
  assert.equal((await v1.notifications.fetch({ types })).length, 2);
  assert.equal((await v1.notifications.$select(before.id).fetch()).type, "favourite");
  assert.equal((await v1.notifications.unreadCount.fetch({ types })).count, 2);
  assert.equal((await v2.notifications.unreadCount.fetch({ types })).count, 1);
  const grouped = await v2.notifications.list({ types, expandAccounts: "partial_avatars" });
  const key = grouped.notificationGroups[0].groupKey;
  assert.equal(grouped.notificationGroups[0].notificationsCount, 2);
  assert.equal((await v2.notifications.$select(key).fetch()).statuses[0].id, posted.id);
  assert.deepEqual(ids(await v2.notifications.$select(key).accounts.fetch()).sort(), [other.id, quiet.id].sort());
  await v1.notifications.$select(newest.id).dismiss();
  await v2.notifications.$select(key).dismiss();
  assert.deepEqual(await v1.notifications.list({ types }), []);

  assert.equal((await v2.notifications.policy.update({ forNotFollowing: "filter" })).forNotFollowing, "filter");
  const asks = async () => {
    await shys.v1.statuses.create({ status: `@${walker.username} May I?` });
    return (await v1.notifications.requests.list())[0];
  };
  const request = await asks();
  assert.equal((await v1.notifications.requests.$select(request.id).fetch()).account.id, quiet.id);
  assert.equal((await v2.notifications.policy.fetch()).summary.pendingRequestsCount, 1);
  await v1.notifications.requests.$select(request.id).dismiss();
  await v1.notifications.requests.dismiss({ id: [(await asks()).id] });
  await v1.notifications.requests.$select((await asks()).id).accept();
  assert.equal(typeof (await v1.notifications.requests.merged.fetch()).merged, "boolean");
  await v1.notifications.requests.accept({ id: [] });
  await v2.notifications.policy.update({ forNotFollowing: "accept" });
  await v1.notifications.clear();
  assert.deepEqual(await v1.notifications.list(), []);
});

await step("reads and answers what the association announces", async () => {
  const announced = (await v1.announcements.list()).find((one) => one.content.includes(given.announcement));
  const one = v1.announcements.$select(announced.id);
  await one.reactions.$select("🎉").update();
  const again = (await v1.announcements.list()).find((each) => each.id === announced.id);
  assert.deepEqual(again.reactions.map((each) => [each.name, each.me]), [["🎉", true]]);
  await one.reactions.$select("🎉").remove();
  await one.dismiss();
  assert.ok(!ids(await v1.announcements.list()).includes(announced.id));
});

await step("lets a device be told", async () => {
  const keys = { p256dh: given.p256dh, auth: "MTIzNDU2Nzg5MDEyMzQ1Ng" };
  const subscription = { endpoint: "https://push.example/masto", keys };
  const made = await v1.push.subscription.create({ subscription, data: { alerts: { mention: true } }, policy: "followed" });
  assert.equal((await v1.push.subscription.fetch()).endpoint, made.endpoint);
  assert.ok((await v1.push.subscription.update({ data: { alerts: { follow: true } } })).alerts.follow);
  await v1.push.subscription.remove();
  await refused(v1.push.subscription.fetch(), (error) => error.statusCode === 404);
});

await step("hears every stream", async () => {
  const socket = createStreamingAPIClient({ streamingApiUrl: url.replace(/^http/, "ws"), accessToken: token.accessToken, retry: false });
  const streaming = counted(socket, ["streaming"]);
  const list = await v1.lists.create({ title: "Streamed" });
  await v1.lists.$select(list.id).accounts.create({ accountIds: [other.id] });
  await within(streaming.prepare(), "the socket is open");
  const subscriptions = {
    user: streaming.user.subscribe(),
    notification: streaming.user.notification.subscribe(),
    direct: streaming.direct.subscribe(),
    list: streaming.list.subscribe({ list: list.id }),
    public: streaming.public.subscribe(),
    publicMedia: streaming.public.media.subscribe(),
    local: streaming.public.local.subscribe(),
    localMedia: streaming.public.local.media.subscribe(),
    hashtag: streaming.hashtag.subscribe({ tag: "mastostream" }),
    hashtagLocal: streaming.hashtag.local.subscribe({ tag: "mastostream" }),
    remote: streaming.public.remote.subscribe(),
    remoteMedia: streaming.public.remote.media.subscribe(),
  };
  const events = Object.fromEntries(Object.entries(subscriptions).map(([name, one]) => [name, one.values()]));
  const first = Object.entries(events).map(([name, one]) => [name, one.next()]);
  const heard = first.filter(([name]) => !name.startsWith("remote")).map(async ([name, next]) => {
    const { value } = await within(next, `an event on ${name}`);
    const expected = { notification: "notification", direct: "conversation" }[name] ?? "update";
    assert.equal(value.event, expected, name);
    if (expected === "update") assert.match(value.payload.content, /To (all|one)/);
  });
  // Nobody elsewhere writes here: that these two could be opened is all there is to see.
  for (const [name, next] of first) if (name.startsWith("remote")) next.catch(() => {});
  const all = Promise.all(heard);
  let over = false;
  all.then(() => (over = true), () => (over = true));
  // No server says that a subscription is there: something is written until it has been heard everywhere.
  for (let number = 1; !over; number += 1) {
    const media = await friends.v1.media.create({ file: png() });
    await friends.v1.statuses.create({ status: `@${walker.username} To all ${number} #mastostream`, mediaIds: [media.id] });
    await friends.v1.statuses.create({ status: `@${walker.username} To one ${number}`, visibility: "direct" });
    await Promise.race([all.catch(() => {}), new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  await all;
  subscriptions.public.unsubscribe();
  await v1.lists.$select(list.id).remove();
  streaming.close();
});

await step("gives its token back", async () => {
  await oauth.revoke({ clientId: app.clientId, clientSecret: app.clientSecret, token: token.accessToken });
  await refused(client(token.accessToken).v1.accounts.verifyCredentials(), (error) => error.statusCode === 401);
});

end(methodsOfLibrary());
