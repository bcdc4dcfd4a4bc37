package har

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"compress/zlib"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// body returns the body of the request, or why it is not available.
func (r *request) body() (body []byte, why string) {
	p := r.PostData
	switch {
	case p == nil && r.BodySize > 0:
		return nil, fmt.Sprintf("of %.0f bytes is not in the file: save it with its bodies", r.BodySize)
	case p == nil:
		return nil, ""
	case p.File != "":
		return nil, inFile(p.File)
	case p.Text == nil || *p.Text == "":
		return bounded([]byte(form(p.Params)))
	}
	encoding := p.Encoding
	if encoding == "" {
		encoding = p.Encoding2
	}
	return decoded(withoutHead(*p.Text), encoding)
}

// withoutHead removes the headers that Firefox puts before a body which a form posts.
func withoutHead(text string) string {
	head, body, ok := strings.Cut(text, "\r\n\r\n")
	if !ok || !strings.HasPrefix(strings.ToLower(head), "content-") {
		return text
	}
	for line := range strings.SplitSeq(head, "\r\n") {
		if name, _, ok := strings.Cut(line, ":"); !ok || strings.ContainsAny(name, ` "{=&`) {
			return text
		}
	}
	return body
}

// body returns the body of the response, or why it is not available. The encoding is that of the
// header.
func (r *response) body(encoding string) (body []byte, why string) {
	c := &r.Content
	switch {
	case c.File != "":
		return nil, inFile(c.File)
	case c.Text == nil && (c.Size > 0 || r.BodySize > 0):
		return nil, fmt.Sprintf("of %.0f bytes is not in the file: save it with its contents, "+
			"and before the browser has dropped them", max(c.Size, r.BodySize))
	case c.Text == nil:
		return nil, ""
	}
	body, why = decoded(*c.Text, c.Encoding)
	if why != "" || body == nil || encoding == "" {
		return body, why
	}
	if body, why = unpacked(body, encoding); why != "" {
		return nil, why
	}
	if strings.Contains(c.MimeType, "json") && !json.Valid(body) && bytes.ContainsRune(body, utf8.RuneError) {
		return nil, "was saved as text although it is binary, most likely compressed, and cannot be had back"
	}
	return bounded(body)
}

// inFile returns the problem of a body that is in another file.
func inFile(name string) string {
	return "is in a file of its own, " + short(name) + ": save it with its bodies inside (Playwright: content embed)"
}

// decoded returns the bytes of a text, nil if there are none.
func decoded(text, encoding string) (body []byte, why string) {
	switch strings.ToLower(encoding) {
	case "", "utf-8", "utf8", "text", "plain":
		return bounded([]byte(text))
	case "base64":
		if len(text) > maxText {
			return nil, tooLarge
		}
		clean := strings.NewReplacer("\r", "", "\n", "", "-", "+", "_", "/", "=", "").Replace(text)
		body, err := base64.RawStdEncoding.DecodeString(clean)
		if err != nil {
			return nil, "is marked as Base64 but is not: " + err.Error()
		}
		return bounded(body)
	default:
		return nil, fmt.Sprintf("has the encoding %q, want none or base64", short(encoding))
	}
}

// maxText is more than MaxBody in Base64, broken into lines.
const maxText = 2 * MaxBody

var tooLarge = fmt.Sprintf("is over %d MiB", MaxBody>>20)

// bounded refuses a body that is too large. One without bytes is none.
func bounded(body []byte) (same []byte, why string) {
	switch {
	case len(body) > MaxBody:
		return nil, tooLarge
	case len(body) == 0:
		return nil, ""
	}
	return body, ""
}

// unpacked undoes the compression of a body that a program saved as it came over
// the wire. Browsers save it decoded, and the header still names an encoding.
func unpacked(body []byte, encoding string) (plain []byte, why string) {
	var (
		r   io.Reader
		err error
	)
	switch {
	case bytes.HasPrefix(body, []byte("\x1f\x8b")):
		r, err = gzip.NewReader(bytes.NewReader(body))
	case encoding == "deflate" && !utf8.Valid(body):
		r, err = zlib.NewReader(bytes.NewReader(body))
	case (encoding == "br" || encoding == "zstd") && !utf8.Valid(body):
		return nil, "is compressed with " + encoding + ", which is not read: save it from a browser, or ask for gzip"
	default:
		return body, ""
	}
	if err == nil {
		plain, err = io.ReadAll(io.LimitReader(r, MaxBody+1))
	}
	if err != nil {
		return nil, "is compressed with " + encoding + " and broken: " + err.Error()
	}
	return plain, ""
}

// texts are names and values of headers, each once: nearly all entries have the same ones.
type texts map[string]string

// once returns the text that is equal to text.
func (t texts) once(text string) string {
	const most = 10_000
	if one, ok := t[text]; ok || len(t) >= most {
		return cmp.Or(one, text)
	}
	t[text] = text
	return text
}

// headers makes a header of pairs. The pseudo headers of HTTP/2 are left out. A
// header of the name several, which browsers join with line ends, is taken apart.
func (t texts) headers(pairs []pair, several string) http.Header {
	h := make(http.Header, len(pairs))
	for _, p := range pairs {
		name := t.once(http.CanonicalHeaderKey(strings.TrimSpace(p.Name)))
		if name == "" || strings.ContainsFunc(name, unfit) {
			continue // one of the pseudo headers, such as :authority
		}
		values := []string{p.Value}
		if name == several {
			values = strings.Split(p.Value, "\n")
		}
		for _, v := range values {
			if v = strings.TrimSpace(v); v != "" || name != several {
				h[name] = append(h[name], t.once(v))
			}
		}
	}
	return h
}

// unfit reports whether a character cannot be in the name of a header.
func unfit(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r) }

// travel holds the headers that describe how a body was sent, or to which client: they are
// wrong for an exchange, whose bodies are decoded.
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

// setCookies gives the header the lines of the cookies beside it if it has none, or where it has
// several cookies in one line with commas between them, as mitmproxy writes them.
func setCookies(h http.Header, beside []cookie) {
	lines := h["Set-Cookie"]
	if len(lines) >= len(beside) {
		return
	}
	joined := strings.Join(lines, ", ")
	h["Set-Cookie"] = nil
	for i := range beside {
		line := beside[i].set()
		if at := nextCookie(joined, beside[i].Name); at == 0 { // its attributes are all there
			end := len(joined)
			if i+1 < len(beside) {
				end = nextCookie(joined, beside[i+1].Name)
			}
			if end > 0 {
				line = strings.TrimRight(joined[:end], ", ")
				joined = joined[end:]
			}
		}
		h.Add("Set-Cookie", line)
	}
}

// nextCookie returns where the cookie of a name begins in cookies with commas
// between them, or -1. Only the first can begin without a comma.
func nextCookie(joined, name string) int {
	if strings.HasPrefix(joined, name+"=") && name != "" {
		return 0
	}
	for _, comma := range []string{", ", ","} {
		if at := strings.Index(joined, comma+name+"="); at >= 0 && name != "" {
			return at + len(comma)
		}
	}
	return -1
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

// oneLine removes what would break a header into several.
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
