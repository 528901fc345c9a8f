"""
Brings a table of communes into a registry: communes/<province>.yaml, one file for each province.

What stands there already is never touched, since people confirm addresses and add forms in it: new communes are added at the end
of their province's file, and where the table says something else than the registry, that is told and left to a person. So a
second run adds nothing. An address from a table is of low confidence, which is never probed, until a person has opened it.
"""

import json
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from unicodedata import normalize
from urllib.parse import urlsplit

from thuocdo.core.errors import ConfigurationError
from thuocdo.core.model import Agency, Block
from thuocdo.core.portals.commune_table import CommuneRow, CommuneTable, ascii_folded
from thuocdo.core.portals.files import COMMUNES, RegistryFiles, read_registry
from thuocdo.core.shapes import LONGEST_ID
from thuocdo.core.writing import write_whole
from thuocdo.core.yamlfile import nearest

_HEAD = """\
# Communes of {province}, brought in by `thuocdo portals import-communes`, which adds new ones at the end and changes nothing.
# An address is not probed until a person has opened it and written `confirmed: true` below its confidence; see docs/communes.md.

agencies:
"""
_PREFIX = re.compile(r"^(tỉnh|thành phố|tp\.?)\s+")


_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvinceImport:
    """
    What an import does to one province.

    added: new communes with their ids. known: communes that the registry holds as the row says. differing: what the table says
    otherwise than the registry, one line each. file: where the new ones go; text: all that it will then hold.
    """

    province: Agency
    file: Path
    text: str
    added: tuple[tuple[str, CommuneRow], ...]
    known: int
    differing: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class _Plan:
    """Rows of one province, sorted by what the registry knows of them."""

    new: list[CommuneRow] = field(default_factory=list)
    known: int = 0
    differing: list[str] = field(default_factory=list)


def plan_import(
    table: CommuneTable, folder: Path, *, source: str, province_codes: Mapping[str, str]
) -> tuple[ProvinceImport, ...]:
    """
    Return what would be written, province by province in the order of their names; nothing is.

    Args:
        table: of communes, as it was read.
        folder: of the registry.
        source: where the table comes from; it is written beside each commune and address.
        province_codes: ids of provinces by what the table calls them, where that is neither their name nor their id.

    Raises:
        ConfigurationError: rows with mistakes, or a registry that would have some with them in it; each with its line.
    """
    files = read_registry(folder)
    provinces = _Provinces(files, province_codes)
    plans: dict[str, _Plan] = defaultdict(_Plan)
    hosts = _HostsTaken(files)
    known = _Known(files)
    named: dict[tuple[str, str], int] = {}
    for row in table.rows:
        province_id, problem = provinces.of(row)
        line = named.setdefault((province_id, _bare(row.name_vi)), row.line)
        if not problem and line != row.line:
            problem = f"the name '{row.name_vi}' stands in line {line} too, in the same province; remove one"
        problem = problem or hosts.problem(row, known.find(row, province_id))
        if problem:
            table.report(row.line, problem)
            continue
        plan, agency = plans[province_id], known.find(row, province_id)
        if agency is None:
            plan.new.append(row)
            continue
        difference = known.difference(agency, row, province_id)
        plan.known += not difference
        plan.differing += [f"{table.path}:{row.line}: {difference}"] if difference else []
    if table.problems:
        raise ConfigurationError(table.problems)
    agencies = {agency.id: agency for agency in files.agencies}
    taken = {*agencies, *(portal.id for portal in files.portals)}
    imports = tuple(
        _import(agencies[province_id], plan, folder, source, taken)
        for province_id, plan in sorted(plans.items(), key=lambda item: (agencies[item[0]].name_vi, item[0]))
    )
    _try_out(imports, folder)
    return imports


def write_import(imports: Iterable[ProvinceImport]) -> None:
    """
    Write the files of provinces that have new communes; each is there whole, or as it was.

    Raises:
        ConfigurationError: a file cannot be written.
    """
    for one in imports:
        if not one.added:
            continue
        try:
            one.file.parent.mkdir(exist_ok=True)
            write_whole(one.file, one.text.encode())
        except OSError as exc:
            raise ConfigurationError(
                f"{one.file}: cannot be written ({exc}); copy the registry to a folder of your own and set registry_dir"
            ) from exc


class _Provinces:
    """Finds the province that a row means: by id, by name, or by what the person said that it is called in the table."""

    def __init__(self, files: RegistryFiles, codes: Mapping[str, str]) -> None:
        self._all = [agency for agency in files.agencies if agency.block is Block.PROVINCE]
        self._codes = codes
        self._called: dict[str, list[Agency]] = defaultdict(list)
        for agency in self._all:
            for name in {_bare(agency.name_vi), agency.id}:
                self._called[name].append(agency)
        unknown = [name for name in codes.values() if name not in {agency.id for agency in self._all}]
        if unknown:
            hint = nearest(unknown[0], [agency.id for agency in self._all])
            raise ConfigurationError(f"--province: no province '{unknown[0]}'{hint}")

    def of(self, row: CommuneRow) -> tuple[str, str]:
        """Return the id of the province of a row, or what is wrong."""
        candidates = self._called.get(_bare(self._codes.get(row.province, row.province)), [])
        valid = [agency for agency in candidates if _is_valid(agency, row.valid_from)]
        if len(valid) == 1:
            return valid[0].id, ""
        if valid:
            return "", f"'{row.province}' may be {' or '.join(agency.id for agency in valid)}; give the id"
        if candidates:
            return "", f"province '{row.province}' is none on {row.valid_from}; correct the day, or the province"
        if row.province.isdigit():
            return "", f"'{row.province}' is a number of a province; say whose it is: --province {row.province}=<id>"
        hint = nearest(row.province, [agency.name_vi for agency in self._all])
        return "", f"no province '{row.province}'{hint or '; `thuocdo portals list --block province` shows all'}"


class _Known:
    """The communes that the registry holds."""

    def __init__(self, files: RegistryFiles) -> None:
        communes = [agency for agency in files.agencies if agency.block is Block.COMMUNE]
        self._by_code = _in_time((agency.code, agency) for agency in communes if agency.code)
        self._by_name = _in_time(((agency.parent_id, _bare(agency.name_vi)), agency) for agency in communes)
        self._urls: dict[str, set[str]] = defaultdict(set)
        for portal in files.portals:
            self._urls[portal.agency_id].add(portal.homepage_url)

    def find(self, row: CommuneRow, province_id: str) -> Agency | None:
        """Return the commune of a row as it is on the row's first day: by its code, else by its name in the province."""
        found = [*self._by_code.get(row.code, ()), *self._by_name.get((province_id, _bare(row.name_vi)), ())]
        return next((agency for agency in found if _is_valid(agency, row.valid_from)), None)

    def difference(self, agency: Agency, row: CommuneRow, province_id: str) -> str:
        """Return what a row says otherwise than the registry; empty where it says the same, or less."""
        pairs = (
            ("name", row.name_vi, agency.name_vi),
            ("code", row.code, agency.code),
            ("province", province_id, agency.parent_id or ""),
            ("valid_from", row.valid_from.isoformat(), agency.valid_from.isoformat() if agency.valid_from else ""),
        )
        differing = [f"{what} '{given}', not '{kept}'" for what, given, kept in pairs if given != kept]
        if row.url and row.url not in self._urls[agency.id]:
            kept = ", ".join(sorted(self._urls[agency.id])) or "none"
            differing.append(f"address {row.url}, not {kept}")
        return f"{agency.id}: the table says {'; '.join(differing)}" if differing else ""


class _HostsTaken:
    """Hosts that cannot be a commune's own: a portal has a host to itself."""

    def __init__(self, files: RegistryFiles) -> None:
        self._owners = {portal.host: (portal.agency_id, f"portal '{portal.id}'") for portal in files.portals}

    def problem(self, row: CommuneRow, known: Agency | None) -> str:
        """Return what is wrong with the address of a row, and remember its host."""
        host = urlsplit(row.url).hostname or ""
        owner, name = self._owners.setdefault(host, (known.id if known else row.code, f"line {row.line}"))
        if not host or owner == (known.id if known else row.code):
            return ""
        return f"{host} is the host of {name} already, and a portal has one of its own; leave the address out"


def _import(province: Agency, plan: _Plan, folder: Path, source: str, taken: set[str]) -> ProvinceImport:
    file = folder / COMMUNES / f"{province.id}.yaml"
    added = tuple(_with_ids(province, plan.new, taken))
    before = file.read_text(encoding="utf-8") if file.exists() else _HEAD.format(province=province.name_vi)
    before = before if before.endswith("\n") else before + "\n"
    text = before + "".join(_entry(commune_id, row, province, source) for commune_id, row in added)
    return ProvinceImport(
        province=province, file=file, text=text, added=added, known=plan.known, differing=tuple(plan.differing)
    )


def _with_ids(province: Agency, rows: Sequence[CommuneRow], taken: set[str]) -> Iterable[tuple[str, CommuneRow]]:
    """
    Give each commune an id made of its province's and its name; where several would have one id, all of them have their code too.

    The same table gives the same ids, in whatever order its rows stand.
    """
    plain = {row.code: f"{province.id}-{_slug(row.name_vi)}" for row in rows}
    counts = Counter(plain.values())
    for row in sorted(rows, key=lambda row: row.code):
        commune_id = plain[row.code]
        if counts[commune_id] > 1 or commune_id in taken or len(commune_id) > LONGEST_ID:
            commune_id = f"{commune_id[: LONGEST_ID - 6].rstrip('-')}-{row.code}"
        yield commune_id, row


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", ascii_folded(name).lower()).strip("-")


def _entry(commune_id: str, row: CommuneRow, province: Agency, source: str) -> str:
    """Return the YAML of a commune; texts are quoted where YAML could take them for something else."""
    lines = [
        f"  - id: {commune_id}",
        "    block: commune",
        f"    parent: {province.id}",
        f'    code: "{row.code}"',
        f"    name_vi: {_quoted(row.name_vi)}",
        f"    name_en: {_quoted(row.name_en)}",
        f"    valid_from: {row.valid_from.isoformat()}",
        f"    source: {_quoted(source)}",
    ]
    if row.url:
        lines += [
            "    portals:",
            f"      - id: {commune_id}",
            f"        homepage_url: {_quoted(row.url)}",
            "        confidence: low",
            f"        source: {_quoted(source)}",
        ]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return a text as YAML takes it for text."""
    is_plain = re.fullmatch(r"[^\W\d][\w ./-]*", text) and text.casefold() not in _WORDS_OF_YAML
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _try_out(imports: Sequence[ProvinceImport], folder: Path) -> None:
    """Read the registry as it would be; raises ConfigurationError with its mistakes."""
    with tempfile.TemporaryDirectory(prefix="thuocdo-registry-") as name:
        copy = Path(name)
        (copy / COMMUNES).mkdir()
        for file in [*folder.glob("*.yaml"), *(folder / COMMUNES).glob("*.yaml")]:
            shutil.copyfile(file, copy / file.relative_to(folder))
        for one in imports:
            if one.added:
                (copy / COMMUNES / one.file.name).write_text(one.text, encoding="utf-8")
        try:
            read_registry(copy)
        except ConfigurationError as exc:
            problems = [problem.replace(f"{copy}/", f"{folder}/") for problem in exc.problems]
            raise ConfigurationError(
                [*problems, "nothing was written: the registry would have these mistakes"]
            ) from exc


def _in_time(pairs: Iterable[tuple[object, Agency]]) -> Mapping[object, list[Agency]]:
    found: dict[object, list[Agency]] = defaultdict(list)
    for key, agency in pairs:
        found[key].append(agency)
    return found


def _is_valid(agency: Agency, day: date) -> bool:
    return (agency.valid_from or day) <= day <= (agency.valid_to or day)


def _bare(name: str) -> str:
    """Return a name as it is compared: a province's without what it is."""
    return _PREFIX.sub("", " ".join(normalize("NFC", name).casefold().split()), count=1)
