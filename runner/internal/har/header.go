package har

import (
	"net/http"
	"net/url"
	"strings"
)

// headers makes a header of pairs. The pseudo headers of HTTP/2 are left out. A
// header of the name several, which browsers join with line ends, is taken apart.
func headers(pairs []pair, several string) http.Header {
	h := make(http.Header, len(pairs))
	for _, p := range pairs {
		name := http.CanonicalHeaderKey(strings.TrimSpace(p.Name))
		if name == "" || strings.ContainsFunc(name, unfit) {
			continue // one of the pseudo headers, such as :authority
		}
		values := []string{p.Value}
		if name == several {
			values = strings.Split(p.Value, "\n")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" || name != several {
				h.Add(name, v)
			}
		}
	}
	return h
}

// unfit reports whether a character cannot be in the name of a header.
func unfit(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }

// travel are the headers that tell how a body went over the wire, or to whom: of
// an exchange, whose bodies are decoded, they say nothing that is true.
var travel = []string{
	"Connection", "Content-Encoding", "Content-Length", "Host", "Keep-Alive",
	"Proxy-Connection", "Te", "Trailer", "Transfer-Encoding", "Upgrade",
}

func stripBody(h http.Header) {
	for _, name := range travel {
		h.Del(name)
	}
}

// sentCookies joins cookies as a request has them.
func sentCookies(cookies []cookie) string {
	parts := make([]string, len(cookies))
	for i, c := range cookies {
		parts[i] = oneLine(c.Name + "=" + c.Value)
	}
	return strings.Join(parts, "; ")
}

// set writes a cookie as a response sets it.
func (c *cookie) set() string {
	var b strings.Builder
	b.WriteString(c.Name + "=" + c.Value)
	for _, attribute := range []pair{{"Path", c.Path}, {"Domain", c.Domain}, {"SameSite", c.SameSite}} {
		if attribute.Value != "" {
			b.WriteString("; " + attribute.Name + "=" + attribute.Value)
		}
	}
	if t := began(c.Expires); !t.IsZero() {
		b.WriteString("; Expires=" + t.Format(http.TimeFormat))
	}
	if c.HTTPOnly {
		b.WriteString("; HttpOnly")
	}
	if c.Secure {
		b.WriteString("; Secure")
	}
	return oneLine(b.String())
}

// oneLine takes away what would break a header into several.
func oneLine(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' {
			return -1
		}
		return r
	}, s))
}

// form joins the parameters of a form.
func form(params []pair) string {
	parts := make([]string, len(params))
	for i, p := range params {
		parts[i] = url.QueryEscape(p.Name) + "=" + url.QueryEscape(p.Value)
	}
	return strings.Join(parts, "&")
}
