# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows and files of pictures: whose they are, which post they belong to, and when they go."""

from datetime import timedelta

import pytest

from node import media, posts
from node.kernel import clock
from node.kernel.errors import Invalid, NotFound
from node.media import actions, queries
from node.media.store import MediaStore
from node.posts import Draft
from tests.support.builders import a_post, an_actor


def upload(db, owner, name="a", **more):
    values = {
        "file": f"{name * 32}.jpg",
        "preview": f"{name * 31}2.jpg",
        "mime": "image/jpeg",
        "width": 300,
        "height": 200,
        "preview_width": 150,
        "preview_height": 100,
        "blurhash": "LKO2?U%2Tw=w]~RBVZRi};RPxuwH",
        "size": 1234,
        **more,
    }
    return db.write_now(lambda tx: actions.store_upload(tx, owner.id, **values))


def shown(db, post_id):
    return [item.id for item in db.read_now(queries.of_posts, [post_id]).get(post_id, ())]


def test_pictures_stand_in_the_order_in_which_they_were_chosen(db):
    ann = an_actor(db)
    items = [upload(db, ann, name) for name in "abc"]
    chosen = tuple(item.id for item in (items[2], items[0], items[1]))

    post_id = a_post(db, ann, "Look", media_ids=chosen)

    assert shown(db, post_id) == list(chosen)


def test_a_picture_of_somebody_else_cannot_be_shown_read_or_described(db):
    ann, eve = an_actor(db), an_actor(db)
    item = upload(db, ann)

    with pytest.raises(Invalid):
        a_post(db, eve, "Mine now", media_ids=(item.id,))
    with pytest.raises(NotFound):
        db.read_now(queries.get, item.id, eve.id)
    with pytest.raises(NotFound):
        db.write_now(lambda tx: actions.describe(tx, item.id, eve.id, description="x"))


def test_a_picture_is_in_one_post(db):
    ann = an_actor(db)
    item = upload(db, ann)
    a_post(db, ann, "One", media_ids=(item.id,))

    with pytest.raises(Invalid):
        a_post(db, ann, "Two", media_ids=(item.id,))


def test_a_description_is_cleaned_and_cut_and_the_focus_kept(db):
    ann = an_actor(db)
    item = upload(db, ann, description="A\x00 boat", focus=(0.5, -0.5))

    changed = db.write_now(lambda tx: actions.describe(tx, item.id, ann.id, description="x" * 3000))

    assert item.description == "A boat"
    assert len(changed.description) == 1500
    assert (changed.focus_x, changed.focus_y) == (0.5, -0.5)


def test_a_picture_taken_out_in_an_edit_is_swept_later(db):
    ann = an_actor(db)
    kept, dropped = upload(db, ann, "a"), upload(db, ann, "b")
    post_id = a_post(db, ann, "Look", media_ids=(kept.id, dropped.id))

    db.write_now(posts.edit, ann, post_id, Draft(text="Look", media_ids=(kept.id,)))

    assert shown(db, post_id) == [kept.id]
    assert db.write_now(media.sweep, clock.now() - timedelta(days=1)) == []
    assert set(db.write_now(media.sweep, clock.now() + timedelta(seconds=1))) == {dropped.file, dropped.preview}


def test_uploads_that_became_nothing_are_swept_and_no_others(db):
    ann = an_actor(db)
    used, unused = upload(db, ann, "a"), upload(db, ann, "b")
    a_post(db, ann, "Look", media_ids=(used.id,))

    assert set(db.write_now(media.sweep, clock.now() + timedelta(seconds=1))) == {unused.file, unused.preview}
    assert db.read_now(queries.get, used.id, ann.id).post_id is not None


def test_a_deleted_post_has_its_files_removed_after(db):
    from node.kernel import queue

    ann = an_actor(db)
    item = upload(db, ann)
    post_id = a_post(db, ann, "Look", media_ids=(item.id,))

    db.write_now(posts.delete_post, ann, post_id)

    (task,) = db.write_now(queue.claim, queue.WORK, limit=5, per_lane=5, busy={})
    assert (task.name, set(task.payload["files"])) == ("media.remove", {item.file, item.preview})


# -- the store --------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path):
    return MediaStore(tmp_path / "media")


@pytest.mark.parametrize(
    ("mime", "suffix"), [("image/jpeg", "jpg"), ("image/png", "png"), ("image/webp", "webp"), ("image/gif", "gif")]
)
def test_a_file_is_kept_under_a_name_that_nobody_chose(store, mime, suffix):
    names = {store.put(b"data", mime) for _ in range(5)}

    assert len(names) == 5
    for name in names:
        path, kind = store.path(name)
        assert (path.read_bytes(), kind, name.endswith(f".{suffix}")) == (b"data", mime, True)


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml", "application/json", ""])
def test_other_kinds_of_file_are_never_kept(store, mime):
    with pytest.raises(KeyError):
        store.put(b"data", mime)


@pytest.mark.parametrize(
    "name",
    ["", "..", "../../etc/passwd", "a.jpg", "A" * 32 + ".jpg", "a" * 32 + ".svg", "a" * 32 + ".jpg\n", "/" + "a" * 32],
)
def test_names_that_the_store_never_gave_lead_nowhere(store, name):
    assert store.path(name) is None
    store.remove([name])


def test_removing_twice_is_fine(store):
    name = store.put(b"data", "image/png")

    store.remove([name, name])

    assert store.path(name) is None


def test_a_full_disk_leaves_no_half_of_a_file(store, monkeypatch, tmp_path):
    def full(_number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(OSError, match="No space"):
        store.put(b"data", "image/png")
    assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
