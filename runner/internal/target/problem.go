package target

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	uuid   = regexp.MustCompile(`^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`)
	blanks = " \t\r\n"
)

// problemOf returns what is wrong with a live target's setting, "" if nothing is. It continues a
// sentence that begins with the setting's name, and never quotes the text, which may have come
// from a variable.
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
	case keyAPIURL, keyTokenURL:
		return problemOfEndpoint(text)
	case keyRedirectURI:
		return problemOfRedirect(text)
	case keyOrigin:
		return problemOfOrigin(text)
	case keyPlatform:
		if !slices.Contains([]string{"javascript", "android", "ios"}, text) {
			return "is not a platform, want javascript, android or ios"
		}
	case keyClientAuth:
		if !slices.Contains([]string{"none", "basic", "post"}, text) {
			return "is no way in which an app says who it is, want none, basic or post"
		}
	case keyHosts:
		u, err := url.Parse("https://" + text)
		if err != nil || u.Host != text || u.Hostname() == "" || !isPort(u.Port()) {
			return "is not a host, want one such as auth.example.com or auth.example.com:8443"
		}
	case keyScopes:
		if strings.ContainsAny(text, blanks) {
			return "holds a space, want one scope: make one entry for each"
		}
	}
	return ""
}

// problemOfBase holds a baseUrl to what the rest may take for granted: that
// "/authorize" can be put after it, and that nothing secret is in it.
func problemOfBase(text string) string {
	if strings.ContainsAny(text, blanks) {
		return "holds a space, want " + suchAs
	}
	if !strings.Contains(text, "://") {
		return "has no https:// before its host, want " + suchAs
	}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" {
		return "is not a URL, want " + suchAs
	}
	// A request in plain text is let go only if it does not leave the machine.
	switch {
	case u.Scheme != "https" && u.Scheme != "http":
		return "is neither http nor https, want https"
	case u.Scheme == "http" && !isLoopback(u):
		return "is http, want https: only " + onThisMachine + " may be reached without"
	case !isPort(u.Port()):
		return "has a port that is none, want one from 1 to 65535"
	case u.User != nil:
		return "holds a user name, want none: remove what is before the @"
	case strings.Contains(text, "?"):
		return "holds a query, want none: remove it from the ? on"
	case strings.Contains(text, "#"):
		return "holds a fragment, want none: remove it from the # on"
	}
	return problemOfPath(u)
}

// suchAs shows a baseUrl that is right.
const suchAs = "one such as https://auth.example.com/as"

func isPort(text string) bool {
	n, err := strconv.Atoi(text)
	return text == "" || err == nil && n > 0 && n < 1<<16
}

// problemOfPath finds a path that the endpoints cannot be below: on a domain of your own it is
// /as, on PingOne's the environment's id comes before that. What a proxy puts in front of it is
// let pass.
func problemOfPath(u *url.URL) string {
	path := strings.TrimRight(u.Path, "/")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	last, before := parts[len(parts)-1], parts[:len(parts)-1]
	ids := 0
	for _, part := range before {
		if uuid.MatchString(part) {
			ids++
		}
	}
	onPingOne := slices.ContainsFunc(regions, func(r struct{ code, host string }) bool {
		return strings.EqualFold(r.host, u.Hostname())
	})
	switch {
	case slices.ContainsFunc(before, func(part string) bool { return part == "" || part == "." || part == ".." }):
		return "has an empty part, . or .. in its path, want " + suchAs
	case last == "authorize":
		return "ends in /authorize, want the base before it, such as https://auth.example.com/as"
	case last != "as":
		return "does not end in /as, want " + suchAs + ": the endpoints of a flow are below it, such as /as/authorize"
	case ids > 1:
		return "holds an environment id twice, want it once"
	case onPingOne && (ids == 0 || len(before) > 1):
		return "is on a domain of PingOne, want the environment's id and nothing else before /as, " +
			"as in https://" + u.Hostname() + "/ENVIRONMENT-ID/as: or remove it and give region and environmentId"
	}
	return ""
}

// idIn returns the environment's id in a baseUrl, or "".
func idIn(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	for part := range strings.SplitSeq(u.Path, "/") {
		if uuid.MatchString(part) {
			return part
		}
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

// problemOfOrigin finds what is not the origin of a page that may use passkeys, for which
// browsers want https except on localhost. An Android app has an origin without a host.
func problemOfOrigin(text string) string {
	const want = "want one such as https://app.example.com"
	u, err := url.Parse(text)
	if err == nil && u.Scheme == "android" && strings.HasPrefix(u.Opaque, "apk-key-hash:") {
		return ""
	}
	switch {
	case err != nil || strings.ContainsAny(text, blanks) || u.Hostname() == "" || !isPort(u.Port()):
		return "is not an origin, " + want
	case u.Scheme != "https" && (u.Scheme != "http" || !strings.HasSuffix("."+u.Hostname(), ".localhost")):
		return "is not https, and only localhost has passkeys without: " + want
	case u.Scheme+"://"+u.Host != text:
		return "has more than scheme, host and port: " + want
	}
	return ""
}

// regions are the regions of PingOne and the host that signs people on there.
//
// Source: "PingOne domains and IP addresses" (p1_ip_address_domain_reference); the
// host of AP is the older one.
var regions = []struct{ code, host string }{
	{"NA", "auth.pingone.com"},
	{"EU", "auth.pingone.eu"},
	{"CA", "auth.pingone.ca"},
	{"AP", "auth.pingone.asia"},
	{"AU", "auth.pingone.com.au"},
	{"SG", "auth.pingone.sg"},
}

// regionBase returns the base URL of a region, whose code is written in any case, or "" if there
// is no such region.
func regionBase(code string) string {
	for _, r := range regions {
		if strings.EqualFold(r.code, code) {
			return "https://" + r.host
		}
	}
	return ""
}

// regionCodes lists the codes as an error names them.
func regionCodes() string {
	codes := make([]string, len(regions))
	for i, r := range regions {
		codes[i] = r.code
	}
	return strings.Join(codes, ", ")
}

// Region returns the code of the region of a live target, "" on a domain of its own.
func (l *Live) Region() string {
	for _, r := range regions {
		if strings.HasPrefix(l.Authorize, "https://"+r.host+"/") {
			return r.code
		}
	}
	return ""
}
