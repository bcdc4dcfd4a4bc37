package target

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

var (
	uuid   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	blanks = " \t\r\n"
)

// problemOf returns what is wrong with a live target's setting, "" where nothing
// is. It continues a sentence that begins with the setting's name, and never
// quotes the text, which may have come from a variable.
func problemOf(key, text string) string {
	if text == "" {
		return "is empty, want a value or no such setting"
	}
	switch key {
	case keyRegion:
		if regionBase(text) == "" {
			return "is not a region, want one of " + regionCodes()
		}
	case keyBaseURL:
		return problemOfBase(text)
	case keyEnvironmentID:
		if !uuid.MatchString(text) {
			return "is not a UUID, want the environment's id: copy it from the environment's properties in PingOne"
		}
	case keyRedirectURI:
		return problemOfRedirect(text)
	case keyScopes:
		if strings.ContainsAny(text, blanks) {
			return "holds a space, want one scope: give each an entry of its own"
		}
	}
	return ""
}

// problemOfBase holds a baseUrl to what the rest may take for granted: that
// "/authorize" can be put behind it, and that nothing secret is in it.
func problemOfBase(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || strings.ContainsAny(text, blanks) {
		return "is not a URL, want one such as https://auth.example.com/as"
	}
	// A request in plain text is let go only where it does not leave the machine.
	local := slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, strings.ToLower(u.Hostname()))
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "is neither http nor https, want https"
	case u.Scheme == "http" && !local:
		return "is http, want https: only 127.0.0.1, localhost and [::1] may be reached without"
	case u.User != nil:
		return "holds a user name, want none: remove what stands before the @"
	case strings.Contains(text, "?"):
		return "holds a query, want none: remove it from the ? on"
	case strings.Contains(text, "#"):
		return "holds a fragment, want none: remove it from the # on"
	case strings.HasSuffix(strings.TrimRight(u.Path, "/"), "/authorize"):
		return "ends in /authorize, want the base before it, such as https://auth.example.com/as"
	}
	return ""
}

// problemOfRedirect lets custom schemes pass, for mobile apps have them.
//
// Source: RFC 6749, section 3.1.2: absolute, and without a fragment.
func problemOfRedirect(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || !u.IsAbs() || strings.ContainsAny(text, blanks):
		return "is not an absolute URI, want one such as https://app.example.com/callback"
	case strings.Contains(text, "#"):
		return "holds a fragment, want none: remove it from the # on"
	}
	return ""
}
