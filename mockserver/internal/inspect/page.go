package inspect

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"encoding/json"
	htmltemplate "html/template"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"flowtest/recordings"
)

// inspectListed is how many sign-ons the page lists; the JSON has all.
const inspectListed = 100

//go:embed inspect.html
var inspectText string

var inspectPage = sync.OnceValue(func() *htmltemplate.Template {
	return htmltemplate.Must(htmltemplate.New("inspect").Funcs(htmltemplate.FuncMap{
		"digit": func(status int) int { return status / 100 }, // the class of a status
		"clock": func(t time.Time) string { return t.Format("15:04:05") },
		"exact": func(t time.Time) string { return t.Format(time.RFC3339Nano) },
	}).Parse(inspectText))
})

// inspectPolicy allows the page its own style and nothing else.
var inspectPolicy = "default-src 'none'; style-src 'sha256-" + styleHash(inspectText) +
	"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// A Source is what a Handler shows. Every field except Journal is Required.
type Source struct {
	// Journal is nil if nothing is remembered: then the handler answers 404.
	Journal *Journal

	Flows func() []*recordings.Flow // the recordings that are replayed now
	Alive func(id string) bool      // whether an interaction is still open
	Idle  time.Duration             // how long an interaction may be idle
	Now   func() time.Time
	Log   *slog.Logger
}

// Handler returns the handler that mockserver.Server.Inspect describes.
func (s *Source) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", inspectPolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case !fromHere(r):
			http.Error(w, "The inspection page answers only requests from this machine, to a name of this machine.",
				http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "The inspection takes GET and HEAD.", http.StatusMethodNotAllowed)
		case s.Journal == nil:
			http.Error(w, "Nothing is remembered: the server was made without Config.Inspect.", http.StatusNotFound)
		case r.URL.Path == "/":
			s.inspectHTML(w)
		case r.URL.Path == "/inspect.json":
			s.inspectJSON(w)
		default:
			http.Error(w, "The inspection has / and /inspect.json.", http.StatusNotFound)
		}
	})
}

func (s *Source) inspectHTML(w http.ResponseWriter) {
	v := s.inspect()
	states := map[string]int{}
	for i := range v.SignOns {
		states[v.SignOns[i].State]++
	}
	page := struct {
		*inspection

		Listed []seenSignOn   // of SignOns, the first ones
		States map[string]int // the sign-ons of each state
	}{v, v.SignOns[:min(len(v.SignOns), inspectListed)], states}
	var text bytes.Buffer
	if err := inspectPage().Execute(&text, page); err != nil {
		s.Log.Error("the inspection could not be written", "error", err)
		http.Error(w, "The page could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	_, _ = w.Write(text.Bytes()) // a client that has gone away needs no answer
}

func (s *Source) inspectJSON(w http.ResponseWriter) {
	text, err := json.MarshalIndent(s.inspect(), "", "  ")
	if err != nil {
		s.Log.Error("the inspection could not be written", "error", err)
		http.Error(w, "The JSON could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	_, _ = w.Write(append(text, '\n')) // a client that has gone away needs no answer
}

// fromHere reports whether a request comes from this machine and means it. A
// page whose name was made to lead here (DNS rebinding) still names itself as
// the host, and a proxy on this machine passes on what others ask.
func fromHere(r *http.Request) bool {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !from.Addr().Unmap().IsLoopback() {
		return false
	}
	for _, name := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host"} {
		if r.Header.Get(name) != "" {
			return false
		}
	}
	return namesThisMachine(r.Host)
}

// namesThisMachine reports whether a host, with or without a port, is localhost
// or a loopback address.
func namesThisMachine(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return err == nil && ip.Unmap().IsLoopback()
}

// styleHash is the SHA-256 of the text of the page's style element.
func styleHash(page string) string {
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}
