package har

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"flowtest/steps/davinci"
)

// An entry has the properties of an entry of HAR 1.2 that are read. What is written has more.
type entry struct {
	Started  string    `json:"startedDateTime"`
	Time     float64   `json:"time"` // milliseconds
	Request  *request  `json:"request"`
	Response *response `json:"response"`
}

type request struct {
	Method   string    `json:"method"`
	URL      string    `json:"url"`
	Headers  []pair    `json:"headers"`
	Cookies  []cookie  `json:"cookies"`
	PostData *postData `json:"postData,omitempty"`
	BodySize float64   `json:"bodySize"`
}

type response struct {
	Status   float64  `json:"status"`
	Headers  []pair   `json:"headers"`
	Cookies  []cookie `json:"cookies"`
	Content  content  `json:"content"`
	BodySize float64  `json:"bodySize"`
}

// A pair is a header or a parameter.
type pair struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// A cookie is an entry of the arrays beside the headers.
type cookie struct {
	pair

	Path     string `json:"path,omitempty"`
	Domain   string `json:"domain,omitempty"`
	Expires  string `json:"expires,omitempty"`
	HTTPOnly bool   `json:"httpOnly"`
	Secure   bool   `json:"secure"`
	SameSite string `json:"sameSite,omitempty"`
}

// postData is a request's body. HAR 1.2 has no encoding of it: the two are of
// programs that save bytes.
type postData struct {
	MimeType  string  `json:"mimeType"`
	Text      *string `json:"text"`
	Params    []pair  `json:"params,omitempty"`
	Encoding  string  `json:"encoding,omitempty"`
	Encoding2 string  `json:"_encoding,omitempty"`
	File      string  `json:"_file,omitempty"`
}

// content is a response's body. Playwright puts bodies into files of their own,
// which File then names.
type content struct {
	Size     float64 `json:"size"`
	MimeType string  `json:"mimeType"`
	Text     *string `json:"text,omitempty"`
	Encoding string  `json:"encoding,omitempty"`
	File     string  `json:"_file,omitempty"`
}

// entry sorts one entry of a file. It does not check an entry that belongs to no flow. The
// mistake is a value of the wrong type in it, or nil.
func (s *sorter) entry(number int, e *entry, mistake *json.UnmarshalTypeError) {
	if e.Request == nil {
		s.ignore("no host", Other)
		return
	}
	u, err := url.Parse(e.Request.URL)
	if err != nil || u.Host == "" {
		s.ignore("no host", Other)
		return
	}
	x := davinci.Exchange{Method: strings.ToUpper(e.Request.Method), URL: u, Seen: fmt.Sprintf("entry %d", number)}
	if x.Method == http.MethodPost && x.Endpoint() == davinci.NoEndpoint { // only the header shows one that comes back
		x.Header = s.texts.headers(e.Request.Headers, "Cookie")
		x.Body, _ = e.Request.body()
	}
	one := item{number: number, exchange: x, returns: mayReturn(&x)}
	if x.Endpoint() == davinci.NoEndpoint && !one.returns {
		s.ignore(u.Host, kindOf(&x))
		return
	}
	x.URL.Fragment, x.URL.RawFragment = "", ""
	if mistake != nil {
		one.defect = fmt.Sprintf("its %s is a JSON %s, which HAR does not have there", mistake.Field, mistake.Value)
	} else {
		one.read(e, s.texts)
	}
	s.add(&one)
}

// read fills the exchange from the entry, or says what is wrong with it.
func (i *item) read(e *entry, t texts) {
	x := &i.exchange
	x.Began, x.Took = began(e.Started), took(e.Time)
	x.Header = t.headers(e.Request.Headers, "Cookie")
	if x.Header.Get("Cookie") == "" && len(e.Request.Cookies) > 0 {
		x.Header.Set("Cookie", sentCookies(e.Request.Cookies))
	}
	body, why := e.Request.body()
	if x.Body = body; why != "" {
		i.defect = "its request body " + why
		return
	}
	r := e.Response
	if r == nil || r.Status <= 0 {
		i.unanswered = true
		return
	}
	x.Status = int(r.Status)
	if x.Status < 100 || x.Status > 999 {
		i.defect = fmt.Sprintf("its status is %v, want three digits", r.Status)
		return
	}
	x.ResponseHeader = t.headers(r.Headers, "Set-Cookie")
	setCookies(x.ResponseHeader, r.Cookies)
	encoding := strings.ToLower(strings.TrimSpace(x.ResponseHeader.Get("Content-Encoding")))
	x.Response, why = r.body(encoding)
	if why != "" {
		i.defect = "its response body " + why
	}
	stripBody(x.ResponseHeader)
	stripBody(x.Header)
}

// began reads a date: RFC 3339 with or without a colon in the zone, and without
// a zone, which some programs write for UTC.
func began(text string) time.Time {
	for _, zone := range []string{"Z07:00", "Z0700", ""} {
		if t, err := time.Parse("2006-01-02T15:04:05.999999999"+zone, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// took reads milliseconds; programs write -1 for an unknown time.
func took(ms float64) time.Duration {
	const day = 24 * 60 * 60 * 1000
	if !(ms > 0) || ms > day {
		return 0
	}
	return time.Duration(ms*float64(time.Millisecond) + 0.5) //nolint:mnd // to the nearest
}
