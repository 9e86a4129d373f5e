"""Platforms, as containerd reads, normalises and writes them; the tables come from containerd/platforms v1.0.0-rc.4."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llbpy.errors import PlatformError
from llbpy.graph import platforms
from llbpy.graph.platforms import ARCHITECTURES, OPERATING_SYSTEMS, Platform, as_platform, format_all, normalize, parse

# text, as parsed, as normalised
READ = [
    ("linux/amd64", "linux/amd64", "linux/amd64"),
    ("linux/x86_64", "linux/amd64", "linux/amd64"),
    ("linux/x86-64", "linux/amd64", "linux/amd64"),
    ("LINUX/AMD64", "linux/amd64", "linux/amd64"),
    ("linux/amd64/v1", "linux/amd64", "linux/amd64"),
    ("linux/amd64/v2", "linux/amd64/v2", "linux/amd64/v2"),
    ("linux/amd64/V3", "linux/amd64/v3", "linux/amd64/v3"),
    ("linux/arm64", "linux/arm64", "linux/arm64"),
    ("linux/aarch64", "linux/arm64", "linux/arm64"),
    ("linux/arm64/8", "linux/arm64/v8", "linux/arm64"),
    ("linux/arm64/v8", "linux/arm64/v8", "linux/arm64"),
    ("linux/arm64/v8.0", "linux/arm64/v8", "linux/arm64"),
    ("linux/arm64/9", "linux/arm64/v9", "linux/arm64/v9"),
    ("linux/arm64/v9.0", "linux/arm64/v9", "linux/arm64/v9"),
    ("linux/arm", "linux/arm", "linux/arm/v7"),
    ("linux/arm/v7", "linux/arm/v7", "linux/arm/v7"),
    ("linux/arm/7", "linux/arm/v7", "linux/arm/v7"),
    ("linux/arm/6", "linux/arm/v6", "linux/arm/v6"),
    ("linux/arm/v5", "linux/arm/v5", "linux/arm/v5"),
    ("linux/arm/8", "linux/arm/v8", "linux/arm/v8"),
    ("linux/armhf", "linux/arm", "linux/arm/v7"),
    ("linux/armhf/v6", "linux/arm/v7", "linux/arm/v7"),
    ("linux/armel", "linux/arm/v6", "linux/arm/v6"),
    ("linux/i386", "linux/386", "linux/386"),
    ("linux/i386/x", "linux/386", "linux/386"),
    ("linux/riscv64", "linux/riscv64", "linux/riscv64"),
    ("macos/arm64", "darwin/arm64", "darwin/arm64"),
    ("wasi/wasm", "wasi/wasm", "wasi/wasm"),
    ("windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64", "windows(10.0.17763)/amd64"),
    ("windows()/amd64", "windows/amd64", "windows/amd64"),
    ("windows(10.0+win32k)/amd64", "windows(10.0+win32k)/amd64", "windows(10.0+win32k)/amd64"),
    ("linux(+b+a+a)/arm64/v8", "linux(+a+b)/arm64/v8", "linux(+a+b)/arm64"),
    ("linux(6.1+a%2Bb+%28)/amd64", "linux(6.1+%28+a%2Bb)/amd64", "linux(6.1+%28+a%2Bb)/amd64"),
]

MALFORMED = [
    "",
    "*",
    "linux/*",
    "linux/amd64/v2/x",
    "/amd64",
    "linux/",
    "linux//v7",
    "li nux/amd64",
    "linux/amd64/",
    "linux/a!",
    "linux(/amd64",
    "linux)/amd64",
    "linux(1)(2)/amd64",
    "linux(a+)/amd64",
    "linux(a b)/amd64",
    "é/amd64",
]

UNKNOWN = [
    ("linux/amd46", "unknown architecture 'amd46'; did you mean 'amd64'?"),
    ("linx/amd64", "unknown system 'linx'; did you mean 'linux'?"),
    ("arm46", "unknown system or architecture 'arm46'; did you mean 'arm64'?"),
    ("amd64/linux", "unknown system 'amd64'; write os/architecture, e.g. linux/arm64"),
    ("linux/x64", "unknown architecture 'x64'; write os/architecture, e.g. linux/arm64"),
    ("linux/..", "unknown architecture '..'"),
    ("wasi", "unknown system or architecture 'wasi'"),
    ("amd64(10.0)", "unknown system or architecture 'amd64(10.0)'"),
]

HOSTS = [
    ("linux", "x86_64", "linux/amd64"),
    ("linux", "aarch64", "linux/arm64"),
    ("linux", "armv7l", "linux/arm/v7"),
    ("linux", "armv6l", "linux/arm/v6"),
    ("linux", "armv8l", "linux/arm/v8"),
    ("linux", "i686", "linux/386"),
    ("linux", "loongarch64", "linux/loong64"),
    ("linux", "s390x", "linux/s390x"),
    ("darwin", "arm64", "darwin/arm64"),
    ("freebsd14", "amd64", "freebsd/amd64"),
    ("sunos5", "i86pc", "solaris/amd64"),
    ("windows", "AMD64", "windows/amd64"),
]

features = st.lists(st.text(st.sampled_from("ab.%+()/"), min_size=1, max_size=3), max_size=3)
known_platforms = st.builds(
    Platform,
    st.sampled_from(OPERATING_SYSTEMS),
    st.sampled_from(ARCHITECTURES),
    st.sampled_from(["", "v1", "v2", "7", "v7", "v8", "9"]),
    st.sampled_from(["", "10.0", "a+b", "50%"]),
    features,
)


@pytest.fixture
def arm_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platforms, "default", lambda: Platform("darwin", "arm", "v6"))


@pytest.mark.parametrize(("text", "parsed", "_normalized"), READ)
def test_a_platform_is_read_as_containerd_reads_it(text: str, parsed: str, _normalized: str) -> None:
    assert str(parse(text)) == str(Platform.parse(text)) == parsed


@pytest.mark.parametrize(("text", "_parsed", "normalized"), READ)
def test_a_platform_is_normalised_as_containerd_does(text: str, _parsed: str, normalized: str) -> None:
    assert str(normalize(parse(text))) == normalized


@pytest.mark.usefixtures("arm_host")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux", "linux/arm/v6"),
        ("linux(6.1)", "linux(6.1)/arm/v6"),
        ("x86_64", "darwin/amd64"),
        ("armhf", "darwin/arm"),
    ],
)
def test_half_a_platform_takes_the_rest_from_the_host(text: str, expected: str) -> None:
    assert str(parse(text)) == expected


@pytest.mark.usefixtures("arm_host")
def test_a_platform_without_a_system_is_of_the_host() -> None:
    assert normalize(Platform("", "amd64")) == Platform("darwin", "amd64")


@pytest.mark.parametrize(("system", "machine", "expected"), HOSTS)
def test_the_host_is_named_as_go_names_it(system: str, machine: str, expected: str) -> None:
    assert str(platforms._host(system, machine)) == expected


def test_the_default_platform_is_a_normalised_known_one() -> None:
    host = platforms.default()
    assert host == normalize(host)
    assert host.os in OPERATING_SYSTEMS
    assert host.architecture in ARCHITECTURES


@pytest.mark.parametrize("text", MALFORMED)
def test_text_that_is_no_platform_is_refused_with_the_form(text: str) -> None:
    with pytest.raises(PlatformError) as caught:
        parse(text)
    assert str(caught.value).startswith(f"platform {text!r}: not of the form os[(version+feature…)]/architecture")


@pytest.mark.parametrize("text", ["linux(%zz)/amd64", "linux(a%2)/amd64", "linux(+%ff)/amd64"])
def test_a_bad_escape_in_a_version_is_refused(text: str) -> None:
    with pytest.raises(PlatformError, match="escape"):
        parse(text)


@pytest.mark.parametrize(("text", "problem"), UNKNOWN)
def test_an_unknown_name_is_refused_with_the_nearest_known_one(text: str, problem: str) -> None:
    with pytest.raises(PlatformError) as caught:
        parse(text)
    assert problem in str(caught.value)


@given(known_platforms.map(normalize))
def test_what_is_written_of_a_normalised_platform_reads_back_the_same(platform: Platform) -> None:
    assert normalize(parse(format_all(platform))) == platform


@given(known_platforms)
def test_normalising_twice_changes_nothing(platform: Platform) -> None:
    assert normalize(normalize(platform)) == normalize(platform)


def test_format_leaves_version_and_features_out() -> None:
    platform = Platform("windows", "amd64", "v2", "10.0", ["win32k"])
    assert platforms.format(platform) == "windows/amd64/v2"
    assert format_all(platform) == "windows(10.0+win32k)/amd64/v2"


def test_a_platform_without_a_system_is_written_as_unknown() -> None:
    assert platforms.format(Platform("", "amd64")) == str(Platform("", "amd64", "", "1")) == "unknown"


def test_features_are_written_sorted_once_and_never_empty() -> None:
    assert str(Platform("linux", "amd64", os_features=["b", "", "a", "b"])) == "linux(+a+b)/amd64"
    assert str(Platform("linux", "amd64", os_features=[""])) == "linux/amd64"


def test_text_stands_for_the_normalised_platform_and_a_platform_for_itself() -> None:
    assert as_platform("linux/arm64/v8") == Platform("linux", "arm64")
    exact = Platform("linux", "arm64", "v8")
    assert as_platform(exact) is exact


def test_platforms_are_values() -> None:
    one, other = Platform("linux", "arm", "v7"), Platform(os="linux", architecture="arm", variant="v7")
    assert one == other
    assert {one: 1}[other] == 1
    assert one != Platform("linux", "arm", "v6")
    assert repr(one) == "Platform(os='linux', architecture='arm', variant='v7', os_version='', os_features=())"
    with pytest.raises(AttributeError):
        one.os = "darwin"
