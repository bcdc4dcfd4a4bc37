package record

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/target"
	"flowtest/runner/internal/walk"
	"flowtest/steps/davinci"
	"flowtest/steps/flow"
	"flowtest/steps/generated"
	"flowtest/steps/secret"
)

// A Rewalk drives the journeys of recordings against a live target.
type Rewalk struct {
	// Target is the live environment. Required.
	Target *target.Target

	// User is who signs on. Required.
	User string

	// Rate is how many requests a second are sent. Zero means [backend.DefaultRate].
	Rate float64

	// Codes hands out one-time codes. The zero value waits for the next time step. Optional.
	Codes generated.Ledger

	// Generated are the unique values that [Rewalk.Drive] typed: their names by value. It
	// sets them.
	Generated map[string]string

	side       backend.Scenario
	known      *secret.Redactor
	key        *generated.Key // of one-time codes, or nil
	attributes map[string]string
	browser    http.CookieJar // of the last journey that signed on, nil before there is one

	// The authenticators of the user, the newest first. Each holds one passkey: a flow may
	// refuse a second one of the same authenticator.
	devices []*generated.Authenticator
}

// Drive drives every journey of a recording as often as [Times] says, and returns the results:
// each exchange names the hop whose request was sent. A journey that cannot be driven to its end,
// because the flow has changed, ends there; the notes say so. The error is an
// *[runner.EnvironmentError] if the target cannot be reached or is not set up for the flow.
func (r *Rewalk) Drive(ctx context.Context, f *recordings.Flow) (all []davinci.Exchanges, notes []string, err error) {
	if err := r.open(ctx); err != nil {
		return nil, nil, err
	}
	r.browser = nil
	w := &driving{Rewalk: r, flow: f}
	reached := map[*recordings.Hop]int{}
	shapes := shapesOf(f)
	for _, detailed := range shapes {
		journeys, missed := walk.Journeys(f, walk.Options{Detailed: detailed, User: r.attributes})
		for _, h := range missed {
			if reached[h]++; reached[h] == len(shapes) {
				w.note(fmt.Sprintf("no path leads to %q: another hop answers its request", h.Name))
			}
		}
		slices.SortStableFunc(journeys, func(a, b davinci.Exchanges) int { return w.needs(a) - w.needs(b) })
		for _, journey := range journeys {
			if w.needs(journey) == needsSession && r.browser == nil {
				w.note(fmt.Sprintf("the path to %q is not taken: it needs a browser whose session lives, "+
					"and no journey before it signed on", journey[len(journey)-1].Hop))
				continue
			}
			for range Times {
				if err := w.drive(ctx, journey, detailed); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return w.out, w.notes, nil
}

// open prepares the target, once.
func (r *Rewalk) open(ctx context.Context) error {
	if r.side != nil {
		return nil
	}
	b, err := backend.Open(ctx, backend.Config{Target: r.Target, Rate: r.Rate, Connections: 1})
	if err != nil {
		return &runner.EnvironmentError{Err: err}
	}
	side := b.Scenario()
	u, err := side.User(r.User)
	if err != nil {
		return err
	}
	r.side, r.known, r.attributes = side, b.Redactor(), map[string]string{}
	for _, name := range u.Names() {
		r.attributes[name], _ = u.Lookup(name)
	}
	if r.key, err = generated.ParseKey(r.attributes[generated.TOTP]); err == nil {
		delete(r.attributes, generated.TOTP) // a code is computed when it is sent
	}
	r.Generated = map[string]string{}
	return nil
}

// driving is a recording while it is driven.
type driving struct {
	*Rewalk

	flow  *recordings.Flow
	out   []davinci.Exchanges
	notes []string
}

// What a path needs of the paths before it.
const (
	needsNothing = iota
	needsPasskey // one that was registered
	needsSession // one that lives
)

// needs returns what a path needs of those that are driven before it.
func (w *driving) needs(journey davinci.Exchanges) int {
	if w.hop(journey[0].Hop).Request.Session {
		return needsSession
	}
	for i := range journey {
		if raw := w.passkey(journey[i]); raw != "" {
			if gjson.Get(raw, "assertionValue").Exists() {
				return needsPasskey
			}
			break // it registers one
		}
	}
	return needsNothing
}

// drive drives one way of the recording.
func (w *driving) drive(ctx context.Context, journey davinci.Exchanges, detailed bool) error {
	c, err := w.side.Flow(w.flow.Name)
	if err != nil {
		return err
	}
	c.Detailed, c.Redactor = detailed, &secret.Redactor{Parent: w.known}
	walk.AsClient(&c, &journey[0])
	start := w.hop(journey[0].Hop)
	c.Parameters = start.Request.Parameters(w.attribute)
	if c.Jar, err = cookiejar.New(nil); err != nil {
		return err
	}
	if start.Request.Session {
		c.Jar = w.browser
	}
	j, err := flow.NewJourney(c)
	if err != nil {
		return err
	}
	sent, err := w.send(ctx, j, journey, c.Origin)
	if failed, ok := errors.AsType[*flow.NetworkError](err); ok {
		return &runner.EnvironmentError{Err: failed}
	}
	if last := j.Last(); environmental(last) && !environmental(flow.Observe(journey, detailed)[len(sent)-1]) {
		failed := fmt.Errorf("flow %q: %s: %s", w.flow.Name, last.Failure.Origin, last.Failure.Message)
		return &runner.EnvironmentError{Err: failed}
	}
	if last := j.Last(); last != nil && last.Outcome == davinci.Completed {
		w.browser = c.Jar
	}
	if err != nil {
		w.note(c.Redactor.Redact(fmt.Sprintf("the path to %q ends before it: %s", journey[len(journey)-1].Hop,
			strings.TrimPrefix(err.Error(), "flow: "))))
	} else if len(sent) < len(journey) {
		w.note(fmt.Sprintf("the path to %q ends before it: the flow ends at %q",
			journey[len(journey)-1].Hop, sent[len(sent)-1].Hop))
	}
	w.out = append(w.out, sent)
	return nil
}

// send sends what the exchanges of the walk sent, and returns an exchange for each, as far
// as the journey went. The error says why it went no further.
func (w *driving) send(ctx context.Context, j *flow.Journey, journey davinci.Exchanges, origin string,
) (davinci.Exchanges, error) {
	person := &generated.Person{Domain: w.Target.EmailDomain}
	_, err := j.Start(ctx)
	for i := 1; err == nil && i < len(journey) && j.Screen() != nil; i++ {
		if err = w.lacks(journey[i].Hop); err == nil {
			err = w.answer(ctx, j, journey[i], person, origin)
		}
		if err == nil {
			err = w.ended(j, journey[:i+1])
		}
	}
	sent := flow.Exchanges(j.Hops())
	for i := range sent {
		sent[i].Hop = journey[i].Hop
	}
	if other, ok := errors.AsType[*otherEndError](err); ok {
		if sent[len(sent)-1].Hop = other.hop; other.hop == "" {
			sent = sent[:len(sent)-1] // the recording does not have what follows that end
		}
	}
	return sent, err
}

// attribute returns an attribute of the user.
func (r *Rewalk) attribute(name string) (string, bool) {
	value, ok := r.attributes[name]
	return value, ok
}

// hop returns the hop of that name.
func (w *driving) hop(name string) *recordings.Hop {
	return w.flow.Hops[slices.IndexFunc(w.flow.Hops, func(h *recordings.Hop) bool { return h.Name == name })]
}

// answer sends what an exchange of the walk sent, with values of this journey instead of
// stand-ins.
func (w *driving) answer(ctx context.Context, j *flow.Journey, x davinci.Exchange, person *generated.Person,
	origin string,
) error {
	put := func(standIn, value string) {
		x.Body = bytes.ReplaceAll(x.Body, []byte(standIn), []byte(value))
	}
	for _, name := range generated.Names() {
		standIn := davinci.Quote(walk.StandIns[name])
		if bytes.Contains(x.Body, []byte(standIn)) {
			value, _ := person.Value(name, j.Screen().PasswordPolicy())
			put(standIn, davinci.Quote(value))
		}
	}
	standIn := davinci.Quote(walk.Missing(generated.TOTP))
	if w.key != nil && bytes.Contains(x.Body, []byte(standIn)) {
		code, err := w.Codes.Code(ctx, w.key)
		if err != nil {
			return err
		}
		put(standIn, davinci.Quote(code))
	}
	if standIn := w.passkey(x); standIn != "" {
		value, err := w.prompted(j, origin)
		if err != nil {
			return err
		}
		put(standIn, value)
	}
	maps.Copy(w.Generated, person.Made())
	return walk.Answer(ctx, j, &x)
}

// note reports once which path could not be driven.
func (w *driving) note(text string) {
	if !slices.Contains(w.notes, text) {
		w.notes = append(w.notes, text)
	}
}

// environmental reports whether a hop failed because of the environment. A
// recording may hold such an answer, and then it is what the flow does.
func environmental(h *flow.Hop) bool {
	return h != nil && h.Failure != nil && h.Failure.Origin.Environmental()
}

// passkey returns what an exchange of the walk posts instead of a passkey that the flow accepts,
// as JSON, or "".
func (w *driving) passkey(x davinci.Exchange) string {
	h := w.hop(x.Hop)
	for _, key := range h.Request.Passkeys() {
		if h.Answer().Status < http.StatusBadRequest {
			return gjson.GetBytes(x.Body, "parameters.data.formData."+gjson.Escape(key)).Raw
		}
	}
	return ""
}

// prompted does what the passkey prompt of the open screen asks: each passkey is registered
// with an authenticator of its own, and the newest that the flow allows signs on.
func (w *driving) prompted(j *flow.Journey, origin string) (string, error) {
	_, p, err := j.Screen().Prompt(true)
	if p == nil && err == nil {
		_, p, err = j.Screen().Prompt(false)
	}
	switch {
	case err != nil:
		return "", err
	case p == nil:
		return "", fmt.Errorf("the screen %q asks for no passkey any longer", j.Screen().Name)
	case p.Register:
		w.devices = slices.Insert(w.devices, 0, &generated.Authenticator{})
	case len(w.devices) == 0:
		return "", errors.New("it signs on with a passkey, and no path before it registered one")
	}
	for _, a := range w.devices {
		value, wrong := a.Answer(p, origin)
		if wrong == nil {
			w.known.Add(davinci.PasskeySecrets(gjson.Parse(value))...)
			return value, nil
		}
		if err = wrong; p.Register {
			break
		}
	}
	return "", err
}

// An otherEndError reports that a challenge did not end as in the recording.
type otherEndError struct {
	end string
	hop string // the one that was recorded of that end, or ""
}

func (e *otherEndError) Error() string {
	if e.hop == "" {
		return fmt.Sprintf("the challenge ended %q, which was not recorded", e.end)
	}
	return fmt.Sprintf("the challenge ended %q, as in %q", e.end, e.hop)
}

// ended returns an *[otherEndError] if the last request reported another end of a challenge than
// the last exchange of the walk: the end is not the client's choice.
func (w *driving) ended(j *flow.Journey, journey davinci.Exchanges) error {
	const form = "parameters.data.formData"
	x := journey[len(journey)-1]
	sent := davinci.ReadSent(gjson.ParseBytes(j.Last().Exchange.Body))
	if sent.EventType != "polling" || sent.FormData.String() == gjson.GetBytes(x.Body, form).String() {
		return nil
	}
	e := &otherEndError{}
	sent.FormData.ForEach(func(_, value gjson.Result) bool {
		e.end = value.String()
		return false
	})
	var at *recordings.Hop // the screen that was polled
	for i := range journey[:len(journey)-1] {
		at = cmp.Or(w.hop(journey[i].Hop).Screen(), at)
	}
	for _, h := range w.flow.Hops {
		if h.Request.EventType == "polling" && slices.Contains(h.From, at) && h.Request.Matches(sent, w.attribute) {
			e.hop = h.Name
			break
		}
	}
	if e.hop == x.Hop {
		return nil // any end will do
	}
	return e
}

// lacks reports that the request of a hop cannot be sent: it needs a token of an identity
// provider that the flow accepts, and the user has none.
func (w *driving) lacks(name string) error {
	h := w.hop(name)
	token := h.Request.ContinueToken
	if token == "" || h.Answer().Status >= http.StatusBadRequest {
		return nil
	}
	attr, wrong := recordings.Attribute(token)
	switch {
	case w.attributes[attr] != "" || wrong:
		return nil
	case attr == "":
		return errors.New("it comes back from an identity provider with any token, " +
			"and a live flow accepts only its own")
	default:
		return fmt.Errorf("it comes back from an identity provider with %s, and the user %q has no %s",
			token, w.User, attr)
	}
}
