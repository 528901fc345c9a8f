"""docker-compose.yml, the Dockerfile and what stands around them: no engine is needed to see whether they fit together."""

import os
import re
import subprocess
import sys
import textwrap
import tomllib
from pathlib import Path, PurePosixPath

import pytest
import yaml

from thuocdo.core.config import load_settings

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROMETHEUS = yaml.safe_load((ROOT / "dashboards/prometheus/prometheus.yml").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
BUILT = [name for name, service in SERVICES.items() if "build" in service]
RUNNING = [name for name in BUILT if "ports" in SERVICES[name]]
"""Of ours those that go on; the other one makes the folder ready, and ends."""
LOCAL = "/local"
SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|CREDENTIAL|STORE_URL")

every_service = pytest.mark.parametrize("name", SERVICES)


def mounts(name):
    """(source, target, options) of each volume of a service."""
    return [(*line.split(":"), "")[:3] for line in SERVICES[name].get("volumes", [])]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """The folder local/ as the service `prepare` makes it."""
    folder = tmp_path_factory.mktemp("prepared")
    command = [argument.replace(LOCAL, str(folder)) for argument in SERVICES["prepare"]["command"][:2]]
    done = run(sys.executable, "-m", "thuocdo", *command, "--seen-as", LOCAL, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return folder


def run(*arguments, **options):
    return subprocess.run(arguments, capture_output=True, text=True, check=False, **options)


def test_the_compose_file_follows_the_specification():
    done = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml")
    assert done.returncode == 0, done.stdout


def test_hadolint_finds_nothing():
    done = run(BIN / "hadolint", "--no-color", "--failure-threshold", "style", ROOT / "Dockerfile")
    assert (done.returncode, done.stdout) == (0, "")


def test_what_hadolint_ignores_has_its_reason_beside_it():
    assert all(re.match(r".*# hadolint ignore=\S+ # \w", line) for line in DOCKERFILE.splitlines() if "ignore=" in line)


@every_service
def test_each_image_is_pinned_by_version(name):
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert re.match(r"v?\d+\.\d+", tag)


def test_the_own_image_bears_the_version_of_the_project():
    version = PROJECT["project"]["version"]
    assert f'org.opencontainers.image.version="{version}"' in DOCKERFILE
    own = [service["image"] for service in SERVICES.values() if "build" in service]
    assert own
    assert all(image.startswith(f"thuocdo:{version}-") for image in own)


def test_the_base_image_is_named_alike_everywhere():
    (base,) = re.findall(r"^FROM (python:\S+) AS base$", DOCKERFILE, re.M)
    assert re.findall(r'base\.name="(\S+)"', DOCKERFILE) == [base]
    assert set(re.findall(r"lib/(python\d\.\d+)/", DOCKERFILE)) == {base.replace(":", "").rpartition(".")[0]}
    assert base in (ROOT / "docs" / "docker.md").read_text(encoding="utf-8")


def test_the_stages_that_compose_builds_are_there_and_are_not_root():
    stages = re.split(r"^FROM \S+ AS (\S+)$", DOCKERFILE, flags=re.M)[1:]
    content = dict(zip(stages[::2], stages[1::2], strict=True))
    users = [re.findall(r"^USER (\S+)$", content[name], re.M) for name in ("http", "browser")]
    assert users == [[SERVICES["thuocdo"]["user"]]] * 2
    assert stages[-2] == "browser", "a build that names no stage takes the last one"


@every_service
def test_each_service_is_confined(name):
    service = SERVICES[name]
    uid, _, _ = re.sub(r"^\$\{\w+:-(.*)\}$", r"\1", service["user"]).partition(":")
    assert int(uid) > 0
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == ("no" if name == "prepare" else "unless-stopped")
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@every_service
def test_each_service_has_limits(name):
    limits = SERVICES[name]["deploy"]["resources"]["limits"]
    assert {"memory", "pids"} <= set(limits)
    # A limit of CPUs would stop the prober in the middle of a measurement: it has precedence instead.
    assert ("cpus" in limits) is ("build" not in SERVICES[name])
    assert SERVICES[name].get("cpu_shares", 1024) == (1024 if "cpus" in limits else 2048)


@every_service
def test_each_service_has_a_health_check(name):
    if name == "prepare":  # it ends by itself
        return
    assert "healthcheck" in SERVICES[name] or ("build" in SERVICES[name] and "\nHEALTHCHECK " in DOCKERFILE)


@every_service
def test_ports_are_open_on_loopback_only(name):
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)
    assert "network_mode" not in SERVICES[name]


@every_service
def test_what_is_mounted_is_there_and_cannot_be_changed(name):
    for source, _, options in mounts(name):
        if source.startswith("./secrets/"):
            assert options == "ro"
        elif source == "./local":
            assert (source, options) == (f".{LOCAL}", "" if name == "prepare" else "ro")
        elif source.startswith("./"):
            assert (ROOT / source).is_dir(), (
                f"docker-compose.yml: {name} mounts {source}, which is not in the repository"
            )
            assert options == "ro"
        else:
            assert source in COMPOSE["volumes"]


def test_what_services_read_of_the_prepared_folder_is_there(prepared):
    for name in ("prometheus", "alertmanager", "grafana", "thuocdo"):
        text = yaml.safe_dump([SERVICES[name].get("command", []), SERVICES[name].get("environment", {})])
        named = re.findall(rf"{LOCAL}(/[\w./-]+)", text)
        assert named, name
        for path in named:
            assert (prepared / path.lstrip("/")).exists(), f"{name} reads {path}"
            assert (prepared / path.lstrip("/")).stat().st_mode & 0o004, "other users read it"


@pytest.mark.parametrize("name", ["thuocdo", "prometheus", "alertmanager", "grafana"])
def test_whoever_reads_the_folder_waits_until_it_is_prepared(name):
    assert SERVICES[name]["depends_on"]["prepare"] == {"condition": "service_completed_successfully"}


@pytest.mark.parametrize("path", ["deploy/nats/nats.conf", "deploy/seccomp.json"])
def test_files_that_services_read_from_their_mounts_are_there(path):
    assert (ROOT / path).exists(), f"{path} is missing; a service of docker-compose.yml needs it"


def test_no_service_reads_or_writes_generated_files_that_git_tracks():
    assert not [source for name in SERVICES for source, _, _ in mounts(name) if source.startswith("./dashboards")]


def test_the_plain_start_needs_one_secret():
    plain = [service for service in SERVICES.values() if not service.get("profiles")]
    assert {secret for service in plain for secret in service.get("secrets", [])} == {"grafana_admin_password"}


def test_every_declared_volume_network_and_secret_is_used():
    used = {source for name in SERVICES for source, _, _ in mounts(name) if not source.startswith(".")}
    assert used == set(COMPOSE["volumes"])
    assert {secret for service in SERVICES.values() for secret in service.get("secrets", [])} == set(COMPOSE["secrets"])


@every_service
def test_secrets_come_by_file(name):
    service = SERVICES[name]
    for variable, value in service.get("environment", {}).items():
        if SECRET_NAME.search(variable):
            assert variable.endswith("_FILE")
            assert value.removeprefix("/run/secrets/") in service["secrets"]


@pytest.mark.parametrize("name", RUNNING)
def test_every_environment_name_of_ours_is_a_setting(name, monkeypatch, tmp_path, prepared):
    in_dockerfile = re.findall(r"\b(THUOCDO_\w+)=(\S+)", DOCKERFILE)
    given = dict(in_dockerfile) | SERVICES[name]["environment"]
    monkeypatch.chdir(tmp_path)
    for variable, value in given.items():
        monkeypatch.setenv(variable, re.sub(f"^{LOCAL}", str(prepared), value))
    settings = load_settings()
    assert settings.web.host == "0.0.0.0"
    ports = [port.split(":") for port in SERVICES[name]["ports"]]
    assert [int(inside) for _, _, inside in ports] == [settings.web.port]


def test_each_variable_has_a_default():
    for variable in re.findall(r"\$\{[^}]*\}", COMPOSE_TEXT):
        assert re.fullmatch(r"\$\{\w+:-[^}]+\}", variable)


@pytest.mark.parametrize("path", ["secrets/grafana_admin_password", "thuocdo.env", "local/owners.yaml", ".env"])
def test_git_ignores_what_is_secret_or_local(path):
    assert run("git", "check-ignore", "--quiet", path, cwd=ROOT).returncode == 0


def blocks(words):
    """Commands of docs/docker.md that hold these words, without those of docker itself."""
    text = (ROOT / "docs/docker.md").read_text(encoding="utf-8")
    found = [block for block in re.findall(r"^ *```sh\n(.*?)^ *```", text, re.M | re.S) if words in block]
    assert found, words
    return "\n".join(line for line in found[0].splitlines() if "docker compose" not in line)


def test_the_commands_of_the_docs_make_what_the_plain_start_needs(tmp_path):
    assert run("sh", "-e", "-c", blocks("mkdir -m 0700 secrets"), cwd=tmp_path).returncode == 0
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert [path.name for path in (tmp_path / "secrets").iterdir() if path.is_file()] == ["grafana_admin_password"]
    assert (tmp_path / ".env").read_text() == f"LOCAL_USER={os.getuid()}:{os.getgid()}\n"
    for name in SERVICES:
        for source, _, _ in mounts(name):
            if source.startswith("./") and not source.startswith("./deploy"):
                assert (tmp_path / source).is_dir(), source


def test_the_commands_of_the_docs_make_every_secret(tmp_path):
    for words in ("mkdir -m 0700 secrets", "postgres_password", "nats_users"):
        assert run("sh", "-e", "-c", textwrap.dedent(blocks(words)), cwd=tmp_path).returncode == 0
    for secret in COMPOSE["secrets"].values():
        file = tmp_path / secret["file"]
        assert file.read_text().strip()
        assert file.stat().st_mode & 0o444 == 0o444, "the user of the container must be able to read it"
    [line] = [line for line in (tmp_path / "thuocdo.env").read_text().splitlines() if "STORE_URL" in line]
    name, _, inside = line.partition("=")
    [(source, target, _)] = [mount for mount in mounts("thuocdo") if mount[0].startswith("./secrets/")]
    url = (tmp_path / source / PurePosixPath(inside).relative_to(target)).read_text()
    assert name == "THUOCDO_STORE_URL_FILE"
    assert (tmp_path / "secrets/postgres_password").read_text().strip() in url


def test_the_commands_of_the_docs_name_services_and_profiles_that_are_there():
    text = COMPOSE_TEXT + (ROOT / "docs" / "docker.md").read_text(encoding="utf-8")
    profiles = {profile for service in SERVICES.values() for profile in service.get("profiles", [])}
    assert set(re.findall(r"--profile (\w+)", text)) == profiles
    named = [
        names.split()
        for names in re.findall(r"docker compose .*?(?:up --detach|exec|run --rm) ([a-z]+(?: [a-z]+)?)\b", text)
    ]
    assert {"demo", "grafana", "thuocdo"} <= {name for names in named for name in names}
    assert {names[0] for names in named} <= set(SERVICES)


def test_what_the_wheel_is_made_of_gets_into_the_build():
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    let_through = {line.removeprefix("!") for line in lines if line.startswith("!")}
    packages = set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"])
    assert packages | {"pyproject.toml", "requirements.lock", PROJECT["project"]["readme"]} <= let_through
    assert not let_through & {"secrets", "data", "tests", ".git"}


OPEN_PORTS = {f"{name}:{port.rpartition(':')[2]}" for name in SERVICES for port in SERVICES[name].get("ports", [])}


def test_prometheus_looks_for_services_that_are_there():
    groups = [job["static_configs"] for job in PROMETHEUS["scrape_configs"]]
    groups += [one["static_configs"] for one in PROMETHEUS["alerting"]["alertmanagers"]]
    targets = {target for group in groups for entry in group for target in entry["targets"]}
    assert {"thuocdo:8321", "alertmanager:9093"} <= targets
    assert {target.replace("127.0.0.1:", "prometheus:") for target in targets} <= OPEN_PORTS


def provisioned(kind):
    files = sorted((ROOT / "dashboards" / "grafana" / "provisioning" / kind).glob("*.y*ml"))
    assert files, f"dashboards/grafana/provisioning/{kind} is empty; Grafana would come up without any"
    return [yaml.safe_load(file.read_text(encoding="utf-8")) for file in files]


def test_grafana_asks_services_that_are_there_as_often_as_they_know_something_new():
    sources = [source for file in provisioned("datasources") for source in file["datasources"]]
    assert {source["url"].removeprefix("http://") for source in sources} <= OPEN_PORTS
    intervals = {source["jsonData"]["timeInterval"] for source in sources if source["type"] == "prometheus"}
    assert intervals == {PROMETHEUS["global"]["scrape_interval"]}


def test_grafana_finds_its_dashboards(prepared):
    providers = yaml.safe_load((prepared / "grafana/provisioning/dashboards/thuocdo.yaml").read_text())["providers"]
    home = PurePosixPath(SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    for path in (*(provider["options"]["path"] for provider in providers), str(home.parent)):
        assert list((prepared / PurePosixPath(path).relative_to(LOCAL)).glob("*.json"))


def test_the_demo_takes_the_place_of_the_real_thing():
    demo, real = SERVICES["demo"], SERVICES["thuocdo"]
    assert demo["ports"] == real["ports"]
    assert demo["networks"]["default"]["aliases"] == ["thuocdo"]
    assert not {source for source, _, _ in mounts("demo")} & {source for source, _, _ in mounts("thuocdo")}
