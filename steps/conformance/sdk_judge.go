package conformance

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/steps/davinci"
)

// An sdkJudge is what a [Judge] needs besides to check the hops of its journey against the second
// catalogue. The zero value is before the first hop.
type sdkJudge struct {
	look  sdkView
	open  sdkScreen // the storage of look.open
	shown sdkScreen // the storage of look.shown
	waits bool      // at open
}

// hop checks the journey's next hop against every requirement that applies to it.
func (j *sdkJudge) hop(of *view) *Verdicts {
	v := &j.look
	v.view, v.open, v.shown = of, nil, nil
	v.read()
	if j.waits {
		v.open = &j.open
	}
	if v.outcome == atScreen && v.shape == JSON && v.hop.Screen() != nil {
		j.shown.read(of)
		v.shown = &j.shown
	}
	out := &Verdicts{}
	for _, r := range sdkRules[hopKind{v.shape, v.outcome}] {
		d := r.checkSDK(v, r.SDK)
		out.note(r, &d, v.hop.Number)
	}
	j.goOn()
	return out
}

// goOn makes the screen that was shown the open one.
func (j *sdkJudge) goOn() {
	switch j.look.outcome {
	case atScreen:
		j.waits = j.look.shown != nil
		j.open, j.shown = j.shown, j.open
	case atEnd, atFailure:
		j.waits = false
	default: // the old screen stays
	}
}

// ofSDK returns what the verdicts of the second catalogue on one hop mean for an
// SDK, in words [Result.Standing].
func (v *Verdicts) ofSDK(s SDK) Result {
	worst := NotExercised
	for i, word := range sdkSets[s] {
		if v.Passed[i]&word != 0 {
			worst = Passed
		}
	}
	for i := range v.Findings {
		if v.Findings[i].Requirement.SDK == s {
			worst = max(worst, v.Findings[i].Result)
		}
	}
	return worst
}

// sdkSets are the requirements of each SDK.
var sdkSets = func() map[SDK]Set {
	m := map[SDK]Set{}
	for _, r := range places {
		set := m[r.SDK]
		set.Add(r)
		m[r.SDK] = set
	}
	return m
}()

// An sdkView is a hop as the second catalogue looks at it.
type sdkView struct {
	*view
	open  *sdkScreen // the screen that the request answers, nil if none was open
	shown *sdkScreen // the screen that the response shows, nil if it is none

	// What several requirements ask for, read once: the next link, nil if it is not an absolute
	// URL, and whether a component of the page polls.
	link      *url.URL
	skPolling bool

	// Whether the journey was handed the interaction as cookies, up to this hop.
	cookieID, cookieToken bool
}

// read takes from the hop what several requirements ask for.
func (v *sdkView) read() {
	v.link = v.to
	if v.to != nil && (v.to.Host == "" || v.to.Scheme == "") {
		v.link = nil
	}
	v.skPolling = v.outcome == atScreen && bytes.Contains(v.hop.Body, []byte("skpolling"))
	if v.start() {
		v.cookieID, v.cookieToken = false, false
	}
	v.cookieID = v.cookieID || v.sets("interactionId")
	v.cookieToken = v.cookieToken || v.sets("interactionToken")
}

// fine reports whether the status is one of success.
func (v *sdkView) fine() bool { return v.hop.Status >= 200 && v.hop.Status < 300 }

// refusal reports whether the status is 4xx.
func (v *sdkView) refusal() bool {
	return v.hop.Status >= http.StatusBadRequest && v.hop.Status < http.StatusInternalServerError
}

// seen reports whether an SDK has got as far as to look at the parts of a
// successful answer.
func (v *sdkView) seen(s SDK) bool {
	switch {
	case !v.isJSON || !v.fine():
		return false
	case s == Web:
		return !v.top("error").Exists() && (!v.value(rowStatus).Exists() || v.value(rowStatus).Type == gjson.String)
	default:
		return v.hop.Status == http.StatusOK
	}
}

// An sdkScreen is what of a screen the second catalogue asks for.
type sdkScreen struct {
	entries []sdkEntry
	form    bool // it has form.components.fields
	inputs  gjson.Result
	self    gjson.Result // _links.self.href
	polling gjson.Result // enablePolling
	goesOn  bool         // whether _links.continue.href is there
}

// An sdkEntry is one entry of form.components.fields.
type sdkEntry struct {
	*davinci.Field
	place   int
	typed   bool   // its type is a string
	knownTo sdkSet // the SDKs that make a collector of it
	pattern string // validation.regex
}

// read takes a screen, into storage that is used again.
func (s *sdkScreen) read(v *view) {
	entries := slices.Grow(s.entries[:0], len(v.hop.Screen().Fields))
	for i := range v.hop.Screen().Fields {
		f := &v.hop.Screen().Fields[i]
		e := sdkEntry{Field: f, place: i, typed: f.Raw.Get("type").Type == gjson.String}
		if e.typed {
			e.knownTo = knowing(f.Type, f.InputType)
		}
		if strings.Contains(f.Raw.Raw, `"validation"`) {
			e.pattern = f.Raw.Get("validation.regex").Str
		}
		entries = append(entries, e)
	}
	*s = sdkScreen{
		entries: entries, form: v.value(rowFields).IsArray(),
		inputs: v.value(rowComponents).Get("inputs"), self: v.top("_links").Get("self.href"),
		polling: v.top("enablePolling"),
		goesOn:  v.top("_links").Get("continue.href").Str != "",
	}
}

// find returns the entry with a key, or nil.
func (s *sdkScreen) find(key string) *sdkEntry {
	for i := range s.entries {
		if key != "" && s.entries[i].Key == key {
			return &s.entries[i]
		}
	}
	return nil
}

// name writes an entry for a person: its type and key.
func (e *sdkEntry) name() string {
	kind := e.Type
	if !e.typed {
		kind = "a field without a type"
	}
	if e.InputType != "" && e.InputType != e.Type {
		kind += " (inputType " + e.InputType + ")"
	}
	if e.Key != "" {
		kind += " " + quoted(e.Key)
	}
	return kind
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"` }
