package learn

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/steps/davinci"
)

// standard are the authorize parameters that every client sends and whose value
// is generated, or names the app or the flow: none of them chooses an answer.
//
// Source: "Step 1: Initiate the flow through a PingOne authorize request".
var standard = []string{
	"acr_values", "client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri",
	"response_mode", "state",
}

// customary are the authorize parameters that every client sends too, with what most of them
// send: another value may choose an answer. If there is none here, it is what most of the
// journeys sent.
var customary = map[string]string{"response_type": "code", "scope": ""}

// A requestMaker makes the request of a hop from what was sent.
type requestMaker struct{ *learner }

// matchers turns the request of every step into what a recording expects.
func (l requestMaker) matchers() error {
	most := l.customary()
	for _, s := range l.steps {
		r := recordings.Request{Method: "GET", Path: "/as/authorize"}
		var form map[string]any
		if s.starts {
			s.extras = l.extras(s, most)
		}
		if h := l.asked[s.x.Hop]; h != nil {
			s.request = h.Request
			continue
		}
		if !s.starts {
			r = recordings.Request{Action: s.Action, ContinueToken: l.token(s), Native: s.Native}
		}
		if !s.starts && r.ContinueToken == "" {
			form = l.formData(s)
			if s.Action == "" || s.EventType == "polling" || l.answersConnector(s) {
				r.EventType = s.EventType
			}
			if !slices.Contains([]string{"", "submit", "action", "polling"}, r.EventType) {
				r.EventType = ""
			}
		}
		r.Platform, r.Language = clients(l).expected(s)
		request, err := recordings.NewRequest(r, form)
		if err != nil {
			return err
		}
		s.request = request
	}
	return l.empties()
}

// token returns what a recording expects of the token with which a client comes back from an
// identity provider, "" if it does not.
func (l requestMaker) token(s *step) string {
	if s.ContinueToken == "" {
		return ""
	}
	f := tokenField(s)
	if attr := s.j.attribute(f.key, s.ContinueToken); attr != "" {
		return "${user." + attr + "}"
	}
	if accepted := l.accepted[f]; len(accepted) == 1 { // a token that several providers refuse is that of none
		return recordings.OtherThan(accepted[0])
	}
	return anything
}

// answersConnector reports whether an app answers an SDK connector, whose answer chooses the way
// of the flow.
func (l requestMaker) answersConnector(s *step) bool {
	return s.EventType == "action" && inputReader(l).input(s, s.Action).kind == "METADATA"
}

// formData returns what a recording expects of the posted values. Nil means that they do not
// matter: a button that only leads on is pressed with any values.
func (l requestMaker) formData(s *step) map[string]any {
	if s.EventType == "action" && !l.answersConnector(s) && !l.distinct[field{screenKey(s.from), s.Action}] {
		return nil
	}
	form := map[string]any{}
	s.FormData.ForEach(func(key, value gjson.Result) bool {
		if !davinci.Untouched(value) {
			form[key.String()] = l.expect(s, key.String(), value)
		}
		return true
	})
	if len(form) == 0 && !s.FormData.Exists() {
		return nil
	}
	return form
}

// expect returns what a recording expects under one key.
func (l requestMaker) expect(s *step, key string, value gjson.Result) any {
	in := inputReader(l).input(s, key)
	if name := l.generated(value); name != "" {
		return "${" + name + "}"
	}
	switch {
	case value.Type == gjson.True:
		return true
	case value.IsObject() && answersPrompt(s, key, value):
		return recordings.Passkey
	case value.IsObject() || value.IsArray():
		return l.chosen(s, in, value)
	case value.Type == gjson.Number:
		if slices.Contains(in.offers, value.String()) || same(in.proposes, value) {
			return json.RawMessage(value.Raw)
		}
		return anything
	}
	if slices.Contains(in.offers, value.Str) {
		return l.literal(s, value.Str)
	}
	if attr := s.attribute(key, value.Str); attr != "" {
		return "${user." + attr + "}"
	}
	if s.EventType == "polling" && stateWord().MatchString(value.Str) && !in.secret {
		return l.literal(s, value.Str)
	}
	if reserved(value.Str) && email().FindString(value.Str) == value.Str && !in.secret {
		return l.literal(s, value.Str) // a reserved address: its author means exactly this one
	}
	if attr := l.expectsOther(s, key); attr != "" {
		return recordings.OtherThan(attr)
	}
	if same(in.proposes, value) && !in.secret {
		return l.literal(s, value.Str)
	}
	if l.distinct[field{screenKey(s.from), key}] && !in.secret && !private(value.Str) {
		return l.literal(s, value.Str)
	}
	return anything
}

// stateWord matches what a client sends as the state of a challenge that it polls.
var stateWord = compiled(`^[A-Za-z][A-Za-z_]{0,39}$`)

// anything is what a recording has for a value that may be any.
const anything = "*"

// literal returns a text as it was posted, if a recording can hold it.
func (l requestMaker) literal(s *step, text string) any {
	if text == anything || strings.HasPrefix(text, "${") || s.j.replace(unmarked(text), ".options.") != text {
		return anything
	}
	return text
}

// expectsOther returns the attribute that a field accepts, if another value than the user's own
// was typed, or "".
func (l requestMaker) expectsOther(s *step, key string) string {
	accepted := l.accepted[field{screenKey(s.from), key}]
	for _, attr := range accepted {
		if named(key, attr) {
			return attr
		}
	}
	if len(accepted) > 0 {
		return slices.Min(accepted)
	}
	for _, attr := range sorted(s.j.user) {
		if named(key, attr) && s.j.user[attr] != "" {
			return attr
		}
	}
	return ""
}

// chosen returns a list or object as it was posted, if the screen offers or proposes every part
// of it; otherwise it may be any.
func (l requestMaker) chosen(s *step, in *input, value gjson.Result) any {
	if same(in.proposes, value) {
		return l.plain(s, value)
	}
	offered := len(in.offers) > 0
	walk(value, func(_ string, v gjson.Result) {
		text := v.Type == gjson.String || v.Type == gjson.Number
		offered = offered && (!text || slices.Contains(in.offers, v.String()))
	})
	if !offered && !l.reservedPhone(value) && !l.connectorSays(s, in, value) {
		return anything
	}
	return l.plain(s, value)
}

// fictional is a phone number that is not in use.
//
// Source: the North American numbering plan, whose 555-0100 to 555-0199 are for such use.
var fictional = compiled(`^([2-9][0-9]{2})?55501[0-9]{2}$`)

// reservedPhone reports whether a value is a phone number that is not in use, and
// that is not the user's all the same.
//
// Source: how the SDKs post a PHONE_NUMBER field.
func (l requestMaker) reservedPhone(v gjson.Result) bool {
	phone := v.Get("phoneNumber")
	return v.IsObject() && fictional().MatchString(phone.String()) && !l.phoneOfUser(phone.String()) &&
		len(v.Map()) == 1+number(v.Get("countryCode").Exists())
}

// phoneOfUser reports whether a number is that of a user, as a field for one posts
// it: without the country.
func (l requestMaker) phoneOfUser(number string) bool {
	for _, user := range l.o.Users {
		for _, value := range user {
			if strings.HasPrefix(value, "+") && strings.HasSuffix(alike(value)[len(alike(value))-1], number) {
				return true
			}
		}
	}
	return l.finder.in(number)
}

// plain returns a list or object as it was posted, if nothing in it is secret or generated.
func (l requestMaker) plain(s *step, value gjson.Result) any {
	clean := true
	walk(value, func(_ string, v gjson.Result) {
		clean = clean && (v.Type != gjson.String || l.literal(s, v.Str) == v.Str && !l.varies[v.Str])
	})
	if !clean {
		return anything
	}
	return json.RawMessage(value.Raw)
}

// same reports whether two values are the same JSON.
func same(a, b gjson.Result) bool {
	return a.Exists() && b.Exists() && reflect.DeepEqual(a.Value(), b.Value())
}

// customary returns what clients usually send in the parameters that all of them send.
func (l requestMaker) customary() map[string]string {
	most := maps.Clone(customary)
	for name, value := range customary {
		if value != "" {
			continue
		}
		count, best := map[string]int{}, 0
		for _, s := range l.steps {
			if !s.starts {
				continue
			}
			sent := s.Query.Get(name)
			if count[sent]++; count[sent] > best {
				most[name], best = sent, count[sent]
			}
		}
	}
	return most
}

// extras returns the parameters of a start that may choose an answer, as a
// recording has them: an attribute of the user by its name. Generated values and what looks
// like a secret are left out.
func (l requestMaker) extras(s *step, most map[string]string) map[string]string {
	extras := map[string]string{}
	for name, values := range s.Query {
		if slices.Contains(standard, name) || len(values) == 0 || values[0] == "" {
			continue
		}
		if value, ok := most[name]; ok && value == values[0] {
			continue
		}
		if attr := s.j.attribute(name, values[0]); attr != "" {
			extras[name] = "${user." + attr + "}"
		} else if l.harmless(s, values[0]) {
			extras[name] = values[0]
		}
	}
	return extras
}

// harmless reports whether a parameter may be recorded as it was sent.
func (l requestMaker) harmless(s *step, text string) bool {
	if s.j.replace(unmarked(text), "") != text || private(text) || SecretKind(text) != "" {
		return false
	}
	varies := l.varies[text] || slices.ContainsFunc(word().FindAllString(text, -1), looksGenerated)
	return !varies && !strings.HasPrefix(text, "${")
}

// A startFinder finds the parameters that choose one of several starts.
type startFinder struct{ *merge }

// queries gives the requests that start a flow the parameters that choose the
// answer: those in which they differ from the plainest start, where that is
// answered differently.
func (d startFinder) queries() {
	var base *step
	for _, s := range d.l.steps {
		if s.starts && (base == nil || len(s.extras) < len(base.extras) ||
			len(s.extras) == len(base.extras) && base.Session && !s.Session) {
			base = s
		}
	}
	if base == nil {
		return
	}
	for _, s := range d.l.steps {
		if !s.starts || d.l.asked[s.x.Hop] != nil {
			continue
		}
		s.request.Query, s.request.Session = nil, s.Session && d.needsSession(s)
		// Without a plain start among the journeys, the one that was recorded before is the plain one.
		if other := len(base.extras) > 0 && d.knowsOtherStart(s); other || !d.startsAlike(s, base) {
			s.request.Query = beyond(s, base, other)
		}
		if r, err := recordings.NewRequest(s.request, nil); err == nil {
			s.request = r
		}
	}
}

// needsSession reports whether a start of a browser whose session lives is answered
// differently from one without.
func (d startFinder) needsSession(s *step) bool {
	without := func(o *step) bool { return o.starts && !o.Session && !d.startsAlike(s, o) }
	if slices.ContainsFunc(d.l.steps, without) {
		return true
	}
	a, err := answerMerger(d).answer(s)
	return err == nil && slices.ContainsFunc(d.leaving[nil], func(h *recordings.Hop) bool {
		return !h.Request.Session && len(h.Request.Query) == 0 && !fits(h.Answer(), a) ||
			h.Request.Session && fits(h.Answer(), a)
	})
}

// beyond returns the parameters in which a start differs from the plainest, or all that may
// choose an answer; nil if there are none.
func beyond(s, base *step, all bool) map[string]string {
	var query map[string]string
	for name, value := range s.extras {
		if !all && base.extras[name] == value {
			continue
		}
		if query == nil {
			query = map[string]string{}
		}
		query[name] = value
	}
	return query
}

// startsAlike reports whether two starts are answered alike; a wrong body is
// said later.
func (d startFinder) startsAlike(s, base *step) bool {
	a, err := answerMerger(d).answer(s)
	b, err2 := answerMerger(d).answer(base)
	if err != nil || err2 != nil {
		return err != nil && err2 != nil && s.x.Status == base.x.Status
	}
	return fits(a, b)
}

// knowsOtherStart reports whether the recording before this one answers the
// flow's plain start differently.
func (d startFinder) knowsOtherStart(s *step) bool {
	a, err := answerMerger(d).answer(s)
	return err == nil && slices.ContainsFunc(d.leaving[nil], func(h *recordings.Hop) bool {
		return len(h.Request.Query) == 0 && !fits(h.Answer(), a)
	})
}
