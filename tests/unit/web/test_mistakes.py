"""Mistakes as they are told outside of this machine: what is wrong, and no folder of it."""

from pathlib import Path

from thuocdo.core.config import Settings
from thuocdo.web.mistakes import without_folders

PRIVATE = Path("/srv/private")


def test_no_folder_of_anything_that_is_looked_at_is_told(tmp_path):
    files = {"hosts_file": "h/hosts.json", "ca_file": "c/ca.pem", "owners": "o/owners.yaml"}
    files |= {"schedule": "s/plan.yaml", "maintenance": "m/rest.yaml"}
    folders = {name: PRIVATE / name for name in ("registry_dir", "criteria_dir", "journeys_dir", "data_dir")}
    settings = Settings().model_copy(update={name: PRIVATE / file for name, file in files.items()} | folders)
    places = [*(PRIVATE / file for file in files.values()), *(folder / "x.yaml" for folder in folders.values())]
    places += [settings.sessions_dir / "x.json", settings.data_dir / "in-force"]
    told = without_folders(
        [f"{place}: is wrong" for place in places] + [f"{one}: is" for one in folders.values()], settings
    )
    assert not any("private" in one for one in told)
    assert told[:2] == ["hosts.json: is wrong", "ca.pem: is wrong"]


def test_a_file_beside_the_program_takes_no_dot_or_slash_with_it():
    settings = Settings().model_copy(update={"schedule": Path("plan.yaml"), "hosts_file": Path("/hosts.json")})
    assert without_folders(["plan.yaml:2: 1.5 and a/b are wrong."], settings) == ["plan.yaml:2: 1.5 and a/b are wrong."]
