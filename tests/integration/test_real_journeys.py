"""Journeys through software that nobody here wrote: MediaWiki, Django's admin behind its login, forms of USWDS."""

import http.cookiejar
import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.turns(share=0.5, among="software of others")]

JOURNEYS = Path("tests/real_input/journeys")
PASSWORD = "mot-mat-khau-dai-1"
DEBIAN_PYTHON = "/usr/bin/python3"
MEDIAWIKI = Path("/usr/share/mediawiki")


def walk(product, tmp_path, journey, url, *options, **variables):
    """Walk a journey and return what came of it."""
    given = [part for name, value in variables.items() for part in ("--set", f"{name}={value}")]
    file = product.root / JOURNEYS / f"{journey}.yaml"
    done = product.run(
        "scenarios", "run", file, "--target", url, *given, *options, "--json",
        env={"THUOCDO_DATA_DIR": str(tmp_path / "data")},
    )  # fmt: skip
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def serves(base):
    """Tell whether a server answers."""
    try:
        urllib.request.urlopen(base, timeout=5).close()
    except OSError:
        return False
    return True


@pytest.fixture(params=["", "captcha"])
def wiki(request, product, require, background, tmp_path):
    """A MediaWiki in Vietnamese, with and without its captcha: its address, its log."""
    php = shutil.which("php")
    require(php and MEDIAWIKI.is_dir(), "Debian's mediawiki, php-cli, php-sqlite3", "scripts/setup_tests.sh")
    base = f"http://127.0.0.1:{product.free_port()}"
    subprocess.run(
        [php, MEDIAWIKI / "maintenance/install.php", "--dbtype", "sqlite", "--dbpath", tmp_path, "--dbname", "wiki",
         "--confpath", tmp_path, "--server", base, "--scriptpath", "", "--lang", "vi", "--pass", PASSWORD,
         "Sổ tay", "QuanTri"],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    settings = tmp_path / "LocalSettings.php"
    if request.param:
        with settings.open("a") as file:
            file.write("wfLoadExtensions(['ConfirmEdit']);\n")
    log = tmp_path / "php.log"
    background(
        [php, "-S", base.removeprefix("http://"), "-t", MEDIAWIKI],
        log,
        env=os.environ | {"MW_CONFIG_FILE": str(settings), "PHP_CLI_SERVER_WORKERS": "4"},
        sweeps=True,  # PHP's own server leaves its workers behind
    )
    product.wait_until(lambda: serves(f"{base}/index.php"), "MediaWiki")
    return base, log, request.param


@pytest.mark.sampled(share=0.5)
def test_the_account_form_of_mediawiki(product, wiki, tmp_path):
    base, log, captcha = wiki
    found = walk(product, tmp_path, "mediawiki", f"{base}/index.php", procedure_code="hồ sơ")
    assert list(found["steps"])[:4] == ["start page", "search", "results", "form"], found["detail"]
    assert (found["met"], found["reason"]) == ("form", None), found["detail"]
    # Name, password twice, e-mail, real name, and the search box of every page; a captcha at the end bars nobody from the form.
    assert (found["fields"], found["required_fields"]) == ((7, 4) if captcha else (6, 3))
    requests = log.read_text()
    assert "GET /index.php" in requests
    assert "POST" not in requests


def said_of(product, tmp_path, url):
    """Return what the probes of a home page say of an address, by kind."""
    done = product.run(
        "check", url, "--only", "http,homepage", "--json", env={"THUOCDO_DATA_DIR": str(tmp_path / "data")}, timeout=200
    )
    (page,) = [json.loads(line) for line in done.stdout.splitlines()]
    return {one["kind"]: one["reason"] for one in page["measurements"]}


@pytest.mark.sampled(share=0.5)
def test_the_first_page_of_mediawiki_is_ok(product, wiki, tmp_path):
    base, _, _ = wiki
    assert said_of(product, tmp_path, f"{base}/index.php") == {"http": None, "homepage": None}


@pytest.fixture
def admin(product, require, background, tmp_path):
    """Django's admin in Vietnamese: its address, its log, and the session of somebody who logged in."""
    there = Path("/usr/lib/python3/dist-packages/django").is_dir()
    require(there, "Debian's python3-django", "scripts/setup_tests.sh")
    folder = tmp_path / "django"
    folder.mkdir()

    def manage(*arguments):
        environment = os.environ | {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
        subprocess.run(
            [DEBIAN_PYTHON, *arguments], cwd=folder, check=True, capture_output=True, timeout=300, env=environment
        )

    manage("-m", "django", "startproject", "quanly", ".")
    with (folder / "quanly" / "settings.py").open("a") as settings:
        settings.write("LANGUAGE_CODE = 'vi'\n")
    manage("manage.py", "migrate", "-v0")
    manage("manage.py", "createsuperuser", "--noinput", "--username", "quantri", "--email", "quantri@portal.example")
    base = f"http://127.0.0.1:{product.free_port()}"
    log = tmp_path / "django.log"
    background(
        [DEBIAN_PYTHON, folder / "manage.py", "runserver", "--noreload", base.removeprefix("http://")],
        log,
    )
    product.wait_until(lambda: serves(f"{base}/admin/login/"), "Django")
    return base, log, logged_in(base, tmp_path / "session.json")


def logged_in(base, file):
    """Log in as a person does, and keep the session as Playwright would write it."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    opener.open(f"{base}/admin/login/").close()
    token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
    sent = {"csrfmiddlewaretoken": token, "username": "quantri", "password": PASSWORD, "next": "/admin/"}
    opener.open(f"{base}/admin/login/", urllib.parse.urlencode(sent).encode()).close()
    cookies = [
        {"name": cookie.name, "value": cookie.value, "domain": "127.0.0.1", "path": cookie.path,
         "expires": cookie.expires or -1, "httpOnly": False, "secure": False, "sameSite": "Lax"}
        for cookie in jar
    ]  # fmt: skip
    file.write_text(json.dumps({"cookies": cookies, "origins": []}))
    file.chmod(0o600)
    return file


def test_djangos_admin_with_and_without_a_session(product, admin, tmp_path):
    base, log, session = admin
    posts = log.read_text().count('"POST ')
    without = walk(product, tmp_path, "django-admin", f"{base}/admin/")
    assert (without["met"], without["reason"], without["outcome"]) == ("login_own", "login_required", "inconclusive")
    assert without["entry_seconds"] > 0
    found = walk(product, tmp_path, "django-admin", f"{base}/admin/", "--session", session)
    assert (found["met"], found["reason"]) == ("form", None), found["detail"]
    assert (found["fields"], found["required_fields"]) == (3, 3)
    assert log.read_text().count('"POST ') == posts == 1


def test_djangos_first_page_and_its_login_are_no_portal(product, admin, tmp_path):
    base, _, _ = admin
    for path, reason in (("/", "content_mismatch"), ("/admin/login/", "login_required"), ("/nowhere/", "http_error")):
        assert said_of(product, tmp_path, f"{base}{path}") == {"http": reason, "homepage": reason}, path


def test_a_step_that_waits_in_vain_names_what_stands_there_instead(product, admin, tmp_path):
    base, _, session = admin
    file = tmp_path / "wrong.yaml"
    right = (product.root / JOURNEYS / "django-admin.yaml").read_text()
    file.write_text(right.replace("django-admin", "wrong").replace("Thêm vào Người dùng", "Thêm một người dùng"))
    done = product.run("scenarios", "run", file, "--target", f"{base}/admin/", "--session", session)
    assert done.returncode == 1
    assert "Trên trang đang có: Thêm vào Người dùng;" in done.stdout, done.stdout + done.stderr


def test_the_forms_of_uswds_and_its_combo_box(product, site, tmp_path):
    base, log = site
    found = walk(product, tmp_path, "uswds", f"{base}/uswds/index.html", fruit="Durian")
    assert (found["met"], found["reason"]) == ("form", None), found["detail"]
    assert list(found["steps"]) == ["start page", "fruit", "form"]
    assert found["fields"] >= 10
    assert "POST" not in log.read_text()
    missing = walk(product, tmp_path, "uswds", f"{base}/uswds/index.html", fruit="Sầu riêng")
    assert (missing["reason"], missing["step"]) == ("form_not_ready", "fruit")
