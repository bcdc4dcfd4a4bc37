package conformance

import (
	"slices"
	"strconv"
	"strings"
)

// sdkPollRules say what a field POLLING needs. That of iOS makes nothing of
// one, which FIELD-TYPE and WAY-ON say.
func sdkPollRules() []sdkRule {
	return slices.Concat(
		forSDKs(onWeb|onAndroid, Requirement{
			ID: "POLL-ADDRESS", Section: sdkPolling, Outcomes: Screen,
			Sentence: "Where a challenge is polled for, the SDK can build the address from _links.self.href.",
		}, challengeIsReached),
		forSDKs(onWeb, Requirement{
			ID: "POLL-MODE", Section: sdkPolling, Outcomes: Screen,
			Sentence: "A field POLLING has both pollChallengeStatus true and a challenge, or neither.",
		}, pollModeIsClear),
		forSDKs(onAndroid, Requirement{
			ID: "POLL-NUMBERS", Section: sdkPolling, Outcomes: Screen,
			Sentence: "pollRetries is a whole number and pollInterval one above zero.",
		}, pollNumbersAreRead),
	)
}

// A poll is what a field POLLING asks for.
func (e *sdkEntry) poll() (asked bool, challenge string) {
	return e.Raw.Get("pollChallengeStatus").Raw == "true", e.Raw.Get("challenge").String()
}

// challengeIsReached holds the address that the SDK builds against the one
// where the service answers: the web SDK takes the first segment of the path
// of _links.self.href for the environment, which a custom domain has not;
// Android cuts the link at /davinci/connections, which the link of a policy's
// start does not have.
func challengeIsReached(v *sdkView, s SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.Type != "POLLING" {
			return none
		}
		if asked, challenge := e.poll(); !asked || challenge == "" {
			return none
		}
		const path = "_links.self.href"
		self := absolute(v.shown.self)
		if self == nil {
			return breaks(path, show(v.shown.self),
				"an absolute URL: the SDK asks for the state of the challenge below it")
		}
		if v.value(rowInteraction).Str == "" {
			return breaks("interactionId", "nothing",
				"a string in the body: the SDK asks for the state of the challenge by it")
		}
		if s == Android {
			return when(strings.Contains(self.Path, "/davinci/connections"), path, func() string { return self.Path },
				"a path with /davinci/connections: the SDK cuts it there, and asks at an address that is none")
		}
		want := v.before.environmentAsked
		got, _, _ := strings.Cut(strings.TrimPrefix(self.Path, "/"), "/")
		if want == "" {
			return breaks(path, "a path without an environment", "one that begins with it: the SDK takes "+quoted(got)+
				" for the environment, and on a custom domain asks at an address that is none")
		}
		return when(got == want, path, func() string { return self.Path },
			"a path that begins with the environment: the SDK asks for the state of the challenge below its first part")
	})
}

func pollModeIsClear(v *sdkView, _ SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.Type != "POLLING" {
			return none
		}
		asked, challenge := e.poll()
		const why = ": the SDK refuses to poll with one of the two"
		switch {
		case asked == (challenge != ""):
			return ok
		case asked:
			return breaks(entryPath(e.place, "challenge"), "nothing beside pollChallengeStatus true", "a challenge"+why)
		default:
			return breaks(entryPath(e.place, "pollChallengeStatus"), show(e.Raw.Get("pollChallengeStatus")),
				"true beside a challenge"+why)
		}
	})
}

func pollNumbersAreRead(v *sdkView, _ SDK) verdict {
	return v.worstEntry(func(e *sdkEntry) verdict {
		if e.Type != "POLLING" {
			return none
		}
		if got := e.Raw.Get("pollRetries"); got.Exists() {
			if _, err := strconv.ParseInt(got.String(), 10, 32); err != nil {
				return breaks(entryPath(e.place, "pollRetries"), show(got),
					"a whole number: the SDK throws, and shows no screen")
			}
		}
		if got := e.Raw.Get("pollInterval"); got.Exists() {
			if n, err := strconv.ParseInt(got.String(), 10, 64); err != nil || n <= 0 {
				return breaks(entryPath(e.place, "pollInterval"), show(got),
					"a number above zero: the SDK does not poll without one")
			}
		}
		return ok
	})
}
