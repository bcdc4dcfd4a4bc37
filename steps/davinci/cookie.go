package davinci

import (
	"errors"
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"
)

// setCookies reads the cookies that a response sets.
func setCookies(header http.Header) []*http.Cookie {
	var out []*http.Cookie
	for _, line := range header["Set-Cookie"] {
		if c, err := ParseSetCookie(line); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// hasSession reports whether a request has the cookie of a session.
//
// Source: the cookies seen on the wire: ST, and ST-NO-SS, its copy without SameSite.
func hasSession(header http.Header) bool {
	if len(header["Cookie"]) == 0 {
		return false
	}
	r := http.Request{Header: header}
	for _, name := range []string{"ST", "ST-NO-SS"} {
		for _, c := range r.CookiesNamed(name) {
			if c.Value != "" {
				return true
			}
		}
	}
	return false
}

// ParseSetCookie reads a Set-Cookie line as browsers do: a value may contain any
// characters, such as those of JSON, and a name any except spaces and ",;=". The error
// never shows the value.
func ParseSetCookie(line string) (*http.Cookie, error) {
	line = strings.TrimSpace(line)
	if c, err := http.ParseSetCookie(line); err == nil {
		return c, nil
	}
	pair, attributes, _ := strings.Cut(line, ";")
	name, value, ok := strings.Cut(pair, "=")
	if name = strings.TrimSpace(name); !ok || !isCookieName(name) {
		return nil, errors.New("a cookie has no name, or one that no cookie has")
	}
	c, err := http.ParseSetCookie("name=value;" + attributes)
	if err != nil {
		return nil, errors.New("a cookie has attributes that no cookie has")
	}
	c.Name, c.Value, c.Raw = name, strings.TrimSpace(value), line
	return c, nil
}

func isCookieName(name string) bool {
	odd := func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(",;=", r) }
	return name != "" && utf8.ValidString(name) && !strings.ContainsFunc(name, odd)
}

// FormatSetCookie writes a cookie in the form that [ParseSetCookie] reads. Unlike
// [http.Cookie.String] it accepts any name.
func FormatSetCookie(c *http.Cookie) string {
	plain := *c //nolint:gosec // the attributes are the caller's
	plain.Name = "name"
	return c.Name + strings.TrimPrefix(plain.String(), plain.Name)
}
