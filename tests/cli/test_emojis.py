# SPDX-License-Identifier: AGPL-3.0-or-later
"""The association's emoji from the command line."""

import io
from pathlib import Path

import pytest
from PIL import Image

from node import emojis
from node.kernel.db import Database
from node.media.service import MAX_EMOJI
from tests.cli.conftest import Shell
from tests.support.emojis import an_emoji


def a_picture(file: Path, kind: str = "PNG", *, frames: int = 1) -> Path:
    """A small picture in a file."""
    drawn = [Image.new("RGBA", (20, 10), (number * 40, 0, 0, 255)) for number in range(frames)]
    out = io.BytesIO()
    drawn[0].save(out, kind, save_all=frames > 1, **({"append_images": drawn[1:]} if frames > 1 else {}))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(out.getvalue())
    return file


def test_one_is_added_once_and_replaced_when_that_is_asked_for(shell: Shell, inside: Database) -> None:
    file = a_picture(shell.folder / "cap.png")
    add = ("emoji", "add", ":cap:", str(file), "--category", "School")

    assert shell.does(*add) == ""
    [first] = inside.read_now(emojis.every)
    assert (first.shortcode, first.category, first.mime, first.visible_in_picker) == (
        "cap",
        "School",
        "image/png",
        True,
    )
    assert (shell.folder / "data" / "media" / first.file[:2] / first.file).is_file()

    assert shell.refuses(*add) == "There is an emoji of this name already."
    assert len(list((shell.folder / "data" / "media").rglob("*.png"))) == 1

    moving = a_picture(shell.folder / "dance.gif", "GIF", frames=3)
    shell.does("emoji", "add", "cap", str(moving), "--replace", "--hidden")
    [second] = inside.read_now(emojis.every)
    assert (second.id, second.mime, second.category, second.visible_in_picker) == (
        first.id,
        "image/gif",
        "School",
        False,
    )
    assert second.still == second.file.replace(".gif", ".png")


def test_a_folder_is_brought_in_with_its_own_folders_as_categories(shell: Shell, inside: Database) -> None:
    folder = shell.folder / "pack"
    a_picture(folder / "cap.png")
    a_picture(folder / "Animals" / "zebra.webp", "WEBP")
    a_picture(folder / "Animals" / "x.png")
    (folder / "broken.gif").write_bytes(b"GIF89a and no more")
    (folder / "huge.png").write_bytes(b"\0" * (MAX_EMOJI + 1))
    (folder / "readme.txt").write_text("not a picture")
    an_emoji(inside, "cap")

    result = shell.run("emoji", "import", str(folder))

    assert result.exit_code == 1
    assert "1 added, 1 there already, 3 refused." in result.stdout
    refused = {line.partition(":")[0] for line in result.stderr.splitlines()}
    assert refused == {"Animals/x.png", "broken.gif", "huge.png"}
    assert [(one.shortcode, one.category) for one in inside.read_now(emojis.every)] == [
        ("cap", ""),
        ("zebra", "Animals"),
    ]
    assert "2 added" not in shell.run("emoji", "import", str(folder)).stdout


def test_a_folder_without_pictures_is_a_mistake(shell: Shell) -> None:
    (shell.folder / "pack").mkdir()

    assert "holds no PNG, GIF or WebP" in shell.refuses("emoji", "import", str(shell.folder / "pack"))


@pytest.mark.parametrize(
    ("word", "sentence"), [("x", "a word of 2 to 40 letters"), ("<b>", "a word of 2 to 40 letters")]
)
def test_a_word_that_is_none_is_refused(shell: Shell, word: str, sentence: str) -> None:
    file = a_picture(shell.folder / "cap.png")

    assert sentence in shell.refuses("emoji", "add", word, str(file))


def test_they_are_listed_changed_and_removed(shell: Shell, inside: Database) -> None:
    an_emoji(inside, "cap")
    an_emoji(inside, "hat", "h", category="School", visible_in_picker=False)

    assert [line.split() for line in shell.does("emoji", "list").splitlines()] == [
        [":cap:", "shown", "500"],
        [":hat:", "hidden", "500", "School"],
    ]
    shell.does("emoji", "change", "cap", "--category", "Ours", "--no-offer", "--off")
    [changed, _] = sorted(inside.read_now(emojis.every), key=lambda one: one.shortcode)
    assert (changed.category, changed.visible_in_picker, changed.disabled) == ("Ours", False, True)
    shell.does("emoji", "change", "cap", "--on")
    assert inside.read_now(emojis.by_shortcode, "cap").disabled is False  # type: ignore[union-attr]  # it is there
    shell.does("emoji", "remove", "cap")
    assert [one.shortcode for one in inside.read_now(emojis.every)] == ["hat"]
    for command in ("remove", "change"):
        assert shell.refuses("emoji", command, "cap") == "There is no emoji called cap."
