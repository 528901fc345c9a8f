"""Whatever is asked for, an answer says what is wrong with it: never a fault of the service, never where anything stands."""

import re
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thuocdo.core.errors import StoreUnavailableError
from thuocdo.store.measurements import Measurements

EDGES = (
    *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00", "0001-01-01T00:00:00+23:59"),
    *(
        "9999-12-31T23:59:59.999999Z",
        "9999-12-31T23:59:59-14:00",
        "9999-12-31T23:59:59+14:00",
        "9999-12-31T23:59:59-23:59",
    ),
    *(
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1000-01-01T00:00:00Z",
        "9999-01-01T00:00:00Z",
        "-1",
        "99999999999999",
    ),
    *(
        "1e308",
        "inf",
        "nan",
        "9" * 400,
        "-62135596800",
        "253402300799",
        "2026-11-29",
        "2026-11-29T00:00:00",
        "24:00",
        "",
        "x",
    ),
    *("2026-02-30T00:00:00Z", "2026-11-29T24:00:01Z", "2026-11-29T00:00:00+99:99", "2026-11-29T00:00:00+24:00", "\0"),
)

INSTANTS = (
    "/measurements/a/http/v/desktop/{}",
    "/api/measurements.json?since={}",
    "/api/measurements.json?until={}",
    "/api/measurements.csv?since={}",
    "/api/measurements.csv?until={}",
    "/api/incidents.json?since={}",
    "/api/availability.json?since={}",
    "/api/availability.json?until={}",
    "/agencies/hue-2025/measurements?until={}",
    "/targets/hue-2025.home?until={}",
)

HOSTILE = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        [
            *EDGES,
            *(
                "../../etc/passwd",
                "%00",
                "\0",
                "a\nb",
                "\u202e",
                "' OR 1=1 --",
                "<script>",
                "{{7*7}}",
                "A" * 3_000,
                "💥",
            ),
            *(
                "0",
                "-1",
                "1",
                "10000",
                "10001",
                "2147483648",
                "9223372036854775808",
                "9" * 5_000,
                "1e9",
                "1.0",
                "true",
                "٣",
            ),
            *(
                "da-nang-2025",
                "da-nang-2025.home",
                "hue-2025.home",
                "http",
                "homepage",
                "2026-11",
                "survey-2023",
                "vi",
                "en",
                "json",
            ),
            *("https://dichvucong.danang.example.vn/", "target-can-tho", "2026-11-22T07:05:00Z", "desktop", "ha-noi"),
        ]
    ),
)

NAMES = (
    "target",
    "agency",
    "kind",
    "round",
    "since",
    "until",
    "limit",
    "lang",
    "criteria",
    "module",
    "open",
    "page",
    "x",
)

WELL_TOLD = {200, 400, 404, 410, 422, 429}


def routes(app):
    """Return every GET path of the application."""
    found = [route for route in app.routes if "GET" in (getattr(route, "methods", None) or ())]
    for route in app.routes:  # routers that FastAPI keeps whole
        inner = getattr(route, "original_router", None) or getattr(route, "router", None)
        found += [one for one in getattr(inner, "routes", ()) if "GET" in (getattr(one, "methods", None) or ())]
    return sorted({route.path for route in found if hasattr(route, "path")})


def well_told(answer, asked):
    if answer.status == 307:  # an address with a slash too many, led to the same without
        return answer.headers["location"].startswith("http://localhost/")
    if answer.status == 503:  # a module without a result, which is said
        return "is stored for" in answer.text
    return answer.status in WELL_TOLD and not re.search(
        r"/(tmp|root|home|work|var)/|\.sqlite|Traceback|\.sock", answer.text
    )


@pytest.mark.parametrize("edge", EDGES)
@pytest.mark.parametrize("address", INSTANTS)
def test_an_instant_at_the_end_of_any_calendar_is_a_400_or_an_answer(served, address, edge):
    answer = served.client.get(address.format(quote(edge, safe="")))
    assert answer.status in {200, 400, 404}
    if answer.status == 400:
        assert re.search(r"scheduled_at: |since: |until: ", answer.text)


@pytest.mark.parametrize("address", INSTANTS)
@pytest.mark.parametrize("edge", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_what_no_time_zone_can_hold_is_named(served, address, edge):
    asked = address.format(quote(edge, safe=""))
    answer = served.client.get(f"{asked}{'&' if '?' in asked else '?'}lang=en")
    assert answer.status == 400
    assert "the year is not between 1945 and 2999" in answer.text


def test_all_routes_are_found(served):
    assert {"/", "/metrics", "/probe", "/api/measurements.{form}", "/targets/{target_id}"} <= set(
        routes(served.client.app)
    )


@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_parameter_of_any_page_is_a_fault_of_the_service(served, data):
    path = data.draw(st.sampled_from(routes(served.client.app)))
    filled = re.sub(r"\{[^}]*\}", lambda _: quote(data.draw(HOSTILE), safe="") or "x", path)
    given_ = data.draw(st.lists(st.tuples(st.sampled_from(NAMES), HOSTILE), max_size=5))
    query = "&".join(f"{name}={quote(value, safe='')}" for name, value in given_)
    answer = served.client.get(f"{filled}?{query}")
    assert well_told(answer, filled), (answer.status, answer.text[:500])


@pytest.mark.parametrize("limit", ["0", "-1", "10001", "9" * 5_000, "1e3", "nan", "true", "x", "1.5"])
def test_a_limit_is_a_number_in_bounds(served, limit):
    answer = served.client.get(f"/api/measurements.json?limit={limit}")
    assert answer.status == 400
    assert answer.text.startswith("limit: ")


@pytest.mark.parametrize("parameter", ["target", "agency", "kind", "round"])
@pytest.mark.parametrize("value", ["%00", "a%0Ab", "%E2%80%AE", "a" * 3_000])
def test_a_name_is_one_line_of_readable_length(served, parameter, value):
    assert served.client.get(f"/api/measurements.csv?{parameter}={value}").status == 400


def test_twenty_thousand_parameters_are_told_of_in_few_lines(served):
    query = "&".join(f"p{number}=1" for number in range(20_000))
    answer = served.client.get(f"/api/measurements.json?{query}")
    assert answer.status == 400
    assert len(answer.body) < 5_000
    assert served.client.get(f"/?{query}").status == 200


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_store_that_is_away_is_told_before_an_answer_begins(tmp_path, make_site, monkeypatch, form):
    own = make_site(tmp_path)

    def away(*_):
        raise StoreUnavailableError("/var/lib/thuocdo/thuocdo.sqlite: cannot be read: disk I/O error; free space")
        yield

    for read in ("find", "records"):
        monkeypatch.setattr(Measurements, read, away)
    answer = own.client.get(f"/api/measurements.{form}")
    assert answer.status == 503
    assert answer.text.startswith("the store does not answer just now")
    assert "sqlite" not in answer.text
    own.store.close()


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/evidence/../../etc/passwd",
            "/evidence/..%2f..%2fetc%2fpasswd",
            "/evidence/%2e%2e/x",
            "/evidence/" + "0" * 64,
        ),
        *("/static/../app.py", "/static/%2e%2e/app.py", "/static/..%5capp.py", "/static//etc/passwd", "/static/%00"),
        *("/evidence/%00", "/agencies/%00", "/targets/%00", "/incidents/%00", "/" + "x" * 50_000),
    ],
)
def test_no_path_leads_out(served, path):
    answer = served.client.get(path)
    assert answer.status in {400, 404, 405}
    assert b"root:" not in answer.body
    assert b"def create_app" not in answer.body
