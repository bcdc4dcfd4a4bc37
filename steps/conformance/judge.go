package conformance

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/words"
)

// A Judge checks the hops of one journey against the catalogue, in order. The zero value is ready
// for the first hop. It must not be used by several goroutines at once.
type Judge struct {
	// SDKs checks every hop against the second catalogue too. It must not be changed after the
	// first hop. Optional.
	SDKs bool

	memory memory
	view   view
	sdks   *sdkJudge // nil as long as it was not needed
}

// Verdicts are the results of a catalogue for one hop.
type Verdicts struct {
	// Passed are the requirements that applied and passed.
	Passed Set

	// Findings are the other requirements that applied: in doubt, or broken.
	Findings []Finding

	// SDK is what the second catalogue says about the hop, nil if it was not requested. There a
	// finding with [Review] is a limit, and one with [Warning] says that the SDK cannot carry the
	// hop. Almost no requirement applies to a detailed hop, because no SDK requests one.
	SDK *Verdicts
}

// Applied reports whether any requirement applied.
func (v *Verdicts) Applied() bool { return v.Passed != Set{} || len(v.Findings) > 0 }

// Hop checks the journey's next hop against every requirement that applies to it.
func (j *Judge) Hop(h *flow.Hop) Verdicts {
	v := &j.view
	if j.memory.hops == 0 {
		j.memory.begin(h.Exchange)
	}
	v.look(h, &j.memory)
	var out Verdicts
	for _, r := range rules[hopKind{v.shape, v.outcome}] {
		d := r.check(v)
		out.note(r, &d, h.Number)
	}
	if j.SDKs {
		if j.sdks == nil {
			j.sdks = &sdkJudge{}
		}
		out.SDK = j.sdks.hop(v)
	}
	j.memory.note(v)
	return out
}

// note records the result of the check of a requirement at a hop.
func (v *Verdicts) note(r *Requirement, d *verdict, hop int) {
	switch d.kind {
	case inapplicable:
	case holds:
		v.Passed.Add(r)
	case inDoubt, broken:
		v.Findings = append(v.Findings, Finding{ // copies: a finding must not keep a whole body in memory
			Requirement: r, Result: r.result(d.kind), Hop: hop,
			Path: strings.Clone(d.path), Found: strings.Clone(d.found), Wanted: strings.Clone(d.wanted),
		})
	}
}

// result says how severe it is that the requirement is not simply met.
func (r *Requirement) result(k verdictKind) Result {
	switch {
	case k == inDoubt || r.Level == May:
		return Review
	case r.Level == Should:
		return Warning
	default:
		return Violated
	}
}

// memory is what a judge remembers of the hops before.
type memory struct {
	hops             int
	authorize        *url.URL   // of the first hop
	asked            url.Values // its parameters
	environmentAsked string     // the environment id in its path, "" on a custom domain

	company     string // stays what it was, "" until one was seen
	interaction string // the newest with which a client goes on

	// What the screen that is open handed out.
	screen                           *davinci.Screen
	id, token, event                 string
	next                             *url.URL // nil if there is none or it is not a URL
	connection, capability           string
	sessionCookie, sessionCookieNoSS bool
}

// begin notes how the flow is started. The parameters may be those of a form.
func (m *memory) begin(r *davinci.Exchange) {
	m.authorize = r.URL
	m.asked = r.URL.Query()
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") && len(r.Body) > 0 {
		if form, err := url.ParseQuery(string(r.Body)); err == nil {
			m.asked = form
		}
	}
	m.environmentAsked = environmentIn(r.URL.Path)
}

// note keeps what later hops are checked against.
func (m *memory) note(v *view) {
	m.hops++
	m.company = cmp.Or(m.company, v.value(rowCompany).Str)
	if id := v.value(rowInteraction).Str; m.interaction == "" || v.outcome&(atScreen|atRewind) != 0 {
		m.interaction = cmp.Or(id, m.interaction)
	}
	m.sessionCookie = m.sessionCookie || v.sets(cookieST) || v.sets(cookiePage)
	m.sessionCookieNoSS = m.sessionCookieNoSS || v.sets(cookieNoSS)
	switch v.outcome {
	case atScreen:
		m.screen = v.hop.Screen()
		m.id, m.token = v.value(rowID).String(), v.value(rowToken).String()
		m.event = v.hop.EventName()
		m.next = v.to
		m.connection, m.capability = v.value(rowConnection).String(), v.value(rowCapability).String()
	case atRewind:
		if t := v.value(rowToken).String(); t != "" {
			m.token = t
		}
	default:
	}
}

// environmentIn returns the environment id in the path of an authorize
// request, "" on a custom domain, whose paths have none.
func environmentIn(path string) string {
	root := strings.Trim(rootOf(path), "/")
	return root[strings.LastIndex(root, "/")+1:]
}

// rootOf returns what of the path of an authorize request the paths of its
// flow have in common with it.
func rootOf(path string) string {
	if i := strings.LastIndex(path, "/as/"); i >= 0 {
		return path[:i]
	}
	return ""
}

// A Result is the result of a requirement at one hop, or over a whole run.
type Result uint8

// The results, the most severe last.
const (
	NotExercised Result = iota // it applied to no hop
	Passed
	Review   // a doubt: a person must look
	Warning  // a SHOULD is broken
	Violated // a MUST is broken
)

// String returns the result as reports write it.
func (r Result) String() string { return resultNames[min(r, Violated)][0] }

// Standing returns words for a result of the second catalogue: no SDK requests such
// answers, for example detailed ones; the SDK carries them; something is lost or
// differs, and the journey goes on; or the journey ends, hangs or takes another way.
func (r Result) Standing() string { return resultNames[min(r, Violated)][1] }

var resultNames = [...][2]string{
	NotExercised: {"not exercised", "not applicable"},
	Passed:       {"passed", "carried"},
	Review:       {"review", "carried with limits"},
	Warning:      {"warning", "not carried"},
	Violated:     {"failed", "not carried"},
}

// A Finding is one requirement checked against one hop.
type Finding struct {
	Requirement *Requirement
	Result      Result

	// Hop is the hop's number. Path is the gjson path, header or parameter that was checked.
	// Found and Wanted describe the difference; they are empty if it passed. They may contain
	// secrets until [Finding.Hide] is called.
	Hop                 int
	Path, Found, Wanted string
}

// Hide removes secrets from the finding's texts and then shortens the texts, because a
// part of a secret would not be found.
func (f *Finding) Hide(redact func(string) string) {
	const most = 200
	for _, at := range []*string{&f.Path, &f.Found, &f.Wanted} {
		*at = strings.Clone(redact(*at)) // else it would hold on to the body that it is in
		*at = words.Cut(*at, most)
	}
}

// String returns what was found and wanted, in one line.
func (f *Finding) String() string {
	return fmt.Sprintf("%s: %s is %s, want %s", f.Requirement.ID, f.Path, f.Found, f.Wanted)
}
