# SPDX-License-Identifier: AGPL-3.0-or-later
"""Settings: where they come from, and that every fault is one sentence that names it."""

import re
from pathlib import Path

import pytest

from node.kernel.config import ConfigError, Secret, load

GOOD = f"""
domain = "harbour.example"
name = "Harbour Academy Alumni"
secret_key = "{"k" * 40}"
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "alumnode.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_least_that_must_be_said_is_enough(tmp_path):
    settings = load(write(tmp_path, GOOD), {})

    assert settings.base_url == "https://harbour.example"
    assert settings.web_domain == "harbour.example"
    assert settings.authorities == {"harbour.example"}
    assert settings.database_url == f"sqlite:///{tmp_path}/data/alumnode.db"
    assert settings.data_dir == tmp_path / "data"
    assert settings.is_public


def test_the_environment_goes_before_the_file(tmp_path):
    environ = {
        "ALUMNODE_NAME": "Quays",
        "ALUMNODE_WEB_DOMAIN": "social.harbour.example",
        "ALUMNODE_LIMITS__MAX_UPLOAD": "8",
        "ALUMNODE_TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1/32",
        "ALUMNODE_CONFIG": "ignored.toml",
        "ALUMNODE_TEST_POSTGRES": "system",
        "PATH": "/usr/bin",
    }

    settings = load(write(tmp_path, GOOD), environ)

    assert (settings.name, settings.limits.max_upload) == ("Quays", 8)
    assert settings.authorities == {"harbour.example", "social.harbour.example"}
    assert [str(network) for network in settings.proxies] == ["10.0.0.0/8", "127.0.0.1/32"]


def test_a_node_on_one_machine_may_use_http(tmp_path):
    text = GOOD.replace("harbour.example", "harbour.localhost:4000")
    settings = load(write(tmp_path, text), {"ALUMNODE_FEDERATION__ALLOW_HTTP": "true", "ALUMNODE_TESTING": "1"})

    assert settings.base_url == "http://harbour.localhost:4000"
    assert not settings.is_public


def test_an_absolute_database_stays_where_it_is(tmp_path):
    for url in ("sqlite:////var/lib/alumnode.db", "postgresql://alumnode@/alumnode"):
        assert load(write(tmp_path, GOOD), {"ALUMNODE_DATABASE_URL": url}).database_url == url


def test_a_secret_is_not_shown(tmp_path):
    settings = load(write(tmp_path, GOOD), {})

    assert "kkkk" not in repr(settings)
    assert repr(Secret("x" * 40)) == "'********'"


FAULTS = {
    "no name": (GOOD.replace("name =", "# name ="), {}, "name"),
    "no domain": (GOOD.replace("domain =", "# domain ="), {}, "domain"),
    "no secret": (GOOD.replace("secret_key =", "# secret_key ="), {}, "secret_key"),
    "a short secret": (GOOD.replace("k" * 40, "k" * 31), {}, "secret_key"),
    "an empty name": (GOOD.replace("Harbour Academy Alumni", "  "), {}, "name"),
    "an unknown setting": (GOOD + 'colour = "red"\n', {}, "colour"),
    "an unknown setting in a table": (GOOD + "[limits]\nmax_fun = 3\n", {}, "limits.max_fun"),
    "an unknown variable": (GOOD, {"ALUMNODE_COLOUR": "red"}, "colour"),
    "a variable below a plain setting": (GOOD, {"ALUMNODE_NAME__X": "red"}, "ALUMNODE_NAME__X"),
    "a table that is none": (GOOD + "limits = 3\n", {}, "limits"),
    "a number for a text": (GOOD.replace('"Harbour Academy Alumni"', "7"), {}, "name"),
    "a text for a number": (GOOD + 'port = "many"\n', {}, "port"),
    "a truth for a number": (GOOD + "port = true\n", {}, "port"),
    "a number for a truth": (GOOD + "testing = 7\n", {}, "testing"),
    "a word for a truth": (GOOD, {"ALUMNODE_TESTING": "perhaps"}, "testing"),
    "a list of numbers": (GOOD + "trusted_proxies = [1, 2]\n", {}, "trusted_proxies"),
    "no networks": (GOOD + 'trusted_proxies = ["here"]\n', {}, "trusted_proxies"),
    "a port out of range": (GOOD + "port = 70000\n", {}, "port"),
    "a language we do not have": (GOOD + 'locale = "xx"\n', {}, "locale"),
    "a zone that is none": (GOOD + 'timezone = "Atlantis"\n', {}, "timezone"),
    "a zone that is a path": (GOOD + 'timezone = "../../etc/passwd"\n', {}, "timezone"),
    "a zone that is a folder of zones": (GOOD + 'timezone = "Europe"\n', {}, "timezone"),
    "a level that is none": (GOOD + 'log_level = "loud"\n', {}, "log_level"),
    "a log of another form": (GOOD + 'log_format = "xml"\n', {}, "log_format"),
    "another way to sync": (GOOD + 'sqlite_synchronous = "OFF"\n', {}, "sqlite_synchronous"),
    "a domain with a path": (GOOD.replace("harbour.example", "harbour.example/x"), {}, "domain"),
    "a domain in capitals": (GOOD.replace("harbour.example", "Harbour.example"), {}, "domain"),
    "a domain with a scheme": (GOOD.replace("harbour.example", "https://harbour.example"), {}, "domain"),
    "an address for a domain": (GOOD.replace("harbour.example", "192.0.2.7"), {}, "domain"),
    "testing in public": (GOOD, {"ALUMNODE_TESTING": "true"}, "testing"),
    "http in public": (GOOD, {"ALUMNODE_FEDERATION__ALLOW_HTTP": "true"}, "federation.allow_http"),
    "no vouches": (GOOD + "[registrations]\nclass_vouches = 0\n", {}, "registrations.class_vouches"),
    "many vouches": (GOOD + "[registrations]\nclass_vouches = 6\n", {}, "registrations.class_vouches"),
    "fewer of the school": (GOOD + "[registrations]\nschool_vouches = 1\n", {}, "registrations.school_vouches"),
    "a domain of addresses": (
        GOOD + '[registrations]\nschool_mail_domains = ["@school.example"]\n',
        {},
        "registrations.school_mail_domains",
    ),
    "no TOML": ("domain = ", {}, "alumnode.toml"),
}


@pytest.mark.parametrize(("text", "environ", "named"), FAULTS.values(), ids=FAULTS)
def test_every_fault_is_one_sentence_that_names_it(tmp_path, text, environ, named):
    with pytest.raises(ConfigError) as fault:
        load(write(tmp_path, text), environ)

    said = str(fault.value)
    assert re.search(rf"(?<![\w.]){re.escape(named)}(?!\w)", said)
    assert said.endswith(".")
    assert "\n" not in said
    assert "k" * 31 not in said


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nowhere\.toml does not exist"):
        load(tmp_path / "nowhere.toml", {})


def test_a_file_that_is_no_text_is_named(tmp_path):
    (tmp_path / "alumnode.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "alumnode.toml", {})
