package proxy

import (
	"bytes"
	"mime"
	"net/url"
	"regexp"
	"strings"

	"flowtest/steps/davinci"
)

// An origin replaces the links to one origin in texts by links to another.
type origin struct {
	from, to *url.URL
	links    *regexp.Regexp
}

// ports are those that a URL leaves out.
var ports = map[string]string{"http": "80", "https": "443"}

// newOrigin also finds links in which a JSON text or a URL has escaped the
// slashes and the colon, and links without a scheme.
func newOrigin(from, to *url.URL) *origin {
	port := from.Port()
	optional := port == "" || port == ports[from.Scheme]
	if port == "" {
		port = ports[from.Scheme]
	}
	suffix := `(?::|%3A)` + port
	if optional {
		suffix = `(?:` + suffix + `)?`
	}
	return &origin{from: from, to: to, links: regexp.MustCompile(
		`(?i)(` + from.Scheme + `(?::|%3A)|["'=(]\s*)(//|\\/\\/|\\u002F\\u002F|%2F%2F)` +
			hostname(from) + suffix,
	)}
}

// hostname is a pattern of a URL's host, which an IPv6 address has in brackets.
func hostname(u *url.URL) string {
	host := u.Hostname()
	if !strings.Contains(host, ":") {
		return regexp.QuoteMeta(host)
	}
	host = "[" + host + "]"
	return `(?:` + regexp.QuoteMeta(host) + `|` + regexp.QuoteMeta(url.QueryEscape(host)) + `)`
}

// sameOrigin reports whether two URLs name one origin.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && davinci.SameHost(a, b)
}

// inText replaces the links of a text.
//
// The issuer stays: an ID token is signed and names the live one, and a client checks the two
// against each other. Were the one of the discovery document the proxy's, no client could accept
// a token. So a client that reads the issuer from the document works, as Ping's SDKs do, and one that
// also demands that the document is below its issuer reports an error at once; go-oidc has
// InsecureIssuerURLContext for that. The same holds for iss in an answer.
func (o *origin) inText(s string) string { return string(o.inBytes([]byte(s))) }

func (o *origin) inBytes(text []byte) []byte {
	found := o.links.FindAllSubmatchIndex(text, -1)
	if found == nil {
		return text
	}
	var out bytes.Buffer
	done := 0
	for _, at := range found {
		begin, end := at[0], at[1]
		if begin > 0 && wordEnds(text[:begin], text[begin]) || goesOn(text[end:]) || issuer.Match(tail(text[:begin])) {
			continue
		}
		out.Write(text[done:begin])
		out.Write(o.link(text[at[2]:at[3]], text[at[4]:at[5]]))
		done = end
	}
	out.Write(text[done:])
	return out.Bytes()
}

// link is the other origin, written as the first one was: head is the scheme, or
// what is before a link that has none.
func (o *origin) link(head, slashes []byte) []byte {
	out := bytes.Clone(head)
	if isWord(head[0]) {
		out = append([]byte(o.to.Scheme), head[len(o.from.Scheme):]...)
	}
	host := o.to.Host
	if slashes[0] == '%' {
		host = url.QueryEscape(host)
	}
	return append(append(out, slashes...), host...)
}

// wordEnds reports whether a letter before a scheme makes it another word.
func wordEnds(before []byte, first byte) bool {
	return isWord(first) && isWord(before[len(before)-1]) && !escaped.Match(tail(before))
}

// escaped is an escape sequence, which ends in what looks like a word.
var escaped = regexp.MustCompile(`(?i)(%[0-9a-f]{2}|\\u[0-9a-f]{4}|\\[bfnrt])$`)

func isWord(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// goesOn reports whether the host or port goes on after a link, so that it is
// another one.
func goesOn(rest []byte) bool {
	if len(rest) == 0 {
		return false
	}
	next := byte(0)
	if len(rest) > 1 {
		next = rest[1]
	}
	switch c := rest[0]; c {
	case '.', '-', ':':
		return isWord(next)
	case '@', '_':
		return true
	case '%':
		code := strings.ToUpper(string(rest[:min(len(rest), len("%3A"))]))
		return code == "%3A" || code == "%40" || code == "%2E" || code == "%2D"
	default:
		return isWord(c)
	}
}

// issuer is what is before the name of an issuer in JSON or in a query.
var issuer = regexp.MustCompile(`(?:"(?:iss|issuer)"\s*:\s*"|(?:^|[?&#])iss=)$`)

// tail is as much of a text as such a name needs.
func tail(text []byte) []byte {
	const most = 32
	return text[max(0, len(text)-most):]
}

// inBody replaces the links of a body that is text.
func (o *origin) inBody(body []byte, kind string) []byte {
	if !isText(kind) {
		return body
	}
	return o.inBytes(body)
}

// isText reports whether a content type is one that carries links as text. One
// that is not said may be.
func isText(kind string) bool {
	if kind == "" {
		return true
	}
	media, _, err := mime.ParseMediaType(kind)
	if err != nil {
		media, _, _ = strings.Cut(strings.ToLower(kind), ";")
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "json") || strings.HasSuffix(media, "xml") ||
		strings.HasSuffix(media, "javascript") || media == "application/x-www-form-urlencoded"
}
