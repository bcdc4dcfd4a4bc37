package mockserver

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the page
	"encoding/base64"
	"encoding/json"
	htmltemplate "html/template"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// inspectListed is how many sign-ons the page lists; the JSON has all.
const inspectListed = 100

//go:embed inspect.html
var inspectText string

var inspectPage = htmltemplate.Must(htmltemplate.New("inspect").Funcs(htmltemplate.FuncMap{
	"digit": func(status int) int { return status / 100 }, // the class of a status
	"clock": func(t time.Time) string { return t.Format("15:04:05") },
	"exact": func(t time.Time) string { return t.Format(time.RFC3339Nano) },
}).Parse(inspectText))

// inspectPolicy allows the page its own style and nothing else.
var inspectPolicy = "default-src 'none'; style-src 'sha256-" + styleHash(inspectText) +
	"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Inspect returns a handler that shows what the server was asked since it was
// made: the page at / for people, and its twin at /inspect.json for tests. It
// has to be asked for with [Config.Inspect], and answers 404 otherwise. It may
// stand below any path, behind [http.StripPrefix], and that path has to end in
// a slash.
//
// It answers requests from this machine alone, and only those that name this
// machine as their host, so that no page of another site can read it through
// the browser; any other request, and one that a proxy passes on, gets 403.
//
// The page and the JSON hold no value that a person typed, no cookie, no token
// and no code: of what was sent they have the button, the event type and the
// names of the fields.
//
// The JSON is one object. Times are RFC 3339 in UTC; a list is never null.
//
//	format   1; it grows when a key goes away or changes its meaning
//	time     when this was read
//	flows    the recordings that are replayed now, in the order in which they were given:
//	  name, source, description
//	  screens  name; shown: how often; buttons: action, and pressed: how often
//	  hops     name; from: the screens that it leaves, none where it starts the flow;
//	           action and eventType as recorded; to: the screen that it leads to, "" where
//	           it leads to none; taken: how often
//	  reached  screens, buttons and hops: each a count and, as of, how many there are
//	  never    the names of the hops that were never taken
//	signOns  the last ones, the one heard of last at first:
//	  id       the beginning of the interactionId
//	  flow
//	  state    running, finished, or expired: it rested for longer than it may
//	  at       the screen at which it stands, "" where it has finished
//	  began, latest
//	  partial  true where the first hops are not kept
//	  hops     time; at: the screen that the request was sent from, "" at the start; sent;
//	           hop: the recorded one that answered, "" where none did; to: the screen it
//	           stood at then, "" where none; status; problem: why nothing answered
//	misses   the last requests that no recorded hop answered, the newest first: 404 where there
//	         is none, 401 where the handles were missing or stale, 400 where it was sent to
//	         another capability or connection than the screen's:
//	  time, signOn (its id, "" where none had begun or it is unknown), flow, at, sent, status,
//	  problem
//
// The counts are complete. Of sign-ons the last 1,000 are kept, with up to 200
// hops each and 20,000 in all, and the last 200 misses.
func (s *Server) Inspect() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store")
		header.Set("Content-Security-Policy", inspectPolicy)
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("X-Content-Type-Options", "nosniff")
		switch {
		case !fromHere(r):
			http.Error(w, "The inspection answers this machine alone, under a name of this machine.",
				http.StatusForbidden)
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			header.Set("Allow", "GET, HEAD")
			http.Error(w, "The inspection takes GET and HEAD.", http.StatusMethodNotAllowed)
		case s.journal == nil:
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

func (s *Server) inspectHTML(w http.ResponseWriter) {
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
	if err := inspectPage.Execute(&text, page); err != nil {
		s.log.Error("the inspection could not be written", "error", err)
		http.Error(w, "The page could not be written.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html;charset=utf-8")
	_, _ = w.Write(text.Bytes()) // a client that has gone away needs no answer
}

func (s *Server) inspectJSON(w http.ResponseWriter) {
	text, err := json.MarshalIndent(s.inspect(), "", "  ")
	if err != nil {
		s.log.Error("the inspection could not be written", "error", err)
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

// styleHash is the SHA-256 of what stands in the page's style element.
func styleHash(page string) string {
	_, rest, _ := strings.Cut(page, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	return base64.StdEncoding.EncodeToString(sum[:])
}
