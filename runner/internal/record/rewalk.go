package record

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"slices"

	"flowtest/recordings"
	"flowtest/runner"
	"flowtest/runner/internal/backend"
	"flowtest/runner/internal/walk"
	"flowtest/runner/target"
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

	// Rate is how many requests a second are sent. Zero means [runner.DefaultRate].
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
}

// Drive drives every journey of a recording as often as [Times] says, and returns the results:
// each exchange names the hop whose request was sent. A journey that cannot be
// driven to its end, because the flow is another one by now, ends there; the
// notes say so. The error is an *[runner.EnvironmentError] where the target cannot be
// reached or is not set up for the flow.
func (r *Rewalk) Drive(ctx context.Context, f *recordings.Flow) (takes []davinci.Exchanges, notes []string, err error) {
	if err := r.open(ctx); err != nil {
		return nil, nil, err
	}
	r.browser = nil
	w := &driving{Rewalk: r, flow: f}
	reached := map[*recordings.Hop]int{}
	shapes := shapesOf(f)
	for _, detailed := range shapes {
		takes, missed := walk.Journeys(f, walk.Options{Detailed: detailed, User: r.attributes})
		for _, h := range missed {
			if reached[h]++; reached[h] == len(shapes) {
				w.note(fmt.Sprintf("no path leads to %q: another hop answers its request", h.Name))
			}
		}
		needs := func(take davinci.Exchanges) bool { return w.hop(take[0].Hop).Request.Session }
		slices.SortStableFunc(takes, func(a, b davinci.Exchanges) int { // first those that sign on
			return map[bool]int{true: 1}[needs(a)] - map[bool]int{true: 1}[needs(b)]
		})
		for _, take := range takes {
			if needs(take) && r.browser == nil {
				w.note(fmt.Sprintf("the path to %q is not taken: it needs a browser whose session lives, "+
					"and no journey before it signed on", take[len(take)-1].Hop))
				continue
			}
			for range Times {
				if err := w.drive(ctx, take, detailed); err != nil {
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

// drive drives one way of the recording.
func (w *driving) drive(ctx context.Context, take davinci.Exchanges, detailed bool) error {
	c, err := w.side.Flow(w.flow.Name)
	if err != nil {
		return err
	}
	c.Detailed, c.Redactor = detailed, &secret.Redactor{Parent: w.known}
	walk.AsClient(&c, &take[0])
	start := w.hop(take[0].Hop)
	c.Parameters = start.Request.Parameters(func(name string) (string, bool) {
		value, ok := w.attributes[name]
		return value, ok
	})
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
	person := &generated.Person{Domain: w.Target.EmailDomain}
	_, err = j.Start(ctx)
	for i := 1; err == nil && i < len(take) && j.Screen() != nil; i++ {
		if err = w.lacks(take[i].Hop); err == nil {
			err = w.answer(ctx, j, take[i], person)
		}
	}
	sent := flow.Exchanges(j.Hops()) // one exchange for each that was recorded, as far as it went
	for i := range sent {
		sent[i].Hop = take[i].Hop
	}
	if failed, ok := errors.AsType[*flow.NetworkError](err); ok {
		return &runner.EnvironmentError{Err: failed}
	}
	if last := j.Last(); environmental(last) && !environmental(flow.Observe(take, detailed)[len(sent)-1]) {
		failed := fmt.Errorf("flow %q: %s: %s", w.flow.Name, last.Failure.Origin, last.Failure.Message)
		return &runner.EnvironmentError{Err: failed}
	}
	if last := j.Last(); last != nil && last.Outcome == davinci.Completed {
		w.browser = c.Jar
	}
	if err != nil {
		w.note(c.Redactor.Redact(fmt.Sprintf("the path to %q ends before it: %v", take[len(take)-1].Hop, err)))
	} else if len(sent) < len(take) {
		w.note(fmt.Sprintf("the path to %q ends before it: the flow ends at %q",
			take[len(take)-1].Hop, sent[len(sent)-1].Hop))
	}
	w.out = append(w.out, sent)
	return nil
}

// hop returns the hop of that name.
func (w *driving) hop(name string) *recordings.Hop {
	return w.flow.Hops[slices.IndexFunc(w.flow.Hops, func(h *recordings.Hop) bool { return h.Name == name })]
}

// answer sends what an exchange of the walk sent, with values of this journey in the place
// of its stand-ins.
func (w *driving) answer(ctx context.Context, j *flow.Journey, x davinci.Exchange, person *generated.Person) error {
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
	maps.Copy(w.Generated, person.Made())
	return walk.Answer(ctx, j, &x)
}

// note says once which way could not be gone.
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

// lacks says that the request of a hop cannot be sent: it takes a passkey, which a scenario
// makes, or a token of an identity provider that the flow accepts, and the user has none.
func (w *driving) lacks(name string) error {
	i := slices.IndexFunc(w.flow.Hops, func(h *recordings.Hop) bool { return h.Name == name })
	if i < 0 || w.flow.Hops[i].Answer().Status >= http.StatusBadRequest {
		return nil
	}
	if len(w.flow.Hops[i].Request.Passkeys()) > 0 {
		return errors.New("it answers with a passkey, which only a scenario has an authenticator for")
	}
	token := w.flow.Hops[i].Request.ContinueToken
	if token == "" {
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
