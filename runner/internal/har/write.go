package har

import (
	"bufio"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"flowtest/steps/davinci"
)

// Write writes journeys as HAR 1.2. The version is flowtest's own, and the legend may
// be the zero value.
//
// What [Read] makes of it are the same journeys in the order of their starts.
// Headers that tell how a body went over the wire are left out, for the bodies
// are decoded. Write hides nothing: a journey that holds secrets makes a file that
// does. The error names the journey and exchange that cannot be written, both from
// 1, or is the writer's own.
func Write(w io.Writer, journeys []davinci.Exchanges, version string, legend Legend) error {
	out := bufio.NewWriter(w)
	creator, err := text(map[string]string{"name": "flowtest", "version": cmp.Or(version, "unknown")})
	if err != nil {
		return err
	}
	// A bufio.Writer keeps its first error for Flush.
	_, _ = fmt.Fprintf(out, "{\"log\":{\"version\":\"1.2\",\"creator\":%s,", creator)
	if len(legend.Users)+len(legend.Flows) > 0 {
		said, err := text(legend)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(out, "%q:%s,", legendKey, said)
	}
	_, _ = out.WriteString("\"pages\":[],\"entries\":[")
	between := "\n"
	for t, journey := range journeys {
		for e := range journey {
			entry, err := newWritten(&journey[e])
			var line []byte
			if err == nil {
				line, err = text(entry)
			}
			if err != nil {
				return fmt.Errorf("journey %d, exchange %d: %w", t+1, e+1, err)
			}
			_, _ = out.WriteString(between)
			_, _ = out.Write(line)
			between = ",\n"
		}
	}
	_, _ = out.WriteString("\n]}}\n")
	return out.Flush()
}

// text writes a value as JSON on one line, and leaves HTML readable.
func text(v any) ([]byte, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return []byte(strings.TrimSuffix(b.String(), "\n")), nil
}

// A written is an entry with what HAR 1.2 requires of one beyond what is read; what
// is not known is -1 or empty there.
type written struct {
	Started  string          `json:"startedDateTime"`
	Time     float64         `json:"time"`
	Request  writtenRequest  `json:"request"`
	Response writtenResponse `json:"response"`
	Cache    struct{}        `json:"cache"`
	Timings  timings         `json:"timings"`
}

type timings struct {
	Send    float64 `json:"send"`
	Wait    float64 `json:"wait"`
	Receive float64 `json:"receive"`
}

type writtenRequest struct {
	request

	HTTPVersion string `json:"httpVersion"`
	Query       []pair `json:"queryString"`
	HeadersSize int    `json:"headersSize"`
}

type writtenResponse struct {
	response

	StatusText  string `json:"statusText"`
	HTTPVersion string `json:"httpVersion"`
	RedirectURL string `json:"redirectURL"`
	HeadersSize int    `json:"headersSize"`
}

// newWritten makes an entry of an exchange.
func newWritten(x *davinci.Exchange) (*written, error) {
	switch {
	case x.URL == nil || x.URL.Host == "":
		return nil, fmt.Errorf("%s has no URL with a host", x.Method)
	case x.Status <= 0:
		return nil, fmt.Errorf("%s %s has no status", x.Method, x.URL.Path)
	case len(x.Body) > MaxBody || len(x.Response) > MaxBody:
		return nil, fmt.Errorf("%s %s has a body over %d MiB", x.Method, x.URL.Path, MaxBody>>20)
	}
	const version = "HTTP/1.1"
	ms := float64(x.Took) / float64(time.Millisecond)
	asked := request{
		Method: x.Method, URL: x.URL.String(), Headers: pairs(x.Header),
		Cookies: cookies((&http.Request{Header: x.Header}).Cookies()), BodySize: float64(len(x.Body)),
	}
	if len(x.Body) > 0 {
		text, encoding := encoded(x.Body)
		asked.PostData = &postData{MimeType: x.Header.Get("Content-Type"), Text: &text, Encoding2: encoding}
	}
	got := response{
		Status: float64(x.Status), Headers: pairs(x.ResponseHeader),
		Cookies:  cookies((&http.Response{Header: x.ResponseHeader}).Cookies()),
		BodySize: float64(len(x.Response)), Content: content{
			Size: float64(len(x.Response)), MimeType: cmp.Or(x.ResponseHeader.Get("Content-Type"), "x-unknown"),
		},
	}
	if len(x.Response) > 0 {
		text, encoding := encoded(x.Response)
		got.Content.Text, got.Content.Encoding = &text, encoding
	}
	return &written{
		Started: x.Began.UTC().Format(time.RFC3339Nano), Time: ms, Timings: timings{Wait: ms},
		Request: writtenRequest{asked, version, query(x.URL.RawQuery), -1},
		Response: writtenResponse{
			got, http.StatusText(x.Status), version, x.ResponseHeader.Get("Location"), -1,
		},
	}, nil
}

// encoded returns bytes as a text, in Base64 if they are none. So is a text that would be read as
// a body with headers before it.
func encoded(body []byte) (s, encoding string) {
	s = string(body)
	if !utf8.Valid(body) || withoutHead(s) != s {
		return base64.StdEncoding.EncodeToString(body), "base64"
	}
	return s, ""
}

// pairs lists a header by name.
func pairs(h http.Header) []pair {
	out := make([]pair, 0, len(h))
	for name, values := range h {
		if slices.Contains(travel, name) {
			continue
		}
		for _, v := range values {
			out = append(out, pair{name, v})
		}
	}
	slices.SortStableFunc(out, func(a, b pair) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// query lists the parameters of a query in their order.
func query(raw string) []pair {
	out := []pair{}
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{unescaped(name), unescaped(value)})
	}
	return out
}

// unescaped undoes the escaping of a parameter where that can be done.
func unescaped(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

func cookies(parsed []*http.Cookie) []cookie {
	out := make([]cookie, len(parsed))
	for i, c := range parsed {
		out[i] = cookie{
			pair: pair{c.Name, c.Value}, Path: c.Path, Domain: c.Domain, HTTPOnly: c.HttpOnly, Secure: c.Secure,
		}
		if !c.Expires.IsZero() {
			out[i].Expires = c.Expires.UTC().Format(time.RFC3339)
		}
	}
	return out
}
