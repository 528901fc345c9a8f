"""Rules of the act media."""

from probes.accessibility.barrier import Need, Rule

_HEARING = frozenset({Need.NO_HEARING})

_SIGHT = frozenset({Need.NO_SIGHT})

AUTOPLAY = Rule(
    id="sound-cannot-be-stopped",
    claims="Sound begins by itself, lasts longer than 3 s, and nothing that works on the page stops or mutes it.",
    wcag=("1.4.2",),
    act=("80f0bf", "4c31df"),
    impact="serious",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Controls are found by their names and tried; one without a name, or in a frame, is not found.",
)

SOUND = Rule(
    id="sound-on-arrival",
    claims="Sound that lasts longer than 3 s begins by itself.",
    wcag=(),
    act=("aaa1bf",),
    impact="moderate",
    needs=frozenset({Need.NO_SIGHT, Need.COGNITION}),
    false_alarms="Where it can be stopped, no success criterion is failed: good practice, costs nothing.",
)

CAPTIONS = Rule(
    id="video-without-captions",
    claims="A video with sound has no captions, and is not told to repeat what the page says in text.",
    wcag=("1.2.2",),
    act=("f51b46", "eac66b"),
    impact="critical",
    needs=_HEARING,
    false_alarms="Captions within the picture cannot be seen by software: where anything speaks of captions, for review.",
)

AUDIO = Rule(
    id="audio-without-transcript",
    claims="A recording has no text version: no text beside it that speaks of it, no link to one.",
    wcag=("1.2.1",),
    act=("2eb176", "e7aa44"),
    impact="critical",
    needs=_HEARING,
    false_alarms="A text that stands far from the recording, or says the wrong thing, is not told apart.",
)

SILENT = Rule(
    id="silent-video-without-text",
    claims="A video without sound has no text version: no text beside it that speaks of it, no link to one.",
    wcag=("1.2.1",),
    act=("ee13b5", "c3232f"),
    impact="serious",
    needs=_SIGHT,
    false_alarms="A video that only decorates (muted, autoplay, loop, no controls) is for review.",
)

TRANSCRIPT = Rule(
    id="video-without-transcript",
    claims="A video has no text version of what is said and shown.",
    wcag=("1.2.8",),
    act=("1a02b0",),
    impact="moderate",
    needs=frozenset({Need.NO_HEARING, Need.NO_SIGHT}),
    false_alarms="Level AAA: shown, costs nothing.",
)

DESCRIBED = Rule(
    id="video-without-description",
    claims="Review: what a video shows is told neither by a track of descriptions nor in text.",
    wcag=("1.2.3", "1.2.5"),
    impact="moderate",
    needs=_SIGHT,
    false_alarms="The sound itself may tell all; hence review only.",
)

RULES = (CAPTIONS, TRANSCRIPT, DESCRIBED, SILENT, AUDIO, SOUND, AUTOPLAY)
