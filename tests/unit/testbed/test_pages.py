"""Home pages, eForms and pictures: what stands on them is what the truth says."""

import json
import re
import struct
import zlib
from dataclasses import replace

import pytest

from testbed.eforms import FAMILIES, build_eform
from testbed.faults import Fault, Wall
from testbed.fields import LARGEST, SMALLEST, sections
from testbed.homepage import build_homepage
from testbed.images import noise_png
from testbed.plan import plan_fleet
from testbed.portal import build_portal
from testbed.site import HTML

FLEET = plan_fleet(7)
TIMED = [portal for portal in FLEET if portal.fault is Fault.NONE]
VNEID = "https://vneid.thuocdo.test:1/dang-nhap"


def portal_of(family, **changes):
    portal = next(p for p in TIMED if p.eform.family == family and p.eform.wall is Wall.NONE)
    return replace(portal, eform=replace(portal.eform, **changes))


def text_of(eform, word):
    path = next(path for path in eform.resources if word in path)
    return eform.resources[path].body.decode()


@pytest.mark.parametrize("portal", TIMED[::5], ids=lambda portal: portal.id)
def test_a_home_page_is_as_heavy_and_as_slow_as_planned(portal):
    home = build_homepage(portal)
    assert 40 <= len(home.resources) <= 80
    assert 500_000 <= home.body_bytes <= 2_500_000
    assert home.load_seconds == pytest.approx(portal.home.seconds)
    assert home.first_content_seconds < home.largest_content_seconds < home.load_seconds


def test_all_that_a_home_page_names_is_there():
    home = build_homepage(TIMED[0])
    document = home.resources["/"].body.decode()
    named = set(re.findall(r'(?:src|href)="(/(?:assets|anh)/[^"]+)"', document))
    named |= set(re.findall(r'"(/assets/[^"]+\.js)"', document))
    named |= set(re.findall(r'url\("([^"]+)"\)', home.resources["/assets/trang-chu.css"].body.decode()))
    assert named | {"/"} == set(home.resources)


def test_a_home_page_reads_like_a_portal_and_not_like_a_notice():
    document = build_homepage(TIMED[0]).resources["/"].body.decode()
    assert len(re.sub(r"<[^>]+>", " ", document)) > 3000
    assert document.count("<a href") > 30


def test_planted_barriers_are_on_the_home_page_and_a_clean_one_has_none():
    barriers = {"image-alt": 2, "html-has-lang": 1, "link-name": 3, "label": 1}
    dirty, clean = (
        build_homepage(replace(TIMED[0], home=replace(TIMED[0].home, barriers=planted))).resources["/"].body.decode()
        for planted in (barriers, {})
    )
    assert len(re.findall(r"<img(?![^>]*alt=)[^>]*>", dirty)) == 2
    assert len(re.findall(r"<img(?![^>]*alt=)[^>]*>", clean)) == 0
    assert "<html>" in dirty
    assert '<html lang="vi">' in clean
    assert dirty.count("/mang-xa-hoi/") == 3
    assert '<label for="tu-khoa">' in clean
    assert '<label for="tu-khoa">' not in dirty


@pytest.mark.parametrize("family", FAMILIES)
def test_the_times_of_an_eform_are_those_planned(family):
    portal = portal_of(family)
    eform = build_eform(portal, vneid_url=VNEID)
    assert eform.entry_seconds == pytest.approx(portal.eform.entry_seconds)
    assert eform.ready_seconds == pytest.approx(portal.eform.form_seconds)


@pytest.mark.parametrize("family", ["testbed-wizard", "testbed-legacy"])
@pytest.mark.parametrize("fields", [SMALLEST, 47, LARGEST])
def test_the_truth_counts_the_fields_that_stand_on_the_page(family, fields):
    eform = build_eform(portal_of(family, fields=fields, barriers={}), vneid_url=VNEID)
    page = text_of(eform, "ke-khai" if family == "testbed-wizard" else "ToKhai")
    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
    usable = [control for control in controls if not re.search('type="(hidden|submit)"', control)]
    names = {re.search('name="([^"]+)"', control)[1] for control in usable}
    required = {re.search('name="([^"]+)"', control)[1] for control in usable if " required" in control}
    assert (len(names), len(required), len(usable)) == (fields, eform.required_fields, eform.controls)


def test_the_form_of_the_spa_comes_from_its_api_and_waits_for_the_last_list():
    eform = build_eform(portal_of("testbed-spa", fields=30), vneid_url=VNEID)
    schema = json.loads(text_of(eform, "/api/bieu-mau/"))
    assert sum(len(section["fields"]) for section in schema["sections"]) == 30
    late = {name: eform.resources[f"/api/danh-muc/{name}"].delay_seconds for name in schema["lists"]}
    assert eform.ready_seconds == pytest.approx(max(late.values()) + eform.delays_seconds[eform.steps[-2][1]])
    assert "<input" not in text_of(eform, "/nop-truc-tuyen/")


@pytest.mark.parametrize("family", FAMILIES)
def test_only_the_submit_button_could_submit(family):
    eform = build_eform(portal_of(family, barriers={"button-name": 1}), vneid_url=VNEID)
    for resource in eform.resources.values():
        if resource.media_type == HTML:
            buttons = re.findall(r"<button\b[^>]*>[^<]*", resource.body.decode())
            assert all('type="button"' in button or button.endswith("Nộp hồ sơ") for button in buttons)


@pytest.mark.parametrize("family", FAMILIES)
def test_behind_the_vneid_wall_the_way_to_the_form_leads_to_the_login(family):
    eform = build_eform(portal_of(family, wall=Wall.VNEID), vneid_url=VNEID)
    assert any(VNEID.encode() in resource.body for resource in eform.resources.values())


@pytest.mark.parametrize("count", range(SMALLEST, LARGEST + 1))
def test_a_form_has_as_many_fields_as_asked_for(count):
    names = [field.name for section in sections(count) for field in section.fields]
    assert len(names) == len(set(names)) == count


def test_unlabelled_fields_are_planted_as_many_as_asked_for():
    fields = [f for s in sections(40, unlabelled_inputs=4, unlabelled_selects=2) for f in s.fields if not f.labelled]
    assert sorted(field.kind == "select" for field in fields) == [False] * 4 + [True] * 2


@pytest.mark.parametrize("count", [SMALLEST - 1, LARGEST + 1])
def test_a_form_too_small_or_too_large_is_refused(count):
    with pytest.raises(ValueError, match="15 to 80 fields"):
        sections(count)


@pytest.mark.parametrize(("gray", "pixel_bytes"), [(False, 3), (True, 1)])
def test_a_picture_is_a_valid_png_that_nothing_makes_smaller(gray, pixel_bytes):
    picture = noise_png(64, 32, 5, gray=gray)
    assert picture == noise_png(64, 32, 5, gray=gray)
    at, chunks = 8, {}
    while at < len(picture):
        (size,) = struct.unpack(">I", picture[at : at + 4])
        name, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + size]
        assert struct.unpack(">I", picture[at + 8 + size : at + 12 + size])[0] == zlib.crc32(name + data)
        chunks[name] = data
        at += 12 + size
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (64, 32)
    assert len(zlib.decompress(chunks[b"IDAT"])) == 32 * (1 + 64 * pixel_bytes)
    assert len(zlib.compress(picture)) > 0.99 * 64 * 32 * pixel_bytes


def test_robots_txt_forbids_what_the_plan_says():
    everything = next(p for p in FLEET if p.fault is Fault.ROBOTS_ALL)
    eform_only = next(p for p in FLEET if p.eform.wall is Wall.ROBOTS)
    assert b"Disallow: /\n" in build_portal(everything, port=1).site.resources["/robots.txt"].body
    built = build_portal(eform_only, port=1)
    rule = f"Disallow: {built.eform.entry_path.split('?')[0]}\n"
    assert rule.encode() in built.site.resources["/robots.txt"].body
